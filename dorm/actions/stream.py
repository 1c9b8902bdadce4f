"""Rows in portions, in constant memory.

Not an asynchronous generator: a closing event loop ends those early, in silence, and rows would be lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.actions.select import prefetch
from dorm.query.reads import select_plan

if TYPE_CHECKING:
    from dorm.db.executor import Executor
    from dorm.db.streams import Stream as OpenRows
    from dorm.query.query import Query

CHUNK = 2000
"""Rows in memory at a time, unless the caller says otherwise."""


class Stream:
    """The rows of one query, *size* at a time."""

    def __init__(self, db: Executor, query: Query[Any], chunk_size: int | None) -> None:
        if query.prefetch and chunk_size is None:
            raise ValueError("chunk_size must be given to iterator() after prefetch_related(), which works per chunk.")
        size = CHUNK if chunk_size is None else chunk_size
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise ValueError(f"chunk_size is a positive number of rows, not {size!r}.")
        self._db, self._query, self._size = db, query, size
        self._rows: OpenRows | None = None
        self._done = query.limit == 0

    async def fetch(self) -> list[Any]:
        """The next results; an empty list at the end."""
        if self._done:
            return []
        plan = select_plan(self._query, self._db.dialect)
        if plan.statement is None:
            return []
        if self._rows is None:
            self._rows = await self._db.open(plan.statement, plan.bind(self._query.values()), self._size)
        found = plan.hydrate(await self._rows.fetch())
        if found and self._query.prefetch:
            await prefetch(self._db, found, self._query.prefetch)
        return found

    async def close(self) -> None:
        """Give up the rest."""
        self._done = True
        if self._rows is not None:
            await self._rows.close()
