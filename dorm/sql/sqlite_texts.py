"""Functions of texts for SQLite, written in Python.  No argument is NULL: see :mod:`dorm.sql.sqlite_functions`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.conf import settings
from dorm.run import load

if TYPE_CHECKING:
    from collections.abc import Callable


def left_padded(text: Any, length: int, fill: str) -> str:
    """*text* filled up on the left, or cut to *length*."""
    return _filling(str(text), length, fill) + str(text)[: max(length, 0)]


def right_padded(text: Any, length: int, fill: str) -> str:
    """*text* filled up on the right, or cut to *length*."""
    return str(text)[: max(length, 0)] + _filling(str(text), length, fill)


def _filling(text: str, length: int, fill: str) -> str:
    missing = max(length - len(text), 0)
    return (fill * missing)[:missing]


def repeated(text: Any, number: int) -> str:
    """*text* so many times."""
    return str(text) * number


def backwards(text: Any) -> str:
    """*text* from its end."""
    return str(text)[::-1]


def character(code: int) -> str:
    """The character of a code point; ``ValueError`` for 0, which no text holds."""
    if code == 0:
        raise ValueError("null character not permitted")
    return chr(code)


def code_point(text: Any) -> int:
    """The code point of the first character; 0 of an empty text."""
    return ord(str(text)[0]) if text != "" else 0


def _hashed(algorithm: str) -> Callable[[Any], str]:
    def digest(text: Any) -> str:
        found: str = load("hashlib").new(algorithm, str(text).encode(), usedforsecurity=False).hexdigest()
        return found

    return digest


def in_json(kind: str, value: str) -> str:
    """A stored moment, time or UUID as PostgreSQL writes it into JSON."""
    if kind == "uuid":
        return str(load("uuid").UUID(value))
    moment = value.replace(" ", "T")
    if "." in moment:
        moment = moment.rstrip("0")
    return moment + _offset() if kind == "datetime" else moment


def _offset() -> str:
    return "+00:00" if settings.USE_TZ else ""


FUNCTIONS: tuple[tuple[str, int, Callable[..., Any]], ...] = (
    ("DORM_LPAD", 3, left_padded),
    ("DORM_RPAD", 3, right_padded),
    ("DORM_REPEAT", 2, repeated),
    ("DORM_REVERSE", 1, backwards),
    ("DORM_CHR", 1, character),
    ("DORM_ORD", 1, code_point),
    ("DORM_JSON_TEXT", 2, in_json),
    *((f"DORM_{name}", 1, _hashed(name)) for name in ("MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512")),
)
