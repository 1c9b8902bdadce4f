"""``Case`` and ``When``: a value that depends on conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.expressions import Combinable, Conditional, ExpressionWrapper, Q, declared_type, expression
from dorm.sql import nodes
from dorm.sql.alike import alike
from dorm.sql.kinds import unified

if TYPE_CHECKING:
    from dorm.expressions import Builder, Scope, Shape
    from dorm.sql.kinds import Type
    from dorm.sql.nodes import Node


class When:
    """A case of :class:`Case`: a condition, and what it gives.

    The condition is a ``Q``, an expression that is true or false, or lookups.  Text in *then* names a field; for text
    itself write ``Value("text")``.
    """

    def __init__(self, condition: Q | Combinable | None = None, then: Any = None, **lookups: Any) -> None:
        if condition is None and not lookups:
            raise TypeError("When() needs a condition: a Q, an expression that is true or false, or lookups.")
        if isinstance(condition, Q) and not condition:
            raise ValueError("An empty Q() can't be used as a When() condition.")
        self.condition = Q(*(() if condition is None else (condition,)), **lookups)
        self.then: Combinable = expression(then)

    def __repr__(self) -> str:
        return f"When({self.condition!r}, then={self.then!r})"


class Case(Conditional):
    """What the first case gives whose condition holds, else *default*, where text names a field as in :class:`When`."""

    def __init__(self, *cases: When, default: Any = None, output_field: Any = None) -> None:
        for case in cases:
            if not isinstance(case, When):
                raise TypeError(f"Case takes When objects, not {case!r}.")
        self.cases = cases
        self.default: Combinable = expression(default)
        self.type = declared_type(output_field)

    def parts(self) -> tuple[Any, ...]:
        return (*((case.condition, case.then) for case in self.cases), self.default)

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        cases = tuple((scope.condition(case.condition, values), case.then.shape(scope, values)) for case in self.cases)
        shape = (Case, cases, self.default.shape(scope, values))
        return shape if self.type is None else (ExpressionWrapper, shape, self.type)

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        cases, default = parts
        built = [(builder.condition(condition), builder.node(then)) for condition, then in cases]
        values = [(node, builder.output(then)) for (_, node), (_, then) in zip(built, cases, strict=True)]
        *thens, last = alike([*values, (builder.node(default), builder.output(default))])
        if not cases:
            return last
        return nodes.Case(tuple((condition, then) for (condition, _), then in zip(built, thens, strict=True)), last)

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        cases, default = parts
        return unified([*(builder.output(then) for _, then in cases), builder.output(default)])
