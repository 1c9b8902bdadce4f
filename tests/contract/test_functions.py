"""What the database computes: over all rows, and in each row."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm import Abs, Avg, Case, Cast, Coalesce, Concat, Count, F, Length, Lower, Max, Min, Now, Sum, Upper, Value, When
from tests.contract.models import Author, Book

if TYPE_CHECKING:
    from tests.testbed.colours import Call

A = Author.objects


@pytest.mark.parametrize(
    ("aggregate", "expected"),
    [(Count("id"), 4), (Sum("age"), 141), (Avg("age"), 35.25), (Max("age"), 70), (Min("age"), 16)],
)
async def test_one_answer_for_all_rows(filled: None, call: Call, aggregate: Any, expected: Any) -> None:
    assert {"found": expected} == await call(A, "aggregate", found=aggregate)


async def test_several_answers(filled: None, call: Call) -> None:
    found = await call(A.filter(active=True), "aggregate", total=Count("id"), avg_age=Avg("age"), max_age=Max("age"))
    assert {"total": 3, "avg_age": pytest.approx(71 / 3), "max_age": 30} == found


async def test_one_answer_per_row(filled: None, call: Call) -> None:
    authors = await call.list(A.annotate(book_count=Count("book")).filter(book_count__gte=1))
    assert [("Alice", 2), ("Bob", 1)] == [(author.name, author.book_count) for author in authors]


async def test_an_aggregate_of_the_row_itself_is_one(filled: None, call: Call) -> None:
    assert [1, 1, 1, 1] == [author.n for author in await call.list(A.annotate(n=Count("id")))]
    assert [] == await call.list(A.annotate(n=Count("id")).filter(n__gte=2))


CATEGORY = Case(When(age__lt=18, then=Value("minor")), When(age__lt=65, then=Value("adult")), default=Value("senior"))
EXPRESSIONS: list[tuple[Any, list[Any]]] = [
    (CATEGORY, ["adult", "adult", "senior", "minor"]),
    (Coalesce(F("bio"), Value("No bio")), ["Writes.", "No bio", "No bio", ""]),
    (Upper(F("name")), ["ALICE", "BOB", "CAROL", "DAVE"]),
    (Lower(F("name")), ["alice", "bob", "carol", "dave"]),
    (Length(F("name")), [5, 3, 5, 4]),
    (Concat(F("name"), Value(" ("), F("age"), Value(")")), ["Alice (30)", "Bob (25)", "Carol (70)", "Dave (16)"]),
    (Cast(F("age"), output_field="text"), ["30", "25", "70", "16"]),
    (Cast(F("age"), output_field=dorm.TextField()), ["30", "25", "70", "16"]),
    (Abs(F("balance")), [10, 20, 0, 5]),
    (F("age") * 2 + F("rank"), [65, 53, 149, 33]),
]


@pytest.mark.parametrize(("computed", "expected"), EXPRESSIONS)
async def test_a_computed_value_per_row(filled: None, call: Call, computed: Any, expected: list[Any]) -> None:
    assert expected == [author.found for author in await call.list(A.annotate(found=computed))]
    assert expected == await call.list(A.annotate(found=computed).values_list("found", flat=True))


@pytest.mark.parametrize(("computed", "expected"), EXPRESSIONS)
async def test_a_computed_value_in_a_filter(filled: None, call: Call, computed: Any, expected: list[Any]) -> None:
    found = await call.list(A.annotate(found=computed).filter(found=expected[0]).values_list("name", flat=True))
    assert [
        name for name, value in zip(("Alice", "Bob", "Carol", "Dave"), expected, strict=True) if value == expected[0]
    ] == found


async def test_a_display_of_columns_and_texts(filled: None, call: Call) -> None:
    display = Concat(F("name"), Value(" <"), F("email"), Value(">"))
    assert "Alice <alice@example.com>" == (await call(A.annotate(display=display), "first")).display


async def test_a_function_as_the_value_of_a_lookup(filled: None, call: Call) -> None:
    await call(A.filter(name="Bob"), "update", bio="BOB")
    assert ["Bob"] == await call.list(A.filter(bio=Upper(F("name"))).values_list("name", flat=True))


async def test_the_present_moment_is_the_databases(filled: None, call: Call) -> None:
    assert 3 == await call(A.filter(active=True), "update", updated_at=Now())
    moments = await call.list(A.values_list("updated_at", flat=True))
    now = datetime.datetime.now(datetime.UTC)
    assert None is moments[2]
    assert all(abs(now - moment) < datetime.timedelta(minutes=5) for moment in moments if moment is not None)
    assert 3 == await call(A.filter(updated_at__lte=Now()), "count")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Upper(F("name")), ["ALICE", "BOB", "CAROL", "DAVE"]),
        (Concat(F("name"), Value("!")), ["Alice!", "Bob!", "Carol!", "Dave!"]),
        (Case(When(age__lt=30, then=Value("young")), default=F("name")), ["Alice", "young", "Carol", "young"]),
        (Coalesce(F("bio"), F("name")), ["Writes.", "Bob", "Carol", ""]),
    ],
)
async def test_a_computed_value_is_written(filled: None, call: Call, value: Any, expected: list[str]) -> None:
    assert 4 == await call(A, "update", bio=value)
    assert expected == await call.list(A.values_list("bio", flat=True))


async def test_over_a_relation(filled: None, call: Call) -> None:
    assert {"pages": 600} == await call(Book.objects, "aggregate", pages=Sum("pages"))
    assert [("Alice", 300), ("Bob", 300)] == await call.list(
        A.filter(book__isnull=False).annotate(pages=Sum("book__pages")).values_list("name", "pages")
    )
