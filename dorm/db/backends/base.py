"""What a driver must do.  A blocking driver's coroutines never suspend: ``dorm.run.run`` finishes them with one send.

A driver raises ``dorm`` exceptions only; the driver library's own error is their ``__cause__``.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, NoReturn

from dorm.exceptions import ImproperlyConfigured
from dorm.run import load

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from dorm.conf import DatabaseSettings
    from dorm.db.pool import Pool
    from dorm.sql.dialect import Dialect

Row = tuple[Any, ...]
Primitive = Literal["fetch", "fetch_named", "execute", "execute_many"]

ISOLATION_LEVELS = ("read committed", "repeatable read", "serializable", "read uncommitted")


class Begin(NamedTuple):
    """How a transaction begins."""

    read_only: bool = False
    isolation: str | None = None
    deferrable: bool = False


class Rows:
    """An open result: rows in portions."""

    async def fetch(self, size: int) -> list[Row]:
        """The next rows, at most *size*; an empty list at the end."""
        raise NotImplementedError

    async def close(self) -> None:
        """Give up the rest.  May be called twice."""
        raise NotImplementedError


class Driver:
    """One alias's connections and the few things done with one.

    ``take``, ``give`` and ``discard`` handle connections; the rest work on a connection that was taken.
    """

    vendor: ClassVar[str]
    blocking: ClassVar[bool]

    def __init__(self, database: DatabaseSettings, dialect: Dialect) -> None:
        self.database = database
        self.dialect = dialect
        self.process = os.getpid()

    # -- Connections ---------------------------------------------------------------------------

    @property
    def pool(self) -> Pool[Any]:
        """The pool of this process (and of the running loop)."""
        raise NotImplementedError

    async def take(self) -> Any:
        """A connection that works."""
        raise NotImplementedError

    async def give(self, connection: Any) -> None:
        """Give a connection back; one that is not clean is closed instead."""
        raise NotImplementedError

    async def discard(self, connection: Any) -> None:
        """Close a connection that was taken."""
        raise NotImplementedError

    def is_lost(self, connection: Any) -> bool:
        """Whether the connection can do no more work."""
        raise NotImplementedError

    def abort(self, connection: Any) -> None:
        """Make whatever runs on the connection end, at once and from any thread; it is lost."""
        raise NotImplementedError

    # -- Statements ----------------------------------------------------------------------------

    async def fetch(self, connection: Any, sql: str, parameters: Sequence[Any]) -> list[Row]:
        """The rows of a statement."""
        raise NotImplementedError

    async def fetch_named(self, connection: Any, sql: str, parameters: Sequence[Any]) -> list[Row]:
        """The names of the columns of a statement, and then its rows."""
        raise NotImplementedError

    async def execute(self, connection: Any, sql: str, parameters: Sequence[Any]) -> int:
        """Carry out a statement; the number of rows it touched."""
        raise NotImplementedError

    async def execute_many(self, connection: Any, sql: str, parameters: Sequence[Any]) -> int:
        """Carry out a statement once for each of *parameters*."""
        raise NotImplementedError

    async def open(self, connection: Any, sql: str, parameters: Sequence[Any], *, in_block: bool) -> Rows:
        """The rows of a statement, in portions."""
        raise NotImplementedError

    async def fetch_once(self, sql: str, parameters: Sequence[Any]) -> list[Row]:
        """:meth:`fetch` on a connection that is taken for it and given back."""
        connection = await self.take()
        try:
            rows = await self.fetch(connection, sql, parameters)
        except BaseException:
            await self.after_failure(connection)
            raise
        await self.give(connection)
        return rows

    async def fetch_named_once(self, sql: str, parameters: Sequence[Any]) -> list[Row]:
        """:meth:`fetch_named` on a connection that is taken for it and given back."""
        connection = await self.take()
        try:
            rows = await self.fetch_named(connection, sql, parameters)
        except BaseException:
            await self.after_failure(connection)
            raise
        await self.give(connection)
        return rows

    async def execute_once(self, sql: str, parameters: Sequence[Any]) -> int:
        """:meth:`execute` on a connection that is taken for it and given back."""
        connection = await self.take()
        try:
            count = await self.execute(connection, sql, parameters)
        except BaseException:
            await self.after_failure(connection)
            raise
        await self.give(connection)
        return count

    async def after_failure(self, connection: Any) -> None:
        """Give back the connection of a statement that failed or was cancelled."""
        await self.give(connection)

    # -- Transactions --------------------------------------------------------------------------

    async def begin(self, connection: Any, how: Begin) -> None:
        """Begin a transaction."""
        raise NotImplementedError

    async def command(self, connection: Any, sql: str) -> None:
        """A savepoint command."""
        raise NotImplementedError

    async def commit(self, connection: Any) -> None:
        """Commit; an error leaves no transaction open."""
        raise NotImplementedError

    async def rollback(self, connection: Any) -> None:
        """Roll back.  A connection on which nothing is open any more is fine."""
        raise NotImplementedError

    # -- The rest ------------------------------------------------------------------------------

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        raise NotImplementedError

    async def ping(self) -> None:
        """Touch the database itself; raises when it cannot be used."""
        raise NotImplementedError

    def stats(self) -> dict[str, Any]:
        """What ``pool_stats()`` tells."""
        raise NotImplementedError

    async def close(self) -> None:
        """Close the connections at rest (of the running loop); those in use are closed when they are given back."""
        raise NotImplementedError

    def retire(self) -> None:
        """:meth:`close` from synchronous code: another configuration takes this driver's place."""
        raise NotImplementedError

    def cut(self) -> None:
        """:meth:`close` at the end of the process, without a loop."""
        self.retire()

    def forget(self) -> None:
        """After a fork, in the child: drop the inherited connections without touching them."""
        raise NotImplementedError


def library(name: str, extra: str, least: tuple[int, ...]) -> ModuleType:
    """The driver library, of at least the given version, or the line that installs it."""
    remedy = f'Install it with:  pip install "djanorm[{extra}]"'
    try:
        module = load(name)
    except ImportError as error:
        raise ImproperlyConfigured(f"The database driver {name!r} cannot be imported ({error}). {remedy}") from error
    found = str(getattr(module, "__version__", "0"))
    if numbers(found) < least:
        wanted = ".".join(map(str, least))
        raise ImproperlyConfigured(
            f"The database driver {name!r} is version {found}; at least {wanted} is needed. {remedy}"
        )
    return module


def numbers(version: str) -> tuple[int, ...]:
    """The leading numbers of a version, for comparison."""
    found: list[int] = []
    for part in version.split("."):
        digits = ""
        for character in part:
            if not character.isdigit():
                break
            digits += character
        if not digits:
            break
        found.append(int(digits))
    return tuple(found)


def isolation_level(value: str | None) -> str | None:
    """*value* in SQL's spelling, or ``ValueError`` with the choices."""
    if value is None:
        return None
    level = value.replace("_", " ").lower()
    if level not in ISOLATION_LEVELS:
        raise ValueError(f"Unknown isolation level {value!r}. Choices: {', '.join(ISOLATION_LEVELS)}.")
    return level.upper()


_graveyard: list[Any] = []


def bury(inherited: Any) -> None:
    """Keep what a fork inherited for ever: closing it here would end the parent's session or transaction.

    A reference is added that nobody removes, so that not even the end of the interpreter closes it.
    """
    _graveyard.append(inherited)
    try:
        ctypes = load("ctypes")
    except ImportError:
        return
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(inherited))


def refuse(error: BaseException, message: str) -> NoReturn:
    """Raise ``ImproperlyConfigured`` because of *error*."""
    raise ImproperlyConfigured(message) from error
