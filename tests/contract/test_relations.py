"""Rows that belong to others: loaded with them, ordered by them, and lists of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dorm.test import assert_num_queries
from tests.contract.models import Article, Author, Book, Tag

if TYPE_CHECKING:
    from tests.testbed.colours import Call

B = Book.objects


# -- Many to many ---------------------------------------------------------------------------------


async def tags_of(call: Call, article: Any) -> list[str]:
    return [tag.name for tag in await call.list(article.tags.all())]


async def test_tags_are_added_replaced_and_removed(magazine: None, call: Call) -> None:
    article = await call(Article.objects, "create", title="Hello")
    python, django, orm = [await call(Tag.objects, "create", name=name) for name in ("python", "django", "orm")]

    await call(article.tags, "add", python)
    await call(article.tags, "add", python, django)
    assert ["django", "python"] == await tags_of(call, article)

    await call(article.tags, "set", [django, orm])
    assert ["django", "orm"] == await tags_of(call, article)

    await call(article.tags, "remove", django)
    assert ["orm"] == await tags_of(call, article)

    await call(article.tags, "clear")
    assert [] == await tags_of(call, article)
    assert 3 == await call(Tag.objects, "count")


async def test_the_other_end(filled: None, call: Call) -> None:
    python = await call(Tag.objects, "get", name="python")
    assert ["Joins", "Loops"] == [article.title for article in await call.list(python.articles.all())]
    assert ["Joins"] == [one.title for one in await call.list(Article.objects.filter(tags__name="sql"))]


async def test_the_table_between_is_made_with_the_others(magazine: None, call: Call) -> None:
    article = await call(Article.objects, "create", title="Hello")
    tag = await call(Tag.objects, "create", name="python")
    await call(tag.articles, "add", article)
    assert 1 == await call(Article.tags.through.objects, "count")
    await call(article, "delete")
    assert 0 == await call(Article.tags.through.objects, "count")


# -- Joined ---------------------------------------------------------------------------------------

AUTHORS = ["Alice", "Alice", "Bob"]


@pytest.mark.parametrize(
    ("paths", "tell", "expected"),
    [
        (("author",), lambda book: book.author.name, AUTHORS),
        (("author__publisher",), lambda book: book.author.publisher.name, ["Zeta", "Zeta", "Alpha"]),
        (("author", "author__publisher"), lambda book: book.author.publisher.name, ["Zeta", "Zeta", "Alpha"]),
    ],
    ids=["one level", "two levels", "both paths"],
)
async def test_related_rows_come_with_one_query(
    filled: None, call: Call, paths: tuple[str, ...], tell: Any, expected: list[str]
) -> None:
    with assert_num_queries(1) as queries:
        books = await call.list(B.order_by("pk").select_related(*paths))
        assert expected == [tell(book) for book in books]
    assert paths[-1].count("__") + 1 == queries[0].sql.count(" JOIN ")


async def test_rows_without_the_relation_come_too(filled: None, call: Call) -> None:
    with assert_num_queries(1) as queries:
        authors = await call.list(Author.objects.select_related("publisher"))
        found = [author.publisher.name if author.publisher else None for author in authors]
    assert ["Zeta", "Alpha", None, None] == found
    assert "LEFT OUTER JOIN" in queries[0].sql


# -- Fetched afterwards ---------------------------------------------------------------------------


async def test_a_foreign_key(filled: None, call: Call) -> None:
    with assert_num_queries(2) as queries:
        books = await call.list(B.order_by("pk").prefetch_related("author"))
        assert AUTHORS == [book.author.name for book in books]
    assert "WHERE" in queries[1].sql


async def test_the_way_back(filled: None, call: Call) -> None:
    with assert_num_queries(2):
        authors = await call.list(Author.objects.prefetch_related("book_set"))
        found = {author.name: sorted(book.title for book in author.book_set.all()) for author in authors}
    assert {"Alice": ["Spring", "Winter"], "Bob": ["Autumn"], "Carol": [], "Dave": []} == found


async def test_many_to_many_with_a_single_join(filled: None, call: Call) -> None:
    with assert_num_queries(2) as queries:
        articles = await call.list(Article.objects.prefetch_related("tags"))
        found = [[tag.name for tag in article.tags.all()] for article in articles]
    assert [["python", "sql"], ["python"]] == found
    assert 1 == queries[1].sql.count(" JOIN ")


async def test_one_query_per_relation(filled: None, call: Call) -> None:
    with assert_num_queries(3):
        authors = await call.list(Author.objects.prefetch_related("book_set", "publisher"))
        alice = authors[0]
        assert ("Zeta", [alice, alice]) == (alice.publisher.name, [book.author for book in alice.book_set.all()])


# -- Ordered by what they belong to ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (B.order_by("author__name", "title"), "Spring Winter Autumn"),
        (B.order_by("-author__name", "title"), "Autumn Spring Winter"),
        (B.order_by("author__publisher__name", "title"), "Autumn Spring Winter"),
        (B.order_by("-author__publisher__name", "-title"), "Winter Spring Autumn"),
        (B.filter(published=True).order_by("author__name", "-year"), "Spring Winter"),
        (B.order_by("author", "-title"), "Winter Spring Autumn"),
    ],
)
async def test_rows_come_in_the_order_of_related_rows(filled: None, call: Call, query: Any, expected: str) -> None:
    with assert_num_queries(1):
        assert expected == " ".join([book.title for book in await call.list(query.all())])


async def test_rows_that_belong_to_nobody_are_ordered_too(filled: None, call: Call) -> None:
    authors = await call.list(Author.objects.order_by("publisher__name", "name"))
    assert {"Alice", "Bob", "Carol", "Dave"} == {author.name for author in authors}
    assert ["Bob", "Alice"] == [author.name for author in authors if author.publisher_id]


# -- Subqueries -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (lambda: B.filter(author__in=Author.objects.filter(active=True, age__gte=30)), "Spring Winter"),
        (lambda: B.filter(author__in=Author.objects.order_by("-rank")[:2]), "Spring Winter"),
        (lambda: B.filter(author__in=Author.objects.order_by("rank")[:2]), "Autumn"),
        (lambda: B.filter(author__in=Author.objects.filter(age=0)), ""),
        (lambda: B.filter(author__in=[1, 2]), "Autumn Spring Winter"),
        (lambda: B.exclude(author__in=Author.objects.filter(name="Alice")), "Autumn"),
    ],
)
async def test_rows_of_whom_another_query_finds(filled: None, call: Call, query: Any, expected: str) -> None:
    with assert_num_queries(1):
        assert expected == " ".join(sorted([book.title for book in await call.list(query())]))


async def test_the_other_query_is_part_of_the_statement(filled: None, call: Call) -> None:
    with assert_num_queries(1) as queries:
        await call.list(B.filter(author__in=Author.objects.filter(active=True)))
    assert 2 == queries[0].sql.count("SELECT")


async def test_a_model_inside_its_own_query(filled: None, call: Call) -> None:
    promoted = Author.objects.filter(rank__gte=5)
    assert ["Alice", "Carol"] == [author.name for author in await call.list(Author.objects.filter(pk__in=promoted))]


async def test_a_subquery_is_awaited_at_once(filled: None) -> None:
    books = await B.filter(author__in=Author.objects.filter(active=True)).all()
    assert ["Autumn", "Spring", "Winter"] == sorted(book.title for book in books)
