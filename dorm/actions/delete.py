"""Deleting: collect what ``on_delete`` demands, breadth first, then carry it out in one block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.actions.blocks import in_block
from dorm.actions.errors import explain
from dorm.actions.select import select
from dorm.actions.write import update_rows
from dorm.exceptions import IntegrityError, ProtectedError, RestrictedError
from dorm.fields.relations import CASCADE, DO_NOTHING, PROTECT, RESTRICT, SET_DEFAULT, SET_NULL
from dorm.query.query import Query
from dorm.query.writes import delete_rows_plan
from dorm.signals import post_delete, pre_delete

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dorm.db.executor import Executor
    from dorm.meta.relations import Relation

BATCH = 1000
"""Keys per statement."""


async def delete(db: Executor, instances: list[Any]) -> tuple[int, dict[str, int]]:
    """Delete instances of one model and what depends on them; the number of rows, and per label."""
    if not instances:
        return 0, {}
    model = instances[0].__class__
    if is_alone(model) and len(instances) <= BATCH:
        count = await _delete_keys(db, model, [instance.pk for instance in instances])
        _forget_keys(instances)
        return count, {model._meta.label: count} if count else {}
    return await in_block(db, _delete(db, model, instances))


async def delete_rows(db: Executor, query: Query[Any]) -> tuple[int, dict[str, int]]:
    """Delete the query's rows and what depends on them; the number of rows, and per label."""
    if not is_alone(query.model):
        return await in_block(db, _select_and_delete(db, query))
    plan = delete_rows_plan(query.unordered(), db.dialect)
    if plan.statement is None:
        return 0, {}
    try:
        count = await db.execute(plan.statement, plan.bind(query.where_values))
    except IntegrityError as error:
        explain(error, query.model._meta)
        raise
    return count, {query.model._meta.label: count} if count else {}


async def _select_and_delete(db: Executor, query: Query[Any]) -> tuple[int, dict[str, int]]:
    found = await select(db, query.without_related())
    return await _delete(db, query.model, found) if found else (0, {})


def is_alone(model: Any) -> bool:
    """Whether rows can go at once: nothing points at them that must be looked at, and nobody listens."""
    related = any(relation.on_delete is not DO_NOTHING for relation in model._meta.related.values())
    return not (related or pre_delete.receivers or post_delete.receivers)


class Collector:
    """What is to be deleted and to be changed, found so far."""

    def __init__(self) -> None:
        self.found: dict[Any, dict[Any, Any]] = {}
        """Model to key to instance, in the order of discovery."""
        self.updates: list[tuple[Any, Any, Any, list[Any]]] = []
        """(model, field, value, keys)."""
        self.protected: dict[str, set[Any]] = {}
        self.restricted: list[tuple[Relation, list[Any]]] = []

    def add(self, model: Any, instances: Iterable[Any]) -> list[Any]:
        """Note instances to delete; those that are new."""
        known = self.found.setdefault(model, {})
        fresh = [instance for instance in instances if instance.pk not in known]
        known.update((instance.pk, instance) for instance in fresh)
        return fresh

    def refuse(self, model: Any) -> None:
        """Raise when something protects or restricts the deletion."""
        if self.protected:
            objects = set[Any]().union(*self.protected.values())
            raise ProtectedError(_blocked(model, "protected", self.protected), objects)
        remaining: dict[str, set[Any]] = {}
        for relation, referrers in self.restricted:
            gone = self.found.get(relation.source, {})
            left = {referrer for referrer in referrers if referrer.pk not in gone}
            if left:
                remaining.setdefault(_place(relation), set()).update(left)
        if remaining:
            raise RestrictedError(_blocked(model, "restricted", remaining), set[Any]().union(*remaining.values()))


def _place(relation: Relation) -> str:
    return f"{relation.source.__name__}.{relation.field.name}"


