"""In which order rows come."""

from __future__ import annotations

import pytest

import dorm
from dorm import F
from tests.library import Author, Book, Publisher


class Event(dorm.Model):
    day = dorm.IntegerField()
    name = dorm.CharField(max_length=10)

    class Meta:
        app_label = "test_ordering"
        ordering = ("-day", "name")


async def names(call, query):
    return [one.name for one in await call.list(query)]


async def fill(call):
    first = await call(Publisher.objects, "create", name="first", city="Rome")
    last = await call(Publisher.objects, "create", name="last", city="Bern")
    for name, age, email, publisher in [
        ("Ann", 30, None, last),
        ("Bob", 20, "b@x.org", first),
        ("Cid", 30, "a@x.org", None),
    ]:
        author = await call(Author.objects, "create", name=name, age=age, email=email, publisher=publisher)
        await call(Book.objects, "create", title=f"of {name}", author=author)


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (["name"], "Ann Bob Cid"),
        (["-name"], "Cid Bob Ann"),
        (["age", "name"], "Bob Ann Cid"),
        (["age", "-name"], "Bob Cid Ann"),
        (["-age", "-pk"], "Cid Ann Bob"),
        ([F("age").desc(), "name"], "Ann Cid Bob"),
        ([(F("age") * -1).asc(), F("name")], "Ann Cid Bob"),
        ([F("email").asc(nulls_first=True)], "Ann Cid Bob"),
        ([F("email").asc(nulls_last=True)], "Cid Bob Ann"),
        ([F("email").desc(nulls_first=True)], "Ann Bob Cid"),
        ([F("email").desc(nulls_last=True)], "Bob Cid Ann"),
        ([F("publisher__city").asc(nulls_last=True)], "Ann Bob Cid"),
        ([F("publisher__city").desc(nulls_last=True)], "Bob Ann Cid"),
        (["age", "publisher__name", "name"], None),
    ],
)
async def test_order_by(library, call, terms, expected):
    await fill(call)
    found = await names(call, Author.objects.order_by(*terms))
    if expected is not None:
        assert expected.split() == found
    assert found[::-1] == await names(call, Author.objects.order_by(*terms).reverse())


async def test_across_foreign_keys(library, call):
    await fill(call)
    books = Book.objects.filter(author__publisher__isnull=False)
    assert ["of Bob", "of Ann"] == [book.title for book in await call.list(books.order_by("author__publisher__name"))]
    assert ["of Ann", "of Bob"] == [book.title for book in await call.list(books.order_by("author__publisher__city"))]


async def test_by_a_relation_means_its_models_ordering(library, call):
    await fill(call)
    known = Author.objects.filter(publisher__isnull=False)
    assert ["Bob", "Ann"] == await names(call, known.order_by("publisher"))
    assert ["Ann", "Bob"] == await names(call, known.order_by("-publisher"))
    assert ["Bob", "Ann"] == await names(call, known.order_by("publisher_id"))


async def test_an_ordering_across_a_null_key_loses_no_row(library, call):
    await fill(call)
    assert {"Ann", "Bob", "Cid"} == set(await names(call, Author.objects.order_by("publisher__name")))


async def test_the_models_own_ordering(tables, call):
    tables(Event)
    for day, name in [(1, "a"), (2, "c"), (2, "b")]:
        await call(Event.objects, "create", day=day, name=name)
    assert ["b", "c", "a"] == await names(call, Event.objects.all())
    assert ["a", "c", "b"] == await names(call, Event.objects.reverse())
    assert ["a", "b", "c"] == await names(call, Event.objects.order_by("name"))
    assert "b" == (await call(Event.objects, "first")).name
    assert "a" == (await call(Event.objects, "last")).name


def test_what_is_ordered():
    assert Event.objects.all().ordered
    assert not Event.objects.order_by().ordered
    assert not Author.objects.all().ordered
    assert Author.objects.order_by("name").ordered


async def test_at_random_every_row_comes_once(library, call):
    await fill(call)
    assert ["Ann", "Bob", "Cid"] == sorted(await names(call, Author.objects.order_by("?")))


async def test_distinct_values_of_a_model_with_an_ordering(library, call):
    for name in ("a", "b"):
        await call(Publisher.objects, "create", name=name, city="Rome")
    assert [("Rome",), ("Rome",)] == await call.list(Publisher.objects.values_list("city").distinct())
