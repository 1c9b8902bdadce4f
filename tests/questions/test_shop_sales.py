"""What was sold, for how much, and what was not: events, categories, tickets and refunds."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from dorm import (
    Avg,
    Case,
    Coalesce,
    Count,
    DecimalField,
    Exists,
    ExtractMonth,
    F,
    IntegerField,
    Max,
    OuterRef,
    Q,
    Subquery,
    Sum,
    TruncMonth,
    Value,
    When,
    Window,
)
from tests.questions import shop
from tests.questions.asking import by_hand, undone
from tests.questions.shop import Category, Event, Order, Refund, Ticket, Venue

if TYPE_CHECKING:
    from tests.testbed.colours import Call

SHAPE = shop


@by_hand(
    """
    SELECT strftime('%Y-%m-01 00:00:00', o.placed), SUM(t.price), COUNT(DISTINCT o.customer_id) FROM shop_ticket t
    JOIN shop_order o ON o.id = t.order_id WHERE o.status = 'paid' GROUP BY 1 ORDER BY 1
    """,
    postgresql="""
    SELECT date_trunc('month', o.placed, 'UTC'), SUM(t.price), COUNT(DISTINCT o.customer_id) FROM shop_ticket t
    JOIN shop_order o ON o.id = t.order_id WHERE o.status = 'paid' GROUP BY 1 ORDER BY 1
    """,
)
def test_what_was_sold_each_month():
    paid = Ticket.objects.filter(order__status="paid").annotate(month=TruncMonth("order__placed"))
    sums = paid.values("month").annotate(sum=Sum("price"), n=Count("order__customer", distinct=True))
    return sums.order_by("month")


@by_hand(
    """
    SELECT month, sum, SUM(sum) OVER (ORDER BY month) FROM (
        SELECT CAST(strftime('%m', o.placed) AS INTEGER) AS month, SUM(t.price) AS sum FROM shop_ticket t
        JOIN shop_order o ON o.id = t.order_id GROUP BY 1
    ) months ORDER BY month
    """,
    postgresql="""
    SELECT month, sum, SUM(sum) OVER (ORDER BY month) FROM (
        SELECT CAST(EXTRACT(month FROM o.placed AT TIME ZONE 'UTC') AS INTEGER) AS month, SUM(t.price) AS sum
        FROM shop_ticket t JOIN shop_order o ON o.id = t.order_id GROUP BY 1
    ) months ORDER BY month
    """,
)
def test_how_do_sales_add_up():
    months = Ticket.objects.annotate(month=ExtractMonth("order__placed")).values("month").annotate(sum=Sum("price"))
    return months.annotate(so_far=Window(Sum("sum"), order_by="month")).order_by("month")


@by_hand("""
    SELECT e.id FROM shop_event e WHERE NOT EXISTS (
        SELECT 1 FROM shop_category g JOIN shop_ticket t ON t.category_id = g.id WHERE g.event_id = e.id
    ) ORDER BY e.id
""")
def test_which_events_sold_nothing():
    return Event.objects.exclude(categories__tickets__isnull=False).order_by("pk").values_list("pk")


@by_hand("""
    SELECT g.id FROM shop_category g WHERE NOT EXISTS (SELECT 1 FROM shop_ticket t WHERE t.category_id = g.id)
    ORDER BY g.id
""")
def test_which_categories_were_never_sold():
    return Category.objects.filter(~Exists(Ticket.objects.filter(category=OuterRef("pk")))).order_by("id").values("id")


@by_hand("SELECT name FROM shop_venue v WHERE NOT EXISTS (SELECT 1 FROM shop_event WHERE venue_id = v.id) ORDER BY 1")
def test_where_is_nothing_played():
    return Venue.objects.filter(events__isnull=True).order_by("name").values_list("name")


@by_hand("""
    SELECT g.id, g.seats, COUNT(t.id), g.seats - COUNT(t.id) FROM shop_category g
    JOIN shop_ticket t ON t.category_id = g.id GROUP BY g.id, g.seats HAVING COUNT(t.id) > g.seats + 20 ORDER BY g.id
""")
def test_which_categories_are_oversold():
    sold = Category.objects.annotate(n=Count("tickets"), left=F("seats") - Count("tickets"))
    return sold.filter(n__gt=F("seats") + 20).order_by("id").values_list("id", "seats", "n", "left")


@by_hand("""
    SELECT v.name, v.capacity, SUM(g.seats) FROM shop_venue v JOIN shop_event e ON e.venue_id = v.id
    JOIN shop_category g ON g.event_id = e.id GROUP BY v.id, v.name, v.capacity, e.id
    HAVING SUM(g.seats) > v.capacity ORDER BY v.name, SUM(g.seats)
