"""SQL as data: immutable nodes, one per construct.  No node knows a dialect, a model or a value.

A :class:`Slot` stands for a value that arrives later: its position in the query's values and how to convert it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from dorm.sql.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from dorm.sql.kinds import Kind, Type

Node: TypeAlias = Any
"""Any of the classes below, or an expression of them."""


# -- Leaves ------------------------------------------------------------------------------------


class Column(Record):
    """``"table"."name"``, or ``"name"`` when *table* is empty."""

    table: str
    name: str


class Slot(Record):
    """A value bound at execution: where it stands in the values, its converter, and a kind to cast it to."""

    position: int
    convert: Callable[[Any], Any] | None = None
    cast: Kind | None = None


class ListSlot(Record):
    """A list bound as one value: the whole right side of ``IN``."""

    position: int
    convert: Callable[[Any], Any] | None
    kind: Kind


class Constant(Record):
    """SQL that is fixed in our own source: ``NULL``, ``1``, ``*``.  Never anything a user wrote."""

    text: str


class Written(Record):
    """A piece of SQL that the user wrote as SQL."""

    text: str


class RawText(Record):
    """SQL that the user wrote as SQL, in pieces around its parameters."""

    pieces: tuple[Node, ...]


# -- Expressions -------------------------------------------------------------------------------


class Infix(Record):
    """``left operator right``."""

    operator: str
    left: Node
    right: Node


class Arithmetic(Record):
    """``(left operator right)`` for numbers, dates and durations of the given *kind* of result."""

    operator: str
    left: Node
    right: Node
    kind: Kind | None
    left_kind: Kind | None = None
    right_kind: Kind | None = None


class IsNull(Record):
    """``operand IS NULL``, or ``IS NOT NULL``."""

    operand: Node
    negated: bool = False


class Between(Record):
    """``operand BETWEEN low AND high``."""

    operand: Node
    low: Node
    high: Node


class Membership(Record):
    """``operand IN (…)``: a :class:`ListSlot`, a :class:`Select` or a tuple of nodes."""

    operand: Node
    members: Node


class Match(Record):
    """A text search.  *right* is a slot with the pattern made, or, with ``pattern=False``, the plain text to find."""

    how: Literal["exact", "contains", "startswith", "endswith"]
    left: Node
    right: Node
    insensitive: bool = False
    pattern: bool = True


class Regex(Record):
    """``operand ~ pattern``."""

    left: Node
    right: Node
    insensitive: bool = False


class Boolean(Record):
    """Several conditions joined by ``AND`` or ``OR``."""

    connector: Literal["AND", "OR"]
    children: tuple[Node, ...]


class Not(Record):
    """``NOT (operand)``."""

    operand: Node


class Odd(Record):
    """That an odd number of the conditions holds: exclusive or.  A condition that is unknown does not hold."""

    conditions: tuple[Node, ...]
    plus: int = 0
    """How many others hold, as is known already."""


class Parenthesis(Record):
    """``(operand)``."""

    operand: Node


class Call(Record):
    """``NAME(arguments)``; the name is ours, by the dialect's own spelling."""

    name: str
    arguments: tuple[Node, ...]


class DatePart(Record):
    """A part of a date or time as a number; *zone* is the time zone's name for aware moments."""

    part: str
    operand: Node
    zone: str | None


class DateTrunc(Record):
    """The date, or the time, of a moment in a time zone."""

    part: Literal["date", "time"]
    operand: Node
    zone: str | None


class Cast(Record):
    """``CAST(operand AS kind)``."""

    operand: Node
    kind: Kind


class Aggregated(Record):
    """An aggregate of *argument*, over distinct values or the rows of *where*; *type* is that of the result."""

    function: str
    argument: Node
    distinct: bool
    where: Node | None
    type: Type | None
    over: Node | None = None
    """The window, when it is not about groups."""
    argument_type: Type | None = None


class Among(Record):
    """An operand of *type* that is compared with others, all of *types*, or chosen among them: in the form of all."""

    operand: Node
    type: Type | None
    types: tuple[Type | None, ...]


class Stored(Record):
    """An operand as a column of *type* stores it."""

    operand: Node
    type: Type


class Folded(Record):
    """Text in capitals or small letters."""

    how: Literal["upper", "lower"]
    operand: Node


class Concatenation(Record):
    """Texts one after the other, NULL as empty."""

    arguments: tuple[Node, ...]


class Extreme(Record):
    """The greatest or the least of the arguments; NULL when any is."""

    how: Literal["greatest", "least"]
    arguments: tuple[Node, ...]


class Present(Record):
    """The present moment."""


class Case(Record):
    """``CASE WHEN … THEN … ELSE … END``."""

    cases: tuple[tuple[Node, Node], ...]
    default: Node


class Exists(Record):
    """``EXISTS (select)``."""

    select: Node


class Scalar(Record):
    """A select of one value, as a value."""

    select: Node


class Alias(Record):
    """``node AS "name"``."""

    node: Node
    name: str


# -- Statements --------------------------------------------------------------------------------


class Table(Record):
    """A table under an alias."""

    name: str
    alias: str


class Join(Record):
    """``INNER`` or ``LEFT OUTER`` join of *table* where *condition*."""

    kind: Literal["INNER JOIN", "LEFT OUTER JOIN"]
    table: Table
    condition: Node


class Order(Record):
    """One term of ORDER BY; *nulls* is where NULLs go, or ``None`` for the database's own habit."""

    operand: Node
    descending: bool = False
    nulls: Literal["FIRST", "LAST"] | None = None


class Select(Record):
    """A SELECT.  *source* is a :class:`Table`, or an aliased select."""

    columns: tuple[Node, ...]
    source: Node
    joins: tuple[Join, ...] = ()
    where: Node | None = None
    order: tuple[Order, ...] = ()
    limit: Node | None = None
    offset: Node | None = None
    distinct: bool | tuple[Node, ...] = False
    """No duplicate rows; or, of the rows that have the same values in some columns, only the first."""
    group: tuple[Node, ...] = ()
    having: Node | None = None
    lock: tuple[str, ...] | None = None
    """Words after FOR UPDATE OF the selected table."""


class Compound(Record):
    """Several selects as one: ``UNION``, ``UNION ALL``, ``INTERSECT`` or ``EXCEPT``; ordered by positions."""

    operator: str
    parts: tuple[Node, ...]
    order: tuple[Order, ...] = ()
    limit: Node | None = None
    offset: Node | None = None


Conflict: TypeAlias = tuple[tuple[str, ...], tuple[str, ...]]
"""What becomes of a row that would violate a unique constraint: the columns of the constraint, and those that are
written into the row that is there.  Without any, the new row is left out."""


class Insert(Record):
    """An INSERT of *rows* of slots; without columns, of defaults."""

    table: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Node, ...], ...]
    returning: tuple[str, ...] = ()
    conflict: Conflict | None = None


class InsertArrays(Record):
    """An INSERT of many rows given column by column, each column one array of the given kind."""

    table: str
    columns: tuple[str, ...]
    arrays: tuple[tuple[Slot, Kind], ...]
    returning: tuple[str, ...] = ()
    conflict: Conflict | None = None


class Update(Record):
    """An UPDATE; assignments are (column, node)."""

    table: str
    assignments: tuple[tuple[str, Node], ...]
    where: Node | None = None


class UpdateFrom(Record):
    """An UPDATE of many rows to values of their own, joined by key: the key's values come first, then each column's."""

    table: str
    key: str
    columns: tuple[str, ...]
    kinds: tuple[Kind, ...]


class Delete(Record):
    """A DELETE."""

    table: str
    where: Node | None = None
