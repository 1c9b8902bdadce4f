"""The asynchronous SQLite driver, over aiosqlite: exactly one hop to a connection's thread per operation."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import warnings
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

import aiosqlite

from dorm.db.backends import sqlite_connection as work
from dorm.db.backends.base import Driver, Rows
from dorm.db.backends.sqlite_rows import OpenRows, open_rows
from dorm.db.per_loop import PoolPerLoop, finish_in_background
from dorm.db.pool import TaskPool
from dorm.exceptions import Error, InterfaceError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from dorm.conf import DatabaseSettings
    from dorm.db.backends.base import Begin, Row
    from dorm.db.backends.sqlite_connection import Connection
    from dorm.db.backends.sqlite_turns import Turns
    from dorm.sql.dialect import Dialect

T = TypeVar("T")


class Worker(aiosqlite.Connection):
    """A connection and the thread that works on it, which does not keep the process alive."""

    def __init__(self, connector: Callable[[], sqlite3.Connection], pool: WorkerPool) -> None:
        made: list[sqlite3.Connection] = []

        def connect() -> sqlite3.Connection:
            made.append(connector())
            return made[0]

        super().__init__(connect, iter_chunk_size=64)
        self._made = made
        self.pool = pool
        self._thread.daemon = True
        self.abandoned = False
        """Somebody was cancelled while waiting, and their work may still be going on."""
        self._closing: asyncio.Task[None] | None = None
        self.turn: Turns | None = None
        """The turn that its transaction has."""

    def end_turn(self) -> None:
        """Let the next one write."""
        turn, self.turn = self.turn, None
        if turn is not None:
            turn.give()

    def stop(self) -> Any:
        """End the thread, and close the connection in it: aiosqlite forgets one whose opening was cancelled."""
        me, base = cast("Any", self), cast("Any", super())  # what is stopped has no annotations
        me._tx.put_nowait((None, self._close_made))
        return base.stop()

    def _close_made(self) -> None:
        for connection in self._made:
            connection.close()

    async def open(self) -> None:
        """Start the thread and open the file in it."""
        try:
            await self
        except BaseException:
            while self._thread.is_alive():  # noqa: ASYNC110 - aiosqlite ends it, and tells nobody
                await asyncio.sleep(0.001)
            raise
        self.pool.members.add(self)

    def close_soon(self) -> asyncio.Task[None]:
        """Close in the thread, behind what it is doing, and let the thread end: one task, whoever asks."""
        closing = self._closing
        if closing is None or (closing.done() and self in self.pool.members):  # cancelled before it began
            self._closing = closing = asyncio.get_running_loop().create_task(self._end())
        return closing

    async def close(self) -> None:
        """:meth:`close_soon`, and wait for it."""
        await asyncio.shield(self.close_soon())

    async def _end(self) -> None:
        try:
            await super().close()
        finally:
            self.pool.members.discard(self)

    @property
    def closed(self) -> bool:
        """Nothing more may be given to the thread: it would find the connection closed, or nobody there."""
        return self._closing is not None

    def cut_short(self) -> None:
        """Stop the statement that runs in the thread, if there is one."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.ProgrammingError):  # the thread closes it at this moment
                self.connection.interrupt()

    async def run(self, function: Callable[..., T], *arguments: Any) -> T:
        """Call *function* with the connection and *arguments* in the thread."""
        if self.closed:
            raise InterfaceError("The SQLite connection is closed.")
        try:
            # aiosqlite's own door to its thread: every public method of it is one call of this.
            execute = cast("Any", self._execute)  # pyright: ignore[reportUnknownMemberType] - it has no annotations
            result: T = await execute(function, self._conn, *arguments)
        except asyncio.CancelledError:
            self.abandoned = True
            raise
        except ValueError as error:
            raise InterfaceError(f"The SQLite connection is closed ({error}).") from error
        self.abandoned = False  # the queue is in order: what came before is done, too
        return result

    @property
    def connection(self) -> Connection:
        """The connection itself."""
        return self._conn  # type: ignore[return-value]  # the connector makes ours


class WorkerPool(TaskPool[Worker]):
    """A pool that knows every connection whose thread has not ended: they must end with the loop."""

    def __init__(self, driver: SuspendingSQLite) -> None:
        database = driver.database
        super().__init__(
            driver.connect,
            limit=database.max_pool_size,
            timeout=database.pool_timeout,
            name=database.alias,
            vendor=driver.vendor,
        )
        self.members: set[Worker] = set()


