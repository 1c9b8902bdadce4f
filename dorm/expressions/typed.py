"""Expressions whose type the user tells: ``ExpressionWrapper``, and SQL written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.expressions.base import declared_type
from dorm.expressions.q import Conditional, expression
from dorm.sql import nodes
from dorm.sql.kinds import NUMBERS, Kind, Type, kind_of
from dorm.sql.placeholders import split_placeholders

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dorm.expressions.base import Builder, Scope, Shape
    from dorm.sql.nodes import Node


class ExpressionWrapper(Conditional):
    """*expression* as a value of the type of *output_field*: where two types meet, or for another number."""

    def __init__(self, expression_: Any, output_field: Any) -> None:
        self.expression, self.output_field = expression(expression_), output_field
        type_ = declared_type(output_field)
        if type_ is None:
            raise TypeError("ExpressionWrapper needs an output_field.")
        self.type = type_

    def parts(self) -> tuple[Any, ...]:
        return (self.expression, self.type)

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        return (ExpressionWrapper, self.expression.shape(scope, values), self.type)

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        inner, type_ = parts
        node, found = builder.node(inner), builder.output(inner)
        if isinstance(node, nodes.Arithmetic) and node.kind is Kind.DATE and type_.kind is Kind.DATETIME:
            return node.replaced(kind=Kind.DATETIME)  # a date and a duration may give a moment within a day
        if found is None or found.kind is type_.kind or not {found.kind, type_.kind} <= set(NUMBERS):
            return node
        return nodes.Cast(node, type_.kind)

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        type_: Type = parts[1]
        return type_


class RawSQL(Conditional):
    """SQL written by hand, with ``%s`` for each of *params* (and ``%%`` for a percent sign).

    The text goes to the database as it is: never put a value of a user into it.  A condition is told by
    ``output_field=BooleanField()``.  Raises ``ValueError`` unless there is one parameter for each ``%s``.
    """

    def __init__(self, sql: str, params: Sequence[Any] = (), output_field: Any = None) -> None:
        if isinstance(params, (str, bytes)):
            raise TypeError(f"RawSQL takes a list of parameters, not {params!r}.")
        self.sql, self.params, self.output_field = sql, tuple(params), output_field
        self.type = declared_type(output_field)
        self._texts = tuple(split_placeholders(sql))
        wanted = len(self._texts) - 1
        if wanted != len(self.params):
            raise ValueError(f"RawSQL: {wanted} parameters are written as %s, and {len(self.params)} were given: {sql}")

    def parts(self) -> tuple[Any, ...]:
        return (self.sql, self.params, self.type)

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        values.extend(self.params)
        return (RawSQL, self._texts, tuple(map(kind_of, self.params)), self.type)

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        (first, *texts), kinds, _ = parts
        pieces: list[Node] = [nodes.Written(first)]
        for kind, text in zip(kinds, texts, strict=True):
            # Without the cast that our own SQL has: the types of what stands around it are the writer's.
            pieces += [builder.value(kind).replaced(cast=None), nodes.Written(text)]
        return nodes.RawText(tuple(pieces))

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        type_: Type | None = parts[2]
        return type_
