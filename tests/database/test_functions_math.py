"""Functions of numbers, and variance: the same answer of the same class on both databases."""

from __future__ import annotations

import math
import statistics
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm import (
    Abs,
    ACos,
    ASin,
    ATan,
    ATan2,
    Avg,
    Ceil,
    Cos,
    Cot,
    Degrees,
    Exp,
    F,
    Floor,
    Ln,
    Log,
    Mod,
    Pi,
    Power,
    Q,
    Radians,
    Random,
    Round,
    Sign,
    Sin,
    Sqrt,
    StdDev,
    Sum,
    Tan,
    Value,
    Variance,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.testbed.colours import Call

    Tables = Callable[..., None]


class Sample(dorm.Model):
    whole = dorm.IntegerField(default=-7)
    real = dorm.FloatField(default=0.3)
    exact = dorm.DecimalField(max_digits=8, decimal_places=2, default=Decimal("-2.50"))
    wide = dorm.DecimalField(max_digits=25, decimal_places=5, default=Decimal("-12345678901234567890.12345"))
    absent = dorm.FloatField(null=True)
    group = dorm.IntegerField(default=0)

    class Meta:
        app_label = "functions_math"


EXACT = [
    (Abs("whole"), 7),
    (Abs("exact"), Decimal("2.50")),
    (Abs("wide"), Decimal("12345678901234567890.12345")),
    (Ceil("whole"), -7),
    (Ceil("exact"), Decimal(-2)),
    (Ceil("real"), 1.0),
    (Floor("whole"), -7),
    (Floor("exact"), Decimal(-3)),
    (Floor("real"), 0.0),
    (Floor("wide"), Decimal(-12345678901234567891)),
    (Sign("whole"), -1),
    (Sign("exact"), Decimal(-1)),
    (Sign("real"), 1.0),
    (Sign(Value(0)), 0),
    (Round("exact"), Decimal(-3)),
    (Round("exact", 1), Decimal("-2.5")),
    (Round(Value(Decimal("2.675")), precision=2), Decimal("2.68")),
    (Round(Value(2.5)), 3.0),
    (Round(Value(-2.5)), -3.0),
    (Round(Value(3.14159), precision=F("whole") + 9), 3.14),
    (Round("whole", -1), -10.0),
    (Round("wide", 2), Decimal("-12345678901234567890.12")),
    (Mod("whole", Value(4)), -3.0),
    (Mod(Value(7), Value(-4)), 3.0),
    (Mod("exact", Value(2)), Decimal("-0.5")),
    (Power(Value(2), Value(10)), 1024.0),
    (Power(Value(Decimal("1.1")), Value(2)), Decimal("1.21")),
    (Power("whole", Value(3)), -343.0),
    (Log(Value(10), Value(1000)), 3.0),
    (Log(Value(2), Value(8)), 3.0),
    (Sqrt(Value(81)), 9.0),
    (Sqrt(Value(Decimal("0.25"))), Decimal("0.5")),
    (Exp(Value(0)), 1.0),
    (Ln(Value(1)), 0.0),
    (Cos(Value(0)), 1.0),
    (Degrees(Pi()), 180.0),
    (Pi(), math.pi),
]


async def computed(tables: Tables, call: Call, expression: Any) -> Any:
    tables(Sample)
    await call(Sample.objects, "create")
    return (await call(Sample.objects.annotate(x=expression), "get")).x


@pytest.mark.parametrize(("expression", "expected"), EXACT, ids=lambda one: repr(one)[:60])
async def test_a_function_that_is_exact(tables: Tables, call: Call, expression: Any, expected: Any) -> None:
    found = await computed(tables, call, expression)

    assert (type(expected), expected) == (type(found), found)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (ACos("real"), math.acos(0.3)),
        (ASin("real"), math.asin(0.3)),
        (ATan("real"), math.atan(0.3)),
        (ATan2("real", "exact"), math.atan2(0.3, -2.5)),
        (Cos("exact"), math.cos(-2.5)),
        (Cot("real"), 1 / math.tan(0.3)),
        (Degrees("real"), math.degrees(0.3)),
        (Exp("exact"), math.exp(-2.5)),
        (Ln("real"), math.log(0.3)),
        (Log(Value(3), "real"), math.log(0.3, 3)),
        (Power("real", "exact"), 0.3**-2.5),
        (Radians("whole"), math.radians(-7)),
        (Sin("whole"), math.sin(-7)),
        (Sqrt("real"), math.sqrt(0.3)),
        (Tan("real"), math.tan(0.3)),
    ],
    ids=lambda one: repr(one)[:50],
)
async def test_a_function_that_is_computed_in_floating_point(
    tables: Tables, call: Call, expression: Any, expected: float
) -> None:
    found = await computed(tables, call, expression)

    assert expected == pytest.approx(float(found), rel=1e-13)
    assert type(found) is (Decimal if "exact" in repr(expression) else float)


@pytest.mark.parametrize(
    "expression",
    [
        *(one("absent") for one in (Abs, ACos, ASin, ATan, Ceil, Cos, Cot, Degrees, Exp, Floor, Ln, Radians, Round)),
        *(one("absent") for one in (Sign, Sin, Sqrt, Tan)),
        *(one("absent", Value(2)) for one in (ATan2, Log, Mod, Power)),
        *(one(Value(2), "absent") for one in (ATan2, Log, Mod, Power)),
        Round("real", precision=F("absent")),
    ],
    ids=repr,
)
async def test_null_gives_null(tables: Tables, call: Call, expression: Any) -> None:
    assert await computed(tables, call, expression) is None


