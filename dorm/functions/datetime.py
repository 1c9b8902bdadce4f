"""Functions of dates, times and moments.

Aware moments are read in the time zone *tzinfo*, or in that of ``TIME_ZONE``; what is a moment again comes back in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from dorm.conf import settings
from dorm.expressions import declared_type, outputs
from dorm.functions.base import Func, kind_of_part
from dorm.hints import did_you_mean
from dorm.sql import calls, nodes
from dorm.sql.kinds import Kind, Type
from dorm.sql.moments import name_of_zone, zone_name

if TYPE_CHECKING:
    import datetime

    from dorm.expressions import Builder, Scope, Shape
    from dorm.sql.nodes import Node

DATE_PARTS = ("year", "iso_year", "quarter", "month", "week", "day", "week_day", "iso_week_day")
TIME_PARTS = ("hour", "minute", "second")
DATE_KINDS = ("year", "quarter", "month", "week", "day")
TIMES = (Kind.DATE, Kind.TIME, Kind.DATETIME)


class Now(Func):
    """The present moment, as the database sees it."""

    function, arity, result = "NOW", 0, Kind.DATETIME

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        return nodes.Present()


class _Zoned(Func):
    """Base of functions that read a moment in a time zone."""

    part: str | None = None
    zone: str | None = None

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        shape = super().shape(scope, values)
        inner: Any = shape
        inner = inner[1] if self.type is not None else inner  # wrapped in its output_field
        self.check(outputs.output(inner[-1]))
        return shape

    def check(self, source: Type | None) -> None:
        """Raise ``ValueError`` when this cannot be computed of that type."""
        raise NotImplementedError


def _zone_of(kind: Kind | None, zone: str | None) -> str | None:
    """The zone in which a value of this kind is read."""
    return None if kind is not Kind.DATETIME or not settings.USE_TZ else zone or zone_name()


class Extract(_Zoned):
    """A part of a date, time, moment or duration as a number: ``Extract("joined", "week_day")``."""

    function, result = "EXTRACT", Kind.INTEGER

    def __init__(
        self, expression: Any, lookup_name: str | None = None, tzinfo: datetime.tzinfo | None = None, **options: Any
    ) -> None:
        part = lookup_name or self.part
        if part is None:
            raise ValueError("lookup_name must be provided")
        if part not in (*DATE_PARTS, *TIME_PARTS):
            raise ValueError(f"Extract knows no {part!r}. {did_you_mean(part, (*DATE_PARTS, *TIME_PARTS))}")
        super().__init__(expression, **options)
        self.part, self.zone = part, name_of_zone(tzinfo)

    def settings(self) -> tuple[Any, ...]:
        return (self.part, self.zone)

    def check(self, source: Type | None) -> None:
        if source is None:
            return
        if source.kind not in (*TIMES, Kind.DURATION):
            raise ValueError("Extract input expression must be DateField, DateTimeField, TimeField, or DurationField.")
        if (source.kind is Kind.DATE and self.part in TIME_PARTS) or (
            source.kind is Kind.TIME and self.part in DATE_PARTS
        ):
            raise ValueError(f"Cannot extract component {self.part!r} from a {source.kind.value}.")
        if source.kind is Kind.DURATION and self.part not in ("day", *TIME_PARTS):
            raise ValueError(f"Cannot extract component {self.part!r} from a duration.")

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        part, zone, source = parts
        kind = kind_of_part(builder, source)
        if kind is Kind.DURATION:
            return calls.DurationPart(part, builder.node(source))
        return nodes.DatePart(part, builder.node(source), _zone_of(kind, zone))


class ExtractYear(Extract):
    """The year."""

    part = lookup_name = "year"


class ExtractIsoYear(Extract):
    """The year to which the week belongs, after ISO 8601."""

    part = lookup_name = "iso_year"


class ExtractQuarter(Extract):
    """The quarter, 1 to 4."""

    part = lookup_name = "quarter"


class ExtractMonth(Extract):
    """The month, 1 to 12."""

    part = lookup_name = "month"


class ExtractWeek(Extract):
    """The week, 1 to 53, after ISO 8601."""

    part = lookup_name = "week"


class ExtractDay(Extract):
    """The day of the month; of a duration its days."""

    part = lookup_name = "day"


class ExtractWeekDay(Extract):
    """The day of the week, 1 (Sunday) to 7 (Saturday)."""

    part = lookup_name = "week_day"


class ExtractIsoWeekDay(Extract):
    """The day of the week, 1 (Monday) to 7 (Sunday)."""

    part = lookup_name = "iso_week_day"


class ExtractHour(Extract):
    """The hour, 0 to 23."""

    part = lookup_name = "hour"


class ExtractMinute(Extract):
    """The minute, 0 to 59."""

    part = lookup_name = "minute"


class ExtractSecond(Extract):
    """The whole second, 0 to 59."""

    part = lookup_name = "second"


class TruncBase(_Zoned):
    """Base of functions that give the beginning of the part in which a date, time or moment lies."""

    function = "TRUNC"
    yields: ClassVar[Kind | None] = None
    """The kind of the result, when it is not that of the argument or of ``output_field``."""

    def __init__(
        self, expression: Any, output_field: Any = None, tzinfo: datetime.tzinfo | None = None, **options: Any
    ) -> None:
        super().__init__(expression, **options)
        wanted = declared_type(output_field)
        if wanted is not None and wanted.kind not in TIMES:
            raise ValueError("output_field must be either DateField, TimeField, or DateTimeField")
        self.kind: Kind | None = self.yields or (None if wanted is None else wanted.kind)
        self.zone = name_of_zone(tzinfo)

    def settings(self) -> tuple[Any, ...]:
        return (self.part, self.kind, self.zone)

    def check(self, source: Type | None) -> None:
        if source is None:
            return
        if source.kind not in TIMES:
            raise TypeError(f"{self.arguments[0]!r} isn't a DateField, TimeField, or DateTimeField.")
        result = self.kind or source.kind
        absent = (*TIME_PARTS, "time") if source.kind is Kind.DATE else (*DATE_KINDS, "date")
        if source.kind is not Kind.DATETIME and (result is not source.kind or self.part in absent):
            raise ValueError(f"Cannot truncate a {source.kind.value} to a {self.part} of a {result.value}.")

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        part, result, zone, source = parts
        kind = kind_of_part(builder, source) or Kind.DATETIME
        read = _zone_of(kind, zone)
        if part in ("date", "time"):
            return nodes.DateTrunc(part, builder.node(source), read)
        return calls.Truncated(part, builder.node(source), kind, result or kind, read)

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        _part, result, zone, source = parts
        kind = result or kind_of_part(builder, source) or Kind.DATETIME
        read = _zone_of(kind, zone)
        return Type(kind, zone=None if read == "UTC" else read)


class Trunc(TruncBase):
    """The beginning of the *kind* (year, quarter, month, week, day, hour, minute or second) in which a value lies.

    ``output_field`` makes a date of a moment, or a time.
    """

    def __init__(
        self,
        expression: Any,
        kind: str,
        output_field: Any = None,
        tzinfo: datetime.tzinfo | None = None,
        **options: Any,
    ) -> None:
        if kind not in (*DATE_KINDS, *TIME_PARTS):
            raise ValueError(f"Trunc knows no {kind!r}. {did_you_mean(str(kind), (*DATE_KINDS, *TIME_PARTS))}")
        super().__init__(expression, output_field, tzinfo, **options)
        self.part = kind


class TruncToDate(Trunc):
    """The first day of the *kind* in which a date or moment lies."""

    yields = Kind.DATE


class TruncYear(TruncBase):
    """The beginning of the year."""

    part, lookup_name = "year", "trunc_year"


class TruncQuarter(TruncBase):
    """The beginning of the quarter."""

    part, lookup_name = "quarter", "trunc_quarter"


class TruncMonth(TruncBase):
    """The beginning of the month."""

    part, lookup_name = "month", "trunc_month"


class TruncWeek(TruncBase):
    """The beginning of the week, a Monday."""

    part, lookup_name = "week", "trunc_week"


class TruncDay(TruncBase):
    """The beginning of the day."""

    part, lookup_name = "day", "trunc_day"


class TruncHour(TruncBase):
    """The beginning of the hour."""

    part, lookup_name = "hour", "trunc_hour"


class TruncMinute(TruncBase):
    """The beginning of the minute."""

    part, lookup_name = "minute", "trunc_minute"


class TruncSecond(TruncBase):
    """The beginning of the second."""

    part, lookup_name = "second", "trunc_second"


class TruncDate(TruncBase):
    """The date of a moment."""

    part, lookup_name, yields = "date", "date", Kind.DATE


class TruncTime(TruncBase):
    """The time of day of a moment."""

    part, lookup_name, yields = "time", "time", Kind.TIME
