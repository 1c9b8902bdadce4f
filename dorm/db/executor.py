"""What every statement passes through, in both colours: hooks, logs, retries, and the transaction it belongs to.

Written once, as coroutines.  Over a blocking driver they never suspend, and ``dorm.run.run`` finishes them; the two
subclasses differ in what they do when the open block is of the other colour.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from dorm.conf import settings
from dorm.db import loops
from dorm.db.blocks import Blocks
from dorm.db.observing import DEBUG
from dorm.db.retry import may_repeat, pause
from dorm.db.streams import Stream
from dorm.db.transactions import Block, current
from dorm.exceptions import Error, SynchronousOnlyOperation, TransactionManagementError
from dorm.signals import post_query, pre_query

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Sequence

    from dorm.db.backends.base import Primitive, Row
    from dorm.signals import Signal
    from dorm.sql.statement import Statement

T = TypeVar("T")


class Executor(Blocks):
    """Carries out statements on one alias."""

    # -- Statements ----------------------------------------------------------------------------

    async def fetch(self, statement: Statement, parameters: Sequence[Any] = ()) -> list[Row]:
        """The rows of *statement*, as tuples."""
        if (
            pre_query.receivers
            or post_query.receivers
            or self.observer.debugs(DEBUG)
            or (self.blocking and loops.running() is not None)
        ):
            rows: list[Row] = await self._watched("fetch", statement, parameters)
            return rows
        # The hot path: nobody listens, and no other colour is near.
        node = current.get()
        started = perf_counter()
        if node is None:
            try:
                rows = await self.driver.fetch_once(statement.sql, parameters)
            except Error as error:
                rows = await self._again("fetch", statement, parameters, error)
        elif type(node) is Block and node.alias == self.alias:
            rows = await self.perform(node, "fetch", statement.sql, parameters)
        else:
            watched: list[Row] = await self._watched("fetch", statement, parameters)
            return watched
        elapsed = (perf_counter() - started) * 1000
        if elapsed >= settings.SLOW_QUERY_MS:
            self.observer.slow(statement.sql, elapsed)
        return rows

    async def fetch_named(self, statement: Statement, parameters: Sequence[Any] = ()) -> tuple[Row, list[Row]]:
        """The names of the columns of *statement*, and its rows."""
        names, *rows = await self._watched("fetch_named", statement, parameters)
        return names, rows

    async def execute(self, statement: Statement, parameters: Sequence[Any] = ()) -> int:
        """Carry out *statement*; the number of rows it touched."""
        if (
            pre_query.receivers
            or post_query.receivers
            or self.observer.debugs(DEBUG)
            or (self.blocking and loops.running() is not None)
        ):
            count: int = await self._watched("execute", statement, parameters)
            return count
        # The hot path: nobody listens, and no other colour is near.
        node = current.get()
        started = perf_counter()
        if node is None:
            try:
                count = await self.driver.execute_once(statement.sql, parameters)
            except Error as error:
                count = await self._again("execute", statement, parameters, error)
        elif type(node) is Block and node.alias == self.alias:
            count = await self.perform(node, "execute", statement.sql, parameters)
        else:
            watched: int = await self._watched("execute", statement, parameters)
            return watched
        elapsed = (perf_counter() - started) * 1000
        if elapsed >= settings.SLOW_QUERY_MS:
            self.observer.slow(statement.sql, elapsed)
        return count

    async def execute_many(self, statement: Statement, rows: Sequence[Sequence[Any]]) -> int:
        """Carry out *statement* once for each of *rows*, all or none; the number of rows touched."""
        if await self.block() is not None:
            count: int = await self._watched("execute_many", statement, rows)
            return count
        block = await self.begin()
        try:
            count = await self._watched("execute_many", statement, rows)
        except BaseException:
            await self.end(block, failed=True)
            raise
        await self.end(block, failed=False)
        return count

    async def script(self, statements: Iterable[Statement]) -> None:
        """Carry out several statements in order, inside the open block if there is one."""
        for statement in statements:
            await self._watched("execute", statement, ())

    async def open(self, statement: Statement, parameters: Sequence[Any] = (), chunk: int = 2000) -> Stream:
        """The rows of *statement* in portions: ``await stream.fetch()``, ``await stream.close()``."""
        self.check_colour()
        self.observer.before(statement.sql, parameters)
        started = perf_counter()
        error: BaseException | None = None
        try:
            return await Stream.opened(self, await self.block(), statement, parameters, chunk)
        except BaseException as failure:
            error = failure
            raise
        finally:
            self.observer.after(statement.sql, parameters, perf_counter() - started, error)

    async def _watched(self, primitive: Primitive, statement: Statement, parameters: Sequence[Any]) -> Any:
        """A statement in a block, or one that somebody listens to."""
        self.check_colour()
        sql = statement.sql
        self.observer.before(sql, parameters)
        error: BaseException | None = None
        started = perf_counter()
        try:
            block = await self.block()
            if block is not None:
                return await self.perform(block, primitive, sql, parameters)
            try:
                return await self._once(primitive, sql, parameters)
            except Error as failure:
                return await self._again(primitive, statement, parameters, failure)
        except BaseException as failure:
            error = failure
            raise
        finally:
            self.observer.after(sql, parameters, perf_counter() - started, error)

    async def _once(self, primitive: Primitive, sql: str, parameters: Sequence[Any]) -> Any:
        if primitive == "fetch":
            return await self.driver.fetch_once(sql, parameters)
        if primitive == "fetch_named":
            return await self.driver.fetch_named_once(sql, parameters)
        return await self.driver.execute_once(sql, parameters)

    async def _again(self, primitive: Primitive, statement: Statement, parameters: Sequence[Any], error: Error) -> Any:
        """Repeat a statement outside a block whose failure provably did nothing, or which only reads."""
        attempt = 1
        while attempt < settings.RETRY_ATTEMPTS and may_repeat(error, reads=statement.reads):
            await self.driver.sleep(pause(attempt))
            attempt += 1
            try:
                return await self._once(primitive, statement.sql, parameters)
            except Error as failure:
                error = failure
        raise error

    async def perform(self, block: Block, primitive: Primitive, sql: str, parameters: Sequence[Any]) -> Any:
        """A statement in *block*."""
        transaction = block.transaction
        owner = transaction.executor
        if owner is not self:
            return await self.where_it_lives(block, owner.perform(block, primitive, sql, parameters))
        if not self.blocking and loops.running() is not transaction.loop:
            self.check_place(block)
        if not transaction.enter_now(block, sql):
            await transaction.enter(block, sql)
        try:
            return await getattr(transaction.driver, primitive)(transaction.connection, sql, parameters)
        except BaseException as error:
            self.spoil(block, error)
            raise
        finally:
            transaction.leave()

    # -- The rest ------------------------------------------------------------------------------

    async def notify(self, signal: Signal, sender: Any, **context: Any) -> None:
        """Tell the receivers of *signal*; callers test ``signal.receivers`` first."""
        raise NotImplementedError

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self.driver.sleep(seconds)

    def _executor(self) -> Executor:
        return self


class BlockingExecutor(Executor):
    """For synchronous code.  An open asynchronous block is joined from a worker thread, through its loop."""

    blocking: ClassVar[bool] = True

    def check_colour(self) -> None:
        if loops.running() is not None:
            self.refuse_in_block()
            loops.synchronous_call(self.alias)

    async def across(self, block: Block, action: Coroutine[Any, Any, T]) -> T:
        loop = block.transaction.loop
        if loop is None or loops.running() is not None:
            action.close()
            raise SynchronousOnlyOperation(
                f"A synchronous call on {self.alias!r} inside the asynchronous block opened at {block.line}. Await the "
                "method that begins with 'a'."
            )
        return loops.finish_there(loop, action)

    async def notify(self, signal: Signal, sender: Any, **context: Any) -> None:
        signal.send(sender, **context)


class SuspendingExecutor(Executor):
    """For asynchronous code."""

    blocking: ClassVar[bool] = False

    async def across(self, block: Block, action: Coroutine[Any, Any, T]) -> T:
        action.close()
        raise TransactionManagementError(
            f"An asynchronous call on {self.alias!r} inside the synchronous atomic() block opened at {block.line}. "
            "Open the block with `async with aatomic()`, or call the synchronous method."
        )

    async def notify(self, signal: Signal, sender: Any, **context: Any) -> None:
        await signal.asend(sender, **context)
