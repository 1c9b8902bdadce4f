"""dorm, as its documentation shows it."""

from __future__ import annotations

from typing import Any

import dorm
from dorm.db.connection import blocking, close_all, close_all_async
from dorm.query.reads import select_plan

VERSION = f"dorm {dorm.__version__}"


class Owner(dorm.Model):
    """Somebody who has items."""

    name = dorm.CharField(max_length=50)
    email = dorm.CharField(max_length=100)
    active = dorm.BooleanField()

    class Meta:
        app_label = "bench"


class Item(dorm.Model):
    """One row."""

    name = dorm.CharField(max_length=100)
    active = dorm.BooleanField()
    quantity = dorm.IntegerField(db_index=True)
    weight = dorm.FloatField()
    price = dorm.DecimalField(max_digits=8, decimal_places=2)
    created = dorm.DateTimeField()
    note = dorm.TextField(null=True)
    owner = dorm.ForeignKey(Owner, on_delete=dorm.CASCADE)

    class Meta:
        app_label = "bench"


def configure(location: str) -> None:
    """Use the database there."""
    if location.startswith("postgresql:"):
        database = dorm.database_url(location)
    else:
        database = {"ENGINE": "sqlite", "NAME": location, "OPTIONS": {"journal_mode": "WAL", "synchronous": "NORMAL"}}
    dorm.configure(DATABASES={"default": database})


def build(values: dict[str, Any]) -> tuple[Any, tuple[Any, ...]]:
    """The SQL and the parameters of a query, found as its execution would find them."""
    queryset = Item.objects.filter(
        quantity__gte=values["least"],
        quantity__lt=values["most"],
        name__startswith=values["beginning"],
        active=values["active"],
        owner__name=values["owner"],
        price__gt=values["price"],
    ).order_by("-quantity")[:20]
    query = queryset._query  # pyright: ignore[reportPrivateUsage] - nothing public stops before the database
    plan = select_plan(query, blocking().dialect)
    return plan.statement, plan.bind(query.values())


class Blocking:
    """The methods without ``a``."""

    def __init__(self, location: str) -> None:
        configure(location)

    def open(self) -> None:
        Item.objects.first()

    def close(self) -> None:
        close_all()

    def insert(self, record: dict[str, Any]) -> Item:
        return Item.objects.create(**record)

    def scan(self, least: float) -> list[Item]:
        return list(Item.objects.filter(weight__gte=least))

    def page(self, least: int) -> list[Item]:
        return list(Item.objects.filter(quantity__gte=least).order_by("quantity")[:20])

    def get(self, key: int) -> Item:
        return Item.objects.get(pk=key)

    def build(self, values: dict[str, Any]) -> tuple[Any, tuple[Any, ...]]:
        return build(values)


class Suspending:
    """The methods with ``a``."""

    def __init__(self, location: str) -> None:
        configure(location)

    async def open(self) -> None:
        await Item.objects.afirst()

    async def close(self) -> None:
        await close_all_async()

    async def insert(self, record: dict[str, Any]) -> Item:
        return await Item.objects.acreate(**record)

    async def scan(self, least: float) -> list[Item]:
        return await Item.objects.filter(weight__gte=least)

    async def page(self, least: int) -> list[Item]:
        return await Item.objects.filter(quantity__gte=least).order_by("quantity")[:20]

    async def get(self, key: int) -> Item:
        return await Item.objects.aget(pk=key)


ADAPTERS = {"sync": Blocking, "async": Suspending}
