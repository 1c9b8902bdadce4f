"""Finishing a coroutine without an event loop, and the one late import.

Every database action is written once, as a coroutine over an executor.  A synchronous method runs it here: its
executor never suspends, so one ``send`` carries it to its end.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from types import ModuleType

T = TypeVar("T")


def run(action: Coroutine[Any, Any, T]) -> T:
    """Finish *action* now, without an event loop, and return its result.  Its executor must be a blocking one."""
    try:
        action.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    action.close()
    raise RuntimeError(f"{action!r} waited for the event loop inside a synchronous call")


def load(name: str) -> ModuleType:
    """Import *name* at its first use: drivers and asyncio, which ``import dorm`` must not pay for."""
    return importlib.import_module(name)
