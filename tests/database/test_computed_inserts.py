"""Values that the database computes, in rows that are inserted and in rows that are changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm import Case, Coalesce, Concat, Count, F, Length, Lower, Q, RawSQL, Subquery, Upper, Value, When
from dorm.lookups import GreaterThan
from dorm.query.plan import Counter
from dorm.test import assert_num_queries
from tests.library import Author, Book, Publisher

if TYPE_CHECKING:
    from tests.testbed.colours import Call

A = Author.objects

GIVEN: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"name": Lower(Value("ANN"))}, {"name": "ann", "age": 30}),
    ({"name": Concat(Value("a"), Value("b")), "age": Length(Value("four"))}, {"name": "ab", "age": 4}),
    ({"name": "x", "age": Value(3) + 4}, {"name": "x", "age": 7}),
    ({"name": "x", "active": GreaterThan(Value(1), 2)}, {"active": False}),
    (
        {"name": "x", "email": Coalesce(Value(None, output_field=dorm.CharField(max_length=9)), Value("e"))},
        {"email": "e"},
    ),
    ({"name": "x", "age": RawSQL("1 + %s", [1])}, {"age": 2}),
    ({"name": "x", "age": Subquery(A.order_by("-age").values("age")[:1])}, {"age": 50}),
    ({"name": "x", "age": Case(When(GreaterThan(Value(2), 1), then=Value(8)), default=Value(9))}, {"age": 8}),
]


@pytest.mark.parametrize(("given", "stored"), GIVEN)
async def test_a_new_row_is_computed(library: None, call: Call, given: dict[str, Any], stored: dict[str, Any]) -> None:
    await call(A, "create", name="old", age=50)
    made = [await call(A, "create", **given), Author(**given), Author(**given)]
    await call(made[1], "save")
    await call(A, "bulk_create", [Author(name="plain"), made[2]])
    made += [(await call(A, "get_or_create", pk=77, defaults=given))[0]]
    for one in made:
        row = await call(A, "get", pk=one.pk)
        assert stored == {name: getattr(row, name) for name in stored}
    assert 6 == len({one.pk for one in await call.list(A.all())})


async def test_a_row_is_computed_from_itself(library: None, call: Call) -> None:
    author = await call(A, "create", name="Ann", age=5)
    author.age, author.name, author.active = F("age") + 1, Upper("name"), Q(age__gt=5)
    await call(author, "save")
    await call(author, "refresh_from_db")
    assert (6, "ANN", False) == (author.age, author.name, author.active)
    assert 1 == await call(A.annotate(more=F("age") * 2), "update", age=F("more") + 1)
    assert 13 == (await call(A, "get")).age


async def test_other_values_are_compiled_once(library: None, call: Call) -> None:
    await call(A, "create", name=Lower(Value("X")), age=1)
    before = Counter.compiled
    for number in range(20):
        await call(A, "create", name=Lower(Value(f"X{number}")), age=number)
    assert before == Counter.compiled
    assert {"x", "x0", "x19"} < {one.name for one in await call.list(A.all())}


REFUSED: list[tuple[Any, type[Exception], str]] = [
    (F("age") + 1, ValueError, "cannot be expressions over the row"),
    (Case(When(age=1, then=Value(2))), ValueError, r"F\('age'\) refers to a stored row"),
    (Case(When(Q(Q(name="x"), age=1), then=Value(2))), ValueError, "cannot be expressions over the row"),
    (Count("pk"), ValueError, "cannot be expressions over the row"),
    (Count(Value(1)), dorm.FieldError, "aggregate cannot be stored"),
]


@pytest.mark.parametrize(("value", "error", "match"), REFUSED)
async def test_a_new_row_has_no_columns_yet(
    library: None, call: Call, value: Any, error: type[Exception], match: str
) -> None:
    with assert_num_queries(0):
        with pytest.raises(error, match=match):
            await call(A, "create", name="x", age=value)
        with pytest.raises(error, match=match):
            await call(A, "bulk_create", [Author(name="x"), Author(name="y", age=value)])


async def test_an_aggregate_is_not_stored(library: None, call: Call) -> None:
    with assert_num_queries(0), pytest.raises(dorm.FieldError, match="Use a Subquery"):
        await call(A.all(), "update", age=Count("book"))
    books = Book.objects.values("author").annotate(n=Count("pk")).values("n")[:1]
    await call(A, "create", name="x")
    assert 1 == await call(A.all(), "update", age=Coalesce(Subquery(books), Value(0)))
    assert 0 == (await call(A, "get")).age


async def test_related_columns_are_not_set(library: None, call: Call) -> None:
    with pytest.raises(dorm.FieldError, match="own row only"):
        await call(A.all(), "update", name=F("publisher__name"))
    await call(Publisher.objects, "create", name="Pub")
    await call(A, "create", name="x", publisher_id=1)
    name = Subquery(Publisher.objects.filter(pk=dorm.OuterRef("publisher")).values("name")[:1])
    assert 1 == await call(A.all(), "update", name=name)
    assert "Pub" == (await call(A, "get")).name
