"""Parts of dates and moments, and comparisons by year that an index on the column serves."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Final

from dorm.lookups.base import NOTHING, TRANSFORMS, Lookup, Operand, Right, Transform, Verdict
from dorm.lookups.comparisons import NotNull, Null
from dorm.lookups.numbers import nearest
from dorm.sql import nodes
from dorm.sql.kinds import Kind, Type
from dorm.sql.moments import zone, zone_name
from dorm.sql.nodes import Infix

if TYPE_CHECKING:
    from dorm.sql.nodes import Node


class DatePart(Transform):
    """A part of a date or moment as a number, read in ``TIME_ZONE``."""

    output = Type(Kind.INTEGER)

    @classmethod
    def node(cls, left: Node, operand: Operand) -> Node:
        return nodes.DatePart(cls.name, left, zone_name() if operand.sql_type.kind is Kind.DATETIME else None)


def date_part(name: str) -> type[DatePart]:
    """The transform for one part."""
    return type(name.title().replace("_", ""), (DatePart,), {"name": name, "__doc__": f"The {name} of a date."})


class DateOf(Transform):
    """The date of a moment in ``TIME_ZONE``."""

    name = "date"
    output = Type(Kind.DATE)

    @classmethod
    def node(cls, left: Node, operand: Operand) -> Node:
        return nodes.DateTrunc("date", left, zone_name())


class TimeOf(Transform):
    """The time of day of a moment in ``TIME_ZONE``."""

    name = "time"
    output = Type(Kind.TIME)

    @classmethod
    def node(cls, left: Node, operand: Operand) -> Node:
        return nodes.DateTrunc("time", left, zone_name())


class YearComparison(Lookup):
    """Base of comparisons by year, done by the range of the column itself: an index on the column serves them."""

    takes_plain = False
    operator: ClassVar[str] = "="

    @classmethod
    def prepare(cls, operand: Operand, value: Any) -> tuple[type[Lookup] | Verdict, Any]:
        if value is None and cls.name == "exact":
            return Null, None
        _, year = super().prepare(operand, value)
        year = nearest(DatePart.output, year, "below" if cls.name in ("gt", "lte") else "above")
        if cls.name == "exact" and year != value and not isinstance(value, str):
            return NOTHING, None
        if not datetime.MINYEAR <= year <= datetime.MAXYEAR:
            below, beyond = year < datetime.MINYEAR, year > datetime.MAXYEAR
            matches = (cls.name in ("gt", "gte") and below) or (cls.name in ("lt", "lte") and beyond)
            return (NotNull if matches else NOTHING), None
        return cls, year

    @classmethod
    def node(cls, left: Node, right: Right) -> Node:
        moments = right.operand.sql_type.kind is Kind.DATETIME
        if right.node is not None:
            return Infix(cls.operator, nodes.DatePart("year", left, zone_name() if moments else None), right.node)
        first, last = (first_moment, last_moment) if moments else (first_day, last_day)
        return cls.bounds(left, right.value(first), right.value(last))

    @classmethod
    def bounds(cls, left: Node, first: Node, last: Node) -> Node:
        """The comparison with the first and the last moment of the year."""
        raise NotImplementedError


def first_day(year: int) -> datetime.date:
    """The first of January."""
    return datetime.date(year, 1, 1)


def last_day(year: int) -> datetime.date:
    """The last of December."""
    return datetime.date(year, 12, 31)


def first_moment(year: int) -> datetime.datetime:
    """The first moment of the year in the current time zone."""
    return datetime.datetime(year, 1, 1, tzinfo=zone() if zone_name() else None)


def last_moment(year: int) -> datetime.datetime:
    """The last microsecond of the year in the current time zone."""
    return datetime.datetime(year, 12, 31, 23, 59, 59, 999_999, tzinfo=zone() if zone_name() else None)


class YearExact(YearComparison):
    """In the year."""

    name = "exact"

    @classmethod
    def bounds(cls, left: Node, first: Node, last: Node) -> Node:
        return nodes.Between(left, first, last)


def year_comparison(name_: str, sign: str, *, end: bool) -> type[YearComparison]:
    """The comparison *sign* with the year's end or its beginning."""

    class Bound(YearComparison):
        name, operator = name_, sign

        @classmethod
        def bounds(cls, left: Node, first: Node, last: Node) -> Node:
            return Infix(sign, left, last if end else first)

    Bound.__name__ = Bound.__qualname__ = f"Year{name_.title()}"
    return Bound


class Year(DatePart):
    """The year; compared by range."""

    name = "year"
    replaces: ClassVar[dict[str, type[Lookup]]] = {
        "exact": YearExact,
        "gt": year_comparison("gt", ">", end=True),
        "gte": year_comparison("gte", ">=", end=False),
        "lt": year_comparison("lt", "<", end=False),
        "lte": year_comparison("lte", "<=", end=True),
    }


DATE_TRANSFORMS: Final[tuple[type[Transform], ...]] = (
    Year, *map(date_part, ("iso_year", "quarter", "month", "day", "week", "week_day", "iso_week_day")),
)  # fmt: skip
TIME_TRANSFORMS: Final[tuple[type[Transform], ...]] = tuple(map(date_part, ("hour", "minute", "second")))
MOMENT_TRANSFORMS: Final[tuple[type[Transform], ...]] = (DateOf, TimeOf)

# Where pickle looks for them.
for _made in (*DATE_TRANSFORMS, *TIME_TRANSFORMS, *Year.replaces.values()):
    globals()[_made.__name__] = _made

TRANSFORMS[Kind.DATE] = {part.name: part for part in DATE_TRANSFORMS}
TRANSFORMS[Kind.TIME] = {part.name: part for part in TIME_TRANSFORMS}
TRANSFORMS[Kind.DATETIME] = {part.name: part for part in (*DATE_TRANSFORMS, *TIME_TRANSFORMS, *MOMENT_TRANSFORMS)}
