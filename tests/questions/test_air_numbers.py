"""How many, how far, how dear and how late: aggregates over the air network."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from dorm import (
    Avg,
    Case,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    Rank,
    Subquery,
    Sum,
    TruncMonth,
    Value,
    When,
    Window,
)
from tests.questions import air
from tests.questions.air import Aircraft, Airline, Airport, Booking, Card, Flight, Passenger, Route
from tests.questions.asking import by_hand, undone

if TYPE_CHECKING:
    from tests.testbed.colours import Call

SHAPE = air


@by_hand("""
    SELECT l.name, MAX(r.distance) FROM air_airline l LEFT JOIN air_route r ON r.airline_id = l.id
    GROUP BY l.id, l.name ORDER BY l.name
""")
def test_how_long_is_the_longest_route_of_each_airline():
    return Airline.objects.annotate(far=Max("route__distance")).order_by("name").values_list("name", "far")


@by_hand("""
    SELECT airline_id, id, distance FROM (
        SELECT airline_id, id, distance,
               ROW_NUMBER() OVER (PARTITION BY airline_id ORDER BY distance DESC, id) AS place FROM air_route
    ) ranked WHERE place = 1 ORDER BY airline_id
""")
def test_which_is_the_longest_route_of_each_airline():
    longest = Route.objects.filter(airline=OuterRef("airline")).order_by("-distance", "id").values("pk")[:1]
    return Route.objects.filter(pk=Subquery(longest)).order_by("airline").values_list("airline", "id", "distance")


@by_hand("""
    SELECT code, country, place FROM (
        SELECT a.code, a.country, RANK() OVER (PARTITION BY a.country ORDER BY COUNT(f.id) DESC) AS place
        FROM air_airport a LEFT JOIN air_route r ON r.origin_id = a.id LEFT JOIN air_flight f ON f.route_id = r.id
        GROUP BY a.id, a.code, a.country
    ) ranked WHERE place <= 2 ORDER BY country, place, code
""")
def test_which_airports_are_the_busiest_of_their_country():
    busy = Airport.objects.annotate(flights=Count("departures__flights"))
    place = Window(Rank(), partition_by="country", order_by=F("flights").desc())
    ranked = busy.annotate(place=place).filter(place__lte=2)
    return ranked.order_by("country", "place", "code").values_list("code", "country", "place")


@by_hand(
    """
    SELECT strftime('%Y-%m-01 00:00:00', f.departs), SUM(b.price), COUNT(*) FROM air_booking b
    JOIN air_flight f ON f.id = b.flight_id WHERE NOT f.cancelled GROUP BY 1 ORDER BY 1
    """,
    postgresql="""
    SELECT date_trunc('month', f.departs, 'UTC'), SUM(b.price), COUNT(*) FROM air_booking b
    JOIN air_flight f ON f.id = b.flight_id WHERE NOT f.cancelled GROUP BY 1 ORDER BY 1
    """,
)
def test_what_was_earned_each_month():
    months = Booking.objects.filter(flight__cancelled=False).annotate(month=TruncMonth("flight__departs"))
    return months.values("month").annotate(sum=Sum("price"), n=Count("*")).order_by("month")


@by_hand("""
    SELECT l.name, COUNT(DISTINCT r.id), COUNT(DISTINCT r.destination_id), COUNT(f.id)
    FROM air_airline l LEFT JOIN air_route r ON r.airline_id = l.id LEFT JOIN air_flight f ON f.route_id = r.id
    GROUP BY l.id, l.name ORDER BY COUNT(f.id) DESC, l.name
""")
def test_how_many_routes_places_and_flights_has_each_airline():
    counted = Airline.objects.annotate(
        routes=Count("route", distinct=True),
        places=Count("route__destination", distinct=True),
        flights=Count("route__flights"),
    )
    return counted.order_by("-flights", "name").values_list("name", "routes", "places", "flights")


@by_hand("""
    SELECT a.code, (SELECT COUNT(*) FROM air_route r WHERE r.origin_id = a.id),
                   (SELECT COUNT(*) FROM air_route r WHERE r.destination_id = a.id)
    FROM air_airport a ORDER BY 1
""")
def test_how_many_routes_begin_and_end_at_each_airport():
    both = Airport.objects.annotate(
        out=Count("departures", distinct=True),
        home=Count("arrivals", distinct=True),
    )
    return both.order_by("code").values_list("code", "out", "home")


@by_hand("""
    SELECT r.id, AVG(f.delay) FROM air_route r JOIN air_flight f ON f.route_id = r.id
    WHERE NOT f.cancelled GROUP BY r.id HAVING COUNT(f.delay) >= 15 AND AVG(f.delay) > 18 ORDER BY r.id
