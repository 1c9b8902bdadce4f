"""Foreign keys: whom a field points to, and what happens when that row goes.  Declarations only; nothing acts here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, TypeVar, overload

from dorm.exceptions import ValidationError
from dorm.fields.base import NOT_PROVIDED, Field, Storer
from dorm.fields.registering import OfClassOrField
from dorm.lookups import LOOKUPS, Lookup, Transform
from dorm.meta.relations import Relation

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self, Unpack

    from dorm.fields.base import FieldOptions
    from dorm.sql.converter import Converter
    from dorm.sql.dialect import Dialect
    from dorm.sql.kinds import Kind, Type

    class _KeyOptions(FieldOptions, total=False):
        related_name: str | None
        related_query_name: str | None
        to_field: str | None
        db_constraint: bool


M = TypeVar("M")
R = TypeVar("R")


class OnDelete:
    """What becomes of a row when the row it points to is deleted."""

    def __init__(self, name: str, value: Any = NOT_PROVIDED) -> None:
        self.name, self.value = name, value

    def __repr__(self) -> str:
        return self.name if self.value is NOT_PROVIDED else f"{self.name}({self.value!r})"


CASCADE = OnDelete("CASCADE")
"""It is deleted too."""
PROTECT = OnDelete("PROTECT")
"""The deletion is refused with ``ProtectedError``."""
RESTRICT = OnDelete("RESTRICT")
"""The deletion is refused with ``RestrictedError``, unless the row is deleted in the same go by a cascade."""
SET_NULL = OnDelete("SET_NULL")
"""Its key becomes NULL."""
SET_DEFAULT = OnDelete("SET_DEFAULT")
"""Its key becomes the field's default."""
DO_NOTHING = OnDelete("DO_NOTHING")
"""Nothing; the database's own foreign key decides."""


def SET(value: Any) -> OnDelete:
    """Its key becomes *value*, or what *value* returns when it is callable."""
    return OnDelete("SET", value)


