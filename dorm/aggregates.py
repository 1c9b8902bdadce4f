"""Aggregates: one value of many rows.  One class each, with ``function`` and the type of what it yields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from dorm.exceptions import FieldError
from dorm.expressions import (
    Combinable,
    Expression,
    ExpressionWrapper,
    F,
    Q,
    Value,
    declared_type,
    expression,
    has_aggregate,
    has_window,
)
from dorm.sql import nodes
from dorm.sql.alike import alike
from dorm.sql.kinds import INTEGERS, Kind, Type

if TYPE_CHECKING:
    from dorm.expressions import Builder, Scope, Shape
    from dorm.sql.nodes import Node


class Aggregate(Expression):
    """Base of aggregates over a field or an expression.

    ``distinct`` takes each value once, ``filter`` (a condition) the rows for which it holds; ``default`` is the result
    when there is no row.
    """

    aggregate = True
    window_compatible: ClassVar[bool] = True
    function: ClassVar[str]

    def __init__(
        self,
        expression_: Any,
        *,
        distinct: bool = False,
        filter: Q | Combinable | None = None,
        default: Any = None,
        output_field: Any = None,
    ) -> None:
        if filter is not None and not isinstance(filter, (Q, Combinable)):
            raise TypeError(f"{type(self).__name__}: filter is a Q, not {filter!r}.")
        self.argument: Combinable = expression(expression_)
        self.distinct, self.filter, self.default = distinct, filter, default
        self.type = declared_type(output_field)

    def parts(self) -> tuple[Any, ...]:
        return (self.argument, self.distinct, self.filter, self.default)

    @property
    def default_alias(self) -> str:
        """The name under which it comes back when it was given none: ``age__avg``."""
        if not isinstance(self.argument, F):
            raise TypeError(f"{self!r} needs a name: annotate(name={type(self).__name__}(…)).")
        return f"{self.argument.name}__{type(self).__name__.lower()}"

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        argument = self.argument.shape(scope, values)
        if argument.__class__ is tuple and has_aggregate(argument):
            raise FieldError(f"{type(self).__name__} cannot be computed of an aggregate: {self.argument!r}.")
        return self._shape_of(argument, scope, values)

    def shape_over_window(self, scope: Scope, values: list[Any]) -> Shape:
        """The shape inside a window, which may be over groups: then *argument* is what was computed of each."""
        return self._shape_of(self.argument.shape(scope, values), scope, values)

    def _shape_of(self, argument: Any, scope: Scope, values: list[Any]) -> Shape:
        if argument.__class__ is tuple and has_window(argument):
            raise FieldError(f"{type(self).__name__} cannot be computed of a window: {self.argument!r}.")
        condition = None if self.filter is None else scope.condition(self.filter, values)
        default = None if self.default is None else expression_of_default(self.default).shape(scope, values)
        shape = (type(self), self.kept(), argument, condition, default)
        return shape if self.type is None else (ExpressionWrapper, shape, self.type)

    def kept(self) -> tuple[Any, ...]:
        """What decides the SQL beside expressions."""
        return (self.distinct,)

    @classmethod
    def named(cls, kept: tuple[Any, ...]) -> str:
        """The database's name of the function."""
        return cls.function

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        kept, argument, condition, default = parts
        inner = builder.node(argument)
        where = None if condition is None else builder.condition(condition)
        given = builder.output(argument)
        found = nodes.Aggregated(
            cls.named(kept), inner, kept[0], where, cls._type(builder, argument), argument_type=given
        )
        if default is None:
            return found
        instead, type_ = builder.node(default), builder.output(default)
        if found.type == Type(Kind.FLOAT) and type_ is not None and type_.kind is not Kind.FLOAT:
            instead = nodes.Cast(instead, Kind.FLOAT)
        return nodes.Call("COALESCE", alike([(found, found.type), (instead, type_)]))

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        return cls._type(builder, parts[1])

    @classmethod
    def _type(cls, builder: Builder, argument: Any) -> Type | None:
        """The type of the result for the argument's shape."""
        return builder.output(argument)


def expression_of_default(value: Any) -> Combinable:
    """A default is a value, also when it is text."""
    return value if isinstance(value, Combinable) else Value(value)


class Count(Aggregate):
    """How many rows have a value; ``Count("*")`` how many rows.  0 when there is none."""

    function = "COUNT"

    def __init__(
        self,
        expression_: Any = "*",
        *,
        distinct: bool = False,
        filter: Q | Combinable | None = None,
        output_field: Any = None,
    ) -> None:
        everything = isinstance(expression_, str) and expression_ == "*"
        if everything and distinct:
            raise ValueError("Count('*') counts rows, which are all different: name a field with distinct.")
        super().__init__(
            Everything() if everything else expression_, distinct=distinct, filter=filter, output_field=output_field
        )

    @property
    def default_alias(self) -> str:
        return "__count" if isinstance(self.argument, Everything) else super().default_alias

    @classmethod
    def _type(cls, builder: Builder, argument: Any) -> Type | None:
        return Type(Kind.BIGINT)


class Everything(Expression):
    """The ``*`` of ``COUNT(*)``."""

    def parts(self) -> tuple[Any, ...]:
        return ()

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        return (Everything,)

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        return nodes.Constant("*")

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        return None


class Sum(Aggregate):
    """The sum, or NULL of no row; of integers an integer, exactly."""

    function = "SUM"

    @classmethod
    def _type(cls, builder: Builder, argument: Any) -> Type | None:
        type_ = builder.output(argument)
        if type_ is None or type_.kind not in INTEGERS:
            return None if type_ is None else type_._replace(digits=None)
        return Type(Kind.BIGINT)


class Avg(Aggregate):
    """The mean, or NULL of no row: a float, of decimals a Decimal, of durations a duration."""

    function = "AVG"

    @classmethod
    def _type(cls, builder: Builder, argument: Any) -> Type | None:
        type_ = builder.output(argument)
        kept = type_ is not None and type_.kind in (Kind.DECIMAL, Kind.DURATION)
        return Type(type_.kind) if kept and type_ is not None else Type(Kind.FLOAT)


class Max(Aggregate):
    """The greatest value, or NULL of no row."""

    function = "MAX"


class Min(Aggregate):
    """The least value, or NULL of no row."""

    function = "MIN"


class _Spread(Aggregate):
    """Base: how far numbers lie from their mean; of decimals a Decimal, else a float."""

    of_all: ClassVar[str]
    of_sample: ClassVar[str]

    def __init__(self, expression_: Any, sample: bool = False, **options: Any) -> None:
        super().__init__(expression_, **options)
        self.sample = sample

    def parts(self) -> tuple[Any, ...]:
        return (*super().parts(), self.sample)

    def kept(self) -> tuple[Any, ...]:
        return (self.distinct, self.sample)

    @classmethod
    def named(cls, kept: tuple[Any, ...]) -> str:
        return cls.of_sample if kept[1] else cls.of_all

    @classmethod
    def _type(cls, builder: Builder, argument: Any) -> Type | None:
        type_ = builder.output(argument)
        return Type(Kind.DECIMAL if type_ is not None and type_.kind is Kind.DECIMAL else Kind.FLOAT)


class StdDev(_Spread):
    """The standard deviation, or NULL of no row; with ``sample`` estimated from a sample, or NULL of one row."""

    function, of_all, of_sample = "STDDEV", "STDDEV_POP", "STDDEV_SAMP"


class Variance(_Spread):
    """The variance, or NULL of no row; with ``sample`` estimated from a sample, or NULL of one row."""

    function, of_all, of_sample = "VARIANCE", "VAR_POP", "VAR_SAMP"
