"""Values of every field: what is stored comes back exactly, and what the column cannot hold is refused before SQL."""

from __future__ import annotations

import datetime
import decimal
import math
import uuid

import pytest

import dorm
from dorm.conf import settings
from dorm.exceptions import DataError
from dorm.test import assert_num_queries

UTC = datetime.UTC
EAST = datetime.timezone(datetime.timedelta(hours=2))
D = decimal.Decimal


class Value(dorm.Model):
    char = dorm.CharField(max_length=10, null=True)
    text = dorm.TextField(null=True)
    small = dorm.SmallIntegerField(null=True)
    number = dorm.IntegerField(null=True)
    big = dorm.BigIntegerField(null=True)
    small_positive = dorm.PositiveSmallIntegerField(null=True)
    positive = dorm.PositiveIntegerField(null=True)
    big_positive = dorm.PositiveBigIntegerField(null=True)
    ratio = dorm.FloatField(null=True)
    price = dorm.DecimalField(max_digits=8, decimal_places=2, null=True)
    exact = dorm.DecimalField(max_digits=15, decimal_places=5, null=True)
    wide = dorm.DecimalField(max_digits=40, decimal_places=20, null=True)
    whole = dorm.DecimalField(max_digits=20, decimal_places=0, null=True)
    flag = dorm.BooleanField(null=True)
    moment = dorm.DateTimeField(null=True)
    day = dorm.DateField(null=True)
    hour = dorm.TimeField(null=True)
    span = dorm.DurationField(null=True)
    token = dorm.UUIDField(null=True)
    blob = dorm.BinaryField(null=True)
    short_blob = dorm.BinaryField(max_length=3, null=True)
    address = dorm.GenericIPAddressField(null=True)
    only4 = dorm.GenericIPAddressField(protocol="IPv4", null=True)
    data = dorm.JSONField(null=True)
    email = dorm.EmailField(null=True)
    url = dorm.URLField(null=True)
    slug = dorm.SlugField(null=True)

    class Meta:
        app_label = "test_field_values"


EXACT: list[tuple[str, object]] = [
    ("char", ""), ("char", "äöüß€𝄞\t\n\r"), ("char", "'\"\\%_;--"), ("char", "x" * 10), ("char", "  "),
    ("char", "e\u0301"), ("text", "long " * 20_000), ("text", "\ufeff\u200b"),
    ("small", -(2**15)), ("small", 2**15 - 1), ("number", -(2**31)), ("number", 2**31 - 1), ("number", 0),
    ("big", -(2**63)), ("big", 2**63 - 1), ("small_positive", 2**15 - 1), ("positive", 2**31 - 1), ("positive", 0),
    ("big_positive", 2**63 - 1),
    ("ratio", 0.1), ("ratio", 1.7976931348623157e308), ("ratio", 5e-324), ("ratio", math.inf),
    ("ratio", -math.inf), ("ratio", 1e16), ("ratio", 3.0),
    ("price", D("0.00")), ("price", D("-999999.99")), ("price", D("999999.99")), ("price", D("0.01")),
    ("price", D("1.10")), ("exact", D("9999999999.99999")), ("exact", D("-0.00001")),
    ("wide", D("99999999999999999999.99999999999999999999")), ("wide", D("-0.00000000000000000001")),
    ("wide", D("1.00000000000000000000")), ("whole", D("99999999999999999999")), ("whole", D(0)),
    ("flag", True), ("flag", False),
    ("moment", datetime.datetime(1, 1, 1, tzinfo=UTC)),
    ("moment", datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)),
    ("moment", datetime.datetime(2020, 2, 29, 12, 0, 0, 1, UTC)),
    ("moment", datetime.datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ("day", datetime.date(1, 1, 1)), ("day", datetime.date(9999, 12, 31)), ("day", datetime.date(2020, 2, 29)),
    ("hour", datetime.time(0)), ("hour", datetime.time(23, 59, 59, 999999)), ("hour", datetime.time(1, 2, 3, 1)),
    ("span", datetime.timedelta(0)), ("span", datetime.timedelta(microseconds=-1)),
    ("span", datetime.timedelta(days=36500, microseconds=1)),
    ("span", datetime.timedelta(days=-400, hours=23)),
    ("token", uuid.UUID(int=0)), ("token", uuid.UUID(int=2**128 - 1)),
    ("blob", b""), ("blob", bytes(range(256))), ("short_blob", b"abc"),
    ("address", "127.0.0.1"), ("address", "::1"), ("address", "2001:db8::ff00:42:8329"), ("only4", "255.255.255.255"),
    ("data", {}), ("data", []), ("data", ""), ("data", 0), ("data", False), ("data", 1.5), ("data", "null"),
    ("data", {"a": [1, None, {"b": True}], "ü": "\\\"'"}), ("data", [[[]]]), ("data", 2**70),
    ("email", "jürgen.groß@example.de"), ("url", "https://example.org/?a=b#c"), ("slug", "a-b_1"),
]  # fmt: skip


