"""The two colours of a test: one body, driven without an event loop or in one.

The synchronous colour finishes the test's coroutine with a single ``send``: no loop runs, so synchronous methods are
where they belong.  The asynchronous colour runs it in a loop of its own, in whose thread everything that would block
is poisoned, and whose stalls are counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import sqlite3
import sys
import time
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest

from dorm.db.connection import close_all, close_all_async
from dorm.run import run
from dorm.transaction import aatomic, atomic

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator

BEAT = 0.05
STALL = 5.0
"""Seconds in which a loop neither turns nor computes: then something waits in its thread, and no slow disk only."""


class Call:
    """How a test calls the method of its colour: ``await call(Author.objects.filter(age=3), "first")``."""

    def __init__(self, colour: str) -> None:
        self.colour = colour
        self.is_async = colour == "async"

    def __repr__(self) -> str:
        return f"<Call {self.colour}>"

    async def __call__(self, target: Any, name: str, /, *args: Any, **kwargs: Any) -> Any:
        """``target.name(…)``, or ``await target.aname(…)``; a module is a target too."""
        if self.is_async:
            return await getattr(target, f"a{name}")(*args, **kwargs)
        return getattr(target, name)(*args, **kwargs)

    async def list(self, source: Any) -> list[Any]:
        """Everything that iterating over *source* gives: a query set, or what :meth:`stream` gave."""
        if self.is_async or hasattr(source, "__anext__"):
            return [item async for item in source]
        return list(source)

    async def stream(self, source: Any, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        """``async for row in call.stream(query, chunk_size=2)``: ``iterator`` or ``aiterator``."""
        if self.is_async:
            async with contextlib.aclosing(source.aiterator(*args, **kwargs)) as rows:
                async for item in rows:
                    yield item
        else:
            for item in source.iterator(*args, **kwargs):
                yield item

    @contextlib.asynccontextmanager
    async def atomic(self, *args: Any, **kwargs: Any) -> AsyncIterator[None]:
        """``async with call.atomic():`` opens ``atomic`` or ``aatomic``."""
        if self.is_async:
            async with aatomic(*args, **kwargs):
                yield
        else:
            with atomic(*args, **kwargs):
                yield

    def drive(self, body: Coroutine[Any, Any, Any]) -> None:
        """Run the body of a test in this colour, in a context of its own."""
        context = contextvars.copy_context()
        if self.is_async:
            context.run(run_in_loop, body)
        else:
            context.run(run, body)


def run_in_loop(body: Coroutine[Any, Any, Any]) -> None:
    """Run *body* in an event loop; fail if something blocked it."""
    close_all()  # a synchronous statement would have to connect, and is found out
    found: list[str] = []
    with poisoned(found), asyncio.Runner(loop_factory=loop_factory()) as runner:
        try:
            runner.run(_watched(body, found))
        finally:
            if found:
                pytest.fail("The event loop was blocked:\n" + "\n".join(found), pytrace=False)


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The loop that both drivers can work in: on Windows not the default one."""
    return asyncio.SelectorEventLoop if sys.platform == "win32" else None


async def _watched(body: Coroutine[Any, Any, Any], found: list[str]) -> None:
    heart = Heart(found)
    try:
        await body
    finally:
        await close_all_async()
        heart.stop()


def busy() -> float:
    """Seconds in which this thread computed, or would have if a processor had been free (where the system tells)."""
    try:
        with open("/proc/thread-self/schedstat", encoding="ascii") as told:
            queued = int(told.read().split()[1]) / 1e9
    except OSError:
        queued = 0.0
    return time.thread_time() + queued


class Heart:
    """Beats in the loop; a late beat that no computing explains is a stall."""

    def __init__(self, found: list[str]) -> None:
        self._found = found
        self._loop = asyncio.get_running_loop()
        self._schedule()

    def _schedule(self) -> None:
        self._due = monotonic() + BEAT
        self._busy = busy()
        self._handle = self._loop.call_later(BEAT, self._beat)

    def _beat(self) -> None:
        self._look()
        self._schedule()

    def _look(self) -> None:
        stood = monotonic() - self._due - (busy() - self._busy)
        if stood > STALL:
            self._found.append(f"it stood still for {stood:.2f} s, waiting for something")

    def stop(self) -> None:
        """No more beats; the last one may be overdue."""
        self._handle.cancel()
        self._look()


# -- Poison ------------------------------------------------------------------------------------


def in_loop() -> bool:
    """Whether an event loop runs in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


@contextlib.contextmanager
def poisoned(found: list[str]) -> Iterator[None]:
    """Make everything fail that blocks in a thread with a running loop; *found* keeps it if it is swallowed."""
    with pytest.MonkeyPatch.context() as patch:
        for owner, name in entry_points():
            patch.setattr(owner, name, _poison(f"{owner.__name__}.{name}", owner.__dict__[name], found))
        yield


def entry_points() -> list[tuple[Any, str]]:
    """Where synchronous drivers connect and wait."""
    points: list[tuple[Any, str]] = [(sqlite3, "connect"), (time, "sleep")]
    if "psycopg" in sys.modules:
        psycopg = sys.modules["psycopg"]
        # Whatever a synchronous connection does, it waits in this one method.
        points += [(psycopg.Connection, "connect"), (psycopg.Connection, "wait")]
    return points


def _poison(label: str, original: Any, found: list[str]) -> Any:
    called = original.__func__ if isinstance(original, classmethod) else original

    @functools.wraps(called)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if in_loop():
            found.append(f"{label}() was called in its thread")
            raise AssertionError(f"{label}() was called in the thread of a running event loop")
        return called(*args, **kwargs)

    return classmethod(guarded) if isinstance(original, classmethod) else guarded
