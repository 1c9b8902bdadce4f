"""Many rows at once: keys come back, batches fit, all or none."""

from __future__ import annotations

import datetime
import decimal
import uuid

import pytest

import dorm
from dorm import F
from dorm.exceptions import DataError, ForeignKeyViolation, NotNullViolation, UniqueViolation
from dorm.signals import post_save, pre_save
from dorm.test import assert_num_queries, capture_queries
from tests.library import Author, Book

UTC = datetime.UTC


class Kinds(dorm.Model):
    char = dorm.CharField(max_length=20, null=True)
    text = dorm.TextField(null=True)
    small = dorm.SmallIntegerField(null=True)
    number = dorm.IntegerField(null=True)
    big = dorm.BigIntegerField(null=True)
    positive = dorm.PositiveIntegerField(null=True)
    ratio = dorm.FloatField(null=True)
    price = dorm.DecimalField(max_digits=8, decimal_places=2, null=True)
    wide = dorm.DecimalField(max_digits=30, decimal_places=10, null=True)
    flag = dorm.BooleanField(null=True)
    moment = dorm.DateTimeField(null=True)
    day = dorm.DateField(null=True)
    hour = dorm.TimeField(null=True)
    span = dorm.DurationField(null=True)
    token = dorm.UUIDField(null=True)
    blob = dorm.BinaryField(null=True)
    address = dorm.GenericIPAddressField(null=True)
    data = dorm.JSONField(null=True)
    slug = dorm.SlugField(null=True)
    email = dorm.EmailField(null=True)
    url = dorm.URLField(null=True)
    parent = dorm.ForeignKey("self", on_delete=dorm.CASCADE, null=True)

    class Meta:
        app_label = "test_bulk_create"


FULL = {
    "char": 'a"\'\\,{}', "text": "Ä\n\t{NULL}", "small": -(2**15), "number": 2**31 - 1, "big": -(2**63), "positive": 0,
    "ratio": -0.1, "price": decimal.Decimal("-999999.99"), "wide": decimal.Decimal("99999999999999999999.9999999999"),
    "flag": False, "moment": datetime.datetime(1, 1, 1, tzinfo=UTC), "day": datetime.date(9999, 12, 31),
    "hour": datetime.time(23, 59, 59, 999999), "span": datetime.timedelta(days=-1, microseconds=5),
    "token": uuid.UUID(int=2**128 - 1), "blob": bytes(range(256)), "address": "2001:db8::1",
    "data": {"a": [1, 2.5, None, "x", {"y": True}], "": "\\"}, "slug": "a-b", "email": "a@b.org", "url": "https://x.org",
}  # fmt: skip


class Stamped(dorm.Model):
    made = dorm.DateTimeField(auto_now_add=True)
    token = dorm.UUIDField(primary_key=True, default=uuid.uuid4)

    class Meta:
        app_label = "test_bulk_create"


class Bare(dorm.Model):
    class Meta:
        app_label = "test_bulk_create"


def values(instance):
    return {field.attname: getattr(instance, field.attname) for field in instance._meta.fields}


async def test_keys_come_back_in_order(library, call):
    authors = [Author(name=str(number)) for number in range(5)]
    with assert_num_queries(1):
        found = await call(Author.objects, "bulk_create", authors)
    assert all(one is other for one, other in zip(authors, found, strict=True))
    assert [1, 2, 3, 4, 5] == [author.pk for author in authors]
    assert not any(author._state.adding for author in authors)
    assert [str(number) for number in range(5)] == await call.list(
        Author.objects.order_by("pk").values_list("name", flat=True)
    )


async def test_every_kind_of_value_and_of_none(tables, call):
    tables(Kinds)
    given = [Kinds(**FULL), Kinds(), Kinds(**FULL)]
    await call(Kinds.objects, "bulk_create", given)
    found = await call.list(Kinds.objects.order_by("pk"))
    assert [values(one) for one in given] == [values(one) for one in found]
    assert [type(FULL[name]) for name in FULL] == [type(getattr(found[0], name)) for name in FULL]


async def test_each_kind_alone_beside_none(tables, call):
    tables(Kinds)
    given = [Kinds(**{name: value}) for name, value in FULL.items()]
    await call(Kinds.objects, "bulk_create", given)
    assert [values(one) for one in given] == [values(one) for one in await call.list(Kinds.objects.order_by("pk"))]


async def test_what_bulk_create_stores_save_stores_too(tables, call):
    tables(Kinds)
    await call(Kinds.objects, "bulk_create", [Kinds(**FULL)])
    await call(Kinds(**FULL), "save")
    first, second = await call.list(Kinds.objects.order_by("pk"))
    assert {**values(first), "id": None} == {**values(second), "id": None}
    for name, value in FULL.items():
        if name != "data":
            assert 2 == await call(Kinds.objects.filter(**{name: value}), "count"), name


