"""Reading a row again into its instance."""

from __future__ import annotations

import pytest

import dorm
from dorm.test import assert_num_queries, capture_queries
from tests.library import Author, Publisher


async def test_refresh_reads_the_row_again(library, call):
    author = await call(Author.objects, "create", name="Ann", age=30)
    await call(Author.objects.filter(pk=author.pk), "update", name="Bob", age=31)
    with assert_num_queries(1):
        await call(author, "refresh_from_db")
    assert ("Bob", 31) == (author.name, author.age)


async def test_refresh_of_some_fields_leaves_the_others(library, call):
    author = await call(Author.objects, "create", name="Ann", age=30)
    await call(Author.objects.filter(pk=author.pk), "update", name="Bob", age=31)
    with capture_queries() as queries:
        await call(author, "refresh_from_db", fields=["age"])
    assert ("Ann", 31) == (author.name, author.age)
    assert '"name"' not in queries.sql[0]


async def test_refresh_drops_a_related_instance_whose_key_changed(library, call):
    first = await call(Publisher.objects, "create", name="1")
    second = await call(Publisher.objects, "create", name="2")
    author = await call(Author.objects, "create", name="Ann", publisher=first)
    await call(Author.objects.all(), "update", publisher=second)
    await call(author, "refresh_from_db")
    assert second.pk == author.publisher_id
    if not call.is_async:
        assert second == author.publisher


async def test_refresh_of_a_row_that_is_gone(library, call):
    author = await call(Author.objects, "create", name="Ann")
    await call(Author.objects.all(), "delete")
    with pytest.raises(Author.DoesNotExist):
        await call(author, "refresh_from_db")


async def test_refresh_of_an_instance_without_a_row(library, call):
    with assert_num_queries(0), pytest.raises(ValueError, match="refresh_from_db"):
        await call(Author(name="Ann"), "refresh_from_db")


async def test_refresh_of_an_unknown_field(library, call):
    author = await call(Author.objects, "create", name="Ann")
    with assert_num_queries(0), pytest.raises(dorm.FieldDoesNotExist, match="nmae"):
        await call(author, "refresh_from_db", fields=["nmae"])
