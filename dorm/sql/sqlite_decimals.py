"""Decimals for SQLite, which has none.

A column of up to 15 digits holds numbers, which a double holds exactly.  Every other decimal, of a wider column or
computed, is text, under a collation that orders texts by their value; arithmetic and aggregates are done here, exactly.
A quotient has as many digits as Python gives it.  What neither a column nor 1000 digits can hold is refused.
"""

from __future__ import annotations

import decimal
from typing import TYPE_CHECKING, Any

from dorm.sql.sqlite_numbers import Number, exact

if TYPE_CHECKING:
    from collections.abc import Callable

EXACT_DIGITS = 15
"""Decimal digits that an IEEE 754 double holds exactly (DBL_DIG)."""

LONGEST = 1000
"""Digits that a column of decimals may have (as on PostgreSQL)."""

WIDE = decimal.Context(prec=2 * LONGEST)
_EXACT = decimal.Context(prec=2 * LONGEST, traps=[decimal.Inexact, decimal.InvalidOperation, decimal.Overflow])
_QUOTIENT = 28
"""Least digits of a quotient."""


# -- Converters --------------------------------------------------------------------------------


class Decimals(dict[Any, decimal.Decimal]):
    """From stored numbers to Decimals with the column's places; remembers some hundreds of them."""

    def __init__(self, places: int | None) -> None:
        super().__init__()
        self._exponent = None if places is None else decimal.Decimal(1).scaleb(-places)
        self._text = None if places is None else f"%.{places}f"

    def __missing__(self, value: Any) -> decimal.Decimal:
        if len(self) >= 512:
            self.clear()
        text = self._text % value if self._text and value.__class__ is float else ""
        if text and float(text) == value:
            found = decimal.Decimal(text)  # the usual case: no more places are stored than the column has
        else:
            found = decimal.Decimal(repr(value) if isinstance(value, float) else value)
            if self._exponent is not None:
                found = found.quantize(self._exponent, context=WIDE)
        self[value] = found
        return found

    def __call__(self, value: Any) -> decimal.Decimal:
        return self[value]


def wide_decimal(places: int | None) -> Callable[[Any], str]:
    """A number as text with all its places, so that equal numbers are equal texts."""
    exponent = None if places is None else decimal.Decimal(1).scaleb(-places)

    def text(value: Any) -> str:
        number = value if isinstance(value, decimal.Decimal) else decimal.Decimal(repr(value))
        if not number.is_finite() or number.adjusted() > LONGEST:
            return str(number)
        return format(number if exponent is None else number.quantize(exponent, context=WIDE), "f")

    return text


# -- Functions: no argument is NULL ------------------------------------------------------------


def as_text(value: Number) -> str:
    """The number as text."""
    return format(exact(value), "f")


def fitted(value: Number, digits: int, places: int) -> Number:
    """The number as a column of so many *digits* stores it, halves rounded away from zero; refused when too great."""
    number = exact(value)
    found = number.quantize(decimal.Decimal(1).scaleb(-places), decimal.ROUND_HALF_UP, _EXACT_BUT_ROUNDED)
    if found.adjusted() >= digits - places and found:
        raise decimal.Overflow(f"{number} has more than {digits - places} digits before the point")
    return float(found) if digits <= EXACT_DIGITS else format(found, "f")


_EXACT_BUT_ROUNDED = decimal.Context(prec=2 * LONGEST, traps=[decimal.InvalidOperation])


def unscaled(value: int, places: int) -> str:
    """A sum of whole numbers with the point where it belongs."""
    return format(decimal.Decimal(value).scaleb(-places, _EXACT), "f")


def arithmetic(operator: str, left: Number, right: Number) -> str | None:
    """Exact, but for quotients and broken powers; NULL for a division by zero, as SQLite's own."""
    first, second = exact(left), exact(right)
    match operator:
        case "+":
            found = _EXACT.add(first, second)
        case "-":
            found = _EXACT.subtract(first, second)
        case "*":
            found = _EXACT.multiply(first, second)
        case _ if operator != "^" and not second:
            return None
        case "/":
            found = quotient(first, second)
        case "%":
            found = _EXACT.remainder(first, second)
        case _:
            whole = second == second.to_integral_value() and second >= 0
            found = (_EXACT if whole else decimal.Context(prec=_QUOTIENT)).power(first, second)
    return format(found, "f")


def quotient(first: decimal.Decimal, second: decimal.Decimal) -> decimal.Decimal:
    """The quotient, with no fewer digits than either side."""
    digits = max(_QUOTIENT, *(len(number.as_tuple().digits) + 16 for number in (first, second)))
    return decimal.Context(prec=digits).divide(first, second)


def compare(left: str, right: str) -> int:
    """Order two decimals written as text by their value."""
    first, second = decimal.Decimal(left), decimal.Decimal(right)
    return (first > second) - (first < second)


FUNCTIONS: tuple[tuple[str, int, Callable[..., Any]], ...] = (
    ("DORM_DECIMAL", 1, as_text),
    ("DORM_FITTED", 3, fitted),
    ("DORM_UNSCALED", 2, unscaled),
    ("DORM_ARITHMETIC", 3, arithmetic),
)


# -- Aggregates --------------------------------------------------------------------------------


class Sum:
    """The exact sum, or NULL of no number; also over windows."""

    def __init__(self) -> None:
        self.count, self.total = 0, decimal.Decimal(0)

    def step(self, value: Any) -> None:
        """One more number."""
        if value is not None:
            self.count += 1
            self.total = _EXACT.add(self.total, exact(value))

    def inverse(self, value: Any) -> None:
        """The number leaves the window."""
        if value is not None:
            self.count -= 1
            self.total = _EXACT.subtract(self.total, exact(value))

    def value(self) -> str | None:
        """The result so far."""
        return format(self.total, "f") if self.count else None

    def finalize(self) -> str | None:
        """The result."""
        return self.value()


class Average(Sum):
    """The mean, or NULL of no number."""

    def value(self) -> str | None:
        return format(quotient(self.total, decimal.Decimal(self.count)), "f") if self.count else None


AGGREGATES: tuple[tuple[str, int, type[Any]], ...] = (("DORM_SUM", 1, Sum), ("DORM_AVG", 1, Average))
