"""Blocks and threads; and synchronous calls where an event loop runs."""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from dorm.conf import settings
from dorm.db.connection import blocking, get_connection
from dorm.db.transactions import current
from dorm.exceptions import SynchronousInAsyncWarning, SynchronousOnlyOperation, TransactionManagementError
from dorm.run import run
from dorm.signals import pre_query
from dorm.transaction import aatomic, atomic

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.db.conftest import Bench


def in_thread(work: Callable[[], Any]) -> Any:
    """Run *work* in a new thread, in a copy of this context."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(contextvars.copy_context().run, work).result()


@pytest.fixture
def synchronous(thread_bench: Bench) -> Bench:
    return thread_bench


def test_threads_have_transactions_of_their_own(synchronous: Bench) -> None:
    def work(key: int) -> None:
        with atomic():
            run(synchronous.add(key))
            time.sleep(0.001)
            if key % 2:
                raise LookupError

    with ThreadPoolExecutor(8) as pool:
        outcomes = [pool.submit(work, key).exception() for key in range(40)]
    assert [LookupError if key % 2 else type(None) for key in range(40)] == [type(error) for error in outcomes]
    assert list(range(0, 40, 2)) == run(synchronous.keys())


def test_a_thread_with_the_context_takes_part(synchronous: Bench) -> None:
    with atomic():
        run(synchronous.add(1))
        in_thread(lambda: run(synchronous.add(2)))
        assert [1, 2] == run(synchronous.keys())


def test_threads_with_the_context_take_turns(synchronous: Bench) -> None:
    def nested(key: int) -> None:
        try:
            with atomic():
                run(synchronous.add(key))
                time.sleep(0.005)
                if key % 2:
                    raise LookupError
        except LookupError:
            pass

    with atomic(), ThreadPoolExecutor(6) as pool:
        for future in [pool.submit(contextvars.copy_context().run, nested, key) for key in range(6)]:
            future.result()
    assert [0, 2, 4] == run(synchronous.keys())


def test_a_thread_that_outlives_its_block_gets_an_error(synchronous: Bench) -> None:
    with atomic():
        run(synchronous.add(1))
        context = contextvars.copy_context()
    with pytest.raises(TransactionManagementError, match="has ended"):
        context.run(run, synchronous.add(2))


def test_a_block_left_in_another_thread_is_rolled_back(synchronous: Bench) -> None:
    block = atomic()
    block.__enter__()
    run(synchronous.add(1))
    with pytest.raises(TransactionManagementError, match="left in another"):
        in_thread(lambda: block.__exit__(None, None, None))
    contextvars.Context().run(lambda: None)
    current.set(None)
    assert [] == run(synchronous.keys())


def test_a_wait_for_a_turn_ends(synchronous: Bench) -> None:
    settings.BLOCK_WAIT = 0.2
    with atomic():
        run(synchronous.add(1))
        outer = contextvars.copy_context()
        with (
            atomic(),
            ThreadPoolExecutor(1) as pool,
            pytest.raises(TransactionManagementError, match="BLOCK_WAIT"),
        ):
            pool.submit(outer.run, run, synchronous.add(2)).result()


# -- In a thread with a running loop -----------------------------------------------------------


def test_a_synchronous_call_in_a_loop_warns_at_the_callers_line(synchronous: Bench) -> None:
    async def main() -> None:
        run(synchronous.add(1))  # this line

    with pytest.warns(SynchronousInAsyncWarning) as caught:
        asyncio.run(main())
    # The bench stands for the user's code: its line is the first outside the package.
    assert caught[0].filename.endswith("conftest.py")


def test_a_synchronous_call_in_a_loop_raises_when_told_to(synchronous: Bench) -> None:
    settings.SYNC_IN_ASYNC = "raise"

    async def main() -> None:
        with pytest.raises(SynchronousOnlyOperation, match="begins with 'a'"):
            run(synchronous.add(1))
        with pytest.raises(SynchronousOnlyOperation), atomic():
            raise AssertionError

    asyncio.run(main())


def test_a_synchronous_call_in_a_loop_is_allowed_when_told_to(synchronous: Bench) -> None:
    settings.SYNC_IN_ASYNC = "allow"

    async def main() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with atomic():
                run(synchronous.add(1))

    asyncio.run(main())
    assert [1] == run(synchronous.keys())


def test_a_synchronous_call_in_the_loop_of_an_open_block_raises(synchronous: Bench) -> None:
    settings.SYNC_IN_ASYNC = "allow"

    async def main() -> None:
        async with aatomic():
            with pytest.raises(SynchronousOnlyOperation, match="select_related"):
                run(synchronous.add(1))
            with pytest.raises(SynchronousOnlyOperation), atomic():
                raise AssertionError

    asyncio.run(main())


def test_an_asynchronous_call_in_a_synchronous_block_names_aatomic(
    vendor: str, synchronous: Bench, bench_of: Any
) -> None:
    settings.SYNC_IN_ASYNC = "allow"
    asynchronous = bench_of(vendor, "async")

    async def main() -> None:
        with atomic():
            with pytest.raises(TransactionManagementError, match="aatomic"):
                await asynchronous.add(1)
            with pytest.raises(TransactionManagementError, match="aatomic"):
                async with aatomic():
                    raise AssertionError

    asyncio.run(main())


# -- The executor follows the open block -------------------------------------------------------


def test_a_worker_thread_joins_the_asynchronous_block(vendor: str, synchronous: Bench, bench_of: Any) -> None:
    asynchronous = bench_of(vendor, "async")

    def work() -> list[int]:
        run(synchronous.add(2))
        with atomic():
            run(synchronous.add(3))
        with pytest.raises(LookupError), atomic():
            run(synchronous.add(4))
            raise LookupError
        return run(synchronous.keys())

    async def main() -> None:
        async with aatomic():
            await asynchronous.add(1)
            assert [1, 2, 3] == await asyncio.to_thread(work)
            assert [1, 2, 3] == await asynchronous.keys()
        async with aatomic():
            await asynchronous.add(5)
            await asyncio.to_thread(work_and_fail)

    def work_and_fail() -> None:
        run(synchronous.add(6))
        raise LookupError

    with pytest.raises(LookupError):
        asyncio.run(main())
    assert [1, 2, 3] == run(synchronous.keys())


def test_a_worker_thread_streams_from_the_asynchronous_block(vendor: str, synchronous: Bench, bench_of: Any) -> None:
    asynchronous = bench_of(vendor, "async")

    def work() -> list[int]:
        found: list[int] = []
        stream = run(blocking().open(synchronous.statement("SELECT id FROM author ORDER BY id"), (), 2))
        while rows := run(stream.fetch()):
            found += [row[0] for row in rows]
            run(synchronous.execute("UPDATE author SET age = 70 WHERE id = ?", rows[0][0]))
        run(stream.close())
        return found

    async def main() -> None:
        async with aatomic():
            for key in range(5):
                await asynchronous.add(key)
            assert [0, 1, 2, 3, 4] == await asyncio.to_thread(work)

    asyncio.run(main())


def test_a_loop_that_is_blocked_by_waiting_for_the_thread_is_told(vendor: str, synchronous: Bench) -> None:
    settings.BLOCK_WAIT = 0.3
    outcome: list[BaseException] = []

    def work() -> None:
        try:
            run(synchronous.add(1))
        except TransactionManagementError as error:
            outcome.append(error)

    async def main() -> None:
        async with aatomic():
            thread = threading.Thread(target=contextvars.copy_context().run, args=(work,))
            thread.start()
            thread.join()  # blocks the loop, which the thread needs

    asyncio.run(main())
    assert "blocked" in str(outcome[0])


def test_hooks_of_statements_run_in_the_callers_context(vendor: str, synchronous: Bench) -> None:
    where: contextvars.ContextVar[str] = contextvars.ContextVar("where", default="lost")
    seen: list[tuple[str, str]] = []

    def hook(sender: str, sql: str, params: Any) -> None:
        seen.append((where.get(), threading.current_thread().name))

    def work() -> None:
        threading.current_thread().name = "worker"
        where.set("thread")
        run(synchronous.add(1))

    async def main() -> None:
        async with aatomic():
            await asyncio.to_thread(work)

    pre_query.connect(hook)
    try:
        asyncio.run(main())
    finally:
        pre_query.disconnect(hook)
    assert [("thread", "worker")] == seen


def test_in_atomic_block(synchronous: Bench) -> None:
    connection = get_connection()
    assert not connection.in_atomic_block
    with atomic():
        assert connection.in_atomic_block
    assert (synchronous.vendor, "default") == (connection.vendor, connection.alias)