def shown(value):
    return repr(value)[:40] if " at 0x" not in repr(value) else type(value).__name__


@pytest.fixture
def value(tables):
    tables(Value)


@pytest.mark.parametrize(("name", "stored"), EXACT, ids=shown)
async def test_what_is_stored_comes_back(value, call, name, stored):
    await call(Value.objects, "create", **{name: stored})
    found = getattr(await call(Value.objects, "get"), name)
    assert stored == found
    assert type(stored) is type(found)
    if isinstance(stored, decimal.Decimal):
        assert str(stored) == str(found)
    if name != "data" and stored not in (math.inf, -math.inf):
        assert 1 == await call(Value.objects.filter(**{name: stored}), "count")
        assert 1 == await call(Value.objects.filter(**{f"{name}__in": [stored]}), "count")


@pytest.mark.parametrize("name", [field.name for field in Value._meta.fields if field.null])
async def test_none_comes_back(value, call, name):
    await call(Value.objects, "create", **{name: None})
    assert None is getattr(await call(Value.objects, "get"), name)


COERCED: list[tuple[str, object, object]] = [
    ("number", "7", 7), ("number", 7.0, 7), ("number", True, 1), ("number", D(7), 7), ("char", 5, "5"),
    ("ratio", 3, 3.0), ("ratio", "0.5", 0.5), ("price", "1.5", D("1.50")), ("price", 2, D("2.00")),
    ("price", 0.1, D("0.10")), ("price", D("1.500"), D("1.50")), ("price", D("1E+3"), D("1000.00")),
    ("flag", "true", True), ("flag", 0, False), ("flag", "f", False),
    ("day", "2020-02-29", datetime.date(2020, 2, 29)),
    ("day", datetime.datetime(2020, 2, 29, 5, tzinfo=UTC), datetime.date(2020, 2, 29)),
    ("hour", "01:02", datetime.time(1, 2)),
    ("moment", "2020-01-01T02:00:00+02:00", datetime.datetime(2020, 1, 1, tzinfo=UTC)),
    ("moment", datetime.datetime(2020, 1, 1, 2, tzinfo=EAST), datetime.datetime(2020, 1, 1, tzinfo=UTC)),
    ("token", "00000000-0000-0000-0000-000000000001", uuid.UUID(int=1)), ("token", "0" * 31 + "1", uuid.UUID(int=1)),
    ("blob", bytearray(b"a"), b"a"), ("blob", memoryview(b"a"), b"a"), ("address", "0:0::1", "::1"),
    ("data", (1, 2), [1, 2]), ("data", {1: 2}, {"1": 2}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given", "stored"), COERCED, ids=shown)
async def test_what_means_a_value_becomes_it(value, call, name, given, stored):
    await call(Value.objects, "create", **{name: given})
    found = getattr(await call(Value.objects, "get"), name)
    assert stored == found
    assert type(stored) is type(found)


REFUSED: list[tuple[str, object, type[Exception]]] = [
    ("char", "x" * 11, DataError), ("email", "x" * 255, DataError), ("slug", "x" * 51, DataError),
    ("small", 2**15, DataError), ("small", -(2**15) - 1, DataError), ("number", 2**31, DataError),
    ("number", -(2**31) - 1, DataError), ("big", 2**63, DataError), ("big", -(2**63) - 1, DataError),
    ("positive", -1, DataError), ("small_positive", 2**15, DataError), ("big_positive", 2**63, DataError),
    ("number", 1.5, ValueError), ("number", "1.5", ValueError), ("number", math.nan, ValueError),
    ("number", math.inf, (OverflowError, ValueError)), ("number", [], TypeError),
    ("ratio", math.nan, DataError), ("ratio", "nan", DataError), ("ratio", "x", ValueError),
    ("ratio", 10**400, (OverflowError, ValueError)),
    ("price", D("0.001"), DataError), ("price", D("1000000"), DataError), ("price", D("NaN"), DataError),
    ("price", D("Infinity"), DataError), ("price", 0.001, DataError), ("price", "x", ValueError),
    ("wide", D("1e20"), DataError), ("wide", D("1e-21"), DataError), ("whole", D("0.5"), DataError),
    ("flag", "maybe", ValueError), ("flag", 2, ValueError),
    ("day", "2020-02-30", ValueError), ("day", 5, TypeError), ("hour", "25:00", ValueError),
    ("hour", datetime.time(1, tzinfo=UTC), DataError), ("moment", "yesterday", ValueError), ("moment", 5, TypeError),
    ("span", "1 day", TypeError), ("span", datetime.timedelta.max, DataError),
    ("token", "xyz", ValueError), ("token", 2**128, ValueError),
    ("blob", "text", TypeError), ("short_blob", b"abcd", DataError),
    ("address", "localhost", ValueError), ("address", "1.2.3", ValueError), ("only4", "::1", ValueError),
    ("data", math.nan, DataError), ("data", {1, 2}, DataError), ("data", b"x", DataError),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given", "error"), REFUSED, ids=shown)
async def test_what_the_column_cannot_hold_is_refused_before_sql(value, call, name, given, error):
    with assert_num_queries(0), pytest.raises(error, match=name):
        await call(Value.objects, "create", **{name: given})
    with assert_num_queries(0), pytest.raises(error, match=name):
        await call(Value.objects, "bulk_create", [Value(), Value(**{name: given})])
    with assert_num_queries(0), pytest.raises(error):
        await call(Value.objects, "update", **{name: given})
    assert 0 == await call(Value.objects, "count")


@pytest.mark.parametrize("name", ["char", "text"])
async def test_a_nul_byte_is_told_in_our_words(value, call, db, name):
    stored = "a\x00b"
    if db.is_postgresql:
        with pytest.raises(DataError):
            await call(Value.objects, "create", **{name: stored})
        assert 0 == await call(Value.objects, "count")
    else:
        await call(Value.objects, "create", **{name: stored})
        assert stored == getattr(await call(Value.objects, "get"), name)


async def test_a_lone_surrogate_is_told_in_our_words(value, call):
    with pytest.raises(DataError):
        await call(Value.objects, "create", text="\ud800")
    assert 0 == await call(Value.objects, "count")


async def test_a_naive_moment_is_read_in_the_time_zone_with_a_warning(value, call):
    settings.TIME_ZONE = "Europe/Berlin"
    with pytest.warns(RuntimeWarning, match="naive"):
        await call(Value.objects, "create", moment=datetime.datetime(2020, 1, 1, 1))  # noqa: DTZ001 - naive on purpose
    found = (await call(Value.objects, "get")).moment
    assert datetime.datetime(2020, 1, 1, tzinfo=UTC) == found
    assert datetime.timedelta(0) == found.utcoffset()


async def test_without_time_zones_moments_are_naive(db, call):
    settings.USE_TZ = False
    await call(dorm, "create_tables", Value)
    naive = datetime.datetime(2020, 1, 1, 1)  # noqa: DTZ001 - naive on purpose
    await call(Value.objects, "create", moment=naive)
    found = (await call(Value.objects, "get")).moment
    assert (naive, None) == (found, found.tzinfo)
    assert 1 == await call(Value.objects.filter(moment=naive, moment__hour=1), "count")
    with pytest.raises((ValueError, DataError)):
        await call(Value.objects, "create", moment=naive.replace(tzinfo=UTC))
    assert 1 == await call(Value.objects, "count")


async def test_wide_decimals_compare_by_value(value, call):
    for text in ("2", "10", "-3", "0.5"):
        await call(Value.objects, "create", wide=D(text))
    found = await call.list(Value.objects.order_by("wide").values_list("wide", flat=True))
    assert [D("-3"), D("0.5"), D(2), D(10)] == found
    assert 2 == await call(Value.objects.filter(wide__gt=1), "count")
