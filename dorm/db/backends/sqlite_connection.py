"""One SQLite connection: where its file is, how it is opened, and the plain functions that both drivers run on it."""

from __future__ import annotations

import os
import re
import sqlite3
import sys
import threading
from typing import TYPE_CHECKING, Any

from dorm.db.backends.base import isolation_level
from dorm.db.backends.sqlite_errors import FAILURES, broken_key, translated
from dorm.db.backends.sqlite_turns import turns_of
from dorm.exceptions import ImproperlyConfigured, OperationalError, TransactionAborted
from dorm.hints import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dorm.conf import DatabaseSettings
    from dorm.db.backends.base import Begin, Row
    from dorm.db.backends.sqlite_turns import Turns
    from dorm.sql.dialect import Dialect

LEAST = (3, 37, 0)
"""The oldest SQLite library we work with: the first with STRICT tables and a shared memory VFS."""

PRAGMAS = (
    "analysis_limit",
    "auto_vacuum",
    "cache_size",
    "cell_size_check",
    "journal_mode",
    "journal_size_limit",
    "mmap_size",
    "page_size",
    "recursive_triggers",
    "secure_delete",
    "synchronous",
    "temp_store",
    "threads",
    "trusted_schema",
    "wal_autocheckpoint",
)
OPTIONS = ("cached_statements", "transaction_mode", *PRAGMAS)
"""What ``OPTIONS`` may hold."""

_TRANSACTION_MODES = ("IMMEDIATE", "DEFERRED", "EXCLUSIVE")


class Connection(sqlite3.Connection):
    """A connection that remembers how its transaction began."""

    read_only = False
    wal = False
    turn: Turns | None = None
    """The turn that its transaction has."""

    def end_turn(self) -> None:
        """Let the next one write."""
        turn, self.turn = self.turn, None
        if turn is not None:
            turn.give()


class Opener:
    """Opens the connections of one alias; its settings are checked once."""

    def __init__(self, database: DatabaseSettings, dialect: Dialect) -> None:
        if sqlite3.sqlite_version_info < LEAST:
            wanted = ".".join(map(str, LEAST))
            raise ImproperlyConfigured(
                f"SQLite {wanted} or newer is needed; this Python ({sys.version.split()[0]}) brings "
                f"{sqlite3.sqlite_version}."
            )
        self.database = database
        self.functions = dialect.functions
        self.aggregates = dialect.aggregates
        self.collations = dialect.collations
        options = {name.lower(): value for name, value in database.options.items()}
        for name in options:
            if name not in OPTIONS:
                raise ImproperlyConfigured(
                    f"OPTIONS of DATABASES[{database.alias!r}] has no {name!r}. {did_you_mean(name, OPTIONS)}"
                )
        self.cached_statements = _whole(options.pop("cached_statements", 512), "cached_statements")
        mode = str(options.pop("transaction_mode", "IMMEDIATE")).upper()
        if mode not in _TRANSACTION_MODES:
            raise ImproperlyConfigured(f"OPTIONS['transaction_mode'] must be one of {', '.join(_TRANSACTION_MODES)}.")
        self.begin = f"BEGIN {mode}"
        self.journal_mode = str(options.pop("journal_mode", "")).lower()
        if self.journal_mode == "wal":
            options.setdefault("synchronous", "NORMAL")
        self.pragmas = [f"PRAGMA {name} = {_word(name, value)}" for name, value in options.items()]
        if self.journal_mode:
            _word("journal_mode", self.journal_mode)
        self.path, self.is_uri = memory(database) or (database.name, database.name.startswith("file:"))
        self.turns = turns_of(self.path)
        self.locks = mode != "DEFERRED"
        """Whether a transaction that may write takes the lock when it begins."""

    def __call__(self) -> Connection:
        """A new connection, ready for use."""
        try:
            connection = sqlite3.connect(
                self.path,
                timeout=self.database.busy_timeout,
                isolation_level=None,
                check_same_thread=False,
                factory=Connection,
                cached_statements=self.cached_statements,
                uri=self.is_uri,
            )
        except sqlite3.Error as error:
            raise OperationalError(self._reason(error)) from error
        try:
            self._prepare(connection)
        except sqlite3.Error as error:
            connection.close()
            raise OperationalError(self._reason(error)) from error
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: Connection) -> None:
        if sys.version_info >= (3, 12):
            # An unknown name in double quotes would be a text literal otherwise.
            connection.setconfig(sqlite3.SQLITE_DBCONFIG_DQS_DML, False)
            connection.setconfig(sqlite3.SQLITE_DBCONFIG_DQS_DDL, False)
        connection.execute("PRAGMA foreign_keys = ON")
        for pragma in self.pragmas:
            connection.execute(pragma)
        mode = connection.execute("PRAGMA journal_mode").fetchone()[0]  # reads the file: a foreign one fails here
        if self.journal_mode and mode not in {self.journal_mode, "memory"}:
            mode = connection.execute(f"PRAGMA journal_mode = {self.journal_mode}").fetchone()[0]
        connection.wal = mode == "wal"
        for name, arguments, function in self.functions:
            connection.create_function(name, arguments, function, deterministic=True)
        for name, arguments, aggregate in self.aggregates:
            connection.create_window_function(name, arguments, aggregate)
        for name, compare in self.collations:
            connection.create_collation(name, compare)

    def _reason(self, error: Exception) -> str:
        """What is wrong with the file, as far as the file system tells."""
        path = self.database.name
        said = str(error)
        if self.is_uri or said.startswith("database is locked"):
            return f"SQLite cannot open {path!r}: {said}."
        folder = os.path.dirname(os.path.abspath(path))
        if not os.path.isdir(folder):
            why = f"the folder {folder!r} does not exist"
        elif os.path.isdir(path):
            why = "it is a folder"
        elif os.path.exists(path) and not os.access(path, os.R_OK):
            why = "this user may not read it"
        elif not os.path.exists(path) and not os.access(folder, os.W_OK):
            why = f"this user may not write to the folder {folder!r}"
        else:
            why = said
        return f"SQLite cannot open the file {path!r}: {why}."


