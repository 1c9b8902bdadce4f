"""What tests of tasks and threads share: a slow statement, and waiting until nothing goes on any more."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.db.conftest import Bench

SLOW = {
    "sqlite": "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 3000000) SELECT max(x) FROM c",
    "postgresql": "SELECT pg_sleep(3600)",  # whoever waits for its end is found by the time limit of the test
}
PATIENCE = 120.0
"""Seconds after which what was to happen is taken for lost."""


def whole(bench: Bench) -> None:
    """No connection is out, and none is unclean."""
    pool = bench.db.driver.pool
    assert pool.size == len(pool.idle)
    assert not pool.waiters


async def until(bench: Bench, happened: Callable[[], bool]) -> None:
    """Wait for what nobody tells."""
    deadline = time.monotonic() + PATIENCE
    while not happened() and time.monotonic() < deadline:
        await bench.db.sleep(0.005)
    assert happened()


async def settled(bench: Bench) -> None:
    """Wait until what goes on in the background has ended."""
    pool = bench.db.driver.pool
    await until(bench, lambda: pool.size == len(pool.idle))
    whole(bench)
