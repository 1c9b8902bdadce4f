"""The database floor: from a statement and its parameters to rows, in two colours.

:mod:`~dorm.db.backends` hold the drivers (the only twins), :mod:`~dorm.db.pool` the connections,
:mod:`~dorm.db.transactions` the tree of blocks, :mod:`~dorm.db.executor` what every statement passes through.
Nothing here knows models or queries.

Who asks for ``db.connection`` loads that module then: declaring models does not pay for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.run import load

if TYPE_CHECKING:
    from dorm.db import connection, loops, router

__all__ = ["connection", "loops", "router"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return load(f"dorm.db.{name}")
    raise AttributeError(f"module 'dorm.db' has no attribute {name!r}")
