"""What goes over the wire beside the generated schemas; columns are described by the models alone."""

from __future__ import annotations

import datetime  # noqa: TC003 - Pydantic reads annotations
from decimal import Decimal  # noqa: TC003 - as above
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from demo_app.models import Customer, Event, Order, OrderLine, PriceTier, Venue
from dorm.contrib.pydantic import DormSchema

Key = Annotated[int, Field(ge=1, lt=2**63)]


# -- What is on --------------------------------------------------------------------------------


class Place(DormSchema):
    """Where an event is."""

    class Meta:
        model = Venue
        fields = ("id", "name", "city", "country", "country_code", "time_zone")


class Show(DormSchema):
    """An event with its place."""

    venue: Place

    class Meta:
        model = Event
        fields = ("id", "title", "subtitle", "category", "venue", "starts_at")


class Tier(DormSchema):
    """A price, and how many tickets there are at it."""

    class Meta:
        model = PriceTier
        fields = ("id", "name", "price", "capacity", "available")


class Listing(Show):
    """An event as a visitor sees it, the best seats first."""

    tiers: list[Tier]


class Programme(BaseModel):
    """One page of what is on."""

    items: list[Listing]
    total: int


# -- Buying ------------------------------------------------------------------------------------


class Buyer(DormSchema):
    """Who buys; the address tells whether we know them."""

    class Meta:
        model = Customer
        fields = ("name", "email")


class Wanted(BaseModel):
    """So many tickets of one tier."""

    tier: Key
    quantity: int = Field(ge=1, le=20)


class Purchase(BaseModel):
    """Tickets for one event: all of them, or none."""

    event: Key
    lines: list[Wanted] = Field(min_length=1, max_length=10)
    customer: Buyer
    method: Literal["card", "transfer", "voucher"] = "card"


class Bought(DormSchema):
    """One line of a receipt."""

    tier: Tier

    class Meta:
        model = OrderLine
        fields = ("tier", "quantity", "unit_price")


class Receipt(DormSchema):
    """An order with its lines; who placed it stays between them and us."""

    event: Show
    lines: list[Bought]

    class Meta:
        model = Order
        fields = ("reference", "event", "status", "tickets", "total", "placed_at")


# -- Reports -----------------------------------------------------------------------------------


class Sales(BaseModel):
    """What was sold of one thing, or on one day."""

    label: str
    orders: int
    tickets: int
    revenue: Decimal


class Sold(BaseModel):
    """One order, without the name of who bought."""

    title: str
    city: str
    tickets: int
    total: Decimal
    placed_at: datetime.datetime


class Pulse(BaseModel):
    """How the shop is doing right now."""

    events: int
    venues: int
    cities: int
    today: Sales
    latest: list[Sold]
    database: dict[str, Any]
