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
    single = key.__class__ is not slice
    start, stop, step = (key, None, None) if single else (key.start, key.stop, key.step)
    if step is not None:
        raise ValueError("Step argument is not supported.")
    first = 0 if start is None and not single else _end(start)
    if single:
        return first, first + 1
    last = None if stop is None else _end(stop)
    if last is not None and last <= first:
        raise ValueError("Slice stop must be greater than slice start.")
    return first, last


def _end(given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int):
        raise TypeError(f"Argument to slice must be either int or slice instance, not {given!r}.")
    if given < 0:
        raise ValueError("Negative indexing is not supported.")
    return given


F.sliced = Sliced
