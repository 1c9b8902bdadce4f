"""A compiled SQL text with what is known about it before it meets any value."""

from __future__ import annotations


class Statement:
    """One SQL text.

    ``reads`` says that it is a SELECT the ORM built itself: it changes nothing, so it may be repeated after a lost
    connection.  ``operation`` is its first word (``SELECT``, ``INSERT``, …), for logs and metrics.
    """

    __slots__ = ("operation", "reads", "sql")

    def __init__(self, sql: str, *, reads: bool = False) -> None:
        self.sql = sql
        self.reads = reads
        self.operation = sql.split(None, 1)[0].upper() if sql else ""

    def __repr__(self) -> str:
        return f"Statement({self.sql!r})"
