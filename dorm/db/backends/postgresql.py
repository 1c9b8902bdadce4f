"""The blocking PostgreSQL driver, over psycopg."""

from __future__ import annotations

import time
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar

import psycopg
from psycopg import RawCursor, RawServerCursor, generators

from dorm.db.backends.base import Driver, Rows, bury
from dorm.db.backends.postgresql_errors import FAILURES, not_connected, translated
from dorm.db.backends.postgresql_pooling import Pooling
from dorm.db.backends.postgresql_session import (
    LARGE,
    Recipe,
    answer,
    stream_size,
    unknown_outcome,
)
from dorm.db.pool import ThreadPool
from dorm.db.retry import nothing_done
from dorm.exceptions import Error, OperationalError, TransactionAborted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dorm.conf import DatabaseSettings
    from dorm.db.backends.base import Begin, Row
    from dorm.sql.dialect import Dialect


class Session(psycopg.Connection[Any]):
    """A connection with what the pool notes about it."""

    home: ThreadPool[Session]
    generation: int
    used: float
    expires: float
    reused: RawCursor[Any]
    watch: Any


class BlockingPostgreSQL(Pooling, Driver):
    """One pool per process."""

    blocking: ClassVar[bool] = True

    def __init__(self, database: DatabaseSettings, dialect: Dialect) -> None:
        super().__init__(database, dialect)
        self.recipe = Recipe(database)
        self._pool = self._new_pool()

    def _new_pool(self) -> ThreadPool[Session]:
        database = self.database
        return ThreadPool(
            self._connect,
            limit=database.max_pool_size,
            timeout=database.pool_timeout,
            name=database.alias,
            vendor=self.vendor,
        )

    @property
    def pool(self) -> ThreadPool[Session]:
        return self._pool

    def known_pool(self) -> ThreadPool[Session] | None:
        return self._pool

    async def _connect(self, pool: ThreadPool[Session]) -> Session:
        try:
            session = Session.connect(cursor_factory=RawCursor, **self.recipe.arguments)
        except FAILURES as error:
            raise not_connected(error, self.database) from error
        self.recipe.settle(session, self.generation)
        session.home = pool
        if self.recipe.on_connect is not None:
            self._simple(session, self.recipe.on_connect)
        return session

    def close_session(self, session: Any) -> None:
        session.close()

    async def probe(self, session: Session) -> bool:
        try:
            self._simple(session, b"SELECT 1", limit=5.0)
        except Error:
            return False
        return True

    # -- Statements ----------------------------------------------------------------------------

    async def fetch(self, connection: Session, sql: str, parameters: Sequence[Any]) -> list[Row]:
        cursor = connection.reused
        try:
            cursor.execute(sql, parameters or None)  # pyright: ignore[reportArgumentType]  # built by our compilers, or raw()
            rows = cursor.fetchall()
        except FAILURES as error:
            raise translated(error, closed=connection.closed) from error
        if len(rows) > LARGE:
            connection.reused = connection.cursor()  # type: ignore[assignment]  # the factory is RawCursor
        return rows

    async def fetch_named(self, connection: Session, sql: str, parameters: Sequence[Any]) -> list[Row]:
        cursor = connection.reused
        rows = await self.fetch(connection, sql, parameters)
        return [tuple(column.name for column in cursor.description or ()), *rows]

    async def execute(self, connection: Session, sql: str, parameters: Sequence[Any]) -> int:
        cursor = connection.reused
        try:
            # Without parameters it is said once, as a rule (DDL): preparing would cost a round trip more.
            cursor.execute(sql, parameters or None, prepare=None if parameters else False)  # pyright: ignore[reportArgumentType]
        except FAILURES as error:
            raise translated(error, closed=connection.closed) from error
        return max(cursor.rowcount, 0)

    async def execute_many(self, connection: Session, sql: str, parameters: Sequence[Any]) -> int:
        cursor = connection.reused
        try:
            cursor.executemany(sql, parameters)  # pyright: ignore[reportArgumentType]  # built by our compilers
        except FAILURES as error:
            raise translated(error, closed=connection.closed) from error
        return max(cursor.rowcount, 0)

    async def open(self, connection: Session, sql: str, parameters: Sequence[Any], *, in_block: bool) -> Rows:
        try:
            if in_block:
                cursor = BlockCursor(connection, self.next_cursor())
                cursor.execute(sql, parameters or None)  # pyright: ignore[reportArgumentType]
                return NamedRows(connection, cursor)
            return StreamedRows(connection, sql, parameters)
        except FAILURES as error:
            raise translated(error, closed=connection.closed) from error

    # -- Transactions --------------------------------------------------------------------------

    def _simple(self, connection: Session, command: bytes, limit: float | None = None) -> str:
        """A command in the simple protocol; its tag."""
        try:
            connection.pgconn.send_query(command)
            return answer(connection, connection.wait(generators.execute(connection.pgconn), timeout=limit))
        except psycopg.Error as error:
            if limit is not None:
                connection.pgconn.finish()
            raise translated(error, closed=connection.closed) from error

    async def begin(self, connection: Session, how: Begin) -> None:
        try:
            self._simple(connection, self.recipe.begin(how))
        except Error as error:
            if connection.closed:
                nothing_done(error)
            raise

    async def command(self, connection: Session, sql: str) -> None:
        self._simple(connection, sql.encode())

    async def commit(self, connection: Session) -> None:
        try:
            tag = self._simple(connection, b"COMMIT")
        except OperationalError as error:
            if connection.closed:
                unknown_outcome(error)
            raise
        if tag != "COMMIT":
            raise TransactionAborted("PostgreSQL answered the COMMIT with a ROLLBACK: nothing was committed.")

    async def rollback(self, connection: Session) -> None:
        if not connection.closed and connection.pgconn.transaction_status:
            self._simple(connection, b"ROLLBACK", limit=self.rollback_limit)

    # -- The rest ------------------------------------------------------------------------------

    async def sleep(self, seconds: float) -> None:
        time.sleep(seconds)  # noqa: ASYNC251 - the blocking driver

    async def ping(self) -> None:
        await self.fetch_once("SELECT 1", ())

    async def close(self) -> None:
        self.retire()
        self._pool = self._new_pool()

    def retire(self) -> None:
        self.close_pool(self._pool)

    def forget(self) -> None:
        bury(self._pool)
        self._pool = self._new_pool()


