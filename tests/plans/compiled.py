"""What tests of the plan cache share: aliases that never connect, and counting compilations."""

from __future__ import annotations

from typing import Any

from dorm.db.connection import dialect_of
from dorm.query.plan import Counter
from dorm.query.reads import select_plan

VENDORS = ("sqlite", "postgresql")
DATABASES = {
    "default": "sqlite:///never.sqlite3",
    "sqlite": "sqlite:///never.sqlite3",
    "twin": "sqlite:///never.sqlite3",
    "postgresql": "postgresql://never/never",
}


def statement(query: Any, alias: str) -> tuple[str, tuple[Any, ...]]:
    """Text and parameters, through the cache."""
    found = select_plan(query.described, dialect_of(alias))
    assert found.statement is not None
    return found.statement.sql, found.bind(query.described.values())


def compilations(make: Any, runs: int = 100) -> int:
    """How many plans a hundred turns of *make* need."""
    before = Counter.compiled
    for turn in range(runs):
        make(turn)
    return Counter.compiled - before
