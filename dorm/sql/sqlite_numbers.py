"""Functions of numbers for SQLite, written in Python.  No argument is NULL: see :mod:`dorm.sql.sqlite_functions`.

A number is an ``int`` or a ``float``; a wide decimal is text, and what is exact for it gives text again.
"""

from __future__ import annotations

import decimal
import math
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

Number: TypeAlias = int | float | str

_WIDE = decimal.Context(prec=1000)


def exact(value: Number) -> decimal.Decimal:
    """The number that is meant: of a double its 15 digits."""
    return decimal.Decimal(f"{value:.15g}" if isinstance(value, float) else value)


def like(result: decimal.Decimal, *given: Number) -> Number:
    """*result* in the form in which the numbers were given."""
    if any(isinstance(value, str) for value in given):
        return format(result, "f")
    if any(isinstance(value, float) for value in given):
        return float(result)
    return int(result) if result == result.to_integral_value() else float(result)


def digits(value: Number) -> float:
    """A double with the 15 digits that it holds for certain."""
    return float(f"{float(value):.15g}")


def absolute(value: Number) -> Number:
    """The number without its sign."""
    return like(abs(exact(value)), value) if isinstance(value, str) else abs(value)


def ceiling(value: Number) -> Number:
    """The least whole number that is not less."""
    return value if isinstance(value, int) else like(_whole(value, decimal.ROUND_CEILING), value)


def floor(value: Number) -> Number:
    """The greatest whole number that is not greater."""
    return value if isinstance(value, int) else like(_whole(value, decimal.ROUND_FLOOR), value)


def _whole(value: Number, rounding: str) -> decimal.Decimal:
    number = decimal.Decimal(value)
    return number.to_integral_value(rounding=rounding, context=_WIDE) if number.is_finite() else number


def rounded(value: Number, places: int) -> Number:
    """With so many decimal places, halves away from zero."""
    number = exact(value)
    if not number.is_finite():
        return value
    found = number.quantize(decimal.Decimal(1).scaleb(-places), rounding=decimal.ROUND_HALF_UP, context=_WIDE)
    return like(found, value, 0.0)


def sign(value: Number) -> Number:
    """-1, 0 or 1."""
    number = exact(value)
    return like(decimal.Decimal((number > 0) - (number < 0)), value)


def modulo(left: Number, right: Number) -> Number:
    """The rest of a division, with the sign of the dividend."""
    return like(_WIDE.remainder(exact(left), exact(right)), left, right, 0.0)


def power(base: Number, exponent: Number) -> float:
    """The base to the power of the exponent."""
    return math.pow(float(base), float(exponent))


def logarithm(base: Number, value: Number) -> float:
    """The logarithm to any base."""
    known = {2.0: math.log2, 10.0: math.log10}.get(float(base))
    return known(float(value)) if known is not None else math.log(float(value)) / math.log(float(base))


def cotangent(value: Number) -> float:
    """The cotangent of radians."""
    return 1 / math.tan(float(value))


def _of_double(function: Callable[[float], float]) -> Callable[[Any], float]:
    return lambda value: function(float(value))


def arctangent(y: Number, x: Number) -> float:
    """The angle of the point (x, y)."""
    return math.atan2(float(y), float(x))


def pi() -> float:
    """The ratio of a circle's circumference to its diameter."""
    return math.pi


FUNCTIONS: tuple[tuple[str, int, Callable[..., Any]], ...] = (
    ("DORM_DIGITS", 1, digits),
    ("DORM_ABS", 1, absolute),
    ("DORM_CEIL", 1, ceiling),
    ("DORM_FLOOR", 1, floor),
    ("DORM_ROUND", 2, rounded),
    ("DORM_SIGN", 1, sign),
    ("DORM_MOD", 2, modulo),
    ("DORM_POWER", 2, power),
    ("DORM_LOG", 2, logarithm),
    ("DORM_COT", 1, cotangent),
    ("DORM_ATAN2", 2, arctangent),
    ("DORM_PI", 0, pi),
    *(
        (f"DORM_{name}", 1, _of_double(function))
        for name, function in (
            ("ACOS", math.acos),
            ("ASIN", math.asin),
            ("ATAN", math.atan),
            ("COS", math.cos),
            ("DEGREES", math.degrees),
            ("EXP", math.exp),
            ("LN", math.log),
            ("RADIANS", math.radians),
            ("SIN", math.sin),
            ("SQRT", math.sqrt),
            ("TAN", math.tan),
        )
    ),
)
