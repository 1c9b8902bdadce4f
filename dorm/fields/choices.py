"""Choices in all the forms in which they may be given."""

from __future__ import annotations

from typing import Any


def read_choices(choices: Any) -> list[tuple[Any, Any]] | None:
    """Choices as (value, label) pairs: from pairs, groups of pairs, a mapping, a callable or an enumeration."""
    if choices is None:
        return None
    if hasattr(choices, "choices"):
        choices = choices.choices
    if callable(choices):
        choices = choices()
    entries = choices.items() if hasattr(choices, "items") else choices
    pairs: list[tuple[Any, Any]] = []
    for entry in entries:
        if isinstance(entry, str) or not hasattr(entry, "__len__") or len(entry) != 2:
            raise TypeError(f"A choice is a pair (value, label), not {entry!r}.")
        value, label = entry
        grouped = isinstance(label, (list, tuple, dict))
        pairs += read_choices(label) or [] if grouped else [(value, label)]
    return pairs
