"""Loading in the middle of an attribute access: fine in synchronous code, a trap in a running event loop."""

from __future__ import annotations

from dorm import db


def check_lazy_load(alias: str, remedy: str) -> None:
    """Apply ``SYNC_IN_ASYNC`` to an access that is about to ask the database; *remedy* says what to write instead."""
    if db.loops.running() is not None:
        db.connection.blocking(alias).refuse_in_block()
        db.loops.synchronous_call(alias, f"Write {remedy} instead.")
