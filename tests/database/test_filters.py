"""Which rows a condition finds: every lookup on own columns, and what NULL means."""

from __future__ import annotations

import datetime
import decimal
import uuid

import pytest

import dorm
from dorm import F, Q, Value
from dorm.conf import settings

UTC = datetime.UTC


class Thing(dorm.Model):
    name = dorm.CharField(max_length=20)
    text = dorm.TextField(null=True)
    number = dorm.IntegerField(null=True)
    big = dorm.BigIntegerField(null=True)
    ratio = dorm.FloatField(null=True)
    price = dorm.DecimalField(max_digits=8, decimal_places=2, null=True)
    wide = dorm.DecimalField(max_digits=30, decimal_places=10, null=True)
    flag = dorm.BooleanField(null=True)
    moment = dorm.DateTimeField(null=True)
    day = dorm.DateField(null=True)
    hour = dorm.TimeField(null=True)
    span = dorm.DurationField(null=True)
    token = dorm.UUIDField(null=True)
    blob = dorm.BinaryField(null=True)
    address = dorm.GenericIPAddressField(null=True)
    data = dorm.JSONField(null=True)

    class Meta:
        app_label = "test_filters"


def at(*parts: int) -> datetime.datetime:
    return datetime.datetime(*parts, tzinfo=UTC)


ROWS = {
    "one": {
        "text": "Ann%_*?[a]\\", "number": 1, "big": 2**62, "ratio": 0.5, "price": decimal.Decimal("1.10"),
        "wide": decimal.Decimal(2), "flag": True, "moment": at(2020, 1, 1), "day": datetime.date(2020, 1, 1),
        "hour": datetime.time(1, 2, 3), "span": datetime.timedelta(seconds=1), "token": uuid.UUID(int=1),
        "blob": b"\x00a", "address": "10.0.0.1", "data": {"a": 1},
    },
    "two": {
        "text": "ANN", "number": 2, "big": -(2**62), "ratio": -1.5, "price": decimal.Decimal(10),
        "wide": decimal.Decimal("10.5"), "flag": False, "moment": at(2020, 12, 31, 23, 59, 59, 999999),
        "day": datetime.date(2020, 12, 31), "hour": datetime.time(23, 59, 59), "span": datetime.timedelta(days=-1),
        "token": uuid.UUID(int=2), "blob": b"", "address": "::1", "data": [1],
    },
    "three": {
        "text": "Ärger", "number": 30, "big": 0, "ratio": 1e300, "price": decimal.Decimal("9.99"),
        "wide": decimal.Decimal(-3), "flag": True, "moment": at(2021, 1, 1), "day": datetime.date(2021, 1, 3),
        "hour": datetime.time(12, 0), "span": datetime.timedelta(0), "token": uuid.UUID(int=3), "blob": b"\xff",
        "address": "192.168.0.1", "data": None,
    },
    "null": {},
}  # fmt: skip

