"""Who bought what, and who did not: customers, orders and vouchers."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from dorm import Avg, Case, Count, Exists, F, Max, Min, OuterRef, Prefetch, Q, Rank, Subquery, Sum, Value, When, Window
from tests.questions import shop
from tests.questions.asking import by_hand, undone
from tests.questions.shop import Category, Customer, Event, Order, Refund, Ticket, Voucher

if TYPE_CHECKING:
    from tests.testbed.colours import Call

SHAPE = shop


@by_hand("""
    SELECT COUNT(*) FROM shop_customer c WHERE NOT EXISTS (SELECT 1 FROM shop_order o WHERE o.customer_id = c.id)
""")
async def test_how_many_customers_never_ordered(call: Call):
    return await call(Customer.objects.filter(orders=None), "count")


@by_hand("""
    SELECT c.name FROM shop_customer c WHERE NOT EXISTS (
        SELECT k.kind FROM (SELECT DISTINCT kind FROM shop_event) k WHERE NOT EXISTS (
            SELECT 1 FROM shop_order o JOIN shop_ticket t ON t.order_id = o.id
            JOIN shop_category g ON g.id = t.category_id JOIN shop_event e ON e.id = g.event_id
            WHERE o.customer_id = c.id AND e.kind = k.kind
        )
    ) AND c.city = 'Graz' ORDER BY c.name
""")
def test_who_has_been_to_every_kind_of_event():
    kinds = Count("orders__tickets__category__event__kind", distinct=True)
    every = Event.objects.order_by().values("venue__pk").annotate(n=Count("kind", distinct=True)).order_by("-n")
    found = Customer.objects.filter(city="Graz").annotate(kinds=kinds).filter(kinds=Subquery(every.values("n")[:1]))
    return found.order_by("name").values_list("name")


@by_hand("""
    SELECT name FROM shop_customer c WHERE city = 'Oslo'
      AND NOT EXISTS (SELECT 1 FROM shop_category g WHERE g.name = 'front' AND g.event_id <= 3 AND NOT EXISTS (
          SELECT 1 FROM shop_order o JOIN shop_ticket t ON t.order_id = o.id
          WHERE o.customer_id = c.id AND t.category_id = g.id))
    ORDER BY name
""")
def test_who_bought_in_all_of_these_categories():
    bought = Ticket.objects.filter(order__customer=OuterRef(OuterRef("pk")), category=OuterRef("pk"))
    missing = Category.objects.filter(~Exists(bought), name="front", event_id__lte=3)
    return Customer.objects.filter(~Exists(missing), city="Oslo").order_by("name").values_list("name")


@by_hand("""
    SELECT c.name FROM shop_customer c WHERE c.city = 'Lyon'
      AND EXISTS (SELECT 1 FROM shop_order o WHERE o.customer_id = c.id)
      AND NOT EXISTS (
          SELECT 1 FROM shop_order o JOIN shop_ticket t ON t.order_id = o.id JOIN shop_refund r ON r.ticket_id = t.id
          WHERE o.customer_id = c.id AND r.reason = 'ill')
      AND NOT EXISTS (
          SELECT 1 FROM shop_order o JOIN shop_ticket t ON t.order_id = o.id
          WHERE o.customer_id = c.id AND t.price > 40) ORDER BY c.name
""")
def test_who_bought_cheaply_and_was_never_ill():
    found = Customer.objects.filter(city="Lyon", orders__isnull=False).exclude(orders__tickets__refund__reason="ill")
    return found.exclude(orders__tickets__price__gt=40).distinct().order_by("name").values_list("name", flat=True)


@by_hand("""
    SELECT c.name FROM shop_customer c WHERE c.city = 'Wien'
      AND EXISTS (SELECT 1 FROM shop_order o WHERE o.customer_id = c.id AND o.status = 'void'
                  AND o.placed < '2024-02-10 00:00:00+00:00') ORDER BY c.name
""")
def test_who_gave_up_early_in_the_year():
    early = dt.datetime(2024, 2, 10, tzinfo=dt.UTC)
    found = Customer.objects.filter(orders__status="void", orders__placed__lt=early, city="Wien")
    return found.distinct().order_by("name").values_list("name")


@by_hand("""
    SELECT c.name, COUNT(DISTINCT o.id), COUNT(t.id), SUM(t.price) FROM shop_customer c
    JOIN shop_order o ON o.customer_id = c.id JOIN shop_ticket t ON t.order_id = o.id
    WHERE o.status = 'paid' GROUP BY c.id, c.name HAVING SUM(t.price) > 900 ORDER BY SUM(t.price) DESC, c.name
