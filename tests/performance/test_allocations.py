"""What stays in memory: of a row as much as of a plain object, of a query nothing."""

from __future__ import annotations

import gc
import itertools
import sys
from typing import TYPE_CHECKING, Any

import pytest

import dorm
from tests.library import Author

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = 2000


class Plain:
    """What a hand would write."""


async def blocks(make: Callable[[], Any], settle: Callable[[], Any]) -> tuple[int, Any]:
    """How many blocks of memory are kept by what *make* gives.

    A driver's thread keeps its last result until the next one: *settle* asks something small.
    """
    await settle()
    gc.collect()
    before = sys.getallocatedblocks()
    kept = await make()
    await settle()
    gc.collect()
    return sys.getallocatedblocks() - before, kept


_numbers = itertools.count(1)


@pytest.fixture
def note(tables) -> Any:
    """A model that no other test has used: Python learns the attributes of a class from its first instances."""

    class Note(dorm.Model):
        title = dorm.CharField(max_length=50)
        size = dorm.IntegerField()
        text = dorm.TextField(null=True)

        class Meta:
            app_label = f"notes{next(_numbers)}"

    tables(Note)
    return Note


async def test_an_instance_keeps_what_a_plain_object_keeps(db, note, call):
    await call(note.objects, "bulk_create", [note(title=f"Note {number}", size=number + 300) for number in range(ROWS)])

    async def plain() -> list[Plain]:
        found: list[Plain] = []
        rows: Any = await call.list(note.objects.values_list("id", "title", "size", "text"))
        for row in rows:
            one: Any = Plain()
            one.id, one.title, one.size, one.text = row
            found.append(one)
        return found

    async def instances() -> list[Any]:
        return await call.list(note.objects.all())

    await plain()
    await instances()

    async def settle() -> None:
        await call(note.objects, "count")

    expected, _ = await blocks(plain, settle)
    actual, found = await blocks(instances, settle)
    assert ROWS == len(found)
    # A plan, a cursor's buffer and the list itself are a few blocks; a dict per instance would be 2000.
    assert expected + ROWS * 0.05 + 50 > actual


@pytest.mark.parametrize("method", ["get", "filter"])
async def test_queries_leave_nothing_behind(method, library, call):
    await call(Author.objects, "bulk_create", [Author(name=f"Author number {number}") for number in range(ROWS)])

    async def ask() -> None:
        for number in range(200):
            if method == "get":
                await call(Author.objects, "get", pk=number + 1)
            else:
                await call.list(Author.objects.filter(age__gte=number, name=f"Author number {number}").order_by("name"))

    await ask()
    # What a query left behind would be there every time; what a cache or a thread keeps for itself is not.
    kept = min([(await blocks(ask, ask))[0] for _ in range(3)])
    assert 100 > kept
