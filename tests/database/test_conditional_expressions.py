"""Conditions as values, and expressions as conditions: ``Q``, lookups as objects, ``RawSQL``."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm import BooleanField, Case, Count, ExpressionWrapper, F, Lower, Q, RawSQL, Value, When
from dorm.lookups import (
    Contains,
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    IContains,
    In,
    IsNull,
    LessThan,
    LessThanOrEqual,
    Range,
    Regex,
    StartsWith,
)
from tests.library import Author, Book, Publisher

if TYPE_CHECKING:
    from tests.testbed.colours import Call

A = Author.objects


async def fill(call: Call) -> None:
    """Ann 10 (1 book, active), Bob 20 (no mail), Cid 30 (2 books, active, no mail)."""
    for name, age, email, books in (("Ann", 10, "a@x.org", 1), ("Bob", 20, None, 0), ("Cid", 30, None, 2)):
        author = await call(A, "create", name=name, age=age, email=email, active=name != "Bob", salary=Decimal(age))
        for number in range(books):
            await call(Book.objects, "create", title=f"{name}{number}", author=author, pages=number)


async def names(call: Call, source: Any) -> str:
    return " ".join([one.name for one in await call.list(source.order_by("name").distinct())])


CONDITIONS: list[tuple[Any, str]] = [
    (GreaterThan(F("age"), 10), "Bob Cid"),
    (GreaterThan("age", 10), "Bob Cid"),
    (GreaterThanOrEqual(F("age") + 10, F("age") * 2), "Ann"),
    (LessThan(F("age"), F("salary") + 1), "Ann Bob Cid"),
    (LessThanOrEqual(F("age"), 10), "Ann"),
    (Exact(F("name"), "Bob"), "Bob"),
    (Exact(Lower("name"), "bob"), "Bob"),
    (Exact(F("email"), None), "Bob Cid"),
    (In(F("age"), [10, 30, None]), "Ann Cid"),
    (In(F("age"), []), ""),
    (In(F("age"), [F("salary"), 5]), "Ann Bob Cid"),
    (In(F("pk"), Book.objects.values("author")), "Ann Cid"),
    (Range(F("age"), (10, 20)), "Ann Bob"),
    (IsNull(F("email"), True), "Bob Cid"),
    (IsNull(F("email"), False), "Ann"),
    (Contains(F("name"), "i"), "Cid"),
    (IContains(F("name"), "B"), "Bob"),
    (StartsWith(F("name"), "A"), "Ann"),
    (Regex(F("name"), "^[AB]"), "Ann Bob"),
    (GreaterThan(F("book__pages"), 0), "Cid"),
    (~GreaterThan(F("age"), 10), "Ann"),
    (GreaterThan(F("age"), 10) & LessThan(F("age"), 30), "Bob"),
    (LessThan(F("age"), 20) | Q(name="Cid"), "Ann Cid"),
    (Q(name="Cid") | LessThan(F("age"), 20), "Ann Cid"),
    (GreaterThan(F("age"), 10) ^ LessThan(F("age"), 30), "Ann Cid"),
    (Q(age__gt=10) ^ Q(age__lt=30) ^ Q(email=None), "Ann Bob"),
    (~(Q(age__gt=10) ^ Q(age__lt=30)), "Bob"),
    (Q(name="Ann") ^ Q(pk__in=[]), "Ann"),
    (Q(name="Ann") ^ ~Q(pk__in=[]), "Bob Cid"),
    (RawSQL("age > %s", [10], output_field=BooleanField()), "Bob Cid"),
    (~RawSQL("name LIKE 'A%%'", output_field=BooleanField()), "Bob Cid"),
    (ExpressionWrapper(Q(age__gt=10), output_field=BooleanField()), "Bob Cid"),
    (Case(When(age=10, then=Value(True)), default=Value(False)), "Ann"),
    (Q(F("active"), age__gt=10), "Cid"),
    (Value(True) & Q(age=20), "Bob"),
    (Value(False) | Q(age=20), "Bob"),
]


@pytest.mark.parametrize(("condition", "expected"), CONDITIONS)
async def test_a_condition_filters_and_is_a_value(library: None, call: Call, condition: Any, expected: str) -> None:
    await fill(call)
    assert expected == await names(call, A.filter(condition))
    chosen = await call.list(A.annotate(found=condition).filter(found=True).order_by("name").distinct())
    assert expected == " ".join(one.name for one in chosen)
    assert {True} >= {one.found for one in chosen}
    case = Case(When(condition, then=Value(1)), default=Value(0))
    assert expected == await names(call, A.filter(Exact(case, 1)))


async def test_rows_are_ordered_by_conditions(library: None, call: Call) -> None:
    await fill(call)
    for term in (Q(age=20), Exact(F("age"), 20)):
        assert "Bob" == (await call.list(A.order_by(term, "name")))[-1].name
    assert "Bob" == (await call(A.order_by(Exact(F("age"), 20).desc()), "first")).name
    assert ["Bob", "Cid", "Ann"] == [
        one.name for one in await call.list(A.order_by(F("email").asc(nulls_first=True), "pk"))
    ]


async def test_conditions_stand_in_other_calls(library: None, call: Call) -> None:
    await fill(call)
    assert {"n": 2} == await call(A.all(), "aggregate", n=Count("pk", filter=GreaterThan(F("age"), 10)))
    assert 1 == (await call(A.all(), "get", GreaterThan(F("age"), 10), active=False)).name.count("Bob")
    assert 2 == await call(A.exclude(LessThan(F("age"), 20)), "count")
    counted = A.annotate(n=Count("book")).filter(GreaterThan(F("n"), 1) | Q(n=0))
    assert "Bob Cid" == " ".join(sorted(one.name for one in await call.list(counted)))
    assert [("Ann", False), ("Bob", True), ("Cid", True)] == await call.list(
        A.order_by("name").values_list("name", Q(age__gt=10))
    )


async def test_the_value_of_a_lookup_may_be_a_condition(library: None, call: Call) -> None:
    await fill(call)
    assert "Ann Bob Cid" == await names(call, A.filter(active=~Q(name="Bob")))
    assert "Cid" == await names(call, A.filter(active=GreaterThan(F("age"), 10)))


WHENS: list[tuple[Any, Any]] = [
    (When(age=10, then=1), "Ann"),
    (When(Q(age=10), then=Value(1)), "Ann"),
    (When(Q(age__gt=5), age__lt=20, then=1), "Ann"),
    (When(GreaterThan(F("age"), 20), then=F("age") - 29), "Cid"),
    (When(~Q(age=10) & LessThan(F("age"), 30), 1), "Bob"),
    (When(condition=Q(age=30), then=1), "Cid"),
]


@pytest.mark.parametrize(("when", "expected"), WHENS)
async def test_every_form_of_when(library: None, call: Call, when: When, expected: str) -> None:
    await fill(call)
    assert expected == await names(call, A.annotate(found=Case(when)).filter(found=1))


async def test_what_a_case_gives_may_be_a_condition(library: None, call: Call) -> None:
    await fill(call)
    case = Case(When(age=10, then=Q(active=False)), default=Q(active=True))
    assert [False, False, True] == [one.found for one in await call.list(A.annotate(found=case).order_by("name"))]


COMPUTED: list[tuple[Any, Any]] = [
    (F("age") % 7, 3),
    (F("age") ** 2, 100),
    (F("salary") % 4, Decimal(2)),
    (F("age").bitand(6), 2),
    (F("age").bitor(5), 15),
    (F("age").bitxor(3), 9),
    (F("age").bitleftshift(2), 40),
    (F("age").bitrightshift(1), 5),
    (ExpressionWrapper(F("age") * 2, output_field=dorm.FloatField()), 20.0),
    (ExpressionWrapper(F("salary") + 1, output_field=dorm.IntegerField()), 11),
    (RawSQL("age + %s", [5]), 15),
    (RawSQL("%s", ["text"], output_field=dorm.TextField()), "text"),
    (
        RawSQL("COALESCE(NULL, %s)", [datetime.date(2020, 1, 1)], output_field=dorm.DateField()),
        datetime.date(2020, 1, 1),
    ),
    (Value("2020-01-31", output_field=dorm.DateField()), datetime.date(2020, 1, 31)),
    (Value(5, output_field=dorm.DecimalField(max_digits=5, decimal_places=2)), Decimal("5.00")),
    (Value(None, output_field=dorm.IntegerField()), None),
]


@pytest.mark.parametrize(("expression", "expected"), COMPUTED)
async def test_what_is_computed_has_its_type(library: None, call: Call, expression: Any, expected: Any) -> None:
    await fill(call)
    found = (await call(A.annotate(found=expression), "get", name="Ann")).found
    assert (expected, type(expected)) == (found, type(found))


async def test_floats_have_remainders(tables: Any, call: Call) -> None:
    tables(Measured)
    await call(Measured.objects, "create", size=5.5)
    assert 1.5 == (await call(Measured.objects.annotate(found=F("size") % 2), "get")).found


class Measured(dorm.Model):
    size = dorm.FloatField()

    class Meta:
        app_label = "test_conditional_expressions"


async def test_values_compute(library: None, call: Call) -> None:
    await fill(call)
    assert [{"name": "Ann", "low": "ann"}] == await call.list(A.filter(age=10).values("name", low=Lower("name")))
    assert [("ann", 10)] == await call.list(A.filter(age=10).values_list(Lower("name"), F("age")))
    assert ["ann"] == await call.list(A.filter(age=10).values_list(Lower("name"), flat=True))
    (row,) = await call.list(A.filter(age=10).values_list("age", Lower("name"), named=True))
    assert (10, "ann") == (row.age, row.lower1)
    counted = A.values(even=Q(age__in=[20, 30])).annotate(n=Count("pk")).order_by("n")
    assert [{"even": False, "n": 1}, {"even": True, "n": 2}] == await call.list(counted)


async def test_hand_written_sql_stands_anywhere(library: None, call: Call) -> None:
    await fill(call)
    chosen = A.filter(pk__in=RawSQL("SELECT author_id FROM library_book WHERE pages = %s", [1]))
    assert "Cid" == await names(call, chosen)
    assert "Cid" == (await call(A.order_by(RawSQL("age * %s", [-1])), "first")).name
    assert 1 == await call(A.filter(name="Ann"), "update", age=RawSQL("age + %s", [1]))
    assert "Ann" == await names(call, A.filter(age=RawSQL("%s + 1", [10])))


WRONG: list[tuple[Any, type[Exception], str]] = [
    (lambda: A.filter(F("age")), TypeError, "neither true nor false"),
    (lambda: A.filter(Lower("name")), TypeError, "neither true nor false"),
    (lambda: A.filter(Q(RawSQL("1 = 1"))), TypeError, "output_field=BooleanField"),
    (lambda: A.filter(GreaterThan(F("nope"), 1)), dorm.FieldError, "no field 'nope'"),
    (lambda: A.filter(GreaterThan(F("age"), "x")), ValueError, "GreaterThan"),
    (lambda: A.filter(GreaterThan(F("age"), None)), ValueError, "None"),
    (lambda: A.filter(In(F("age"), 3)), TypeError, "list"),
    (lambda: Q(3), TypeError, "conditional expressions"),
    (lambda: Q() & 3, TypeError, "Cannot combine"),
    (lambda: F("age") & F("pk"), NotImplementedError, "bitand"),
    (lambda: F("age") | 3, NotImplementedError, "bitor"),
    (lambda: When(Q(), then=1), ValueError, "empty Q"),
    (lambda: RawSQL("%s", [1, 2]), ValueError, "1 parameters are written as %s, and 2"),
    (lambda: RawSQL("a LIKE 'x%'", []), ValueError, "%% for a percent"),
    (lambda: RawSQL("%s", "text"), TypeError, "list of parameters"),
    (lambda: RawSQL("%(a)s", [1]), ValueError, "Named"),
    (lambda: Value(1, output_field=dorm.IntegerField), TypeError, "Make one"),
    (lambda: ExpressionWrapper(F("age"), output_field=None), TypeError, "needs an output_field"),
    (lambda: A.annotate(x=1), TypeError, "takes an expression"),
    (lambda: A.values(name=Lower("name")), ValueError, "conflicts with a field"),
    (lambda: A.values(3), TypeError, "names of fields and expressions"),
    (lambda: A.values_list("name", Lower("name"), flat=True), TypeError, "more than one field"),
    (lambda: A.filter(email__isnull=Q(age=1)), ValueError, "True or False"),
    (lambda: Publisher.objects.filter(Exact(Author.age, 3)), dorm.FieldError, "column of Author"),
]


@pytest.mark.parametrize(("wrong", "error", "match"), WRONG)
def test_mistakes_are_told_where_they_are_written(wrong: Any, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        wrong()