class ForeignKey(Field[R], Generic[R]):
    """A key that names a row of *to*: a class, ``"Model"``, ``"app.Model"`` or ``"self"``.

    ``book.author`` is the related instance (loaded when it is first read), ``book.author_id`` the key itself.
    """

    multiple: ClassVar[bool] = True
    messages: ClassVar[dict[str, str]] = {"invalid": "%(model)s instance with %(field)s %(value)r does not exist."}
    class_lookups: ClassVar[dict[str, type[Lookup]]] = {lookup.name: lookup for lookup in LOOKUPS}

    @overload
    def __init__(
        self: ForeignKey[M],
        to: type[M],
        on_delete: OnDelete,
        verbose_name: str | None = None,
        *,
        null: Literal[False] = False,
        **options: Unpack[_KeyOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: ForeignKey[M | None],
        to: type[M],
        on_delete: OnDelete,
        verbose_name: str | None = None,
        *,
        null: Literal[True],
        **options: Unpack[_KeyOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: ForeignKey[Any],
        to: str,
        on_delete: OnDelete,
        verbose_name: str | None = None,
        *,
        null: bool = False,
        **options: Unpack[_KeyOptions],
    ) -> None: ...
    def __init__(
        self,
        to: Any,
        on_delete: OnDelete,
        verbose_name: str | None = None,
        *,
        related_name: str | None = None,
        related_query_name: str | None = None,
        to_field: str | None = None,
        db_constraint: bool = True,
        **options: Any,
    ) -> None:
        what = type(self).__name__
        if not isinstance(on_delete, OnDelete):
            raise TypeError(
                f"{what}: on_delete is one of CASCADE, PROTECT, RESTRICT, SET_NULL, SET_DEFAULT, SET(…), DO_NOTHING."
            )
        if not isinstance(to, str) and not hasattr(to, "_meta"):
            raise TypeError(f"{what} points to a model or to the name of one, not to {to!r}.")
        if on_delete is SET_NULL and not options.get("null"):
            raise TypeError(f"{what}(on_delete=SET_NULL) needs null=True.")
        if on_delete is SET_DEFAULT and "default" not in options:
            raise TypeError(f"{what}(on_delete=SET_DEFAULT) needs a default.")
        if self.multiple:
            options.setdefault("db_index", True)
        else:
            options["unique"] = True
        super().__init__(verbose_name, **options)
        self.db_constraint = db_constraint
        self.remote_field: Relation = Relation(  # pyright: ignore[reportIncompatibleVariableOverride]  # never None
            self,
            to,
            on_delete=on_delete,
            related_name=related_name,
            related_query_name=related_query_name,
            to_field=to_field,
            multiple=self.multiple,
        )
        self.declared |= {"to": to, "on_delete": on_delete, "related_name": related_name, "to_field": to_field}

    if TYPE_CHECKING:

        @overload  # type: ignore[override]  # the class gives the related class, whose columns are typed joins
        def __get__(self: ForeignKey[M | None], instance: None, owner: type) -> type[M]: ...
        @overload
        def __get__(self: ForeignKey[M], instance: None, owner: type) -> type[M]: ...
        @overload
        def __get__(self, instance: object, owner: type) -> R: ...
        def __get__(  # pyright: ignore[reportIncompatibleMethodOverride]  # as above
            self, instance: object | None, owner: type
        ) -> Any: ...

    def contribute_to_class(self, model: Any, name: str) -> None:
        super().contribute_to_class(model, name)
        self.remote_field.source = model

    def clone(self) -> Self:
        made = super().clone()
        own = self.remote_field
        made.remote_field = Relation(
            made,
            own.target,
            on_delete=own.on_delete,
            related_name=own.related_name,
            related_query_name=own.related_query_name,
            to_field=own.to_field,
            multiple=own.multiple,
        )
        return made

    def get_attname(self) -> str:
        return f"{self.name}_id"

    @property
    def target_field(self) -> Any:
        """The field of the other model that the key's values are."""
        return self.remote_field.target_field

    # The kind is the target's; both names are class variables of every other field.
    @property
    def kind(self) -> Kind:  # type: ignore[override]
        kind: Kind = self.target_field.kind
        return kind

    @property
    def classes(self) -> tuple[type, ...]:  # type: ignore[override]
        classes: tuple[type, ...] = self.target_field.classes
        return classes

    @property
    def sql_type(self) -> Type:
        found: Type = self.target_field.sql_type
        return found

    @property
    def plain(self) -> frozenset[type]:
        found: frozenset[type] = self.target_field.plain
        return found

    get_transforms: OfClassOrField[Callable[[], dict[str, type[Transform]]]] = OfClassOrField(lambda _: dict)

    def key_of(self, value: Any) -> Any:
        """The key that *value* stands for: its own when it is an instance of the target."""
        if not hasattr(value, "_meta"):
            return value
        target = self.remote_field.model
        if not isinstance(value, target):
            raise ValueError(f"{self} must be given {target._meta.object_name!r} instances, not {value!r}.")
        key = getattr(value, self.target_field.attname)
        if key is None:
            raise ValueError(f"{value!r} was not saved: it has no {self.target_field.name} that {self} could point to.")
        return key

    def to_python(self, value: Any) -> Any:
        try:
            key = self.key_of(value)
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from error
        return self.target_field.to_python(key)

    def leads_nowhere(self, key: Any) -> ValidationError:
        """The error for a key that no row has."""
        name, target = self.target_field.name, self.remote_field.model._meta
        params = {"model": target.verbose_name, "pk": key, "field": name, "value": key}
        return ValidationError(self.error_messages["invalid"], code="invalid", params=params)

    def coerce(self, value: Any) -> Any:
        return self.target_field.coerce(self.key_of(value))

    def prepare(self, value: Any) -> Any:
        return self.target_field.prepare(self.key_of(value))

    def get_prep_value(self, value: Any) -> Any:
        return self.target_field.get_prep_value(value)

    def binder(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        binder: Callable[[Any], Any] | None = self.target_field.binder(dialect)
        return binder

    def storer(self, dialect: Dialect) -> Storer:
        storer: Storer = self.target_field.storer(dialect)
        return storer

    def from_db(self, dialect: Dialect) -> Converter | None:
        converter: Converter | None = self.target_field.from_db(dialect)
        return converter

    def get_default(self) -> Any:
        default = super().get_default()
        return self.key_of(default) if hasattr(default, "_meta") else default


class OneToOneField(ForeignKey[R]):
    """A foreign key that each row of the target has at most one of."""

    multiple: ClassVar[bool] = False

    if TYPE_CHECKING:

        @overload
        def __init__(
            self: OneToOneField[M],
            to: type[M],
            on_delete: OnDelete,
            verbose_name: str | None = None,
            *,
            null: Literal[False] = False,
            **options: Unpack[_KeyOptions],
        ) -> None: ...

        @overload
        def __init__(
            self: OneToOneField[M | None],
            to: type[M],
            on_delete: OnDelete,
            verbose_name: str | None = None,
            *,
            null: Literal[True],
            **options: Unpack[_KeyOptions],
        ) -> None: ...

        @overload
        def __init__(
            self: OneToOneField[Any],
            to: str,
            on_delete: OnDelete,
            verbose_name: str | None = None,
            *,
            null: bool = False,
            **options: Unpack[_KeyOptions],
        ) -> None: ...

        def __init__(self, to: Any, on_delete: OnDelete, verbose_name: str | None = None, **options: Any) -> None: ...


__all__ = [
    "CASCADE",
    "DO_NOTHING",
    "PROTECT",
    "RESTRICT",
    "SET",
    "SET_DEFAULT",
    "SET_NULL",
    "ForeignKey",
    "OnDelete",
    "OneToOneField",
]
