"""A ticket shop: what is played where, who bought which seats, and what was given back."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal

import dorm

CITIES = ["Berlin", "Graz", "Lyon", "Oslo", "Porto", "Rome", "Turin", "Wien"]
KINDS = ["concert", "opera", "play", "sport", "talk"]
SINCE = dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC)


class Shop(dorm.Model):
    """What the models have in common."""

    class Meta:
        abstract = True
        app_label = "shop"


class Venue(Shop):
    name = dorm.CharField(max_length=30)
    city = dorm.CharField(max_length=20)
    capacity = dorm.IntegerField()


class Event(Shop):
    venue = dorm.ForeignKey(Venue, on_delete=dorm.CASCADE, related_name="events")
    title = dorm.CharField(max_length=40)
    kind = dorm.CharField(max_length=10)
    starts = dorm.DateTimeField()
    cancelled = dorm.BooleanField(default=False)


class Category(Shop):
    event = dorm.ForeignKey(Event, on_delete=dorm.CASCADE, related_name="categories")
    name = dorm.CharField(max_length=10)
    price = dorm.DecimalField(max_digits=8, decimal_places=2)
    seats = dorm.IntegerField()


class Customer(Shop):
    name = dorm.CharField(max_length=30)
    city = dorm.CharField(max_length=20)
    joined = dorm.DateField()
    brought_by = dorm.ForeignKey("self", on_delete=dorm.SET_NULL, null=True, related_name="brought")


class Voucher(Shop):
    code = dorm.CharField(max_length=10, unique=True)
    percent = dorm.IntegerField()
    holder = dorm.ForeignKey(Customer, on_delete=dorm.CASCADE, null=True, related_name="vouchers")


class Order(Shop):
    customer = dorm.ForeignKey(Customer, on_delete=dorm.CASCADE, related_name="orders")
    placed = dorm.DateTimeField()
    status = dorm.CharField(max_length=10)
    voucher = dorm.OneToOneField(Voucher, on_delete=dorm.SET_NULL, null=True, related_name="used")


class Ticket(Shop):
    order = dorm.ForeignKey(Order, on_delete=dorm.CASCADE, related_name="tickets")
    category = dorm.ForeignKey(Category, on_delete=dorm.PROTECT, related_name="tickets")
    seat = dorm.IntegerField(null=True)
    price = dorm.DecimalField(max_digits=8, decimal_places=2)


class Refund(Shop):
    ticket = dorm.OneToOneField(Ticket, on_delete=dorm.CASCADE, related_name="refund")
    amount = dorm.DecimalField(max_digits=8, decimal_places=2)
    reason = dorm.CharField(max_length=20, null=True)


ALL = (Venue, Event, Category, Customer, Voucher, Order, Ticket, Refund)


def fill() -> None:
    """Store some thirty thousand rows, the same every time."""
    chance = random.Random(12)
    Venue.objects.bulk_create(
        Venue(id=key, name=f"Hall {key:02d}", city=CITIES[key % 8], capacity=chance.randrange(2, 60) * 50)
        for key in range(1, 25)
    )
    Event.objects.bulk_create(events(chance))
    categories = list_categories(chance)
    Category.objects.bulk_create(categories)
    Customer.objects.bulk_create(customers(chance))
    Voucher.objects.bulk_create(
        Voucher(
            id=key,
            code=f"V{key:04d}",
            percent=5 * chance.randrange(1, 7),
            holder_id=None if key % 7 == 0 else chance.randrange(1, 2001),
        )
        for key in range(1, 601)
    )
    Order.objects.bulk_create(orders(chance))
    tickets = list_tickets(chance, categories)
    Ticket.objects.bulk_create(tickets)
    Refund.objects.bulk_create(refunds(chance, tickets))


def events(chance: random.Random) -> list[Event]:
    return [
        Event(
            id=key,
            venue_id=chance.randrange(1, 23),  # in some venues nothing is played
            title=f"{chance.choice(['The', 'A', 'No'])} {chance.choice(['Song', 'Night', 'Game', 'Tale'])} {key % 90}",
            kind=KINDS[chance.randrange(5)],
            starts=SINCE + dt.timedelta(hours=chance.randrange(20, 366 * 24)),
            cancelled=chance.random() < 0.06,
        )
        for key in range(1, 301)
    ]


def list_categories(chance: random.Random) -> list[Category]:
    found: list[Category] = []
    for event in range(1, 296):  # some events have no seats yet
        for number in range(chance.randrange(1, 4)):
            price = Decimal(chance.randrange(10, 80)) / 2 * (number + 1)
            name = ["back", "middle", "front"][number]
            found.append(
                Category(id=len(found) + 1, event_id=event, name=name, price=price, seats=chance.randrange(20, 90))
            )
    return found


def customers(chance: random.Random) -> list[Customer]:
    return [
        Customer(
            id=key,
            name=f"Customer {key:04d}",
            city=chance.choice(CITIES),
            joined=dt.date(2020, 1, 1) + dt.timedelta(days=chance.randrange(1400)),
            brought_by_id=None if key < 20 or chance.random() < 0.6 else chance.randrange(1, key),
        )
        for key in range(1, 2501)
    ]


def orders(chance: random.Random) -> list[Order]:
    vouchers = iter(chance.sample(range(1, 601), 400))
    return [
        Order(
            id=key,
            customer_id=min(chance.randrange(1, 2301), chance.randrange(1, 2301)),
            placed=SINCE + dt.timedelta(minutes=chance.randrange(360 * 24 * 60)),
            status=chance.choice(["paid", "paid", "paid", "open", "void"]),
            voucher_id=next(vouchers, None) if key % 20 == 0 else None,
        )
        for key in range(1, 8001)
    ]


def list_tickets(chance: random.Random, categories: list[Category]) -> list[Ticket]:
    found = []
    for key in range(1, 18001):
        category = categories[min(chance.randrange(len(categories) - 25), chance.randrange(len(categories) - 25))]
        seat = None if key % 11 == 0 else chance.randrange(1, 90)
        price = (category.price * chance.choice([100, 100, 90, 75]) / 100).quantize(Decimal("0.01"))
        order = chance.randrange(1, 7901)  # some orders are empty
        found.append(Ticket(id=key, order_id=order, category_id=category.id, seat=seat, price=price))
    return found


def refunds(chance: random.Random, tickets: list[Ticket]) -> list[Refund]:
    reasons = ["ill", "cancelled", "duplicate", None]
    return [
        Refund(
            id=number,
            ticket_id=ticket.id,
            amount=(ticket.price / chance.choice([1, 1, 2])).quantize(Decimal("0.01")),
            reason=reasons[number % 4],
        )
        for number, ticket in enumerate(chance.sample(tickets, 1200), 1)
    ]
