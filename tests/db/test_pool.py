"""The pool by itself: bounds, order, time limits, and those who give up waiting."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from dorm.db.pool import Pool, TaskPool, ThreadPool
from dorm.exceptions import InterfaceError, PoolTimeout
from dorm.run import run


class Item:
    """Stands for a connection; two holders at once would be noticed."""

    def __init__(self) -> None:
        self.held = False


async def connect(pool: Pool[Item]) -> Item:
    return Item()


def thread_pool(limit: int, timeout: float = 300.0) -> ThreadPool[Item]:
    return ThreadPool(connect, limit=limit, timeout=timeout, name="default")


def task_pool(limit: int, timeout: float = 300.0) -> TaskPool[Item]:
    return TaskPool(connect, limit=limit, timeout=timeout, name="default")


def whole(pool: Pool[Item], limit: int) -> None:
    assert pool.size == len(pool.idle) <= limit
    assert not pool.waiters


def test_many_threads_share_few_connections() -> None:
    pool = thread_pool(3)
    source = random.Random(3)

    def work(number: int) -> None:
        item = run(pool.take())
        assert not item.held
        item.held = True
        time.sleep(source.random() / 2000)
        item.held = False
        if number % 17 == 0:
            pool.gone()
        else:
            pool.give(item)

    with ThreadPoolExecutor(24) as executor:
        list(executor.map(work, range(600)))
    whole(pool, 3)


def test_many_tasks_share_few_connections_though_some_give_up() -> None:
    async def work(pool: TaskPool[Item], number: int) -> None:
        item = await pool.take()
        try:
            assert not item.held
            item.held = True
            await asyncio.sleep(0.001)
            item.held = False
        finally:
            item.held = False
            if number % 17 == 0:
                pool.gone()
            else:
                pool.give(item)

    async def main() -> None:
        pool = task_pool(3)
        tasks = [asyncio.create_task(work(pool, number)) for number in range(300)]
        for task in tasks[::3]:
            asyncio.get_running_loop().call_later(random.random() * 0.05, task.cancel)
        await asyncio.gather(*tasks, return_exceptions=True)
        whole(pool, 3)

    asyncio.run(main())


def test_those_who_wait_are_served_in_order() -> None:
    served: list[int] = []

    async def work(pool: TaskPool[Item], number: int) -> None:
        item = await pool.take()
        served.append(number)
        await asyncio.sleep(0)
        pool.give(item)

    async def main() -> None:
        pool = task_pool(1)
        await asyncio.gather(*(work(pool, number) for number in range(20)))

    asyncio.run(main())
    assert list(range(20)) == served


def test_the_time_limit_is_kept() -> None:
    pool = thread_pool(1, timeout=0.05)
    run(pool.take())
    with pytest.raises(PoolTimeout, match=r"0\.05 s.*POOL_TIMEOUT"):
        run(pool.take())
    assert not pool.waiters


def test_a_closed_pool_wakes_those_who_wait() -> None:
    pool = thread_pool(1)
    run(pool.take())
    outcome: list[BaseException] = []

    def wait() -> None:
        with contextlib.suppress(Exception):
            try:
                run(pool.take())
            except InterfaceError as error:
                outcome.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    while not pool.waiters:
        time.sleep(0.001)
    pool.close()
    thread.join()
    assert 1 == len(outcome)


def test_a_connection_that_cannot_be_made_leaves_room() -> None:
    async def refuse(pool: Pool[Item]) -> Item:
        raise OSError("refused")

    pool: ThreadPool[Item] = ThreadPool(refuse, limit=1, timeout=1, name="default")
    for _ in range(3):
        with pytest.raises(OSError, match="refused"):
            run(pool.take())
    assert 0 == pool.size
    assert 3 == pool.counts["connections_errors"]


def test_a_lost_connection_lets_the_next_make_one() -> None:
    async def main() -> None:
        pool = task_pool(1)
        await pool.take()
        waiting = asyncio.create_task(pool.take())
        await asyncio.sleep(0)
        pool.gone()
        assert isinstance(await waiting, Item)
        assert 1 == pool.size

    asyncio.run(main())
