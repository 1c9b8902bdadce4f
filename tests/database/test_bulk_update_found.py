"""``bulk_update`` of a query set or related manager writes the rows that these find, and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dorm import F, Q
from dorm.test import assert_num_queries
from tests.library import Author, Book

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.testbed.colours import Call

A = Author.objects


async def fill(call: Call) -> list[Author]:
    """Ann (10) and Bob (20), who is not active, and whom Ann taught."""
    ann = await call(A, "create", name="Ann", age=10)
    bob = await call(A, "create", name="Bob", age=20, active=False, mentor=ann)
    await call(Book.objects, "create", title="A", author=ann, editor=bob)
    return [ann, bob]


FOUND: list[tuple[Callable[[Author], Any], list[int]]] = [
    (lambda ann: A.all(), [1, 2]),
    (lambda ann: A.filter(active=True), [1, 20]),
    (lambda ann: A.exclude(name="Ann"), [10, 2]),
    (lambda ann: A.filter(book__title="A"), [1, 20]),
    (lambda ann: A.filter(Q(book__title="A") | Q(edited__title="A")), [1, 2]),
    (lambda ann: ann.students, [10, 2]),
    (lambda ann: A.none(), [10, 20]),
]


@pytest.mark.parametrize(("rows", "ages"), FOUND)
async def test_the_rows_that_are_found(library: None, call: Call, rows: Any, ages: list[int]) -> None:
    ann, bob = await fill(call)
    ann.age, bob.age = 1, 2
    changed = await call(rows(ann), "bulk_update", [ann, bob], ["age"])
    assert ages == await call.list(A.order_by("name").values_list("age", flat=True))
    assert changed == sum(age < 10 for age in ages)


async def test_one_statement_when_all_rows_are_meant(library: None, call: Call) -> None:
    instances = await fill(call)
    with assert_num_queries(1):
        await call(A, "bulk_update", instances, ["age"])
    with assert_num_queries(2):
        await call(A.filter(age__gt=0), "bulk_update", instances, ["age"])


async def test_a_slice_is_refused(library: None, call: Call) -> None:
    with assert_num_queries(0), pytest.raises(TypeError, match="Cannot update a query once a slice has been taken"):
        await call(A.all()[:1], "bulk_update", [Author(pk=1)], ["age"])


async def test_a_boolean_column_is_turned(library: None, call: Call) -> None:
    await fill(call)
    assert 2 == await call(A, "update", active=~F("active"))
    assert [False, True] == await call.list(A.order_by("name").values_list("active", flat=True))
    assert ["Ann"] == await call.list(A.filter(~F("active")).values_list("name", flat=True))
