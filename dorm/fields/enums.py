"""``EnumField``: the value of a member is stored, and the member comes back."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar, overload

from dorm.exceptions import ValidationError
from dorm.expressions import Combinable, Q
from dorm.fields.base import ExpressionGiven, Field, Storer
from dorm.sql.converter import Converter
from dorm.sql.kinds import Kind, Type

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Unpack

    from dorm.fields.base import FieldOptions
    from dorm.sql.dialect import Dialect

E = TypeVar("E", bound=enum.Enum | None)
G = TypeVar("G", bound=enum.Enum)


class EnumField(Field[E]):
    """A member of an enumeration whose values are all texts or all integers: ``EnumField(Colour, default=Colour.RED)``.

    The column holds the value; ``max_length`` of a text column is that of the longest value unless it is given.  Values
    of members are accepted wherever members are.
    """

    kind: ClassVar[Kind] = Kind.CHAR
    messages: ClassVar[dict[str, str]] = {"invalid": "Value %(value)r is not a valid choice."}

    @overload
    def __init__(
        self: EnumField[G],
        enum_class: type[G],
        verbose_name: str | None = None,
        *,
        max_length: int | None = None,
        null: Literal[False] = False,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: EnumField[G | None],
        enum_class: type[G],
        verbose_name: str | None = None,
        *,
        max_length: int | None = None,
        null: Literal[True],
        **options: Unpack[FieldOptions],
    ) -> None: ...
    def __init__(
        self, enum_class: Any, verbose_name: str | None = None, *, max_length: int | None = None, **options: Any
    ) -> None:
        if not issubclass(enum_class.__class__, enum.EnumMeta):
            raise TypeError(f"EnumField takes an enumeration, not {enum_class!r}.")
        values: list[Any] = [member.value for member in enum_class]
        texts = all(isinstance(value, str) for value in values)
        if not values or not (texts or all(isinstance(value, int) for value in values)):
            raise TypeError(f"EnumField: the values of {enum_class.__name__} are all texts, or all integers.")
        longest = max(map(len, values)) if texts else None
        if max_length is not None and longest is not None and max_length < longest:
            raise ValueError(f"EnumField: max_length={max_length} is too short for a value of {longest} characters.")
        self.enum_class: Any = enum_class
        self.max_length = (max_length or max(longest, 1)) if longest is not None else None
        # An instance's own: it depends on the enumeration.
        vars(self)["kind"] = Kind.CHAR if texts else _width(values)
        self.classes = (enum_class,)
        options.setdefault("choices", [(member, _label(member)) for member in enum_class])
        super().__init__(verbose_name, **options)
        self.declared = {"enum_class": enum_class, **self.declared, "max_length": max_length}

    @property
    def sql_type(self) -> Type:
        return Type(self.kind, length=self.max_length)

    def coerce(self, value: Any) -> Any:
        """The member that *value* is, or is the value of; ``ValueError`` when there is none."""
        if isinstance(value, self.enum_class):
            return value
        try:
            return self.enum_class(value)
        except ValueError:
            names = ", ".join(repr(member.value) for member in self.enum_class)
            raise ValueError(f"Field {self.name!r} expected one of {names} but got {value!r}.") from None

    def to_python(self, value: Any) -> Any:
        if value is None or (value == "" and self.blank):
            return value
        try:
            return self.coerce(value)
        except ValueError as error:
            text = self.error_messages["invalid_choice"]
            raise ValidationError(text, code="invalid_choice", params={"value": value}) from error

    def binder(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        return _stored

    def storer(self, dialect: Dialect) -> Storer:
        def store(value: Any) -> Any:
            if isinstance(value, (Combinable, Q)):
                raise ExpressionGiven
            return None if value is None else _stored(self.coerce(value))

        return Storer(None, store)

    def from_db(self, dialect: Dialect) -> Converter | None:
        return Converter(self.enum_class)

    def value_to_string(self, obj: Any) -> str:
        """The stored value of an instance, as text."""
        value = getattr(obj, self.attname)
        return "" if value is None else str(_stored(value))


def _stored(member: Any) -> Any:
    value = member.value
    return str.__str__(value) if isinstance(value, str) else int(value)


def _label(member: Any) -> Any:
    return getattr(member, "label", None) or member.name.replace("_", " ").title()


def _width(values: list[int]) -> Kind:
    return Kind.INTEGER if all(-(2**31) <= value < 2**31 for value in values) else Kind.BIGINT