""")
def test_which_events_are_too_large_for_their_venue():
    large = Event.objects.annotate(n=Sum("categories__seats")).filter(n__gt=F("venue__capacity"))
    return large.order_by("venue__name", "n").values_list("venue__name", "venue__capacity", "n")


@by_hand("""
    SELECT e.kind, COUNT(DISTINCT e.id), COUNT(t.id), SUM(t.price), AVG(t.price) FROM shop_event e
    LEFT JOIN shop_category g ON g.event_id = e.id LEFT JOIN shop_ticket t ON t.category_id = g.id
    WHERE NOT e.cancelled GROUP BY e.kind ORDER BY SUM(t.price) DESC
""")
def test_which_kind_sells_best():
    kinds = Event.objects.filter(cancelled=False).values("kind")
    sold = kinds.annotate(
        n=Count("pk", distinct=True),
        tickets=Count("categories__tickets"),
        sum=Sum("categories__tickets__price"),
        mean=Avg("categories__tickets__price"),
    )
    return sold.order_by("-sum")


@by_hand("""
    SELECT v.city, AVG(g.price), COUNT(*) FROM shop_category g JOIN shop_event e ON e.id = g.event_id
    JOIN shop_venue v ON v.id = e.venue_id GROUP BY v.city HAVING AVG(g.price) > 38 ORDER BY AVG(g.price)
""")
def test_in_which_cities_are_seats_dear():
    cities = Category.objects.values("event__venue__city").annotate(mean=Avg("price"), n=Count("*"))
    return cities.filter(mean__gt=38).order_by("mean")


@by_hand("""
    SELECT e.id, e.title, (SELECT SUM(t.price) FROM shop_ticket t JOIN shop_category g ON g.id = t.category_id
                           WHERE g.event_id = e.id),
           COALESCE((SELECT SUM(r.amount) FROM shop_refund r JOIN shop_ticket t ON t.id = r.ticket_id
                     JOIN shop_category g ON g.id = t.category_id WHERE g.event_id = e.id), 0)
    FROM shop_event e WHERE e.cancelled ORDER BY e.id
""")
def test_what_was_taken_and_given_back_for_cancelled_events():
    tickets = Ticket.objects.filter(category__event=OuterRef("pk")).order_by().values("category__event")
    refunds = Refund.objects.filter(ticket__category__event=OuterRef("pk")).order_by()
    back = refunds.values("ticket__category__event").annotate(sum=Sum("amount")).values("sum")
    money = DecimalField(max_digits=12, decimal_places=2)
    found = Event.objects.filter(cancelled=True).annotate(
        taken=Subquery(tickets.annotate(sum=Sum("price")).values("sum")),
        back=Coalesce(Subquery(back), Value(Decimal(0)), output_field=money),
    )
    return found.order_by("pk").values_list("pk", "title", "taken", "back")


@by_hand("""
    SELECT COALESCE(r.reason, 'none'), COUNT(*), SUM(t.price - r.amount) FROM shop_refund r
    JOIN shop_ticket t ON t.id = r.ticket_id GROUP BY 1 ORDER BY 1
""")
def test_why_do_tickets_come_back():
    reasons = Refund.objects.annotate(why=Coalesce("reason", Value("none"))).values("why")
    return reasons.annotate(n=Count("*"), kept=Sum(F("ticket__price") - F("amount"))).order_by("why")


@by_hand("""
    SELECT COUNT(*) FROM shop_ticket t LEFT JOIN shop_refund r ON r.ticket_id = t.id
    WHERE NOT (r.reason = 'ill' AND r.reason IS NOT NULL) AND t.price > 70
""")
async def test_how_many_dear_tickets_did_not_come_back_for_illness(call: Call):
    return await call(Ticket.objects.filter(price__gt=70).exclude(refund__reason="ill"), "count")


@by_hand("""
    SELECT e.id, SUM(CASE WHEN g.name = 'front' THEN t.price ELSE 0 END),
           SUM(CASE WHEN g.name <> 'front' THEN t.price ELSE 0 END)
    FROM shop_event e JOIN shop_category g ON g.event_id = e.id JOIN shop_ticket t ON t.category_id = g.id
    WHERE e.kind = 'opera' GROUP BY e.id ORDER BY e.id
""")
def test_what_do_front_seats_bring_in_at_the_opera():
    price, front = "categories__tickets__price", Q(categories__name="front")
    opera = Event.objects.filter(kind="opera", categories__tickets__isnull=False).annotate(
        front=Coalesce(Sum(price, filter=front), Decimal(0)), rest=Sum(price, filter=~front, default=Decimal(0))
    )
    return opera.order_by("pk").values_list("pk", "front", "rest")


@by_hand("""
    SELECT t.seat, COUNT(*) FROM shop_ticket t WHERE t.seat IS NOT NULL GROUP BY t.category_id, t.seat
    HAVING COUNT(*) > 5 ORDER BY COUNT(*) DESC, t.category_id, t.seat
