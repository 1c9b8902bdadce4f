"""The rows that everybody works with: the same ones in each run, without a library."""

from __future__ import annotations

import datetime
import decimal
from typing import Any

OWNERS = 500
ITEMS = 10_000
TAGS = 100
TAGS_EACH = 5
SCORES = 1_000
LINES = 50_000
"""Rows in the tables before a task begins; an owner has five tags.  A line is like an item."""

ITEM_COLUMNS = ("id", "name", "active", "quantity", "weight", "price", "created", "note", "owner_id")
OWNER_COLUMNS = ("id", "name", "email", "active")
TAG_COLUMNS = ("id", "name")
LINK_COLUMNS = ("owner_id", "tag_id")
SCORE_COLUMNS = ("id", "points", "remark")

_FIRST = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)


def owner(number: int) -> dict[str, Any]:
    """The owner with the key *number*."""
    return {
        "id": number,
        "name": f"Owner {number}",
        "email": f"owner{number}@example.org",
        "active": number % 3 != 0,
    }


def item(number: int) -> dict[str, Any]:
    """An item's values, without its key.  Most of its prices and moments are its own: nothing to remember."""
    scattered = number * 7_919 % 100_003
    return {
        "name": f"Item number {number}, of a kind that has a name of ordinary length",
        "active": number % 2 == 0,
        "quantity": number,
        "weight": scattered / 7,
        "price": decimal.Decimal(scattered).scaleb(-2),
        "created": _FIRST + datetime.timedelta(seconds=scattered * 61, microseconds=number),
        "note": None if number % 3 else f"A note about item {number}",
        "owner_id": number % OWNERS + 1,
    }


def key(turn: int) -> int:
    """The key of an item that is there, another one at each *turn*."""
    return turn * 7_919 % ITEMS + 1


def least(turn: int) -> int:
    """A quantity above which there are items enough for a page."""
    return turn * 7_919 % (ITEMS - 100)


def search(turn: int) -> dict[str, Any]:
    """The values of six conditions that no item meets."""
    return {
        "least": least(turn),
        "most": least(turn) + 50,
        "beginning": f"Nothing {turn % 100}",
        "active": turn % 2 == 0,
        "owner": f"Owner {turn % OWNERS}",
        "price": decimal.Decimal(turn % 1000).scaleb(-2),
    }


def half(turn: int) -> int:
    """The last item of the first half; every owner has ten items up to it."""
    return ITEMS // 2


def score(number: int, turn: int) -> tuple[int, int, str]:
    """Key, points and remark of a score as they are after *turn*."""
    return number, number * turn % 1_009, f"Remark {turn} about {number}"


def scores(turn: int) -> list[tuple[int, int, str]]:
    """New values for every score."""
    return [score(number, turn + 1) for number in range(1, SCORES + 1)]


def links() -> list[tuple[int, int]]:
    """The owners and the tags that they have."""
    return [(owner, (owner * 7 + each * 13) % TAGS + 1) for owner in range(1, OWNERS + 1) for each in range(TAGS_EACH)]
