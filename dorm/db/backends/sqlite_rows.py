"""An open result of SQLite, in portions.

A reading cursor on the connection of a block, or on a file without WAL, would miss rows or lock its own process out
while the caller writes.  There the result is copied to a temporary table first (a file, not memory) and read from it.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from dorm.db.backends.sqlite_errors import FAILURES, translated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dorm.db.backends.base import Row
    from dorm.db.backends.sqlite_connection import Connection

_numbers = itertools.count(1)


class OpenRows:
    """A cursor, or a temporary table that is read by its row numbers."""

    def __init__(self, connection: Connection, sql: str, parameters: Sequence[Any], *, spool: bool) -> None:
        self._connection = connection
        self._table: str | None = None
        try:
            if spool:
                table = f"temp.dorm_rows_{next(_numbers)}"
                connection.execute(f"CREATE TEMP TABLE {table.removeprefix('temp.')} AS {sql}", parameters)
                self._table = table
                sql, parameters = f"SELECT * FROM {table} ORDER BY rowid", ()
            self._cursor = connection.execute(sql, parameters)
        except FAILURES as error:
            raise translated(error, connection) from error

    def fetch(self, size: int) -> list[Row]:
        """The next rows."""
        try:
            return self._cursor.fetchmany(size)
        except FAILURES as error:
            raise translated(error, self._connection) from error

    def close(self) -> None:
        """End the cursor and drop the table."""
        try:
            self._cursor.close()
            if self._table is not None:
                table, self._table = self._table, None
                self._connection.execute(f"DROP TABLE IF EXISTS {table}")
        except FAILURES as error:
            raise translated(error) from error


def open_rows(connection: Connection, sql: str, parameters: Sequence[Any], *, spool: bool) -> OpenRows:
    """The rows of a SELECT, ready to be read."""
    return OpenRows(connection, sql, parameters, spool=spool)
