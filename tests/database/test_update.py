"""``update()``: all rows of a query, in one statement."""

from __future__ import annotations

import decimal

import pytest

import dorm
from dorm import F, Q, Value
from dorm.exceptions import DataError, NotNullViolation, UniqueViolation
from dorm.test import assert_num_queries
from tests.library import Author, Book, Publisher


async def fill(call):
    publisher = await call(Publisher.objects, "create", name="P")
    for name, age in (("Ann", 30), ("Bob", 20), ("Cid", 10)):
        author = await call(Author.objects, "create", name=name, age=age)
        await call(Book.objects, "create", title=name, pages=age, author=author)
    return publisher


async def ages(call):
    return await call.list(Author.objects.order_by("name").values_list("age", flat=True))


async def test_every_row_or_those_that_match(library, call, db):
    await fill(call)
    with assert_num_queries(1) as queries:
        assert 3 == await call(Author.objects, "update", age=1)
    assert queries[0].sql == f'UPDATE "library_author" SET "age" = {"?" if db.vendor == "sqlite" else "$1"}'
    assert 1 == await call(Author.objects.filter(name="Bob"), "update", age=2)
    assert [1, 2, 1] == await ages(call)
    assert 0 == await call(Author.objects.filter(name="Zed"), "update", age=2)


async def test_several_fields_at_once(library, call):
    publisher = await fill(call)
    await call(Author.objects.filter(name="Ann"), "update", name="Eve", email="e@x.org", publisher=publisher)
    found = await call(Author.objects, "get", name="Eve")
    assert ("e@x.org", publisher.pk) == (found.email, found.publisher_id)
    await call(Author.objects.all(), "update", publisher=None, email=None)
    assert 0 == await call(Author.objects.filter(publisher__isnull=False), "count")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (F("age") + 1, [31, 21, 11]),
        (F("age") * 2 - 5, [55, 35, 15]),
        (-F("age"), [-30, -20, -10]),
        (F("age") % 20, [10, 0, 10]),
        (F("age") / 10, [3, 2, 1]),
        (F("id") * 100 + F("age"), [130, 220, 310]),
        (Value(7), [7, 7, 7]),
    ],
    ids=repr,
)
async def test_expressions(library, call, expression, expected):
    await fill(call)
    assert 3 == await call(Author.objects, "update", age=expression)
    assert expected == await ages(call)


async def test_values_are_read_before_anything_is_written(library, call):
    await fill(call)
    await call(Book.objects.all(), "delete")
    await call(Author.objects.filter(name="Ann"), "update", age=F("id"), id=F("age"))
    assert [(30, 1)] == await call.list(Author.objects.filter(name="Ann").values_list("id", "age"))


async def test_rows_found_across_a_foreign_key(library, call):
    await fill(call)
    with assert_num_queries(1):
        assert 1 == await call(Book.objects.filter(author__name="Bob"), "update", pages=99)
        # and nothing else
    assert [30, 99, 10] == await call.list(Book.objects.order_by("title").values_list("pages", flat=True))


async def test_rows_left_out_across_a_foreign_key(library, call):
    await fill(call)
    assert 2 == await call(Book.objects.exclude(author__age__gt=25), "update", pages=0)
    assert 2 == await call(Book.objects.filter(Q(author__name="Ann") | Q(pages=0, author__age=10)), "update", pages=5)
    assert [5, 0, 5] == await call.list(Book.objects.order_by("title").values_list("pages", flat=True))


async def test_no_instance_is_touched_and_nobody_is_told(library, call):
    await fill(call)
    author = await call(Author.objects, "get", name="Ann")
    await call(Author.objects, "update", age=1)
    assert 30 == author.age


async def test_an_order_does_not_matter(library, call):
    await fill(call)
    assert 3 == await call(Author.objects.order_by("-name"), "update", age=1)
    assert 3 == await call(Author.objects.select_related("publisher"), "update", age=2)


async def test_what_can_match_nothing_is_not_asked(library, call):
    with assert_num_queries(0):
        assert 0 == await call(Author.objects.filter(age__in=[]), "update", age=1)


@pytest.mark.parametrize(
    ("query", "values", "error", "match"),
    [
        (Author.objects.all(), {"nmae": "x"}, dorm.FieldError, "no field 'nmae' to update.*'name'"),
        (Author.objects.all(), {}, ValueError, "at least one"),
        (Author.objects.all()[:2], {"age": 1}, TypeError, "slice"),
        (Author.objects.all(), {"age": 2**31}, DataError, "library.Author.age cannot hold 2147483648"),
        (Author.objects.all(), {"name": "x" * 51}, DataError, "51 characters, the column takes 50"),
        (Author.objects.all(), {"salary": decimal.Decimal("0.001")}, DataError, "salary cannot hold"),
        (Author.objects.all(), {"age": "many"}, ValueError, "many"),
        (Author.objects.all(), {"age": F("nmae")}, dorm.FieldError, "nmae"),
        (Author.objects.all(), {"book": 1}, dorm.FieldError, "book"),
        (Author.objects.all(), {"name__upper": 1}, dorm.FieldError, "name__upper"),
    ],
)
async def test_mistakes_are_told_before_anything_is_written(library, call, query, values, error, match):
    with assert_num_queries(0), pytest.raises(error, match=match):
        await call(query, "update", **values)


async def test_violations(library, call):
    await fill(call)
    with pytest.raises(UniqueViolation) as caught:
        await call(Book.objects, "update", title="same")
    assert ("title",) == tuple(caught.value.fields)
    with pytest.raises(NotNullViolation):
        await call(Author.objects, "update", name=None)
    assert [30, 20, 10] == await ages(call)
