"""A server that opens its pools and then forks its workers, as gunicorn does with ``--preload``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from dorm.run import run
from tests.faults.programs import finish, start

if TYPE_CHECKING:
    from tests.db.conftest import Bench

BODY = """
    import asyncio, warnings
    warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of a fork beside threads
    def insert(key):
        execute("INSERT INTO author VALUES (?, ?, 30)", key, str(key))
    async def ainsert(key):
        async with aatomic():
            sql = spelt("INSERT INTO author VALUES (?, ?, 30)")
            await suspending().execute(Statement(sql), (key, str(key)))
            await asyncio.sleep(0)
    async def several(first):
        await asyncio.gather(*(ainsert(key) for key in range(first, first + 20)))
    fetch("SELECT 1")
    asyncio.run(several(0))
    children = []
    for worker in range(1, 5):
        child = os.fork()
        if child == 0:
            break
        children.append(child)
    if child == 0:
        status = 1
        try:
            first = worker * 1000
            threads = [threading.Thread(target=insert, args=(first + key,)) for key in range(20)]
            [thread.start() for thread in threads]
            [thread.join() for thread in threads]
            asyncio.run(several(first + 100))
            status = 0
        finally:
            os._exit(status)
    insert(999)
    for child in children:
        assert 0 == os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    asyncio.run(several(500))
    """


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_workers_forked_from_a_process_with_open_pools(thread_bench: Bench, url: str, rounds: int) -> None:
    own = [*range(20), *range(500, 520), 999]
    wanted = sorted(own + [w * 1000 + k for w in range(1, 5) for k in (*range(20), *range(100, 120))])
    for _ in range(rounds):
        finish([start(url, BODY)])
        assert wanted == run(thread_bench.keys())
        run(thread_bench.execute("DELETE FROM author"))
