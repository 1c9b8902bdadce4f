"""The second half of an error about a name: what was probably meant, and what is possible.

``difflib`` is imported when an error is made, for ``import dorm`` must not pay for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dorm.run import load

if TYPE_CHECKING:
    from collections.abc import Iterable


LONGEST = 100
"""Letters of a name for which something near is looked for: that takes time, and longer ones are no slips."""


def nearest(name: str, choices: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The choice that looks most like *name* (capitals aside), or ``None`` when none does (1 is equal)."""
    if len(name) > LONGEST:
        return None
    by_lower = {choice.lower(): choice for choice in choices}
    found: list[str] = load("difflib").get_close_matches(name.lower(), by_lower, 1, cutoff)
    return by_lower[found[0]] if found else None


def did_you_mean(name: str, choices: Iterable[str]) -> str:
    """``Did you mean 'age'? Choices: age, email.`` (without the question when nothing is near)."""
    known = sorted(choices)
    found = nearest(name, known)
    question = f"Did you mean {found!r}? " if found is not None else ""
    return f"{question}Choices: {', '.join(known)}."