class SuspendingSQLite(Driver):
    """A bounded pool of connections per event loop."""

    vendor: ClassVar[str] = "sqlite"
    blocking: ClassVar[bool] = False

    def __init__(self, database: DatabaseSettings, dialect: Dialect) -> None:
        super().__init__(database, dialect)
        self.opener = work.Opener(database, dialect)
        self._pools: PoolPerLoop[WorkerPool] = PoolPerLoop(lambda: WorkerPool(self), _close, _cut)
        self._background: set[asyncio.Task[Any]] = set()

    @property
    def pool(self) -> WorkerPool:
        return self._pools.get()

    async def connect(self, pool: WorkerPool) -> Worker:
        """A new connection for *pool*."""
        worker = Worker(self.opener, pool)
        await worker.open()
        return worker

    async def take(self) -> Worker:
        return await self.pool.take()

    async def give(self, connection: Worker) -> None:
        connection.end_turn()
        pool = connection.pool
        if pool.closed or connection.closed or not work.is_clean(connection.connection):
            await self.discard(connection)
        else:
            pool.give(connection)

    async def after_failure(self, connection: Worker) -> None:
        if connection.abandoned:
            # The statement goes on in the thread, and nobody may wait behind it: it comes back when it is done.
            finish_in_background(self._drain(connection), self._background)
        else:
            await self.give(connection)

    async def _drain(self, connection: Worker) -> None:
        try:
            await connection.run(work.clean)
        except Error:
            await self.discard(connection)
        else:
            await self.give(connection)

    async def discard(self, connection: Worker) -> None:
        connection.pool.gone()
        if connection.pool.closed:
            await self._closed(connection)  # the loop may be ending: it waits for its generators, and for no other task
        else:
            finish_in_background(self._closed(connection), self._background)

    async def _closed(self, connection: Worker) -> None:
        try:
            await connection.close()
        finally:
            connection.end_turn()

    def is_lost(self, connection: Worker) -> bool:
        return False

    def abort(self, connection: Worker) -> None:
        connection.cut_short()

    async def fetch(self, connection: Worker, sql: str, parameters: Sequence[Any]) -> list[Row]:
        return await connection.run(work.fetch, sql, parameters)

    async def fetch_named(self, connection: Worker, sql: str, parameters: Sequence[Any]) -> list[Row]:
        return await connection.run(work.fetch_named, sql, parameters)

    async def execute(self, connection: Worker, sql: str, parameters: Sequence[Any]) -> int:
        return await connection.run(work.execute, sql, parameters)

    async def execute_many(self, connection: Worker, sql: str, parameters: Sequence[Any]) -> int:
        return await connection.run(work.execute_many, sql, parameters)

    async def open(self, connection: Worker, sql: str, parameters: Sequence[Any], *, in_block: bool) -> Rows:
        return SuspendingRows(connection, await connection.run(_open, sql, parameters, in_block))

    async def fetch_once(self, sql: str, parameters: Sequence[Any]) -> list[Row]:
        if sql[:1] not in work.WRITES:
            return await super().fetch_once(sql, parameters)
        return await self._in_turn(self.fetch, sql, parameters)

    async def execute_once(self, sql: str, parameters: Sequence[Any]) -> int:
        return await self._in_turn(self.execute, sql, parameters)

    async def _in_turn(
        self,
        primitive: Callable[[Worker, str, Sequence[Any]], Coroutine[Any, Any, T]],
        sql: str,
        parameters: Sequence[Any],
    ) -> T:
        # The connection first, as blocks do: else both could wait for what the other has.
        connection = await self.take()
        try:
            await self._take_turn(connection)
            found = await primitive(connection, sql, parameters)
        except BaseException:
            await self.after_failure(connection)
            raise
        await self.give(connection)
        return found

    async def _take_turn(self, connection: Worker) -> None:
        await self.opener.turns.wait_in_loop(self.database.busy_timeout)
        connection.turn = self.opener.turns

    async def begin(self, connection: Worker, how: Begin) -> None:
        if self.opener.locks and not how.read_only:
            await self._take_turn(connection)
        await connection.run(work.begin, self.opener.begin, how)

    async def command(self, connection: Worker, sql: str) -> None:
        await connection.run(work.command, sql)

    async def commit(self, connection: Worker) -> None:
        await connection.run(work.commit)
        connection.end_turn()

    async def rollback(self, connection: Worker) -> None:
        await connection.run(work.clean)
        connection.end_turn()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def ping(self) -> None:
        connection = await self.take()
        try:
            await connection.run(work.touch)
        finally:
            await self.after_failure(connection)

    def stats(self) -> dict[str, Any]:
        pool = self._pools.known()
        return {"open": pool is not None and not pool.closed, "vendor": self.vendor}

    async def close(self) -> None:
        await self._pools.close()
        while self._background:
            await asyncio.wait(set(self._background))

    def retire(self) -> None:
        self._pools.retire()

    def cut(self) -> None:
        self._pools.cut()

    def forget(self) -> None:
        self.opener.turns.reset()
        self._pools.forget()


class SuspendingRows(Rows):
    """Portions of an open result, read in the connection's thread."""

    def __init__(self, worker: Worker, rows: OpenRows) -> None:
        self._worker = worker
        self._rows = rows

    async def fetch(self, size: int) -> list[Row]:
        return await self._worker.run(_next, self._rows, size)

    async def close(self) -> None:
        if not self._worker.closed:  # its end was the end of its rows, too
            await self._worker.run(_end, self._rows)


def _open(connection: Connection, sql: str, parameters: Sequence[Any], in_block: bool) -> OpenRows:
    return open_rows(connection, sql, parameters, spool=work.must_spool(connection, in_block=in_block))


def _next(_: Connection, rows: OpenRows, size: int) -> list[Row]:
    return rows.fetch(size)


def _end(_: Connection, rows: OpenRows) -> None:
    rows.close()


async def _close(pool: WorkerPool) -> None:
    """Close in the threads, and let them end.  What still runs there has nobody to wait for it: the loop ends."""
    resting = pool.close()
    while pool.members:
        for worker in list(pool.members):
            if worker not in resting:
                worker.cut_short()
        await asyncio.wait([worker.close_soon() for worker in pool.members])


def _cut(pool: WorkerPool) -> None:
    """Close without a loop."""
    pool.close()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # aiosqlite asks for an event loop, and does without
        for worker in pool.members:
            worker.stop()  # pyright: ignore[reportUnknownMemberType] - aiosqlite does not say
    pool.members.clear()