class StreamedRows(Rows):
    """Rows outside a block: the server sends, we read on."""

    def __init__(self, connection: Session, sql: str, parameters: Sequence[Any]) -> None:
        self._connection = connection
        self._cursor = connection.cursor()
        self._rows: Iterator[Row] = self._cursor.stream(sql, parameters or None, size=stream_size())  # pyright: ignore[reportArgumentType]

    async def fetch(self, size: int) -> list[Row]:
        try:
            return list(islice(self._rows, size))
        except FAILURES as error:
            raise translated(error, closed=self._connection.closed) from error

    async def close(self) -> None:
        self._rows.close()  # type: ignore[attr-defined]  # a generator: it cancels what the server still sends


class BlockCursor(RawServerCursor[Any]):
    """A cursor on the server.  It ends with its block, so that one left open is no mistake to be warned of."""

    def __del__(self, *_: Any) -> None:
        pass


class NamedRows(Rows):
    """Rows inside a block: a cursor on the server, so that other statements may come between two portions."""

    def __init__(self, connection: Session, cursor: BlockCursor) -> None:
        self._connection = connection
        self._cursor = cursor

    async def fetch(self, size: int) -> list[Row]:
        try:
            return self._cursor.fetchmany(size)
        except FAILURES as error:
            raise translated(error, closed=self._connection.closed) from error

    async def close(self) -> None:
        try:
            self._cursor.close()
        except FAILURES as error:
            raise translated(error, closed=self._connection.closed) from error
