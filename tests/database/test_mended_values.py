"""Mistakes about values that were found by use: numbers of several kinds, NaN, NULL among arguments."""

from __future__ import annotations

from decimal import Decimal

import pytest

import dorm
from dorm import Coalesce, Concat, Count, F, Greatest, Least, Value


class Number(dorm.Model):
    n = dorm.IntegerField(default=0)
    big = dorm.BigIntegerField(default=0)
    d = dorm.DecimalField(max_digits=8, decimal_places=2, null=True)
    wide = dorm.DecimalField(max_digits=30, decimal_places=2, null=True)
    f = dorm.FloatField(null=True)

    class Meta:
        app_label = "mended_values"


class Owner(dorm.Model):
    number = dorm.ForeignKey(Number, on_delete=dorm.CASCADE)

    class Meta:
        app_label = "mended_values"


NAN = float("nan")
INFINITY = float("inf")


async def found(call, **lookups):
    return await call.list(Number.objects.filter(**lookups).order_by("n").values_list("n", flat=True))


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ([1, 1.5, 10**30], [1]),
        ([1.0, Decimal(2), Decimal("2.5")], [1, 2]),
        ([Decimal("1.00"), INFINITY, 2**40, -(10**30)], [1]),
        ([1.5, 10**30], []),
        ((None, 2.0), [2]),
    ],
)
async def test_a_list_holds_numbers_of_any_kind(tables, call, members, expected):
    tables(Number)
    for n in (1, 2, 3):
        await call(Number.objects, "create", n=n)
    assert expected == await found(call, n__in=members)


async def test_a_list_of_what_no_column_holds_excludes_nothing(tables, call):
    tables(Number)
    await call(Number.objects, "create", n=1)
    assert 1 == await call(Number.objects.exclude(n__in=[1.5, 10**30]), "count")
    assert 1 == await call(Number.objects.exclude(n=1.5), "count")


async def test_numbers_of_any_kind_name_a_row_through_a_key(tables, call):
    tables(Number, Owner)
    number = await call(Number.objects, "create", n=1)
    await call(Owner.objects, "create", number=number)
    assert 1 == await call(Owner.objects.filter(number__in=[number.pk, number.pk + 0.5, 10**30]), "count")
    assert 0 == await call(Owner.objects.filter(number=number.pk + 0.5), "count")


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ((1.5, 10**30), [2, 3]),
        ((Decimal("0.5"), Decimal("2.5")), [1, 2]),
        ((-INFINITY, 2.0), [1, 2]),
        ((-(10**30), INFINITY), [1, 2, 3]),
        ((2.1, 2.9), []),
    ],
)
async def test_the_ends_of_a_range_are_numbers_of_any_kind(tables, call, ends, expected):
    tables(Number)
    for n in (1, 2, 3):
        await call(Number.objects, "create", n=n)
    assert expected == await found(call, n__range=ends)


@pytest.mark.parametrize(
    ("lookup", "expected"),
    [("gt", [3, 4]), ("gte", [3, 4]), ("lt", [1, 2]), ("lte", [1, 2]), ("exact", [])],
)
async def test_a_fraction_is_compared_with_big_integers_exactly(tables, call, lookup, expected):
    tables(Number)
    for n in (1, 2, 3, 4):
        await call(Number.objects, "create", n=n, big=2**53 + n)
    assert expected == await found(call, **{f"big__{lookup}": Decimal(2**53) + Decimal("2.5")})
    assert [1, 2, 3, 4] == await found(call, big__lt=Decimal("1E+400"))


@pytest.mark.parametrize("name", ["d", "wide"])
@pytest.mark.parametrize(
    ("lookup", "expected"),
    [("gt", [3]), ("gte", [3]), ("lt", [1, 2]), ("lte", [1, 2]), ("exact", [])],
)
async def test_a_decimal_between_those_of_the_column_is_compared_exactly(tables, call, name, lookup, expected):
    tables(Number)
    for n in (1, 2, 3):
        await call(Number.objects, "create", n=n, **{name: Decimal(n) / 100})
    between = Decimal("0.02" + 38 * "0" + "1")
    assert expected == await found(call, **{f"{name}__{lookup}": between})
    assert [2] == await found(call, **{f"{name}__in": [between, Decimal("0.020")]})


@pytest.mark.parametrize("nan", [NAN, Decimal("NaN"), Decimal("sNaN")])
@pytest.mark.parametrize("name", ["n", "d", "wide", "f"])
async def test_what_is_no_number_is_refused_where_it_is_written(tables, call, nan, name):
    tables(Number)
    for _ in range(2):  # also when the comparison is known
        with pytest.raises(ValueError, match=r"not a number|NaN"):
            Number.objects.filter(**{f"{name}__lt": nan})
        with pytest.raises(ValueError, match=r"not a number|NaN"):
            await call(Number.objects, "get", **{name: nan})
        for lookup in ("in", "range"):
            with pytest.raises(ValueError, match=r"not a number|NaN"):
                Number.objects.filter(**{f"{name}__{lookup}": [1, nan]})
        assert 0 == await call(Number.objects.filter(**{f"{name}__lt": 5}), "count")


@pytest.mark.parametrize("nan", [NAN, Decimal("NaN"), Decimal("sNaN")])
def test_what_is_no_number_is_not_computed_with(nan):
    with pytest.raises(ValueError, match="not a number"):
        F("f") + nan
    with pytest.raises(ValueError, match="not a number"):
        Value(nan)
    with pytest.raises(ValueError, match="not a number"):
        Number.objects.annotate(twice=F("f") * 2).filter(twice__lt=nan)


@pytest.mark.parametrize("function", [Greatest, Least])
@pytest.mark.parametrize(
    "arguments",
    [("n", None), (None, "n"), (Value(None), F("n"), 5), ("n", "f"), ("n", Value(None, dorm.IntegerField()))],
)
async def test_an_extreme_is_null_when_any_argument_is(tables, call, function, arguments):
    tables(Number)
    await call(Number.objects, "create", n=1)
    made = [Value(one) if one is None else one for one in arguments]
    assert None is (await call(Number.objects.annotate(x=function(*made)), "get")).x


async def test_null_is_a_value_where_its_type_is_not_known(tables, call):
    tables(Number)
    await call(Number.objects, "create", n=1)
    query = Number.objects.annotate(
        nothing=Value(None),
        sum=F("n") + Value(None),
        text=Concat(Value("a"), Value(None)),
        one=Coalesce(Value(None), "n"),
    )
    assert [(None, None, "a", 1)] == await call.list(query.values_list("nothing", "sum", "text", "one"))
    assert [(None, 1)] == await call.list(query.values("nothing").annotate(c=Count("*")).values_list("nothing", "c"))
    assert 1 == await call(Number.objects.all(), "update", f=Value(None))
