"""What is on, and buying it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID  # noqa: TC003 - FastAPI reads annotations

from fastapi import APIRouter, HTTPException, Query

from demo_app.models import CANCELLED, CATEGORIES, Customer, Event, Order, OrderLine, Payment, PriceTier, Refund, now
from demo_app.schemas import Key, Listing, Programme, Purchase, Receipt, Wanted
from dorm import F, Q
from dorm_fastapi import CRUDRouter

if TYPE_CHECKING:
    from fastapi import Request

    from dorm import QuerySet
router = APIRouter(tags=["Shop"])


# -- What is on --------------------------------------------------------------------------------


@router.get("/listings", response_model=Programme)
async def programme(
    search: Annotated[str, Query(max_length=100, description="In titles and places.")] = "",
    category: str = "",
    available: bool = False,
    limit: Annotated[int, Query(ge=1, le=100)] = 24,
    offset: Annotated[int, Query(ge=0, lt=2**63)] = 0,
) -> dict[str, Any]:
    """The events to come, soonest first: three statements, however many there are."""
    shows = Event.objects.filter(starts_at__gte=now())
    for word in search.split():
        shows = shows.filter(
            Q(title__icontains=word)
            | Q(subtitle__icontains=word)
            | Q(venue__name__icontains=word)
            | Q(venue__city__icontains=word)
            | Q(venue__country__icontains=word)
        )
    if category:
        shows = shows.filter(category=category)
    if available:
        shows = shows.filter(tiers__available__gt=0).distinct()
    total = await shows.acount()
    page = complete(shows).order_by("starts_at", "pk")[offset : offset + limit]
    return {"items": await page, "total": total}


@router.get("/listings/{pk}", response_model=Listing)
async def listing(pk: Key) -> Event:
    """One event, past or to come."""
    return await complete(Event.objects.all()).aget(pk=pk)


def complete(shows: QuerySet[Event]) -> QuerySet[Event]:
    """With everything that a listing shows."""
    return shows.select_related("venue").prefetch_related("tiers")


@router.get("/categories")
async def categories() -> list[dict[str, str]]:
    """The kinds of events."""
    return [{"value": value, "label": label} for value, label in CATEGORIES]


# -- Buying ------------------------------------------------------------------------------------


@router.post("/orders", status_code=201, response_model=Receipt)
async def buy(purchase: Purchase) -> Order:
    """Buy tickets, all of them or none: 409 tells what is sold out.

    The request is one transaction: an error answer takes everything back.
    """
    buyer = Customer(**purchase.customer.model_dump())
    await buyer.afull_clean(validate_unique=False)  # the model's own rules; that we know the address is no mistake
    event = await Event.objects.select_related("venue").aget(pk=purchase.event)
    if event.starts_at < now():
        raise HTTPException(409, f"{event} has begun.")
    tiers = {tier.pk: tier async for tier in PriceTier.objects.filter(event=event)}
    wanted = together(purchase.lines)
    if strangers := wanted.keys() - tiers.keys():
        raise HTTPException(422, f"{event} has no tier {min(strangers)}.")
    customer, _ = await Customer.objects.aget_or_create(email=buyer.email, defaults={"name": buyer.name})
    sold_out = [tiers[key].name for key, quantity in wanted.items() if not await take(key, quantity)]
    if sold_out:
        raise HTTPException(409, f"Sold out: {', '.join(sold_out)}.")

    total = sum((tiers[key].price * quantity for key, quantity in wanted.items()), Decimal(0))
    order = await Order.objects.acreate(customer=customer, event=event, tickets=sum(wanted.values()), total=total)
    await OrderLine.objects.abulk_create(
        OrderLine(order=order, tier=tiers[key], quantity=quantity, unit_price=tiers[key].price)
        for key, quantity in wanted.items()
    )
    await Payment.objects.acreate(order=order, method=purchase.method, amount=total)
    return await receipt_of(order.reference)


def together(lines: list[Wanted]) -> dict[int, int]:
    """How many of each tier; everybody asks in the same order, so that two buyers never wait for each other."""
    wanted: dict[int, int] = {}
    for line in sorted(lines, key=lambda line: line.tier):
        wanted[line.tier] = wanted.get(line.tier, 0) + line.quantity
    return wanted


async def take(tier: int, quantity: int) -> bool:
    """Take tickets away, if there are so many: one UPDATE, and the database decides who was first."""
    left = PriceTier.objects.filter(pk=tier, available__gte=quantity)
    return await left.aupdate(available=F("available") - quantity) == 1


@router.get("/orders/{reference}", response_model=Receipt)
async def receipt(reference: UUID) -> Order:
    """What was bought."""
    return await receipt_of(reference)


@router.post("/orders/{reference}/cancel", response_model=Receipt)
async def cancel(reference: UUID) -> Order:
    """Give the tickets back.  Who cancels a second time gets 409: a payment is refunded once."""
    payment = await Payment.objects.select_related("order__event").aget(order=reference)
    await Refund.objects.acreate(payment=payment, amount=payment.amount)
    payment.order.status = CANCELLED
    await payment.order.asave(update_fields=["status", "updated_at"])
    async for line in payment.order.lines.order_by("tier"):
        await PriceTier.objects.filter(pk=line.tier_id).aupdate(available=F("available") + line.quantity)
    return await receipt_of(reference)


async def receipt_of(reference: UUID) -> Order:
    """The order with everything that a receipt shows."""
    return await Order.objects.select_related("event__venue").prefetch_related("lines__tier").aget(pk=reference)


# -- Generated routes that need a word of ours -------------------------------------------------


class TierRouter(CRUDRouter[PriceTier]):
    """At first all tickets of a tier are available; afterwards only orders change that."""

    async def perform_create(self, data: dict[str, Any], request: Request) -> PriceTier:
        """The number of available tickets is not for the client to say."""
        return await super().perform_create({**data, "available": data["capacity"]}, request)
