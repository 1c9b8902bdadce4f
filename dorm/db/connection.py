"""One pair of executors per alias, and the public handles of the connections.

``configure()`` may replace an alias at any time: its executors are dropped and their connections closed, those in use
when they come back.
"""

from __future__ import annotations

import atexit
import os
import threading
from typing import TYPE_CHECKING, Any

from dorm.conf import on_change, settings
from dorm.db import loops
from dorm.db.executor import BlockingExecutor, SuspendingExecutor
from dorm.db.transactions import after_fork
from dorm.run import load, run
from dorm.signals import Signal
from dorm.sql.dialect import dialect_for

if TYPE_CHECKING:
    from dorm.conf import DatabaseSettings
    from dorm.db.backends.base import Driver
    from dorm.db.executor import Executor
    from dorm.sql.dialect import Dialect

_blocking: dict[str, BlockingExecutor] = {}
_suspending: dict[str, SuspendingExecutor] = {}
_dialects: dict[str, tuple[DatabaseSettings, Dialect]] = {}
_guard = threading.RLock()

_DRIVERS = {
    ("sqlite", True): ("dorm.db.backends.sqlite", "BlockingSQLite", "sqlite3", "sqlite", (0,)),
    ("sqlite", False): ("dorm.db.backends.sqlite_async", "SuspendingSQLite", "aiosqlite", "sqlite", (0, 22)),
    ("postgresql", True): ("dorm.db.backends.postgresql", "BlockingPostgreSQL", "psycopg", "postgresql", (3, 3)),
    ("postgresql", False): (
        "dorm.db.backends.postgresql_async",
        "SuspendingPostgreSQL",
        "psycopg",
        "postgresql",
        (3, 3),
    ),
}


def blocking(alias: str = "default") -> BlockingExecutor:
    """The executor of synchronous code for *alias*."""
    try:
        return _blocking[alias]
    except KeyError:
        return _make_blocking(alias)


def suspending(alias: str = "default") -> SuspendingExecutor:
    """The executor of asynchronous code for *alias*."""
    try:
        return _suspending[alias]
    except KeyError:
        return _make_suspending(alias)


def _make_blocking(alias: str) -> BlockingExecutor:
    with _guard:
        if alias not in _blocking:
            driver = _driver(alias, blocking_one=True)
            _blocking[alias] = BlockingExecutor(alias, driver.dialect, driver, lambda: suspending(alias))
        return _blocking[alias]


def _make_suspending(alias: str) -> SuspendingExecutor:
    with _guard:
        if alias not in _suspending:
            driver = _driver(alias, blocking_one=False)
            Signal.worker = loops.in_thread
            _suspending[alias] = SuspendingExecutor(alias, driver.dialect, driver, lambda: blocking(alias))
        return _suspending[alias]


def _driver(alias: str, *, blocking_one: bool) -> Driver:
    database = settings.database(alias)
    dialect = dialect_of(alias)
    module, name, library, extra, least = _DRIVERS[database.engine, blocking_one]
    load("dorm.db.backends.base").library(library, extra, least)
    driver: Driver = getattr(load(module), name)(database, dialect)
    return driver


def dialect_of(alias: str) -> Dialect:
    """The dialect of *alias*: one instance as long as its configuration stays."""
    database = settings.database(alias)
    with _guard:
        known = _dialects.get(alias)
        if known is None or known[0] is not database:
            known = _dialects[alias] = (database, dialect_for(database))
    return known[1]


# -- Public handles ----------------------------------------------------------------------------


class Handle:
    """The connections of one alias, as seen from one colour: what they are, and how they are doing."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.settings_dict!r}>"

    @property
    def alias(self) -> str:
        """The key in ``DATABASES``."""
        return self._executor.alias

    @property
    def vendor(self) -> str:
        """``"sqlite"`` or ``"postgresql"``."""
        return self._executor.driver.vendor

    @property
    def settings_dict(self) -> DatabaseSettings:
        """The checked settings of the alias; read-only, and shown without the password."""
        return self._executor.driver.database

    @property
    def in_atomic_block(self) -> bool:
        """Whether statements belong to a transaction now."""
        return self._executor.in_block

    def pool_stats(self) -> dict[str, Any]:
        """Numbers for an exporter.  PostgreSQL: sizes and counters of the pool; SQLite: ``open`` and ``vendor``."""
        return self._executor.driver.stats()


class Connection(Handle):
    """The connections of synchronous code."""

    def warm_up(self) -> None:
        """Open ``MIN_POOL_SIZE`` connections now, so that the first statement does not wait for one."""
        run(_warm_up(self._executor.driver))


class AsyncConnection(Handle):
    """The connections of asynchronous code; the pool is the running loop's."""

    async def warm_up(self) -> None:
        """Asynchronous :meth:`Connection.warm_up`."""
        await _warm_up(self._executor.driver)


async def _warm_up(driver: Driver) -> None:
    taken: list[Any] = []
    try:
        for _ in range(driver.database.min_pool_size):
            taken.append(await driver.take())  # noqa: PERF401 - those taken before a failure are given back
    finally:
        for connection in taken:
            await driver.give(connection)


def get_connection(alias: str = "default") -> Connection:
    """The synchronous connections of *alias*."""
    return Connection(blocking(alias))


def get_async_connection(alias: str = "default") -> AsyncConnection:
    """The asynchronous connections of *alias*."""
    return AsyncConnection(suspending(alias))


# -- The end -----------------------------------------------------------------------------------


def close_all() -> None:
    """Close every synchronous connection; the next statement opens new ones."""
    for executor in _take_out(_blocking):
        run(executor.driver.close())


async def close_all_async() -> None:
    """Close every asynchronous connection of the running loop; the next statement opens new ones."""
    for executor in list(_suspending.values()):
        await executor.driver.close()


def _take_out(executors: dict[str, Any], aliases: Any = None) -> list[Any]:
    with _guard:
        return [executors.pop(alias) for alias in list(executors) if aliases is None or alias in aliases]


def _configured(names: frozenset[str], aliases: frozenset[str]) -> None:
    """Settings changed: what was made with the old ones goes."""
    for executor in (*_take_out(_blocking, aliases), *_take_out(_suspending, aliases)):
        executor.driver.retire()
    with _guard:
        for alias in aliases:
            _dialects.pop(alias, None)
        if names & {"USE_TZ", "TIME_ZONE"}:
            # Dialects hold what these decide, and so do the executors that hold the dialects.
            _dialects.clear()
            for executor in (*_blocking.values(), *_suspending.values()):
                executor.dialect = executor.driver.dialect = dialect_of(executor.alias)
    if aliases:
        _drop_memories(aliases)


def _drop_memories(aliases: frozenset[str]) -> None:
    module = loops.imported("dorm.db.backends.sqlite_connection")
    if module is not None:
        for alias in aliases:
            module.drop_memory(alias)


def _forked() -> None:
    """In the child of a fork: forget, never close, what is the parent's."""
    global _guard
    _guard = threading.RLock()
    after_fork()
    for executor in (*_blocking.values(), *_suspending.values()):
        executor.driver.forget()


def _at_exit() -> None:
    for executor in (*_take_out(_blocking), *_take_out(_suspending)):
        executor.driver.cut()


on_change(_configured)
atexit.register(_at_exit)
if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=_forked)