""")
def test_who_are_the_best_customers():
    paid = Customer.objects.filter(orders__status="paid").annotate(
        n=Count("orders", distinct=True), seats=Count("orders__tickets"), spent=Sum("orders__tickets__price")
    )
    return paid.filter(spent__gt=900).order_by("-spent", "name").values_list("name", "n", "seats", "spent")


@by_hand("""
    SELECT c.name, COUNT(o.id), SUM(CASE WHEN o.status = 'void' THEN 1 ELSE 0 END) FROM shop_customer c
    JOIN shop_order o ON o.customer_id = c.id GROUP BY c.id, c.name
    HAVING SUM(CASE WHEN o.status = 'void' THEN 1 ELSE 0 END) * 2 > COUNT(o.id) AND COUNT(o.id) > 4 ORDER BY c.name
""")
def test_who_gives_up_more_often_than_not():
    void = Count("orders", filter=Q(orders__status="void"))
    found = Customer.objects.annotate(n=Count("orders"), void=void).filter(n__gt=4, n__lt=F("void") * 2)
    return found.order_by("name").values_list("name", "n", "void")


@by_hand("""
    SELECT name, id, placed FROM (
        SELECT c.name, o.id, o.placed, ROW_NUMBER() OVER (PARTITION BY c.id ORDER BY o.placed DESC, o.id DESC) AS place
        FROM shop_customer c JOIN shop_order o ON o.customer_id = c.id WHERE c.city = 'Porto'
    ) ranked WHERE place = 1 ORDER BY name
""")
def test_what_was_the_last_order_of_each_customer():
    last = Order.objects.filter(customer=OuterRef("pk")).order_by("-placed", "-pk")
    found = Customer.objects.filter(city="Porto").annotate(
        order=Subquery(last.values("pk")[:1]), placed=Subquery(last.values("placed")[:1])
    )
    return found.exclude(order=None).order_by("name").values_list("name", "order", "placed")


@by_hand("""
    SELECT o.id, c.name, SUM(t.price) FROM shop_order o JOIN shop_customer c ON c.id = o.customer_id
    JOIN shop_ticket t ON t.order_id = o.id GROUP BY o.id, c.name
    HAVING SUM(t.price) > (SELECT AVG(total) * 3 FROM (SELECT SUM(price) AS total FROM shop_ticket GROUP BY order_id) x)
    ORDER BY SUM(t.price) DESC, o.id
""")
async def test_which_orders_are_three_times_the_average(call: Call):
    totals = Order.objects.filter(tickets__isnull=False).annotate(total=Sum("tickets__price"))
    mean = (await call(totals, "aggregate", mean=Avg("total")))["mean"]
    large = totals.filter(total__gt=mean * 3).order_by("-total", "pk")
    return await call.list(large.values_list("pk", "customer__name", "total"))


@by_hand("""
    SELECT a.city, COUNT(*), COUNT(DISTINCT b.id) FROM shop_customer a JOIN shop_customer b ON b.id = a.brought_by_id
    WHERE a.city = b.city GROUP BY a.city ORDER BY a.city
""")
def test_how_many_were_brought_from_the_same_city():
    same = Customer.objects.filter(city=F("brought_by__city")).values("city")
    return same.annotate(n=Count("*"), by=Count("brought_by", distinct=True)).order_by("city")


@by_hand("""
    SELECT a.name, COUNT(c.id) FROM shop_customer a JOIN shop_customer b ON b.brought_by_id = a.id
    JOIN shop_customer c ON c.brought_by_id = b.id GROUP BY a.id, a.name ORDER BY COUNT(c.id) DESC, a.name LIMIT 8
""")
def test_who_has_the_most_guests_of_guests():
    counted = Customer.objects.annotate(n=Count("brought__brought"))
    return counted.order_by("-n", "name").values_list("name", "n")[:8]


@by_hand("""
    SELECT c.name FROM shop_customer c WHERE EXISTS (SELECT 1 FROM shop_customer b WHERE b.brought_by_id = c.id
        AND NOT EXISTS (SELECT 1 FROM shop_order o WHERE o.customer_id = b.id)) AND c.joined < '2020-04-01'
        ORDER BY c.name
""")
def test_who_brought_somebody_who_never_ordered():
    idle = Customer.objects.filter(orders__isnull=True, brought_by=OuterRef("pk"))
    found = Customer.objects.filter(Exists(idle), joined__lt=dt.date(2020, 4, 1))
    return found.order_by("name").values_list("name")


@by_hand("""
    SELECT v.code, o.id, h.name = b.name FROM shop_voucher v JOIN shop_order o ON o.voucher_id = v.id
    JOIN shop_customer h ON h.id = v.holder_id JOIN shop_customer b ON b.id = o.customer_id
    WHERE v.percent = 30 ORDER BY v.code
