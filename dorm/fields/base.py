"""``Field[T]``: a column of a model, its options, and the way of a value in and out.

Statically a field is a descriptor: ``author.name`` is ``T``, ``Author.name`` is ``Column[T]``.  At run time the class
keeps no attribute for it; values are plain attributes of the instance, which is what makes reading them cheap.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Self, TypedDict, TypeVar, overload

from dorm.exceptions import DataError, ValidationError
from dorm.expressions import Combinable, Q
from dorm.fields.carried import Carried
from dorm.fields.choices import Choosing
from dorm.fields.registering import Registering
from dorm.hints import did_you_mean
from dorm.sql.converter import Converter
from dorm.sql.kinds import Kind, Type
from dorm.sql.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from dorm.fields.columns import Column
    from dorm.meta.relations import Relation
    from dorm.sql.dialect import Dialect

T = TypeVar("T")


class NotProvided:
    """The absence of a value, where ``None`` is one."""

    def __repr__(self) -> str:
        return "NOT_PROVIDED"


NOT_PROVIDED: Final = NotProvided()


class ExpressionGiven(Exception):
    """A row is to be written in which a value is an expression; the writer takes its slower way."""


class FieldOptions(TypedDict, total=False):
    """The options that every field takes."""

    name: str | None
    primary_key: bool
    unique: bool
    blank: bool
    db_index: bool
    default: Any
    editable: bool
    choices: Any
    help_text: str
    db_column: str | None
    validators: Iterable[Callable[[Any], object]]
    error_messages: Mapping[str, str] | None


_DEFAULTS: dict[str, Any] = {
    "name": None,
    "primary_key": False,
    "unique": False,
    "null": False,
    "blank": False,
    "db_index": False,
    "default": NOT_PROVIDED,
    "editable": True,
    "choices": None,
    "help_text": "",
    "db_column": None,
    "validators": (),
    "error_messages": None,
}


class Storer(Record):
    """How a value of an instance becomes what the driver stores.

    An instance of exactly the class *passes* is stored as it is; everything else goes through *convert*.
    """

    passes: type | None
    convert: Callable[[Any], Any]


class Field(Registering, Choosing, Carried, Generic[T]):
    """Base of all fields.  A new kind of field is a subclass that names its ``kind`` and ``classes``.

    The hooks ``get_prep_value``, ``from_db_value``, ``to_python`` and ``pre_save`` are Django's.
    """

    kind: ClassVar[Kind]
    classes: tuple[type, ...] = ()
    """Classes that the column's values have in Python, exactly; others are coerced."""
    empty_strings_allowed: ClassVar[bool] = False
    messages: ClassVar[dict[str, str]] = {
        "null": "This field cannot be null.",
        "blank": "This field cannot be blank.",
        "invalid": "%(value)r is no valid value.",
        "invalid_choice": "Value %(value)r is not a valid choice.",
        "unique": "%(model_name)s with this %(field_label)s already exists.",
    }
    _created: ClassVar[int] = 0

    name: str
    attname: str
    column: str
    model: Any
    remote_field: Relation | None = None
    auto_created: bool = False
    many_to_many: ClassVar[bool] = False
    max_length: int | None = None

    def __init__(self, verbose_name: str | None = None, **options: Any) -> None:
        unknown = options.keys() - _DEFAULTS.keys()
        if unknown:
            wrong = min(unknown)
            raise TypeError(
                f"{type(self).__name__} has no option {wrong!r}. {did_you_mean(wrong, self.option_names())}"
            )
        values = {**_DEFAULTS, **options}
        self.declared: dict[str, Any] = {"verbose_name": verbose_name, **options}
        self.name = values["name"] or ""
        self._given_verbose_name = verbose_name
        self.primary_key: bool = values["primary_key"]
        self.unique: bool = values["unique"] or self.primary_key
        self.null: bool = values["null"]
        self.blank: bool = values["blank"]
        self.db_index: bool = values["db_index"]
        self.default: Any = values["default"]
        self.editable: bool = values["editable"]
        self._choose(values["choices"])
        self.help_text: str = values["help_text"]
        self.db_column: str | None = values["db_column"]
        self.validators: tuple[Callable[[Any], object], ...] = (*self.default_validators(), *values["validators"])
        inherited = {
            key: text for base in reversed(type(self).__mro__) for key, text in getattr(base, "messages", {}).items()
        }
        self.error_messages: dict[str, str] = {**inherited, **(values["error_messages"] or {})}
        if self.primary_key and self.null:
            raise TypeError(f"A primary key cannot be null: {type(self).__name__}(primary_key=True, null=True).")
        Field._created += 1
        self.creation_counter = Field._created

    @classmethod
    def option_names(cls) -> list[str]:
        """The keywords it takes."""
        code = [
            base.__dict__["__init__"].__code__
            for base in cls.__mro__
            if "__init__" in base.__dict__ and base is not object
        ]
        own = {
            name
            for c in code
            if hasattr(c, "co_kwonlyargcount")
            for name in c.co_varnames[: c.co_argcount + c.co_kwonlyargcount]
        }
        return sorted((own | _DEFAULTS.keys()) - {"self"})

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: None, owner: type) -> Column[T]: ...
        @overload
        def __get__(self, instance: object, owner: type) -> T: ...
        def __get__(self, instance: object | None, owner: type) -> Column[T] | T: ...
        def __set__(self, instance: object, value: T | Combinable) -> None: ...

    # -- Belonging to a model ------------------------------------------------------------------

    def contribute_to_class(self, model: Any, name: str) -> None:
        """Become the field *name* of *model*."""
        self.name = self.name or name
        self.attname = self.get_attname()
        self.column = self.db_column or self.attname
        self.model = model

    def get_attname(self) -> str:
        """The attribute of an instance that holds the column's value."""
        return self.name

    def clone(self) -> Self:
        """A field like this one that belongs to no model yet."""
        made = copy.copy(self)
        made.name = self.declared.get("name") or ""
        return made

    @property
    def verbose_name(self) -> str:
        """The name for people."""
        return self._given_verbose_name or self.name.replace("_", " ")

    @property
    def sql_type(self) -> Type:
        """The kind and the sizes of its values."""
        return Type(self.kind)

    @property
    def plain(self) -> frozenset[type]:
        """Classes whose instances a comparison takes as they are."""
        return frozenset() if self._has_hook("get_prep_value") else frozenset(self.classes)

    @property
    def is_relation(self) -> bool:
        """Whether it points at a model."""
        return self.remote_field is not None

    @property
    def related_model(self) -> Any:
        """The model it points at, if any."""
        return self.remote_field.model if self.remote_field is not None else None

    @property
    def identity(self) -> bool:
        """Whether the database numbers the rows by it."""
        return False

    @property
    def minimum(self) -> int | None:
        """The least value the column's CHECK allows, if it has one."""
        return None

    # -- Values --------------------------------------------------------------------------------

    def has_default(self) -> bool:
        """Whether ``default`` was given."""
        return self.default is not NOT_PROVIDED

    def get_default(self) -> Any:
        """The value of an instance that was made without one: the default, ``""`` for text, else ``None``."""
        if self.default is not NOT_PROVIDED:
            return self.default() if callable(self.default) else self.default
        return "" if self.empty_strings_allowed and not self.null else None

    def coerce(self, value: Any) -> Any:
        """*value* in the field's own class.  ``ValueError`` or ``TypeError`` when it does not mean one."""
        return value

    def prepare(self, value: Any) -> Any:
        """*value* for a comparison; errors as in :meth:`coerce`."""
        return self.get_prep_value(value)

    def get_prep_value(self, value: Any) -> Any:
        """*value* on its way to the database, before the dialect's conversion.  A hook for subclasses."""
        return value if value is None or value.__class__ in self.classes else self.coerce(value)

    def to_python(self, value: Any) -> Any:
        """*value* in the field's own class; ``ValidationError`` when it does not mean one."""
        if value is None:
            return None
        try:
            return self.coerce(value)
        except (TypeError, ValueError) as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"value": value}) from error

    def refuse_inexact(self, value: Any) -> None:
        """Raise ``DataError`` when the column cannot hold *value* exactly."""

    def _has_hook(self, name: str) -> bool:
        """Whether a subclass outside the package defines one of Django's hooks."""
        return not getattr(getattr(type(self), name), "__module__", "dorm").startswith("dorm.fields")

    def binder(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """From a prepared value to what the driver takes, for comparisons."""
        return dialect.to_db(self.sql_type)

    def storer(self, dialect: Dialect) -> Storer:
        """How a value of an instance becomes what the driver stores, refusing what the column cannot hold."""
        to_db = dialect.to_db(self.sql_type)
        prepared, check = self.get_prep_value, self.refuse_inexact

        def store(value: Any) -> Any:
            if isinstance(value, (Combinable, Q)):
                raise ExpressionGiven
            try:
                value = prepared(value)
            except (TypeError, ValueError) as error:
                raise type(error)(f"{self}: {error}") from error
            if value is None:
                return None
            check(value)
            return value if to_db is None else to_db(value)

        return Storer(None, store)

    def from_db(self, dialect: Dialect) -> Converter | None:
        """How a stored value becomes the instance's, or ``None`` when it is the same."""
        hook = getattr(self, "from_db_value", None)
        stored = dialect.from_db(self.sql_type)
        if hook is None:
            return stored
        read: Callable[[Any, Any, Any], Any] = hook
        if stored is None:
            return Converter(_hooked(read, None))
        return Converter(_hooked(read, stored.function))

    def pre_save(self, instance: Any, add: bool) -> Any:
        """The value to write; subclasses may change it, and the instance, here."""
        return instance.__dict__[self.attname]

    @property
    def changes_on_save(self) -> bool:
        """Whether :meth:`pre_save` does anything."""
        cls: Any = type(self)
        return cls.pre_save is not Field[Any].pre_save

    # -- Validation ----------------------------------------------------------------------------

    def default_validators(self) -> Collection[Callable[[Any], object]]:
        """The validators that this kind of field always has."""
        return ()

    def clean(self, value: Any, instance: Any = None) -> Any:
        """*value* converted and validated; raises ``ValidationError``."""
        value = self.to_python(value)
        self.validate(value, instance)
        self.run_validators(value)
        return value

    def validate(self, value: Any, instance: Any = None) -> None:
        """Check null, blank and choices; raises ``ValidationError``."""
        if not self.editable:
            return
        if value is None:
            if not self.null:
                raise ValidationError(self.error_messages["null"], code="null")
            return
        if value in ("", [], {}, ()):
            if not self.blank:
                raise ValidationError(self.error_messages["blank"], code="blank")
            return
        choices = self.flatchoices if self._choices is not None else None
        if choices and value not in [key for key, _ in choices]:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice", params={"value": value})

    def run_validators(self, value: Any) -> None:
        """Run every validator; one ``ValidationError`` with all that they say."""
        errors: list[ValidationError] = []
        given: dict[Any, str] = self.declared.get("error_messages") or {}
        if value in (None, "", [], {}, ()):
            return
        for validator in self.validators:
            try:
                validator(value)
            except ValidationError as error:
                own: str | None = given.get(error.code)
                if own is not None and error.error_list == [error]:
                    error = ValidationError(own, code=error.code, params=error.params)
                errors.extend(error.error_list)
        if errors:
            raise ValidationError(errors)

    def unfit(self, value: Any, reason: str) -> DataError:
        """The error for a value that the column cannot hold."""
        return DataError(f"{self} cannot hold {value!r}: {reason}")

    def __lt__(self, other: Field[Any]) -> bool:
        return self.creation_counter < other.creation_counter

    def __str__(self) -> str:
        return f"{self.model._meta.label}.{self.name}" if hasattr(self, "model") else f"{type(self).__name__}()"

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self}>"


def _hooked(read: Callable[[Any, Any, Any], Any], first: Callable[[Any], Any] | None) -> Callable[[Any], Any]:
    """Django's ``from_db_value`` as a function of the value alone."""

    def hooked(value: Any) -> Any:
        return read(value if first is None else first(value), None, None)

    return hooked