def _word(name: str, value: Any) -> str:
    text = str(value)
    if not re.fullmatch(r"-?[A-Za-z0-9_]+", text):
        raise ImproperlyConfigured(f"OPTIONS[{name!r}] must be a word or a number, not {value!r}.")
    return text


def _whole(value: Any, name: str) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise ImproperlyConfigured(f"OPTIONS[{name!r}] must be a number, not {value!r}.") from None


# -- Databases in memory -----------------------------------------------------------------------

_memories: dict[str, tuple[DatabaseSettings, str, sqlite3.Connection]] = {}
_memories_guard = threading.Lock()
_memories_made = 0


def memory(database: DatabaseSettings) -> tuple[str, bool] | None:
    """The URI of an alias's database in memory, which all connections of the process share; ``None`` for a file.

    An anchor connection keeps it alive until the alias is configured otherwise.
    """
    global _memories_made
    if database.name not in {":memory:", ""}:
        return None
    with _memories_guard:
        known = _memories.get(database.alias)
        if known is None or known[0] != database:
            _memories_made += 1
            # `cache=shared` would ignore the busy time-out; this VFS waits.
            uri = f"file:/dorm-{os.getpid()}-{_memories_made}?vfs=memdb"
            known = (database, uri, sqlite3.connect(uri, uri=True, check_same_thread=False))
            _memories[database.alias] = known
    return known[1], True


def drop_memory(alias: str) -> None:
    """Let go of an alias's database in memory."""
    with _memories_guard:
        known = _memories.pop(alias, None)
    if known is not None:
        known[2].close()


# -- What both drivers do with a connection ----------------------------------------------------


def fetch(connection: Connection, sql: str, parameters: Sequence[Any]) -> list[Row]:
    """All rows."""
    try:
        return connection.execute(sql, parameters).fetchall()
    except FAILURES as error:
        raise translated(error, connection) from error


def fetch_named(connection: Connection, sql: str, parameters: Sequence[Any]) -> list[Row]:
    """The names of the columns, and then all rows."""
    try:
        cursor = connection.execute(sql, parameters)
        return [tuple(column[0] for column in cursor.description or ()), *cursor.fetchall()]
    except FAILURES as error:
        raise translated(error, connection) from error


def execute(connection: Connection, sql: str, parameters: Sequence[Any]) -> int:
    """The number of rows touched."""
    try:
        return max(connection.execute(sql, parameters).rowcount, 0)
    except FAILURES as error:
        raise translated(error, connection) from error


def execute_many(connection: Connection, sql: str, parameters: Sequence[Any]) -> int:
    """The number of rows touched by all executions."""
    try:
        return max(connection.executemany(sql, parameters).rowcount, 0)
    except FAILURES as error:
        raise translated(error, connection) from error


def begin(connection: Connection, mode: str, how: Begin) -> None:
    """Begin a transaction.  Every one is serializable here, so an isolation level needs no word."""
    isolation_level(how.isolation)
    try:
        if how.read_only:
            connection.execute("PRAGMA query_only = ON")
            connection.read_only = True
            connection.execute("BEGIN DEFERRED")
        else:
            connection.execute(mode)
    except FAILURES as error:
        clean(connection)
        raise translated(error) from error


def command(connection: Connection, sql: str) -> None:
    """A command without rows."""
    try:
        connection.execute(sql)
    except FAILURES as error:
        raise translated(error) from error


def commit(connection: Connection) -> None:
    """Commit; when that fails nothing stays open, and a key that points nowhere is named."""
    if not connection.in_transaction:
        clean(connection)
        raise TransactionAborted("SQLite had rolled the transaction back by itself: nothing was committed.")
    try:
        connection.execute("COMMIT")
    except FAILURES as error:
        said = str(error)
        found = translated(error)
        if "FOREIGN KEY" in said and connection.in_transaction:
            found = broken_key(connection, said)
        clean(connection)
        raise found from error
    if connection.read_only:
        clean(connection)


def clean(connection: Connection) -> None:
    """Roll back what is open and undo what ``begin`` set."""
    try:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if connection.read_only:
            connection.execute("PRAGMA query_only = OFF")
            connection.read_only = False
    except FAILURES as error:
        raise translated(error) from error


WRITES = "IUD"
"""How the statements begin that take a turn: INSERT, UPDATE, DELETE."""


def is_clean(connection: Connection) -> bool:
    """Whether the connection may be used by somebody else."""
    try:
        return not connection.in_transaction and not connection.read_only
    except sqlite3.ProgrammingError:  # closed
        return False


def touch(connection: Connection) -> None:
    """Read the file itself, not only the parser."""
    try:
        connection.execute("PRAGMA schema_version").fetchall()
        connection.execute("SELECT 1").fetchall()
    except FAILURES as error:
        raise translated(error) from error


def must_spool(connection: Connection, *, in_block: bool) -> bool:
    """Whether rows read in portions must be copied first, lest what is written meanwhile disturbs them."""
    if connection.read_only:
        return False
    return in_block or not connection.wal
