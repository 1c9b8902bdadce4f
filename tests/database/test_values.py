"""Rows as dicts, tuples and plain values: of the declared types, on SQLite too."""

from __future__ import annotations

import datetime
import decimal
import uuid

import pytest

import dorm
from dorm.test import assert_num_queries
from tests.library import Author, Book, Publisher

UTC = datetime.UTC


class Everything(dorm.Model):
    flag = dorm.BooleanField()
    price = dorm.DecimalField(max_digits=8, decimal_places=2)
    wide = dorm.DecimalField(max_digits=30, decimal_places=10)
    moment = dorm.DateTimeField()
    day = dorm.DateField()
    hour = dorm.TimeField()
    span = dorm.DurationField()
    token = dorm.UUIDField()
    data = dorm.JSONField()
    blob = dorm.BinaryField()
    address = dorm.GenericIPAddressField()
    ratio = dorm.FloatField()

    class Meta:
        app_label = "test_values"


VALUES = {
    "flag": True,
    "price": decimal.Decimal("1.50"),
    "wide": decimal.Decimal("12345678901234567890.0123456789"),
    "moment": datetime.datetime(2020, 2, 29, 23, 59, 59, 999999, tzinfo=UTC),
    "day": datetime.date(2020, 2, 29),
    "hour": datetime.time(23, 59, 59, 1),
    "span": datetime.timedelta(days=-1, microseconds=1),
    "token": uuid.UUID(int=1),
    "data": {"a": [1, None, True, "x"]},
    "blob": b"\x00\xff",
    "address": "::1",
    "ratio": 0.1,
}


async def fill(call):
    publisher = await call(Publisher.objects, "create", name="P")
    ann = await call(Author.objects, "create", name="Ann", age=1, publisher=publisher)
    bob = await call(Author.objects, "create", name="Bob", age=2)
    for title, author in (("1", ann), ("2", ann), ("3", bob)):
        await call(Book.objects, "create", title=title, author=author)


async def test_declared_types_come_back(tables, call):
    tables(Everything)
    await call(Everything.objects, "create", **VALUES)
    with assert_num_queries(1):
        (found,) = await call.list(Everything.objects.values(*VALUES))
    assert VALUES == found
    assert {name: type(value) for name, value in VALUES.items()} == {name: type(found[name]) for name in VALUES}
    assert [tuple(VALUES.values())] == await call.list(Everything.objects.values_list(*VALUES))


async def test_dicts_of_all_columns(library, call):
    await call(Publisher.objects, "create", name="P")
    assert [{"id": 1, "name": "P", "city": None}] == await call.list(Publisher.objects.values())
    assert [(1, "P", None)] == await call.list(Publisher.objects.values_list())


async def test_a_relation_is_its_key(library, call):
    await fill(call)
    query = Author.objects.order_by("name")
    assert [1, None] == await call.list(query.values_list("publisher", flat=True))
    assert [{"publisher": 1}, {"publisher": None}] == await call.list(query.values("publisher"))
    assert [{"publisher_id": 1}, {"publisher_id": None}] == await call.list(query.values("publisher_id"))
    assert [{"pk": 1}, {"pk": 2}] == await call.list(query.values("pk"))


async def test_across_relations(library, call):
    await fill(call)
    query = Book.objects.order_by("title").values_list("title", "author__name", "author__publisher__name")
    assert [("1", "Ann", "P"), ("2", "Ann", "P"), ("3", "Bob", None)] == await call.list(query)
    backwards = Author.objects.order_by("name", "book__title").values_list("name", "book__title")
    assert [("Ann", "1"), ("Ann", "2"), ("Bob", "3")] == await call.list(backwards)


async def test_flat_values(library, call):
    await fill(call)
    query = Author.objects.order_by("name")
    assert ["Ann", "Bob"] == await call.list(query.values_list("name", flat=True))
    assert [1, 2] == await call.list(query.values_list(flat=True))


async def test_named_tuples(library, call):
    await fill(call)
    (row, _) = await call.list(Author.objects.order_by("name").values_list("name", "publisher__name", named=True))
    assert ("Ann", "P") == row == (row.name, row.publisher__name)


async def test_the_short_asynchronous_ways(library, call):
    await fill(call)
    if call.is_async:
        query = Author.objects.order_by("name")
        assert [{"name": "Ann"}, {"name": "Bob"}] == await query.avalues("name")
        assert ["Ann", "Bob"] == await query.avalues_list("name", flat=True)


async def test_distinct(library, call):
    await fill(call)
    assert ["Ann", "Bob"] == await call.list(
        Book.objects.values_list("author__name", flat=True).distinct().order_by("author__name")
    )


async def test_slices_and_filters_after_values(library, call):
    await fill(call)
    query = Book.objects.values_list("title", flat=True).filter(author__name="Ann").order_by("-title")
    assert ["2"] == await call.list(query[:1])
    assert "2" == await call(query, "first")
    assert {"title": "3"} == await call(Book.objects.values("title"), "get", author__name="Bob")


async def test_rows_stream_as_values(library, call):
    await fill(call)
    query = Book.objects.order_by("title").values_list("title", flat=True)
    assert ["1", "2", "3"] == [title async for title in call.stream(query, chunk_size=2)]


@pytest.mark.parametrize(
    ("wrong", "error", "match"),
    [
        (lambda: Author.objects.values("nmae"), dorm.FieldError, "nmae.*name"),
        (lambda: Author.objects.values("publisher__nmae"), dorm.FieldError, "Publisher has no field 'nmae'"),
        (lambda: Author.objects.values("name__upper_case"), dorm.FieldError, "upper_case"),
        (lambda: Author.objects.values_list("name", "age", flat=True), TypeError, "more than one field"),
        (lambda: Author.objects.values_list("name", flat=True, named=True), TypeError, "together"),
        (lambda: Author.objects.values("name").select_related("publisher"), TypeError, "select_related"),
    ],
)
def test_wrong_use_is_told_at_once(wrong, error, match):
    with pytest.raises(error, match=match):
        wrong()
