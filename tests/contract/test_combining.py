"""Two queries as one, and rows one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dorm import CombinedQuerySet
from dorm.test import assert_num_queries, capture_queries
from tests.contract.models import Article, Author

if TYPE_CHECKING:
    from tests.testbed.colours import Call

A = Author.objects
YOUNG, SENIORS, ACTIVE = A.filter(age__lt=30), A.filter(age__gte=65), A.filter(active=True)


async def names(call: Call, query: Any) -> str:
    return "".join([author.name[0] for author in await call.list(query.all())])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (YOUNG.union(SENIORS), "BCD"),
        (YOUNG.union(ACTIVE), "ABD"),
        (YOUNG.union(ACTIVE, all=True), "ABBDD"),
        (A.filter(age=16).union(A.filter(age=25), A.filter(age=30)), "ABD"),
        (ACTIVE.intersection(SENIORS), ""),
        (ACTIVE.intersection(YOUNG), "BD"),
        (A.all().difference(A.filter(active=False)), "ABD"),
    ],
)
async def test_queries_are_combined(filled: None, call: Call, query: Any, expected: str) -> None:
    assert isinstance(query, CombinedQuerySet)
    with assert_num_queries(1):
        assert expected == "".join(sorted(await names(call, query)))
    assert len(expected) == await call(query, "count")


async def test_what_is_combined_is_ordered_and_sliced(filled: None, call: Call) -> None:
    combined = YOUNG.union(SENIORS)
    assert "BCD" == await names(call, combined.order_by("name"))
    assert "CBD" == await names(call, combined.order_by("-age"))
    assert "BD" == await names(call, combined.order_by("-age")[1:3])
    assert "Carol" == (await call(combined.order_by("-age"), "first")).name


async def test_difference_is_exclusion(filled: None, call: Call) -> None:
    difference = A.all().difference(A.filter(active=False)).order_by("name")
    assert await call.list(A.filter(active=True)) == await call.list(difference)


# -- Rows one by one ------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"chunk_size": 1}, {"chunk_size": 500}], ids=str)
async def test_rows_are_streamed(filled: None, call: Call, options: dict[str, int]) -> None:
    assert ["Alice", "Bob", "Dave"] == [row.name async for row in call.stream(A.filter(active=True), **options)]


async def test_what_was_streamed_is_not_kept(filled: None, call: Call) -> None:
    query = A.filter(active=True)
    with capture_queries() as queries:
        for _ in range(2):
            assert 3 == len([row async for row in call.stream(query)])
    assert 2 == len([one for one in queries if "SELECT" in one.sql])


async def test_what_was_listed_is_kept(filled: None, call: Call) -> None:
    query = A.filter(active=True)
    with assert_num_queries(1):
        assert await call.list(query) == await call.list(query)


async def test_a_combination_is_streamed(filled: None, call: Call) -> None:
    combined = YOUNG.union(SENIORS).order_by("name")
    assert ["Bob", "Carol", "Dave"] == [row.name async for row in call.stream(combined, chunk_size=2)]


async def test_prefetching_needs_chunks(filled: None, call: Call) -> None:
    query = Article.objects.prefetch_related("tags")
    with pytest.raises(ValueError, match="chunk_size"):
        _ = [row async for row in call.stream(query)]
    found = [[tag.name for tag in row.tags.all()] async for row in call.stream(query, chunk_size=2)]
    assert [["python", "sql"], ["python"]] == found
