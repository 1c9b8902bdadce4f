"""Nodes of functions and of windows that are more than a name and arguments.  As in :mod:`dorm.sql.nodes`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from dorm.sql.record import Record

if TYPE_CHECKING:
    from dorm.sql.kinds import Kind, Type
    from dorm.sql.nodes import Node, Order


class Numeric(Record):
    """A function of numbers: computed in the kind *via*, or in that of its arguments, with a result of *kind*."""

    name: str
    arguments: tuple[tuple[Node, Kind | None], ...]
    via: Kind | None
    kind: Kind | None


class Rounded(Record):
    """A number with so many decimal places, halves away from zero."""

    operand: Node
    places: Node
    kind: Kind | None


class RandomNumber(Record):
    """A number from 0 to 1, without 1."""


class Collated(Record):
    """Text in a collation."""

    operand: Node
    collation: str


class Convert(Record):
    """``CAST(operand AS type)``, with the sizes of the type."""

    operand: Node
    type: Type


class Truncated(Record):
    """The beginning of the *part* in which *operand* lies, of kind *source*, as a value of kind *result*."""

    part: str
    operand: Node
    source: Kind
    result: Kind
    zone: str | None


class DurationPart(Record):
    """Days, hours, minutes or seconds of a duration, as of a ``timedelta``: only the days may be negative."""

    part: str
    operand: Node


class JSONBuilt(Record):
    """A JSON object of keys and values in turn, or an array; each with its kind."""

    how: Literal["object", "array"]
    arguments: tuple[tuple[Node, Kind | None], ...]


class Bound(Record):
    """One end of a frame: so many rows (or so much) before or after the current one."""

    distance: Node
    direction: Literal["PRECEDING", "FOLLOWING"]


class Frame(Record):
    """Which rows of the partition count."""

    unit: Literal["ROWS", "RANGE"]
    start: Node
    end: Node
    exclusion: str | None


class Window(Record):
    """What follows OVER."""

    partition: tuple[Node, ...]
    order: tuple[Order, ...]
    frame: Frame | None


class Over(Record):
    """A function over a window."""

    call: Node
    window: Window
