"""Functions of the database: one class each, with ``function`` and the type of what it yields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from dorm.expressions import Combinable, Conditional, Expression, Q, expression, operand
from dorm.sql import nodes
from dorm.sql.kinds import Kind, Type

if TYPE_CHECKING:
    from dorm.expressions import Builder, Scope, Shape
    from dorm.sql.nodes import Node


class Func(Expression):
    """Base of functions.  Arguments are expressions; text names a field.

    A subclass names ``function``, the number of arguments (``arity``) and, when it is not that of the first argument,
    the kind of the result.
    """

    function: ClassVar[str]
    arity: ClassVar[int | None] = None
    result: ClassVar[Kind | None] = None

    def __init__(self, *arguments: Any) -> None:
        if self.arity is not None and len(arguments) != self.arity:
            raise TypeError(f"{type(self).__name__} takes {self.arity} arguments, {len(arguments)} were given.")
        self.arguments: tuple[Combinable, ...] = tuple(map(expression, arguments))

    def parts(self) -> tuple[Any, ...]:
        return self.arguments

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        return (type(self), *(argument.shape(scope, values) for argument in self.arguments))

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        return nodes.Call(cls.function, tuple(builder.node(part) for part in parts))

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        return builder.output(parts[0]) if cls.result is None else Type(cls.result)


class Upper(Func):
    """Text in capitals, in all of Unicode."""

    function, arity, result = "UPPER", 1, Kind.TEXT

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        return nodes.Folded("upper", builder.node(parts[0]))


class Lower(Func):
    """Text in small letters, in all of Unicode."""

    function, arity, result = "LOWER", 1, Kind.TEXT

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        return nodes.Folded("lower", builder.node(parts[0]))


class Length(Func):
    """The number of characters."""

    function, arity, result = "LENGTH", 1, Kind.INTEGER


class Abs(Func):
    """The number without its sign."""

    function, arity = "ABS", 1


class Concat(Func):
    """Texts one after the other; NULL counts as empty, and other kinds as their text."""

    function, result = "CONCAT", Kind.TEXT

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        return nodes.Concatenation(tuple(nodes.Cast(builder.node(part), Kind.TEXT) for part in parts))


class Coalesce(Func):
    """The first argument that is not NULL."""

    function = "COALESCE"

    def __init__(self, *arguments: Any) -> None:
        if len(arguments) < 2:
            raise ValueError("Coalesce must take at least two expressions")
        super().__init__(*arguments)


class Greatest(Func):
    """The greatest of the arguments; NULL when any is, as in SQLite."""

    function = "GREATEST"

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        return nodes.Extreme("greatest", tuple(builder.node(part) for part in parts))


class Least(Func):
    """The least of the arguments; NULL when any is, as in SQLite."""

    function = "LEAST"

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        return nodes.Extreme("least", tuple(builder.node(part) for part in parts))


class Now(Func):
    """The present moment, as the database sees it."""

    function, arity, result = "NOW", 0, Kind.DATETIME

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        return nodes.Present()


CASTS: dict[str, Kind] = {
    "text": Kind.TEXT,
    "integer": Kind.INTEGER,
    "bigint": Kind.BIGINT,
    "float": Kind.FLOAT,
    "numeric": Kind.DECIMAL,
    "boolean": Kind.BOOLEAN,
    "date": Kind.DATE,
    "datetime": Kind.DATETIME,
}
"""What ``output_field`` of a Cast may say in words."""


class Cast(Func):
    """The expression as another type: a field, or one of the words of ``CASTS``."""

    function = "CAST"

    def __init__(self, expression_: Any, output_field: Any) -> None:
        super().__init__(expression_)
        if isinstance(output_field, str) and output_field not in CASTS:
            raise ValueError(f"Cast to {output_field!r} is unknown. Choices: {', '.join(sorted(CASTS))}, or a field.")
        self.type: Type = Type(CASTS[output_field]) if isinstance(output_field, str) else output_field.sql_type

    def parts(self) -> tuple[Any, ...]:
        return (*self.arguments, self.type)

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        return (Cast, self.arguments[0].shape(scope, values), self.type)

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        return nodes.Cast(builder.node(parts[0]), parts[1].kind)

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        found: Type = parts[1]
        return found


class When:
    """A case of :class:`Case`: a condition, and what it gives.

    The condition is a ``Q``, an expression that is true or false, or lookups.
    """

    def __init__(self, condition: Q | Combinable | None = None, then: Any = None, **lookups: Any) -> None:
        if condition is None and not lookups:
            raise TypeError("When() needs a condition: a Q, an expression that is true or false, or lookups.")
        if isinstance(condition, Q) and not condition:
            raise ValueError("An empty Q() can't be used as a When() condition.")
        self.condition = Q(*(() if condition is None else (condition,)), **lookups)
        self.then: Combinable = operand(then)

    def __repr__(self) -> str:
        return f"When({self.condition!r}, then={self.then!r})"


class Case(Conditional):
    """What the first case gives whose condition holds, else *default*."""

    def __init__(self, *cases: When, default: Any = None) -> None:
        for case in cases:
            if not isinstance(case, When):
                raise TypeError(f"Case takes When objects, not {case!r}.")
        self.cases = cases
        self.default: Combinable = operand(default)

    def parts(self) -> tuple[Any, ...]:
        return (*((case.condition, case.then) for case in self.cases), self.default)

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        cases = tuple((scope.condition(case.condition, values), case.then.shape(scope, values)) for case in self.cases)
        return (Case, cases, self.default.shape(scope, values))

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        cases, default = parts
        built = tuple((builder.condition(condition), builder.node(then)) for condition, then in cases)
        return nodes.Case(built, builder.node(default))

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        cases, default = parts
        known = (builder.output(then) for _, then in cases)
        return next((type_ for type_ in known if type_ is not None), builder.output(default))
