"""An air network: who flies where, with what, and who is on board."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any

import dorm

COUNTRIES = ["AT", "BR", "CA", "DE", "ES", "FR", "IT", "JP", "NO", "PT", "SE", "US"]
MAKES = [("A320", 180), ("A321", 220), ("A350", 325), ("B737", 162), ("B787", 290), ("E190", 100), ("DH8", 74)]
CABINS = ["economy", "economy", "economy", "economy", "premium", "business", "first"]
SINCE = dt.datetime(2023, 1, 1, 5, tzinfo=dt.UTC)


class Air(dorm.Model):
    """What the models have in common."""

    class Meta:
        abstract = True
        app_label = "air"


class Airport(Air):
    code = dorm.CharField(max_length=4, unique=True)
    city = dorm.CharField(max_length=30)
    country = dorm.CharField(max_length=2)
    altitude = dorm.IntegerField(null=True)


class Airline(Air):
    name = dorm.CharField(max_length=30)
    country = dorm.CharField(max_length=2)
    alliance = dorm.CharField(max_length=10, null=True)
    hub = dorm.ForeignKey(Airport, on_delete=dorm.SET_NULL, null=True, related_name="based")


class Aircraft(Air):
    airline = dorm.ForeignKey(Airline, on_delete=dorm.CASCADE, related_name="fleet")
    make = dorm.CharField(max_length=10)
    seats = dorm.IntegerField()
    built = dorm.DateField()
    retired = dorm.BooleanField(default=False)


class Route(Air):
    airline = dorm.ForeignKey(Airline, on_delete=dorm.CASCADE)
    origin = dorm.ForeignKey(Airport, on_delete=dorm.CASCADE, related_name="departures")
    destination = dorm.ForeignKey(Airport, on_delete=dorm.CASCADE, related_name="arrivals")
    distance = dorm.IntegerField()


class Flight(Air):
    route = dorm.ForeignKey(Route, on_delete=dorm.CASCADE, related_name="flights")
    aircraft = dorm.ForeignKey(Aircraft, on_delete=dorm.SET_NULL, null=True)
    departs = dorm.DateTimeField()
    arrives = dorm.DateTimeField()
    delay = dorm.IntegerField(null=True)
    cancelled = dorm.BooleanField(default=False)


class Passenger(Air):
    name = dorm.CharField(max_length=30)
    country = dorm.CharField(max_length=2)
    born = dorm.DateField()
    email = dorm.CharField(max_length=40, null=True)


class Card(Air):
    passenger = dorm.OneToOneField(Passenger, on_delete=dorm.CASCADE, related_name="card")
    level = dorm.CharField(max_length=10)
    points = dorm.IntegerField()


class Booking(Air):
    flight = dorm.ForeignKey(Flight, on_delete=dorm.CASCADE, related_name="bookings")
    passenger = dorm.ForeignKey(Passenger, on_delete=dorm.CASCADE, related_name="bookings")
    cabin = dorm.CharField(max_length=10)
    price = dorm.DecimalField(max_digits=8, decimal_places=2)
    booked = dorm.DateTimeField()


ALL = (Airport, Airline, Aircraft, Route, Flight, Passenger, Card, Booking)


def fill() -> None:
    """Store some thirty thousand rows, the same every time."""
    chance = random.Random(11)
    Airport.objects.bulk_create(airports(chance))
    Airline.objects.bulk_create(airlines(chance))
    Aircraft.objects.bulk_create(fleet(chance))
    routes = list_routes(chance)
    Route.objects.bulk_create(routes)
    flights = list_flights(chance, routes)
    Flight.objects.bulk_create(flights)
    Passenger.objects.bulk_create(passengers(chance))
    Card.objects.bulk_create(
        Card(passenger_id=key, level=chance.choice(["blue", "silver", "gold"]), points=chance.randrange(9000))
        for key in range(2, 3000, 4)
    )
    Booking.objects.bulk_create(bookings(chance, flights))


def airports(chance: random.Random) -> list[Airport]:
    return [
        Airport(
            id=key,
            code=f"{COUNTRIES[key % 12]}{key:02d}",
            city=f"City {key % 70:02d}",
            country=COUNTRIES[key % 12],
            altitude=None if key % 9 == 0 else chance.randrange(2500),
        )
        for key in range(1, 91)
    ]


def airlines(chance: random.Random) -> list[Airline]:
    return [
        Airline(
            id=key,
            name=f"Air {key:02d}",
            country=COUNTRIES[key % 12],
            alliance=["Star", "One", None][key % 3],
            hub_id=None if key in {4, 9} else chance.randrange(1, 91),
        )
        for key in range(1, 17)
    ]


def fleet(chance: random.Random) -> list[Aircraft]:
    found = []
    for key in range(1, 121):
        make, seats = chance.choice(MAKES)
        built = dt.date(1995, 1, 1) + dt.timedelta(days=chance.randrange(10000))
        airline = chance.randrange(1, 16)  # the last one owns nothing
        found.append(
            Aircraft(
                id=key, airline_id=airline, make=make, seats=seats, built=built, retired=built < dt.date(2000, 1, 1)
            )
        )
    return found


def list_routes(chance: random.Random) -> list[Route]:
    found = []
    for key in range(1, 401):
        origin = chance.randrange(1, 81)  # from some airports nobody departs
        destination = chance.choice([other for other in range(3, 88) if other != origin])
        found.append(
            Route(
                id=key,
                airline_id=chance.randrange(1, 15),
                origin_id=origin,
                destination_id=destination,
                distance=120 + abs(origin - destination) * 97 + chance.randrange(50),
            )
        )
    return found


def list_flights(chance: random.Random, routes: list[Route]) -> list[Flight]:
    found = []
    for key in range(1, 5001):
        route = chance.choice(routes[:380])  # some routes are never flown
        departs = SINCE + dt.timedelta(minutes=5 * chance.randrange(2 * 365 * 24 * 12))
        found.append(
            Flight(
                id=key,
                route_id=route.id,
                aircraft_id=None if key % 37 == 0 else chance.randrange(1, 111),
                departs=departs,
                arrives=departs + dt.timedelta(minutes=30 + route.distance // 12),
                delay=None if key % 5 == 0 else max(0, int(chance.gauss(10, 25))),
                cancelled=chance.random() < 0.03,
            )
        )
    return found


def passengers(chance: random.Random) -> list[Passenger]:
    return [
        Passenger(
            id=key,
            name=f"Passenger {key:04d}",
            country=chance.choice(COUNTRIES),
            born=dt.date(1940, 1, 1) + dt.timedelta(days=chance.randrange(25000)),
            email=None if key % 6 == 0 else f"p{key}@{chance.choice(['mail', 'post'])}.example",
        )
        for key in range(1, 3001)
    ]


def bookings(chance: random.Random, flights: list[Flight]) -> list[Booking]:
    found: list[Any] = []
    for key in range(1, 22001):
        flight = flights[chance.randrange(4900)]
        cabin = chance.choice(CABINS)
        found.append(
            Booking(
                id=key,
                flight_id=flight.id,
                passenger_id=min(chance.randrange(1, 3001), chance.randrange(1, 3001)),
                cabin=cabin,
                price=Decimal(chance.randrange(3000, 90000)) / 100 * (4 if cabin == "first" else 1),
                booked=flight.departs - dt.timedelta(hours=chance.randrange(1, 3000)),
            )
        )
    return found
