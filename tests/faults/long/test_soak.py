"""Mixed load with faults for a long time: memory, open files, sessions and tables of names stay flat."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm.conf import settings
from dorm.db.connection import close_all_async
from dorm.exceptions import Error
from dorm.sql.dialect import DIALECTS
from tests.faults.sessions import PATIENCE, asked, name_of
from tests.security.models import ALL, Folder, Paper

if TYPE_CHECKING:
    from dorm.test.postgres import PostgresServer

MINUTES = float(os.environ.get("DORM_SOAK", "0"))
ALIASES = ("default", "file")
RESTART_EVERY = 45.0


@pytest.fixture
def vendor() -> str:
    return "postgresql"


class Soak:
    """Threads and a loop that read and write, on both databases."""

    def __init__(self) -> None:
        self.stop = False
        self.done = 0
        self.failed = 0
        self.unexpected: list[BaseException] = []

    def counted(self, error: BaseException | None) -> None:
        if error is None:
            self.done += 1
        elif isinstance(error, Error):
            self.failed += 1
        else:
            self.unexpected.append(error)

    def thread(self, number: int) -> None:
        chance = random.Random(number)
        while not self.stop:
            try:
                self.once(chance, chance.choice(ALIASES))
            except BaseException as error:
                self.counted(error)
                time.sleep(0.05)
            else:
                self.counted(None)

    def once(self, chance: random.Random, alias: str) -> None:
        papers = Paper.objects.using(alias)
        key = f"k{chance.random()}"  # as a stranger names it, each time another
        with dorm.transaction.atomic(using=alias):
            made = papers.create(name=key, age=chance.randrange(99), data={key: 1})
            assert papers.get(**{f"data__{key}": 1}).pk == made.pk
            list(papers.filter(age__lt=50).order_by(f"data__{key}").values("name", f"data__{key}")[:5])
        made.delete()

    async def task(self, number: int) -> None:
        chance = random.Random(1000 + number)
        while not self.stop:
            work = asyncio.create_task(self.aonce(chance, chance.choice(ALIASES)))
            if chance.random() < 0.1:
                asyncio.get_running_loop().call_later(chance.random() / 50, work.cancel)
            outcome = (await asyncio.gather(work, return_exceptions=True))[0]
            if not isinstance(outcome, asyncio.CancelledError):
                self.counted(outcome)
            if outcome is not None:
                await asyncio.sleep(0.05)

    async def aonce(self, chance: random.Random, alias: str) -> None:
        papers = Paper.objects.using(alias)
        key = f"a{chance.random()}"
        async with dorm.transaction.aatomic(using=alias):
            made = await papers.acreate(name=key, data={key: 1})
            async for _ in papers.filter(age__gte=chance.randrange(99)).aiterator(chunk_size=2):
                break
            await made.adelete()

    def loop(self) -> None:
        async def main() -> None:
            await asyncio.gather(*(self.task(number) for number in range(4)))
            await close_all_async()

        while not self.stop:
            asyncio.run(main())


def measured(url: str) -> dict[str, float]:
    """What must not grow."""
    gc.collect()
    status = Path("/proc/self/status").read_text(encoding="ascii")
    meta = [model._meta for model in ALL]
    return {
        "MB": int(status.split("VmRSS:")[1].split()[0]) / 1024,
        "files": len(os.listdir("/proc/self/fd")),
        "threads": threading.active_count(),
        "sessions": len(asked(url, "SELECT 1 FROM pg_stat_activity WHERE application_name = %s", name_of(url))),
        "names": sum(len(one.paths) + len(one.conditions) + len(one.orders) for one in meta),
        "plans": max((len(dialect.plans) for dialect in DIALECTS), default=0),
    }


@pytest.mark.skipif(not MINUTES, reason="no soak was asked for (--soak MINUTES)")
@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="this system does not tell what a process has open")
def test_nothing_grows(postgresql: str, own_server: PostgresServer, tmp_path: Path, record_property: Any) -> None:
    file = {"ENGINE": "sqlite", "NAME": str(tmp_path / "soak.sqlite3"), "BUSY_TIMEOUT": PATIENCE}
    settings.configure(
        DATABASES={"default": postgresql, "file": {**file, "OPTIONS": {"journal_mode": "wal"}}}, SLOW_QUERY_MS=1e9
    )
    for alias in ALIASES:
        dorm.create_tables(*ALL, using=alias)
        Folder.objects.using(alias).create(title="f")
        Paper.objects.using(alias).bulk_create([Paper(name=str(n), age=n, data={"k": n}) for n in range(100)])
    soak = Soak()
    workers = [threading.Thread(target=soak.thread, args=(number,)) for number in range(4)]
    workers.append(threading.Thread(target=soak.loop))
    for worker in workers:
        worker.start()
    ends = time.monotonic() + MINUTES * 60
    warm = time.monotonic() + MINUTES * 60 / 3
    before: dict[str, float] = {}
    restart = time.monotonic() + RESTART_EVERY
    try:
        while time.monotonic() < ends:
            time.sleep(0.5)
            injected(postgresql)
            if time.monotonic() > restart:
                own_server.restart("immediate")
                restart = time.monotonic() + RESTART_EVERY
            if not before and time.monotonic() > warm:
                before = measured(postgresql)
        after = measured(postgresql)
    finally:
        soak.stop = True
        for worker in workers:
            worker.join(2 * PATIENCE)
    record_property("done", f"{soak.done} done, {soak.failed} failed; {before} -> {after}")
    assert [] == soak.unexpected
    assert soak.done > 20 * MINUTES
    assert before["names"] == after["names"]
    assert after["plans"] <= 1024
    assert after["files"] <= before["files"] + 12
    assert after["threads"] <= before["threads"] + 6
    assert after["sessions"] <= 2 * 10
    assert after["MB"] <= before["MB"] * 1.15 + 8
    for alias in ALIASES:
        assert 100 <= Paper.objects.using(alias).count()


def injected(url: str) -> None:
    """End one session or two."""
    asked(
        url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s ORDER BY random() LIMIT 2",
        name_of(url),
    )
