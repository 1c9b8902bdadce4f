"""What was sold, for the people behind the counter."""

from __future__ import annotations

import csv
import datetime
import io
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Final, Literal

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

import dorm
from demo_app.models import PAID, Event, Order, Venue, now
from demo_app.schemas import Pulse, Sales, Sold
from dorm.db.connection import get_async_connection

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

router = APIRouter(tags=["Reports"])

By = Literal["day", "event", "category", "country"]

COLUMNS: Final[dict[By, str]] = {
    "day": "placed_at",
    "event": "event__title",
    "category": "event__category",
    "country": "event__venue__country",
}
"""Where the label of a line comes from."""

PORTION: Final = 16_384
"""Characters of an export that are sent at a time."""


@router.get("/reports/sales")
async def sales(by: By = "day", days: Annotated[int, Query(ge=1, le=366)] = 30) -> list[Sales]:
    """Paid orders of the last days: by day in order of time, by anything else the best first."""
    lines: dict[str, Sales] = {}
    first = now().date() - datetime.timedelta(days=days - 1)
    if by == "day":  # days without orders belong to the picture
        lines = {str(day): empty(str(day)) for day in (first + datetime.timedelta(days=n) for n in range(days))}
    orders = Order.objects.filter(status=PAID, placed_at__gte=midnight(first)).order_by("placed_at")
    async for label, tickets, total in orders.values_list(COLUMNS[by], "tickets", "total").aiterator():
        key = str(label.date() if by == "day" else label)
        add(lines.setdefault(key, empty(key)), tickets, total)
    return list(lines.values()) if by == "day" else sorted(lines.values(), key=lambda line: -line.revenue)


@router.get("/pulse")
async def pulse() -> Pulse:
    """What the page shows while it is open."""
    today = now().date()
    sold = empty(str(today))
    orders = Order.objects.filter(status=PAID, placed_at__gte=midnight(today))
    for tickets, total in await orders.values_list("tickets", "total"):
        add(sold, tickets, total)
    latest = await Order.objects.filter(status=PAID).order_by("-placed_at").select_related("event__venue")[:8]
    health = await dorm.ahealth_check()
    connection = get_async_connection()
    return Pulse(
        events=await Event.objects.filter(starts_at__gte=now()).acount(),
        venues=await Venue.objects.acount(),
        cities=await Venue.objects.values_list("city", "country_code").distinct().order_by().acount(),
        today=sold,
        latest=[
            Sold(
                title=order.event.title,
                city=order.event.venue.city,
                tickets=order.tickets,
                total=order.total,
                placed_at=order.placed_at,
            )
            for order in latest
        ],
        database={
            "vendor": connection.vendor,
            "status": health["status"],
            "answers_in_ms": health["elapsed_ms"],
            "pool": connection.pool_stats(),
        },
    )


@router.get("/exports/orders.csv", summary="Orders as CSV", response_class=StreamingResponse)
async def orders_as_csv() -> StreamingResponse:
    """Every order, oldest first: rows are sent while they are read."""
    headers = {"Content-Disposition": 'attachment; filename="orders.csv"'}
    return StreamingResponse(csv_lines(), media_type="text/csv; charset=utf-8", headers=headers)


async def csv_lines() -> AsyncIterator[str]:
    """The export, in portions: memory never holds more than one."""
    columns = ("reference", "placed_at", "status", "event__title", "event__venue__city", "tickets", "total")
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    async for row in Order.objects.order_by("placed_at").values_list(*columns).aiterator(chunk_size=500):
        writer.writerow(row)
        if text.tell() > PORTION:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def midnight(day: datetime.date) -> datetime.datetime:
    """When *day* begins, in UTC."""
    return datetime.datetime.combine(day, datetime.time.min, datetime.UTC)


def empty(label: str) -> Sales:
    """Nothing sold."""
    return Sales(label=label, orders=0, tickets=0, revenue=Decimal(0))


def add(line: Sales, tickets: int, total: Decimal) -> None:
    """One more order in *line*."""
    line.orders += 1
    line.tickets += tickets
    line.revenue += total
