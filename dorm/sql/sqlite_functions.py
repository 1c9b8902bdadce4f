"""SQL functions and collations written in Python, which every SQLite connection gets.  All are deterministic.

NULL in, NULL out.  Stored text is parsed as :mod:`dorm.sql.sqlite` writes it.
"""

from __future__ import annotations

import datetime
import decimal
import re
from typing import TYPE_CHECKING, Any

from dorm.run import load
from dorm.sql.moments import UTC, microseconds

if TYPE_CHECKING:
    from collections.abc import Callable


def upper(text: Any) -> Any:
    """``UPPER`` for all of Unicode; SQLite's own knows ASCII only."""
    return None if text is None else str(text).upper()


def lower(text: Any) -> Any:
    """``LOWER`` for all of Unicode."""
    return None if text is None else str(text).lower()


def unhex(text: Any) -> Any:
    """Bytes from hexadecimal digits."""
    return None if text is None else bytes.fromhex(text)


def regex(pattern: Any, text: Any) -> Any:
    """Whether *pattern* is found in *text* (Python's :mod:`re`)."""
    return None if pattern is None or text is None else re.search(pattern, str(text)) is not None


def iregex(pattern: Any, text: Any) -> Any:
    """:func:`regex` that ignores case."""
    return None if pattern is None or text is None else re.search(pattern, str(text), re.IGNORECASE) is not None


_zones: dict[str, datetime.tzinfo] = {"UTC": UTC}


def _moment(text: str, zone: str | None) -> datetime.datetime:
    moment = datetime.datetime.fromisoformat(text)
    if zone is None or zone == "UTC" or len(text) == 10:
        return moment
    if zone not in _zones:
        _zones[zone] = load("zoneinfo").ZoneInfo(zone)
    return moment.replace(tzinfo=UTC).astimezone(_zones[zone])


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


def date_part(part: str, text: Any, zone: str | None) -> Any:
    """A part of a stored date, time or moment, read in *zone*."""
    if text is None:
        return None
    if len(text) > 2 and text[2] == ":":
        text = f"1900-01-01 {text}"
    return _PARTS[part](_moment(text, zone))


def moment_arithmetic(sign: str, left_kind: str, right_kind: str, left: Any, right: Any) -> Any:
    """Dates and moments plus or minus durations (microseconds), and the difference of two of them."""
    if left is None or right is None:
        return None
    if left_kind == "duration":
        left_kind, right_kind, left, right = right_kind, left_kind, right, left
    start = _parse(left)
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
    return microseconds(start - _parse(right))


def _parse(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(f"1900-01-01 {text}" if len(text) > 2 and text[2] == ":" else text)


def compare_decimals(left: str, right: str) -> int:
    """Order two decimals written as text by their value."""
    first, second = decimal.Decimal(left), decimal.Decimal(right)
    return (first > second) - (first < second)


FUNCTIONS: tuple[tuple[str, int, Callable[..., Any]], ...] = (
    ("DORM_UPPER", 1, upper),
    ("DORM_LOWER", 1, lower),
    ("DORM_UNHEX", 1, unhex),
    ("DORM_REGEX", 2, regex),
    ("DORM_IREGEX", 2, iregex),
    ("DORM_DATE_PART", 3, date_part),
    ("DORM_MOMENT", 5, moment_arithmetic),
)

COLLATIONS: tuple[tuple[str, Callable[[str, str], int]], ...] = (("DORM_DECIMAL", compare_decimals),)
