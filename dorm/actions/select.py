"""Rows, and the relations of instances that are there: one query per relation and level, stitched together.

Rows that are linked to several parents are one instance, shared, unless something is computed for them; a relation
that is loaded already is not loaded again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.exceptions import FieldError, TransactionManagementError
from dorm.hints import did_you_mean
from dorm.lookups import In
from dorm.meta.links import Links
from dorm.meta.paths import Condition, Path, path_of
from dorm.meta.registry import registry
from dorm.meta.relations import reverse_step
from dorm.query.prefetching import Prefetching
from dorm.query.query import Query
from dorm.query.reads import select_plan

if TYPE_CHECKING:
    from dorm.db.executor import Executor
    from dorm.meta.options import Options
    from dorm.meta.relations import Relation

PREFETCHED = "_prefetched"
"""The attribute of an instance that holds lists of related instances, by accessor."""


def forget_prefetched(instance: Any, name: str) -> None:
    """Drop the list that was prefetched for one accessor, because a change makes it untrue."""
    instance.__dict__.get(PREFETCHED, {}).pop(name, None)


async def select(db: Executor, query: Query[Any]) -> list[Any]:
    """Everything the query yields, with the relations that it prefetches."""
    if query.limit == 0:
        return []
    if query.lock is not None and not db.in_block:
        raise TransactionManagementError("select_for_update() works inside a block only: the lock ends with it.")
    plan = select_plan(query, db.dialect)
    if plan.statement is None:
        return []
    found = plan.hydrate(await db.fetch(plan.statement, plan.bind(query.values())))
    if query.prefetch and found:
        await prefetch(db, found if query.link is None else [one for _, one in found], query.prefetch)
    return found


async def prefetch(db: Executor, instances: list[Any], lookups: tuple[Prefetching, ...]) -> None:
    """Load what *lookups* name for *instances* of one model, level by level."""
    if not instances:
        return
    levels: dict[str, tuple[Prefetching, list[Prefetching]]] = {}
    for lookup in lookups:
        name, *rest = lookup.path
        if rest:
            following = levels.setdefault(name, (Prefetching((name,)), []))[1]
            following.append(lookup._replace(path=tuple(rest)))
        else:
            levels.setdefault(lookup.to_attr or name, (lookup, []))
    for lookup, following in levels.values():
        found = await _one(db, instances, lookup.path[0], lookup)
        await prefetch(db, _distinct(found), tuple(following))


def _distinct(instances: list[Any]) -> list[Any]:
    return list({id(instance): instance for instance in instances}.values())


async def _one(db: Executor, instances: list[Any], name: str, lookup: Prefetching) -> list[Any]:
    """Load one relation; the related instances."""
    model: Any = instances[0].__class__
    meta: Options = model._meta
    field = meta.by_name.get(name) or meta.many.get(name)
    if field is not None and field.remote_field is not None:
        registry.check_complete(field.remote_field)
        if field.many_to_many:
            return await _linked(db, instances, name, Links(field.remote_field, instances[0], forward=True), lookup)
        return await _forward(db, instances, field.remote_field, lookup)
    for relation in meta.related_objects:
        if relation.accessor == name:
            return await _reverse(db, instances, name, relation, lookup)
    for many in meta.related_many.values():
        if many.accessor == name:
            return await _linked(db, instances, name, Links(many, instances[0], forward=False), lookup)
    if all(isinstance(one.__dict__.get(name), list) for one in instances):
        # What an earlier Prefetch put into an attribute of its own.
        return [related for one in instances for related in one.__dict__[name]]
    raise unknown_relation(model, name)


def unknown_relation(model: Any, name: str) -> FieldError:
    """The error for a name that is no relation of *model*."""
    hint = did_you_mean(name, model._meta.relation_accessors())
    return FieldError(f"prefetch_related: {name!r} is no relation of {model.__name__}. {hint}")


async def _forward(db: Executor, instances: list[Any], relation: Relation, lookup: Prefetching) -> list[Any]:
    attname, cache, target = relation.field.attname, relation.cache, relation.target_field
    waiting = [one for one in instances if one.__dict__.get(cache) is None and getattr(one, attname) is not None]
    keys = list({getattr(one, attname) for one in waiting})
    by_key: dict[Any, Any] = {}
    if keys:
        query = lookup.query or Query[Any](relation.model)
        if query.sliced:
            raise sliced_for_one(relation.field.name)
        found = await select(db, query.filtered((), {f"{target.name}__in": keys}).unordered())
        by_key = {getattr(related, target.attname): related for related in found}
    for one in waiting:
        related = by_key.get(getattr(one, attname))
        if related is not None:
            one.__dict__[lookup.to_attr or cache] = related
            if not relation.multiple:
                related.__dict__[relation.reverse_cache] = one
    for one in instances:
        if getattr(one, attname) is None:
            one.__dict__[lookup.to_attr or cache] = None
    loaded = (one.__dict__.get(lookup.to_attr or cache) for one in instances)
    return [related for related in loaded if related is not None]


async def _reverse(db: Executor, instances: list[Any], name: str, relation: Relation, lookup: Prefetching) -> list[Any]:
    attname = relation.target_field.attname
    waiting = instances if lookup.to_attr else [one for one in instances if not _is_loaded(one, name, relation)]
    by_key: dict[Any, list[Any]] = {getattr(one, attname): [] for one in waiting}
    if by_key:
        query = lookup.query or Query[Any](relation.source)
        holders = {getattr(one, attname): one for one in waiting}
        for related in await _pointing(db, query, relation, list(by_key)):
            key = getattr(related, relation.field.attname)
            by_key[key].append(related)
            related.__dict__[relation.cache] = holders[key]
    for one in waiting:
        related_ones = by_key[getattr(one, attname)]
        if relation.multiple or lookup.to_attr:
            _keep(one, name, lookup, related_ones)
        else:
            one.__dict__[relation.reverse_cache] = related_ones[0] if related_ones else None
    return [related for one in instances for related in _loaded(one, name, relation, lookup)]


async def _pointing(db: Executor, query: Query[Any], relation: Relation, keys: list[Any]) -> list[Any]:
    """The rows of *query* that point at one of *keys*; of a slice, a slice of those that point at each."""
    attname, found = relation.field.attname, query.filtered((), {f"{relation.field.name}__in": keys})
    if not (query.sliced or query.loaded):
        return await select(db, found)
    if query.sliced and not relation.multiple:
        raise sliced_for_one(relation.accessor)
    pairs = await select(db, found.keyed(path_of(relation.source, attname)))
    for key, related in pairs:
        related.__dict__.setdefault(attname, key)  # known now, if it was left out by only()
    return [related for _, related in pairs]


def sliced_for_one(name: str) -> TypeError:
    """The error for a slice of what is one row at most."""
    return TypeError(f"prefetch_related: {name!r} leads to one row, of which no slice can be taken.")


def _is_loaded(instance: Any, name: str, relation: Relation) -> bool:
    if relation.multiple:
        return name in instance.__dict__.get(PREFETCHED, ())
    return relation.reverse_cache in instance.__dict__


def _loaded(instance: Any, name: str, relation: Relation, lookup: Prefetching) -> list[Any]:
    if relation.multiple or lookup.to_attr:
        return _kept(instance, name, lookup)
    related = instance.__dict__.get(relation.reverse_cache)
    return [] if related is None else [related]


async def _linked(db: Executor, instances: list[Any], name: str, side: Links, lookup: Prefetching) -> list[Any]:
    """Many-to-many: one query that joins the links, giving each row with the key it is linked to."""
    near = side.near
    attname = near.target_field.attname
    waiting = [one for one in instances if lookup.to_attr or name not in one.__dict__.get(PREFETCHED, ())]
    by_key: dict[Any, list[Any]] = {getattr(one, attname): [] for one in waiting}
    if by_key:
        link = Path(side.model, name, (reverse_step(side.far),), near.field)
        known: dict[Any, Any] = side.model._meta.conditions
        key = ("linked", side.relation, side.forward)
        made: tuple[Path, Condition] = known.setdefault(key, (link, Condition(link, (), In, near.field, name)))
        query = (lookup.query or Query[Any](side.model)).linked_through(*made, tuple(by_key))
        shared: dict[Any, Any] = {}
        for near_key, related in await select(db, query):
            # What is computed may be about the link, and so another value for each parent.
            by_key[near_key].append(related if query.annotations else shared.setdefault(related.pk, related))
    for one in waiting:
        _keep(one, name, lookup, by_key[getattr(one, attname)])
    return [related for one in instances for related in _kept(one, name, lookup)]


def _keep(instance: Any, name: str, lookup: Prefetching, related: list[Any]) -> None:
    if lookup.to_attr:
        instance.__dict__[lookup.to_attr] = related
    else:
        instance.__dict__.setdefault(PREFETCHED, {})[name] = related


def _kept(instance: Any, name: str, lookup: Prefetching) -> list[Any]:
    kept: list[Any] = instance.__dict__[lookup.to_attr] if lookup.to_attr else instance.__dict__[PREFETCHED][name]
    return kept
