"""From psycopg's errors to ours: by SQLSTATE where the server spoke, by class where psycopg did."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import psycopg

from dorm import exceptions as ours
from dorm.db.retry import lost, nothing_done

if TYPE_CHECKING:
    from dorm.conf import DatabaseSettings
    from dorm.exceptions import Error

FAILURES: tuple[type[Exception], ...] = (psycopg.Error, OverflowError, UnicodeError)
"""What psycopg may raise when a statement is carried out."""

_VIOLATIONS: dict[str, type[ours.IntegrityError]] = {
    "23505": ours.UniqueViolation,
    "23503": ours.ForeignKeyViolation,
    "23001": ours.ForeignKeyViolation,
    "23502": ours.NotNullViolation,
    "23514": ours.CheckViolation,
}
_CLASSES: dict[str, type[Error]] = {
    "08": ours.OperationalError,
    "0A": ours.NotSupportedError,
    "21": ours.ProgrammingError,
    "22": ours.DataError,
    "23": ours.IntegrityError,
    "25": ours.InternalError,
    "26": ours.ProgrammingError,
    "28": ours.OperationalError,
    "3D": ours.OperationalError,
    "40": ours.OperationalError,
    "42": ours.ProgrammingError,
    "53": ours.OperationalError,
    "54": ours.OperationalError,
    "55": ours.OperationalError,
    "57": ours.OperationalError,
    "58": ours.OperationalError,
    "XX": ours.InternalError,
}
_STATES: dict[str, type[Error]] = {
    "25006": ours.OperationalError,
    "25P03": ours.OperationalError,  # the block was idle for too long, and its session was ended
    "25P04": ours.OperationalError,
    "2201B": ours.DataError,
}
# What psycopg itself raises, the narrow classes first.
_OWN: tuple[tuple[type[Exception], type[Error]], ...] = (
    (psycopg.DataError, ours.DataError),
    (psycopg.OperationalError, ours.OperationalError),
    (psycopg.IntegrityError, ours.IntegrityError),
    (psycopg.NotSupportedError, ours.NotSupportedError),
    (psycopg.InternalError, ours.InternalError),
    (psycopg.ProgrammingError, ours.ProgrammingError),
    (psycopg.InterfaceError, ours.InterfaceError),
)
# The same in every language of the server: "Schlüssel »(email)=(a@b)« existiert bereits."
_KEY = re.compile(r"\((?P<columns>[^()]*)\)=\(")


def translated(error: Exception, *, closed: bool = False) -> Error:
    """Our exception for *error*; *closed* says that the connection did not survive it."""
    if not isinstance(error, psycopg.Error):
        return ours.DataError(f"A value cannot be sent: {error}.")
    state = error.sqlstate
    diagnosis = error.diag
    text = str(diagnosis.message_primary or error).strip()
    if diagnosis.message_detail and state not in {"23502", "23514"}:  # their detail is the whole row
        text = f"{text} ({diagnosis.message_detail})"
    found: Error
    if state in _VIOLATIONS:
        found = _VIOLATIONS[state](text, **_where(error, state))
    elif state == "42883" and text.startswith("function digest("):
        found = ours.NotSupportedError(
            "SHA1 needs the extension pgcrypto here: CREATE EXTENSION pgcrypto. Or use SHA256."
        )
    elif state is not None:
        found = _STATES.get(state, _CLASSES.get(state[:2], ours.DatabaseError))(text)
    else:
        found = _from_psycopg(error, text)
    found.sqlstate = state
    if state == "0A000" and diagnosis.source_function == "RevalidateCachedQuery":
        return nothing_done(found)  # the table changed under a prepared statement, which was not begun
    return lost(found) if closed else found


def _from_psycopg(error: psycopg.Error, text: str) -> Error:
    if isinstance(error, psycopg.ProgrammingError) and text.startswith("cannot adapt type"):
        return ours.DataError(text)
    for theirs, our_class in _OWN:
        if isinstance(error, theirs):
            return our_class(text)
    return ours.DatabaseError(text)


def _where(error: psycopg.Error, state: str) -> dict[str, Any]:
    diagnosis = error.diag
    columns: tuple[str, ...] = ()
    if diagnosis.column_name:
        columns = (diagnosis.column_name,)
    elif diagnosis.message_detail and (
        state == "23505" or (state == "23503" and is_referencing(diagnosis.message_primary, diagnosis.constraint_name))
    ):
        found = _KEY.search(diagnosis.message_detail)
        columns = tuple(_unquoted(name) for name in found["columns"].split(", ")) if found else ()
    return {
        "constraint": diagnosis.constraint_name,
        "table": diagnosis.table_name,
        "columns": columns,
        "sqlstate": state,
    }


def is_referencing(message: str | None, constraint: str | None) -> bool:
    """Whether the row of the key was written: then the detail is about its columns.

    Of a deleted (or changed) row that a key points to, the detail names the columns of that row, in the other table.
    The words are in the server's language and the constraint's table is the same in both; but the message about a
    written row names two things in quotes (a table, the constraint), that about a deleted one three (both tables).
    """
    before, name, after = (message or "").partition(constraint or "\0")
    opening, closing = before.rstrip()[-1:], after.lstrip()[:1]
    if not name or not opening or not closing:
        return False
    quotes = message.count(opening) if message else 0
    return quotes == (4 if opening == closing else 2)


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


# -- Connecting --------------------------------------------------------------------------------

_PERMANENT = (
    "authentication failed",
    "does not exist",
    "no pg_hba.conf entry",
    "no password supplied",
    "permission denied for database",
    "not currently accepting connections",
    "could not translate host name",
    "failed to resolve host",
    "server does not support SSL",
    "certificate",
)


def not_connected(error: Exception, database: DatabaseSettings) -> Error:
    """Why there is no connection: refused, authentication, no such database or host; never the password."""
    text = " ".join(str(error).split())
    text = text.removeprefix("connection failed: ").removeprefix("connection is bad: ")
    if database.password and database.password in text and database.password not in {database.user, database.name}:
        text = text.replace(database.password, "…")
    where = database.host or "the local socket"
    port = f":{database.port}" if database.port else ""
    found = ours.OperationalError(
        f"Cannot connect to the PostgreSQL database {database.name!r} on {where}{port} as "
        f"{database.user or 'the system user'!r}: {text}"
    )
    found.sqlstate = error.sqlstate if isinstance(error, psycopg.Error) else None
    if any(reason in text for reason in _PERMANENT):
        return found
    return nothing_done(found)
