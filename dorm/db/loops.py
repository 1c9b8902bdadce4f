"""Which event loop runs in this thread, whose line called us, and what to do about a synchronous call there.

``asyncio`` is imported only when somebody uses it: without it there is no loop to find.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from dorm.conf import settings
from dorm.exceptions import (
    SynchronousInAsyncWarning,
    SynchronousOnlyOperation,
    TransactionManagementError,
)
from dorm.frames import outside, warn
from dorm.run import load

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Coroutine
    from types import ModuleType

T = TypeVar("T")


def _before_asyncio() -> asyncio.AbstractEventLoop | None:
    """:data:`running` until asyncio is imported; then the C function takes its place."""
    global running
    events = sys.modules.get("asyncio.events")
    found: Callable[[], asyncio.AbstractEventLoop | None] | None = getattr(events, "_get_running_loop", None)
    if found is None:
        return None
    running = found
    return found()


running: Callable[[], asyncio.AbstractEventLoop | None] = _before_asyncio
"""The event loop that runs in this thread, or ``None``.  Read it as ``loops.running()``: it replaces itself."""


def imported(name: str) -> ModuleType | None:
    """The module *name* if somebody imported it."""
    return sys.modules.get(name)


class Line(NamedTuple):
    """A line of somebody's source."""

    filename: str
    number: int

    def __str__(self) -> str:
        return f"{self.filename}:{self.number}"


def caller() -> Line:
    """The line outside this package that called us."""
    frame = outside()
    return Line(frame.f_code.co_filename, frame.f_lineno)


def synchronous_call(alias: str, remedy: str = "") -> None:
    """Apply ``SYNC_IN_ASYNC``: a synchronous statement for *alias* was called in a thread with a running loop.

    *remedy* is what would have avoided the call, where that is known better than here.
    """
    remedy = remedy or (
        "Await the method that begins with 'a' (or load the relation beforehand with select_related() or "
        "prefetch_related())."
    )
    match settings.SYNC_IN_ASYNC:
        case "allow":
            return
        case "raise":
            raise SynchronousOnlyOperation(
                f"A synchronous database call on {alias!r} inside a running event loop would block it. {remedy}"
            )
        case _:
            warn(
                f"A synchronous database call blocks the running event loop. {remedy} The setting SYNC_IN_ASYNC "
                "('raise', 'allow') decides what happens here.",
                SynchronousInAsyncWarning,
            )


async def shielded(action: Coroutine[Any, Any, None], limit: float, cut: Callable[[], object]) -> None:
    """Finish *action* in a task of its own, whatever happens to ours.

    A cancellation that came meanwhile is raised at the end, at most *limit* seconds later: then *cut* is called, which
    makes the action fail.
    """
    asyncio = load("asyncio")
    task = asyncio.get_running_loop().create_task(action)
    cancelled: BaseException | None = None
    deadline: float | None = None
    while not task.done():
        try:
            remaining = None if deadline is None else deadline - asyncio.get_running_loop().time()
            if remaining is not None and remaining <= 0:
                break
            await asyncio.wait((task,), timeout=remaining)
        except asyncio.CancelledError as error:
            cancelled = error
            if deadline is None:
                deadline = asyncio.get_running_loop().time() + limit
    if not task.done():
        cut()
        task.cancel()
    elif not task.cancelled() and task.exception() is not None:
        raise task.exception()
    if cancelled is not None:
        raise cancelled


def finish_there(loop: asyncio.AbstractEventLoop, action: Coroutine[Any, Any, T]) -> T:
    """Run *action* in *loop*, which runs in another thread, and wait for it here.

    A loop that does not answer for ``BLOCK_WAIT`` seconds is blocked (by waiting for this thread, perhaps), or gone.
    """
    asyncio = load("asyncio")
    futures = load("concurrent.futures")
    try:
        future = asyncio.run_coroutine_threadsafe(action, loop)
    except RuntimeError:
        action.close()
        raise TransactionManagementError("The event loop of the open transaction block is closed.") from None
    while True:
        answered = threading.Event()
        try:
            loop.call_soon_threadsafe(answered.set)
        except RuntimeError:
            future.cancel()
            raise TransactionManagementError("The event loop of the open transaction block was closed.") from None
        limit = settings.BLOCK_WAIT
        try:
            result: T = future.result(limit)
            return result
        except futures.TimeoutError:
            if future.done():
                raise
            if not answered.is_set():
                future.cancel()
                raise TransactionManagementError(
                    f"The event loop of the open transaction block did not answer for {limit:g} s (BLOCK_WAIT): it is "
                    "blocked, perhaps by waiting for this thread."
                ) from None
        except BaseException:
            future.cancel()
            raise


async def in_thread(call: Callable[[], Any]) -> Any:
    """Call a synchronous receiver in a worker thread, so that this loop is free to answer its queries."""
    return await load("asyncio").to_thread(call)
