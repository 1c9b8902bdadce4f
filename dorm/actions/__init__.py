"""Every database action, once: coroutines over an executor, which joins queries to databases.

An action is never an asynchronous generator and never ``@asynccontextmanager``: a closing event loop ends those early,
in silence.  Whatever may wait goes through the executor.

Who asks for ``actions.read`` loads that module, and with it what plans statements: declaring models does not pay for
that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.run import load

if TYPE_CHECKING:
    from dorm.actions import (
        adopt,
        bulk,
        constraints,
        delete,
        errors,
        links,
        raw,
        read,
        select,
        stream,
        upsert,
        validate,
        write,
    )

__all__ = [
    "adopt",
    "bulk",
    "constraints",
    "delete",
    "errors",
    "links",
    "raw",
    "read",
    "select",
    "stream",
    "upsert",
    "validate",
    "write",
]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return load(f"dorm.actions.{name}")
    raise AttributeError(f"module 'dorm.actions' has no attribute {name!r}")
