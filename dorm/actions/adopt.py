"""The rows that point at an instance: add, remove, clear, set.  Each is one unit: all or nothing.

With *save* every row is saved by itself, so that signals are sent; without it, one statement changes all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.actions.blocks import in_block
from dorm.actions.select import select
from dorm.actions.write import update_rows
from dorm.query.query import Query

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from dorm.db.executor import Executor
    from dorm.meta.relations import Relation

    Saving = Callable[[Any, list[str] | None], Awaitable[None]]


def checked(relation: Relation, objs: Iterable[Any], *, stored: bool = True) -> list[Any]:
    """The instances as a list, each of the right model; *stored* too, unless told otherwise."""
    found = list(objs)
    for one in found:
        if not isinstance(one, relation.source):
            raise TypeError(f"{relation.accessor}: expected {relation.source.__name__} instances, got {one!r}.")
        if stored and one.pk is None:
            raise ValueError(f"{relation.accessor}: {one!r} was not saved. Use create(), or save it first.")
    return found


def _pointing(relation: Relation, instance: Any) -> Query[Any]:
    return Query[Any](relation.source).filtered((), {relation.field.name: instance}).unordered()


async def _save_each(relation: Relation, objs: list[Any], instance: Any, save: Saving) -> None:
    for one in objs:
        setattr(one, relation.field.name, instance)
        await save(one, [relation.field.name] if instance is None else None)


async def add(db: Executor, relation: Relation, instance: Any, objs: Iterable[Any], save: Saving | None = None) -> None:
    """Make stored instances point at *instance*; with *save* new ones as well."""
    found = checked(relation, objs, stored=save is None)
    if not found:
        return
    if save is not None:
        await in_block(db, _save_each(relation, found, instance, save))
        return
    key = relation.field.key_of(instance)
    query = Query[Any](relation.source).filtered((), {"pk__in": [one.pk for one in found]})
    await update_rows(db, query, [(relation.field, key)])
    for one in found:
        setattr(one, relation.field.name, instance)


async def remove(
    db: Executor, relation: Relation, instance: Any, objs: Iterable[Any], save: Saving | None = None
) -> None:
    """Make instances that point at *instance* point nowhere."""
    _check_nullable(relation)
    found = checked(relation, objs)
    key = relation.field.key_of(instance)
    for one in found:
        if getattr(one, relation.field.attname) != key:
            raise relation.source.DoesNotExist(f"{one!r} is not related to {instance!r}.")
    if not found:
        return
    if save is not None:
        await in_block(db, _save_each(relation, found, None, save))
        return
    query = _pointing(relation, instance).filtered((), {"pk__in": [one.pk for one in found]})
    await update_rows(db, query, [(relation.field, None)])
    for one in found:
        setattr(one, relation.field.name, None)


async def clear(db: Executor, relation: Relation, instance: Any, save: Saving | None = None) -> None:
    """Make all that point at *instance* point nowhere."""
    _check_nullable(relation)
    if save is None:
        await update_rows(db, _pointing(relation, instance), [(relation.field, None)])
        return
    found = await select(db, _pointing(relation, instance))
    await in_block(db, _save_each(relation, found, None, save))


async def replace(
    db: Executor, relation: Relation, instance: Any, objs: Iterable[Any], *, clearing: bool, save: Saving | None = None
) -> None:
    """Make *objs* the only ones that point at *instance*."""
    found = checked(relation, objs, stored=save is None)
    await in_block(db, _replace(db, relation, instance, found, clearing=clearing, save=save))


async def _replace(
    db: Executor, relation: Relation, instance: Any, objs: list[Any], *, clearing: bool, save: Saving | None
) -> None:
    fresh = objs
    if clearing:
        await clear(db, relation, instance, save)
    elif relation.field.null:
        wanted = {one.pk for one in objs}
        present = await select(db, _pointing(relation, instance))
        await remove(db, relation, instance, [one for one in present if one.pk not in wanted], save)
        if save is not None:
            there = {one.pk for one in present}
            fresh = [one for one in objs if one.pk not in there]
    await add(db, relation, instance, fresh, save)


def _check_nullable(relation: Relation) -> None:
    if not relation.field.null:
        raise TypeError(
            f"{relation.field} cannot be NULL, so rows cannot be taken away from {relation.accessor}: delete them, or "
            "point them elsewhere."
        )