async def test_more_rows_than_one_statement_takes(library, call, db):
    authors = [Author(name=str(number)) for number in range(10_000)]
    with capture_queries() as queries:
        await call(Author.objects, "bulk_create", authors)
    assert list(range(1, 10_001)) == [author.pk for author in authors]
    assert 10_000 == await call(Author.objects, "count")
    assert len(queries) <= 10
    assert db.is_postgresql or len(queries) > 1


@pytest.mark.parametrize(("batch_size", "statements"), [(1, 5), (2, 3), (5, 1), (99, 1), (None, 1)])
async def test_batches(library, call, batch_size, statements):
    with assert_num_queries(statements):
        await call(Author.objects, "bulk_create", [Author(name=str(n)) for n in range(5)], batch_size=batch_size)
    assert 5 == await call(Author.objects, "count")


async def test_all_or_none(library, call):
    author = await call(Author.objects, "create", name="Ann")
    books = [Book(title=str(number % 9), author=author) for number in range(10)]
    for size in (3, None):
        with pytest.raises(UniqueViolation) as caught:
            await call(Book.objects, "bulk_create", books, batch_size=size)
        assert ("title",) == tuple(caught.value.fields)
        assert 0 == await call(Book.objects, "count")


async def test_any_iterable_and_nothing(library, call):
    assert 3 == len(await call(Author.objects, "bulk_create", (Author(name=str(n)) for n in range(3))))
    with assert_num_queries(0):
        assert [] == await call(Author.objects, "bulk_create", [])


async def test_given_keys_are_kept_among_others(library, call):
    authors = [Author(name="a"), Author(id=50, name="b"), Author(name="c")]
    await call(Author.objects, "bulk_create", authors)
    assert 50 == authors[1].pk
    assert 3 == len({author.pk for author in authors} - {None})
    found = {author.pk: author.name for author in await call.list(Author.objects.all())}
    assert {author.pk: author.name for author in authors} == found


async def test_keys_with_a_default_and_clocks(tables, call):
    tables(Stamped)
    rows = [Stamped(), Stamped()]
    await call(Stamped.objects, "bulk_create", rows)
    found = {row.token: row.made for row in await call.list(Stamped.objects.all())}
    assert {row.token: row.made for row in rows} == found


async def test_nothing_but_keys(tables, call):
    tables(Bare)
    rows = await call(Bare.objects, "bulk_create", [Bare(), Bare(), Bare()])
    assert [1, 2, 3] == sorted(row.pk for row in rows)


async def test_related_instances(library, call):
    author = Author(name="Ann")
    books = [Book(title="1", author=author), Book(title="2", author=author)]
    with assert_num_queries(0), pytest.raises(ValueError, match="unsaved related object 'author'"):
        await call(Book.objects, "bulk_create", books)
    await call(author, "save")
    await call(Book.objects, "bulk_create", books)
    assert 2 == await call(author.book_set, "count")


async def test_no_signals(library, call):
    told: list[object] = []

    def receiver(**context):
        told.append(context)

    pre_save.connect(receiver)
    post_save.connect(receiver)
    try:
        await call(Author.objects, "bulk_create", [Author(name="a")])
    finally:
        pre_save.disconnect(receiver)
        post_save.disconnect(receiver)
    assert [] == told


@pytest.mark.parametrize(
    ("wrong", "error", "match"),
    [
        ({"age": 2**31}, DataError, "cannot hold 2147483648"),
        ({"name": "x" * 51}, DataError, "51 characters"),
        ({"salary": decimal.Decimal("1.234")}, DataError, "salary"),
        ({"age": "many"}, ValueError, "many"),
        ({"age": F("id")}, ValueError, "expressions"),
    ],
)
async def test_a_wrong_value_is_refused_before_anything_is_written(library, call, wrong, error, match):
    authors = [Author(name="a"), Author(**{"name": "b", **wrong})]
    with assert_num_queries(0), pytest.raises(error, match=match):
        await call(Author.objects, "bulk_create", authors)
    with pytest.raises(error, match=match):
        await call(Author.objects, "bulk_create", authors, batch_size=1)
    assert 0 == await call(Author.objects, "count")


async def test_violations_leave_nothing(library, call):
    with pytest.raises(ForeignKeyViolation):
        await call(Book.objects, "bulk_create", [Book(title="1", author_id=99)])
    with pytest.raises(NotNullViolation):
        await call(Author.objects, "bulk_create", [Author(name="a"), Author(name=None)])
    assert (0, 0) == (await call(Book.objects, "count"), await call(Author.objects, "count"))


@pytest.mark.parametrize("size", [0, -1, 1.5, True, "2"])
async def test_a_batch_is_a_positive_number_of_rows(library, call, size):
    with assert_num_queries(0), pytest.raises(ValueError, match="batch_size"):
        await call(Author.objects, "bulk_create", [Author(name="a")], batch_size=size)


async def test_only_instances_of_the_model(library, call):
    with assert_num_queries(0), pytest.raises((TypeError, ValueError), match="Author"):
        await call(Author.objects, "bulk_create", [Book(title="1")])
