"""Instances from SQL that was written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dorm.test import assert_num_queries
from tests.contract.models import Author

if TYPE_CHECKING:
    from tests.testbed.colours import Call

A = Author.objects


async def test_rows_are_whole_instances(filled: None, call: Call) -> None:
    found = await call.list(A.raw('SELECT * FROM "authors" WHERE age > %s ORDER BY name', [25]))
    assert [("Alice", 30), ("Carol", 70)] == [(author.name, author.age) for author in found]
    assert await call.list(A.filter(age__gt=25)) == found
    found[0].age = 31
    await call(found[0], "save")
    assert 31 == (await call(A, "get", name="Alice")).age


async def test_all_at_once_or_one_by_one(filled: None) -> None:
    sql = 'SELECT * FROM "authors" ORDER BY "name"'
    listed = await A.araw(sql)
    assert ["Alice", "Bob", "Carol", "Dave"] == [author.name for author in listed]
    assert listed == [author async for author in A.raw(sql)]


async def test_columns_that_are_no_fields_become_attributes(filled: None, call: Call) -> None:
    sql = (
        "SELECT a.*, COUNT(b.id) AS book_count FROM authors a LEFT JOIN books b ON b.author_id = a.id "
        "GROUP BY a.id ORDER BY a.name"
    )
    with assert_num_queries(1):
        found = [(author.name, author.book_count) for author in await call.list(A.raw(sql))]
    assert [("Alice", 2), ("Bob", 1), ("Carol", 0), ("Dave", 0)] == found


@pytest.mark.parametrize("value", ["'; DROP TABLE authors; --", '"', "%", "%s", "é"])
async def test_values_never_become_sql(filled: None, call: Call, value: Any) -> None:
    await call(A.filter(name="Bob"), "update", bio=value)
    assert ["Bob"] == [one.name for one in await call.list(A.raw("SELECT * FROM authors WHERE bio = %s", [value]))]
    assert 4 == await call(A, "count")
