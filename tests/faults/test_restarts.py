"""A crash of the server under load: what was acknowledged is there, nothing twice, and all go on by themselves."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from dorm.conf import settings
from dorm.exceptions import Error
from dorm.run import run
from dorm.transaction import aatomic, atomic
from tests.db.settling import settled, whole
from tests.faults.sessions import PATIENCE, wait_until

if TYPE_CHECKING:
    from dorm.test.postgres import PostgresServer
    from tests.db.conftest import Bench

WORKERS = 6
ENOUGH = 15
"""Acknowledgements before the crash, and again after it."""


@pytest.fixture
def vendor() -> str:
    return "postgresql"


@pytest.fixture
def load(postgresql: str, bench_of: Any, configure: Any) -> Any:
    """``load("sync")``: a table in which the same row may stand twice."""
    settings.configure(RETRY_BACKOFF=0.05)

    def make(colour: str) -> Load:
        configure(postgresql, MAX_POOL_SIZE=4, POOL_TIMEOUT=PATIENCE)
        bench = bench_of("postgresql", colour)
        run(bench_of("postgresql", "sync").execute("CREATE TABLE done (work bigint, part integer)"))
        return Load(bench)

    return make


class Load:
    """Workers that write, alternately by one statement and by a block of two."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.acknowledged: set[int] = set()
        self.unknown: set[int] = set()
        self.stop = False
        self.unexpected: list[BaseException] = []

    def done(self, key: int, error: BaseException | None) -> None:
        if error is None:
            self.acknowledged.add(key)
        elif isinstance(error, Error):
            self.unknown.add(key)
        else:
            self.unexpected.append(error)

    async def write(self, key: int, part: int) -> None:
        await self.bench.execute("INSERT INTO done VALUES (?, ?)", key, part)

    def thread(self, worker: int) -> None:
        key = worker * 1_000_000
        while not self.stop:
            key += 1
            try:
                if key % 2:
                    run(self.write(key, 0))
                else:
                    with atomic():
                        run(self.write(key, 0))
                        run(self.write(key, 1))
            except BaseException as error:
                self.done(key, error)
                time.sleep(0.02)
            else:
                self.done(key, None)

    async def task(self, worker: int) -> None:
        key = worker * 1_000_000
        while not self.stop:
            key += 1
            try:
                if key % 2:
                    await self.write(key, 0)
                else:
                    async with aatomic():
                        await self.write(key, 0)
                        await self.write(key, 1)
            except BaseException as error:
                self.done(key, error)
                await asyncio.sleep(0.02)
            else:
                self.done(key, None)

    def crash(self, server: PostgresServer, rounds: int) -> None:
        """Restart the server as often as asked, each time when there was enough work before."""
        try:
            for _ in range(rounds):
                self.wait_for_more()
                server.restart("immediate")
            self.wait_for_more()
        finally:
            self.stop = True

    def wait_for_more(self) -> None:
        before = len(self.acknowledged)
        wait_until(lambda: len(self.acknowledged) >= before + ENOUGH, "enough work")

    async def check(self) -> None:
        found = Counter(await self.bench.fetch("SELECT work, part FROM done"))
        assert [] == self.unexpected
        assert [] == [row for row, times in found.items() if times > 1], "applied twice"
        single = {key for key, part in found if key % 2}
        both = {key for key, part in found if not key % 2 and part == 0}
        assert both == {key for key, part in found if not key % 2 and part == 1}, "half done"
        assert set() == self.acknowledged - single - both, "acknowledged and gone"
        assert single | both <= self.acknowledged | self.unknown


def test_a_crash_under_threads(load: Any, own_server: PostgresServer, rounds: int) -> None:
    work: Load = load("sync")
    threads = [threading.Thread(target=work.thread, args=(number,)) for number in range(WORKERS)]
    for thread in threads:
        thread.start()
    try:
        work.crash(own_server, rounds)
    finally:
        work.stop = True
        for thread in threads:
            thread.join(PATIENCE)
    run(work.check())
    whole(work.bench)


def test_a_crash_under_tasks(load: Any, own_server: PostgresServer, rounds: int) -> None:
    work: Load = load("async")

    async def scenario() -> None:
        tasks = [asyncio.create_task(work.task(number)) for number in range(WORKERS)]
        await asyncio.to_thread(work.crash, own_server, rounds)
        await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE)
        await work.check()
        await settled(work.bench)

    work.bench.run(scenario())
