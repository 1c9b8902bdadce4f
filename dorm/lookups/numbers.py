"""Numbers that are compared with columns of whole numbers, or of decimals with so many places.

What such a column holds lies on a grid, and most numbers do not.  Between two points of the grid a comparison by
order means the same as one with the nearest point, on the right side, and equality means nothing: so every
comparison is exact, whatever the driver could bind.
"""

from __future__ import annotations

import decimal
import math
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from dorm.sql.kinds import INTEGERS, Kind, is_nan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dorm.sql.kinds import Type

Side: TypeAlias = Literal["below", "above"]

LEAST: Final = -(2**63)
GREATEST: Final = 2**63 - 1
"""What whole numbers a database holds."""

_EXACT = decimal.Context(prec=decimal.MAX_PREC, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)
_ROUNDING: Final = {"below": decimal.ROUND_FLOOR, "above": decimal.ROUND_CEILING}


def refuse_nan(value: Any) -> Any:
    """*value*; ``ValueError`` when it is not a number, with which nothing can be compared."""
    if is_nan(value):
        raise ValueError(f"Cannot compare with {value!r}: it is not a number.")
    return value


def as_truth(value: Any) -> bool | None:
    """What *value* says, as a number or as text: true or false; ``None`` when it says neither."""
    if value in (True, False):
        return bool(value)
    if value in ("t", "T", "True", "true", "1"):
        return True
    return False if value in ("f", "F", "False", "false", "0") else None


def number_in(kind: Kind, text: str) -> int | float | decimal.Decimal | None:
    """The number that *text* says, in the class of *kind*; ``None`` when it says none."""
    try:
        if kind in INTEGERS:
            return int(text)
        return decimal.Decimal(text) if kind is Kind.DECIMAL else float(text)
    except (ValueError, decimal.InvalidOperation):
        return None


def as_kind(kind: Kind, value: Any) -> Any:
    """A number in the class of what is computed; ``ValueError`` when it is not a number.

    Whole numbers are compared with fractions, too, which is why they stay what they are.
    """
    refuse_nan(value)
    if kind is Kind.DECIMAL and not isinstance(value, decimal.Decimal):
        return decimal.Decimal(repr(value) if isinstance(value, float) else value)
    if kind is Kind.FLOAT and not isinstance(value, float):
        return float(decimal.Decimal(value))  # of what is too great, infinity
    return value


def whole(value: float | decimal.Decimal) -> int | float | decimal.Decimal:
    """*value* as whole numbers are compared with it: what is whole as such, for a double is not exact beyond 53 bits.

    A fraction stays.  Beyond what any column holds a double is enough.  ``ValueError`` when it is not a number.
    """
    refuse_nan(value)
    if not LEAST <= value <= GREATEST:
        return float(value)
    number = int(value)
    return number if number == value else value


def nearest(type_: Type, value: Any, side: Side) -> Any:
    """The number nearest to *value*, on that *side*, that a column of *type_* may hold; *value* if it may."""
    if type_.kind in INTEGERS and isinstance(value, (float, decimal.Decimal)):
        value = whole(value)
        if isinstance(value, int) or not LEAST <= value <= GREATEST:
            return value
        return math.floor(value) if side == "below" else math.ceil(value)
    if type_.kind is Kind.DECIMAL and type_.places is not None and isinstance(value, decimal.Decimal):
        exponent = value.as_tuple().exponent
        if isinstance(exponent, int) and exponent < -type_.places:
            return value.quantize(decimal.Decimal(1).scaleb(-type_.places), _ROUNDING[side], _EXACT)
    return value


def equal(type_: Type, values: Iterable[Any]) -> tuple[Any, ...]:
    """Those of *values* that a column of *type_* may be equal to, as far as numbers go."""
    found: list[Any] = []
    for value in values:
        point = nearest(type_, value, "below")
        if type_.kind in INTEGERS and isinstance(point, (int, float)) and not LEAST <= point <= GREATEST:
            continue
        if point is value or point == value:
            found.append(point)
    return tuple(found)
