"""``atomic`` and ``aatomic`` around queries: all or none, savepoints, decorators."""

from __future__ import annotations

import pytest

from dorm import transaction
from dorm.exceptions import IntegrityError, TransactionManagementError, UniqueViolation
from dorm.test import assert_num_queries
from tests.library import Author, Book


async def names(call):
    return await call.list(Author.objects.order_by("name").values_list("name", flat=True))


async def add(call, name):
    return await call(Author.objects, "create", name=name)


async def test_a_block_commits_at_its_end(library, call):
    async with call.atomic():
        await add(call, "Ann")
        assert ["Ann"] == await names(call)
    assert ["Ann"] == await names(call)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
async def test_any_exception_rolls_back(library, call, error):
    with pytest.raises(error):
        async with call.atomic():
            await add(call, "Ann")
            raise error
    assert [] == await names(call)


async def test_an_inner_block_is_a_savepoint(library, call):
    async with call.atomic():
        await add(call, "Ann")
        with pytest.raises(ValueError, match="inner"):
            async with call.atomic():
                await add(call, "Bob")
                async with call.atomic():
                    await add(call, "Cid")
                raise ValueError("inner")
        assert ["Ann"] == await names(call)
        async with call.atomic():
            await add(call, "Dan")
    assert ["Ann", "Dan"] == await names(call)


async def test_the_outer_block_takes_the_inner_ones_along(library, call):
    with pytest.raises(ValueError, match="outer"):
        async with call.atomic():
            async with call.atomic():
                await add(call, "Ann")
            raise ValueError("outer")
    assert [] == await names(call)


async def test_a_violation_in_a_savepoint_leaves_the_block_usable(library, call):
    async with call.atomic():
        author = await add(call, "Ann")
        await call(Book.objects, "create", title="1", author=author)
        with pytest.raises(UniqueViolation):
            async with call.atomic():
                await call(Book.objects, "create", title="1", author=author)
        await call(Book.objects, "create", title="2", author=author)
    assert 2 == await call(Book.objects, "count")


async def test_a_violation_caught_inside_breaks_the_block_on_both_databases(library, call):
    with pytest.raises(TransactionManagementError):
        async with call.atomic():
            author = await add(call, "Ann")
            await call(Book.objects, "create", title="1", author=author)
            with pytest.raises(UniqueViolation):
                await call(Book.objects, "create", title="1", author=author)
            await call(Book.objects, "count")
    assert [] == await names(call)


async def test_a_key_that_leads_nowhere_is_found_at_the_latest_at_commit(library, call):
    with pytest.raises(IntegrityError):
        async with call.atomic():
            await call(Book.objects, "create", title="1", author_id=99)
    assert 0 == await call(Book.objects, "count")


async def test_keys_may_lead_nowhere_until_the_commit(library, call):
    async with call.atomic():
        await call(Book.objects, "create", title="1", author_id=99)
        await call(Author.objects, "create", id=99, name="Ann")
    assert 1 == await call(Book.objects.filter(author__name="Ann"), "count")


async def test_bulk_create_inside_a_block_is_part_of_it(library, call):
    with pytest.raises(ValueError, match="after"):
        async with call.atomic():
            await call(Author.objects, "bulk_create", [Author(name=str(n)) for n in range(10)], batch_size=3)
            assert 10 == await call(Author.objects, "count")
            raise ValueError("after")
    assert 0 == await call(Author.objects, "count")


async def test_a_stream_inside_a_block_sees_its_rows(library, call):
    async with call.atomic():
        for name in "abc":
            await add(call, name)
        found = [author.name async for author in call.stream(Author.objects.order_by("name"), chunk_size=1)]
        assert list("abc") == found
        assert 3 == await call(Author.objects, "count")


async def test_set_rollback(library, call):
    async with call.atomic():
        await add(call, "Ann")
        transaction.set_rollback(True)
    assert [] == await names(call)


async def test_on_commit_runs_after_the_outermost_block(library, call):
    done: list[str] = []
    async with call.atomic():
        transaction.on_commit(lambda: done.append("outer"))
        async with call.atomic():
            transaction.on_commit(lambda: done.append("inner"))
        with pytest.raises(ValueError, match="lost"):
            async with call.atomic():
                transaction.on_commit(lambda: done.append("lost"))
                raise ValueError("lost")
        assert [] == done
    assert ["outer", "inner"] == done


async def test_begin_and_commit_are_no_queries(library, call):
    with assert_num_queries(1):
        async with call.atomic(), call.atomic():
            await call(Author.objects, "count")


async def test_durable_blocks_are_outermost(library, call):
    async with call.atomic():
        with pytest.raises(RuntimeError, match="durable"):
            async with call.atomic(durable=True):
                pass


def test_the_decorator(library):
    @transaction.atomic
    def plain(name):
        Author.objects.create(name=name)
        if name == "bad":
            raise ValueError(name)
        return name

    @transaction.atomic("default", durable=True)
    def configured(name):
        """Its own words."""
        return plain(name)

    assert "good" == configured("good")
    assert "Its own words." == configured.__doc__
    with pytest.raises(ValueError, match="bad"):
        configured("bad")
    assert ["good"] == [author.name for author in Author.objects.all()]


async def test_the_asynchronous_decorator(library, call):
    if not call.is_async:
        return

    @transaction.aatomic
    async def plain(name):
        await Author.objects.acreate(name=name)
        if name == "bad":
            raise ValueError(name)
        return name

    assert "good" == await plain("good")
    with pytest.raises(ValueError, match="bad"):
        await plain("bad")
    assert ["good"] == await names(call)


def test_a_decorator_knows_its_colour():
    async def coroutine():
        """Asynchronous."""

    def function():
        """Not."""

    with pytest.raises(TypeError, match="use aatomic"):
        transaction.atomic(coroutine)
    with pytest.raises(TypeError, match="use atomic"):
        transaction.aatomic(function)
