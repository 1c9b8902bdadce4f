"""dorm, as its documentation shows it."""

from __future__ import annotations

from typing import Any

import dorm
from benchmarks.contestants import querysets
from benchmarks.contestants.querysets import changed
from dorm.db.connection import blocking, close_all, close_all_async
from dorm.query.reads import select_plan

VERSION = f"dorm {dorm.__version__}"


class Tag(dorm.Model):
    """What an owner is tagged with."""

    name = dorm.CharField(max_length=50)

    class Meta:
        app_label = "bench"


class Owner(dorm.Model):
    """Somebody who has items."""

    name = dorm.CharField(max_length=50)
    email = dorm.CharField(max_length=100)
    active = dorm.BooleanField()
    tags = dorm.ManyToManyField(Tag)

    class Meta:
        app_label = "bench"


class Record(dorm.Model):
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
        abstract = True


class Item(Record):
    """One of ten thousand."""


class Line(Record):
    """One of many."""


class Score(dorm.Model):
    """A small row."""

    points = dorm.IntegerField()
    remark = dorm.CharField(max_length=100)

    class Meta:
        app_label = "bench"


def configure(location: str) -> None:
    """Use the database there."""
    if location.startswith("postgresql:"):
        database = dorm.database_url(location)
    else:
        database = {"ENGINE": "sqlite", "NAME": location, "OPTIONS": {"journal_mode": "WAL", "synchronous": "NORMAL"}}
    dorm.configure(DATABASES={"default": database})


class Models:
    """What the query sets are made of."""

    Item, Line, Owner, Score, Tag = Item, Line, Owner, Score, Tag
    names = dorm


class Blocking(Models, querysets.Blocking):
    """The methods without ``a``."""

    def __init__(self, location: str) -> None:
        configure(location)

    def close(self) -> None:
        close_all()

    def build(self, values: dict[str, Any]) -> tuple[Any, tuple[Any, ...]]:
        query = self.found_by(values).described
        plan = select_plan(query, blocking().dialect)
        return plan.statement, plan.bind(query.values())


class Suspending(Models, querysets.QuerySets):
    """The methods with ``a``."""

    def __init__(self, location: str) -> None:
        configure(location)

    async def open(self) -> None:
        self._scores = await Score.objects.order_by("pk")

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

    async def dicts(self, least: float) -> list[dict[str, Any]]:
        return await Item.objects.filter(weight__gte=least).values()

    async def tuples(self, least: float) -> list[tuple[Any, ...]]:
        return await Item.objects.filter(weight__gte=least).values_list()

    async def joined(self, last: int) -> list[Item]:
        return await Item.objects.filter(pk__lte=last).select_related("owner")

    async def children(self, last: int) -> Any:
        return await self.with_children(last)

    async def tagged(self, _: int) -> Any:
        return await self.with_tags()

    async def grouped(self, _: int) -> Any:
        return await self.groups()

    async def update(self, scores: list[tuple[int, int, str]]) -> int:
        return await Score.objects.abulk_update(changed(self._scores, scores), ["points", "remark"])

    async def stream(self, _: int) -> tuple[int, int]:
        count = total = 0
        async for line in Line.objects.aiterator():
            count += 1
            total += line.pk
        return count, total

    async def find(self, values: dict[str, Any]) -> Any:
        return await self.found_by(values)


ADAPTERS = {"sync": Blocking, "async": Suspending}