def _blocked(model: Any, how: str, places: dict[str, set[Any]]) -> str:
    named = ", ".join(f"{place} ({len(objects)})" for place, objects in places.items())
    return (
        f"Cannot delete some instances of {model.__name__} because they are referenced through {how} foreign keys: "
        f"{named}. Delete those first, or point them elsewhere."
    )


async def _delete(db: Executor, model: Any, instances: list[Any]) -> tuple[int, dict[str, int]]:
    collector = Collector()
    await collect(db, collector, model, instances)
    collector.refuse(model)
    if pre_delete.receivers:
        await _tell(db, pre_delete, collector)
    for target, field, value, keys in collector.updates:
        for start in range(0, len(keys), BATCH):
            query = Query(target).filtered((), {"pk__in": keys[start : start + BATCH]})
            await update_rows(db, query, [(field, value)])
    counts: dict[str, int] = {}
    # What was found last depends on what was found first.
    for target, found in reversed(collector.found.items()):
        keys = list(found)
        removed = 0
        for start in range(0, len(keys), BATCH):
            removed += await _delete_keys(db, target, keys[start : start + BATCH])
        if removed:
            counts[target._meta.label] = removed
    if post_delete.receivers:
        await _tell(db, post_delete, collector)
    for found in collector.found.values():
        _forget_keys(found.values())
    return sum(counts.values()), counts


async def _tell(db: Executor, signal: Any, collector: Collector) -> None:
    for model, found in collector.found.items():
        for instance in found.values():
            await db.notify(signal, model, instance=instance, using=db.alias)


async def collect(db: Executor, collector: Collector, model: Any, instances: list[Any]) -> None:
    """Follow every relation that points at *instances*, level by level."""
    level = [(model, collector.add(model, instances))]
    while level:
        following: list[tuple[Any, list[Any]]] = []
        for current, fresh in level:
            for relation in current._meta.related.values() if fresh else ():
                if relation.on_delete is not DO_NOTHING:
                    following += await _follow(db, collector, relation, fresh)
        level = following


async def _follow(
    db: Executor, collector: Collector, relation: Relation, fresh: list[Any]
) -> list[tuple[Any, list[Any]]]:
    """Look at the rows that point at *fresh* through *relation*; those that must be deleted too."""
    attname = relation.target_field.attname
    keys = [getattr(instance, attname) for instance in fresh]
    referrers: list[Any] = []
    for start in range(0, len(keys), BATCH):
        lookup = {f"{relation.field.name}__in": keys[start : start + BATCH]}
        referrers += await select(db, Query(relation.source).filtered((), lookup).unordered())
    if not referrers:
        return []
    if relation.on_delete is CASCADE:
        return [(relation.source, collector.add(relation.source, referrers))]
    if relation.on_delete is PROTECT:
        collector.protected.setdefault(_place(relation), set()).update(referrers)
    elif relation.on_delete is RESTRICT:
        collector.restricted.append((relation, referrers))
    else:
        collector.updates.append((relation.source, relation.field, _replacement(relation), [r.pk for r in referrers]))
    return []


def _replacement(relation: Relation) -> Any:
    if relation.on_delete is SET_NULL:
        return None
    if relation.on_delete is SET_DEFAULT:
        return relation.field.get_default()
    value = relation.on_delete.value
    return relation.field.key_of(value() if callable(value) else value)


async def _delete_keys(db: Executor, model: Any, keys: list[Any]) -> int:
    lookup = {"pk": keys[0]} if len(keys) == 1 else {"pk__in": keys}
    query = Query(model).filtered((), lookup).unordered()
    plan = delete_rows_plan(query, db.dialect)
    assert plan.statement is not None, "there are keys"
    try:
        return await db.execute(plan.statement, plan.bind(query.where_values))
    except IntegrityError as error:
        explain(error, model._meta)
        raise


def _forget_keys(instances: Iterable[Any]) -> None:
    """A deleted instance has no key any more: saving it would make a new row."""
    for instance in instances:
        instance.__dict__[instance._meta.pk.attname] = None
