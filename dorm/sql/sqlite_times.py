"""Dates, times and moments for SQLite, written in Python.  Text is read as :mod:`dorm.sql.sqlite` stores it.

No argument but a time zone is NULL: see :mod:`dorm.sql.sqlite_functions`.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from dorm.sql.moments import UTC, microseconds, zone_named

if TYPE_CHECKING:
    from collections.abc import Callable


def parsed(text: str) -> datetime.datetime:
    """A stored date, time or moment, as it is written."""
    return datetime.datetime.fromisoformat(f"1900-01-01 {text}" if len(text) > 2 and text[2] == ":" else text)


def local(text: str, zone: str | None) -> datetime.datetime:
    """A stored date, time or moment, read in *zone*."""
    moment = parsed(text)
    if zone is None or zone == "UTC" or len(text) == 10:
        return moment
    return moment.replace(tzinfo=UTC).astimezone(zone_named(zone))


_PARTS: dict[str, Callable[[datetime.datetime], Any]] = {
    "year": lambda m: m.year,
    "iso_year": lambda m: m.isocalendar()[0],
    "quarter": lambda m: (m.month + 2) // 3,
    "month": lambda m: m.month,
    "day": lambda m: m.day,
    "week": lambda m: m.isocalendar()[1],
    "week_day": lambda m: m.isoweekday() % 7 + 1,
    "iso_week_day": lambda m: m.isoweekday(),
    "hour": lambda m: m.hour,
    "minute": lambda m: m.minute,
    "second": lambda m: m.second,
    "date": lambda m: m.date().isoformat(),
    "time": lambda m: m.time().isoformat(),
}


def date_part(part: str, text: str, zone: str | None) -> Any:
    """A part of a stored date, time or moment, read in *zone*."""
    return _PARTS[part](local(text, zone))


def _day(moment: datetime.datetime) -> datetime.datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


_BEGINNINGS: dict[str, Callable[[datetime.datetime], datetime.datetime]] = {
    "year": lambda m: _day(m.replace(month=1, day=1)),
    "quarter": lambda m: _day(m.replace(month=(m.month - 1) // 3 * 3 + 1, day=1)),
    "month": lambda m: _day(m.replace(day=1)),
    "week": lambda m: _day(m - datetime.timedelta(days=m.weekday())),
    "day": _day,
    "hour": lambda m: m.replace(minute=0, second=0, microsecond=0),
    "minute": lambda m: m.replace(second=0, microsecond=0),
    "second": lambda m: m.replace(microsecond=0),
}
_WITHIN_DAYS = ("hour", "minute", "second")


def truncated(part: str, source: str, result: str, text: str, zone: str | None) -> str:
    """The beginning of the *part* in which a stored value lies, in *zone*, stored as *result*."""
    moment = local(text, zone)
    beginning = _BEGINNINGS[part](moment)
    if result == "date":
        return beginning.date().isoformat()
    if result == "time":
        return beginning.time().isoformat()
    if beginning.tzinfo is None:
        return beginning.isoformat(" ")
    if part not in _WITHIN_DAYS:
        beginning = _first_reading(beginning)
    return beginning.astimezone(UTC).replace(tzinfo=None).isoformat(" ")


def _first_reading(beginning: datetime.datetime) -> datetime.datetime:
    """A local time that a change of the clock repeats, or leaves out, as PostgreSQL reads it: in standard time."""
    early, late = beginning.replace(fold=0), beginning.replace(fold=1)
    first, second = early.utcoffset(), late.utcoffset()
    return late if first is not None and second is not None and first > second else early


def duration_part(part: str, value: int) -> int:
    """Days, hours, minutes or seconds of a stored duration."""
    whole = value // 1_000_000
    match part:
        case "day":
            return whole // 86_400
        case "hour":
            return whole % 86_400 // 3600
        case "minute":
            return whole % 3600 // 60
        case _:
            return whole % 60


_TRUE = ("t", "true", "y", "yes", "on", "1")
_FALSE = ("f", "false", "n", "no", "off", "0")


def converted(kind: str, text: Any) -> Any:
    """A stored date, time or moment, or text that means one, stored as *kind*; or whether something is true."""
    if kind == "boolean":
        word = str(text).strip().lower()
        if isinstance(text, str) and word not in (*_TRUE, *_FALSE):
            raise ValueError(f"invalid input syntax for type boolean: {text!r}")
        return word in _TRUE if isinstance(text, str) else bool(text)
    moment = parsed(str(text))
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    match kind:
        case "date":
            return moment.date().isoformat()
        case "time":
            return moment.time().isoformat()
        case _:
            return moment.isoformat(" ")


def moment_arithmetic(sign: str, left_kind: str, right_kind: str, left: Any, right: Any) -> Any:
    """Dates and moments plus or minus durations (microseconds), and the difference of two of them."""
    if left_kind == "duration":
        left_kind, right_kind, left, right = right_kind, left_kind, right, left
    start = parsed(left)
    if right_kind == "duration":
        step = datetime.timedelta(microseconds=right)
        moved = start + step if sign == "+" else start - step
        match left_kind:
            case "date":
                return moved.date().isoformat()
            case "time":
                return moved.time().isoformat()
            case _:
                return moved.isoformat(" ")
    return microseconds(start - parsed(right))


FUNCTIONS: tuple[tuple[str, int, Callable[..., Any]], ...] = (
    ("DORM_TRUNCATED", 5, truncated),
    ("DORM_DURATION_PART", 2, duration_part),
    ("DORM_CONVERTED", 2, converted),
    ("DORM_MOMENT", 5, moment_arithmetic),
    ("DORM_DATE_PART", 3, date_part),
)
