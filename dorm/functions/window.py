"""Functions of a row's place among others.  Each is computed over a :class:`~dorm.expressions.Window`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.exceptions import FieldError
from dorm.expressions import Value, operand
from dorm.functions.base import Func, whole
from dorm.sql import nodes
from dorm.sql.kinds import Kind

if TYPE_CHECKING:
    from dorm.expressions import Builder, Scope, Shape
    from dorm.sql.nodes import Node


class WindowFunction(Func):
    """Base of window functions."""

    window_compatible = True

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        raise FieldError(f"{type(self).__name__} is computed over a window: Window({self!r}, order_by=…).")

    def shape_over_window(self, scope: Scope, values: list[Any]) -> Shape:
        """The shape where a window follows."""
        return super().shape(scope, values)


class RowNumber(WindowFunction):
    """The row's number in its partition, from 1."""

    function, arity, result = "ROW_NUMBER", 0, Kind.BIGINT


class Rank(WindowFunction):
    """The row's rank, from 1; equal rows share it, and the next ones are left out."""

    function, arity, result = "RANK", 0, Kind.BIGINT


class DenseRank(WindowFunction):
    """The row's rank, from 1; equal rows share it, and none is left out."""

    function, arity, result = "DENSE_RANK", 0, Kind.BIGINT


class PercentRank(WindowFunction):
    """The row's rank as a fraction from 0 to 1."""

    function, arity, result = "PERCENT_RANK", 0, Kind.FLOAT


class CumeDist(WindowFunction):
    """The fraction of the rows that come before or are equal to the row."""

    function, arity, result = "CUME_DIST", 0, Kind.FLOAT


class Ntile(WindowFunction):
    """The number of the bucket, from 1, when the rows are dealt into *num_buckets*."""

    function, result = "NTILE", Kind.BIGINT

    def __init__(self, num_buckets: int = 1) -> None:
        super().__init__(whole(num_buckets, 1, "num_buckets must be greater than 0."))


class FirstValue(WindowFunction):
    """The expression's value in the first row of the frame."""

    function, arity = "FIRST_VALUE", 1


class LastValue(WindowFunction):
    """The expression's value in the last row of the frame, which ends with the current row unless told otherwise."""

    function, arity = "LAST_VALUE", 1


class NthValue(WindowFunction):
    """The expression's value in the *nth* row of the frame, from 1."""

    function = "NTH_VALUE"

    def __init__(self, expression: Any, nth: Any = 1, *, output_field: Any = None) -> None:
        if expression is None:
            raise ValueError("NthValue requires a non-null source expression.")
        number = whole(nth, 1, "NthValue requires a positive integer as for nth.")
        super().__init__(expression, number, output_field=output_field)


class _Distant(WindowFunction):
    """Base: the expression's value in the row *offset* rows away, or *default* when there is none."""

    def __init__(self, expression: Any, offset: Any = 1, default: Any = None, *, output_field: Any = None) -> None:
        name = type(self).__name__
        if expression is None:
            raise ValueError(f"{name} requires a non-null source expression.")
        number = whole(offset, 1, f"{name} requires a positive integer for the offset.")
        more = () if default is None else (operand(default),)
        super().__init__(expression, number, *more, output_field=output_field)

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        found = [builder.node(part) for part in parts]
        type_ = builder.output(parts[0])
        if len(parts) > 2 and type_ is not None and parts[2].__class__ is tuple and parts[2][0] is Value:
            found[2] = nodes.Cast(found[2], type_.kind)
        return nodes.Call(str(cls.function), tuple(found))


class Lag(_Distant):
    """The expression's value *offset* rows before, or *default* when there is no such row."""

    function = "LAG"


class Lead(_Distant):
    """The expression's value *offset* rows after, or *default* when there is no such row."""

    function = "LEAD"
