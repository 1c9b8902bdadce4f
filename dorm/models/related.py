"""Both ends of a foreign key as attributes: ``book.author``, ``author.book_set``, ``user.profile``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm import actions, db
from dorm.fields.columns import column_of
from dorm.meta.registry import registry
from dorm.meta.relations import ManyRelation
from dorm.models.lazy import check_lazy_load
from dorm.models.manager import Manager
from dorm.models.many import attach_many
from dorm.models.reverse import related_manager
from dorm.query.query import Query
from dorm.run import run

if TYPE_CHECKING:
    from dorm.meta.relations import Relation


def load_now(instance: Any, query: Query[Any], remedy: str) -> Any:
    """The only row of *query* or ``None``, read in the middle of an attribute access."""
    hints = {"instance": instance}
    alias = instance.__dict__.get("_alias") or db.router.db_for_read(query.model, **hints)
    check_lazy_load(alias, remedy)
    return run(actions.read.get_or_none(db.connection.blocking(alias), query))


class ForwardRelation:
    """``book.author``: the instance that the key names, loaded when it is first read."""

    def __init__(self, field: Any) -> None:
        self.field = field
        self.relation: Relation = field.remote_field
        self._cache = self.relation.cache
        self._attname = field.attname

    def __get__(self, instance: Any, owner: Any) -> Any:
        if instance is None:
            return column_of(owner, "", owner, self.field.name)
        state = instance.__dict__
        key = state[self._attname] if self._attname in state else getattr(instance, self._attname)
        cached = state.get(self._cache)
        if cached is not None and self._belongs(state, cached, key):
            return cached
        if key is None:
            return None
        return self._load(instance, key)

    def _belongs(self, state: dict[str, Any], cached: Any, key: Any) -> bool:
        if key is None:
            return self.field.name in state.get("_pending", ())
        return bool(cached.__dict__.get(self.relation.target_field.attname) == key)

    def _load(self, instance: Any, key: Any) -> Any:
        registry.check_complete(self.relation)
        model = self.relation.model
        query = model._meta.base_rows.filtered((), {self.relation.target_field.name: key})
        found = load_now(instance, query, f"select_related({self.field.name!r}) in the query that loads it")
        if found is None:
            raise model.DoesNotExist(f"{self.field} points to the {model.__name__} {key!r}, which does not exist.")
        self._attach(instance, found)
        return found

    def _attach(self, instance: Any, related: Any) -> None:
        instance.__dict__[self._cache] = related
        if not self.relation.multiple:
            related.__dict__[self.relation.reverse_cache] = instance

    def __set__(self, instance: Any, value: Any) -> None:
        state = instance.__dict__
        if value is None:
            state[self._attname] = state[self._cache] = None
            self._settled(state)
            return
        registry.check_complete(self.relation)
        model = self.relation.model
        if not isinstance(value, model):
            owner = type(instance).__name__
            raise ValueError(
                f'Cannot assign {value!r}: "{owner}.{self.field.name}" must be a "{model.__name__}" instance. '
                f"Assign a key to {self._attname!r}."
            )
        key = state[self._attname] = getattr(value, self.relation.target_field.attname)
        if key is None or (self.relation.to_field is not None and value.pk is None):
            state["_pending"] = {*state.get("_pending", ()), self.field.name}
        else:
            self._settled(state)
        self._attach(instance, value)

    def _settled(self, state: dict[str, Any]) -> None:
        pending = state.get("_pending")
        if pending:
            left = pending - {self.field.name}
            if left:
                state["_pending"] = left
            else:
                del state["_pending"]


class ReverseOneToOne:
    """``user.profile``: the one instance that points here; the model's ``DoesNotExist`` when there is none."""

    def __init__(self, relation: Relation) -> None:
        self.relation = relation
        # hasattr() and getattr() with a default take a missing one for a missing attribute.
        name = "RelatedObjectDoesNotExist"
        self.missing: Any = type(name, (relation.source.DoesNotExist, AttributeError), {"__module__": __name__})

    def __get__(self, instance: Any, owner: Any) -> Any:
        if instance is None:
            return self
        relation, state = self.relation, instance.__dict__
        cache = relation.reverse_cache
        if cache not in state:
            key = getattr(instance, relation.target_field.attname)
            query = Query(relation.source).filtered((), {relation.field.attname: key})
            found = None if key is None else load_now(instance, query, f"select_related({relation.query_name!r})")
            state[cache] = found
            if found is not None:
                found.__dict__[relation.cache] = instance
        found = state[cache]
        if found is None:
            raise self.missing(f"{owner.__name__} has no {relation.accessor}.")
        return found

    def __set__(self, instance: Any, value: Any) -> None:
        relation = self.relation
        if value is not None:
            setattr(value, relation.field.name, instance)
        instance.__dict__[relation.reverse_cache] = value


class ReverseMany:
    """``author.book_set``: a manager of the instances that point here."""

    def __init__(self, relation: Relation) -> None:
        self.relation = relation

    @property
    def field(self) -> Any:
        """The foreign key."""
        return self.relation.field

    @property
    def rel(self) -> Relation:
        """The relation."""
        return self.relation

    def __get__(self, instance: Any, owner: Any) -> Any:
        if instance is None:
            return self
        return related_manager(self.relation, instance)

    def __set__(self, instance: Any, value: Any) -> None:
        raise TypeError(
            f"Direct assignment to {self.relation.accessor!r} is prohibited: it is the other end of "
            f"{self.relation.field}. Use {self.relation.accessor}.create(), or set the key of each instance."
        )


def attach(relation: Relation) -> None:
    """Give the target of a relation, both ends of which are known now, its way back."""
    target = relation.model
    meta = target._meta
    meta.add_related(relation)
    if relation.hidden:
        return
    name = relation.accessor
    present = target.__dict__.get(name)
    if name in meta.by_name or (present is not None and not _is_older(present, relation)):
        raise TypeError(
            f"The way back of {relation.field} would be {target.__name__}.{name}, which exists already. Give the key a "
            'related_name (or "+" for no way back).'
        )
    setattr(target, name, ReverseMany(relation) if relation.multiple else ReverseOneToOne(relation))


def _is_older(present: Any, relation: Relation) -> bool:
    """Whether *present* is the same way back, from before its model was made again."""
    older = getattr(present, "relation", None)
    if older is None or older.source is relation.source:
        return older is relation
    same: bool = older.source._meta.label == relation.source._meta.label
    return same


def complete(relation: Relation) -> None:
    """Attach what a relation gives to both its ends."""
    if isinstance(relation, ManyRelation):
        attach_many(relation)
    else:
        attach(relation)


registry.on_completed(complete)

__all__ = ["ForwardRelation", "Manager", "ReverseMany", "ReverseOneToOne", "attach", "related_manager"]
