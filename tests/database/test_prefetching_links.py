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


async def filled(call: Call) -> list[Any]:
    """Two books, with a tag that they share and one of the first only."""
    tags = [await call(T, "create", name=name) for name in "ab"]
    books = [await call(Book.objects, "create", title=title, pages=1) for title in "AB"]
    await call(books[0].tags, "add", *tags)
    await call(books[1].tags, "add", tags[0])
    return books


async def test_relations_of_instances_that_are_there_already(tables: Tables, call: Call) -> None:
    tables(Tag, Book)
    first, second = await filled(call)
    name = "aprefetch_related_objects" if call.is_async else "prefetch_related_objects"
    with assert_num_queries(3):
        given = ("tags__books", Prefetch("tags", T.filter(name="a"), to_attr="of_a"))
        found = getattr(dorm, name)((one for one in (first, second)), *given)
        assert None is (await found if call.is_async else found)
    with assert_num_queries(0):
        assert [["a", "b"], ["a"]] == [sorted(tag.name for tag in book.tags.all()) for book in (first, second)]
        assert [["a"], ["a"]] == [[tag.name for tag in book.of_a] for book in (first, second)]
        assert [[1], [1, 2]] == sorted(sorted(one.pk for one in tag.books.all()) for tag in first.tags.all())
        again = getattr(dorm, name)([first, second], "tags")
        assert None is (await again if call.is_async else again)


@pytest.mark.parametrize(
    ("lookups", "kind", "words"),
    [
        (("tgas",), dorm.FieldError, "'tgas' is no relation of Book"),
        ((5,), TypeError, "takes names and Prefetch objects"),
        (("tags", Prefetch("tags", T.all())), ValueError, "'tags' was prefetched already, with another query set"),
        ((Prefetch("tags", T.all(), to_attr="a"), Prefetch("tags", T.all(), to_attr="a")), ValueError, "'a' was"),
        (("tags__books", Prefetch("tags", T.all())), ValueError, "'tags' was prefetched already"),
    ],
)
def test_lookups_that_cannot_be_are_refused(lookups: Any, kind: type[Exception], words: str) -> None:
    with assert_num_queries(0), pytest.raises(kind, match=words):
        Book.objects.prefetch_related(*lookups)
    with assert_num_queries(0), pytest.raises(kind, match=words):
        dorm.prefetch_related_objects([Book(pk=1)], *lookups)
    assert None is dorm.prefetch_related_objects([], *lookups)


def test_instances_of_several_models_are_refused() -> None:
    with pytest.raises(TypeError, match="takes instances of one model"):
        dorm.prefetch_related_objects([Book(pk=1), Tag(pk=1)], "tags")


def test_what_was_loaded_with_a_query_set_may_be_named_again() -> None:
    both = Book.objects.prefetch_related(Prefetch("tags", T.filter(name="a")), "tags__books")
    assert both.prefetch_related("tags", Prefetch("tags", T.all(), to_attr="all_tags")) is not both
