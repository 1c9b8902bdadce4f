"""``ManyToManyField``: links between rows of two models, kept in a table between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, overload

from dorm.fields.base import Field
from dorm.meta.relations import ManyRelation

if TYPE_CHECKING:
    from typing import Self, Unpack

    from dorm.fields.base import FieldOptions
    from dorm.models.many import ManyManager

    class _ManyOptions(FieldOptions, total=False):
        related_name: str | None
        related_query_name: str | None
        symmetrical: bool | None
        through: type | str | None
        through_fields: tuple[str, str] | None
        db_table: str | None
        db_constraint: bool


M = TypeVar("M")
T = TypeVar("T")


class ManyToManyField(Field[Any], Generic[M]):
    """Any number of rows of *to*: a class, ``"Model"``, ``"app.Model"`` or ``"self"``.

    ``article.tags`` is a manager of the linked rows.  Without *through* the table of links is made for the field; with
    it, the named model keeps them, and may say more about each link.
    """

    many_to_many: ClassVar[bool] = True

    if TYPE_CHECKING:

        @overload
        def __init__(
            self: ManyToManyField[T], to: type[T], verbose_name: str | None = None, **options: Unpack[_ManyOptions]
        ) -> None: ...
        @overload
        def __init__(
            self: ManyToManyField[Any], to: str, verbose_name: str | None = None, **options: Unpack[_ManyOptions]
        ) -> None: ...

    def __init__(
        self,
        to: Any,
        verbose_name: str | None = None,
        *,
        related_name: str | None = None,
        related_query_name: str | None = None,
        symmetrical: bool | None = None,
        through: Any = None,
        through_fields: tuple[str, str] | None = None,
        db_table: str | None = None,
        db_constraint: bool = True,
        **options: Any,
    ) -> None:
        if not isinstance(to, str) and not hasattr(to, "_meta"):
            raise TypeError(f"ManyToManyField points to a model or to the name of one, not to {to!r}.")
        for refused in ("null", "unique", "primary_key", "default"):
            if options.get(refused):
                raise TypeError(f"ManyToManyField has no column, so {refused}= means nothing for it.")
        if through is not None and db_table is not None:
            raise ValueError("ManyToManyField: db_table names the automatic table; with through= give that model one.")
        super().__init__(verbose_name, **options)
        self.db_table = db_table
        self.db_constraint = db_constraint
        self.remote_field: ManyRelation = ManyRelation(  # pyright: ignore[reportIncompatibleVariableOverride]
            self,
            to,
            through=through,
            through_fields=through_fields,
            symmetrical=to == "self" if symmetrical is None else symmetrical,
            related_name=related_name,
            related_query_name=related_query_name,
        )
        self.declared |= {"to": to, "related_name": related_name, "through": through, "db_table": db_table}

    if TYPE_CHECKING:

        @overload  # type: ignore[override]  # the class gives the related class, whose columns are typed joins
        def __get__(self, instance: None, owner: type) -> type[M]: ...
        @overload
        def __get__(self, instance: object, owner: type) -> ManyManager[M]: ...
        def __get__(  # pyright: ignore[reportIncompatibleMethodOverride]  # as above
            self, instance: object | None, owner: type
        ) -> Any: ...

    def contribute_to_class(self, model: Any, name: str) -> None:
        super().contribute_to_class(model, name)
        self.remote_field.source = model

    def clone(self) -> Self:
        made = super().clone()
        own = self.remote_field
        made.remote_field = ManyRelation(
            made,
            own.target,
            through=None if own.automatic else own.through,
            through_fields=own.through_fields,
            symmetrical=own.symmetrical,
            related_name=own.related_name,
            related_query_name=own.related_query_name,
        )
        return made
