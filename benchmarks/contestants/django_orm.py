"""Django, as its documentation shows it: the asynchronous colour by its ``a`` methods.

Its library lives in an environment of its own, so no checker reads this file.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import django
from asgiref.sync import sync_to_async
from django.apps import AppConfig
from django.conf import settings

VERSION = f"Django {django.get_version()}"


def configured(location: str) -> dict[str, Any]:
    """The entry of DATABASES."""
    if not location.startswith("postgresql:"):
        options = {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"}
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": location, "OPTIONS": options}
    url = urlsplit(location)
    host = url.hostname or parse_qs(url.query).get("host", [""])[0]
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.path.lstrip("/"),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": host,
        "PORT": url.port or "",
        "OPTIONS": {"server_side_binding": True},
    }


class Bench(AppConfig):
    """What relations are looked up in."""

    name = "benchmarks.contestants"
    label = "bench"
    default_auto_field = "django.db.models.BigAutoField"


settings.configure(USE_TZ=True, TIME_ZONE="UTC", INSTALLED_APPS=[f"{__name__}.Bench"])
django.setup()

from django.db import connections, models  # noqa: E402 - Django wants its settings first

from benchmarks.contestants import querysets  # noqa: E402 - as above
from benchmarks.contestants.querysets import changed  # noqa: E402 - as above


class Tag(models.Model):
    name = models.CharField(max_length=50)

    class Meta:
        app_label = "bench"


class Owner(models.Model):
    name = models.CharField(max_length=50)
    email = models.CharField(max_length=100)
    active = models.BooleanField()
    tags = models.ManyToManyField(Tag)

    class Meta:
        app_label = "bench"


class Record(models.Model):
    name = models.CharField(max_length=100)
    active = models.BooleanField()
    quantity = models.IntegerField(db_index=True)
    weight = models.FloatField()
    price = models.DecimalField(max_digits=8, decimal_places=2)
    created = models.DateTimeField()
    note = models.TextField(null=True)  # noqa: DJ001 - as the raw table has it
    owner = models.ForeignKey(Owner, on_delete=models.CASCADE)

    class Meta:
        app_label = "bench"
        abstract = True


class Item(Record):
    pass


class Line(Record):
    pass


class Score(models.Model):
    points = models.IntegerField()
    remark = models.CharField(max_length=100)

    class Meta:
        app_label = "bench"


class Models:
    """What the query sets are made of."""

    Item, Line, Owner, Score, Tag = Item, Line, Owner, Score, Tag
    names = models


class Blocking(Models, querysets.Blocking):
    """The methods without ``a``."""

    def __init__(self, location: str) -> None:
        del connections["default"]  # made when the models were, and of no use
        connections.settings = connections.configure_settings({"default": configured(location)})

    def close(self) -> None:
        connections.close_all()

    def build(self, values: dict[str, Any]) -> tuple[Any, Any]:
        return self.found_by(values).query.sql_with_params()


class Suspending(Blocking):
    """The methods with ``a``."""

    async def open(self) -> None:
        self._scores = [score async for score in Score.objects.order_by("pk")]

    async def close(self) -> None:
        await sync_to_async(connections.close_all)()

    async def insert(self, record: dict[str, Any]) -> Item:
        return await Item.objects.acreate(**record)

    async def scan(self, least: float) -> list[Item]:
        return [item async for item in Item.objects.filter(weight__gte=least)]

    async def page(self, least: int) -> list[Item]:
        return [item async for item in Item.objects.filter(quantity__gte=least).order_by("quantity")[:20]]

    async def get(self, key: int) -> Item:
        return await Item.objects.aget(pk=key)

    async def dicts(self, least: float) -> list[dict[str, Any]]:
        return [row async for row in Item.objects.filter(weight__gte=least).values()]

    async def tuples(self, least: float) -> list[tuple[Any, ...]]:
        return [row async for row in Item.objects.filter(weight__gte=least).values_list()]

    async def joined(self, last: int) -> list[Item]:
        return [item async for item in Item.objects.filter(pk__lte=last).select_related("owner")]

    async def children(self, last: int) -> list[Owner]:
        return [owner async for owner in self.with_children(last)]

    async def tagged(self, _: int) -> list[Owner]:
        return [owner async for owner in self.with_tags()]

    async def grouped(self, _: int) -> list[tuple[Any, ...]]:
        return [row async for row in self.groups()]

    async def update(self, scores: list[tuple[int, int, str]]) -> int:
        return await Score.objects.abulk_update(changed(self._scores, scores), ["points", "remark"])

    async def stream(self, _: int) -> tuple[int, int]:
        count = total = 0
        async for line in Line.objects.aiterator():
            count += 1
            total += line.pk
        return count, total

    async def find(self, values: dict[str, Any]) -> list[Item]:
        return [item async for item in self.found_by(values)]


ADAPTERS = {"sync": Blocking, "async": Suspending}
