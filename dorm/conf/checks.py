"""What a setting may hold: each function returns the value as it is kept, or raises ``Unfit`` with what it must be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from dorm.exceptions import ImproperlyConfigured
from dorm.run import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Check = Callable[[Any], Any]


class Unfit(Exception):
    """A value that a setting cannot hold; the text says what it must be."""


def checked(where: str, check: Check, value: Any, *, secret: bool = False) -> Any:
    """*value* as *check* keeps it; ``ImproperlyConfigured`` names the setting (and the value, unless it is secret)."""
    try:
        return check(value)
    except Unfit as error:
        shown = f"a value of type {type(value).__name__}" if secret else repr(value)
        raise ImproperlyConfigured(f"{where} must be {error}, not {shown}.") from None


def flag(value: Any) -> bool:
    """``True`` or ``False``; the text ``"False"`` would be true."""
    if not isinstance(value, bool):
        raise Unfit("True or False")
    return value


def text(value: Any) -> str:
    """A string without NUL bytes; ``None`` counts as empty."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unfit("a string")
    if "\x00" in value:
        raise Unfit("a string without NUL bytes")
    return value


def path(value: Any) -> str:
    """A string or a path."""
    if hasattr(value, "__fspath__"):
        value = value.__fspath__()
    return text(value)


def port(value: Any) -> int | str | None:
    """A port number, as an integer or as digits; a list such as ``"5432,5433"`` goes with a list of hosts."""
    if value is None or value == "":
        return None
    if isinstance(value, str) and "," in value and all(_is_port(part) for part in value.split(",") if part):
        return value
    if isinstance(value, bool) or not _is_port(str(value)):
        raise Unfit("a port between 1 and 65535")
    return int(value)


def _is_port(digits: str) -> bool:
    return digits.isascii() and digits.isdigit() and 0 < int(digits) < 65536


def whole(minimum: int) -> Check:
    """An integer of at least *minimum*."""

    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
            raise Unfit(f"an integer of at least {minimum}")
        return value

    return check


def _is_finite(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value - value == 0


def seconds(value: Any) -> float:
    """A finite number of seconds, zero included."""
    if not _is_finite(value) or value < 0:
        raise Unfit("a number of seconds, zero or more")
    return float(value)


def positive_seconds(value: Any) -> float:
    """A finite number of seconds above zero."""
    if not _is_finite(value) or value <= 0:
        raise Unfit("a number of seconds above zero")
    return float(value)


def milliseconds(value: Any) -> float:
    """A finite number of milliseconds, zero included."""
    if not _is_finite(value) or value < 0:
        raise Unfit("a number of milliseconds, zero or more")
    return float(value)


def optional(check: Check) -> Check:
    """``None`` (off), or what *check* takes."""

    def with_none(value: Any) -> Any:
        if value is None:
            return None
        try:
            return check(value)
        except Unfit as error:
            raise Unfit(f"None or {error}") from None

    return with_none


def one_of(*choices: str) -> Check:
    """One of the given words."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in choices:
            raise Unfit(f"one of {', '.join(map(repr, choices))}")
        return value

    return check


def options(value: Any) -> Mapping[str, Any]:
    """A mapping whose keys are the driver's own option names."""
    if value is None:
        return {}
    if not hasattr(value, "keys") or not all(isinstance(key, str) for key in value.keys()):  # noqa: SIM118 - any mapping
        raise Unfit("a dict of the driver's option names to values")
    return dict(value)


def sequence(value: Any) -> list[Any]:
    """A list or tuple; a lone string is a mistake."""
    if not isinstance(value, (list, tuple)):
        raise Unfit("a list")
    return [*cast("Iterable[Any]", value)]  # whatever the user lists


def names(value: Any) -> list[str]:
    """A list of dotted names."""
    kept = sequence(value)
    if not all(isinstance(name, str) and name for name in kept):
        raise Unfit("a list of dotted names")
    return kept


def time_zone(value: Any) -> str:
    """A name of the IANA time zone database; ``UTC`` needs no lookup."""
    if not isinstance(value, str) or not value:
        raise Unfit("the name of a time zone, for example 'Europe/Berlin'")
    if value != "UTC":
        zoneinfo = load("zoneinfo")
        try:
            zoneinfo.ZoneInfo(value)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            hint = "" if zoneinfo.available_timezones() else " (this system has no zones: pip install tzdata)"
            raise Unfit(f"the name of a time zone, for example 'Europe/Berlin'{hint}") from None
    return value
