"""How many Python functions of ours a hot action calls: what makes it slow, counted instead of timed.

The numbers are bounds, a little above what is needed today.  Whoever goes above one has put something on the path that
every query takes: find it with ``python -m cProfile``, or raise the bound and say why in the commit.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

import dorm
from tests.library import Author

if TYPE_CHECKING:
    from collections.abc import Callable

PACKAGE = os.path.dirname(dorm.__file__)
ACTIONS: dict[str, tuple[dict[str, int], Callable[[Any], Any]]] = {
    "get by key": (
        {"sqlite": 16, "postgresql": 24},
        lambda author: Author.objects.get(pk=author.pk),
    ),
    "filter, order, limit": (
        {"sqlite": 44, "postgresql": 53},
        lambda author: list(Author.objects.filter(age__gte=3).order_by("age")[:20]),
    ),
    "create": (
        {"sqlite": 48, "postgresql": 57},
        lambda author: Author.objects.create(name="Bea", age=3),
    ),
    "save": (
        {"sqlite": 58, "postgresql": 61},
        lambda author: author.save(),
    ),
}
"""The action, and the bound on each database."""


def calls_of(action: Callable[[], Any]) -> list[str]:
    """Our functions that *action* calls (a coroutine that is resumed counts again)."""
    found: list[str] = []

    def note(frame: Any, event: str, _: object) -> None:
        name = frame.f_code.co_filename
        if event == "call" and name.startswith((PACKAGE, "<dorm ")):
            found.append(f"{name.removeprefix(PACKAGE)}:{frame.f_code.co_qualname}")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        action()
    finally:
        sys.setprofile(before)
    return found


@pytest.mark.parametrize("name", ACTIONS)
def test_a_hot_action_calls_few_functions(name, library):
    author = Author.objects.create(name="Ann", age=5)
    limits, action = ACTIONS[name]
    action(author)  # compiled and connected from here on
    found = calls_of(lambda: action(author))
    assert limits[library.vendor] >= len(found), "\n".join(found)


def test_the_number_of_calls_does_not_grow_with_the_rows(library):
    Author.objects.bulk_create([Author(name=f"Author {number}", age=number) for number in range(1000)])
    list(Author.objects.filter(age__lt=0))
    few = calls_of(lambda: list(Author.objects.filter(age__lt=1)))
    many = calls_of(lambda: list(Author.objects.filter(age__lt=1000)))
    # Decimals and moments of SQLite are read by functions of their own; these columns are NULL here.
    assert few == many