""")
def test_which_seats_were_sold_more_than_five_times():
    seats = Ticket.objects.exclude(seat=None).values("category", "seat").annotate(n=Count("*")).filter(n__gt=5)
    return seats.order_by("-n", "category", "seat").values_list("seat", "n")


@by_hand("""
    SELECT id, kind FROM (
        SELECT e.id, e.kind, ROW_NUMBER() OVER (PARTITION BY e.kind ORDER BY e.starts, e.id) AS place FROM shop_event e
        WHERE NOT e.cancelled
    ) ranked WHERE place <= 2 ORDER BY kind, place
""")
def test_which_two_events_of_each_kind_come_first():
    first = Event.objects.filter(kind=OuterRef("kind"), cancelled=False).order_by("starts", "pk").values("pk")[:2]
    return Event.objects.filter(pk__in=first).order_by("kind", "starts", "pk").values_list("pk", "kind")


@by_hand("""
    SELECT DISTINCT v.name FROM shop_venue v JOIN shop_event a ON a.venue_id = v.id
    JOIN shop_event b ON b.venue_id = v.id
    WHERE a.kind = 'opera' AND a.cancelled AND b.kind = 'sport' AND NOT b.cancelled ORDER BY v.name
""")
def test_where_was_an_opera_cancelled_and_a_game_not():
    found = Venue.objects.filter(events__kind="opera", events__cancelled=True)
    both = found.filter(events__kind="sport", events__cancelled=False)
    return both.distinct().order_by("name").values_list("name")


@by_hand("""
    SELECT v.city, MAX(n) FROM shop_venue v JOIN (SELECT venue_id, COUNT(*) AS n FROM shop_event GROUP BY venue_id) x
    ON x.venue_id = v.id GROUP BY v.city ORDER BY v.city
""")
def test_how_many_events_has_the_busiest_venue_of_each_city():
    own = Event.objects.filter(venue=OuterRef("pk")).order_by().values("venue").annotate(n=Count("*"))
    counted = Venue.objects.annotate(n=Subquery(own.values("n"), output_field=IntegerField()))
    return counted.values("city").annotate(most=Max("n")).order_by("city")


@by_hand("""
    SELECT CASE WHEN price < 20 THEN 'cheap' WHEN price < 60 THEN 'usual' ELSE 'dear' END AS level, COUNT(*), SUM(seats)
    FROM shop_category WHERE seats > 30 GROUP BY 1 ORDER BY 2, 1
""")
def test_how_many_seats_are_cheap():
    level = Case(
        When(price__lt=20, then=Value("cheap")), When(price__lt=60, then=Value("usual")), default=Value("dear")
    )
    levels = Category.objects.filter(seats__gt=30).annotate(level=level).values("level")
    return levels.annotate(n=Count("pk"), seats=Sum("seats")).order_by("n", "level")


@by_hand("""
    SELECT COUNT(*), SUM(price) FROM (SELECT DISTINCT category_id, price FROM shop_ticket WHERE seat < 10) different
""")
async def test_how_many_prices_were_paid_for_the_first_seats(call: Call):
    different = Ticket.objects.filter(seat__lt=10).values("category", "price").distinct()
    return await call(different, "aggregate", n=Count("*"), sum=Sum("price"))


@by_hand("""
    SELECT COUNT(*), SUM(ROUND(price * 1.1, 2)) FROM shop_category g WHERE g.event_id IN (
        SELECT id FROM shop_event WHERE kind = 'talk' AND starts > '2024-06-01 00:00:00+00:00')
""")
async def test_what_if_talks_were_dearer(call: Call):
    later = Event.objects.filter(kind="talk", starts__gt=dt.datetime(2024, 6, 1, tzinfo=dt.UTC))
    talks = Category.objects.filter(event__in=later)
    async with undone(call):
        changed = await call(talks, "update", price=F("price") * Decimal("1.1"))
        total = (await call(talks, "aggregate", total=Sum("price")))["total"]
    return (changed, total)


@by_hand("""
    SELECT (SELECT COUNT(*) FROM shop_order o WHERE NOT EXISTS (SELECT 1 FROM shop_ticket t WHERE t.order_id = o.id)),
           (SELECT COUNT(*) FROM shop_order o WHERE o.status = 'open' AND
               (SELECT COUNT(*) FROM shop_ticket t WHERE t.order_id = o.id) >= 5)
""")
async def test_which_orders_can_be_cleaned_up(call: Call):
    async with undone(call):
        _, gone = await call(Order.objects.filter(tickets=None), "delete")
        crowded = Order.objects.filter(status="open").annotate(n=Count("tickets")).filter(n__gte=5)
        changed = await call(crowded, "update", status="void")
    return (gone["shop.Order"], changed)
