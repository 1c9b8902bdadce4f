"""The scope of a web request: opened at the first statement, ended once, empty afterwards."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from dorm.conf import settings
from dorm.db.connection import suspending
from dorm.db.scope import RequestScope
from dorm.db.transactions import current
from dorm.exceptions import ForeignKeyViolation, SynchronousOnlyOperation, TransactionAborted, UniqueViolation
from dorm.run import run
from dorm.sql.statement import Statement
from dorm.transaction import aatomic, atomic, on_commit, set_rollback

if TYPE_CHECKING:
    from pathlib import Path

    from tests.db.conftest import Bench


def test_nothing_is_opened_without_a_statement(loop_bench: Bench) -> None:
    async def scenario() -> None:
        async with RequestScope("all") as scope:
            assert () == scope.opened
            await scope.commit()

    loop_bench.run(scenario())


def test_a_request_commits_everything_or_nothing(loop_bench: Bench) -> None:
    async def request(key: int, *, fine: bool) -> None:
        async with RequestScope("writes") as scope:
            await loop_bench.add(key)
            await loop_bench.add(key + 1)
            assert ("default",) == scope.opened
            await (scope.commit() if fine else scope.rollback())

    async def scenario() -> list[int]:
        await request(1, fine=True)
        await request(11, fine=False)
        assert current.get() is None
        return await loop_bench.keys()

    assert [1, 2] == loop_bench.run(scenario())


def test_leaving_without_a_word_rolls_back(loop_bench: Bench) -> None:
    async def scenario() -> list[int]:
        with pytest.raises(LookupError):
            async with RequestScope("all"):
                await loop_bench.add(1)
                raise LookupError
        return await loop_bench.keys()

    assert [] == loop_bench.run(scenario())


@pytest.mark.parametrize(("mode", "unsafe"), [("off", True), ("writes", False)])
def test_a_safe_request_runs_in_autocommit(loop_bench: Bench, mode: str, unsafe: bool) -> None:
    async def scenario() -> list[int]:
        async with RequestScope(mode, unsafe=unsafe) as scope:  # type: ignore[arg-type]
            await loop_bench.add(1)
            assert () == scope.opened
            await scope.rollback()
        return await loop_bench.keys()

    assert [1] == loop_bench.run(scenario())


def test_what_runs_after_the_commit_is_in_autocommit(loop_bench: Bench) -> None:
    async def background(go: asyncio.Event) -> None:
        await go.wait()
        await loop_bench.add(2)
        async with aatomic():
            await loop_bench.add(3)

    async def scenario() -> list[int]:
        go = asyncio.Event()
        async with RequestScope("all") as scope:
            await loop_bench.add(1)
            task = asyncio.create_task(background(go))
            await scope.commit()
            go.set()
            await task
            await loop_bench.add(4)
        return await loop_bench.keys()

    assert [1, 2, 3, 4] == loop_bench.run(scenario())


def test_concurrent_first_statements_open_one_transaction(loop_bench: Bench) -> None:
    async def scenario() -> list[int]:
        async with RequestScope("all") as scope:
            await asyncio.gather(*(loop_bench.add(key) for key in range(8)))
            assert 1 == loop_bench.db.driver.pool.size - len(loop_bench.db.driver.pool.idle)
            await scope.commit()
        return await loop_bench.keys()

    assert list(range(8)) == loop_bench.run(scenario())


def test_a_worker_thread_is_in_the_requests_transaction(vendor: str, loop_bench: Bench, bench_of: Any) -> None:
    synchronous = bench_of(vendor, "sync")

    def endpoint() -> list[int]:
        run(synchronous.add(1))
        with atomic():
            run(synchronous.add(2))
        return run(synchronous.keys())

    async def scenario() -> list[int]:
        async with RequestScope("all") as scope:
            assert [1, 2] == await asyncio.to_thread(endpoint)
            assert [1, 2] == await loop_bench.keys()
            await scope.rollback()
        return await loop_bench.keys()

    assert [] == loop_bench.run(scenario())


def test_a_synchronous_call_in_the_requests_loop_raises(vendor: str, loop_bench: Bench, bench_of: Any) -> None:
    settings.SYNC_IN_ASYNC = "allow"
    synchronous = bench_of(vendor, "sync")

    async def scenario() -> None:
        async with RequestScope("all"):
            with pytest.raises(SynchronousOnlyOperation):
                run(synchronous.add(1))

    loop_bench.run(scenario())


def test_a_swallowed_error_is_no_success(loop_bench: Bench) -> None:
    async def scenario() -> list[int]:
        async with RequestScope("all") as scope:
            await loop_bench.add(1, "Ann")
            with pytest.raises(UniqueViolation):
                await loop_bench.add(2, "Ann")
            assert isinstance(scope.broken, UniqueViolation)
            with pytest.raises(TransactionAborted, match="rolled back"):
                await scope.commit()
        return await loop_bench.keys()

    assert [] == loop_bench.run(scenario())


def test_hooks_run_after_the_commit_of_the_request(loop_bench: Bench) -> None:
    calls: list[str] = []

    async def scenario() -> None:
        async with RequestScope("all") as scope:
            on_commit(lambda: calls.append("before any statement"))
            await loop_bench.add(1)
            on_commit(lambda: calls.append("after one"))
            assert [] == calls
            await scope.commit()
        async with RequestScope("all") as scope:
            on_commit(lambda: calls.append("never"))
            await scope.rollback()

    loop_bench.run(scenario())
    assert {"before any statement", "after one"} == set(calls)


def test_set_rollback_in_a_request(loop_bench: Bench) -> None:
    async def scenario() -> list[int]:
        async with RequestScope("all") as scope:
            set_rollback(True)
            await loop_bench.add(1)
            await scope.commit()
        async with RequestScope("all") as scope:
            await loop_bench.add(2)
            set_rollback(True)
            await scope.commit()
        return await loop_bench.keys()

    assert [] == loop_bench.run(scenario())


def test_a_failing_second_commit_is_told(loop_bench: Bench, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings.configure(DATABASES={**settings.DATABASES, "other": f"sqlite:///{tmp_path / 'other.db'}"})

    async def scenario() -> list[int]:
        await suspending("other").script([Statement("CREATE TABLE log (id integer)")])
        async with RequestScope("all") as scope:
            await suspending("other").execute(Statement("INSERT INTO log VALUES (1)"))
            await loop_bench.execute("INSERT INTO book VALUES (?, ?)", 1, 99)
            assert ("other", "default") == scope.opened
            with pytest.raises(ForeignKeyViolation) as caught:
                await scope.commit()
            assert "Already committed" in caught.value.__notes__[0]
        return await loop_bench.keys()

    assert [] == loop_bench.run(scenario())
    assert "committed in part" in caplog.text


def test_a_synchronous_request(thread_bench: Bench) -> None:
    def request(key: int, *, fine: bool) -> None:
        with RequestScope("writes") as scope:
            run(thread_bench.add(key))
            if fine:
                scope.commit_now()
            else:
                scope.rollback_now()
            run(thread_bench.add(key + 100))

    request(1, fine=True)
    request(2, fine=False)
    with RequestScope("all"):
        run(thread_bench.add(3))
    assert [1, 101, 102] == run(thread_bench.keys())
