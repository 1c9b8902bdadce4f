"""Rows in chunks, without keeping them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import dorm
from dorm.test import capture_queries

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.testbed.colours import Call

    Tables = Callable[..., None]


class Shelf(dorm.Model):
    class Meta:
        app_label = "test_streaming"


class Item(dorm.Model):
    shelf = dorm.ForeignKey(Shelf, on_delete=dorm.CASCADE)
    number = dorm.IntegerField()

    class Meta:
        app_label = "test_streaming"
        ordering = ("number",)


async def fill(tables: Tables, call: Call, count: int) -> None:
    tables(Shelf, Item)
    shelf = await call(Shelf.objects, "create")
    await call(Item.objects, "bulk_create", [Item(shelf=shelf, number=number) for number in range(count)])


async def test_every_row_comes_once_and_in_order(tables: Tables, call: Call) -> None:
    await fill(tables, call, 25)
    found = [item.number async for item in call.stream(Item.objects.all(), chunk_size=4)]
    assert list(range(25)) == found


async def test_rows_may_be_changed_while_they_come(tables: Tables, call: Call) -> None:
    await fill(tables, call, 10)
    async for item in call.stream(Item.objects.all(), chunk_size=3):
        item.number += 100
        await call(item, "save")
    assert 10 == await call(Item.objects.filter(number__gte=100), "count")


async def test_a_stream_that_is_left_gives_its_connection_back(tables: Tables, call: Call) -> None:
    await fill(tables, call, 10)
    async for _ in call.stream(Item.objects.all(), chunk_size=2):
        break
    assert 10 == await call(Item.objects, "count")


async def test_a_stream_inside_a_block_sees_its_rows(tables: Tables, call: Call) -> None:
    await fill(tables, call, 3)
    async with call.atomic():
        await call(Item.objects.all(), "update", number=7)
        assert [7, 7, 7] == [item.number async for item in call.stream(Item.objects.all(), chunk_size=2)]


async def test_each_chunk_prefetches_for_itself(tables: Tables, call: Call) -> None:
    await fill(tables, call, 5)
    with capture_queries() as queries:
        shelves = [item.shelf.pk async for item in call.stream(Item.objects.prefetch_related("shelf"), chunk_size=2)]
    assert 5 == len(shelves)
    assert 4 == len(queries)


async def test_prefetching_needs_the_size_of_a_chunk(tables: Tables, call: Call) -> None:
    await fill(tables, call, 1)
    with pytest.raises(ValueError, match="chunk_size must be given"):
        async for _ in call.stream(Item.objects.prefetch_related("shelf")):
            pass


async def test_the_size_of_a_chunk_is_a_positive_number(tables: Tables, call: Call) -> None:
    await fill(tables, call, 1)
    with pytest.raises(ValueError, match="positive number of rows"):
        async for _ in call.stream(Item.objects.all(), chunk_size=0):
            pass
