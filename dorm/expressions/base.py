"""What users write to compute: ``F``, ``Value``, arithmetic.

An expression splits itself into a *shape*, a hashable nest of tuples that decides the SQL, and *values*: ``shape()``
walks it once, left to right, and appends every value it meets.  Later, for a shape that was not seen before,
``build()`` turns the same parts into nodes.  A new expression is one class with these two methods and ``output``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, TypeAlias

from dorm.exceptions import FieldError
from dorm.sql import nodes
from dorm.sql.kinds import Kind, Type, combined, is_nan, kind_of

if TYPE_CHECKING:
    from collections.abc import Hashable

    from dorm.expressions.q import Q
    from dorm.sql.nodes import Node

Shape: TypeAlias = "Hashable"


class Scope(Protocol):
    """What names mean where an expression is written."""

    def reference(self, name: str, values: list[Any]) -> Shape:
        """The shape of a field path or an annotation; ``FieldError`` with the choices when there is none."""
        ...

    def condition(self, condition: Any, values: list[Any]) -> Any:
        """The part of a WHERE that a ``Q`` means."""
        ...


class Builder(Protocol):
    """What turns shapes into nodes while a plan is made."""

    def node(self, shape: Any) -> Node:
        """The node of *shape*."""
        ...

    def output(self, shape: Any) -> Type | None:
        """The type of value that *shape* yields."""
        ...

    def condition(self, part: Any) -> Node:
        """The node of a part of a WHERE."""
        ...

    def pinned(self, calls: int, shape: Any) -> Node:
        """The node of *shape*, whose to-many joins are those of the first *calls* calls of ``filter``."""
        ...

    def subselect(self, query: Any, outer: dict[Any, Node], *, exists: bool = False) -> Node:
        """The SELECT of a query inside, in which *outer* says what its references to this one are.

        With *exists* it tells by a row whether there is any.
        """
        ...

    def outer(self, name: Any) -> Node:
        """What a reference to the query around means; ``ValueError`` when there is none around."""
        ...

    def value(self, kind: Kind | None) -> Node:
        """A slot for the next value."""
        ...


class Combinable:
    """Arithmetic operators; each gives a :class:`CombinedExpression`."""

    conditional: ClassVar[bool] = False
    """Whether it is a condition, which ``& | ^ ~`` combine."""

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

    def bitand(self, other: Any) -> CombinedExpression:
        """The bits that both have."""
        return self._combine("&", other)

    def bitor(self, other: Any) -> CombinedExpression:
        """The bits that either has."""
        return self._combine("|", other)

    def bitxor(self, other: Any) -> CombinedExpression:
        """The bits that one has and the other has not."""
        return self._combine("#", other)

    def bitleftshift(self, other: Any) -> CombinedExpression:
        """The bits, moved to the left."""
        return self._combine("<<", other)

    def bitrightshift(self, other: Any) -> CombinedExpression:
        """The bits, moved to the right."""
        return self._combine(">>", other)

    def __and__(self, other: Any) -> Any:
        return self._no_condition(other)

    def __or__(self, other: Any) -> Any:
        return self._no_condition(other)

    def __xor__(self, other: Any) -> Any:
        return self._no_condition(other)

    def _no_condition(self, other: Any) -> Any:
        if getattr(other, "conditional", False):
            return NotImplemented  # the condition knows how it is combined
        raise NotImplementedError("& | ^ combine conditions. For bits use .bitand(), .bitor() and .bitxor().")

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

    aggregate: ClassVar[bool] = False
    """Whether it computes one value of many rows."""
    windowed: ClassVar[bool] = False
    """Whether it computes over a window of rows what it keeps first."""

    def parts(self) -> tuple[Any, ...]:
        """What decides the meaning, for equality, hash and ``repr``."""
        raise NotImplementedError

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        """The node for the parts that :meth:`shape` put behind the class."""
        raise NotImplementedError

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        """The type of value it yields, from the same parts; ``None`` when nothing is known."""
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.parts() == other.parts()

    def __hash__(self) -> int:
        return hash((type(self), *(part if part.__hash__ else repr(part) for part in self.parts())))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.parts()))})"


class F(Expression):
    """The value of a field of the row itself: ``F("age")``, or through relations ``F("author__age")``.

    Transforms may follow (``F("joined__year")``), and some of the characters of a text are ``F("name")[0:3]``.
    """

    sliced: ClassVar[Any]
    """What a slice makes; set by the module of slices, which stands above this one."""
    condition: ClassVar[Any]
    """What makes a condition of it; set by the module of conditions, which stands above this one."""
    __iter__ = None  # a slice of it has no end

    def __getitem__(self, key: int | slice) -> Expression:
        found: Expression = self.sliced(self, key)
        return found

    def __init__(self, name: str) -> None:
        self.name = name

    def __invert__(self) -> Q:
        """That a boolean column is not true: ``update(active=~F("active"))``."""
        opposite: Q = ~self.condition(self)
        return opposite

    def parts(self) -> tuple[Any, ...]:
        return (self.name,)

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        return scope.reference(self.name, values)


def declared_type(output_field: Any) -> Type | None:
    """The type that an ``output_field`` declares: a field, or ``None``.  ``TypeError`` for anything else."""
    if output_field is None:
        return None
    type_ = getattr(output_field, "sql_type", None)
    if not isinstance(type_, Type):
        hint = f" Make one: {output_field.__name__}()." if isinstance(output_field, type) else ""
        raise TypeError(f"output_field is a field, not {output_field!r}.{hint}")
    return type_


class Value(Expression):
    """A value as an expression, bound as a parameter."""

    def __init__(self, value: Any, output_field: Any = None) -> None:
        if is_nan(value):
            raise ValueError(f"Cannot compute with {value!r}: it is not a number.")
        self.value, self.output_field = value, output_field
        self.type = declared_type(output_field)

    def parts(self) -> tuple[Any, ...]:
        return (self.value,) if self.type is None else (self.value, self.type)

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        if self.value is None and (self.type is None or self.type.kind is not Kind.JSON):
            return (Value, self.type, None)  # written as NULL: a parameter of no known type is refused in most places
        if self.type is None:
            values.append(self.value)
            kind = kind_of(self.value)
            return (Value, None if kind is None else Type(kind))
        values.append(self.output_field.prepare(self.value))
        return (Value, self.type)

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        kind = None if parts[0] is None else parts[0].kind
        if len(parts) == 1:
            return builder.value(kind)
        null = nodes.Constant("NULL")
        return null if kind is None else nodes.Cast(null, kind)

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        type_: Type | None = parts[0]
        return type_


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
        types = builder.output(left), builder.output(right)
        kinds = [None if type_ is None else type_.kind for type_ in types]
        cls._check(operator, *kinds)
        # The left side first: slots are numbered in the order of the walk.
        left_node = builder.node(left)
        result = cls.output(builder, *parts)
        kind = None if result is None else result.kind
        return nodes.Arithmetic(operator, left_node, builder.node(right), kind, *kinds)

    @staticmethod
    def _check(operator: str, left: Kind | None, right: Kind | None) -> None:
        for kind in (left, right):
            if kind in (Kind.BOOLEAN, Kind.JSON, Kind.UUID, Kind.BINARY, Kind.INET, Kind.TEXT, Kind.CHAR):
                raise FieldError(
                    f"Cannot use {operator!r} with a value of kind {kind.value!r}: numbers, dates and durations only."
                )

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        operator, left, right = parts
        return combined(operator, builder.output(left), builder.output(right))


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


class Several(Expression):
    """Several expressions side by side: the members of a list, the ends of a range."""

    def __init__(self, *items: Any) -> None:
        self.items = tuple(item if isinstance(item, Combinable) else Value(item) for item in items)

    def parts(self) -> tuple[Any, ...]:
        return self.items

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        return (Several, *(item.shape(scope, values) for item in self.items))

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        return tuple(builder.node(part) for part in parts)

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        return builder.output(parts[0])


def has_aggregate(shape: Any) -> bool:
    """Whether an aggregate occurs in a shape."""
    stack: list[Any] = [shape]
    while stack:
        current = stack.pop()
        if issubclass(current.__class__, tuple):
            if current and getattr(current[0], "windowed", False):
                # An aggregate over a window is none of the query's, but what it is computed of may be.
                current = (current[1][1:], *current[2:])
            stack.extend(current)
        elif isinstance(current, type) and issubclass(current, Expression) and current.aggregate:
            return True
    return False
