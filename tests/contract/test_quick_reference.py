"""Every operation in one line: its synchronous and its asynchronous spelling, and what both give."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm import Avg, Count
from dorm.test import assert_num_queries
from tests.contract.models import Article, Author, Book

if TYPE_CHECKING:
    from tests.testbed.colours import Call

A = Author.objects
BY_AGE = "SELECT * FROM authors WHERE age > %s ORDER BY age"

# Operation, synchronous, asynchronous, what one answer says, all of it together.
ASKING: list[Any] = [
    ("get", lambda: A.get(name="Bob"), lambda: A.aget(name="Bob"), lambda one: one.age, 25),
    ("get or none", lambda: A.get_or_none(name="Bob"), lambda: A.aget_or_none(name="Bob"), lambda one: one.age, 25),
    ("nothing", lambda: A.get_or_none(name="X"), lambda: A.aget_or_none(name="X"), lambda one: one, None),
    ("first", A.first, A.afirst, lambda one: one.name, "Alice"),
    ("last", A.last, A.alast, lambda one: one.name, "Dave"),
    ("count", A.count, A.acount, int, 4),
    ("exists", A.exists, A.aexists, bool, True),
    (
        "aggregate",
        lambda: A.aggregate(n=Count("id"), age=Avg("age")),
        lambda: A.aaggregate(n=Count("id"), age=Avg("age")),
        dict,
        {"n": 4, "age": 35.25},
    ),
]


@pytest.mark.parametrize(("ask", "aask", "tell", "expected"), [row[1:] for row in ASKING], ids=[r[0] for r in ASKING])
async def test_an_answer(filled: None, call: Call, ask: Any, aask: Any, tell: Any, expected: Any) -> None:
    found = await aask() if call.is_async else ask()
    assert expected == tell(found)


# Operation, synchronous, asynchronous, what a row says, the rows.
LISTING: list[Any] = [
    ("filter", lambda: A.filter(age__gt=26), None, "name", ["Alice", "Carol"]),
    (
        "values",
        lambda: A.values("name", "age").filter(age__lt=26),
        lambda: A.filter(age__lt=26).avalues("name", "age"),
        None,
        [{"name": "Bob", "age": 25}, {"name": "Dave", "age": 16}],
    ),
    (
        "values list",
        lambda: A.values_list("name", "age").filter(age__lt=26),
        lambda: A.filter(age__lt=26).avalues_list("name", "age"),
        None,
        [("Bob", 25), ("Dave", 16)],
    ),
    (
        "flat values list",
        lambda: A.values_list("name", flat=True),
        lambda: A.avalues_list("name", flat=True),
        None,
        ["Alice", "Bob", "Carol", "Dave"],
    ),
    ("only", lambda: A.only("name", "age"), None, "age", [30, 25, 70, 16]),
    ("defer", lambda: A.defer("bio", "joined"), None, "age", [30, 25, 70, 16]),
    ("stream", A.iterator, A.aiterator, "name", ["Alice", "Bob", "Carol", "Dave"]),
    ("union", lambda: A.filter(age=16).union(A.filter(age=25)).order_by("age"), None, "age", [16, 25]),
    ("intersection", lambda: A.filter(age__gt=20).intersection(A.filter(age__lt=30)), None, "age", [25]),
    ("difference", lambda: A.order_by().difference(A.filter(age__gt=16)), None, "age", [16]),
    ("raw", lambda: A.raw(BY_AGE, [26]), lambda: A.araw(BY_AGE, [26]), "name", ["Alice", "Carol"]),
    (
        "order by a relation",
        lambda: Book.objects.order_by("author__publisher__name", "title"),
        None,
        "title",
        ["Autumn", "Spring", "Winter"],
    ),
]


@pytest.mark.parametrize(
    ("ask", "aask", "attribute", "expected"), [row[1:] for row in LISTING], ids=[r[0] for r in LISTING]
)
async def test_rows(filled: None, call: Call, ask: Any, aask: Any, attribute: str | None, expected: Any) -> None:
    found = (aask or ask)() if call.is_async else ask()
    rows = await (found if hasattr(found, "__await__") and not hasattr(found, "__aiter__") else call.list(found))
    assert expected == [getattr(row, attribute) if attribute else row for row in rows]


LOADING: list[Any] = [
    (
        "select_related",
        1,
        lambda: Book.objects.order_by("pk").select_related("author"),
        lambda book: book.author.name,
        "Alice Alice Bob",
    ),
    (
        "nested select_related",
        1,
        lambda: Book.objects.order_by("pk").select_related("author__publisher"),
        lambda book: book.author.publisher.name,
        "Zeta Zeta Alpha",
    ),
    (
        "prefetch_related",
        2,
        lambda: Book.objects.order_by("pk").prefetch_related("author"),
        lambda book: book.author.name,
        "Alice Alice Bob",
    ),
]


@pytest.mark.parametrize(
    ("count", "ask", "tell", "expected"), [row[1:] for row in LOADING], ids=[r[0] for r in LOADING]
)
async def test_related_rows_come_along(
    filled: None, call: Call, count: int, ask: Any, tell: Any, expected: str
) -> None:
    with assert_num_queries(count):
        books = await call.list(ask())
        assert expected == " ".join([tell(book) for book in books])


async def test_related_lists_come_along(filled: None, call: Call) -> None:
    with assert_num_queries(2):
        articles = await call.list(Article.objects.prefetch_related("tags"))
        assert [["python", "sql"], ["python"]] == [[tag.name for tag in one.tags.all()] for one in articles]


NEW = {"name": "Eve", "email": "eve@example.com", "age": 40}


def made(answer: Any) -> tuple[str, bool]:
    return answer[0].name, answer[1]


# Operation, synchronous, asynchronous, what the answer says, its expectation, the ages afterwards.
CHANGING: list[Any] = [
    ("create", lambda _: A.create(**NEW), lambda _: A.acreate(**NEW), lambda one: one.name, "Eve", "30 25 70 16 40"),
    ("update", lambda _: A.update(age=1), lambda _: A.aupdate(age=1), int, 4, "1 1 1 1"),
    (
        "delete",
        lambda _: A.delete(),
        lambda _: A.adelete(),
        lambda told: told,
        (7, {"magazine.Author": 4, "magazine.Book": 3}),
        "",
    ),
    (
        "delete what a filter finds",
        lambda _: A.filter(age__gte=30).delete(),
        lambda _: A.filter(age__gte=30).adelete(),
        lambda told: told,
        (4, {"magazine.Author": 2, "magazine.Book": 2}),
        "25 16",
    ),
    ("save", lambda bob: bob.save(), lambda bob: bob.asave(), lambda told: told, None, "30 26 70 16"),
    (
        "delete an instance",
        lambda bob: bob.delete(),
        lambda bob: bob.adelete(),
        lambda told: told,
        (2, {"magazine.Author": 1, "magazine.Book": 1}),
        "30 70 16",
    ),
    (
        "get_or_create gets",
        lambda _: A.get_or_create(name="Bob", defaults={"age": 1}),
        lambda _: A.aget_or_create(name="Bob", defaults={"age": 1}),
        made,
        ("Bob", False),
        "30 25 70 16",
    ),
    (
        "get_or_create creates",
        lambda _: A.get_or_create(name="Eve", defaults=NEW),
        lambda _: A.aget_or_create(name="Eve", defaults=NEW),
        made,
        ("Eve", True),
        "30 25 70 16 40",
    ),
    (
        "update_or_create updates",
        lambda _: A.update_or_create(name="Bob", defaults={"age": 1}),
        lambda _: A.aupdate_or_create(name="Bob", defaults={"age": 1}),
        made,
        ("Bob", False),
        "30 1 70 16",
    ),
    (
        "update_or_create creates",
        lambda _: A.update_or_create(name="Eve", defaults=NEW),
        lambda _: A.aupdate_or_create(name="Eve", defaults=NEW),
        made,
        ("Eve", True),
        "30 25 70 16 40",
    ),
    (
        "bulk_create",
        lambda _: A.bulk_create([Author(**NEW), Author(name="Fay", email="fay@example.com", age=41)]),
        lambda _: A.abulk_create([Author(**NEW), Author(name="Fay", email="fay@example.com", age=41)]),
        len,
        2,
        "30 25 70 16 40 41",
    ),
]


@pytest.mark.parametrize(
    ("change", "achange", "tell", "told", "ages"), [row[1:] for row in CHANGING], ids=[r[0] for r in CHANGING]
)
async def test_a_change(filled: None, call: Call, change: Any, achange: Any, tell: Any, told: Any, ages: str) -> None:
    bob = await call(A, "get", name="Bob")
    bob.age = 26
    answer = await achange(bob) if call.is_async else change(bob)
    assert told == tell(answer)
    assert ages == " ".join([str(one.age) async for one in call.stream(A.all())])


async def test_an_instance_is_read_again(filled: None, call: Call) -> None:
    bob = await call(A, "get", name="Bob")
    bob.age = 99
    await call(bob, "refresh_from_db")
    assert 25 == bob.age


async def test_an_instance_is_validated(filled: None, call: Call) -> None:
    with pytest.raises(dorm.ValidationError, match=re.escape("already exists")):
        await call(Author(name="Bob", email="bob@example.com", age=1), "full_clean")


def test_an_instance_has_room_for_rules_of_its_own() -> None:
    assert None is Author(name="Bob").clean()
