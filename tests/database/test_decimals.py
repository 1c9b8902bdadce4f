"""Decimals are exact: arithmetic, aggregates and comparisons, of narrow columns and of wide ones, on both databases."""

from __future__ import annotations

import decimal
import itertools
from decimal import Decimal

import pytest

import dorm
from dorm import (
    Avg,
    Case,
    Cast,
    Coalesce,
    Count,
    F,
    Greatest,
    Least,
    Max,
    Min,
    NullIf,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
    Window,
)


class Account(dorm.Model):
    n = dorm.IntegerField(default=1)
    small = dorm.DecimalField(max_digits=8, decimal_places=2, null=True)
    full = dorm.DecimalField(max_digits=15, decimal_places=2, null=True)
    wide = dorm.DecimalField(max_digits=30, decimal_places=4, null=True)
    f = dorm.FloatField(null=True)

    class Meta:
        app_label = "decimals"


HUGE = Decimal("12345678901234567890.1234")
FULL = Decimal("9999999999999.99")
ROWS = [
    {"n": 1, "small": Decimal("0.10"), "full": FULL, "wide": HUGE, "f": 0.5},
    {"n": 2, "small": Decimal("0.20"), "full": FULL, "wide": HUGE + Decimal("0.0001"), "f": 0.5},
    {"n": 3, "small": Decimal("0.30"), "full": -FULL, "wide": -HUGE, "f": 0.5},
    {"n": 4, "small": Decimal("123456.78"), "full": FULL, "wide": Decimal("0.5"), "f": 0.5},
    {"n": 5, "small": None, "full": None, "wide": None, "f": None},
]
NAMES = ("small", "full", "wide")


@pytest.fixture
def accounts(tables):
    tables(Account)


async def filled(call):
    await call(Account.objects, "bulk_create", [Account(**row) for row in ROWS])
    return Account.objects.order_by("n")


def known(name):
    return [row[name] for row in ROWS if row[name] is not None]


@pytest.mark.parametrize("name", NAMES)
async def test_aggregates_are_exact(accounts, call, name):
    rows = await filled(call)
    values = known(name)
    found = await call(rows, "aggregate", sum=Sum(name), min=Min(name), max=Max(name), average=Avg(name))
    average = found.pop("average")
    assert {"sum": sum(values, Decimal(0)), "min": min(values), "max": max(values)} == found
    assert all(isinstance(value, Decimal) for value in found.values())
    expected = sum(values, Decimal(0)) / 4
    assert abs(average - expected) <= abs(expected) * Decimal("1E-14")


@pytest.mark.parametrize("name", NAMES)
async def test_aggregates_of_a_thousand_rows(accounts, call, name):
    greatest = {"small": Decimal("999999.99"), "full": FULL, "wide": HUGE}[name]
    await call(Account.objects, "bulk_create", [Account(**{name: greatest}) for _ in range(1000)])
    assert {"sum": greatest * 1000} == await call(Account.objects.all(), "aggregate", sum=Sum(name))
    assert {"sum": greatest} == await call(Account.objects.all(), "aggregate", sum=Sum(name, distinct=True))


@pytest.mark.parametrize("name", NAMES)
async def test_aggregates_of_some_rows_and_of_none(accounts, call, name):
    rows = await filled(call)
    found = await call(rows, "aggregate", sum=Sum(name, filter=Q(n__lte=2)), count=Count(name, distinct=True))
    assert {"sum": sum(known(name)[:2]), "count": len(set(known(name)))} == found
    nothing = rows.filter(n=5)
    computed = {"sum": Sum(name), "average": Avg(name), "instead": Sum(name, default=0)}
    assert {"sum": None, "average": None, "instead": 0} == await call(nothing, "aggregate", **computed)


