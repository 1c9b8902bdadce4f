"""What a class declares: its fields and their values, what it inherits, its order, its indexes."""

from __future__ import annotations

import datetime
import decimal
import uuid
from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm import RawSQL
from dorm.indexes import Index
from dorm.test import capture_queries
from tests.contract.models import Author, Book

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.testbed.colours import Call
    from tests.testbed.databases import Database

    Tables = Callable[..., None]

APP = "contract_models"
MOMENT = datetime.datetime(2024, 6, 30, 12, 0, 1, 5, tzinfo=datetime.UTC)


class Counted(dorm.Model):
    number = dorm.AutoField(primary_key=True)

    class Meta:
        app_label = APP


class Everything(dorm.Model):
    key = dorm.BigAutoField(primary_key=True)
    short = dorm.CharField(max_length=20)
    long = dorm.TextField()
    number = dorm.IntegerField()
    big = dorm.BigIntegerField()
    small = dorm.SmallIntegerField()
    ratio = dorm.FloatField()
    price = dorm.DecimalField(max_digits=8, decimal_places=2)
    flag = dorm.BooleanField()
    day = dorm.DateField()
    hour = dorm.TimeField()
    moment = dorm.DateTimeField()
    email = dorm.EmailField()
    site = dorm.URLField()
    slug = dorm.SlugField()
    token = dorm.UUIDField()
    data = dorm.JSONField()
    counted = dorm.ForeignKey(Counted, on_delete=dorm.CASCADE)
    only = dorm.OneToOneField(Counted, on_delete=dorm.CASCADE, related_name="only")
    many = dorm.ManyToManyField(Counted, related_name="+")

    class Meta:
        app_label = APP


VALUES: dict[str, Any] = {
    "short": "é",
    "long": "x" * 5000,
    "number": -(2**31),
    "big": 2**63 - 1,
    "small": 2**15 - 1,
    "ratio": 0.1,
    "price": decimal.Decimal("123456.78"),
    "flag": True,
    "day": MOMENT.date(),
    "hour": MOMENT.time(),
    "moment": MOMENT,
    "email": "someone@example.com",
    "site": "https://example.com/?a=b",
    "slug": "a-b_c",
    "token": uuid.UUID(int=7),
    "data": {"list": [1, None, True], "text": "é"},
}


async def test_every_field_gives_back_what_was_stored(tables: Tables, call: Call) -> None:
    tables(Counted, Everything)
    counted = await call(Counted.objects, "create")
    made = await call(Everything.objects, "create", counted=counted, only=counted, **VALUES)
    await call(made.many, "add", counted)

    found = await call(Everything.objects.select_related("counted", "only"), "get", pk=made.key)

    assert VALUES == {name: getattr(found, name) for name in VALUES}
    assert {name: type(value) for name, value in VALUES.items()} == {n: type(getattr(found, n)) for n in VALUES}
    assert [counted] * 3 == [found.counted, found.only, await call(found.many, "get")]


async def test_json_is_stored_as_the_database_does_it_best(db: Database, tables: Tables, call: Call) -> None:
    tables(Counted, Everything)
    counted = await call(Counted.objects, "create")
    await call(Everything.objects, "create", counted=counted, only=counted, **VALUES)
    kind = RawSQL("pg_typeof(data)::text" if db.is_postgresql else "typeof(data)", (), output_field=dorm.TextField())
    expected = "jsonb" if db.is_postgresql else "text"
    assert expected == await call(Everything.objects.annotate(kind=kind).values_list("kind", flat=True), "get")


async def test_keys_count_by_themselves(magazine: None, call: Call) -> None:
    made = [await call(Author.objects, "create", name=name, email=f"{name}@x.org", age=1) for name in ("a", "b")]
    assert [1, 2] == [one.pk for one in made]
    assert isinstance(Author._meta.pk, dorm.BigAutoField)


async def test_defaults_and_the_moment_of_creation(magazine: None, call: Call) -> None:
    before = datetime.datetime.now(datetime.UTC)
    author = await call(Author.objects, "create", name="Ann", email="ann@example.com", age=1)
    book = await call(Book.objects, "create", title="One", author=author)
    found = await call(Author.objects, "get")
    assert (None, True) == (found.bio, found.active)
    assert before <= found.joined <= datetime.datetime.now(datetime.UTC)
    assert (0, False) == (book.pages, book.published)


async def test_the_table_has_the_name_that_was_asked_for(magazine: None, call: Call) -> None:
    with capture_queries() as queries:
        await call(Author.objects, "count")
    assert '"authors"' in queries[0].sql


# -- Inheritance of abstract models ---------------------------------------------------------------


class Dated(dorm.Model):
    created_at = dorm.DateTimeField(auto_now_add=True, null=True)
    updated_at = dorm.DateTimeField(auto_now=True, null=True)

    class Meta:
        abstract = True
        app_label = APP
        ordering = ["created_at"]  # noqa: RUF012 - as everybody writes it


class Post(Dated):
    title = dorm.CharField(max_length=200)
    body = dorm.TextField()

    class Meta:
        app_label = APP
        db_table = "posts"
        ordering = ["-created_at"]  # noqa: RUF012 - as everybody writes it


class Remark(Dated):
    text = dorm.CharField(max_length=500)


def test_fields_are_inherited_and_stand_first() -> None:
    assert ["id", "created_at", "updated_at", "title", "body"] == [field.name for field in Post._meta.fields]
    assert ["id", "created_at", "updated_at", "text"] == [field.name for field in Remark._meta.fields]


