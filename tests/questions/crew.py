"""A crew with things that have labels, and what joins, groups and aggregates over them mean in plain Python.

A row of a query is a combination: a person, and for each join over a to-many relation one thing (or none) and one of
its labels (or none).  Joins have numbers: that of the call of ``filter`` they belong to, and 0 without one.
"""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any, NamedTuple

import dorm


class Team(dorm.Model):
    rank = dorm.IntegerField()

    class Meta:
        app_label = "crew"


class Person(dorm.Model):
    age = dorm.IntegerField(null=True)
    team = dorm.ForeignKey(Team, on_delete=dorm.CASCADE, null=True)

    class Meta:
        app_label = "crew"


class Label(dorm.Model):
    weight = dorm.IntegerField(null=True)

    class Meta:
        app_label = "crew"


class Thing(dorm.Model):
    owner = dorm.ForeignKey(Person, on_delete=dorm.CASCADE, related_name="things", related_query_name="thing")
    size = dorm.IntegerField(null=True)
    price = dorm.DecimalField(max_digits=6, decimal_places=2)
    labels = dorm.ManyToManyField(Label)

    class Meta:
        app_label = "crew"


ALL = (Team, Person, Label, Thing)

_chance = random.Random(14)
TEAMS = {1: {"id": 1, "rank": 1}, 2: {"id": 2, "rank": 2}, 3: {"id": 3, "rank": 1}}
PEOPLE: list[dict[str, Any]] = [
    {"id": key, "age": [None, 1, 2, 2, 3][key % 5], "team_id": [None, 1, 2, 3][key % 4]} for key in range(1, 14)
]
LABELS = {key: {"id": key, "weight": [None, 0, 1, 2][key % 4]} for key in range(1, 6)}
THINGS: list[dict[str, Any]] = [
    {
        "id": key,
        "owner_id": _chance.randrange(1, 11),
        "size": _chance.choice([None, 0, 1, 2, 3]),
        "price": Decimal(_chance.randrange(-200, 400)) / 100,
    }
    for key in range(1, 23)
]
LABELLED = sorted({(_chance.randrange(1, 19), _chance.randrange(1, 6)) for _ in range(24)})


def fill() -> None:
    """Store the rows."""
    Team.objects.bulk_create(Team(**row) for row in TEAMS.values())
    Person.objects.bulk_create(Person(**row) for row in PEOPLE)
    Label.objects.bulk_create(Label(**row) for row in LABELS.values())
    Thing.objects.bulk_create(Thing(**row) for row in THINGS)
    through = Thing.labels.through
    through.objects.bulk_create(through(thing_id=thing, label_id=label) for thing, label in LABELLED)


def things_of(person: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for row in THINGS if row["owner_id"] == person["id"]]


def labels_of(thing: dict[str, Any] | None) -> list[dict[str, Any]]:
    return [] if thing is None else [LABELS[label] for key, label in LABELLED if key == thing["id"]]


Row = dict[Any, Any]
COMPARISONS = {
    "exact": lambda left, right: left == right,
    "gt": lambda left, right: left > right,
    "lte": lambda left, right: left <= right,
    "in": lambda left, right: left in right,
}


class Condition(NamedTuple):
    """``path__lookup=value``."""

    path: str
    lookup: str
    value: Any

    def keyword(self) -> dict[str, Any]:
        return {f"{self.path}__{self.lookup}": self.value}

    def holds(self, row: Row, join: int) -> bool:
        found = value_of(row, self.path, join)
        if self.lookup == "isnull":
            return (found is None) is self.value
        return found is not None and COMPARISONS[self.lookup](found, self.value)

    @property
    def many(self) -> bool:
        return self.path.startswith("thing")


def value_of(row: Row, path: str, join: int) -> Any:
    """What a path means in a row, with the to-many join of that number."""
    if path.startswith("thing"):
        _, *names = path.split("__")
        place = "label" if names[:1] == ["labels"] else "thing"
        name = names[-1] if names and names[-1] != "labels" else "id"
        found = row[place, join]
    elif path.startswith("team__"):
        found, name = TEAMS.get(row["person"]["team_id"]), path.removeprefix("team__")
    else:
        found, name = row["person"], path
    return None if found is None else found[name]


def joined(rows: list[Row], paths: list[str], join: int) -> list[Row]:
    """The rows with the joins that paths demand, each as often as it has partners, and once without."""
    for place, wanted, partners in (
        ("thing", "thing", lambda row: things_of(row["person"])),
        ("label", "thing__labels", lambda row: labels_of(row["thing", join])),
    ):
        if any(path.startswith(wanted) for path in paths) and (place, join) not in rows[:1][0]:
            rows = [{**row, (place, join): one} for row in rows for one in partners(row) or [None]]
    return rows
