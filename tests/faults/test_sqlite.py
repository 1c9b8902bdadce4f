"""SQLite files that are full, read-only or spoilt; both colours."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from dorm.conf import settings
from dorm.db.connection import close_all
from dorm.exceptions import DatabaseError, OperationalError, TransactionManagementError
from dorm.health import ahealth_check, health_check
from dorm.run import run
from dorm.transaction import aatomic
from tests.faults.programs import finish, start
from tests.faults.test_sessions import two_loops

if TYPE_CHECKING:
    from pathlib import Path

    from tests.db.conftest import Bench

WIDE = "x" * 3000


@pytest.fixture
def vendor() -> str:
    return "sqlite"


@pytest.fixture
def path(sqlite: str) -> str:
    return sqlite.removeprefix("sqlite:///")


def test_two_loops_in_two_threads_share_nothing(loop_bench: Bench) -> None:
    settings.configure(DATABASES={"default": settings.DATABASES["default"]._replace(busy_timeout=60.0)})
    two_loops(loop_bench)


def test_a_full_disk_fails_the_block_and_keeps_what_was_committed(bench: Bench) -> None:
    """A block is one connection, which has the limit."""

    async def scenario() -> list[int]:
        await bench.add(1)
        block = await bench.db.begin()
        await bench.fetch("PRAGMA max_page_count = 8")
        with pytest.raises(OperationalError, match="full"):
            for key in range(2, 100):
                await bench.add(key, f"{WIDE}{key}")
        with pytest.raises(TransactionManagementError):
            await bench.add(100)
        await bench.db.end(block, failed=True)
        assert [1] == await bench.keys()
        await bench.fetch("PRAGMA max_page_count = 1000000")
        await bench.add(2)
        return await bench.keys()

    assert [1, 2] == bench.run(scenario())


@pytest.mark.skipif(sys.platform == "win32", reason="this system limits no files")
def test_a_file_that_may_not_grow(thread_bench: Bench, sqlite: str) -> None:
    """The system's own limit, where the library is not asked: in a process of its own."""
    body = """
        import resource, signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        execute("INSERT INTO author VALUES (1, 'a', 30)")
        size = os.path.getsize(blocking().driver.database.name)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 8192, resource.RLIM_INFINITY))
        try:
            with atomic():
                for key in range(2, 100):
                    execute("INSERT INTO author VALUES (?, ?, 30)", key, "x" * 3000 + str(key))
        except Error as error:
            tell(type(error).__name__)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        execute("INSERT INTO author VALUES (2, 'b', 30)")
        tell(fetch("SELECT id FROM author ORDER BY id"))
        """
    assert ["OperationalError", "[(1,), (2,)]"] == finish([start(sqlite, body)])
    assert [1, 2] == run(thread_bench.keys())


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_file_that_may_only_be_read(
    colour: str, thread_bench: Bench, path: str, bench_of: Any, configure: Any
) -> None:
    run(thread_bench.add(1))
    close_all()
    settings.configure(DATABASES={"default": {"ENGINE": "sqlite", "NAME": f"file:{path}?mode=ro"}})
    bench = bench_of("sqlite", colour)

    async def scenario() -> list[int]:
        with pytest.raises(OperationalError, match="readonly"):
            await bench.add(2)
        with pytest.raises(OperationalError, match="readonly"):
            block = await bench.db.begin()
            try:
                await bench.add(3)
            finally:
                await bench.db.end(block, failed=True)
        return await bench.keys()

    assert [1] == bench.run(scenario())


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_spoilt_file_is_an_error_and_no_answer(
    colour: str, thread_bench: Bench, path: str, bench_of: Any, configure: Any, sqlite: str
) -> None:
    async def fill() -> None:
        async with aatomic():
            for key in range(200):
                await bench_of("sqlite", "async").add(key, f"{WIDE}{key}")

    bench_of("sqlite", "async").run(fill())
    close_all()
    with open(path, "r+b") as file:
        size = file.seek(0, 2)
        for page in range(4096 * 3, size, 8192):
            file.seek(page)
            file.write(b"\xff" * 4096)
    configure(sqlite)
    bench = bench_of("sqlite", colour)

    async def scenario() -> None:
        with pytest.raises(DatabaseError, match=r"malformed|corrupt|not a database"):
            await bench.fetch("SELECT count(*), max(name) FROM author")
        with pytest.raises(DatabaseError):
            await bench.execute("UPDATE author SET name = name || 'x'")

    bench.run(scenario())


def test_a_file_that_is_gone_is_told_by_the_health_check(thread_bench: Bench, tmp_path: Path, configure: Any) -> None:
    assert "ok" == health_check()["status"]
    configure(f"sqlite:///{tmp_path}/gone/db.sqlite3")
    assert "does not exist" in health_check(timeout=60)["error"]


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_file_spoilt_at_its_beginning_is_told_by_the_health_check(
    colour: str, thread_bench: Bench, path: str, sqlite: str, configure: Any
) -> None:
    """An open connection would still answer SELECT 1."""

    async def asked() -> dict[str, Any]:
        await ahealth_check()
        spoil()
        return await ahealth_check(timeout=60)

    def spoil() -> None:
        with open(path, "r+b") as file:
            file.write(b"\xff" * 4096)

    if colour == "async":
        answer = thread_bench.__class__("sqlite", "async").run(asked())
    else:
        health_check()
        spoil()
        answer = health_check(timeout=60)
    assert "error" == answer["status"]