def test_an_abstract_model_has_no_table() -> None:
    with pytest.raises(AttributeError, match="Dated has no attribute 'objects'"):
        _ = Dated.objects
    with pytest.raises(TypeError, match="Dated is abstract and has no instances"):
        Dated()
    with pytest.raises(TypeError, match="has no table"):
        dorm.create_tables(Dated)


async def test_each_heir_has_a_table_and_moments_of_its_own(tables: Tables, call: Call) -> None:
    tables(Post, Remark)
    post = await call(Post.objects, "create", title="One", body="...")
    await call(Remark.objects, "create", text="...")
    made, changed = post.created_at, post.updated_at
    await call(post, "save")
    await call(post, "refresh_from_db")
    assert made == post.created_at
    assert changed < post.updated_at
    assert 1 == await call(Post.objects, "count")


async def test_the_order_is_inherited_until_the_heir_has_one(tables: Tables, call: Call) -> None:
    tables(Post, Remark)
    for word in ("a", "b"):
        await call(Post.objects, "create", title=word, body="...")
        await call(Remark.objects, "create", text=word)
    assert ["b", "a"] == await call.list(Post.objects.values_list("title", flat=True))
    assert ["a", "b"] == await call.list(Remark.objects.values_list("text", flat=True))


# -- Order ----------------------------------------------------------------------------------------


class Up(dorm.Model):
    name = dorm.CharField(max_length=10)
    price = dorm.IntegerField()

    class Meta:
        app_label = APP
        ordering = ["price"]  # noqa: RUF012 - as everybody writes it


class Down(dorm.Model):
    name = dorm.CharField(max_length=10)
    price = dorm.IntegerField()

    class Meta:
        app_label = APP
        ordering = ["-price"]  # noqa: RUF012 - as everybody writes it


class Both(dorm.Model):
    name = dorm.CharField(max_length=10)
    price = dorm.IntegerField()

    class Meta:
        app_label = APP
        ordering = ["name", "-price"]  # noqa: RUF012 - as everybody writes it


PRODUCTS = (("b", 2), ("a", 1), ("a", 3))


@pytest.mark.parametrize(
    ("model", "expected"),
    [(Up, ["a1", "b2", "a3"]), (Down, ["a3", "b2", "a1"]), (Both, ["a3", "a1", "b2"])],
)
async def test_rows_come_in_the_order_of_their_model(tables: Tables, call: Call, model: Any, expected: Any) -> None:
    tables(model)
    await call(model.objects, "bulk_create", [model(name=name, price=price) for name, price in PRODUCTS])
    assert expected == [f"{one.name}{one.price}" for one in await call.list(model.objects.all())]
    assert expected[0] == f"{(first := await call(model.objects, 'first')).name}{first.price}"


async def test_an_order_replaces_the_models(tables: Tables, call: Call) -> None:
    tables(Up)
    await call(Up.objects, "bulk_create", [Up(name=name, price=price) for name, price in PRODUCTS])
    assert [3, 2, 1] == [one.price for one in await call.list(Up.objects.order_by("-price"))]


async def test_no_order_clears_the_models(magazine: None, call: Call) -> None:
    with capture_queries() as queries:
        await call.list(Author.objects.all())
        await call.list(Author.objects.order_by())
    assert [True, False] == ["ORDER BY" in query.sql for query in queries]


# -- Indexes --------------------------------------------------------------------------------------


class Piece(dorm.Model):
    title = dorm.CharField(max_length=200)
    slug = dorm.CharField(max_length=200)
    published_at = dorm.DateTimeField()

    class Meta:
        app_label = APP
        indexes = [  # noqa: RUF012 - as everybody writes it
            dorm.Index(fields=["slug"], unique=True, name="idx_piece_slug"),
            Index(fields=["published_at"], name="idx_piece_date"),
            Index(fields=["title", "slug"]),
        ]


async def test_indexes_are_made_with_the_table(db: Database, tables: Tables, call: Call) -> None:
    tables(Piece)
    await call(Piece.objects, "create", title="a", slug="a", published_at=MOMENT)
    listed = (
        "(SELECT string_agg(indexname, ' ' ORDER BY indexname) FROM pg_indexes WHERE indexname LIKE 'idx_piece%%')"
        if db.is_postgresql
        else "(SELECT group_concat(name, ' ') FROM (SELECT name FROM sqlite_master WHERE name LIKE 'idx_piece%%' "
        "ORDER BY name))"
    )
    found = await call(Piece.objects.annotate(n=RawSQL(listed, (), output_field=dorm.TextField())), "get")
    assert "idx_piece_date idx_piece_slug idx_piece_title_slug" == found.n


async def test_a_unique_index_refuses_a_second_row(tables: Tables, call: Call) -> None:
    tables(Piece)
    await call(Piece.objects, "create", title="a", slug="a", published_at=MOMENT)
    with pytest.raises(dorm.IntegrityError) as caught:
        await call(Piece.objects, "create", title="b", slug="a", published_at=MOMENT)
    assert ("slug",) == tuple(caught.value.fields)


def test_indexes_are_part_of_what_a_model_says() -> None:
    assert ["idx_piece_slug", "idx_piece_date", "idx_piece_title_slug"] == [
        index.name_for("piece") for index in Piece._meta.indexes
    ]