CASES: list[tuple[dict[str, object], str]] = [
    # equality, order, membership
    ({"number": 1}, "one"),
    ({"number__exact": 1}, "one"),
    ({"number": "2"}, "two"),
    ({"number": 1.0}, "one"),
    ({"number": 1.5}, ""),
    ({"number": True}, "one"),
    ({"number": None}, "null"),
    ({"number__exact": None}, "null"),
    ({"number__isnull": True}, "null"),
    ({"number__isnull": False}, "one two three"),
    ({"number__gt": 1}, "two three"),
    ({"number__gt": 1.5}, "two three"),
    ({"number__gte": 2}, "two three"),
    ({"number__lt": 2}, "one"),
    ({"number__lte": 2}, "one two"),
    ({"number__lt": 10**30}, "one two three"),
    ({"number__gt": 10**30}, ""),
    ({"number__gt": -(10**30)}, "one two three"),
    ({"number": 10**30}, ""),
    ({"big": 2**62}, "one"),
    ({"big__lt": -(2**61)}, "two"),
    ({"number__range": (1, 2)}, "one two"),
    ({"number__range": [2, 1]}, ""),
    ({"number__in": [1, 30, 99]}, "one three"),
    ({"number__in": {1}}, "one"),
    ({"number__in": [1, None]}, "one"),
    ({"number__in": [None]}, ""),
    ({"number__in": []}, ""),
    ({"number__in": range(1, 3000)}, "one two three"),
    ({"ratio": 0.5}, "one"),
    ({"ratio__lt": 0}, "two"),
    ({"ratio__in": [1e300, 0.5]}, "one three"),
    ({"price": decimal.Decimal("1.1")}, "one"),
    ({"price__gt": decimal.Decimal("9.989")}, "two three"),
    ({"price__range": (1, 10)}, "one two three"),
    ({"price__in": [decimal.Decimal("9.990"), 10]}, "two three"),
    ({"price": 10}, "two"),
    ({"price__lt": 2.5}, "one"),
    ({"wide__gt": 2}, "two"),
    ({"wide": decimal.Decimal("10.50")}, "two"),
    ({"wide__lt": decimal.Decimal(10)}, "one three"),
    ({"wide__in": [decimal.Decimal("2.0"), decimal.Decimal(-3)]}, "one three"),
    ({"flag": True}, "one three"),
    ({"flag": False}, "two"),
    ({"flag": 1}, "one three"),
    ({"flag__in": [True, False]}, "one two three"),
    ({"token": uuid.UUID(int=2)}, "two"),
    ({"token": str(uuid.UUID(int=2))}, "two"),
    ({"token__in": [uuid.UUID(int=2), uuid.UUID(int=9)]}, "two"),
    ({"blob": b"\x00a"}, "one"),
    ({"blob__in": [b"", b"\xff"]}, "two three"),
    ({"address": "10.0.0.1"}, "one"),
    ({"address": "0:0:0:0:0:0:0:1"}, "two"),
    ({"address__in": ["::1", "10.0.0.1"]}, "one two"),
    ({"span__gt": datetime.timedelta(0)}, "one"),
    ({"span": datetime.timedelta(days=-1)}, "two"),
    ({"span__in": [datetime.timedelta(0)]}, "three"),
    ({"data": {"a": 1}}, "one"),
    ({"data": [1]}, "two"),
    ({"data__isnull": True}, "three null"),
    # text
    ({"text": "ANN"}, "two"),
    ({"text__iexact": "ann"}, "two"),
    ({"text__iexact": "ärger"}, "three"),
    ({"text__iexact": None}, "null"),
    ({"text__contains": "nn"}, "one"),
    ({"text__icontains": "nn"}, "one two"),
    ({"text__startswith": "A"}, "one two"),
    ({"text__startswith": "Ann"}, "one"),
    ({"text__istartswith": "ann"}, "one two"),
    ({"text__istartswith": "äR"}, "three"),
    ({"text__endswith": "N"}, "two"),
    ({"text__endswith": "n"}, ""),
    ({"text__iendswith": "GER"}, "three"),
    ({"text__contains": ""}, "one two three"),
    ({"text__contains": "%"}, "one"),
    ({"text__contains": "_"}, "one"),
    ({"text__contains": "*"}, "one"),
    ({"text__contains": "?"}, "one"),
    ({"text__contains": "["}, "one"),
    ({"text__contains": "[a]"}, "one"),
    ({"text__contains": "\\"}, "one"),
    ({"text__icontains": "%_"}, "one"),
    ({"text__icontains": "\\"}, "one"),
    ({"text__endswith": "\\"}, "one"),
    ({"text__regex": "^A.N"}, "two"),
    ({"text__regex": "^ann"}, ""),
    ({"text__iregex": "^ann"}, "one two"),
    ({"text__in": ["ANN", "Ärger", "nobody"]}, "two three"),
    ({"text__gt": "B"}, "three"),
    ({"number__contains": "3"}, "three"),
    ({"number__startswith": 3}, "three"),
    ({"day__contains": "-12-"}, "two"),
    # dates and moments
    ({"day": datetime.date(2020, 1, 1)}, "one"),
    ({"day": "2020-01-01"}, "one"),
    ({"day__lt": datetime.date(2021, 1, 1)}, "one two"),
    ({"day__year": 2020}, "one two"),
    ({"day__year__gt": 2020}, "three"),
    ({"day__year__gte": 2020}, "one two three"),
    ({"day__year__lt": 2021}, "one two"),
    ({"day__year__lte": 2019}, ""),
    ({"day__year__in": [2021, 2022]}, "three"),
    ({"day__year": 99999}, ""),
    ({"day__year__lt": 99999}, "one two three"),
    ({"day__month": 12}, "two"),
    ({"day__day": 31}, "two"),
    ({"day__quarter": 4}, "two"),
    ({"day__week": 53}, "two three"),
    ({"day__iso_year": 2020}, "one two three"),
    ({"day__week_day": 1}, "three"),
    ({"day__iso_week_day": 7}, "three"),
    ({"day__week_day__in": [4, 5]}, "one two"),
    ({"moment": at(2020, 1, 1)}, "one"),
    ({"moment": "2020-01-01T00:00:00+00:00"}, "one"),
    ({"moment": datetime.datetime(2020, 1, 1, 2, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))}, "one"),
    ({"moment__gt": at(2020, 12, 31, 23, 59, 59)}, "two three"),
    ({"moment__range": (at(2020, 1, 1), at(2021, 1, 1))}, "one two three"),
    ({"moment__in": [at(2021, 1, 1)]}, "three"),
    ({"moment__year": 2020}, "one two"),
    ({"moment__month": 1}, "one three"),
    ({"moment__day__gte": 2}, "two"),
    ({"moment__hour": 23}, "two"),
    ({"moment__minute": 59}, "two"),
    ({"moment__second": 59}, "two"),
    ({"moment__week": 1}, "one"),
    ({"moment__week_day": 4}, "one"),
    ({"moment__date": datetime.date(2020, 12, 31)}, "two"),
    ({"moment__date__gt": datetime.date(2020, 1, 1)}, "two three"),
    ({"moment__date__in": [datetime.date(2020, 1, 1)]}, "one"),
    ({"moment__time": datetime.time(23, 59, 59, 999999)}, "two"),
    ({"moment__time__gt": datetime.time(12)}, "two"),
    ({"hour": datetime.time(12)}, "three"),
    ({"hour__gte": datetime.time(12)}, "two three"),
    ({"hour__hour": 1}, "one"),
    ({"hour__minute": 59}, "two"),
    ({"hour__second": 3}, "one"),
]  # fmt: skip


