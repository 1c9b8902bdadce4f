from __future__ import annotations

import pytest

import dorm
from dorm.signals import post_query
from dorm.test import assert_num_queries, capture_queries


class Author(dorm.Model):
    name = dorm.CharField(max_length=100)

    class Meta:
        app_label = "testbed_queries"


@pytest.fixture(autouse=True)
def authors(tables):
    tables(Author)


async def test_the_statements_are_captured_in_order(call):
    with capture_queries() as queries:
        await call(Author.objects, "create", name="Ann")
        await call(Author.objects.filter(name="Ann"), "exists")
    assert ["INSERT", "SELECT"] == [sql.split()[0] for sql in queries.sql]
    assert ("Ann",) == queries[0].parameters


async def test_nothing_is_captured_outside_the_block(call):
    with capture_queries() as queries:
        pass
    await call(Author.objects, "count")
    assert [] == list(queries)
    assert not post_query.receivers


async def test_the_expected_number_passes(call):
    async with assert_num_queries(2):
        await call(Author.objects, "count")
        await call(Author.objects, "count")


async def test_another_number_fails_and_lists_the_sql(call):
    with (
        pytest.raises(AssertionError, match=r"(?s)Expected 2 queries, 1 were sent:\n1\. SELECT"),
        assert_num_queries(2),
    ):
        await call(Author.objects, "count")


async def test_an_error_inside_is_not_hidden_by_the_count(call):
    with pytest.raises(KeyError), assert_num_queries(2):
        raise KeyError
