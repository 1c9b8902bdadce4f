"""Where one flies, and with whom: filters, joins, sets, and rows that are not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm import Exists, F, OuterRef, Prefetch, Q, Subquery
from tests.questions import air
from tests.questions.air import Aircraft, Airline, Airport, Booking, Flight, Passenger, Route
from tests.questions.asking import by_hand

if TYPE_CHECKING:
    from tests.testbed.colours import Call

SHAPE = air


@by_hand("""
    SELECT code FROM air_airport a
    WHERE NOT EXISTS (SELECT 1 FROM air_route r WHERE r.origin_id = a.id) ORDER BY code
""")
def test_from_which_airports_does_nobody_depart():
    return Airport.objects.filter(departures=None).order_by("code").values_list("code")


@by_hand("""
    SELECT r.id FROM air_route r
    WHERE NOT EXISTS (SELECT 1 FROM air_flight f WHERE f.route_id = r.id) ORDER BY r.id
""")
def test_which_routes_were_never_flown():
    return Route.objects.exclude(flights__isnull=False).order_by("id").values_list("id", flat=True)


@by_hand("""
    SELECT name FROM air_airline a WHERE NOT EXISTS (
        SELECT 1 FROM air_route r JOIN air_flight f ON f.route_id = r.id JOIN air_booking b ON b.flight_id = f.id
        WHERE r.airline_id = a.id AND b.cabin = 'first' AND b.price > 3500
    ) ORDER BY name
""")
def test_which_airlines_never_sold_an_expensive_first_seat():
    dear = Booking.objects.filter(cabin="first", price__gt=3500)
    return Airline.objects.exclude(route__flights__bookings__in=dear).order_by("name").values_list("name")


@by_hand("""
    SELECT name FROM air_airline a WHERE NOT EXISTS (
        SELECT 1 FROM air_route r JOIN air_flight f ON f.route_id = r.id
        WHERE r.airline_id = a.id AND f.delay > 85
    ) ORDER BY name
""")
def test_which_airlines_had_no_long_delay_on_any_route():
    return Airline.objects.exclude(route__flights__delay__gt=85).order_by("name").values_list("name")


@by_hand("""
    SELECT DISTINCT p.country FROM air_passenger p
    JOIN air_booking b ON b.passenger_id = p.id JOIN air_flight f ON f.id = b.flight_id
    JOIN air_route r ON r.id = f.route_id JOIN air_airport a ON a.id = r.destination_id
    WHERE a.city = 'City 33' ORDER BY p.country
""")
def test_from_where_come_the_guests_of_a_city():
    guests = Passenger.objects.filter(bookings__flight__route__destination__city="City 33")
    return guests.values_list("country", flat=True).distinct().order_by("country")


@by_hand("""
    SELECT there.id, back.id FROM air_route there
    JOIN air_route back ON back.origin_id = there.destination_id AND back.destination_id = there.origin_id
    WHERE there.id < back.id ORDER BY there.id, back.id
""")
async def test_which_routes_go_there_and_back(call: Call):
    back = Route.objects.filter(origin=OuterRef("destination"), destination=OuterRef("origin"), pk__gt=OuterRef("pk"))
    pairs = []
    there = Route.objects.filter(Exists(back)).select_related("origin", "destination").order_by("id")
    for one in await call.list(there):
        others = one.destination.departures.filter(destination=one.origin, pk__gt=one.pk).order_by("pk")
        pairs += [(one.pk, key) for key in await call.list(others.values_list("pk", flat=True))]
    return pairs


@by_hand("""
    SELECT DISTINCT far.code FROM air_route one JOIN air_route two ON two.origin_id = one.destination_id
    JOIN air_airport home ON home.id = one.origin_id JOIN air_airport far ON far.id = two.destination_id
    WHERE home.code = 'BR01' AND far.code <> 'BR01' ORDER BY far.code
