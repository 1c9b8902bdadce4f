"""The rows that everybody works with: the same ones in each run, without a library."""

from __future__ import annotations

import datetime
import decimal
from typing import Any

OWNERS = 500
ITEMS = 10_000
"""Rows in the tables before a task begins."""

ITEM_COLUMNS = ("id", "name", "active", "quantity", "weight", "price", "created", "note", "owner_id")
OWNER_COLUMNS = ("id", "name", "email", "active")

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
