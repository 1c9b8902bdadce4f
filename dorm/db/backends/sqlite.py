"""The blocking SQLite driver, over the standard library's sqlite3."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from dorm.db.backends import sqlite_connection as work
from dorm.db.backends.base import Driver, Rows, bury
from dorm.db.backends.sqlite_errors import FAILURES, translated
from dorm.db.backends.sqlite_rows import open_rows
from dorm.db.pool import ThreadPool

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dorm.conf import DatabaseSettings
    from dorm.db.backends.base import Begin, Row
    from dorm.db.backends.sqlite_connection import Connection
    from dorm.sql.dialect import Dialect

T = TypeVar("T")


class BlockingSQLite(Driver):
    """Each thread that works at the same time has a connection of its own; there is no bound but the threads'."""

    vendor: ClassVar[str] = "sqlite"
    blocking: ClassVar[bool] = True

    def __init__(self, database: DatabaseSettings, dialect: Dialect) -> None:
        super().__init__(database, dialect)
        self.opener = work.Opener(database, dialect)
        self._new_pool()

    def _new_pool(self) -> None:
        self._pool: ThreadPool[Connection] = ThreadPool(
            self._connect, limit=None, timeout=self.database.pool_timeout, name=self.database.alias, vendor=self.vendor
        )
        self._idle = self._pool.idle

    @property
    def pool(self) -> ThreadPool[Connection]:
        return self._pool

    async def _connect(self, pool: object) -> Connection:
        return self.opener()

    async def take(self) -> Connection:
        return await self._pool.take()

    async def give(self, connection: Connection) -> None:
        turn, connection.turn = connection.turn, None
        if turn is not None:
            turn.lock.release()
            if turn.queue:
                turn.wake()
        if self._pool.closed or not work.is_clean(connection):
            await self.discard(connection)
        else:
            self._pool.give(connection)

    async def discard(self, connection: Connection) -> None:
        self._pool.gone()
        connection.close()
        connection.end_turn()

    def is_lost(self, connection: Connection) -> bool:
        return False

    def abort(self, connection: Connection) -> None:
        connection.interrupt()

    async def fetch_once(self, sql: str, parameters: Sequence[Any]) -> list[Row]:
        # The hot path: a statement costs 5 µs, so that taking and giving are written out here.
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = await self._pool.take()
        if sql[:1] in work.WRITES:
            return await self._in_turn(connection, work.fetch, sql, parameters)
        try:
            rows = connection.execute(sql, parameters).fetchall()
        except FAILURES as error:
            found = translated(error, connection)
            await self.give(connection)
            raise found from error
        except BaseException:
            await self.give(connection)
            raise
        if connection.in_transaction or self._pool.closed:
            await self.give(connection)
        else:
            self._idle.append(connection)
        return rows

    async def execute_once(self, sql: str, parameters: Sequence[Any]) -> int:
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = await self._pool.take()
        return await self._in_turn(connection, work.execute, sql, parameters)

    async def _in_turn(
        self,
        connection: Connection,
        primitive: Callable[[Connection, str, Sequence[Any]], T],
        sql: str,
        parameters: Sequence[Any],
    ) -> T:
        """Write with *connection*, when it is our turn, and give it back."""
        turns = self.opener.turns
        try:
            if turns.queue or not turns.lock.acquire(blocking=False):
                turns.wait(self.database.busy_timeout)
            connection.turn = turns
            return primitive(connection, sql, parameters)
        finally:
            await self.give(connection)

    def _take_turn(self, connection: Connection) -> None:
        turns = self.opener.turns
        if turns.queue or not turns.lock.acquire(blocking=False):
            turns.wait(self.database.busy_timeout)
        connection.turn = turns

    async def fetch(self, connection: Connection, sql: str, parameters: Sequence[Any]) -> list[Row]:
        return work.fetch(connection, sql, parameters)

    async def fetch_named(self, connection: Connection, sql: str, parameters: Sequence[Any]) -> list[Row]:
        return work.fetch_named(connection, sql, parameters)

    async def execute(self, connection: Connection, sql: str, parameters: Sequence[Any]) -> int:
        return work.execute(connection, sql, parameters)

    async def execute_many(self, connection: Connection, sql: str, parameters: Sequence[Any]) -> int:
        return work.execute_many(connection, sql, parameters)

    async def open(self, connection: Connection, sql: str, parameters: Sequence[Any], *, in_block: bool) -> Rows:
        return BlockingRows(
            open_rows(connection, sql, parameters, spool=work.must_spool(connection, in_block=in_block))
        )

    async def begin(self, connection: Connection, how: Begin) -> None:
        if self.opener.locks and not how.read_only:
            self._take_turn(connection)
        work.begin(connection, self.opener.begin, how)

    async def command(self, connection: Connection, sql: str) -> None:
        work.command(connection, sql)

    async def commit(self, connection: Connection) -> None:
        try:
            work.commit(connection)
        finally:
            connection.end_turn()

    async def rollback(self, connection: Connection) -> None:
        try:
            work.clean(connection)
        finally:
            connection.end_turn()

    async def sleep(self, seconds: float) -> None:
        time.sleep(seconds)  # noqa: ASYNC251 - the blocking driver

    async def ping(self) -> None:
        connection = await self.take()
        try:
            work.touch(connection)
        finally:
            await self.give(connection)

    def stats(self) -> dict[str, Any]:
        return {"open": not self._pool.closed, "vendor": self.vendor}

    async def close(self) -> None:
        self.retire()
        self._new_pool()

    def retire(self) -> None:
        for connection in self._pool.close():
            connection.close()

    def forget(self) -> None:
        bury(self._pool)
        self.opener.turns.reset()
        self._new_pool()


class BlockingRows(Rows):
    """Portions of an open result."""

    def __init__(self, rows: Any) -> None:
        self._rows = rows

    async def fetch(self, size: int) -> list[Row]:
        found: list[Row] = self._rows.fetch(size)
        return found

    async def close(self) -> None:
        self._rows.close()
