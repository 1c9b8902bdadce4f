"""What an annotation computes of to-many relations stays about the rows that it was about when it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.expressions.base import Expression

if TYPE_CHECKING:
    from dorm.expressions.base import Builder, Shape
    from dorm.sql.kinds import Type
    from dorm.sql.nodes import Node


class Pinned(Expression):
    """An expression over to-many joins: it shares those of the first calls of ``filter``, and no later ones.

    Wherever the annotation is named, in conditions, orders or further annotations, it is about the same rows.
    """

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        calls, shape = parts
        return builder.pinned(calls, shape)

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        return builder.output(parts[1])


def unpinned(shape: Any) -> Shape:
    """The shape of the expression itself."""
    inner: Shape = shape[2] if is_pinned(shape) else shape
    return inner


def is_pinned(shape: Any) -> bool:
    """Whether a shape is that of a :class:`Pinned`."""
    return shape.__class__ is tuple and len(shape) == 3 and shape[0] is Pinned
