"""A day in an event loop: everything awaited, query sets too; cancelled calls; both colours on one database."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm import Avg, Count, RawSQL, transaction
from dorm.db.connection import close_all_async, get_async_connection, get_connection
from dorm.test import assert_num_queries
from tests.contract.models import ALL, Author, Publisher

if TYPE_CHECKING:
    from tests.testbed.colours import Call
    from tests.testbed.databases import Database, WorkerDatabase

A = Author.objects


async def test_one_after_the_other(magazine: None) -> None:
    alice = await A.acreate(name="Alice", email="alice@example.com", age=30)
    assert alice == await A.aget(email="alice@example.com")
    assert None is await A.aget_or_none(email="missing@example.com")

    bob, created = await A.aget_or_create(email="bob@example.com", defaults={"name": "Bob", "age": 25, "active": False})
    assert created
    assert 2 == await A.acount()
    assert await A.filter(active=True).aexists()
    assert (bob, alice) == (await A.order_by("age").afirst(), await A.order_by("age").alast())

    assert 1 == await A.filter(active=False).aupdate(active=True)
    assert (0, {}) == await A.filter(age__lt=18).adelete()

    alice.age = 31
    await alice.asave()
    await alice.arefresh_from_db()
    assert 31 == alice.age
    await bob.adelete()
    assert ["Alice"] == [author.name async for author in A.filter(active=True).order_by("name")]
    assert ["Alice"] == [author.name async for author in A.all().aiterator()]

    await A.abulk_create([Author(name=f"User{i}", email=f"u{i}@example.com", age=20) for i in range(100)])
    users = [author async for author in A.filter(name__startswith="User")]
    for user in users:
        user.age += 1
    assert 100 == await A.abulk_update(users, fields=["age"])
    assert {"total": 101, "avg": pytest.approx((31 + 2100) / 101)} == await A.aaggregate(
        total=Count("id"), avg=Avg("age")
    )


# -- Awaiting a query set -------------------------------------------------------------------------

AWAITED: list[Any] = [
    (
        lambda: A.values("name", "age").filter(age__gte=18).order_by("name"),
        [{"name": "Alice", "age": 30}, {"name": "Bob", "age": 25}, {"name": "Carol", "age": 70}],
    ),
    (lambda: A.values_list("name", flat=True).order_by("-age")[:2], ["Carol", "Alice"]),
    (lambda: A.values_list("name", "age").filter(active=False), [("Carol", 70)]),
]


@pytest.mark.parametrize(("query", "expected"), AWAITED)
async def test_a_query_set_is_awaited_or_iterated_over(filled: None, query: Any, expected: list[Any]) -> None:
    with assert_num_queries(2):
        awaited = await query()
        assert expected == awaited == [row async for row in query()]
    assert list is type(awaited)


async def test_instances_are_awaited_too(filled: None) -> None:
    assert ["Carol", "Alice"] == [author.name for author in await A.order_by("-age")[:2]]


async def test_a_single_call_gives_lists(filled: None) -> None:
    young = A.filter(age__lt=20)
    assert [{"name": "Dave"}] == await young.avalues("name")
    assert [("Dave", 16)] == await young.avalues_list("name", "age")
    assert ["Dave"] == await young.avalues_list("name", flat=True)


# -- Cancelling -----------------------------------------------------------------------------------


async def test_a_cancelled_call_leaves_the_connection_usable(filled: None) -> None:
    for _ in range(20):
        task = asyncio.create_task(A.acount())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert 4 == await A.acount()
    await close_all_async()


async def test_a_cancelled_block_is_rolled_back(filled: None) -> None:
    reached = asyncio.Event()

    async def change() -> None:
        async with transaction.aatomic():
            await A.aupdate(age=1)
            reached.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(change())
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not await A.filter(age=1).aexists()
    await close_all_async()


async def test_a_limit_of_time_rolls_back_too(filled: None) -> None:
    async def change() -> None:
        async with transaction.aatomic():
            await A.aupdate(age=1)
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(change(), timeout=0.3)
    assert not await A.filter(age=1).aexists()
    await close_all_async()


# -- Both colours ---------------------------------------------------------------------------------


def in_thread(function: Any, *arguments: Any) -> Any:
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(function, *arguments).result()


async def test_both_colours_see_the_same_rows(filled: None) -> None:
    for number in range(5):
        await A.acreate(name=f"a{number}", email=f"a{number}@example.com", age=1)
        in_thread(lambda n=number: A.create(name=f"b{n}", email=f"b{n}@example.com", age=1))
    assert 14 == await A.acount() == in_thread(A.count)
    await close_all_async()


def test_each_colour_has_a_connection_of_its_own(db: Database) -> None:
    assert get_connection() is not get_async_connection()
    assert db.vendor == get_connection().vendor == get_async_connection().vendor


@pytest.mark.parametrize("journal", ["wal", "delete"])
async def test_the_journal_of_a_file_may_be_chosen(sqlite_db: Database, call: Call, journal: str) -> None:
    sqlite_db.configure(OPTIONS={"journal_mode": journal.upper()})
    await call(dorm, "create_tables", *ALL)
    await call(Publisher.objects, "create", name="Any")
    told = RawSQL("(SELECT journal_mode FROM pragma_journal_mode)", (), output_field=dorm.TextField())
    assert journal == (await call(Publisher.objects.annotate(journal=told), "get")).journal


def test_one_loop_after_the_other(filled: None) -> None:
    assert [4, 4] == [asyncio.run(A.acount()) for _ in range(2)]
    assert 4 == A.count()


# -- A connection that was lost -------------------------------------------------------------------


async def test_a_lost_connection_is_replaced(
    worker_database: WorkerDatabase, postgresql_db: Database, call: Call
) -> None:
    await call(dorm, "create_tables", *ALL)
    assert 0 == await call(A, "count")
    killed = in_thread(
        worker_database._run,
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND "
        "pid <> pg_backend_pid() AND backend_type = 'client backend'",
    )
    assert killed
    assert 0 == await call(A, "count")
