"""Opening the shop: the first time, again, and with a database that is not there."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
from pathlib import Path

import pytest

import demo_app.seed
from demo_app import shop as routes
from demo_app.models import MODELS, Event, Order, PriceTier, Venue
from demo_app.seed import Season, prepare
from dorm.test.queries import CapturedQueries

OPENING = datetime.datetime(2031, 5, 1, 12, tzinfo=datetime.UTC)


def test_a_restart_keeps_the_data(new_shop, order):
    shop = new_shop()
    event = shop.open_event(Stalls=5)
    receipt = shop.post("/orders", order(event, Stalls=2)).json()
    totals = [shop.get(path, limit=1)["total"] for path in ("/venues", "/events", "/orders")]
    shop.stop()

    shop = new_shop()
    assert receipt | {"lines": shop.get(f"/orders/{receipt['reference']}")["lines"]} == receipt
    assert 3 == shop.get(f"/listings/{event['id']}")["tiers"][0]["available"]
    assert totals == [shop.get(path, limit=1)["total"] for path in ("/venues", "/events", "/orders")]
    assert 201 == shop.post("/orders", order(event, Stalls=3)).status_code


@pytest.mark.parametrize(
    ("url", "said"),
    [("mysql://localhost/shop", "postgresql://"), ("postgresql://127.0.0.1:port/shop", "port is no number")],
)
def test_a_database_that_cannot_be_is_told_in_one_line(url, said, tmp_path):
    command = [sys.executable, "-m", "demo_app", "--database", url]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run(command, check=False, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert 1 == done.returncode
    assert said in done.stderr
    assert 1 == len(done.stderr.splitlines())


@pytest.fixture
def small(monkeypatch):
    """A season that is quickly made."""
    for name, count in {"VENUES": 20, "EVENTS": 12, "CUSTOMERS": 10, "ORDERS": 40}.items():
        monkeypatch.setattr(demo_app.seed, name, count)


def test_two_shops_opened_on_one_day_are_alike(small):
    def programme() -> list[tuple[str, str, str]]:
        season = Season(OPENING)
        venues = [*season.venues()]
        return [(event.title, event.venue.city, str(event.starts_at)) for event in season.events(venues)]

    assert programme() == programme()


@pytest.fixture
def stock(tables):
    """The shop's tables, empty."""
    tables(*MODELS)


async def test_no_more_is_sold_than_there_is(stock, small):
    await Season(OPENING).fill()
    async for tier in PriceTier.objects.all():
        sold = await tier.lines.filter(order__status="paid").values_list("quantity", flat=True)
        assert tier.capacity - tier.available == sum(sold)
    assert await Order.objects.aexists()


async def test_only_an_empty_shop_is_filled(db, small):
    await prepare()
    venues = await Venue.objects.acount()
    await prepare()
    assert 20 == venues == await Venue.objects.acount()


async def test_a_page_of_the_programme_takes_three_statements(stock, small):
    await Season(datetime.datetime.now(datetime.UTC)).fill()
    async with CapturedQueries() as queries:
        page = await routes.programme(limit=10, offset=0)
    assert 10 == len(page["items"])
    assert 3 == len(queries)
    assert [event.pk for event in page["items"]] == [
        event.pk async for event in Event.objects.order_by("starts_at", "pk")[:10]
    ]
