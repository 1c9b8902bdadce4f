"""One pool per running event loop, closed by its loop: when it shuts down, or when the configuration changes.

A loop that was closed without its usual shutdown leaves its pool behind; the next loop's pool, or the end of the
process, cuts those connections.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast
from weakref import WeakKeyDictionary

from dorm.db.backends.base import bury

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable
    from types import AsyncGeneratorType

    from dorm.db.pool import TaskPool

P = TypeVar("P", bound="TaskPool[Any]")


class PoolPerLoop(Generic[P]):
    """Finds the running loop's pool, and makes it."""

    def __init__(
        self,
        make: Callable[[], P],
        close: Callable[[P], Awaitable[None]],
        cut: Callable[[P], None],
    ) -> None:
        self._make = make
        self._close = close
        self._cut = cut
        self._pools: WeakKeyDictionary[asyncio.AbstractEventLoop, tuple[P, AsyncGenerator[None, None]]]
        self._pools = WeakKeyDictionary()
        self._closing: set[asyncio.Task[None]] = set()

    def get(self) -> P:
        """The pool of the running loop."""
        loop = asyncio.get_running_loop()
        found = self._pools.get(loop)
        if found is None or found[0].closed:
            found = self._pools[loop] = self._new()
        return found[0]

    def known(self) -> P | None:
        """The pool of the running loop, if it has one."""
        try:
            found = self._pools.get(asyncio.get_running_loop())
        except RuntimeError:
            return None
        return None if found is None else found[0]

    def _new(self) -> tuple[P, AsyncGenerator[None, None]]:
        self.sweep()
        pool = self._make()
        watch = self._watch(pool)
        try:
            watch.asend(None).send(None)  # the loop notes the generator, and ends it when it shuts down
        except StopIteration:
            pass
        return pool, watch

    async def _watch(self, pool: P) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            await self._close(pool)
            _retired.pop(pool, None)

    async def close(self) -> None:
        """Close the running loop's pool."""
        found = self._pools.pop(asyncio.get_running_loop(), None)
        if found is not None:
            await found[1].aclose()

    def retire(self) -> None:
        """Close every pool, each in its loop; from any thread."""
        for loop, (pool, watch) in list(self._pools.items()):
            if loop.is_closed():
                self._cut(pool)
            else:
                _retired[pool] = Retired(loop, cast("AsyncGeneratorType[None, None]", watch), self._cut)
                loop.call_soon_threadsafe(self._start_closing, loop, pool)
        self._pools.clear()

    def _start_closing(self, loop: asyncio.AbstractEventLoop, pool: P) -> None:
        task = loop.create_task(self._finish(pool))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _finish(self, pool: P) -> None:
        await self._close(pool)
        retired = _retired.get(pool)
        if retired is not None and not retired.watch.ag_running:  # else the loop shuts down at this moment, and ends it
            await retired.watch.aclose()

    def sweep(self) -> None:
        """Cut the connections of loops that are closed."""
        for loop, (pool, _) in list(self._pools.items()):
            if loop.is_closed():
                del self._pools[loop]
                self._cut(pool)
        for pool, retired in list(_retired.items()):
            if retired.loop.is_closed() and _retired.pop(pool, None) is not None:
                retired.cut(pool)

    def cut(self) -> None:
        """Cut every connection at rest, at the end of the process."""
        for pool, _ in list(self._pools.values()):
            self._cut(pool)
        self._pools.clear()

    def forget(self) -> None:
        """After a fork, in the child."""
        bury(list(self._pools.values()))
        self._pools = WeakKeyDictionary()


class Retired(NamedTuple):
    """What is kept of a pool until it is closed, or the watch would be collected and its loop wait for nobody."""

    loop: asyncio.AbstractEventLoop
    watch: AsyncGeneratorType[None, None]
    cut: Callable[[Any], None]


_retired: dict[Any, Retired] = {}
"""Pools that nobody finds any more, and that are not closed yet."""


def finish_in_background(action: Any, kept: set[asyncio.Task[Any]]) -> asyncio.Task[Any]:
    """Run *action* in a task that *kept* keeps alive."""
    task = asyncio.get_running_loop().create_task(action)
    kept.add(task)
    task.add_done_callback(kept.discard)
    return task
