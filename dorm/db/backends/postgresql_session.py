"""One PostgreSQL session: how it is opened, what values look like on it, and whether it is still alive."""

from __future__ import annotations

import random
import select
import socket
import sys
from time import monotonic
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.adapt import AdaptersMap, PyFormat
from psycopg.pq import Conninfo, ExecStatus
from psycopg.types.numeric import Int8Dumper, IntNumericDumper
from psycopg.types.string import TextLoader

from dorm.db.backends.base import isolation_level
from dorm.db.backends.postgresql_errors import translated
from dorm.exceptions import Error, ImproperlyConfigured, NotSupportedError
from dorm.hints import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg.pq.abc import PGresult

    from dorm.conf import DatabaseSettings
    from dorm.db.backends.base import Begin

LEAST = 140000
"""The oldest server we work with: PostgreSQL 14."""
PREPARED = 500
"""Prepared statements kept per session."""
PROBE_AFTER = 30.0
"""Seconds at rest after which a session is asked before it is used; a shorter rest is only looked at."""
LARGE = 500
"""Rows above which a cursor is not kept for reuse: it holds its last result."""
CONNECT_TIMEOUT = 10


# -- Values ------------------------------------------------------------------------------------

_LOWEST, _HIGHEST = -(2**63), 2**63


class _Beyond:
    """The key of integers that need ``numeric``."""


class WholeDumper(Int8Dumper):
    """Integers as ``bigint`` whatever their size, so that a statement is prepared once; larger ones as ``numeric``."""

    def get_key(self, obj: int, format: PyFormat) -> Any:
        return self.cls if _LOWEST <= obj < _HIGHEST else _Beyond

    def upgrade(self, obj: int, format: PyFormat) -> Any:
        return self if _LOWEST <= obj < _HIGHEST else _beyond


_beyond = IntNumericDumper(int)


class Adaptation:
    """How values travel on our sessions; psycopg's own settings stay as they are."""

    def __init__(self) -> None:
        self.connection = None
        self.adapters = AdaptersMap(psycopg.adapters)
        self.adapters.register_dumper(int, WholeDumper)
        for name in ("inet", "cidr"):
            self.adapters.register_loader(name, TextLoader)


# -- Opening -----------------------------------------------------------------------------------


class Recipe:
    """The arguments of ``psycopg.connect`` for one alias; its settings are checked once."""

    def __init__(self, database: DatabaseSettings) -> None:
        known = [option.keyword.decode() for option in Conninfo.get_defaults()]
        for name in database.options:
            if name not in known:
                raise ImproperlyConfigured(
                    f"OPTIONS of DATABASES[{database.alias!r}] has no {name!r}: they are psycopg's. "
                    f"{did_you_mean(name, known)}"
                )
        given = {
            "dbname": database.name,
            "user": database.user,
            "password": database.password,
            "host": database.host,
            "port": database.port,
        }
        self.arguments: dict[str, Any] = {
            "client_encoding": "UTF8",
            "connect_timeout": max(2, min(CONNECT_TIMEOUT, int(database.pool_timeout))),
            "fallback_application_name": "dorm",
            **{name: value for name, value in given.items() if value not in {"", None}},
            **database.options,
        }
        limits = {
            "statement_timeout": database.statement_timeout,
            "lock_timeout": database.lock_timeout,
            "idle_in_transaction_session_timeout": database.idle_in_transaction_timeout,
        }
        milliseconds = {name: max(1, int(value * 1000)) for name, value in limits.items() if value is not None}
        self.on_connect: bytes | None = None
        self.on_begin = ""
        if database.pgbouncer:
            # A pooler in transaction mode refuses start-up options; it keeps TimeZone per client by itself.
            self.on_connect = b"SET TIME ZONE 'UTC'"
            self.on_begin = "".join(f"; SET LOCAL {name} = {value}" for name, value in milliseconds.items())
        else:
            ours = " ".join(f"-c {name}={value}" for name, value in {"TimeZone": "UTC", **milliseconds}.items())
            self.arguments["options"] = f"{ours} {database.options.get('options', '')}".strip()
        self.arguments["autocommit"] = True
        self.arguments["prepare_threshold"] = None if database.pgbouncer else database.prepare_threshold
        self.arguments["context"] = Adaptation()
        self.lifetime = database.max_lifetime

    def settle(self, session: Any, generation: int) -> None:
        """Note what the pool wants to know, and refuse a server that is too old."""
        version = session.info.server_version
        if version < LEAST:
            session.pgconn.finish()
            raise NotSupportedError(
                f"PostgreSQL {LEAST // 10000} or newer is needed; the server is {version // 10000}.{version % 10000}."
            )
        session.prepared_max = PREPARED
        session.generation = generation
        session.used = monotonic()
        # Spread a little, so that sessions opened together do not end together.
        session.expires = session.used + self.lifetime * random.uniform(0.95, 1.0)  # noqa: S311 - no secret
        session.reused = session.cursor()
        session.watch = _watch(session.pgconn.socket)

    def begin(self, how: Begin) -> bytes:
        """The text that begins a transaction."""
        words = ["BEGIN"]
        level = isolation_level(how.isolation)
        if level is not None:
            words.append(f"ISOLATION LEVEL {level}")
        if how.read_only:
            words.append("READ ONLY")
        if how.deferrable:
            words.append("DEFERRABLE")
        return (" ".join(words) + self.on_begin).encode()


# -- Alive or not ------------------------------------------------------------------------------


def _watch(descriptor: int) -> Any:
    """Something that tells at once whether there is anything to read on the socket."""
    if sys.platform == "win32":
        return lambda: bool(select.select([descriptor], [], [], 0)[0])
    found = select.poll()
    found.register(descriptor, select.POLLIN)
    poll = found.poll
    return lambda: bool(poll(0))


def is_dead(session: Any) -> bool:
    """Whether the server has closed the session; nothing is sent and nothing waited for.

    An idle session has nothing to read, unless the server sent a notice or said farewell.
    """
    try:
        for _ in range(8):
            if not session.watch():
                return bool(session.closed)
            session.pgconn.consume_input()
            session.pgconn.is_busy()
    except (psycopg.Error, OSError, ValueError):
        return True
    return True


def cut(session: Any) -> None:
    """End whatever the session does, from any thread: its socket is shut down."""
    try:
        descriptor = session.pgconn.socket
        with socket.fromfd(descriptor, socket.AF_INET, socket.SOCK_STREAM) as twin:
            twin.shutdown(socket.SHUT_RDWR)
    except (psycopg.Error, OSError):
        pass  # it is closed already


def answer(session: Any, results: Sequence[PGresult]) -> str:
    """The command tag of a command's answer; raises when it failed."""
    last = results[-1]
    for result in results:
        if result.status == ExecStatus.FATAL_ERROR:
            error = psycopg.errors.error_from_result(result, encoding="utf-8")
            raise translated(error, closed=session.closed) from error
    return (last.command_status or b"").decode()


def unknown_outcome(error: Error) -> None:
    """A COMMIT whose answer never came."""
    error.add_note("The connection was lost during COMMIT: whether the transaction was committed is not known.")


def stream_size() -> int:
    """Rows per message from the server, where the client library can."""
    return 200 if psycopg.capabilities.has_stream_chunked() else 1
