"""Who may write to a file, within this process: first come, first served, threads and tasks alike.

SQLite itself lets those who wait for its lock ask again and again, after pauses that grow: under load whoever came
first may be the last, until the time limit ends the wait.  So only one of us asks at a time.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from typing import TYPE_CHECKING, Any

from dorm.exceptions import OperationalError
from dorm.run import load

if TYPE_CHECKING:
    from collections.abc import Callable


class _Waiter:
    """Somebody's place in the queue."""

    __slots__ = ("ring", "served")

    def __init__(self, ring: Callable[[], None]) -> None:
        self.ring = ring
        self.served = False


class Turns:
    """The turns of those who write to one file.

    ``lock`` is the turn, ``queue`` those who wait for it.  Where nobody waits (``not turns.queue``) whoever gets the
    lock has the turn; whoever releases it calls :meth:`wake` when somebody waits.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self.reset()

    def reset(self) -> None:
        """Nobody writes and nobody waits: in the child of a fork."""
        self.lock = threading.Lock()
        self.queue: deque[_Waiter] = deque()
        self._guard = threading.Lock()

    def wait(self, limit: float) -> None:
        """Take the turn; ``OperationalError`` when it did not come within *limit* seconds."""
        bell = threading.Lock()
        bell.acquire()
        waiter = self._stand(bell.release)
        try:
            if bell.acquire(timeout=limit):
                return
        except BaseException:
            self._leave(waiter, give=True)
            raise
        self._too_late(waiter, limit)

    async def wait_in_loop(self, limit: float) -> None:
        """:meth:`wait` in a task."""
        if not self.queue and self.lock.acquire(blocking=False):
            return
        asyncio = load("asyncio")
        loop = asyncio.get_running_loop()
        bell = loop.create_future()
        waiter = self._stand(lambda: loop.call_soon_threadsafe(_set, bell))
        try:
            await asyncio.wait((bell,), timeout=limit)
        except BaseException:
            self._leave(waiter, give=True)
            raise
        if not bell.done():
            self._too_late(waiter, limit)

    def give(self) -> None:
        """End the turn; whoever waited longest has the next."""
        self.lock.release()
        if self.queue:
            self.wake()

    def wake(self) -> None:
        """Give the turn to whoever waited longest, if nobody has it."""
        with self._guard:
            while self.queue and self.lock.acquire(blocking=False):
                waiter = self.queue.popleft()
                waiter.served = True
                try:
                    waiter.ring()
                except RuntimeError:  # its loop was closed
                    self.lock.release()
                else:
                    return

    def _stand(self, ring: Callable[[], Any]) -> _Waiter:
        waiter = _Waiter(ring)
        with self._guard:
            self.queue.append(waiter)
        self.wake()  # the turn may have ended before we stood in the queue
        return waiter

    def _leave(self, waiter: _Waiter, *, give: bool) -> bool:
        """Leave the queue; whether that was possible.  A turn that came in the last moment is given on, or kept."""
        with self._guard:
            if not waiter.served:
                self.queue.remove(waiter)
                return True
        if give:
            self.give()
        return False

    def _too_late(self, waiter: _Waiter, limit: float) -> None:
        if self._leave(waiter, give=False):
            raise OperationalError(
                f"database is locked: others in this process were writing to {self._name!r} for {limit:g} s "
                "(BUSY_TIMEOUT)."
            )


def _set(bell: Any) -> None:
    if not bell.done():
        bell.set_result(None)


_known: dict[str, Turns] = {}


def turns_of(path: str) -> Turns:
    """The turns of the file at *path*, whichever aliases name it."""
    key = path if path.startswith("file:") else os.path.realpath(path)
    return _known.get(key) or _known.setdefault(key, Turns(path))
