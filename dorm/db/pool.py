"""Connections at rest: a free list, a bound, and a queue of those who wait.  Blocking or of one event loop.

Taking and giving back are a ``list.pop`` and a ``list.append``; the lock is for the rest.  A connection is made in its
taker's own call, so that a failure is told at once and by its cause.
"""

from __future__ import annotations

import threading
from collections import deque
from time import monotonic
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from dorm.db.observing import log
from dorm.exceptions import InterfaceError, PoolTimeout
from dorm.run import load

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

C = TypeVar("C")


class Waiter(Generic[C]):
    """Somebody's place in the queue.  ``bell`` wakes them; ``connection`` stays ``None`` when they may make one."""

    __slots__ = ("bell", "connection", "served")

    def __init__(self, bell: Any) -> None:
        self.bell = bell
        self.connection: C | None = None
        self.served = False


class Pool(Generic[C]):
    """The connections of one alias in one process (and one loop): what both colours share."""

    def __init__(
        self, connect: Callable[[Any], Awaitable[C]], *, limit: int | None, timeout: float, name: str, vendor: str = ""
    ) -> None:
        self.idle: list[C] = []
        self.waiters: deque[Waiter[C]] = deque()
        self.size = 0
        self.closed = False
        self.limit = limit
        self.timeout = timeout
        self.name = name
        self.vendor = vendor
        self.counts = dict.fromkeys(COUNTERS, 0)
        self._connect = connect
        self._tell: Callable[..., None] | None = None  # set while open
        self._guard = threading.Lock()

    async def take(self) -> C:
        """A connection at rest, a new one, or the first that somebody gives back within the time limit."""
        self.counts["requests_num"] += 1
        try:
            return self.idle.pop()
        except IndexError:
            return await self._take_slowly()

    async def _take_slowly(self) -> C:
        started = monotonic()
        deadline = started + self.timeout
        try:
            while True:
                waiter = None
                with self._guard:
                    if self.closed:
                        raise InterfaceError(f"The connections of {self.name!r} are closed.")
                    if self.limit is None or self.size < self.limit:
                        self.size += 1
                    else:
                        waiter = self._new_waiter()
                        self.waiters.append(waiter)
                if waiter is None:
                    return await self._make()
                self._hand_over()  # somebody may have given one back before we stood in the queue
                self.counts["requests_queued"] += 1
                if not await self._wait(waiter, deadline - monotonic()):
                    raise PoolTimeout(
                        f"No connection to {self.name!r} became free within {self.timeout:g} s: all {self.limit} are "
                        "in use (MAX_POOL_SIZE, POOL_TIMEOUT)."
                    )
                if waiter.connection is not None:
                    return waiter.connection
        except BaseException:
            self.counts["requests_errors"] += 1
            raise
        finally:
            self.counts["requests_wait_ms"] += int((monotonic() - started) * 1000)

    async def _make(self) -> C:
        started = monotonic()
        self.counts["connections_num"] += 1
        try:
            connection = await self._connect(self)
        except BaseException:
            self.counts["connections_errors"] += 1
            self.gone()
            raise
        finally:
            self.counts["connections_ms"] += int((monotonic() - started) * 1000)
        if self._tell is None:
            self._tell = log(f"dorm.db.lifecycle.{self.vendor}").info
            self._tell("Opened the pool [%s]: at most %s connections", self.name, self.limit or "any number of")
        return connection

    def give(self, connection: C) -> None:
        """Put a clean connection back."""
        self.idle.append(connection)
        if self.waiters:
            self._hand_over()

    def gone(self) -> None:
        """A connection that was taken is closed, or could not be made: somebody else may make one."""
        with self._guard:
            self.size -= 1
            if self.waiters:
                self._serve(self.waiters.popleft(), None)

    def _hand_over(self) -> None:
        with self._guard:
            while self.waiters and self.idle:
                try:
                    connection = self.idle.pop()
                except IndexError:
                    return
                self._serve(self.waiters.popleft(), connection)

    def _serve(self, waiter: Waiter[C], connection: C | None) -> None:
        waiter.connection = connection
        waiter.served = True
        self._ring(waiter)

    def leave(self, waiter: Waiter[C]) -> None:
        """The waiter goes away without what it may have been given in the last moment."""
        with self._guard:
            if not waiter.served:
                self.waiters.remove(waiter)
                return
        if waiter.connection is not None:
            self.give(waiter.connection)
        else:
            with self._guard:
                if self.waiters:
                    self._serve(self.waiters.popleft(), None)

    def drain(self) -> list[C]:
        """Take out every connection at rest; the caller closes them."""
        found: list[C] = []
        with self._guard:
            while self.idle:
                try:
                    found.append(self.idle.pop())
                except IndexError:
                    break
            self.size -= len(found)
            for _ in range(min(len(found), len(self.waiters))):
                self._serve(self.waiters.popleft(), None)
        return found

    def close(self) -> list[C]:
        """Refuse further takers, wake those who wait, and return what was at rest; the caller closes it."""
        self.closed = True
        found = self.drain()
        if self._tell is not None:
            self._tell("Closed the pool [%s]", self.name)
            self._tell = None
        with self._guard:
            while self.waiters:
                self._serve(self.waiters.popleft(), None)
        return found

    def stats(self) -> dict[str, int]:
        """Sizes and counters, under the names of psycopg_pool."""
        return {
            **self.counts,
            "pool_max": self.limit or 0,
            "pool_size": self.size,
            "pool_available": len(self.idle),
            "requests_waiting": len(self.waiters),
        }

    def _new_waiter(self) -> Waiter[C]:
        raise NotImplementedError

    async def _wait(self, waiter: Waiter[C], limit: float) -> bool:
        """Wait for the bell; ``False`` when the limit passed first (and the waiter has left the queue)."""
        raise NotImplementedError

    def _ring(self, waiter: Waiter[C]) -> None:
        """Wake the waiter."""
        raise NotImplementedError


COUNTERS = (
    "requests_num",
    "requests_queued",
    "requests_wait_ms",
    "requests_errors",
    "returns_bad",
    "connections_num",
    "connections_ms",
    "connections_errors",
    "connections_lost",
)


class ThreadPool(Pool[C]):
    """A pool of blocking connections, for all threads of the process."""

    def _new_waiter(self) -> Waiter[C]:
        bell = threading.Lock()
        bell.acquire()
        return Waiter(bell)

    async def _wait(self, waiter: Waiter[C], limit: float) -> bool:
        try:
            if waiter.bell.acquire(timeout=max(limit, 0.0)):
                return True
            with self._guard:
                if waiter.served:
                    return True
                self.waiters.remove(waiter)
            return False
        except BaseException:
            self.leave(waiter)
            raise

    def _ring(self, waiter: Waiter[C]) -> None:
        waiter.bell.release()


class TaskPool(Pool[C]):
    """A pool of asynchronous connections, for all tasks of one event loop."""

    def _new_waiter(self) -> Waiter[C]:
        return Waiter(load("asyncio").get_running_loop().create_future())

    async def _wait(self, waiter: Waiter[C], limit: float) -> bool:
        try:
            await load("asyncio").wait((waiter.bell,), timeout=max(limit, 0.0))
        except BaseException:
            self.leave(waiter)
            raise
        if waiter.served:
            return True
        self.waiters.remove(waiter)
        return False

    def _ring(self, waiter: Waiter[C]) -> None:
        waiter.bell.set_result(None)
