"""``distinct(*fields)``: the first row of each, which PostgreSQL knows how to find."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm import Sum
from tests.library import Author, Book

if TYPE_CHECKING:
    from tests.testbed.colours import Call
    from tests.testbed.databases import Database

B = Book.objects
LONGEST = B.distinct("author").order_by("author", "-pages")


async def fill(call: Call) -> None:
    """Ann wrote a1 (1 page) and a2 (2), Bob b3 (3) and b4 (4)."""
    for number, (name, title) in enumerate((("Ann", "a1"), ("Ann", "a2"), ("Bob", "b3"), ("Bob", "b4")), 1):
        author, _ = await call(Author.objects, "get_or_create", name=name)
        await call(B, "create", title=title, author=author, pages=number)


async def test_the_first_of_each_comes_back(library: None, db: Database, call: Call) -> None:
    if db.vendor == "sqlite":
        with pytest.raises(dorm.NotSupportedError, match=r"no DISTINCT ON: distinct\(\) takes no fields"):
            await call.list(LONGEST.all())
        return
    await fill(call)
    assert ["a2", "b4"] == [one.title for one in await call.list(LONGEST.all())]
    assert ["b4"] == [one.title for one in await call.list(LONGEST[1:])]
    assert ["a2", "b4"] == await call.list(LONGEST.values_list("title", flat=True))
    by_name = B.distinct("author__name").order_by("author__name", "pages")
    assert ["a1", "b3"] == [one.title for one in await call.list(by_name)]
    assert (2, True) == (await call(LONGEST, "count"), await call(LONGEST, "exists"))
    assert {"all": 6} == await call(LONGEST, "aggregate", all=Sum("pages"))
    assert "a2" == (await call(LONGEST, "first")).title


async def test_it_stands_inside_others(library: None, db: Database, call: Call) -> None:
    query: Any = B.filter(pk__in=LONGEST).order_by("pk")
    union = B.filter(pages=1).union(LONGEST).order_by("pk")
    if db.vendor == "sqlite":
        for one in (query, union):
            with pytest.raises(dorm.NotSupportedError, match="no DISTINCT ON"):
                await call.list(one)
        return
    await fill(call)
    assert ["a2", "b4"] == [one.title for one in await call.list(query)]
    assert ["a1", "a2", "b4"] == [one.title for one in await call.list(union)]


def test_mistakes_are_told_where_they_are_written() -> None:
    with pytest.raises(dorm.FieldError, match="no field 'nope'"):
        B.distinct("nope")
    with pytest.raises(TypeError, match="once a slice has been taken"):
        B.all()[:3].distinct("author")
    with pytest.raises(TypeError, match="distinct"):
        B.distinct("author").delete()