@pytest.mark.parametrize(
    "expression", [Sqrt("whole"), Ln(Value(0)), ACos(Value(2)), Mod("whole", Value(0)), Exp(Value(1000))], ids=repr
)
async def test_what_has_no_answer_is_an_error_of_data(tables: Tables, call: Call, expression: Any) -> None:
    with pytest.raises(dorm.DataError):
        await computed(tables, call, expression)


async def test_random_numbers_lie_between_0_and_1_and_differ(tables: Tables, call: Call) -> None:
    tables(Sample)
    await call(Sample.objects, "bulk_create", [Sample() for _ in range(20)])

    found = await call.list(Sample.objects.annotate(x=Random()).values_list("x", flat=True))

    assert len(set(found)) > 10
    assert all(0 <= number < 1 for number in found)


async def test_functions_stand_in_filters_orders_and_aggregates(tables: Tables, call: Call) -> None:
    tables(Sample)
    await call(Sample.objects, "bulk_create", [Sample(whole=number) for number in (-3, 1, 2)])

    assert [1, 2, -3] == await call.list(Sample.objects.order_by(Abs("whole")).values_list("whole", flat=True))
    assert 1 == await call(Sample.objects.filter(whole=Sign("whole")), "count")
    assert {"s": 14.0} == await call(Sample.objects, "aggregate", s=Sum(Power("whole", Value(2))))
    await call(Sample.objects.all(), "update", whole=Abs("whole") + 1)
    assert [2, 3, 4] == sorted(await call.list(Sample.objects.values_list("whole", flat=True)))


# -- Variance ----------------------------------------------------------------------------------

NUMBERS = [10, 12, 23, 23, 16, 23, 21, 16]


async def fill(tables: Tables, call: Call, numbers: list[int]) -> None:
    tables(Sample)
    rows = [
        Sample(whole=number, real=number / 3, exact=Decimal(number) / 4, group=place % 2)
        for place, number in enumerate(numbers)
    ]
    await call(Sample.objects, "bulk_create", rows)


@pytest.mark.parametrize(
    ("aggregate", "expected"),
    [
        (StdDev("whole"), statistics.pstdev(NUMBERS)),
        (StdDev("whole", sample=True), statistics.stdev(NUMBERS)),
        (Variance("whole"), statistics.pvariance(NUMBERS)),
        (Variance("whole", True), statistics.variance(NUMBERS)),
        (Variance("real"), statistics.pvariance(number / 3 for number in NUMBERS)),
        (StdDev(F("whole") * 2), statistics.pstdev(2 * number for number in NUMBERS)),
        (StdDev("whole", distinct=True), statistics.pstdev(set(NUMBERS))),
        (Variance("whole", filter=Q(whole__gt=20)), statistics.pvariance([23, 23, 23, 21])),
        (Variance("whole", filter=Q(whole__gt=99), default=7), 7.0),
        (StdDev("whole", sample=True, filter=Q(whole=21)), None),
        (StdDev("absent"), None),
    ],
    ids=lambda one: repr(one)[:60],
)
async def test_variance_and_deviation(tables: Tables, call: Call, aggregate: Any, expected: Any) -> None:
    await fill(tables, call, NUMBERS)

    found = (await call(Sample.objects, "aggregate", x=aggregate))["x"]

    assert found == (None if expected is None else pytest.approx(expected, rel=1e-12))
    assert type(found) in (float, type(None))


async def test_the_variance_of_decimals_is_a_decimal(tables: Tables, call: Call) -> None:
    await fill(tables, call, NUMBERS)

    found = await call(Sample.objects, "aggregate", Variance("exact"), StdDev("exact"))

    assert {"exact__variance", "exact__stddev"} == set(found)
    assert [Decimal, Decimal] == [type(value) for value in found.values()]
    assert statistics.pvariance(NUMBERS) / 16 == pytest.approx(float(found["exact__variance"]))


async def test_the_variance_of_great_numbers_close_to_each_other_loses_nothing(tables: Tables, call: Call) -> None:
    tables(Sample)
    await call(Sample.objects, "bulk_create", [Sample(real=1e9 + number) for number in (4.0, 7.0, 13.0, 16.0)])

    found = await call(Sample.objects, "aggregate", x=Variance("real", sample=True))

    assert pytest.approx(30.0, rel=1e-9) == found["x"]


async def test_variance_per_group_and_in_having(tables: Tables, call: Call) -> None:
    await fill(tables, call, NUMBERS)
    groups = Sample.objects.values("group").annotate(v=Variance("whole"), mean=Avg("whole")).order_by("group")

    assert [(0, 25.25, 17.5), (1, 22.25, 18.5)] == [
        (row["group"], pytest.approx(row["v"]), row["mean"]) for row in await call.list(groups)
    ]
    assert 1 == await call(groups.filter(v__gt=24), "count")


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (Abs, TypeError, "takes 1"),
        (lambda: Mod("whole"), TypeError, "takes 2"),
        (lambda: Pi("whole"), TypeError, "takes 0"),
        (lambda: Round("whole", precision=1.5), TypeError, "precision"),
        (lambda: Sample.objects.annotate(x=Sqrt("nope")), dorm.FieldError, "nope"),
        (lambda: StdDev("whole", filter=3), TypeError, "filter"),
        (StdDev, TypeError, "expression"),
    ],
)
def test_mistakes_are_told_at_the_line_that_made_them(make: Callable[[], Any], kind: type, words: str) -> None:
    with pytest.raises(kind, match=words):
        make()
