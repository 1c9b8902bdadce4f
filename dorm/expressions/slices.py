"""``F("name")[0:3]``: some of the characters of a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.exceptions import NotSupportedError
from dorm.expressions.base import Expression, F
from dorm.expressions.outputs import outputs
from dorm.sql import nodes
from dorm.sql.kinds import Kind, Type

if TYPE_CHECKING:
    from dorm.expressions.base import Builder, Scope, Shape
    from dorm.sql.nodes import Node


class Sliced(Expression):
    """The characters *start* to *stop* of a text; without a *stop*, all that follow."""

    def __init__(self, expression: F, key: Any) -> None:
        self.expression = expression
        self.start, self.stop = _ends(key)

    def parts(self) -> tuple[Any, ...]:
        return (self.expression, self.start, self.stop)

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        inner = self.expression.shape(scope, values)
        type_ = outputs.output(inner)
        if type_ is None or not type_.kind.is_text:
            raise NotSupportedError(f"{self.expression!r} does not support slicing: it is no text.")
        values.append(self.start + 1)
        if self.stop is not None:
            values.append(self.stop - self.start)
        return (Sliced, inner, self.stop is None)

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        inner, open_ = parts
        found = [builder.node(inner), builder.value(Kind.INTEGER)]
        if not open_:
            found.append(builder.value(Kind.INTEGER))
        return nodes.Call("SUBSTR", tuple(found))

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        return Type(Kind.TEXT)


def _ends(key: Any) -> tuple[int, int | None]:
    if isinstance(key, slice):
        if key.step is not None:
            raise ValueError("Step argument is not supported.")
        start, stop = 0 if key.start is None else key.start, key.stop
    else:
        start, stop = key, None
    for end in (start, stop):
        if end is not None and (isinstance(end, bool) or not isinstance(end, int)):
            raise TypeError(f"Argument to slice must be either int or slice instance, not {end!r}.")
        if end is not None and end < 0:
            raise ValueError("Negative indexing is not supported.")
    if not isinstance(key, slice):
        return start, start + 1
    if stop is not None and stop <= start:
        raise ValueError("Slice stop must be greater than slice start.")
    return start, stop


F.sliced = Sliced
