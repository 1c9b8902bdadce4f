"""Dates, times and durations at the database's edge: the one place that knows ``USE_TZ`` and ``TIME_ZONE``.

With ``USE_TZ`` every moment in Python is aware and every stored moment is UTC.  Without it every moment is naive.
Converters are made when a plan is, and plans are dropped when these settings change.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from dorm.conf import settings
from dorm.frames import warn
from dorm.run import load

if TYPE_CHECKING:
    from collections.abc import Callable

UTC = datetime.UTC


def zone() -> datetime.tzinfo:
    """The time zone of ``TIME_ZONE``."""
    name = settings.TIME_ZONE
    if name == "UTC":
        return UTC
    info: datetime.tzinfo = load("zoneinfo").ZoneInfo(name)
    return info


_zones: dict[str, datetime.tzinfo] = {"UTC": UTC}


def zone_named(name: str) -> datetime.tzinfo:
    """The time zone that :func:`name_of_zone` names."""
    found = _zones.get(name)
    if found is None:
        if name[0] in "+-":
            hours, minutes = int(name[1:3]), int(name[4:6])
            span = datetime.timedelta(hours=hours, minutes=minutes)
            found = datetime.timezone(-span if name[0] == "-" else span)
        else:
            found = load("zoneinfo").ZoneInfo(name)
        _zones[name] = found
    return found


def name_of_zone(info: datetime.tzinfo | None) -> str | None:
    """The name under which databases know a time zone: ``Europe/Paris``, or an offset such as ``+05:30``.

    ``ValueError`` for a time zone that has neither a name nor one offset for all times.
    """
    if info is None:
        return None
    if info is UTC:
        return "UTC"
    name = getattr(info, "key", None) or getattr(info, "zone", None)
    if isinstance(name, str) and not name.strip(_IN_NAMES):
        return name
    offset = info.utcoffset(None) if isinstance(info, datetime.tzinfo) else None
    if offset is None or offset % datetime.timedelta(minutes=1):
        raise ValueError(f"The database does not know the time zone {info!r}. Use zoneinfo.ZoneInfo('Area/City').")
    minutes = round(abs(offset).total_seconds()) // 60
    return f"{'-' if offset < datetime.timedelta(0) else '+'}{minutes // 60:02}:{minutes % 60:02}"


_IN_NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_+-"


def zone_name() -> str | None:
    """The zone in which parts of an aware moment are read, or ``None`` when moments are naive."""
    return settings.TIME_ZONE if settings.USE_TZ else None


def as_date(value: Any) -> datetime.date | None:
    """The date that *value* is, says, or falls on in ``TIME_ZONE``; ``None`` when it is nothing of the kind."""
    if isinstance(value, datetime.datetime):
        return (value.astimezone(zone()) if value.tzinfo is not None else value).date()
    if isinstance(value, datetime.date):
        return value
    return datetime.date.fromisoformat(value) if isinstance(value, str) else None


def as_time(value: Any) -> datetime.time | None:
    """The time of day that *value* is, says or has; ``None`` when it is nothing of the kind."""
    if isinstance(value, datetime.datetime):
        return value.time()
    if isinstance(value, datetime.time):
        return value
    return datetime.time.fromisoformat(value) if isinstance(value, str) else None


def as_moment(value: Any) -> datetime.datetime | None:
    """The moment that *value* is or says, or at which it begins; ``None`` when it is nothing of the kind."""
    if isinstance(value, datetime.datetime):
        return value
    if isinstance(value, datetime.date):
        return datetime.datetime(value.year, value.month, value.day, tzinfo=zone() if settings.USE_TZ else None)
    if not isinstance(value, str):
        return None
    moment = datetime.datetime.fromisoformat(value)
    return moment.replace(tzinfo=zone()) if settings.USE_TZ and moment.tzinfo is None else moment


def in_utc(moment: datetime.datetime) -> datetime.datetime:
    """*moment* as an aware moment in UTC.  A naive one is read in ``TIME_ZONE``, with a ``RuntimeWarning``."""
    if moment.tzinfo is None:
        warn(
            f"A naive datetime ({moment}) was given while USE_TZ is on; it is read in TIME_ZONE "
            f"{settings.TIME_ZONE!r}. Pass an aware datetime, for instance datetime.now(timezone.utc).",
            RuntimeWarning,
        )
        moment = moment.replace(tzinfo=zone())
    return moment.astimezone(UTC)


def naive(moment: datetime.datetime) -> datetime.datetime:
    """*moment* itself, which must be naive because ``USE_TZ`` is off."""
    if moment.tzinfo is not None:
        raise ValueError(
            f"An aware datetime ({moment}) cannot be stored while USE_TZ is off. Pass a naive one, or set USE_TZ."
        )
    return moment


def moment_converter() -> Callable[[Any], Any]:
    """From any datetime to the one that is stored, under the present settings."""
    return in_utc if settings.USE_TZ else naive


def start_of_year(year: int) -> datetime.datetime:
    """The first moment of *year* in the current time zone."""
    return datetime.datetime(year, 1, 1, tzinfo=zone() if settings.USE_TZ else None)


def microseconds(duration: datetime.timedelta) -> int:
    """The whole duration in microseconds, exactly."""
    return (duration.days * 86_400 + duration.seconds) * 1_000_000 + duration.microseconds
