"""Parts of JSON documents: ``KeyTransform``, ``KeyTextTransform`` and ``KT``.

Keys are values: the shape knows how many there are and which are positions in arrays, never what they are called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from dorm.exceptions import FieldError
from dorm.expressions.base import Expression
from dorm.expressions.outputs import outputs
from dorm.expressions.q import expression
from dorm.sql import documents
from dorm.sql.kinds import Kind, Type

if TYPE_CHECKING:
    from dorm.expressions.base import Builder, Combinable, Scope, Shape
    from dorm.sql.nodes import Node

LARGEST_POSITION = 2**31
"""No array is longer; a greater number is a key."""


def as_key(part: Any) -> str | int:
    """*part* of a path as a key, or, where it is a whole number, as a position in an array."""
    text = str(part)
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdigit() and int(digits) < LARGEST_POSITION:
        return int(text)
    return text


def pattern_of(keys: tuple[str | int, ...]) -> str:
    """A letter per key: ``i`` for a position, ``q`` for a key that needs quoting in a path, ``k`` for another."""
    return "".join("i" if isinstance(key, int) else "q" if '"' in key or "\\" in key else "k" for key in keys)


class Keyed(Expression):
    """The part of a document at a path, as JSON; NULL where there is none."""

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        inner, pattern = parts
        node = builder.node(inner)
        return documents.JSONAt(node, builder.value(None), pattern)

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        return Type(Kind.JSON)


class KeyedText(Expression):
    """A document as text: of a text the text itself, NULL for JSON's ``null``."""

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        return documents.JSONText(builder.node(parts[0]))

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        return Type(Kind.TEXT)


def keyed(shape: Any, keys: tuple[str | int, ...], values: list[Any]) -> Shape:
    """The shape of what stands at *keys* in the document of *shape*, whose values are the last of *values*."""
    if shape.__class__ is tuple and shape[0] is Keyed:
        _, inner, pattern = shape
        values[-1] = (*values[-1], *keys)
        return (Keyed, inner, pattern + pattern_of(keys))
    values.append(keys)
    return (Keyed, shape, pattern_of(keys))


class KeyTransform(Expression):
    """What stands in a JSON document under *key* (or, for a whole number, at that place of an array), as JSON.

    *source* is the name of a field, a path with keys or another expression that yields JSON.
    """

    text: ClassVar[bool] = False

    def __init__(self, key: str | int, source: Any) -> None:
        self.key = as_key(key)
        self.source: Combinable = expression(source)

    def parts(self) -> tuple[Any, ...]:
        return (self.key, self.source)

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        inner: Any = self.source.shape(scope, values)
        if inner.__class__ is tuple and inner[0] is KeyedText:
            inner = inner[1]
        type_ = outputs.output(inner)
        if type_ is not None and type_.kind is not Kind.JSON:
            raise FieldError(f"{self!r}: {self.source!r} is no JSON, so it has no keys.")
        found = keyed(inner, (self.key,), values)
        return (KeyedText, found) if self.text else found


class KeyTextTransform(KeyTransform):
    """:class:`KeyTransform` as text, for functions and conditions about text."""

    text = True

    @classmethod
    def from_lookup(cls, lookup: str) -> KT:
        """What a path with keys leads to, as text."""
        return KT(lookup)


class KT(Expression):
    """What a path with keys leads to in a JSON document, as text: ``KT("data__owner__name")``."""

    def __init__(self, path: str) -> None:
        if "__" not in path:
            raise ValueError(f"{path!r} must contain key or index transforms: data__owner__name.")
        self.path = path

    def parts(self) -> tuple[Any, ...]:
        return (self.path,)

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        found: Any = scope.reference(self.path, values)
        if found.__class__ is not tuple or found[0] is not Keyed:
            raise ValueError(f"{self.path!r} must contain key or index transforms of a JSON document.")
        return (KeyedText, found)


class JSONValue(Expression):
    """A value as JSON."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def parts(self) -> tuple[Any, ...]:
        return (self.value,)

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        values.append(self.value)
        return (JSONValue,)

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        return builder.value(Kind.JSON)

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        return Type(Kind.JSON)