EXPRESSIONS = [
    (lambda name: F(name) + Decimal("0.01"), lambda value: value + Decimal("0.01")),
    (lambda name: F(name) + 1, lambda value: value + 1),
    (lambda name: 1 - F(name), lambda value: 1 - value),
    (lambda name: F(name) * Decimal("1.0000001"), lambda value: value * Decimal("1.0000001")),
    (lambda name: -F(name), lambda value: -value),
    (lambda name: F(name) % 7, lambda value: value % 7),
    (lambda name: F(name) + F(name) * 2 - F(name), lambda value: value * 2),
    (lambda name: Coalesce(F(name), Decimal("0.5")) + 0, lambda value: value),
    (lambda name: Greatest(F(name), Value(Decimal("0.2"))), lambda value: max(value, Decimal("0.2"))),
    (lambda name: Least(F(name), Value(Decimal("0.2")), 3), lambda value: min(value, Decimal("0.2"))),
    (lambda name: NullIf(F(name), Value(Decimal("0.1"))), lambda value: None if value == Decimal("0.1") else value),
    (lambda name: Cast(F(name), dorm.DecimalField(max_digits=40, decimal_places=6)), lambda value: value),
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("expression", "expected"), EXPRESSIONS)
async def test_arithmetic_is_exact(accounts, call, name, expression, expected):
    rows = await filled(call)
    with decimal.localcontext(prec=100):
        wanted = [expected(value) for value in known(name)]
    query = rows.filter(**{f"{name}__isnull": False}).annotate(x=expression(name))
    found = await call.list(query.values_list("x", flat=True))
    assert wanted == found
    for value in {one for one in wanted if one is not None}:
        # Its own value finds each row again, and puts them in order.
        assert [one for one in wanted if one == value] == await call.list(
            query.filter(x=value).values_list("x", flat=True)
        )
        assert len([one for one in wanted if one is not None and one > value]) == await call(
            query.filter(x__gt=value), "count"
        )
        assert 1 <= await call(query.filter(x__in=[value, 10**50]), "count")
        assert 1 <= await call(query.filter(x__range=(value, value)), "count")
    ordered = await call.list(query.filter(x__isnull=False).order_by("-x").values_list("x", flat=True))
    assert sorted([one for one in wanted if one is not None], reverse=True) == ordered


@pytest.mark.parametrize("name", NAMES)
async def test_a_quotient_has_digits_enough(accounts, call, name):
    rows = await filled(call)
    found = await call.list(rows.annotate(x=F(name) / 7).filter(n__lte=4).values_list("x", flat=True))
    for one, value in zip(found, known(name), strict=True):
        assert abs(one - value / 7) <= abs(value) * Decimal("1E-14")


@pytest.mark.parametrize(("left", "right"), list(itertools.product(NAMES, repeat=2)))
async def test_columns_of_any_width_are_compared_exactly(accounts, call, left, right):
    rows = await filled(call)
    for lookup, holds in (("", "__eq__"), ("__lt", "__lt__"), ("__gte", "__ge__")):
        expected = [row["n"] for row in ROWS[:4] if getattr(row[left], holds)(row[right])]
        query = rows.filter(**{f"{left}{lookup}": F(right)})
        assert expected == await call.list(query.values_list("n", flat=True))
        query = rows.filter(**{f"{left}{lookup}": F(right) + 0})
        assert expected == await call.list(query.values_list("n", flat=True))


async def test_decimals_are_compared_with_whole_numbers_and_floats(accounts, call):
    rows = await filled(call)
    assert [4] == await call.list(rows.filter(wide=F("f")).values_list("n", flat=True))
    assert [1, 2] == await call.list(rows.filter(wide__gt=F("n")).values_list("n", flat=True))
    assert [4] == await call.list(rows.filter(small__gt=F("n") + Decimal("0.5")).values_list("n", flat=True))
    assert [4] == await call.list(rows.filter(n__gt=F("wide") + 3).filter(n=4).values_list("n", flat=True))
    assert [1, 2, 3] == await call.list(rows.filter(small__range=(F("small"), F("n"))).values_list("n", flat=True))


async def test_a_sum_of_narrow_ones_is_not_off_by_a_trace(accounts, call):
    await filled(call)
    query = Account.objects.annotate(x=F("small") + Decimal("0.2"))
    assert [1] == await call.list(query.filter(x=Decimal("0.3")).values_list("n", flat=True))


