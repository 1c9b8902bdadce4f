"""Functions of numbers.  Integers give floats where the result may have a fraction, decimals give decimals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from dorm.expressions import Combinable, expression
from dorm.functions.base import Func, Whole, as_integer, kind_of_part
from dorm.sql import calls
from dorm.sql.kinds import Kind, Type

if TYPE_CHECKING:
    from dorm.expressions import Builder
    from dorm.sql.nodes import Node


class _SameKind(Func):
    """Base: whole numbers stay whole, decimals decimals."""

    arity = 1
    widened: ClassVar[bool] = True
    """Whether a database may make another kind of it."""

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        kind = kind_of_part(builder, parts[0])
        return calls.Numeric(str(cls.function), ((builder.node(parts[0]), kind),), None, kind if cls.widened else None)


class _Real(Func):
    """Base: computed in floating point; of decimals a decimal."""

    arity = 1
    via: ClassVar[Kind] = Kind.FLOAT

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        arguments = tuple((builder.node(part), kind_of_part(builder, part)) for part in parts)
        return calls.Numeric(str(cls.function), arguments, cls.via, _real(builder, *parts))

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        return Type(_real(builder, *parts))


def _real(builder: Builder, *parts: Any) -> Kind:
    """DECIMAL when any argument is, else FLOAT."""
    kinds = [kind_of_part(builder, part) for part in parts]
    return Kind.DECIMAL if Kind.DECIMAL in kinds else Kind.FLOAT


class Abs(_SameKind):
    """The number without its sign."""

    function, lookup_name, widened = "ABS", "abs", False


class Ceil(_SameKind):
    """The least whole number that is not less."""

    function, lookup_name = "CEIL", "ceil"


class Floor(_SameKind):
    """The greatest whole number that is not greater."""

    function, lookup_name = "FLOOR", "floor"


class Sign(_SameKind):
    """-1, 0 or 1."""

    function, lookup_name = "SIGN", "sign"


class Round(Func):
    """The number with *precision* decimal places (tens with -1), halves away from zero."""

    function, lookup_name = "ROUND", "round"

    def __init__(self, expression_: Any, precision: Any = 0, *, output_field: Any = None) -> None:
        more: list[Any] = []
        if isinstance(precision, (Combinable, str)):
            more = [expression(precision)]
        elif isinstance(precision, bool) or not isinstance(precision, int):
            raise TypeError(f"Round: precision is a whole number, not {precision!r}.")
        elif precision:
            more = [Whole(precision)]
        super().__init__(expression_, *more, output_field=output_field)

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        first, *more = parts
        operand = builder.node(first)
        places = as_integer(builder, more[0]) if more else "0"
        return calls.Rounded(operand, places, _real(builder, first))

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        return Type(_real(builder, parts[0]))


class Mod(_Real):
    """The rest of the division of the first by the second, with the sign of the first."""

    function, arity, via = "MOD", 2, Kind.DECIMAL


class Power(_Real):
    """The first to the power of the second."""

    function, arity = "POWER", 2


class Log(_Real):
    """The logarithm of the second argument to the base of the first."""

    function, arity, via = "LOG", 2, Kind.DECIMAL


class ATan2(_Real):
    """The angle, in radians, of the point with the coordinates *y* (first) and *x*."""

    function, arity = "ATAN2", 2


class ACos(_Real):
    """The angle, in radians, of a cosine."""

    function, lookup_name = "ACOS", "acos"


class ASin(_Real):
    """The angle, in radians, of a sine."""

    function, lookup_name = "ASIN", "asin"


class ATan(_Real):
    """The angle, in radians, of a tangent."""

    function, lookup_name = "ATAN", "atan"


class Cos(_Real):
    """The cosine of radians."""

    function, lookup_name = "COS", "cos"


class Cot(_Real):
    """The cotangent of radians."""

    function, lookup_name = "COT", "cot"


class Degrees(_Real):
    """Radians in degrees."""

    function, lookup_name = "DEGREES", "degrees"


class Exp(_Real):
    """e to the power of the number."""

    function, lookup_name = "EXP", "exp"


class Ln(_Real):
    """The natural logarithm."""

    function, lookup_name = "LN", "ln"


class Radians(_Real):
    """Degrees in radians."""

    function, lookup_name = "RADIANS", "radians"


class Sin(_Real):
    """The sine of radians."""

    function, lookup_name = "SIN", "sin"


class Sqrt(_Real):
    """The square root."""

    function, lookup_name = "SQRT", "sqrt"


class Tan(_Real):
    """The tangent of radians."""

    function, lookup_name = "TAN", "tan"


class Pi(_Real):
    """The ratio of a circle's circumference to its diameter."""

    function, arity = "PI", 0


class Random(Func):
    """A number from 0 to 1 by chance, another for each row."""

    function, arity, result = "RANDOM", 0, Kind.FLOAT

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        return calls.RandomNumber()
