"""Transforms where expressions are written: ``F("joined__year")``; and functions as transforms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.expressions import Expression
from dorm.lookups.base import Computed, Transform

if TYPE_CHECKING:
    from dorm.expressions import Builder, Scope, Shape
    from dorm.lookups.base import Operand
    from dorm.sql.kinds import Type
    from dorm.sql.nodes import Node


class Transformed(Expression):
    """What transforms, one after the other, make of a field or of something computed."""

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        transforms, inner = parts
        operand: Operand = Computed(builder.output(inner))
        node = builder.node(inner)
        for transform in transforms:
            node, operand = transform.node(node, operand), Computed(transform.result(operand))
        return node

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        transforms, inner = parts
        type_ = builder.output(inner)
        for transform in transforms:
            type_ = transform.result(Computed(type_))
        return type_


class _Given:
    """The builder of a function whose argument is a node already."""

    def __init__(self, node: Node, operand: Operand) -> None:
        self._node, self._type = node, operand.sql_type

    def node(self, shape: Any) -> Node:
        return self._node

    def output(self, shape: Any) -> Type | None:
        return self._type


class _Argument(Expression):
    """Stands for the left side while a function says what it is made of."""

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        return (_Argument,)

    def parts(self) -> tuple[Any, ...]:
        return ()

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        return None


def transform_of(function: Any, name: str) -> type[Transform]:
    """The transform that calls *function* with the left side; ``TypeError`` when it takes more than that."""
    try:
        values: list[Any] = []
        shape = function(_Argument()).shape(None, values)
    except TypeError as error:
        raise TypeError(f"{function.__name__} cannot be a transform: it needs more than one argument.") from error
    if values or shape.count((_Argument,)) != 1:
        raise TypeError(f"{function.__name__} cannot be a transform: it needs values of its own.")

    class Applied(Transform):
        @classmethod
        def result(cls, operand: Operand) -> Type:
            found: Type | None = shape[0].output(_Given(None, operand), *shape[1:])
            return found or operand.sql_type

        @classmethod
        def node(cls, left: Node, operand: Operand) -> Node:
            return shape[0].build(_Given(left, operand), *shape[1:])

    Applied.__name__ = Applied.__qualname__ = function.__name__
    Applied.__doc__ = function.__doc__
    Applied.name = name
    return Applied


def chained(operand: Any, parts: list[str]) -> tuple[tuple[type[Transform], ...], Any, list[str]]:
    """The transforms that the first of *parts* name, what they yield, and the parts that are left."""
    transforms: tuple[type[Transform], ...] = ()
    while parts:
        known = getattr(operand, "transforms", None)
        found = (known if known is not None else operand.get_transforms()).get(parts[0])
        if found is None:
            break
        transforms, parts = (*transforms, found), parts[1:]
        operand = Computed(found.result(operand), found)
    return transforms, operand, parts