@pytest.mark.parametrize("name", NAMES)
async def test_groups_are_compared_and_ordered_by_their_sums(accounts, call, name):
    await filled(call)
    groups = Account.objects.exclude(n=5).values("n").annotate(sum=Sum(name), top=Max(name))
    values = sorted(known(name))
    assert values == await call.list(groups.order_by("sum").values_list("sum", flat=True))
    assert values == await call.list(groups.order_by("top").values_list("top", flat=True))
    assert values[1:] == await call.list(groups.filter(sum__gt=values[0]).order_by("sum").values_list("sum", flat=True))
    assert values[:1] == await call.list(groups.filter(top__lte=values[0]).values_list("top", flat=True))
    assert {"most": values[-1]} == await call(groups, "aggregate", most=Max("sum"))
    assert {"all": sum(values)} == await call(groups, "aggregate", all=Sum("sum"))


@pytest.mark.parametrize("name", NAMES)
async def test_running_sums(accounts, call, name):
    rows = await filled(call)
    query = rows.exclude(n=5).annotate(running=Window(Sum(name), order_by="n"))
    assert list(itertools.accumulate(known(name))) == await call.list(query.values_list("running", flat=True))


@pytest.mark.parametrize("name", NAMES)
async def test_a_value_of_a_subquery_is_ordered_by_value(accounts, call, name):
    rows = await filled(call)
    same = Subquery(Account.objects.filter(pk=OuterRef("pk")).values(name))
    query = rows.exclude(n=5).annotate(x=same)
    assert sorted(known(name)) == await call.list(query.order_by("x").values_list("x", flat=True))
    assert 1 <= await call(query.filter(x=max(known(name))), "count") < 4


@pytest.mark.parametrize("name", NAMES)
async def test_cases_of_several_widths(accounts, call, name):
    rows = await filled(call)
    chosen = Case(When(n=1, then=Value(Decimal("2.5"))), When(n=2, then=F("n")), default=F(name))
    query = rows.annotate(x=chosen)
    assert [Decimal("2.5"), 2, *known(name)[2:], None] == await call.list(query.values_list("x", flat=True))
    assert [1] == await call.list(query.filter(x=Decimal("2.5")).values_list("n", flat=True))
    in_order = sorted([Decimal("2.5"), Decimal(2), *known(name)[2:]])
    assert in_order == await call.list(query.exclude(n=5).order_by("x").values_list("x", flat=True))


@pytest.mark.parametrize("name", NAMES)
async def test_an_update_stores_what_the_column_holds(accounts, call, name):
    await filled(call)
    row = Account.objects.filter(n=1)
    await call(row, "update", **{name: Value(Decimal(10))})
    await call(row, "update", **{name: F(name) / 3})
    expected = Decimal("3.3333") if name == "wide" else Decimal("3.33")
    assert expected == await call(row.values_list(name, flat=True), "get")
    assert 1 == await call(Account.objects.filter(**{name: expected}), "count")
    with pytest.raises(dorm.DataError):
        await call(row, "update", **{name: F(name) * Decimal("1E+28")})


async def test_what_has_too_many_digits_is_refused(accounts, db, call):
    await filled(call)
    row = Account.objects.filter(n=1)
    if not db.is_postgresql:  # which has room for 131,072 digits
        with pytest.raises(dorm.DataError):
            await call.list(row.annotate(x=F("wide") ** 200))
    with pytest.raises(dorm.DataError):
        await call.list(row.annotate(x=Cast("wide", dorm.DecimalField(max_digits=10, decimal_places=2))))


@pytest.mark.parametrize("name", ["n", "small", "wide", "f"])
async def test_a_list_of_several_kinds_is_compared_with_what_is_computed(accounts, call, name):
    await filled(call)
    query = Account.objects.filter(n=4).annotate(x=F(name) * 2)
    value = await call(query.values_list("x", flat=True), "get")
    assert 1 == await call(query.filter(x__in=[value, 1.5, 10**50, Decimal("0.25"), 3]), "count")
    assert 0 == await call(query.filter(x__in=[1.5, 10**50, Decimal("0.25"), 3]), "count")
