"""Mistakes that were found by use, each held by the test that showed it."""

from __future__ import annotations

import enum
from decimal import Decimal

import pytest

import dorm


class Colour(str, enum.Enum):  # noqa: UP042 - the older way, whose str() is the name
    RED = "red"


class One(dorm.Model):
    name = dorm.CharField(max_length=20)
    n = dorm.IntegerField(default=0)
    big = dorm.BigIntegerField(default=0)
    d = dorm.DecimalField(max_digits=20, decimal_places=2, null=True)

    class Meta:
        app_label = "mended"


class Child(dorm.Model):
    one = dorm.ForeignKey(One, on_delete=dorm.CASCADE, null=True)

    class Meta:
        app_label = "mended"


async def test_exclude_back_and_forth_is_about_each_row(tables, call):
    tables(One, Child)
    a, b = [await call(One.objects, "create", name=name) for name in "ab"]
    await call(Child.objects, "create", one=a)
    assert [b] == await call.list(One.objects.exclude(child__one__name="a"))


def test_a_typed_column_called_name_is_reached_through_a_key():
    assert isinstance(Child.one.name == "x", dorm.Q)
    assert repr(Child.one.name) == "<Column Child.one.name>"
    assert isinstance(Child.one.isnull(), dorm.Q)
    with pytest.raises(AttributeError, match="One has no attribute 'nothing'"):
        getattr(Child.one, "nothing")  # noqa: B009 - the checkers know it is not there


async def test_a_member_of_a_text_enumeration_is_its_value(tables, call):
    tables(One, Child)
    await call(One.objects, "create", name=Colour.RED)
    assert 1 == await call(One.objects.filter(name="red"), "count")
    assert 1 == await call(One.objects.filter(name=Colour.RED), "count")


async def test_a_decimal_is_compared_with_a_big_integer_exactly(tables, call):
    tables(One, Child)
    await call(One.objects, "create", name="a", big=2**53)
    assert 0 == await call(One.objects.filter(big=Decimal(2**53 + 1)), "count")


async def test_a_float_is_compared_with_a_big_integer_exactly(tables, call):
    tables(One, Child)
    await call(One.objects, "create", name="a", big=2**53 + 1)
    assert 1 == await call(One.objects.filter(big__gt=float(2**53)), "count")


@pytest.mark.parametrize("how", ["create", "get_or_create", "bulk_create"])
async def test_a_new_row_through_the_manager_is_seen_after_a_prefetch(tables, call, how):
    tables(One, Child)
    await call(One.objects, "create", name="a")
    one = await call(One.objects.prefetch_related("child_set"), "get")
    await call(one.child_set, how, *([[Child(one=one)]] if how == "bulk_create" else []))
    assert 1 == len(await call.list(one.child_set.all()))


@pytest.mark.parametrize("lookup", [{"n__lt": float("nan")}, {"n__lt": Decimal("NaN")}])
async def test_nan_is_refused_where_it_is_written(tables, call, lookup):
    tables(One, Child)
    await call(One.objects, "create", name="a", d=1)
    with pytest.raises((ValueError, dorm.DataError)):
        One.objects.filter(**lookup)


async def test_rows_left_open_when_the_pool_is_replaced_are_closed_once(tmp_path):
    """A connection may be told to close from several sides: nobody waits for a thread that has ended."""
    entry = {"ENGINE": "sqlite", "NAME": str(tmp_path / "rows.sqlite3")}

    async def outer(query):
        async for one in query.aiterator(chunk_size=1):
            yield one

    dorm.configure(DATABASES={"default": entry})
    await dorm.acreate_tables(One)
    for name in "abcdef":
        await One.objects.acreate(name=name)
    dorm.configure(DATABASES={"default": {**entry, "max_pool_size": 2, "pool_timeout": 300}})
    for _ in range(4):
        rows = outer(One.objects.order_by("pk"))
        async for _row in rows:
            break
        await rows.aclose()
    assert await One.objects.acount() == 6
