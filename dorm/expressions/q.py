"""``Q``: conditions combined with ``&``, ``|``, ``^`` and ``~``; and expressions that are conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from dorm.expressions.base import Combinable, Expression, F, Value
from dorm.sql import nodes
from dorm.sql.kinds import Kind, Type

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from dorm.expressions.base import Builder, Scope, Shape
    from dorm.sql.nodes import Node

Child: TypeAlias = "Q | Combinable | tuple[str, Any]"


class Q:
    """Conditions combined with ``&``, ``|``, ``^`` and ``~``: ``Q(age__lt=18) | Q(age__gt=65)``.

    An expression that is true or false (``Exists``, a lookup as an object) is a condition, too.
    """

    AND: ClassVar[str] = "AND"
    OR: ClassVar[str] = "OR"
    XOR: ClassVar[str] = "XOR"
    conditional: ClassVar[bool] = True

    def __init__(self, *conditions: Child, _connector: str = "AND", _negated: bool = False, **lookups: Any) -> None:
        if _connector not in ("AND", "OR", "XOR"):
            raise ValueError(f"A Q's connector is 'AND', 'OR' or 'XOR', not {_connector!r}.")
        if not isinstance(_negated, bool):
            raise TypeError(f"_negated is True or False, not {_negated!r}.")
        for condition in conditions:
            if not isinstance(condition, (Q, Combinable, tuple)):
                raise TypeError(f"Q takes Q objects, conditional expressions and keyword lookups, not {condition!r}.")
        self.connector = _connector
        self.negated = _negated
        self.children: list[Child] = [*conditions, *lookups.items()]

    def _combine(self, other: Q | Combinable, connector: str) -> Q:
        if isinstance(other, Combinable):
            other = Q(other)
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

    def __and__(self, other: Q | Combinable) -> Q:
        return self._combine(other, "AND")

    def __or__(self, other: Q | Combinable) -> Q:
        return self._combine(other, "OR")

    def __xor__(self, other: Q | Combinable) -> Q:
        return self._combine(other, "XOR")

    def __rand__(self, other: Combinable) -> Q:
        return Q(other) & self

    def __ror__(self, other: Combinable) -> Q:
        return Q(other) | self

    def __rxor__(self, other: Combinable) -> Q:
        return Q(other) ^ self

    def __invert__(self) -> Q:
        opposite = Q(_connector=self.connector, _negated=not self.negated)
        opposite.children = self.children
        return opposite

    def flatten(self) -> Iterator[tuple[str, Any] | Combinable]:
        """Every lookup in it, as (name, value), and every expression, left to right."""
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
        connector = "" if self.connector == "AND" or len(self.children) < 2 else f", _connector={self.connector!r}"
        return f"{'~' if self.negated else ''}Q({inner}{connector})"

    def __copy__(self) -> Self:
        return self


F.condition = Q


class Conditional(Expression):
    """Base of expressions that are true or false, which may stand wherever a ``Q`` may."""

    conditional = True

    def __and__(self, other: Q | Combinable) -> Q:
        return Q(self) & other

    def __or__(self, other: Q | Combinable) -> Q:
        return Q(self) | other

    def __xor__(self, other: Q | Combinable) -> Q:
        return Q(self) ^ other

    def __invert__(self) -> Q:
        return ~Q(self)

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        return Type(Kind.BOOLEAN)


class Holds(Conditional):
    """Whether a condition holds, as a value."""

    def __init__(self, condition: Q) -> None:
        self.condition = condition

    def parts(self) -> tuple[Any, ...]:
        return (self.condition,)

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        return (Holds, scope.condition(self.condition, values))

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        return nodes.Parenthesis(builder.condition(parts[0]))


def expression(value: Any) -> Combinable:
    """*value* as an expression: text names a field, a ``Q`` is whether it holds, anything else is a value."""
    return F(value) if isinstance(value, str) else operand(value)


def operand(value: Any) -> Combinable:
    """*value* as an expression, where text is a value: a ``Q`` is whether it holds."""
    if isinstance(value, Combinable):
        return value
    return Holds(value) if isinstance(value, Q) else Value(value)
