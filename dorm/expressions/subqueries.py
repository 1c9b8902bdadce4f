"""Queries inside expressions: ``Subquery``, ``Exists``, and ``OuterRef``, which reaches out of them.

The query inside is a value like any other: its structure goes into the shape around it, and its values among the
values.  What it refers to outside is resolved where it is put, and stands before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.exceptions import FieldError, NotSupportedError
from dorm.expressions.base import Expression, declared_type
from dorm.expressions.q import Conditional
from dorm.expressions.windows import has_window
from dorm.sql import nodes

if TYPE_CHECKING:
    from dorm.expressions.base import Builder, Scope, Shape
    from dorm.sql.kinds import Type
    from dorm.sql.nodes import Node


class Structure:
    """What a query looks like, without its values: equal and hashed by shape."""

    __slots__ = ("query", "shape")

    def __init__(self, query: Any) -> None:
        self.query = query.hollow()
        self.shape: tuple[Any, ...] = query.shape()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Structure) and self.shape == other.shape

    def __hash__(self) -> int:
        return hash(self.shape)


class OuterRef(Expression):
    """A field (or annotation) of the query around the one in which it is written: ``OuterRef("pk")``.

    ``OuterRef(OuterRef("pk"))`` is of the query around that.
    """

    def __init__(self, name: str | OuterRef) -> None:
        self.name = name

    def parts(self) -> tuple[Any, ...]:
        return (self.name,)

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        return (OuterRef, self.name)

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        return builder.outer(parts[0])

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        return None


def referred(shape: Any) -> tuple[Any, ...]:
    """What the query of *shape* refers to in the query around it, each once."""
    found: dict[Any, None] = {}
    stack = [shape]
    while stack:
        current = stack.pop()
        if issubclass(current.__class__, tuple):
            if len(current) == 2 and current[0] is OuterRef:
                found[current[1]] = None
            else:
                stack.extend(reversed(current))
    return tuple(found)


class Nested(Expression):
    """The values of one column of a query: the target of ``IN``, or one value."""

    type: Type | None = None

    def __init__(self, query: Any) -> None:
        self.query = query if query.sliced or query.picks else query.unordered()

    def parts(self) -> tuple[Any, ...]:
        return (Structure(self.query), self.query.values(), self.type)

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        structure = Structure(self.query)
        outer = tuple((name, _resolved(name, scope, values)) for name in referred(structure.shape))
        values.extend(self.query.values())
        return (type(self), structure, outer, self.type)

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        structure, outer, _ = parts
        return nodes.Scalar(builder.subselect(structure.query, _built(outer, builder)))

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        structure, _, type_ = parts
        found: Type | None = structure.query.type_given() if type_ is None else type_
        return found


def _resolved(name: Any, scope: Scope, values: list[Any]) -> Shape:
    if not isinstance(name, str):
        inner: Shape = name.shape(scope, values)
        return inner
    found = scope.reference(name, values)
    if has_window(found):
        raise NotSupportedError(f"OuterRef({name!r}) refers to a window, which is computed after all queries inside.")
    return found


def _built(outer: tuple[tuple[Any, Any], ...], builder: Builder) -> dict[Any, Node]:
    return {name: builder.node(shape) for name, shape in outer}


def described(queryset: Any, what: str) -> Any:
    """The query of a query set; ``TypeError`` for anything else."""
    query = getattr(queryset, "described", None)
    if query is None:
        raise TypeError(f"{what} takes a query set, not {queryset!r}.")
    return query


class Subquery(Nested):
    """The one value that a query gives: ``Subquery(books.values("title")[:1])``.

    Raises ``FieldError`` unless the query set was told its one column by ``values()``.
    """

    def __init__(self, queryset: Any, output_field: Any = None) -> None:
        query = described(queryset, "Subquery")
        if query.columns is None or len(query.columns) != 1:
            given = "instances" if query.columns is None else f"{len(query.columns)} columns"
            raise FieldError(f"A Subquery must give one column, and this one gives {given}: name it with values().")
        super().__init__(query)
        self.output_field, self.type = output_field, declared_type(output_field)

    def __repr__(self) -> str:
        return f"Subquery({self.query!r})"


class Exists(Conditional):
    """Whether a query gives any row: a condition, and a value.  ``~Exists(…)`` denies it."""

    def __init__(self, queryset: Any) -> None:
        self.query = described(queryset, "Exists").tested()

    def parts(self) -> tuple[Any, ...]:
        return (Structure(self.query), self.query.values())

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        structure = Structure(self.query)
        outer = tuple((name, _resolved(name, scope, values)) for name in referred(structure.shape))
        values.extend(self.query.values())
        return (Exists, structure, outer)

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        structure, outer = parts
        return nodes.Exists(builder.subselect(structure.query, _built(outer, builder), exists=True))

    def __repr__(self) -> str:
        return f"Exists({self.query!r})"