""")
def test_which_routes_are_often_late():
    flown = Route.objects.filter(flights__cancelled=False)
    late = flown.annotate(n=Count("flights__delay"), mean=Avg("flights__delay")).filter(n__gte=15, mean__gt=18)
    return late.order_by("id").values_list("id", "mean")


@by_hand("""
    SELECT c.make, COUNT(*), SUM(CASE WHEN f.delay > 30 THEN 1 ELSE 0 END), SUM(CASE WHEN f.cancelled THEN 1 ELSE 0 END)
    FROM air_flight f JOIN air_aircraft c ON c.id = f.aircraft_id GROUP BY c.make ORDER BY c.make
""")
def test_how_reliable_is_each_make():
    makes = Flight.objects.filter(aircraft__isnull=False).values("aircraft__make")
    return makes.annotate(
        n=Count("*"), late=Count("pk", filter=Q(delay__gt=30)), off=Count("pk", filter=Q(cancelled=True))
    ).order_by("aircraft__make")


@by_hand("""
    SELECT CASE WHEN distance < 1000 THEN 'short' WHEN distance < 4000 THEN 'medium' ELSE 'long' END AS kind,
           COUNT(*), MIN(distance), MAX(distance) FROM air_route GROUP BY 1 ORDER BY 1
""")
def test_how_many_routes_are_short_and_long():
    kind = Case(
        When(distance__lt=1000, then=Value("short")),
        When(distance__lt=4000, then=Value("medium")),
        default=Value("long"),
    )
    routes = Route.objects.annotate(kind=kind).values("kind")
    return routes.annotate(n=Count("*"), least=Min("distance"), most=Max("distance")).order_by("kind")


@by_hand("""
    SELECT b.cabin, COUNT(*), AVG(b.price), SUM(b.price), SUM(b.price) / SUM(r.distance) * 1.0
    FROM air_booking b JOIN air_flight f ON f.id = b.flight_id JOIN air_route r ON r.id = f.route_id
    GROUP BY b.cabin ORDER BY b.cabin
""")
def test_what_costs_a_kilometre_in_each_cabin():
    sums = Booking.objects.values("cabin").annotate(n=Count("*"), mean=Avg("price"), sum=Sum("price"))
    return sums.annotate(kilometre=F("sum") / Sum("flight__route__distance")).order_by("cabin")


@by_hand("""
    SELECT p.name, SUM(r.distance) AS far FROM air_passenger p JOIN air_booking b ON b.passenger_id = p.id
    JOIN air_flight f ON f.id = b.flight_id JOIN air_route r ON r.id = f.route_id
    WHERE NOT f.cancelled GROUP BY p.id, p.name ORDER BY far DESC, p.name LIMIT 10
""")
def test_which_ten_passengers_flew_the_furthest():
    flown = Passenger.objects.filter(bookings__flight__cancelled=False)
    far = flown.annotate(far=Sum("bookings__flight__route__distance"))
    return far.order_by("-far", "name").values_list("name", "far")[:10]


@by_hand("""
    SELECT p.name, b.id, b.price FROM air_passenger p JOIN air_booking b ON b.passenger_id = p.id
    WHERE p.id <= 25 AND b.id = (
        SELECT x.id FROM air_booking x WHERE x.passenger_id = p.id ORDER BY x.booked DESC, x.id DESC LIMIT 1
    ) ORDER BY p.name
""")
def test_what_did_each_passenger_book_last():
    own = Booking.objects.filter(passenger=OuterRef("pk")).order_by("-booked", "-id")
    last = Passenger.objects.filter(pk__lte=25).annotate(
        last=Subquery(own.values("pk")[:1]), price=Subquery(own.values("price")[:1])
    )
    return last.filter(last__isnull=False).order_by("name").values_list("name", "last", "price")


@by_hand("""
    SELECT f.id, c.seats - COUNT(b.id) AS free FROM air_flight f JOIN air_aircraft c ON c.id = f.aircraft_id
    LEFT JOIN air_booking b ON b.flight_id = f.id WHERE f.departs >= '2024-12-20 00:00:00+00:00'
    GROUP BY f.id, c.seats ORDER BY free, f.id LIMIT 20
""")
def test_where_are_few_seats_left():
    late = Flight.objects.filter(departs__gte=dt.datetime(2024, 12, 20, tzinfo=dt.UTC), aircraft__isnull=False)
    free = late.annotate(free=F("aircraft__seats") - Count("bookings"))
    return free.order_by("free", "id").values_list("id", "free")[:20]


@by_hand(
    """
    SELECT r.airline_id, CAST(ROUND(SUM((julianday(f.arrives) - julianday(f.departs)) * 86400)) AS INTEGER) * 1000000
    FROM air_flight f JOIN air_route r ON r.id = f.route_id GROUP BY r.airline_id ORDER BY r.airline_id
    """,
    postgresql="""
    SELECT r.airline_id, SUM(f.arrives - f.departs)
    FROM air_flight f JOIN air_route r ON r.id = f.route_id GROUP BY r.airline_id ORDER BY r.airline_id
    """,
)
def test_how_long_was_each_airline_in_the_air():
    times = Flight.objects.annotate(time=ExpressionWrapper(F("arrives") - F("departs"), output_field=DurationField()))
    return times.values("route__airline").annotate(time=Sum("time")).order_by("route__airline")


@by_hand("""
    SELECT COUNT(*), AVG(n), MAX(n) FROM (
        SELECT COUNT(b.id) AS n FROM air_passenger p LEFT JOIN air_booking b ON b.passenger_id = p.id GROUP BY p.id
    ) counted
