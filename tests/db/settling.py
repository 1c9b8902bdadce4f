"""What tests of tasks share: a slow statement, and waiting until nothing goes on any more."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.db.conftest import Bench

SLOW = {
    "sqlite": "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 3000000) SELECT max(x) FROM c",
    "postgresql": "SELECT pg_sleep(20)",
}


def whole(bench: Bench) -> None:
    """No connection is out, and none is unclean."""
    pool = bench.db.driver.pool
    assert pool.size == len(pool.idle)
    assert not pool.waiters


async def settled(bench: Bench) -> None:
    """Wait until what goes on in the background has ended."""
    pool = bench.db.driver.pool
    for _ in range(200):
        if pool.size == len(pool.idle):
            return
        await asyncio.sleep(0.01)
    whole(bench)
