"""All or nothing: blocks, decorated functions, blocks in blocks, and creations that meet each other."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm import F
from dorm.conf import settings
from tests.contract.models import Author, Book

if TYPE_CHECKING:
    from tests.testbed.colours import Call
    from tests.testbed.databases import Database

A = Author.objects
NEW = {"name": "Eve", "email": "eve@example.com", "age": 40}


async def test_a_block_is_kept(magazine: None, call: Call) -> None:
    async with call.atomic():
        author = await call(A, "create", **NEW)
        await call(Book.objects, "create", title="One", author_id=author.pk)
    assert (1, 1) == (await call(A, "count"), await call(Book.objects, "count"))


async def test_a_block_that_fails_leaves_nothing(magazine: None, call: Call) -> None:
    with pytest.raises(ZeroDivisionError):
        async with call.atomic():
            await call(A, "create", **NEW)
            raise ZeroDivisionError
    assert 0 == await call(A, "count")


async def test_an_inner_block_fails_alone(magazine: None, call: Call) -> None:
    async with call.atomic():
        author = await call(A, "create", **NEW)
        try:
            async with call.atomic():
                await call(Book.objects, "create", title="Bad", author_id=author.pk)
                raise ValueError("wrong")
        except ValueError:
            assert 0 == await call(Book.objects, "count")
    assert (1, 0) == (await call(A, "count"), await call(Book.objects, "count"))


@dorm.transaction.atomic
def transfer(source: int, target: int, amount: int, *, fail: bool) -> str:
    A.filter(pk=source).update(balance=F("balance") - amount)
    if fail:
        raise ZeroDivisionError
    A.filter(pk=target).update(balance=F("balance") + amount)
    return "done"


@dorm.transaction.aatomic
async def atransfer(source: int, target: int, amount: int, *, fail: bool) -> str:
    await A.filter(pk=source).aupdate(balance=F("balance") - amount)
    if fail:
        raise ZeroDivisionError
    await A.filter(pk=target).aupdate(balance=F("balance") + amount)
    return "done"


async def transferred(call: Call, **options: Any) -> str:
    return await atransfer(1, 2, 5, **options) if call.is_async else transfer(1, 2, 5, **options)


async def test_a_decorated_function_is_a_block(filled: None, call: Call) -> None:
    assert "done" == await transferred(call, fail=False)
    with pytest.raises(ZeroDivisionError):
        await transferred(call, fail=True)
    assert [-15, 25, 0, -5] == await call.list(A.values_list("balance", flat=True))


async def test_a_block_may_be_on_another_database(filled: None, db: Database) -> None:
    settings.configure(DATABASES={"default": db.entry, "replica": db.entry})

    @dorm.transaction.aatomic("replica")
    async def report() -> int:
        return await A.using("replica").acount()

    assert 4 == await report()
    await dorm.db.connection.close_all_async()


# -- Creations that meet --------------------------------------------------------------------------

UNIQUE = {"email": NEW["email"], "defaults": {"name": "Eve", "age": 40}}
TWINS = 8


@pytest.mark.parametrize("method", ["get_or_create", "update_or_create"])
def test_threads_that_create_the_same_row_share_it(magazine: None, method: str) -> None:
    with ThreadPoolExecutor(TWINS) as threads:
        tasks = [threads.submit(getattr(A, method), **UNIQUE) for _ in range(TWINS)]
        found = [task.result() for task in tasks]
    assert 1 == len({author.pk for author, _ in found}) == sum(created for _, created in found) == A.count()


@pytest.mark.parametrize("method", ["aget_or_create", "aupdate_or_create"])
async def test_tasks_that_create_the_same_row_share_it(magazine: None, method: str) -> None:
    found = await asyncio.gather(*(getattr(A, method)(**UNIQUE) for _ in range(TWINS)))
    assert 1 == len({author.pk for author, _ in found}) == sum(created for _, created in found) == await A.acount()
    await dorm.db.connection.close_all_async()
