"""A relation between two models, as data.  Both ends, queries and deletion read it; nothing here acts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dorm.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from dorm.meta.options import Options


class Relation:
    """What a foreign key says: who points to whom, under which names, and what happens on deletion.

    ``target`` is the class, a label or ``"self"`` as written; ``model`` is the class once it is known.
    """

    multiple: bool = True

    def __init__(
        self,
        field: Any,
        target: Any,
        *,
        on_delete: Any,
        related_name: str | None = None,
        related_query_name: str | None = None,
        to_field: str | None = None,
        multiple: bool = True,
    ) -> None:
        self.field = field
        self.target = target
        self.on_delete = on_delete
        self.related_name = related_name
        self.related_query_name = related_query_name
        self.to_field = to_field
        self.multiple = multiple
        self.source: Any = None
        self.model: Any = None

    @property
    def hidden(self) -> bool:
        """Whether the target has no way back (``related_name="+"``)."""
        return bool(self.related_name) and str(self.related_name).endswith("+")

    def _named(self, name: str) -> str:
        meta = self.source._meta
        return name % {"class": meta.model_name, "app_label": meta.app_label, "model_name": meta.model_name}

    @property
    def accessor(self) -> str:
        """The attribute of the target that leads back: ``book_set``, or ``book`` for one-to-one."""
        if self.related_name:
            return self._named(self.related_name)
        name: str = self.source._meta.model_name
        return f"{name}_set" if self.multiple else name

    @property
    def query_name(self) -> str:
        """The name of the way back in lookups."""
        if self.related_query_name or self.related_name:
            return self._named(self.related_query_name or self.related_name or "")
        name: str = self.source._meta.model_name
        return name

    @property
    def target_field(self) -> Any:
        """The field of the target that the key's values are."""
        meta: Options = self.model._meta
        return meta.get_field(self.to_field) if self.to_field else meta.pk

    @property
    def cache(self) -> str:
        """The attribute of an instance that holds the related one."""
        return f"_{self.field.name}_cache"

    @property
    def reverse_cache(self) -> str:
        """The attribute of a target instance that holds the one that points at it (one-to-one)."""
        return f"_{self.accessor}_cache"

    def __reduce__(self) -> tuple[Any, ...]:
        return _relation_of, (self.field,)

    def __repr__(self) -> str:
        return f"<Relation {self.source and self.source._meta.label}.{self.field.name} → {self.target}>"


class ManyRelation(Relation):
    """What a many-to-many field says.  The links are rows of the model ``through``, one key to each end."""

    def __init__(
        self,
        field: Any,
        target: Any,
        *,
        through: Any = None,
        through_fields: tuple[str, str] | None = None,
        symmetrical: bool = False,
        related_name: str | None = None,
        related_query_name: str | None = None,
    ) -> None:
        super().__init__(
            field, target, on_delete=None, related_name=related_name, related_query_name=related_query_name
        )
        self.through = through
        self.through_fields = through_fields
        self.symmetrical = symmetrical
        self.automatic = through is None
        self.source_key: Relation | None = None
        """The key of a link to the model that declares the field, once it is known."""
        self.target_key: Relation | None = None

    @property
    def hidden(self) -> bool:
        return self.symmetrical or super().hidden

    @property
    def keys(self) -> tuple[Relation, Relation]:
        """The two keys of a link: to the model that declares the field, and to the other."""
        if self.source_key is None or self.target_key is None:
            raise ImproperlyConfigured(
                f"{self.source._meta.label}.{self.field.name} goes through {self.through!r}, which no model is named "
                "(yet)."
            )
        return self.source_key, self.target_key

    def steps(self, *, forward: bool) -> tuple[Step, Step]:
        """The two joins from one end to the other."""
        source, target = self.keys
        return (reverse_step(source), forward_step(target)) if forward else (reverse_step(target), forward_step(source))


class Step(NamedTuple):
    """One join: from a column of a table to a column of another."""

    relation: Relation
    forward: bool
    column: str
    target: Any
    """The model that is joined."""
    target_column: str
    nullable: bool
    many: bool

    def __hash__(self) -> int:
        return hash((id(self.relation), self.forward))

    def __reduce__(self) -> tuple[Any, ...]:
        return (forward_step if self.forward else reverse_step), (self.relation,)


def _relation_of(field: Any) -> Any:
    """The relation that a field was unpickled with."""
    return field.remote_field


def forward_step(relation: Relation) -> Step:
    """From the row that holds the key to the row it names."""
    field = relation.field
    return Step(relation, True, field.column, relation.model, relation.target_field.column, field.null, False)


def reverse_step(relation: Relation) -> Step:
    """From the row that is named to the rows that name it."""
    field, target = relation.field, relation.target_field
    return Step(relation, False, target.column, relation.source, field.column, True, relation.multiple)
