"""Repeating the caller's own work when the connection fails under it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

from dorm.conf import settings
from dorm.db.retry import is_transient, pause
from dorm.exceptions import InterfaceError, OperationalError, PoolTimeout
from dorm.run import load

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["awith_transient_retry", "with_transient_retry"]

T = TypeVar("T")

_THEIRS = frozenset({"OperationalError", "InterfaceError"})
_DRIVERS = frozenset({"psycopg", "sqlite3"})


def with_transient_retry(work: Callable[[], T], *, attempts: int | None = None, backoff: float | None = None) -> T:
    """``work()``, repeated while the connection fails: at most *attempts* times, after *backoff* seconds that double.

    Defaults: ``RETRY_ATTEMPTS`` and ``RETRY_BACKOFF``.  The whole of *work* runs again, so it must be safe to repeat.
    """
    tries = _tries(attempts)
    for attempt in range(1, tries + 1):
        try:
            return work()
        except Exception as error:
            if attempt == tries or not _may_pass(error):
                raise
            time.sleep(_wait(attempt, backoff))
    raise AssertionError("unreachable")


async def awith_transient_retry(
    work: Callable[[], Awaitable[T]], *, attempts: int | None = None, backoff: float | None = None
) -> T:
    """Asynchronous :func:`with_transient_retry`: *work* gives a new awaitable each time."""
    tries = _tries(attempts)
    for attempt in range(1, tries + 1):
        try:
            return await work()
        except Exception as error:
            if attempt == tries or not _may_pass(error):
                raise
            await load("asyncio").sleep(_wait(attempt, backoff))
    raise AssertionError("unreachable")


def _tries(attempts: int | None) -> int:
    tries: int = settings.RETRY_ATTEMPTS if attempts is None else attempts
    if tries < 1:
        raise ValueError("attempts must be at least 1")
    return tries


def _wait(attempt: int, backoff: float | None) -> float:
    wait: float = pause(attempt) if backoff is None else backoff * 2 ** (attempt - 1)
    return wait


def _may_pass(error: Exception) -> bool:
    """Our transient errors, and those of a driver used directly."""
    if isinstance(error, PoolTimeout):
        return False  # another wait of the same length would not be shorter
    if isinstance(error, (OperationalError, InterfaceError)) or is_transient(error):
        return True
    return any(
        kind.__name__ in _THEIRS and kind.__module__.partition(".")[0] in _DRIVERS for kind in type(error).__mro__
    )
