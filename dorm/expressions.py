"""What users write to compute and to combine conditions: ``F``, ``Value``, arithmetic, ``Q``.

An expression splits itself into a *shape*, a hashable nest of tuples that decides the SQL, and *values*: ``shape()``
walks it once, left to right, and appends every value it meets.  Later, for a shape that was not seen before,
``build()`` turns the same parts into nodes.  A new expression is one class with these two methods and ``kind``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, TypeAlias

from dorm.exceptions import FieldError
from dorm.sql import nodes
from dorm.sql.kinds import Kind, combined, kind_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator
    from typing import Self

    from dorm.sql.nodes import Node

Shape: TypeAlias = "Hashable"


class Scope(Protocol):
    """What names mean where an expression is written."""

    def reference(self, name: str) -> Shape:
        """The shape of a field path; ``FieldError`` with the choices when there is none."""
        ...


class Builder(Protocol):
    """What turns shapes into nodes while a plan is made."""

    def node(self, shape: Any) -> Node:
        """The node of *shape*."""
        ...

    def kind(self, shape: Any) -> Kind | None:
        """The kind of value that *shape* yields."""
        ...

    def value(self, kind: Kind | None) -> Node:
        """A slot for the next value."""
        ...


class Combinable:
    """Arithmetic operators; each gives a :class:`CombinedExpression`."""

    def _combine(self, operator: str, other: Any, *, reverse: bool = False) -> CombinedExpression:
        other = other if isinstance(other, Combinable) else Value(other)
        left, right = (other, self) if reverse else (self, other)
        return CombinedExpression(left, operator, right)

    def __add__(self, other: Any) -> CombinedExpression:
        return self._combine("+", other)

    def __radd__(self, other: Any) -> CombinedExpression:
        return self._combine("+", other, reverse=True)

    def __sub__(self, other: Any) -> CombinedExpression:
        return self._combine("-", other)

    def __rsub__(self, other: Any) -> CombinedExpression:
        return self._combine("-", other, reverse=True)

    def __mul__(self, other: Any) -> CombinedExpression:
        return self._combine("*", other)

    def __rmul__(self, other: Any) -> CombinedExpression:
        return self._combine("*", other, reverse=True)

    def __truediv__(self, other: Any) -> CombinedExpression:
        return self._combine("/", other)

    def __rtruediv__(self, other: Any) -> CombinedExpression:
        return self._combine("/", other, reverse=True)

    def __mod__(self, other: Any) -> CombinedExpression:
        return self._combine("%", other)

    def __rmod__(self, other: Any) -> CombinedExpression:
        return self._combine("%", other, reverse=True)

    def __pow__(self, other: Any) -> CombinedExpression:
        return self._combine("^", other)

    def __rpow__(self, other: Any) -> CombinedExpression:
        return self._combine("^", other, reverse=True)

    def __neg__(self) -> CombinedExpression:
        return self._combine("*", -1)

    def asc(self, *, nulls_first: bool = False, nulls_last: bool = False) -> OrderBy:
        """This, ascending, for ``order_by``."""
        return OrderBy(self, nulls_first=nulls_first, nulls_last=nulls_last)

    def desc(self, *, nulls_first: bool = False, nulls_last: bool = False) -> OrderBy:
        """This, descending, for ``order_by``."""
        return OrderBy(self, descending=True, nulls_first=nulls_first, nulls_last=nulls_last)

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        """The hashable structure; values met on the way are appended to *values*, left to right."""
        raise NotImplementedError


class Expression(Combinable):
    """Base of expressions: equal when class and parts are."""

    def parts(self) -> tuple[Any, ...]:
        """What decides the meaning, for equality, hash and ``repr``."""
        raise NotImplementedError

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        """The node for the parts that :meth:`shape` put behind the class."""
        raise NotImplementedError

    @classmethod
    def kind(cls, builder: Builder, *parts: Any) -> Kind | None:
        """The kind of value it yields, from the same parts."""
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.parts() == other.parts()

    def __hash__(self) -> int:
        return hash((type(self), *(part if part.__hash__ else repr(part) for part in self.parts())))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.parts()))})"


class F(Expression):
    """The value of a field of the row itself: ``F("age")``, or through relations ``F("author__age")``."""

    def __init__(self, name: str) -> None:
        self.name = name

    def parts(self) -> tuple[Any, ...]:
        return (self.name,)

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        return scope.reference(self.name)


class Value(Expression):
    """A value as an expression, bound as a parameter."""

    def __init__(self, value: Any, output_field: Any = None) -> None:
        self.value, self.output_field = value, output_field

    def parts(self) -> tuple[Any, ...]:
        return (self.value,) if self.output_field is None else (self.value, self.output_field)

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        values.append(self.value)
        return (Value, kind_of(self.value) if self.output_field is None else self.output_field.sql_type.kind)

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        return builder.value(parts[0])

    @classmethod
    def kind(cls, builder: Builder, *parts: Any) -> Kind | None:
        kind: Kind | None = parts[0]
        return kind


class CombinedExpression(Expression):
    """``left operator right``; NULL when either side is."""

    def __init__(self, left: Combinable, operator: str, right: Combinable) -> None:
        self.left, self.operator, self.right = left, operator, right

    def parts(self) -> tuple[Any, ...]:
        return (self.left, self.operator, self.right)

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        left = self.left.shape(scope, values)
        return (CombinedExpression, self.operator, left, self.right.shape(scope, values))

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        operator, left, right = parts
        kinds = builder.kind(left), builder.kind(right)
        cls._check(operator, *kinds)
        # The left side first: slots are numbered in the order of the walk.
        left_node = builder.node(left)
        return nodes.Arithmetic(operator, left_node, builder.node(right), cls.kind(builder, *parts), *kinds)

    @staticmethod
    def _check(operator: str, left: Kind | None, right: Kind | None) -> None:
        for kind in (left, right):
            if kind in (Kind.BOOLEAN, Kind.JSON, Kind.UUID, Kind.BINARY, Kind.INET, Kind.TEXT, Kind.CHAR):
                raise FieldError(
                    f"Cannot use {operator!r} with a value of kind {kind.value!r}: numbers, dates and durations only."
                )

    @classmethod
    def kind(cls, builder: Builder, *parts: Any) -> Kind | None:
        return combined(builder.kind(parts[1]), builder.kind(parts[2]))


class OrderBy(Expression):
    """One term of an ordering."""

    def __init__(
        self, expression: Combinable, *, descending: bool = False, nulls_first: bool = False, nulls_last: bool = False
    ) -> None:
        if nulls_first and nulls_last:
            raise ValueError("nulls_first and nulls_last are mutually exclusive")
        self.expression, self.descending = expression, descending
        self.nulls: Literal["FIRST", "LAST"] | None = "FIRST" if nulls_first else "LAST" if nulls_last else None

    def parts(self) -> tuple[Any, ...]:
        return (self.expression, self.descending, self.nulls)

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        return (self.expression.shape(scope, values), self.descending, self.nulls)


Child: TypeAlias = "Q | tuple[str, Any]"


class Q:
    """Conditions combined with ``&``, ``|`` and ``~``: ``Q(age__lt=18) | Q(age__gt=65)``."""

    AND: ClassVar[str] = "AND"
    OR: ClassVar[str] = "OR"

    def __init__(self, *conditions: Child, _connector: str = "AND", _negated: bool = False, **lookups: Any) -> None:
        if _connector not in ("AND", "OR"):
            raise ValueError(f"A Q's connector is 'AND' or 'OR', not {_connector!r}.")
        if not isinstance(_negated, bool):
            raise TypeError(f"_negated is True or False, not {_negated!r}.")
        for condition in conditions:
            if not isinstance(condition, (Q, tuple)):
                raise TypeError(f"Q takes Q objects and keyword lookups, not {condition!r}.")
        self.connector = _connector
        self.negated = _negated
        self.children: list[Child] = [*conditions, *lookups.items()]

    def _combine(self, other: Q, connector: str) -> Q:
        if not isinstance(other, Q):
            raise TypeError(f"Cannot combine a Q with {other!r}.")
        if not self.children:
            return other
        if not other.children:
            return self
        combined = Q(_connector=connector)
        for side in (self, other):
            same = not side.negated and (side.connector == connector or len(side.children) == 1)
            combined.children += side.children if same else [side]
        return combined

    def __and__(self, other: Q) -> Q:
        return self._combine(other, "AND")

    def __or__(self, other: Q) -> Q:
        return self._combine(other, "OR")

    def __invert__(self) -> Q:
        opposite = Q(_connector=self.connector, _negated=not self.negated)
        opposite.children = self.children
        return opposite

    def flatten(self) -> Iterator[tuple[str, Any]]:
        """Every lookup in it, as (name, value), left to right."""
        stack: list[Child] = [self]
        while stack:
            child = stack.pop()
            if isinstance(child, Q):
                stack.extend(reversed(child.children))
            else:
                yield child

    def __bool__(self) -> bool:
        return bool(self.children)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Q):
            return NotImplemented
        return (self.connector, self.negated, self.children) == (other.connector, other.negated, other.children)

    def __hash__(self) -> int:
        return hash((self.connector, self.negated, tuple(map(repr, self.flatten()))))

    def __repr__(self) -> str:
        inner = ", ".join(
            f"{child[0]}={child[1]!r}" if isinstance(child, tuple) else repr(child) for child in self.children
        )
        connector = "" if self.connector == "AND" or len(self.children) < 2 else ", _connector='OR'"
        return f"{'~' if self.negated else ''}Q({inner}{connector})"

    def __copy__(self) -> Self:
        return self
