"""SQL functions, aggregates and collations written in Python, which every SQLite connection gets.

All functions are deterministic.  NULL in, NULL out: a function never sees one, but where a time zone may be missing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dorm.sql import (
    sqlite_decimals,
    sqlite_documents,
    sqlite_numbers,
    sqlite_statistics,
    sqlite_texts,
    sqlite_times,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Function = tuple[str, int, Callable[..., Any]]


def upper(text: Any) -> Any:
    """``UPPER`` for all of Unicode; SQLite's own knows ASCII only."""
    return None if text is None else str(text).upper()


def lower(text: Any) -> Any:
    """``LOWER`` for all of Unicode."""
    return None if text is None else str(text).lower()


def unhex(text: str) -> bytes:
    """Bytes from hexadecimal digits."""
    return bytes.fromhex(text)


def regex(pattern: str, text: Any) -> bool:
    """Whether *pattern* is found in *text* (Python's :mod:`re`)."""
    return re.search(pattern, str(text)) is not None


def iregex(pattern: str, text: Any) -> bool:
    """:func:`regex` that ignores case."""
    return re.search(pattern, str(text), re.IGNORECASE) is not None


_ZONED = {"DORM_DATE_PART": 1, "DORM_TRUNCATED": 3}
"""Functions whose last argument may be missing, and the argument whose NULL counts."""


def _strict(name: str, arguments: int, function: Callable[..., Any]) -> Function:
    """*function*, which gives NULL for NULL."""
    position = _ZONED.get(name)
    if position is not None:
        return name, arguments, lambda *values: None if values[position] is None else function(*values)
    if arguments == 1:

        def of_one(value: Any) -> Any:
            return None if value is None else function(value)

        return name, 1, of_one
    return name, arguments, lambda *values: None if None in values else function(*values)


_STRICT: tuple[Function, ...] = (
    ("DORM_UNHEX", 1, unhex),
    ("DORM_REGEX", 2, regex),
    ("DORM_IREGEX", 2, iregex),
    *sqlite_documents.FUNCTIONS,
    *sqlite_decimals.FUNCTIONS,
    *sqlite_numbers.FUNCTIONS,
    *sqlite_texts.FUNCTIONS,
    *sqlite_times.FUNCTIONS,
)

FUNCTIONS: tuple[Function, ...] = (
    # These two are called for every row of a search: they look for NULL themselves.
    ("DORM_UPPER", 1, upper),
    ("DORM_LOWER", 1, lower),
    *(_strict(*one) for one in _STRICT),
)

AGGREGATES = (*sqlite_decimals.AGGREGATES, *sqlite_statistics.AGGREGATES)

COLLATIONS: tuple[tuple[str, Callable[[str, str], int]], ...] = (("DORM_DECIMAL", sqlite_decimals.compare),)
