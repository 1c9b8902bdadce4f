"""Rows in portions, for an executor.

Outside a block the rows own a connection, given back at their end, by ``close``, after an error, and when they are
collected.  Inside a block they use its connection, one portion at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from dorm.db import loops
from dorm.run import load, run

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from dorm.db.backends.base import Row, Rows
    from dorm.db.executor import Executor
    from dorm.db.transactions import Block
    from dorm.sql.statement import Statement

T = TypeVar("T")


class Stream:
    """An open result."""

    def __init__(self, executor: Executor, block: Block | None, connection: Any, rows: Rows, chunk: int) -> None:
        self._executor = executor
        self._block = block
        self._connection = connection
        self._rows: Rows | None = rows
        self._chunk = chunk
        self._loop = None if executor.blocking else loops.running()

    @classmethod
    async def opened(
        cls, executor: Executor, block: Block | None, statement: Statement, parameters: Sequence[Any], chunk: int
    ) -> Stream:
        """Open the rows of *statement*, in *block* or on a connection of their own."""
        sql = statement.sql
        if block is not None:
            owner = block.transaction.executor
            if owner is not executor:
                return await executor.where_it_lives(block, cls.opened(owner, block, statement, parameters, chunk))
            connection = block.transaction.connection
            action = owner.driver.open(connection, sql, parameters, in_block=True)
            return cls(owner, block, connection, await owner.within(block, sql, action), chunk)
        driver = executor.driver
        connection = await driver.take()
        try:
            rows = await driver.open(connection, sql, parameters, in_block=False)
        except BaseException:
            await driver.after_failure(connection)
            raise
        return cls(executor, None, connection, rows, chunk)

    async def fetch(self, size: int | None = None) -> list[Row]:
        """The next portion; an empty list at the end, which closes the stream."""
        rows = self._rows
        if rows is None:
            return []
        count = size or self._chunk
        if self._block is not None:
            found = await self._there(self._executor.within(self._block, "the next rows", rows.fetch(count)))
        else:
            try:
                found = await rows.fetch(count)
            except BaseException:
                await self.close()
                raise
        if not found:
            await self.close()
        return found

    async def close(self) -> None:
        """Give up the rest; may be called twice."""
        rows, self._rows = self._rows, None
        if rows is None:
            return
        block = self._block
        if block is not None:
            if block.open and block.cause is None:
                await self._there(self._executor.within(block, "closing rows", rows.close()))
            return
        driver = self._executor.driver
        try:
            await rows.close()
        except BaseException:
            await driver.discard(self._connection)
            raise
        await driver.after_failure(self._connection)

    async def _there(self, action: Coroutine[Any, Any, T]) -> T:
        """Do *action* in the loop of the block, which may run in another thread than ours."""
        if self._loop is None or loops.running() is self._loop:
            return await action
        return loops.finish_there(self._loop, action)

    def __del__(self) -> None:
        if self._rows is None or self._block is not None:
            return
        rest = Stream(self._executor, None, self._connection, self._rows, self._chunk)
        rest._loop, self._rows = self._loop, None
        if rest._loop is None:
            run(rest.close())
        elif not rest._loop.is_closed():
            rest._loop.call_soon_threadsafe(lambda: load("asyncio").ensure_future(rest.close()))
        else:
            rest._rows = None
