"""What a ``Prefetch`` of linked rows filters and computes is about the links that are followed, as in the manager."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm import Avg, Count, F, Prefetch, Q, RowNumber, Window
from dorm.test import assert_num_queries

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.testbed.colours import Call

    Tables = Callable[..., None]


class Tag(dorm.Model):
    name = dorm.CharField(max_length=10)

    class Meta:
        app_label = "test_prefetching_links"


class Book(dorm.Model):
    title = dorm.CharField(max_length=10)
    pages = dorm.IntegerField()
    tags = dorm.ManyToManyField(Tag, related_name="books")

    class Meta:
        app_label = "test_prefetching_links"


T = Tag.objects

SAME: list[Callable[[Any], Any]] = [
    lambda tags: tags.annotate(n=Count("books")),
    lambda tags: tags.annotate(n=Avg("books__pages")),
    lambda tags: tags.annotate(n=F("books__pages")),
    lambda tags: tags.annotate(n=F("name"), x=Window(RowNumber(), partition_by="books", order_by="name")),
    lambda tags: tags.annotate(n=Count("books")).filter(n=1),
    lambda tags: tags.annotate(n=Count("books")).filter(n__gt=1),
    lambda tags: tags.alias(n=Count("books__pages")).filter(n__gt=0),
    lambda tags: tags.filter(books__pages=2),
    lambda tags: tags.filter(books__pages__gt=1).distinct(),
    lambda tags: tags.filter(Q(books__pages=2) | Q(name="x")),
    lambda tags: tags.exclude(books__pages=2),
    lambda tags: tags.filter(name__in=["x", "y"]).annotate(n=Count("name")),
    lambda tags: tags.select_related().annotate(n=Count("pk")),
]


@pytest.mark.parametrize("narrowed", SAME)
async def test_as_in_the_manager(tables: Tables, call: Call, narrowed: Callable[[Any], Any]) -> None:
    tables(Tag, Book)
    made = {name: await call(T, "create", name=name) for name in "zxy"}
    for title, pages, names in (("A", 1, "x"), ("B", 2, "xyz"), ("C", 3, "y"), ("D", 4, "")):
        book = await call(Book.objects, "create", title=title, pages=pages)
        await call(book.tags, "add", *(made[name] for name in names))

    def shown(tags: list[Any]) -> list[Any]:
        return [(tag.name, vars(tag).get("n"), vars(tag).get("x")) for tag in tags]

    ordered = Book.objects.order_by("title")
    expected = [shown(await call.list(narrowed(book.tags).order_by("name"))) for book in await call.list(ordered)]
    with assert_num_queries(2):
        found = await call.list(
            ordered.prefetch_related(Prefetch("tags", narrowed(T).order_by("name"), to_attr="chosen"))
        )
    assert expected == [shown(book.chosen) for book in found]


async def test_of_two_filters_the_last_is_about_the_links(tables: Tables, call: Call) -> None:
    tables(Tag, Book)
    tag = await call(T, "create", name="x")
    for pages in (1, 2, 3):
        await call((await call(Book.objects, "create", title="t", pages=pages)).tags, "add", tag)
    twice = T.filter(books__pages=1).filter(books__pages=2)
    found = await call.list(Book.objects.order_by("pages").prefetch_related(Prefetch("tags", twice, to_attr="both")))
    assert [[], [tag], []] == [book.both for book in found]
