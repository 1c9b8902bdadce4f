"""``Func``, the base of functions, and what brings arguments into the kind that a function takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from dorm.expressions import Combinable, Expression, ExpressionWrapper, Value, declared_type, expression
from dorm.sql import nodes
from dorm.sql.alike import alike as forms
from dorm.sql.call_compiler import separated
from dorm.sql.kinds import INTEGERS, Kind, Type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dorm.expressions import Builder, Scope, Shape
    from dorm.sql.nodes import Node


class Func(Expression):
    """A function of the database.  Arguments are expressions; text names a field.

    A subclass names ``function``, the number of arguments (``arity``) and, when it is not that of the first argument,
    the kind of the result; ``output_field`` says the type at one place.  ``template`` is the SQL in another form, with
    ``%(function)s``, ``%(expressions)s`` and the names of *extra*, all of which go into the SQL as they are: never put
    a value of a user into them.
    """

    function: ClassVar[str | None] = None
    template: ClassVar[str | None] = None
    arg_joiner: ClassVar[str] = ", "
    arity: ClassVar[int | None] = None
    result: ClassVar[Kind | None] = None
    lookup_name: ClassVar[str]
    """The name under which ``register_lookup`` makes it known as a transform, unless another is given."""
    window_compatible: ClassVar[bool] = False
    """Whether it may stand before OVER."""

    def __init__(
        self,
        *arguments: Any,
        function: str | None = None,
        template: str | None = None,
        arg_joiner: str | None = None,
        output_field: Any = None,
        **extra: Any,
    ) -> None:
        if self.arity is not None and len(arguments) != self.arity:
            raise TypeError(f"{type(self).__name__} takes {self.arity} arguments, {len(arguments)} were given.")
        self.arguments: tuple[Combinable, ...] = tuple(map(expression, arguments))
        self.type = declared_type(output_field)
        self.written: tuple[Any, ...] | None = None
        template = template or self.template
        if extra and template is None:
            raise TypeError(f"{type(self).__name__} has no template that could use {', '.join(extra)}.")
        if template is not None or function is not None or arg_joiner is not None:
            name = function or self.function
            text = template or "%(function)s(%(expressions)s)"
            self.written = (_texts(text, {"function": name, **extra}), arg_joiner or self.arg_joiner)
        elif self.function is None:
            raise TypeError("Func needs the name of a function: Func(…, function='NAME').")

    def settings(self) -> tuple[Any, ...]:
        """What decides the SQL beside the arguments; it comes before them."""
        return ()

    def parts(self) -> tuple[Any, ...]:
        more = tuple(one for one in (self.written, self.type) if one is not None)
        return (*self.settings(), *self.arguments, *more)

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        arguments = tuple(argument.shape(scope, values) for argument in self.arguments)
        if self.written is None:
            shape: Any = (type(self), *self.settings(), *arguments)
        else:
            shape = (Written, type(self), *self.written, *arguments)
        return shape if self.type is None else (ExpressionWrapper, shape, self.type)

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        return nodes.Call(str(cls.function), tuple(builder.node(part) for part in parts))

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        if cls.result is not None:
            return Type(cls.result)
        return builder.output(parts[0]) if parts else None


class Written(Expression):
    """A function whose SQL the user wrote."""

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        _, texts, joiner, *arguments = parts
        built = [builder.node(argument) for argument in arguments]
        pieces: list[Node] = [nodes.Written(texts[0])]
        for text in texts[1:]:
            pieces += [*separated(built, joiner), nodes.Written(text)]
        return pieces

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        function, _, _, *arguments = parts
        type_: Type | None = function.output(builder, *arguments)
        return type_


def _texts(template: str, names: dict[str, Any]) -> tuple[str, ...]:
    """The texts around the arguments."""
    try:
        return tuple((template % {**names, "expressions": "\0"}).split("\0"))
    except KeyError as missing:
        raise TypeError(f"The template {template!r} has no value for {missing}.") from None


class Whole(Value):
    """A whole number as an argument that the database wants as ``integer``."""

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        values.append(self.value)
        return (Value, Type(Kind.INTEGER))


def whole(value: Any, least: int, message: str) -> Combinable:
    """*value*, a number or an expression; ``ValueError`` with *message* for a number below *least*."""
    if isinstance(value, (Combinable, str)):
        return expression(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ValueError(message)
    return Whole(value)


def alike(builder: Builder, parts: Sequence[Any]) -> tuple[Node, ...]:
    """The nodes of *parts*, in forms that compare with each other."""
    return forms([(builder.node(part), builder.output(part)) for part in parts])


def kind_of_part(builder: Builder, part: Any) -> Kind | None:
    """The kind of value that *part* yields, or ``None`` when nothing is known."""
    type_ = builder.output(part)
    return None if type_ is None else type_.kind


def as_text(builder: Builder, part: Any) -> Node:
    """The node of *part*, as text."""
    node, kind = builder.node(part), kind_of_part(builder, part)
    return node if kind is None or kind.is_text else nodes.Cast(node, Kind.TEXT)


def as_integer(builder: Builder, part: Any) -> Node:
    """The node of *part*, as an integer of 32 bits."""
    node, kind = builder.node(part), kind_of_part(builder, part)
    return node if kind in INTEGERS and kind is not Kind.BIGINT else nodes.Cast(node, Kind.INTEGER)