""")
def test_where_does_one_get_by_changing_once():
    far = Airport.objects.filter(arrivals__origin__arrivals__origin__code="BR01").exclude(code="BR01")
    return far.distinct().order_by("code").values_list("code")


@by_hand("""
    SELECT code FROM air_airport a
    WHERE EXISTS (SELECT 1 FROM air_route r WHERE r.origin_id = a.id AND r.airline_id = 3)
      AND EXISTS (SELECT 1 FROM air_route r WHERE r.origin_id = a.id AND r.airline_id = 5) ORDER BY code
""")
def test_which_airports_do_two_airlines_share():
    both = Airport.objects.filter(departures__airline=3).filter(departures__airline=5)
    return both.distinct().order_by("code").values_list("code")


@by_hand("""
    SELECT code FROM air_airport a WHERE EXISTS (
        SELECT 1 FROM air_route r JOIN air_airline l ON l.id = r.airline_id
        WHERE r.origin_id = a.id AND l.alliance = 'Star' AND r.distance > 7000
    ) ORDER BY code
""")
def test_from_where_fly_members_far():
    found = Airport.objects.filter(departures__airline__alliance="Star", departures__distance__gt=7000)
    return found.distinct().order_by("code").values_list("code")


@by_hand("""
    SELECT l.name, h.code FROM air_airline l LEFT JOIN air_airport h ON h.id = l.hub_id
    WHERE h.id IS NULL OR h.altitude > 1200 ORDER BY l.name
""")
def test_which_hubs_are_high_or_missing():
    found = Airline.objects.filter(Q(hub=None) | Q(hub__altitude__gt=1200))
    return found.order_by("name").values_list("name", "hub__code")


@by_hand("""
    SELECT l.name FROM air_airline l LEFT JOIN air_airport h ON h.id = l.hub_id
    WHERE h.country <> l.country OR h.country IS NULL ORDER BY l.name
""")
def test_which_airlines_have_no_hub_at_home():
    return Airline.objects.exclude(hub__country=F("country")).order_by("name").values_list("name", flat=True)


@by_hand("""
    SELECT f.id FROM air_flight f JOIN air_route r ON r.id = f.route_id JOIN air_aircraft c ON c.id = f.aircraft_id
    WHERE c.airline_id <> r.airline_id AND c.make IN ('A350', 'B787') AND r.distance < 500 ORDER BY f.id
""")
def test_which_short_flights_use_large_aircraft_of_others():
    lent = Flight.objects.filter(aircraft__make__in=["A350", "B787"], route__distance__lt=500)
    return lent.exclude(aircraft__airline=F("route__airline")).order_by("id").values_list("id")


@by_hand("""
    SELECT country FROM air_airport WHERE altitude > 2000
    UNION SELECT country FROM air_airline WHERE alliance = 'One' ORDER BY country
""")
def test_which_countries_are_high_or_allied():
    high = Airport.objects.filter(altitude__gt=2000).values_list("country")
    return high.union(Airline.objects.filter(alliance="One").values_list("country")).order_by("country")


@by_hand("""
    SELECT origin_id FROM air_route WHERE airline_id = 2
    INTERSECT SELECT destination_id FROM air_route WHERE airline_id = 7 ORDER BY origin_id
""")
def test_where_does_one_change_from_an_airline_to_another():
    leaves = Route.objects.filter(airline=2).values_list("origin")
    return leaves.intersection(Route.objects.filter(airline=7).values_list("destination")).order_by("origin")


@by_hand("""
    SELECT passenger_id FROM air_booking WHERE cabin = 'business' AND price > 880
    EXCEPT SELECT passenger_id FROM air_booking WHERE cabin = 'economy' ORDER BY passenger_id
""")
def test_who_flies_dear_and_never_cheap():
    dear = Booking.objects.filter(cabin="business", price__gt=880).values_list("passenger_id")
    return dear.difference(Booking.objects.filter(cabin="economy").values_list("passenger_id")).order_by("passenger_id")


@by_hand("""
    SELECT p.name, c.points FROM air_passenger p LEFT JOIN air_card c ON c.passenger_id = p.id
    WHERE p.id < 40 AND (c.id IS NULL OR c.level = 'gold') ORDER BY p.name