""")
async def test_how_often_does_a_passenger_fly(call: Call):
    counted = Passenger.objects.annotate(n=Count("bookings"))
    return await call(counted, "aggregate", Count("pk"), Avg("n"), Max("n"))


@by_hand("SELECT SUM(price), MIN(price) FROM (SELECT price FROM air_booking ORDER BY price DESC, id LIMIT 50) dear")
async def test_what_do_the_dearest_fifty_bookings_sum_up_to(call: Call):
    return await call(Booking.objects.order_by("-price", "id")[:50], "aggregate", Sum("price"), Min("price"))


@by_hand("SELECT COUNT(*) FROM (SELECT DISTINCT city, country FROM air_airport) places")
async def test_how_many_places_have_an_airport(call: Call):
    return await call(Airport.objects.values("city", "country").distinct(), "count")


@by_hand("""
    SELECT c.airline_id, COUNT(*), AVG(c.seats) FROM air_aircraft c WHERE NOT c.retired GROUP BY c.airline_id
    HAVING COUNT(DISTINCT c.make) >= 4 ORDER BY COUNT(*) DESC, c.airline_id
""")
def test_which_fleets_are_mixed():
    fleets = Aircraft.objects.filter(retired=False).values("airline").annotate(n=Count("pk"), mean=Avg("seats"))
    mixed = fleets.alias(makes=Count("make", distinct=True)).filter(makes__gte=4)
    return mixed.order_by("-n", "airline")


@by_hand("""
    SELECT a.code FROM air_airport a JOIN air_route r ON r.origin_id = a.id GROUP BY a.id, a.code
    HAVING COUNT(*) > (SELECT COUNT(*) FROM air_route x WHERE x.destination_id = a.id) + 3 ORDER BY a.code
""")
def test_which_airports_send_more_than_they_receive():
    coming = Route.objects.filter(destination=OuterRef("pk")).order_by().values("destination")
    sent = Airport.objects.annotate(sent=Count("departures")).annotate(
        coming=Subquery(coming.annotate(n=Count("*")).values("n"), output_field=IntegerField())
    )
    more = sent.filter(Q(sent__gt=F("coming") + 3) | Q(coming=None, sent__gt=3))
    return more.order_by("code").values_list("code")


@by_hand("""
    SELECT level, COUNT(*), SUM(points), AVG(spent) FROM (
        SELECT c.id, c.level, c.points,
               (SELECT SUM(price) FROM air_booking b WHERE b.passenger_id = c.passenger_id) AS spent FROM air_card c
    ) cards GROUP BY level ORDER BY level
""")
def test_what_spends_a_holder_of_each_card():
    spent = Booking.objects.filter(passenger=OuterRef("passenger")).order_by().values("passenger")
    cards = Card.objects.annotate(spent=Subquery(spent.annotate(sum=Sum("price")).values("sum")))
    groups = cards.values("level").annotate(n=Count("pk"), points=Sum("points"), mean=Avg("spent"))
    return groups.order_by("level")


@by_hand("SELECT COUNT(*), SUM(points + 500) FROM air_card WHERE level = 'silver' AND points < 3000")
async def test_what_would_a_gift_of_points_change(call: Call):
    few = Card.objects.filter(level="silver", points__lt=3000)
    keys = await call.list(few.values_list("pk", flat=True))
    async with undone(call):
        changed = await call(few, "update", points=F("points") + 500)
        sums = await call(Card.objects.filter(pk__in=keys), "aggregate", sum=Sum("points"))
    return (changed, sums["sum"])


@by_hand("""
    SELECT (SELECT COUNT(*) FROM air_flight WHERE aircraft_id = 7), COUNT(*),
           (SELECT COUNT(*) FROM air_booking b JOIN air_flight f ON f.id = b.flight_id
            JOIN air_route r ON r.id = f.route_id WHERE r.airline_id = 5)
    FROM air_flight f JOIN air_route r ON r.id = f.route_id WHERE r.airline_id = 5
""")
async def test_what_goes_when_an_airline_does(call: Call):
    async with undone(call):
        grounded = await call(Flight.objects.filter(aircraft=7), "update", aircraft=None)
        _, gone = await call(Airline.objects.filter(pk=5), "delete")
    return (grounded, gone["air.Flight"], gone["air.Booking"])
