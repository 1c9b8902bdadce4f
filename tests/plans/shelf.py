"""A table of odd rows, and what queries about it mean in plain Python.

A comparison with nothing is false, and denying it is true: the two-valued logic that ``exclude()`` promises.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import dorm


class Box(dorm.Model):
    label = dorm.CharField(max_length=10, null=True)
    rank = dorm.IntegerField()

    class Meta:
        app_label = "plans"


class Item(dorm.Model):
    number = dorm.IntegerField(null=True)
    other = dorm.IntegerField(null=True)
    text = dorm.CharField(max_length=10, null=True)
    flag = dorm.BooleanField(default=False)
    amount = dorm.DecimalField(max_digits=6, decimal_places=2, null=True)
    day = dorm.DateField(null=True)
    box = dorm.ForeignKey(Box, on_delete=dorm.CASCADE, null=True)

    class Meta:
        app_label = "plans"


ALL = (Box, Item)

NUMBERS = (None, -1, 0, 1, 1, 2, 3)
TEXTS = (None, "", "a", "A", "ab", "a%", "_b", "É", "é[", "\\", "'\"", "*")
AMOUNTS = (None, Decimal("0.00"), Decimal("1.00"), Decimal("1.10"), Decimal("-2.50"))
DAYS = (None, datetime.date(2023, 12, 31), datetime.date(2024, 1, 1), datetime.date(2024, 2, 29))
BOXES = ((1, "a", 1), (2, None, 2), (3, "É", 1))
KEYS = (None, 1, 2, 3, 3)

ROWS: list[dict[str, Any]] = [
    {
        "id": index + 1,
        "number": NUMBERS[index % len(NUMBERS)],
        "other": NUMBERS[index * 3 % len(NUMBERS)],
        "text": TEXTS[index % len(TEXTS)],
        "flag": index % 3 == 0,
        "amount": AMOUNTS[index * 2 % len(AMOUNTS)],
        "day": DAYS[index % len(DAYS)],
        "box_id": KEYS[index % len(KEYS)],
    }
    for index in range(36)
]


def fill() -> None:
    """Store the rows."""
    Box.objects.bulk_create([Box(id=key, label=label, rank=rank) for key, label, rank in BOXES])
    Item.objects.bulk_create([Item(**row) for row in ROWS])


def value_of(row: dict[str, Any], path: str) -> Any:
    """What a path names in a row; nothing beyond a box that is not there."""
    first, _, rest = path.partition("__")
    if first == "box":
        found = next((box for box in BOXES if box[0] == row["box_id"]), (None, None, None))
        return found[("id", "label", "rank").index(rest or "id")]
    return row["id" if first == "pk" else first]


COMPARISONS = {
    "exact": lambda left, right: left == right,
    "gt": lambda left, right: left > right,
    "gte": lambda left, right: left >= right,
    "lt": lambda left, right: left < right,
    "lte": lambda left, right: left <= right,
    "in": lambda left, right: left in right,
    "range": lambda left, right: right[0] <= left <= right[1],
    "contains": lambda left, right: right in left,
    "icontains": lambda left, right: right.upper() in left.upper(),
    "startswith": lambda left, right: left.startswith(right),
    "istartswith": lambda left, right: left.upper().startswith(right.upper()),
    "endswith": lambda left, right: left.endswith(right),
    "iexact": lambda left, right: left.upper() == right.upper(),
    "year": lambda left, right: left.year == right,
    "month__gte": lambda left, right: left.month >= right,
}


def holds(row: dict[str, Any], path: str, lookup: str, value: Any) -> bool:
    """Whether one comparison holds.  A value ``F("name")`` is another column of the row."""
    left = value_of(row, path)
    if lookup == "isnull":
        return (left is None) is value
    if isinstance(value, dorm.F):
        value = value_of(row, value.name)
        return left is not None and value is not None and COMPARISONS[lookup](left, value)
    if value is None:
        return left is None
    return left is not None and COMPARISONS[lookup](left, value)


def sort(rows: list[dict[str, Any]], terms: list[str], vendor: str) -> list[dict[str, Any]]:
    """The rows in order.  Nothing is the largest value for PostgreSQL, and the smallest for SQLite."""
    for term in reversed(terms):
        name = term.removeprefix("-")

        def key(row: dict[str, Any], name: str = name) -> tuple[bool, Any]:
            value = value_of(row, name)
            return ((value is None) is (vendor == "postgresql"), 0 if value is None else value)

        rows = sorted(rows, key=key, reverse=term.startswith("-"))
    return rows
