"""Equality, order, membership and NULL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from dorm.lookups.base import NOTHING, Lookup, Operand, Right, Verdict
from dorm.lookups.numbers import equal, nearest
from dorm.sql import nodes
from dorm.sql.kinds import Kind
from dorm.sql.nodes import Infix

if TYPE_CHECKING:
    from dorm.lookups.numbers import Side
    from dorm.sql.nodes import Node


class Exact(Lookup):
    """``=``; ``None`` means IS NULL."""

    name = "exact"

    @classmethod
    def prepare(cls, operand: Operand, value: Any) -> tuple[type[Lookup] | Verdict, Any]:
        if value is None:
            return Null, None
        found = equal(operand.sql_type, (operand.prepare(value),))
        return (cls, found[0]) if found else (NOTHING, None)

    @classmethod
    def node(cls, left: Node, right: Right) -> Node:
        return Infix("=", left, right.value())


class Comparison(Lookup):
    """Base of the four comparisons by order."""

    operator: ClassVar[str]
    side: ClassVar[Side]
    """Where the nearest number that the column may hold means the same as one that it cannot."""

    @classmethod
    def prepare(cls, operand: Operand, value: Any) -> tuple[type[Lookup] | Verdict, Any]:
        lookup, prepared = super().prepare(operand, value)
        return lookup, nearest(operand.sql_type, prepared, cls.side)

    @classmethod
    def supports(cls, operand: Operand) -> bool:
        return operand.sql_type.kind is not Kind.JSON

    @classmethod
    def node(cls, left: Node, right: Right) -> Node:
        return Infix(cls.operator, left, right.value())


class GreaterThan(Comparison):
    """``>``."""

    name, operator, side = "gt", ">", "below"


class GreaterThanOrEqual(Comparison):
    """``>=``."""

    name, operator, side = "gte", ">=", "above"


class LessThan(Comparison):
    """``<``."""

    name, operator, side = "lt", "<", "above"


class LessThanOrEqual(Comparison):
    """``<=``."""

    name, operator, side = "lte", "<=", "below"


class Range(Lookup):
    """``BETWEEN``, both ends included."""

    name = "range"
    takes_plain = False

    @classmethod
    def prepare(cls, operand: Operand, value: Any) -> tuple[type[Lookup] | Verdict, Any]:
        try:
            low, high = value
        except (TypeError, ValueError):
            raise ValueError(f"A range is a pair (low, high), not {value!r}.") from None
        if low is None or high is None:
            raise ValueError("Cannot use None as an end of a range.")
        type_ = operand.sql_type
        return cls, (nearest(type_, operand.prepare(low), "above"), nearest(type_, operand.prepare(high), "below"))

    @classmethod
    def node(cls, left: Node, right: Right) -> Node:
        if right.node is not None:
            return nodes.Between(left, *right.node)
        return nodes.Between(left, right.value(lambda pair: pair[0]), right.value(lambda pair: pair[1]))


class In(Lookup):
    """Equal to one of several values; ``None`` among them is ignored, and none at all matches nothing."""

    name = "in"
    takes_plain = False

    @classmethod
    def prepare(cls, operand: Operand, value: Any) -> tuple[type[Lookup] | Verdict, Any]:
        if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
            raise TypeError(f"The value of an `in` lookup is a list or another iterable of values, not {value!r}.")
        members = equal(operand.sql_type, (operand.prepare(item) for item in value if item is not None))
        return (cls, members) if members else (NOTHING, None)

    @classmethod
    def node(cls, left: Node, right: Right) -> Node:
        return nodes.Membership(left, right.list())


class Null(Lookup):
    """``IS NULL``; ``isnull=False`` is :class:`NotNull`."""

    name = "isnull"
    values = 0
    takes_plain = False
    true_on_null = True

    @classmethod
    def prepare(cls, operand: Operand, value: Any) -> tuple[type[Lookup] | Verdict, Any]:
        if not isinstance(value, bool):
            raise ValueError(f"The value of an `isnull` lookup is True or False, not {value!r}.")
        return (Null if value else NotNull), None

    @classmethod
    def node(cls, left: Node, right: Right) -> Node:
        return nodes.IsNull(left)


class NotNull(Null):
    """``IS NOT NULL``."""

    true_on_null = False

    @classmethod
    def node(cls, left: Node, right: Right) -> Node:
        return nodes.IsNull(left, negated=True)


IsNull = Null
"""The name of the lookup as an object: ``IsNull(F("age"), True)``."""
