"""dorm, as its documentation shows it."""

from __future__ import annotations

from typing import Any

import dorm
from benchmarks.contestants.stitching import changed
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


def found_by(values: dict[str, Any]) -> dorm.QuerySet[Item]:
    """The items that meet six conditions, one over a join."""
    return Item.objects.filter(
        quantity__gte=values["least"],
        quantity__lt=values["most"],
        name__startswith=values["beginning"],
        active=values["active"],
        owner__name=values["owner"],
        price__gt=values["price"],
    ).order_by("-quantity")[:20]


def build(values: dict[str, Any]) -> tuple[Any, tuple[Any, ...]]:
    """The SQL and the parameters of a query, found as its execution would find them."""
    query = found_by(values)._query  # pyright: ignore[reportPrivateUsage] - nothing public stops before the database
    plan = select_plan(query, blocking().dialect)
    return plan.statement, plan.bind(query.values())


def with_children(last: int) -> dorm.QuerySet[Owner]:
    """All owners, with their items up to a key."""
    chosen = dorm.Prefetch("item_set", Item.objects.filter(pk__lte=last), to_attr="chosen")
    return Owner.objects.order_by("pk").prefetch_related(chosen)


def with_tags() -> dorm.QuerySet[Owner]:
    """All owners, with their tags."""
    return Owner.objects.order_by("pk").prefetch_related(
        dorm.Prefetch("tags", Tag.objects.order_by("pk"), to_attr="labels")
    )


def groups() -> dorm.QuerySet[Any]:
    """How many items an owner has, and the sum of their quantities."""
    numbers = Item.objects.values("owner_id").annotate(count=dorm.Count("pk"), sum=dorm.Sum("quantity"))
    return numbers.order_by("owner_id").values_list("owner_id", "count", "sum")


class Blocking:
    """The methods without ``a``."""

    def __init__(self, location: str) -> None:
        configure(location)

    def open(self) -> None:
        self._scores = list(Score.objects.order_by("pk"))

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

    def dicts(self, least: float) -> list[dict[str, Any]]:
        return list(Item.objects.filter(weight__gte=least).values())

    def tuples(self, least: float) -> list[tuple[Any, ...]]:
        return list(Item.objects.filter(weight__gte=least).values_list())

    def joined(self, last: int) -> list[Item]:
        return list(Item.objects.filter(pk__lte=last).select_related("owner"))

    def children(self, last: int) -> list[Owner]:
        return list(with_children(last))

    def tagged(self, _: int) -> list[Owner]:
        return list(with_tags())

    def grouped(self, _: int) -> list[tuple[Any, ...]]:
        return list(groups())

    def update(self, scores: list[tuple[int, int, str]]) -> int:
        return Score.objects.bulk_update(changed(self._scores, scores), ["points", "remark"])

    def stream(self, _: int) -> tuple[int, int]:
        count = total = 0
        for line in Line.objects.iterator():
            count += 1
            total += line.pk
        return count, total

    def find(self, values: dict[str, Any]) -> list[Item]:
        return list(found_by(values))

    def build(self, values: dict[str, Any]) -> tuple[Any, tuple[Any, ...]]:
        return build(values)


class Suspending:
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

    async def children(self, last: int) -> list[Owner]:
        return await with_children(last)

    async def tagged(self, _: int) -> list[Owner]:
        return await with_tags()

    async def grouped(self, _: int) -> list[tuple[Any, ...]]:
        return await groups()

    async def update(self, scores: list[tuple[int, int, str]]) -> int:
        return await Score.objects.abulk_update(changed(self._scores, scores), ["points", "remark"])

    async def stream(self, _: int) -> tuple[int, int]:
        count = total = 0
        async for line in Line.objects.aiterator():
            count += 1
            total += line.pk
        return count, total

    async def find(self, values: dict[str, Any]) -> list[Item]:
        return await found_by(values)


ADAPTERS = {"sync": Blocking, "async": Suspending}