def named(case):
    return " ".join(f"{name}={value!r}"[:60] for name, value in case.items()) if isinstance(case, dict) else None


@pytest.fixture
def things(tables):
    tables(Thing)
    Thing.objects.bulk_create([Thing(name=name, **values) for name, values in ROWS.items()])


async def found(call, query) -> str:
    return " ".join(await call.list(query.order_by("pk").values_list("name", flat=True)))


@pytest.mark.parametrize(("lookups", "expected"), CASES, ids=named)
async def test_lookups(things, call, lookups, expected):
    query = Thing.objects.filter(**lookups)
    assert expected == await found(call, query)
    # What filter() finds, exclude() leaves out, and nothing else.
    others = " ".join(name for name in ROWS if name not in expected.split())
    assert others == await found(call, Thing.objects.exclude(**lookups))
    assert others == await found(call, Thing.objects.filter(~Q(**lookups)))
    assert expected == await found(call, Thing.objects.exclude(~Q(**lookups)))


async def test_a_generator_is_read_once(things, call):
    query = Thing.objects.filter(number__in=(number for number in (1, 2)))
    assert "one two" == await found(call, query) == await found(call, query.all())


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Q(number=1) | Q(number=2), "one two"),
        (Q(number=1) & Q(flag=False), ""),
        (Q(number=1) & Q(flag=True) | Q(number=30), "one three"),
        (Q(number=1) & (Q(flag=True) | Q(number=30)), "one"),
        (~Q(number=1), "two three null"),
        (~(Q(number=1) | Q(number=2)), "three null"),
        (~(Q(number__gt=0) & Q(flag=True)), "two null"),
        (~~Q(number=1), "one"),
        (Q(number=None) | Q(number=1), "one null"),
        (~Q(number=None), "one two three"),
        (Q(), "one two three null"),
        (Q() | Q(number=1), "one"),
        (Q(number__in=[]) | Q(number=1), "one"),
        (~Q(number__in=[]), "one two three null"),
        (~Q(number__in=[]) & Q(number=1), "one"),
        (Q(Q(number=1), flag=True), "one"),
        (Q(number=F("number")), "one two three"),
        (Q(number__gt=F("ratio")), "one two"),
        (Q(number__lt=F("ratio") + 31), "one two three"),
        (Q(price__gt=F("number") * 2), "two"),
        (Q(number=Value(2)), "two"),
        (Q(text__contains=F("text")), "one two three"),
        (Q(text__startswith=Value("Ä")), "three"),
        (Q(text__icontains=Value("%")), "one"),
        (Q(moment__gt=F("moment") - datetime.timedelta(days=1)), "one two three"),
    ],
    ids=repr,
)
async def test_conditions(things, call, condition, expected):
    assert expected == await found(call, Thing.objects.filter(condition))


async def test_filters_add_up(things, call):
    query = Thing.objects.filter(number__gte=1).filter(number__lte=2).exclude(flag=False)
    assert "one" == await found(call, query)
    assert "one" == await found(call, Thing.objects.filter(Q(number__gte=1), Q(number__lte=2), flag=True))


@pytest.mark.parametrize(
    ("zone", "expected"), [("UTC", "one two"), ("Europe/Berlin", "one"), ("America/New_York", "two three")]
)
async def test_parts_of_a_moment_are_read_in_the_time_zone(things, call, zone, expected):
    settings.TIME_ZONE = zone
    assert expected == await found(call, Thing.objects.filter(moment__year=2020))


async def test_the_date_of_a_moment_is_the_time_zones(things, call):
    settings.TIME_ZONE = "America/New_York"
    assert "one" == await found(call, Thing.objects.filter(moment__date=datetime.date(2019, 12, 31)))
    assert "one three" == await found(call, Thing.objects.filter(moment__hour=19))
