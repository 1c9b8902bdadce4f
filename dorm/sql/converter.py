"""What makes values of the database of Python values, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.sql.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable


class Converter(Record):
    """How a stored value becomes a Python value.

    *template* is the expression in generated code: ``{0}`` is the value, ``{1}`` the function.
    """

    function: Callable[[Any], Any]
    template: str = ""


def composed(outer: Callable[[Any], Any], inner: Callable[[Any], Any] | None) -> Callable[[Any], Any]:
    """*outer* after *inner*."""
    return outer if inner is None else lambda value: outer(inner(value))
