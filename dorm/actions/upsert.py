"""Find a row or make it, safe against somebody who makes it at the same time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.actions import read
from dorm.actions.blocks import in_block
from dorm.exceptions import IntegrityError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from dorm.db.executor import Executor
    from dorm.query.query import Query


async def get_or_create(
    db: Executor, found_by: Query[Any], make: Callable[[], Coroutine[Any, Any, Any]]
) -> tuple[Any, bool]:
    """The only row of *found_by* and ``False``, or what *make* creates and ``True``.

    The creation stands behind a savepoint: when somebody else was faster, the row they made is given.
    """
    found = await read.get_or_none(db, found_by)
    if found is not None:
        return found, False
    try:
        return await in_block(db, make()), True
    except IntegrityError:
        found = await read.get_or_none(db, found_by)
        if found is None:
            raise
        return found, False


def new_values(model: Any, lookups: dict[str, Any], defaults: dict[str, Any] | None) -> dict[str, Any]:
    """What a row is made with: exact lookups on own fields, then *defaults*; callables there are called."""
    values = {
        name.removesuffix("__exact"): value
        for name, value in lookups.items()
        if "__" not in name.removesuffix("__exact")
    }
    for name, value in (defaults or {}).items():
        values[name] = value() if callable(value) else value
    return values
