"""The plain object that the raw contestants make of a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime
    import decimal

COLUMNS = "id, name, active, quantity, weight, price, created, note, owner_id"


class Item:
    """One row."""

    id: int
    owner: Owner

    def __init__(
        self,
        name: str,
        active: bool,
        quantity: int,
        weight: float,
        price: decimal.Decimal,
        created: datetime.datetime,
        note: str | None,
        owner_id: int,
    ) -> None:
        self.name = name
        self.active = active
        self.quantity = quantity
        self.weight = weight
        self.price = price
        self.created = created
        self.note = note
        self.owner_id = owner_id


class Owner:
    """Somebody who has items."""

    id: int
    name: str
    email: str
    active: bool
    chosen: list[Item]
    labels: list[Tag]


class Score:
    """A small row that changes."""

    id: int
    points: int
    remark: str


class Tag:
    """What an owner is tagged with."""

    id: int
    name: str


new = object.__new__
"""Makes an instance without calling ``__init__``: its attributes are then set from a row, one by one."""
