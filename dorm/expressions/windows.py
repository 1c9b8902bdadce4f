"""``Window``: a function or an aggregate over rows that stand around each row, and which rows those are."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, ClassVar

from dorm.exceptions import NotSupportedError
from dorm.expressions.base import Combinable, Expression, F, OrderBy, declared_type
from dorm.expressions.outputs import outputs
from dorm.expressions.q import expression
from dorm.expressions.typed import ExpressionWrapper
from dorm.sql import calls, nodes
from dorm.sql.kinds import NUMBERS, Kind

if TYPE_CHECKING:
    from dorm.expressions.base import Builder, Scope, Shape
    from dorm.sql.kinds import Type
    from dorm.sql.nodes import Node


class WindowFrameExclusion(enum.Enum):
    """Which rows of a frame do not count."""

    CURRENT_ROW = "CURRENT ROW"
    GROUP = "GROUP"
    TIES = "TIES"
    NO_OTHERS = "NO OTHERS"


class WindowFrame:
    """Base of frames: from *start* to *end*, relative to the current row.

    A negative number counts before it, a positive one after it, 0 is the row itself; ``None`` is the beginning or the
    end of the partition.  ``ValueError`` for anything else.
    """

    unit: ClassVar[Any]

    def __init__(
        self, start: int | None = None, end: int | None = None, exclusion: WindowFrameExclusion | None = None
    ) -> None:
        for name, bound in (("start", start), ("end", end)):
            if bound is not None and (isinstance(bound, bool) or not isinstance(bound, int)):
                raise ValueError(f"{name} argument must be an integer, zero, or None, but got {bound!r}.")
        if start is not None and end is not None and start > end:
            raise ValueError("start cannot be greater than end.")
        if exclusion is not None and not isinstance(exclusion, WindowFrameExclusion):
            raise TypeError(f"exclusion is a WindowFrameExclusion, not {exclusion!r}.")
        self.start, self.end, self.exclusion = start, end, exclusion

    def shape(self, values: list[Any]) -> Shape:
        """What decides the SQL; distances are values."""
        distances = [abs(bound) for bound in (self.start, self.end) if bound]
        values.extend(distances)
        signs = tuple(bound and (1 if bound > 0 else -1) for bound in (self.start, self.end))
        return (type(self), *signs, None if self.exclusion is None else self.exclusion.value)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((type(self), self.start, self.end, self.exclusion))

    def __repr__(self) -> str:
        return f"{type(self).__name__}(start={self.start}, end={self.end})"


class RowRange(WindowFrame):
    """So many rows before to so many after the current one."""

    unit = "ROWS"


class ValueRange(WindowFrame):
    """The rows whose ordering value lies so much below to so much above that of the current one."""

    unit = "RANGE"


class Window(Expression):
    """*expression*, a window function or an aggregate, over the rows around each row.

    ``partition_by`` names what those have in common, ``order_by`` their order, ``frame`` which of them count.
    """

    windowed = True

    def __init__(
        self,
        expression_: Any,
        partition_by: Any = None,
        order_by: Any = None,
        frame: WindowFrame | None = None,
        output_field: Any = None,
    ) -> None:
        if not getattr(expression_, "window_compatible", False):
            raise ValueError(f"Expression {expression_!r} isn't compatible with OVER clauses.")
        if getattr(expression_, "distinct", False):
            raise NotSupportedError("An aggregate over a window cannot be distinct.")
        if frame is not None and not isinstance(frame, WindowFrame):
            raise TypeError(f"frame is a RowRange or a ValueRange, not {frame!r}.")
        self.source = expression_
        self.partition: tuple[Combinable, ...] = tuple(map(expression, _several(partition_by)))
        self.order: tuple[OrderBy, ...] = tuple(map(_term, _several(order_by)))
        self.frame = frame
        self.type = declared_type(output_field)
        if isinstance(frame, ValueRange) and (frame.start or frame.end) and len(self.order) != 1:
            raise ValueError("A ValueRange of numbers needs an order_by of exactly one term, whose values they are.")

    def parts(self) -> tuple[Any, ...]:
        return (self.source, self.partition, self.order, self.frame, self.type)

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        inside = getattr(self.source, "shape_over_window", self.source.shape)
        source: Any = inside(scope, values)
        type_ = self.type
        if source[0] is ExpressionWrapper:
            _, source, inner_type = source
            type_ = type_ or inner_type
        partition = tuple(one.shape(scope, values) for one in self.partition)
        order = tuple(one.shape(scope, values) for one in self.order)
        shape = (Window, source, partition, order, None if self.frame is None else self.frame.shape(values))
        return shape if type_ is None else (ExpressionWrapper, shape, type_)

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        source, partition, order, frame = parts
        call = builder.node(source)
        keys = tuple(builder.node(one) for one in partition)
        terms = tuple(nodes.Order(builder.node(one), descending, nulls) for one, descending, nulls in order)
        window = calls.Window(keys, terms, None if frame is None else _frame(builder, frame, order))
        return _over(call, window)

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        return builder.output(parts[0])


def _several(given: Any) -> tuple[Any, ...]:
    if given is None:
        return ()
    return tuple(given) if given.__class__ in (list, tuple) else (given,)


def _term(given: Any) -> OrderBy:
    if isinstance(given, str):
        return OrderBy(F(given.removeprefix("-")), descending=given.startswith("-"))
    if isinstance(given, OrderBy):
        return given
    if not isinstance(given, Combinable):
        raise ValueError(
            "Window.order_by must be either a string reference to a field, an expression, or a list or tuple of them."
        )
    return OrderBy(given)


def _over(call: Node, window: Node) -> Node:
    """*call* over the window; of an aggregate with a default the aggregate inside."""
    if isinstance(call, nodes.Aggregated):
        return call.replaced(over=window)
    if isinstance(call, nodes.Call) and call.arguments and isinstance(call.arguments[0], nodes.Aggregated):
        return call.replaced(arguments=(_over(call.arguments[0], window), *call.arguments[1:]))
    return calls.Over(call, window)


def _frame(builder: Builder, frame: Any, order: Any) -> calls.Frame:
    kind, start, end, exclusion = frame
    unit = Kind.BIGINT
    if kind.unit == "RANGE" and (start or end):
        type_ = outputs.output(order[0][0])
        if type_ is None or type_.kind not in NUMBERS:
            raise NotSupportedError("A ValueRange of numbers needs an order_by of numbers.")
        unit = type_.kind
    low = _bound(builder, start, unit, "UNBOUNDED PRECEDING")
    return calls.Frame(kind.unit, low, _bound(builder, end, unit, "UNBOUNDED FOLLOWING"), exclusion)


def _bound(builder: Builder, sign: int | None, kind: Kind, unbounded: str) -> Node:
    if sign is None:
        return unbounded
    if sign == 0:
        return "CURRENT ROW"
    return calls.Bound(builder.value(kind), "PRECEDING" if sign < 0 else "FOLLOWING")


def has_window(shape: Any) -> bool:
    """Whether a window occurs in a shape."""
    stack: list[Any] = [shape]
    while stack:
        current = stack.pop()
        if current is Window:
            return True
        if issubclass(current.__class__, tuple):
            stack.extend(current)
    return False
