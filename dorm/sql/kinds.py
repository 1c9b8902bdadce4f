"""What kind of value a column or an expression yields: the words shared by fields, functions and dialects.

A kind says nothing about storage.  Each dialect has a table from kind to column type and converters.
"""

from __future__ import annotations

import datetime
import decimal
import enum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Kind(enum.Enum):
    """The kinds of values that both databases can hold."""

    BOOLEAN = "boolean"
    SMALLINT = "smallint"
    INTEGER = "integer"
    BIGINT = "bigint"
    FLOAT = "float"
    DECIMAL = "decimal"
    CHAR = "char"
    TEXT = "text"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    DURATION = "duration"
    UUID = "uuid"
    JSON = "json"
    BINARY = "binary"
    INET = "inet"

    # Members are singletons: identity is equality, and Enum's own __hash__ is a Python call on the hot path.
    __hash__ = object.__hash__

    @property
    def is_number(self) -> bool:
        """True for integers, floats and decimals."""
        return self in NUMBERS

    @property
    def is_text(self) -> bool:
        """True for kinds that a string function takes."""
        return self in (Kind.CHAR, Kind.TEXT)


INTEGERS = (Kind.SMALLINT, Kind.INTEGER, Kind.BIGINT)
NUMBERS = (*INTEGERS, Kind.DECIMAL, Kind.FLOAT)


class Type(NamedTuple):
    """A kind with its sizes: characters for CHAR, digits and decimal places for DECIMAL; *zone* is that of moments."""

    kind: Kind
    length: int | None = None
    digits: int | None = None
    places: int | None = None
    collation: str | None = None
    zone: str | None = None


_BY_CLASS: dict[type, Kind] = {
    bool: Kind.BOOLEAN,
    int: Kind.BIGINT,
    float: Kind.FLOAT,
    decimal.Decimal: Kind.DECIMAL,
    str: Kind.TEXT,
    datetime.datetime: Kind.DATETIME,
    datetime.date: Kind.DATE,
    datetime.time: Kind.TIME,
    datetime.timedelta: Kind.DURATION,
    bytes: Kind.BINARY,
    bytearray: Kind.BINARY,
    memoryview: Kind.BINARY,
    dict: Kind.JSON,
    list: Kind.JSON,
}


_BY_NAME = {"uuid.UUID": Kind.UUID}
"""Classes whose module is slow to import, and which exist only when somebody else imported it."""


def kind_of(value: Any) -> Kind | None:
    """The kind that a Python value has by its class, or ``None`` when nothing is known."""
    for base in type(value).__mro__:
        if base in _BY_CLASS:
            return _BY_CLASS[base]
        found = _BY_NAME.get(f"{base.__module__}.{base.__qualname__}")
        if found is not None:
            return found
    return None


def text_of(value: Any) -> str:
    """*value* as text; of a member of an enumeration of texts its value, for its ``str()`` is its name."""
    return str.__str__(value) if isinstance(value, str) else str(value)


def is_nan(value: Any) -> bool:
    """Whether *value* is a float or a Decimal that is not a number."""
    if isinstance(value, float):
        return value != value  # noqa: PLR0124 - the one value that differs from itself
    return isinstance(value, decimal.Decimal) and value.is_nan()


def combined(operator: str, left: Type | None, right: Type | None) -> Type | None:
    """The type of arithmetic between two types: the wider number wins; dates and durations as in SQL."""
    if left is None or right is None:
        known = left or right
        return Type(Kind.DECIMAL) if known is not None and known.kind is Kind.DECIMAL else known
    if left.kind in NUMBERS and right.kind in NUMBERS:
        kind = left.kind if NUMBERS.index(left.kind) >= NUMBERS.index(right.kind) else right.kind
        return Type(kind, places=_places(operator, left, right) if kind is Kind.DECIMAL else None)
    moments = (Kind.DATE, Kind.DATETIME, Kind.TIME)
    if left.kind in moments and right.kind in moments:
        return Type(Kind.DURATION)
    return right if right.kind in moments else left


def unified(types: Sequence[Type | None]) -> Type | None:
    """The type of a choice among values of these *types*: of numbers the widest, else that of the first."""
    known = [type_ for type_ in types if type_ is not None]
    kinds = {type_.kind for type_ in known}
    if len(set(known)) < 2 or Kind.DECIMAL not in kinds or not kinds <= set(NUMBERS):
        return known[0] if known else None
    if Kind.FLOAT in kinds:
        return Type(Kind.FLOAT)
    places = [0 if type_.kind in INTEGERS else type_.places for type_ in known]
    told = [one for one in places if one is not None]
    return Type(Kind.DECIMAL, places=max(told) if len(told) == len(types) else None)


def _places(operator: str, left: Type, right: Type) -> int | None:
    """Decimal places of a result, where both sides tell theirs."""
    places = [0 if side.kind in INTEGERS else side.places for side in (left, right)]
    if None in places or operator not in ("+", "-", "*"):
        return None
    first, second = places
    assert first is not None, "tested above"
    assert second is not None, "tested above"
    return first + second if operator == "*" else max(first, second)
