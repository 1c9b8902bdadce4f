"""The asynchronous PostgreSQL driver, over psycopg."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar

import psycopg
from psycopg import AsyncRawCursor, AsyncRawServerCursor, generators

from dorm.db.backends.base import Driver, Rows
from dorm.db.backends.postgresql_errors import FAILURES, not_connected, translated
from dorm.db.backends.postgresql_pooling import Pooling
from dorm.db.backends.postgresql_session import (
    LARGE,
    Recipe,
    answer,
    stream_size,
    unknown_outcome,
)
from dorm.db.per_loop import PoolPerLoop
from dorm.db.pool import TaskPool
from dorm.db.retry import nothing_done
from dorm.exceptions import Error, OperationalError, TransactionAborted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from dorm.conf import DatabaseSettings
    from dorm.db.backends.base import Begin, Row
    from dorm.sql.dialect import Dialect


class AsyncSession(psycopg.AsyncConnection[Any]):
    """A connection with what the pool notes about it."""

    home: TaskPool[AsyncSession]
    generation: int
    used: float
    expires: float
    reused: AsyncRawCursor[Any]
    watch: Any


class SuspendingPostgreSQL(Pooling, Driver):
    """One pool per event loop."""

    blocking: ClassVar[bool] = False

    def __init__(self, database: DatabaseSettings, dialect: Dialect) -> None:
        super().__init__(database, dialect)
        self.recipe = Recipe(database)
        self._pools: PoolPerLoop[TaskPool[AsyncSession]] = PoolPerLoop(
            self._new_pool, self.close_pool_async, self.close_pool
        )

    def _new_pool(self) -> TaskPool[AsyncSession]:
        database = self.database
        return TaskPool(
            self._connect,
            limit=database.max_pool_size,
            timeout=database.pool_timeout,
            name=database.alias,
            vendor=self.vendor,
        )

    @property
    def pool(self) -> TaskPool[AsyncSession]:
        return self._pools.get()

    def known_pool(self) -> TaskPool[AsyncSession] | None:
        return self._pools.known()

    async def _connect(self, pool: TaskPool[AsyncSession]) -> AsyncSession:
        try:
            session = await AsyncSession.connect(cursor_factory=AsyncRawCursor, **self.recipe.arguments)
        except FAILURES as error:
            raise not_connected(error, self.database) from error
        self.recipe.settle(session, self.generation)
        session.home = pool
        if self.recipe.on_connect is not None:
            await self._simple(session, self.recipe.on_connect)
        return session

    def close_session(self, session: Any) -> None:
        session._closed = True
        session.pgconn.finish()

    async def probe(self, session: AsyncSession) -> bool:
        try:
            await self._simple(session, b"SELECT 1", limit=5.0)
        except Error:
            return False
        return True

    # -- Statements ----------------------------------------------------------------------------

    async def fetch(self, connection: AsyncSession, sql: str, parameters: Sequence[Any]) -> list[Row]:
        cursor = connection.reused
        try:
            await cursor.execute(sql, parameters or None)  # pyright: ignore[reportArgumentType]  # built by our compilers, or raw()
            rows = await cursor.fetchall()
        except FAILURES as error:
            raise translated(error, closed=connection.closed) from error
        if len(rows) > LARGE:
            connection.reused = connection.cursor()  # type: ignore[assignment]  # the factory is AsyncRawCursor
        return rows

    async def fetch_named(self, connection: AsyncSession, sql: str, parameters: Sequence[Any]) -> list[Row]:
        cursor = connection.reused
        rows = await self.fetch(connection, sql, parameters)
        return [tuple(column.name for column in cursor.description or ()), *rows]

    async def execute(self, connection: AsyncSession, sql: str, parameters: Sequence[Any]) -> int:
        cursor = connection.reused
        try:
            # Without parameters it is said once, as a rule (DDL): preparing would cost a round trip more.
            await cursor.execute(sql, parameters or None, prepare=None if parameters else False)  # pyright: ignore[reportArgumentType]
        except FAILURES as error:
            raise translated(error, closed=connection.closed) from error
        return max(cursor.rowcount, 0)

    async def execute_many(self, connection: AsyncSession, sql: str, parameters: Sequence[Any]) -> int:
        cursor = connection.reused
        try:
            await cursor.executemany(sql, parameters)  # pyright: ignore[reportArgumentType]  # built by our compilers
        except FAILURES as error:
            raise translated(error, closed=connection.closed) from error
        return max(cursor.rowcount, 0)

    async def open(self, connection: AsyncSession, sql: str, parameters: Sequence[Any], *, in_block: bool) -> Rows:
        try:
            if in_block:
                cursor = BlockCursor(connection, self.next_cursor())
                await cursor.execute(sql, parameters or None)  # pyright: ignore[reportArgumentType]
                return NamedRows(connection, cursor)
            return StreamedRows(connection, sql, parameters)
        except FAILURES as error:
            raise translated(error, closed=connection.closed) from error

    # -- Transactions --------------------------------------------------------------------------

    async def _simple(self, connection: AsyncSession, command: bytes, limit: float | None = None) -> str:
        """A command in the simple protocol; its tag."""
        try:
            connection.pgconn.send_query(command)
            results = await connection.wait(generators.execute(connection.pgconn), timeout=limit)
            return answer(connection, results)
        except psycopg.Error as error:
            if limit is not None:
                connection.pgconn.finish()
            raise translated(error, closed=connection.closed) from error

    async def begin(self, connection: AsyncSession, how: Begin) -> None:
        try:
            await self._simple(connection, self.recipe.begin(how))
        except Error as error:
            if connection.closed:
                nothing_done(error)
            raise

    async def command(self, connection: AsyncSession, sql: str) -> None:
        await self._simple(connection, sql.encode())

    async def commit(self, connection: AsyncSession) -> None:
        try:
            tag = await self._simple(connection, b"COMMIT")
        except OperationalError as error:
            if connection.closed:
                unknown_outcome(error)
            raise
        if tag != "COMMIT":
            raise TransactionAborted("PostgreSQL answered the COMMIT with a ROLLBACK: nothing was committed.")

    async def rollback(self, connection: AsyncSession) -> None:
        if not connection.closed and connection.pgconn.transaction_status:
            await self._simple(connection, b"ROLLBACK", limit=self.rollback_limit)

    # -- The rest ------------------------------------------------------------------------------

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def ping(self) -> None:
        await self.fetch_once("SELECT 1", ())

    async def close_pool_async(self, pool: TaskPool[AsyncSession]) -> None:
        """Close a pool in its loop."""
        self.close_pool(pool)

    async def close(self) -> None:
        await self._pools.close()

    def retire(self) -> None:
        self._pools.retire()

    def cut(self) -> None:
        self._pools.cut()

    def forget(self) -> None:
        self._pools.forget()


class StreamedRows(Rows):
    """Rows outside a block: the server sends, we read on."""

    def __init__(self, connection: AsyncSession, sql: str, parameters: Sequence[Any]) -> None:
        self._connection = connection
        self._cursor = connection.cursor()
        self._rows: AsyncIterator[Row]
        self._rows = self._cursor.stream(sql, parameters or None, size=stream_size())  # pyright: ignore[reportArgumentType]

    async def fetch(self, size: int) -> list[Row]:
        found: list[Row] = []
        try:
            async for row in self._rows:
                found.append(row)
                if len(found) >= size:
                    break
        except FAILURES as error:
            raise translated(error, closed=self._connection.closed) from error
        return found

    async def close(self) -> None:
        await self._rows.aclose()  # type: ignore[attr-defined]  # a generator: it cancels what the server still sends


class BlockCursor(AsyncRawServerCursor[Any]):
    """A cursor on the server.  It ends with its block, so that one left open is no mistake to be warned of."""

    def __del__(self, *_: Any) -> None:
        pass


class NamedRows(Rows):
    """Rows inside a block: a cursor on the server, so that other statements may come between two portions."""

    def __init__(self, connection: AsyncSession, cursor: BlockCursor) -> None:
        self._connection = connection
        self._cursor = cursor

    async def fetch(self, size: int) -> list[Row]:
        try:
            return await self._cursor.fetchmany(size)
        except FAILURES as error:
            raise translated(error, closed=self._connection.closed) from error

    async def close(self) -> None:
        try:
            await self._cursor.close()
        except FAILURES as error:
            raise translated(error, closed=self._connection.closed) from error
