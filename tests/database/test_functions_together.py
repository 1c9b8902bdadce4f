"""Functions, windows and transforms among the other things a query is made of."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm import (
    Case,
    Concat,
    Count,
    Exists,
    ExtractHour,
    F,
    Left,
    Length,
    Lower,
    OuterRef,
    Prefetch,
    RowNumber,
    Subquery,
    Sum,
    TruncMonth,
    Upper,
    Value,
    When,
    Window,
)
from dorm.lookups import LessThanOrEqual
from tests.library import Author, Book

if TYPE_CHECKING:
    from tests.testbed.colours import Call

RANK = Window(RowNumber(), partition_by="author", order_by="-pages")


async def fill(call: Call) -> None:
    """Ann (1) wrote a0 (0 pages), a1 (10) and a2 (20), Bob (50) wrote b0 (5)."""
    ann = await call(Author.objects, "create", name="Ann", age=1, joined=dt.datetime(2020, 1, 1, 5, tzinfo=dt.UTC))
    bob = await call(Author.objects, "create", name="Bob", age=50, joined=dt.datetime(2020, 1, 1, 7, tzinfo=dt.UTC))
    for i in range(3):
        await call(Book.objects, "create", title=f"a{i}", author=ann, pages=10 * i, published=dt.date(2020, 1, 1 + i))
    await call(Book.objects, "create", title="b0", author=bob, pages=5)


async def names(call: Call, query: Any, name: str = "title") -> list[Any]:
    return [getattr(one, name) for one in await call.list(query.order_by(name))]


async def test_an_aggregate_on_the_right_side_is_a_condition_on_groups(library: None, call: Call) -> None:
    await fill(call)
    counted = Author.objects.annotate(n=Count("book"))

    assert ["Ann"] == await names(call, counted.filter(age__lt=F("n")), "name")
    assert ["Bob"] == await names(call, counted.exclude(age__lt=F("n")), "name")
    assert 1 == await call(counted.filter(age__lt=F("n")), "count")


async def test_a_list_may_hold_functions(library: None, call: Call) -> None:
    await fill(call)

    listed = Author.objects.filter(name__in=[Concat(Value("B"), Value("ob")), "q"])
    assert ["Bob"] == await names(call, listed, "name")
    assert ["Bob"] == await names(call, Author.objects.filter(name__icontains=Lower(Value("OB"))), "name")


async def test_a_query_inside_is_filtered_by_its_window(library: None, call: Call) -> None:
    await fill(call)
    top = Book.objects.annotate(r=RANK).filter(r=1, author=OuterRef("pk"))

    assert ["a2", "b0"] == await names(call, Author.objects.annotate(top=Subquery(top.values("title"))), "top")
    assert 2 == await call(Author.objects.filter(Exists(top)), "count")
    same_year = Author.objects.filter(joined__year=OuterRef("published__year"))
    assert 3 == await call(Book.objects.filter(Exists(same_year)), "count")


async def test_query_sets_with_windows_are_combined_and_loaded_afterwards(library: None, call: Call) -> None:
    await fill(call)
    ranked = Book.objects.annotate(r=RANK)
    first, third = (ranked.filter(r=number).values_list("title", "r") for number in (1, 3))

    assert [("a0", 3), ("a2", 1), ("b0", 1)] == sorted(await call.list(first.union(third)))
    best = Prefetch("book_set", queryset=ranked.filter(r__lte=2).order_by("r"))
    authors = await call.list(Author.objects.order_by("name").prefetch_related(best))
    assert [["a2", "a1"], ["b0"]] == [[book.title for book in author.book_set.all()] for author in authors]
    assert 2 == len([book async for book in call.stream(ranked.filter(r=1))])


async def test_a_window_that_has_no_name_is_a_condition(library: None, call: Call) -> None:
    await fill(call)
    query = Book.objects.filter(LessThanOrEqual(RANK, 1))

    assert ["a2", "b0"] == await names(call, query)
    assert 2 == await call(query, "count")
    with pytest.raises(dorm.NotSupportedError, match="annotate"):
        await call(query, "aggregate", s=Sum("pages"))


async def test_windows_share_a_query_with_values_in_every_clause(library: None, call: Call) -> None:
    await fill(call)
    long = Case(When(pages__gte=10, then=Value(1)), default=Value(0))
    query = Book.objects.annotate(x=Window(Sum(long), partition_by=Left("title", 1))).filter(x__gte=2)

    assert ["a0", "a1", "a2"] == await names(call, query.exclude(title__startswith="b"))
    ordered = query.filter(title__lt="a9").order_by(Length(Concat("title", Value("!"))), F("x").desc(), "-title")[:2]
    assert ["a2", "a1"] == [book.title for book in await call.list(ordered)]
    assert 2 == await call(ordered, "count")
    assert 0 == await call(query.filter(pages__lt=20), "count")  # which is asked before the window is computed


async def test_groups_of_what_a_function_gives_are_filtered(library: None, call: Call) -> None:
    await fill(call)
    query = Book.objects.values(first=Left("title", 1)).annotate(s=Sum("pages")).filter(s__gt=5)

    assert [{"first": "a", "s": 30}] == await call.list(query)


async def test_a_difference_of_moments_is_taken_apart(library: None, call: Call) -> None:
    await fill(call)
    since = F("joined") - Value(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))

    assert [5, 7] == await names(call, Author.objects.annotate(d=since).annotate(h=ExtractHour("d")), "h")


async def test_rows_are_written_with_what_functions_give(library: None, call: Call) -> None:
    await fill(call)

    await call(Book.objects.filter(published__isnull=False), "update", pages=F("published__day") * 100)
    await call(Author.objects.filter(name="Ann"), "update", name=Concat(F("name")[0], Value("x")))
    month = TruncMonth(Value(dt.date(2020, 5, 6)))
    author = await call(Author.objects, "get", name="Ax")
    made = await call(Book.objects, "create", title=Upper(Value("zz")), author=author, published=month)

    assert [5, 100, 200, 300] == await names(call, Book.objects.exclude(pk=made.pk), "pages")
    found = await call(Book.objects, "get", pk=made.pk)
    assert ("ZZ", dt.date(2020, 5, 1)) == (found.title, found.published)


async def test_distinct_years_are_ordered_by_themselves(library: None, call: Call) -> None:
    await fill(call)
    years = Book.objects.filter(published__isnull=False).order_by("published__year").values_list("published__year")

    assert [(2020,)] == await call.list(years.distinct())