""")
def test_who_has_no_card_or_a_golden_one():
    found = Passenger.objects.filter(Q(card=None) | Q(card__level="gold"), pk__lt=40)
    return found.order_by("name").values_list("name", "card__points")


@by_hand("""
    SELECT p.id, COALESCE(c.level, '-') FROM air_passenger p LEFT JOIN air_card c ON c.passenger_id = p.id
    WHERE p.id BETWEEN 100 AND 130 ORDER BY p.id
""")
async def test_which_card_has_each_passenger(call: Call):
    found = Passenger.objects.filter(pk__range=(100, 130)).select_related("card").order_by("pk")
    return [(one.pk, one.card.level if hasattr(one, "card") else "-") for one in await call.list(found)]


@by_hand("""
    SELECT p.name FROM air_passenger p WHERE p.email LIKE '%@post.example' AND p.born < '1945-01-01'
      AND NOT EXISTS (SELECT 1 FROM air_card c WHERE c.passenger_id = p.id) ORDER BY p.born, p.name LIMIT 12
""")
def test_who_are_the_oldest_without_a_card():
    old = Passenger.objects.filter(email__endswith="@post.example", born__year__lt=1945, card__isnull=True)
    return old.order_by("born", "name").values_list("name")[:12]


@by_hand("""
    SELECT a.code, (
        SELECT f.id FROM air_flight f JOIN air_route r ON r.id = f.route_id
        WHERE r.origin_id = a.id AND f.delay IS NOT NULL ORDER BY f.delay DESC, f.id LIMIT 1
    ) AS worst FROM air_airport a WHERE a.country = 'DE' ORDER BY a.code
""")
def test_which_flight_from_each_airport_was_the_latest():
    late = Flight.objects.filter(route__origin=OuterRef("pk"), delay__isnull=False).order_by("-delay", "id")
    found = Airport.objects.filter(country="DE").annotate(worst=Subquery(late.values("pk")[:1]))
    return found.order_by("code").values_list("code", "worst")


@by_hand("""
    SELECT c.id, f.id FROM air_aircraft c LEFT JOIN air_flight f
        ON f.aircraft_id = c.id AND f.delay > 45 AND NOT f.cancelled
    WHERE c.make = 'DH8' ORDER BY c.id, f.departs, f.id
""")
async def test_which_flights_of_small_aircraft_were_late(call: Call):
    late = Flight.objects.filter(delay__gt=45, cancelled=False).order_by("departs", "pk")
    small = Aircraft.objects.filter(make="DH8").order_by("pk")
    found = await call.list(small.prefetch_related(Prefetch("flight_set", queryset=late, to_attr="late")))
    return [(one.pk, flight and flight.pk) for one in found for flight in one.late or [None]]


@by_hand("""
    SELECT l.id, r.id, a.code FROM air_airline l JOIN air_route r ON r.airline_id = l.id
    JOIN air_airport a ON a.id = r.destination_id
    WHERE l.alliance IS NULL AND r.distance > 5000 ORDER BY l.id, r.distance DESC, r.id
""")
async def test_how_far_fly_airlines_without_alliance(call: Call):
    far = Route.objects.filter(distance__gt=5000).select_related("destination").order_by("-distance", "id")
    alone = Airline.objects.filter(alliance=None).order_by("pk").prefetch_related(Prefetch("route_set", queryset=far))
    return [
        (airline.pk, route.pk, route.destination.code)
        for airline in await call.list(alone)
        for route in airline.route_set.all()
    ]


@by_hand("SELECT code, city FROM air_airport WHERE code IN ('AT12', 'BR01', 'US11') ORDER BY code")
async def test_what_are_these_airports_called(call: Call):
    found: dict[Any, Any] = await call(Airport.objects, "in_bulk", ["US11", "AT12", "BR01", "XX00"], field_name="code")
    return [(code, airport.city) for code, airport in sorted(found.items())]
