"""What the shop knows: venues and their events, what a ticket costs, who bought which."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import Final

import dorm
from dorm.validators import MaxValueValidator, MinValueValidator

CATEGORIES: Final = [
    ("concert", "Concert"),
    ("classical", "Classical"),
    ("opera", "Opera"),
    ("theatre", "Theatre"),
    ("dance", "Dance"),
    ("comedy", "Comedy"),
    ("family", "Family"),
]
METHODS: Final = [("card", "Card"), ("transfer", "Bank transfer"), ("voucher", "Voucher")]

PAID: Final = "paid"
CANCELLED: Final = "cancelled"
STATUSES: Final = [(PAID, "Paid"), (CANCELLED, "Cancelled")]

not_negative = MinValueValidator(Decimal(0))


def now() -> datetime.datetime:
    """This moment, in UTC."""
    return datetime.datetime.now(datetime.UTC)


class Timestamped(dorm.Model):
    """Rows that know when they were made and last changed."""

    created_at = dorm.DateTimeField(auto_now_add=True)
    updated_at = dorm.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


class Venue(Timestamped):
    """A house, in a city that exists."""

    name = dorm.CharField(max_length=100)
    city = dorm.CharField(max_length=100, db_index=True)
    country = dorm.CharField(max_length=100)
    country_code = dorm.CharField(max_length=2, help_text="ISO 3166-1, two letters.")
    latitude = dorm.FloatField(validators=[MinValueValidator(-90), MaxValueValidator(90)])
    longitude = dorm.FloatField(validators=[MinValueValidator(-180), MaxValueValidator(180)])
    time_zone = dorm.CharField(max_length=50, default="UTC")
    capacity = dorm.PositiveIntegerField()

    class Meta(Timestamped.Meta):
        ordering = ("city", "name")
        unique_together = ("city", "name")

    def __str__(self) -> str:
        return f"{self.name}, {self.city}"


class Event(Timestamped):
    """Something to see.  While there are orders for it, it cannot be deleted, and neither can its venue."""

    title = dorm.CharField(max_length=200)
    subtitle = dorm.CharField(max_length=200, blank=True, help_text="Whose work it is, who performs, which tour.")
    category = dorm.CharField(max_length=20, choices=CATEGORIES)
    venue = dorm.ForeignKey(Venue, on_delete=dorm.PROTECT, related_name="events")
    starts_at = dorm.DateTimeField(db_index=True)

    tiers: dorm.Manager[PriceTier]

    class Meta(Timestamped.Meta):
        ordering = ("starts_at", "title")

    def __str__(self) -> str:
        return self.title


class PriceTier(Timestamped):
    """What a ticket costs, and how many are left.

    ``available`` only changes together with an order.  Its column refuses to fall below zero, so that no mistake in
    our code can sell what is not there.
    """

    event = dorm.ForeignKey(Event, on_delete=dorm.CASCADE, related_name="tiers")
    name = dorm.CharField(max_length=50)
    price = dorm.DecimalField(max_digits=8, decimal_places=2, validators=[not_negative])
    capacity = dorm.PositiveIntegerField()
    available = dorm.PositiveIntegerField()

    event_id: int

    class Meta(Timestamped.Meta):
        ordering = ("event", "-price")
        unique_together = ("event", "name")

    def __str__(self) -> str:
        return f"{self.name} at {self.price}"

    def clean(self) -> None:
        """No more tickets are left than there ever were."""
        if self.available > self.capacity:
            raise dorm.ValidationError({"available": f"There are only {self.capacity} of them."})


class Customer(Timestamped):
    """Somebody who buys, known by an address."""

    name = dorm.CharField(max_length=100)
    email = dorm.EmailField(unique=True)

    class Meta(Timestamped.Meta):
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Order(Timestamped):
    """Tickets for one event, bought together.  It outlives the customer who asks to be forgotten."""

    reference = dorm.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer = dorm.ForeignKey(Customer, on_delete=dorm.SET_NULL, null=True, related_name="orders")
    event = dorm.ForeignKey(Event, on_delete=dorm.PROTECT, related_name="orders")
    status = dorm.CharField(max_length=10, choices=STATUSES, default=PAID)
    tickets = dorm.PositiveIntegerField()
    total = dorm.DecimalField(max_digits=10, decimal_places=2, validators=[not_negative])
    placed_at = dorm.DateTimeField(default=now, db_index=True)

    event_id: int
    lines: dorm.Manager[OrderLine]

    class Meta(Timestamped.Meta):
        ordering = ("-placed_at",)

    def __str__(self) -> str:
        return f"order {self.reference}"


class OrderLine(dorm.Model):
    """So many tickets of one tier, at the price of that day."""

    order = dorm.ForeignKey(Order, on_delete=dorm.CASCADE, related_name="lines")
    tier = dorm.ForeignKey(PriceTier, on_delete=dorm.PROTECT, related_name="lines")
    quantity = dorm.PositiveIntegerField(validators=[MinValueValidator(1)])
    unit_price = dorm.DecimalField(max_digits=8, decimal_places=2, validators=[not_negative])

    tier_id: int

    class Meta:
        unique_together = ("order", "tier")


class Payment(Timestamped):
    """The money for an order: there is one."""

    order = dorm.OneToOneField(Order, on_delete=dorm.CASCADE, related_name="payment")
    method = dorm.CharField(max_length=10, choices=METHODS, default="card")
    amount = dorm.DecimalField(max_digits=10, decimal_places=2, validators=[not_negative])


class Refund(Timestamped):
    """The money back.  That there can be one only decides between two people who cancel at the same moment."""

    payment = dorm.OneToOneField(Payment, on_delete=dorm.PROTECT, related_name="refund")
    amount = dorm.DecimalField(max_digits=10, decimal_places=2, validators=[not_negative])


class AuditEntry(dorm.Model):
    """One line of the shop's diary, written by a signal in the transaction that it tells of."""

    at = dorm.DateTimeField(default=now)
    action = dorm.CharField(max_length=20)
    subject = dorm.CharField(max_length=100, db_index=True)
    details = dorm.JSONField(default=dict)

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "audit entries"


MODELS: Final = (Venue, Event, PriceTier, Customer, Order, OrderLine, Payment, Refund, AuditEntry)
"""Everything that has a table."""
