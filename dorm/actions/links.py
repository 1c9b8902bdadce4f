"""The links of many-to-many relations: add, remove, clear, set.  Each is one unit: all or nothing.

``m2m_changed`` is sent before and after each change, with the keys that really change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.actions import bulk
from dorm.actions.blocks import in_block
from dorm.actions.select import select
from dorm.actions.upsert import check_names
from dorm.query.query import Query
from dorm.query.writes import delete_rows_plan
from dorm.signals import m2m_changed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dorm.db.executor import Executor
    from dorm.meta.links import Links


def links_of(links: Links) -> Query[Any]:
    """The rows of the instance's links."""
    return Query[Any](links.through).filtered((), {links.near.field.attname: links.key}).unordered()


async def add(db: Executor, links: Links, targets: Iterable[Any], extra: dict[str, Any] | None) -> None:
    """Link the targets that are not linked yet; *extra* are values for the new links."""
    check_names(links.through, extra)
    keys = links.keys_of(targets)
    if keys:
        await in_block(db, _add(db, links, keys, extra))


async def _add(db: Executor, links: Links, keys: list[Any], extra: dict[str, Any] | None) -> None:
    present = set(await _linked(db, links, keys))
    missing = [key for key in keys if key not in present]
    await _tell(db, links, "pre_add", set(missing))
    await _link(db, links, missing, extra)
    mirror = links.mirrored()
    if mirror is not None:
        there = set(await _linked(db, mirror, keys))
        await _link(db, mirror, [key for key in keys if key not in there], extra)
    await _tell(db, links, "post_add", set(missing))


async def _linked(db: Executor, links: Links, keys: list[Any] | None) -> list[Any]:
    """The keys at the other end that are linked, among *keys*."""
    name = links.far.field.attname
    query = links_of(links) if keys is None else links_of(links).filtered((), {f"{name}__in": keys})
    return await select(db, query.yielding("flat", (name,)))


async def _link(db: Executor, links: Links, keys: list[Any], extra: dict[str, Any] | None) -> None:
    if not keys:
        return
    values = {name: value() if callable(value) else value for name, value in (extra or {}).items()}
    near, far = links.near.field.attname, links.far.field.attname
    rows = [links.through(**{near: links.key, far: key, **values}) for key in keys]
    # Somebody else may add the same link at the same time: then it is there, which is what was asked.
    await bulk.bulk_create(db, links.through, rows, None, bulk.IGNORE if links.relation.automatic else None)


async def remove(db: Executor, links: Links, targets: Iterable[Any]) -> None:
    """Take the links to the targets away."""
    keys = links.keys_of(targets)
    if keys:
        await in_block(db, _remove(db, links, keys))


async def _remove(db: Executor, links: Links, keys: list[Any]) -> None:
    await _tell(db, links, "pre_remove", set(keys))
    await _unlink(db, links, keys)
    mirror = links.mirrored()
    if mirror is not None:
        await _unlink(db, mirror, keys)
    await _tell(db, links, "post_remove", set(keys))


async def clear(db: Executor, links: Links) -> None:
    """Take all links away."""
    await in_block(db, _clear(db, links))


async def _clear(db: Executor, links: Links) -> None:
    await _tell(db, links, "pre_clear", None)
    await _unlink(db, links, None)
    mirror = links.mirrored()
    if mirror is not None:
        await _unlink(db, mirror, None)
    await _tell(db, links, "post_clear", None)


async def _unlink(db: Executor, links: Links, keys: list[Any] | None) -> None:
    query = links_of(links)
    if keys is not None:
        query = query.filtered((), {f"{links.far.field.attname}__in": keys})
    plan = delete_rows_plan(query, db.dialect)
    if plan.statement is not None:
        await db.execute(plan.statement, plan.bind(query.where_values))


async def replace(
    db: Executor, links: Links, targets: Iterable[Any], extra: dict[str, Any] | None, *, clearing: bool
) -> None:
    """Make the targets the only ones that are linked."""
    check_names(links.through, extra)
    keys = links.keys_of(targets)
    await in_block(db, _replace(db, links, keys, extra, clearing=clearing))


async def _replace(
    db: Executor, links: Links, keys: list[Any], extra: dict[str, Any] | None, *, clearing: bool
) -> None:
    if clearing:
        await _clear(db, links)
        present: list[Any] = []
    else:
        present = await _linked(db, links, None)
        gone = [key for key in present if key not in set(keys)]
        if gone:
            await _remove(db, links, gone)
    fresh = [key for key in keys if key not in set(present)]
    if fresh:
        await _add(db, links, fresh, extra)


async def _tell(db: Executor, links: Links, action: str, keys: set[Any] | None) -> None:
    if m2m_changed.receivers:
        await db.notify(
            m2m_changed,
            links.through,
            action=action,
            instance=links.instance,
            reverse=not links.forward,
            model=links.model,
            pk_set=keys,
            using=db.alias,
        )