""")
async def test_who_used_the_vouchers_of_others(call: Call):
    used = Voucher.objects.filter(percent=30, used__isnull=False, holder__isnull=False)
    found = used.select_related("holder", "used__customer").order_by("code")
    return [(one.code, one.used.pk, one.holder == one.used.customer) for one in await call.list(found)]


@by_hand("""
    SELECT v.code FROM shop_voucher v WHERE v.holder_id IS NULL
      AND NOT EXISTS (SELECT 1 FROM shop_order o WHERE o.voucher_id = v.id) ORDER BY v.code
""")
def test_which_vouchers_are_neither_held_nor_used():
    return Voucher.objects.filter(holder=None, used=None).order_by("code").values_list("code", flat=True)


@by_hand("""
    SELECT c.city, SUM(t.price), SUM(t.price * (100 - COALESCE(v.percent, 0))) / 100.0 FROM shop_ticket t
    JOIN shop_order o ON o.id = t.order_id JOIN shop_customer c ON c.id = o.customer_id
    LEFT JOIN shop_voucher v ON v.id = o.voucher_id WHERE o.status = 'paid' GROUP BY c.city ORDER BY c.city
""")
def test_what_do_vouchers_cost_us_in_each_city():
    percent = Case(When(order__voucher=None, then=Value(0)), default=F("order__voucher__percent"))
    paid = Ticket.objects.filter(order__status="paid").annotate(net=F("price") * (Value(100) - percent))
    cities = paid.values("order__customer__city")
    return cities.annotate(sum=Sum("price"), paid=Sum("net") / 100).order_by("order__customer__city")


@by_hand("""
    SELECT id FROM shop_customer WHERE city = 'Turin' AND brought_by_id IS NULL
    EXCEPT SELECT customer_id FROM shop_order WHERE status = 'paid' ORDER BY id
""")
def test_which_customers_of_their_own_accord_never_paid():
    alone = Customer.objects.filter(city="Turin", brought_by=None).values_list("pk")
    return alone.difference(Order.objects.filter(status="paid").values_list("customer")).order_by("id")


@by_hand("""
    SELECT c.name, o.id, t.id FROM shop_customer c JOIN shop_order o ON o.customer_id = c.id
    JOIN shop_ticket t ON t.order_id = o.id WHERE c.id <= 6 AND o.status = 'paid' AND t.seat IS NULL
    ORDER BY c.name, o.placed, o.id, t.id
""")
async def test_which_paid_tickets_of_the_first_customers_have_no_seat(call: Call):
    standing = Prefetch("tickets", Ticket.objects.filter(seat=None).order_by("pk"), to_attr="standing")
    paid = Prefetch("orders", Order.objects.filter(status="paid").order_by("placed", "pk").prefetch_related(standing))
    found = await call.list(Customer.objects.filter(pk__lte=6).order_by("name").prefetch_related(paid))
    return [(one.name, order.pk, t.pk) for one in found for order in one.orders.all() for t in order.standing]


@by_hand("""
    SELECT city, name, n FROM (
        SELECT c.city, c.name, COUNT(o.id) AS n, RANK() OVER (PARTITION BY c.city ORDER BY COUNT(o.id) DESC) AS place
        FROM shop_customer c JOIN shop_order o ON o.customer_id = c.id GROUP BY c.id, c.city, c.name
    ) ranked WHERE place = 1 ORDER BY city, name
""")
def test_who_orders_most_often_in_each_city():
    counted = Customer.objects.annotate(n=Count("orders"))
    place = Window(Rank(), partition_by="city", order_by="-n")
    return counted.annotate(place=place).filter(place=1).order_by("city", "name").values_list("city", "name", "n")


@by_hand("""
    SELECT COUNT(*), (SELECT COUNT(*) FROM shop_ticket t JOIN shop_order o ON o.id = t.order_id
                      WHERE o.customer_id IN (1, 2)),
           (SELECT COUNT(*) FROM shop_refund r JOIN shop_ticket t ON t.id = r.ticket_id
            JOIN shop_order o ON o.id = t.order_id WHERE o.customer_id IN (1, 2))
    FROM shop_order WHERE customer_id IN (1, 2)
""")
async def test_what_goes_when_two_customers_do(call: Call):
    async with undone(call):
        _, gone = await call(Customer.objects.filter(pk__in=[1, 2]), "delete")
    return (gone["shop.Order"], gone["shop.Ticket"], gone.get("shop.Refund", 0))


@by_hand("""
    SELECT MIN(placed), MAX(placed), COUNT(DISTINCT customer_id) FROM shop_order WHERE id IN (
        SELECT t.order_id FROM shop_ticket t JOIN shop_refund r ON r.ticket_id = t.id WHERE r.amount < t.price)
""")
async def test_when_were_tickets_ordered_that_came_back_for_less(call: Call):
    less = Refund.objects.filter(amount__lt=F("ticket__price")).values("ticket__order")
    found = Order.objects.filter(pk__in=less)
    return await call(found, "aggregate", Min("placed"), Max("placed"), n=Count("customer", distinct=True))
