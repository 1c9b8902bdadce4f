"""Functions of dates, times, moments and durations, in the time zones in which they are read."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

import dorm
from dorm import (
    Cast,
    Count,
    ExpressionWrapper,
    Extract,
    ExtractDay,
    ExtractHour,
    ExtractIsoWeekDay,
    ExtractIsoYear,
    ExtractMinute,
    ExtractMonth,
    ExtractQuarter,
    ExtractSecond,
    ExtractWeek,
    ExtractWeekDay,
    ExtractYear,
    F,
    Max,
    Now,
    Trunc,
    TruncDate,
    TruncDay,
    TruncHour,
    TruncMinute,
    TruncMonth,
    TruncQuarter,
    TruncSecond,
    TruncTime,
    TruncWeek,
    TruncYear,
)
from dorm.conf import settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.testbed.colours import Call

    Tables = Callable[..., None]

UTC = dt.UTC
BERLIN = ZoneInfo("Europe/Berlin")
TOKYO = ZoneInfo("Asia/Tokyo")
INDIA = dt.timezone(dt.timedelta(hours=5, minutes=30))
WEST = dt.timezone(dt.timedelta(hours=-3))

AT = dt.datetime(2021, 1, 3, 23, 30, 15, 123456, tzinfo=UTC)  # a Sunday; Monday in Berlin
DAY = dt.date(2021, 8, 31)
TIME = dt.time(13, 14, 15, 678)
SPAN = dt.timedelta(days=2, hours=3, minutes=4, seconds=5, microseconds=6)


class Event(dorm.Model):
    at = dorm.DateTimeField(null=True)
    day = dorm.DateField(null=True)
    time = dorm.TimeField(null=True)
    span = dorm.DurationField(null=True)
    back = dorm.DurationField(null=True)
    name = dorm.CharField(max_length=10, default="")

    class Meta:
        app_label = "functions_dates"


async def computed(tables: Tables, call: Call, expression: Any, at: dt.datetime = AT) -> Any:
    tables(Event)
    await call(Event.objects, "create", at=at, day=DAY, time=TIME, span=SPAN, back=-SPAN)
    return (await call(Event.objects.annotate(x=expression), "get")).x


PARTS = [
    (ExtractYear("at"), 2021),
    (ExtractIsoYear("at"), 2020),
    (ExtractQuarter("day"), 3),
    (ExtractMonth("at"), 1),
    (ExtractWeek("at"), 53),
    (ExtractDay("at"), 3),
    (ExtractWeekDay("at"), 1),
    (ExtractIsoWeekDay("at"), 7),
    (ExtractHour("at"), 23),
    (ExtractMinute("at"), 30),
    (ExtractSecond("at"), 15),
    (ExtractYear("day"), 2021),
    (ExtractIsoYear("day"), 2021),
    (ExtractWeek("day"), 35),
    (ExtractWeekDay("day"), 3),
    (ExtractIsoWeekDay("day"), 2),
    (ExtractDay("day"), 31),
    (ExtractHour("time"), 13),
    (ExtractMinute("time"), 14),
    (ExtractSecond("time"), 15),
    (Extract("at", "day", tzinfo=BERLIN), 4),
    (Extract("at", "hour", tzinfo=BERLIN), 0),
    (Extract("at", "week", BERLIN), 1),
    (ExtractIsoYear("at", tzinfo=BERLIN), 2021),
    (ExtractWeekDay("at", tzinfo=BERLIN), 2),
    (ExtractHour("at", tzinfo=INDIA), 5),
    (ExtractMinute("at", tzinfo=INDIA), 0),
    (ExtractHour("at", tzinfo=WEST), 20),
    (ExtractDay("at", tzinfo=WEST), 3),
    (ExtractHour("at", tzinfo=UTC), 23),
    (ExtractDay("span"), 2),
    (ExtractHour("span"), 3),
    (ExtractMinute("span"), 4),
    (ExtractSecond("span"), 5),
    (ExtractDay("back"), (-SPAN).days),
    (ExtractHour("back"), (-SPAN).seconds // 3600),
    (ExtractMinute("back"), (-SPAN).seconds % 3600 // 60),
    (ExtractSecond("back"), (-SPAN).seconds % 60),
    (ExtractHour(F("at") + dt.timedelta(hours=2)), 1),
]


@pytest.mark.parametrize(("expression", "expected"), PARTS, ids=lambda one: repr(one)[:50])
async def test_a_part_is_a_whole_number(tables: Tables, call: Call, expression: Any, expected: int) -> None:
    found = await computed(tables, call, expression)

    assert (int, expected) == (type(found), found)


MIXED = [
    (ExpressionWrapper(F("day") + dt.timedelta(days=1), dorm.DateTimeField()), dt.datetime(2021, 9, 1, tzinfo=UTC)),
    (
        ExpressionWrapper(F("day") - dt.timedelta(hours=6), dorm.DateTimeField()),
        dt.datetime(2021, 8, 30, 18, tzinfo=UTC),
    ),
    (
        ExpressionWrapper(F("span") + F("day"), dorm.DateTimeField()),
        dt.datetime(2021, 9, 2, 3, 4, 5, 6, tzinfo=UTC),
    ),
    (F("day") + dt.timedelta(days=1), dt.date(2021, 9, 1)),
    (F("at") - dt.date(2021, 1, 1), dt.timedelta(days=2, hours=23, minutes=30, seconds=15, microseconds=123456)),
    (F("at") - F("day"), AT - dt.datetime(2021, 8, 31, tzinfo=UTC)),
    (F("day") - F("at"), dt.datetime(2021, 8, 31, tzinfo=UTC) - AT),
    (F("day") - dt.date(2021, 8, 1), dt.timedelta(days=30)),
]


@pytest.mark.parametrize(("expression", "expected"), MIXED, ids=lambda one: repr(one)[:70])
async def test_dates_moments_and_durations_are_computed_with_in_utc(
    tables: Tables, call: Call, expression: Any, expected: Any
) -> None:
    found = await computed(tables, call, expression)

    assert (type(expected), expected) == (type(found), found)


async def test_a_moment_made_of_a_date_is_naive_where_all_moments_are(tables: Tables, call: Call) -> None:
    settings.USE_TZ = False
    at, midnight = AT.replace(tzinfo=None), dt.datetime.combine(DAY, dt.time())
    moment = ExpressionWrapper(F("day") + dt.timedelta(hours=1), dorm.DateTimeField())

    found = await computed(tables, call, moment, at)
    since = (await call(Event.objects.annotate(x=F("at") - F("day")), "get")).x

    assert (midnight + dt.timedelta(hours=1), at - midnight) == (found, since)


TRUNCATED = [
    (TruncYear("at"), dt.datetime(2021, 1, 1, tzinfo=UTC)),
    (TruncQuarter("at"), dt.datetime(2021, 1, 1, tzinfo=UTC)),
    (TruncMonth("at"), dt.datetime(2021, 1, 1, tzinfo=UTC)),
    (TruncWeek("at"), dt.datetime(2020, 12, 28, tzinfo=UTC)),
    (TruncDay("at"), dt.datetime(2021, 1, 3, tzinfo=UTC)),
    (TruncHour("at"), dt.datetime(2021, 1, 3, 23, tzinfo=UTC)),
    (TruncMinute("at"), dt.datetime(2021, 1, 3, 23, 30, tzinfo=UTC)),
    (TruncSecond("at"), dt.datetime(2021, 1, 3, 23, 30, 15, tzinfo=UTC)),
    (TruncWeek("at", tzinfo=BERLIN), dt.datetime(2021, 1, 4, tzinfo=BERLIN)),
    (TruncDay("at", tzinfo=BERLIN), dt.datetime(2021, 1, 4, tzinfo=BERLIN)),
    (TruncHour("at", tzinfo=BERLIN), dt.datetime(2021, 1, 4, 0, tzinfo=BERLIN)),
    (TruncHour("at", tzinfo=INDIA), dt.datetime(2021, 1, 4, 5, tzinfo=INDIA)),
    (TruncDay("at", tzinfo=WEST), dt.datetime(2021, 1, 3, tzinfo=WEST)),
    (Trunc("at", "month", tzinfo=BERLIN, output_field=dorm.DateField()), dt.date(2021, 1, 1)),
    (Trunc("at", "week", dorm.DateField(), BERLIN), dt.date(2021, 1, 4)),
    (TruncMinute("at", output_field=dorm.TimeField()), dt.time(23, 30)),
    (TruncYear("day"), dt.date(2021, 1, 1)),
    (TruncQuarter("day"), dt.date(2021, 7, 1)),
    (TruncMonth("day"), dt.date(2021, 8, 1)),
    (TruncWeek("day"), dt.date(2021, 8, 30)),
    (TruncDay("day"), dt.date(2021, 8, 31)),
    (TruncHour("time"), dt.time(13)),
    (TruncMinute("time"), dt.time(13, 14)),
    (TruncSecond("time"), dt.time(13, 14, 15)),
    (TruncDate("at"), dt.date(2021, 1, 3)),
    (TruncDate("at", tzinfo=BERLIN), dt.date(2021, 1, 4)),
    (TruncTime("at"), dt.time(23, 30, 15, 123456)),
    (TruncTime("at", tzinfo=TOKYO), dt.time(8, 30, 15, 123456)),
    (Cast("at", dorm.DateField()), dt.date(2021, 1, 3)),
    (Cast("at", "time"), dt.time(23, 30, 15, 123456)),
    (Cast("day", "datetime"), dt.datetime(2021, 8, 31, tzinfo=UTC)),
]


@pytest.mark.parametrize(("expression", "expected"), TRUNCATED, ids=lambda one: repr(one)[:60])
async def test_a_beginning(tables: Tables, call: Call, expression: Any, expected: Any) -> None:
    found = await computed(tables, call, expression)

    assert (type(expected), expected) == (type(found), found)
    if isinstance(expected, dt.datetime):
        assert expected.utcoffset() == found.utcoffset()


@pytest.mark.parametrize("zone", [BERLIN, ZoneInfo("America/Sao_Paulo"), ZoneInfo("America/Havana")], ids=str)
@pytest.mark.parametrize("kind", ["hour", "day", "month", "second"])
async def test_both_databases_read_a_changed_clock_alike(tables: Tables, call: Call, zone: ZoneInfo, kind: str) -> None:
    tables(Event)
    changes = [
        dt.datetime(2018, 10, 28, 0, 45, tzinfo=UTC),  # 2:45 in Berlin, for the first time
        dt.datetime(2018, 10, 28, 1, 45, tzinfo=UTC),  # and again
        dt.datetime(2018, 11, 4, 3, 10, tzinfo=UTC),  # São Paulo has no midnight
        dt.datetime(2018, 11, 4, 4, 30, tzinfo=UTC),  # Havana has two
        dt.datetime(2018, 11, 4, 5, 30, tzinfo=UTC),
    ]
    await call(Event.objects, "bulk_create", [Event(at=at) for at in changes])

    found = await call.list(Event.objects.order_by("at").annotate(x=Trunc("at", kind, tzinfo=zone)).values_list("x"))

    expected = [beginning(at.astimezone(zone), kind) for at in changes]
    assert expected == [x.astimezone(UTC) for (x,) in found]


def beginning(moment: dt.datetime, kind: str) -> dt.datetime:
    """Within a day the offset stays; a day begins in standard time when two or no moments are its beginning."""
    if kind in ("hour", "second"):
        cut = moment.replace(second=0, microsecond=0) if kind == "second" else moment.replace(minute=0)
        return cut.astimezone(UTC)
    start = moment.replace(hour=0, minute=0, day=1 if kind == "month" else moment.day, fold=0)
    late = start.replace(fold=1)
    first, second = start.utcoffset(), late.utcoffset()
    assert first is not None
    assert second is not None
    return (late if first > second else start).astimezone(UTC)


@pytest.mark.parametrize(
    "expression",
    [
        ExtractYear("at"),
        ExtractHour("time"),
        ExtractDay("span"),
        TruncDay("at"),
        TruncDay("at", tzinfo=BERLIN),
        TruncMonth("day"),
        TruncHour("time"),
        TruncDate("at"),
        TruncTime("at", tzinfo=TOKYO),
        Cast("at", "date"),
    ],
    ids=lambda one: repr(one)[:50],
)
async def test_null_gives_null(tables: Tables, call: Call, expression: Any) -> None:
    tables(Event)
    await call(Event.objects, "create")

    assert (await call(Event.objects.annotate(x=expression), "get")).x is None


async def test_without_a_zone_that_of_the_settings_is_meant(tables: Tables, call: Call) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    tables(Event)
    await call(Event.objects, "create", at=AT)

    found = await call(Event.objects.annotate(d=TruncDay("at"), h=ExtractHour("at"), date=TruncDate("at")), "get")

    assert (0, dt.date(2021, 1, 4)) == (found.h, found.date)
    assert dt.datetime(2021, 1, 4, tzinfo=BERLIN) == found.d
    assert dt.timedelta(hours=1) == found.d.utcoffset()


async def test_without_time_zones_moments_are_naive_and_tzinfo_says_nothing(tables: Tables, call: Call) -> None:
    settings.USE_TZ = False
    found = await computed(tables, call, TruncHour("at", tzinfo=BERLIN), AT.replace(tzinfo=None))

    assert dt.datetime(2021, 1, 3, 23) == found  # noqa: DTZ001 - naive by setting


async def test_beginnings_are_compared_ordered_and_grouped_by(tables: Tables, call: Call) -> None:
    tables(Event)
    await call(Event.objects, "bulk_create", [Event(at=AT + dt.timedelta(days=10 * number)) for number in range(5)])
    months = Event.objects.annotate(month=TruncMonth("at", tzinfo=BERLIN)).values("month")

    assert [(1, 3), (2, 2)] == [
        (row["month"].month, row["n"]) for row in await call.list(months.annotate(n=Count("*")).order_by("month"))
    ]
    february = dt.datetime(2021, 2, 1, tzinfo=BERLIN)
    assert 2 == await call(Event.objects.alias(m=TruncMonth("at", tzinfo=BERLIN)).filter(m=february), "count")
    assert 3 == await call(Event.objects.alias(m=TruncMonth("at", tzinfo=BERLIN)).filter(m__lt=february), "count")
    assert {"x": february} == await call(Event.objects, "aggregate", x=Max(TruncMonth("at", tzinfo=BERLIN)))


async def test_now_is_truncated_and_taken_apart(tables: Tables, call: Call) -> None:
    today = await computed(tables, call, TruncDate(Now()))

    assert abs(dt.datetime.now(UTC).date() - today) <= dt.timedelta(days=1)


# -- dates() and datetimes() -------------------------------------------------------------------


async def days(tables: Tables, call: Call) -> None:
    tables(Event)
    moments = [AT, AT + dt.timedelta(days=1), AT + dt.timedelta(days=40), AT + dt.timedelta(days=400), None]
    await call(Event.objects, "bulk_create", [Event(at=at, day=at and at.date()) for at in [*moments, AT]])


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("year", [dt.date(2021, 1, 1), dt.date(2022, 1, 1)]),
        ("month", [dt.date(2021, 1, 1), dt.date(2021, 2, 1), dt.date(2022, 2, 1)]),
        ("week", [dt.date(2020, 12, 28), dt.date(2021, 1, 4), dt.date(2021, 2, 8), dt.date(2022, 2, 7)]),
        ("day", [dt.date(2021, 1, 3), dt.date(2021, 1, 4), dt.date(2021, 2, 12), dt.date(2022, 2, 7)]),
    ],
)
@pytest.mark.parametrize("field", ["day", "at"])
async def test_dates_with_a_row(tables: Tables, call: Call, field: str, kind: Any, expected: list[dt.date]) -> None:
    await days(tables, call)

    assert expected == await call.list(Event.objects.dates(field, kind))
    assert expected[::-1] == await call.list(Event.objects.dates(field, kind, order="DESC"))
    assert len(expected) == await call(Event.objects.dates(field, kind), "count")
    assert expected[-1] == await call(Event.objects.dates(field, kind), "last")


async def test_datetimes_are_aware_in_the_zone_that_was_asked_for(tables: Tables, call: Call) -> None:
    await days(tables, call)

    found = await call.list(Event.objects.datetimes("at", "day", tzinfo=BERLIN))

    assert [dt.datetime(2021, 1, 4, tzinfo=BERLIN), dt.datetime(2021, 1, 5, tzinfo=BERLIN)] == found[:2]
    assert [0, 0, 0, 0] == [moment.hour for moment in found]
    hours = await call.list(Event.objects.filter(at__year=2022).datetimes("at", "hour", "DESC"))
    assert [dt.datetime(2022, 2, 7, 23, tzinfo=UTC)] == hours


async def test_dates_are_awaited_and_sliced_like_other_query_sets(tables: Tables, call: Call) -> None:
    await days(tables, call)

    assert [dt.date(2021, 2, 1)] == await call.list(Event.objects.dates("day", "month")[1:2])
    assert await call(Event.objects.filter(day__year=2022).dates("day", "month"), "exists")


MISTAKES: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: Extract("at"), ValueError, "lookup_name must be provided"),
    (lambda: Extract("at", "yaer"), ValueError, "year"),
    (lambda: Trunc("at", "yaer"), ValueError, "year"),
    (lambda: Trunc("at", "week_day"), ValueError, "week"),
    (lambda: Event.objects.annotate(x=ExtractHour("day")), ValueError, "hour"),
    (lambda: Event.objects.annotate(x=ExtractYear("time")), ValueError, "year"),
    (lambda: Event.objects.annotate(x=ExtractYear("span")), ValueError, "year"),
    (lambda: Event.objects.annotate(x=ExtractYear("name")), ValueError, "Extract input"),
    (lambda: Event.objects.annotate(x=TruncHour("day")), ValueError, "Cannot truncate"),
    (lambda: Event.objects.annotate(x=TruncTime("day")), ValueError, "Cannot truncate"),
    (lambda: Event.objects.annotate(x=TruncDate("time")), ValueError, "Cannot truncate"),
    (lambda: Event.objects.annotate(x=TruncMonth("time")), ValueError, "Cannot truncate"),
    (lambda: Event.objects.annotate(x=TruncMonth("day", dorm.DateTimeField())), ValueError, "Cannot truncate"),
    (lambda: Event.objects.annotate(x=TruncMonth("name")), TypeError, "isn't a DateField"),
    (lambda: TruncMonth("at", dorm.IntegerField()), ValueError, "output_field must be"),
    (lambda: TruncMonth("at", tzinfo="Europe/Berlin"), ValueError, "ZoneInfo"),
    (lambda: ExtractDay("at", tzinfo=dt.timezone(dt.timedelta(seconds=90))), ValueError, "ZoneInfo"),
    (lambda: Event.objects.dates("day", "hour"), ValueError, "'kind' must be one of"),
    (lambda: Event.objects.dates("day", "month", "UP"), ValueError, "'order' must be"),
    (lambda: Event.objects.dates("name", "month"), TypeError, "name"),
    (lambda: Event.objects.dates("nope", "month"), dorm.FieldError, "nope"),
    (lambda: Event.objects.datetimes("day", "month"), ValueError, "day"),
    (lambda: Event.objects.datetimes("at", "eon"), ValueError, "'kind' must be one of"),
    (lambda: Event.objects.all()[:2].dates("day", "month"), TypeError, "slice"),
]


@pytest.mark.parametrize(("make", "kind", "words"), MISTAKES)
def test_mistakes_are_told_at_the_line_that_made_them(
    make: Callable[[], Any], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        make()
