"""Queries inside queries: as values of lookups, and where a to-many relation is denied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm import Q
from dorm.query.plan import Counter
from dorm.test import capture_queries

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.testbed.colours import Call


class Author(dorm.Model):
    name = dorm.CharField(max_length=10)
    age = dorm.IntegerField()

    class Meta:
        app_label = "test_subqueries"
        ordering = ("name",)


class Tag(dorm.Model):
    name = dorm.CharField(max_length=10)

    class Meta:
        app_label = "test_subqueries"


class Book(dorm.Model):
    title = dorm.CharField(max_length=10)
    author = dorm.ForeignKey(Author, on_delete=dorm.CASCADE, null=True)
    number = dorm.IntegerField()
    tags = dorm.ManyToManyField(Tag)

    class Meta:
        app_label = "test_subqueries"


@pytest.fixture
def library(tables: Callable[..., None]) -> Callable[[Call], Any]:
    """Authors a, b, c with two books each, numbered 0 to 5 in turn, and d without; book i has the first i % 3 tags."""
    tables(Author, Tag, Book)

    async def fill(call: Call) -> None:
        authors = [await call(Author.objects, "create", name=name, age=age) for age, name in enumerate("abcd")]
        tags = [await call(Tag.objects, "create", name=name) for name in "xy"]
        for number in range(6):
            book = await call(Book.objects, "create", title=f"t{number}", author=authors[number % 3], number=number)
            await call(book.tags, "set", tags[: number % 3])

    return fill


async def names(call: Call, source: Any) -> str:
    return "".join([one.name for one in await call.list(source)])


async def test_a_query_set_is_a_subquery_of_in(library: Any, call: Call) -> None:
    await library(call)
    with capture_queries() as queries:
        found = await call.list(Book.objects.filter(author__in=Author.objects.filter(age__gte=1), number__gt=1))

    assert [2, 4, 5] == sorted(book.number for book in found)
    (query,) = queries
    assert '"author_id" IN (SELECT "test_subqueries_author"."id" FROM "test_subqueries_author" WHERE ' in query.sql


async def test_values_choose_the_column_of_a_subquery(library: Any, call: Call) -> None:
    await library(call)
    assert "bc" == await names(call, Author.objects.filter(pk__in=Book.objects.filter(number__gte=4).values("author")))


async def test_a_slice_stays_a_slice_inside(library: Any, call: Call) -> None:
    await library(call)
    oldest = Author.objects.order_by("-age")[:2]
    assert 2 == await call(Book.objects.filter(author__in=oldest), "count")


async def test_one_value_is_compared_as_a_value(library: Any, call: Call) -> None:
    await library(call)
    greatest = Book.objects.order_by("-number").values("number")[:1]
    assert 5 == (await call(Book.objects, "get", number=greatest)).number


async def test_nothing_inside_means_nothing_outside(library: Any, call: Call) -> None:
    await library(call)
    assert 0 == await call(Author.objects.filter(pk__in=Author.objects.filter(pk__in=[])), "count")


async def test_excluding_across_a_to_many_relation_is_about_any_row(library: Any, call: Call) -> None:
    await library(call)
    assert "ad" == await names(call, Author.objects.exclude(book__number__gte=4))
    assert "bcd" == await names(call, Author.objects.filter(~Q(book__number=0)))
    assert "ad" == await names(call, Author.objects.exclude(book__tags__name="x"))
    assert "abc" == await names(call, Author.objects.exclude(book__isnull=True).distinct())
    assert 2 == await call(Book.objects.exclude(tags__name="x"), "count")


async def test_what_is_denied_is_one_exists(library: Any, call: Call) -> None:
    await library(call)
    with capture_queries() as queries:
        await call.list(Author.objects.exclude(book__number__gte=4))

    (query,) = queries
    assert (
        'WHERE NOT (EXISTS (SELECT 1 FROM "test_subqueries_book" AS "U1" WHERE "U1"."author_id" = '
        '"test_subqueries_author"."id" AND "U1"."number" >= '
    ) in query.sql


async def test_changes_take_subqueries_too(library: Any, call: Call) -> None:
    await library(call)
    of_a = Book.objects.filter(author__in=Author.objects.filter(name="a"))
    assert 2 == await call(of_a, "update", number=9)
    assert 2 == await call(Book.objects.filter(number=9), "count")
    assert 2 == (await call(of_a, "delete"))[1]["test_subqueries.Book"]


async def test_other_values_inside_compile_nothing_anew(library: Any, call: Call) -> None:
    await library(call)
    await call(Book.objects.filter(author__in=Author.objects.filter(age__gte=0)), "count")
    before = Counter.compiled

    counts = [
        await call(Book.objects.filter(author__in=Author.objects.filter(age__gte=age)), "count") for age in range(4)
    ]

    assert [6, 4, 2, 0] == counts
    assert before == Counter.compiled


def test_a_query_set_of_another_model_is_refused() -> None:
    with pytest.raises(ValueError, match='Cannot use a query set of "Tag"'):
        Book.objects.filter(author__in=Tag.objects.all())


def test_a_query_set_of_several_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="must give one column, not 2"):
        Book.objects.filter(author__in=Author.objects.values("id", "name"))
