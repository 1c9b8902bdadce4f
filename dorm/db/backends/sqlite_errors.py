"""From sqlite3's errors to ours: by extended error code, and by the text where only the text tells the column."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from dorm import exceptions as ours

if TYPE_CHECKING:
    from dorm.exceptions import Error

_UNIQUE = {2067, 1555, 2579}  # SQLITE_CONSTRAINT_UNIQUE, _PRIMARYKEY, _ROWID
_NOT_NULL, _FOREIGN_KEY, _CHECK, _DATATYPE = 1299, 787, 275, 3091
_TOO_BIG, _MISMATCH = 18, 20
_OPERATIONAL = {
    3,
    4,
    5,
    6,
    8,
    9,
    10,
    13,
    14,
    15,
    23,
    26,
}  # PERM ABORT BUSY LOCKED READONLY INTERRUPT IOERR FULL CANTOPEN …
_CORRUPT = 11
_BAD_VALUES = (
    "LIKE or GLOB pattern too complex",
    "malformed JSON",
    "integer overflow",
    "JSON path error",
    "bad JSON path",
    "user-defined ",
)

FAILURES: tuple[type[Exception], ...] = (sqlite3.Error, sqlite3.Warning, OverflowError, UnicodeError)
"""What sqlite3 may raise when a statement is carried out."""


def translated(error: Exception, connection: sqlite3.Connection | None = None) -> Error:
    """Our exception for sqlite3's *error*; *connection* may be asked which table an index belongs to."""
    text = str(error)
    code: int | None = getattr(error, "sqlite_errorcode", None)
    if not isinstance(error, (sqlite3.Error, sqlite3.Warning)):
        return ours.DataError(f"A value cannot be stored: {text}.")
    if code is None:
        return _from_python(error, text)
    if code in _UNIQUE or code in {_NOT_NULL, _FOREIGN_KEY, _CHECK}:
        return _integrity(code, text, connection)
    primary = code & 0xFF
    if code == _DATATYPE or primary in {_TOO_BIG, _MISMATCH}:
        return ours.DataError(text)
    if primary == 19:
        return ours.IntegrityError(text)
    if primary in _OPERATIONAL:
        return ours.OperationalError(text)
    if primary == _CORRUPT:
        return ours.InternalError(text)
    if text.startswith(_BAD_VALUES):
        return ours.DataError(text)
    if text.startswith("misuse of aggregate"):
        return ours.NotSupportedError(
            f"{text}: SQLite knows no aggregate of a query in the conditions of another inside it (OuterRef to an "
            "aggregate that was annotated). Compare with it outside, or aggregate inside."
        )
    if primary == 1:
        return ours.ProgrammingError(text)
    return ours.DatabaseError(text)


def _from_python(error: Exception, text: str) -> Error:
    """An error that the Python module raised before SQLite saw anything."""
    if text.startswith("Error binding parameter") or "is not supported" in text:
        return ours.DataError(text)
    if isinstance(error, sqlite3.OperationalError):
        return ours.OperationalError(text)
    if "closed database" in text or isinstance(error, sqlite3.InterfaceError):
        return ours.InterfaceError(text)
    return ours.ProgrammingError(text)


def _integrity(code: int, text: str, connection: sqlite3.Connection | None) -> Error:
    subject = text.partition("failed: ")[2]
    if code == _CHECK:
        return ours.CheckViolation(text, constraint=subject or None)
    if code == _FOREIGN_KEY:
        return ours.ForeignKeyViolation(text)
    kind = ours.NotNullViolation if code == _NOT_NULL else ours.UniqueViolation
    if subject.startswith("index '"):
        index = subject.removeprefix("index '").removesuffix("'")
        return kind(text, constraint=index, table=_table_of(connection, index))
    table, columns = _columns(subject)
    return kind(text, table=table, columns=columns)


def _columns(subject: str) -> tuple[str | None, tuple[str, ...]]:
    """Table and columns of ``author.email`` or ``author.first, author.last``."""
    table: str | None = None
    columns: list[str] = []
    for part in subject.split(", "):
        owner, dot, column = part.rpartition(".")
        if dot:
            table = owner
            columns.append(column)
    return table, tuple(columns)


def _table_of(connection: sqlite3.Connection | None, index: str) -> str | None:
    if connection is None:
        return None
    found = connection.execute(
        "SELECT tbl_name FROM sqlite_master WHERE type = 'index' AND name = ?", (index,)
    ).fetchone()
    return None if found is None else str(found[0])


def broken_key(connection: sqlite3.Connection, text: str) -> ours.ForeignKeyViolation:
    """Which row's key points nowhere, asked before the transaction is rolled back."""
    for table, row, parent, number in connection.execute("PRAGMA foreign_key_check"):
        keys = connection.execute(f"PRAGMA foreign_key_list({_quoted(table)})").fetchall()
        columns = [key[3] for key in keys if key[0] == number]
        return ours.ForeignKeyViolation(
            f"{text}: {table}.{', '.join(columns)} of the row {row} points at no row of {parent}.",
            table=table,
            columns=columns,
        )
    return ours.ForeignKeyViolation(text)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
