"""Doing several statements all or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from dorm.db.executor import Executor

T = TypeVar("T")


async def in_block(db: Executor, action: Coroutine[object, object, T]) -> T:
    """The result of *action*, done in a transaction of its own (inside another: behind a savepoint)."""
    try:
        block = await db.begin()
    except BaseException:
        action.close()
        raise
    try:
        result = await action
    except BaseException:
        await db.end(block, failed=True)
        raise
    await db.end(block, failed=False)
    return result
