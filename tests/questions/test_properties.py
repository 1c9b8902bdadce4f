"""Random conditions, aggregates, groups and orders over to-many relations mean what plain Python finds."""

from __future__ import annotations

import os
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from dorm import Avg, Count, F, Max, Min, Q, Sum
from tests.questions import crew
from tests.questions.crew import Condition, Person, joined, value_of

SHAPE = crew

EXAMPLES = os.environ.get("DORM_TEST_EXAMPLES")
profile = settings(
    deadline=None,
    database=None,
    max_examples=int(EXAMPLES or 100),
    derandomize=EXAMPLES is None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

numbers = st.integers(-1, 4)
OWN, MANY = ["age", "team__rank"], ["thing__size", "thing__labels__weight", "thing__price"]


def conditions(paths: list[str], *, missing: bool = True) -> st.SearchStrategy[Condition]:
    """Comparisons with numbers; *missing* ends of relations too."""
    plain = st.builds(Condition, st.sampled_from(paths), st.sampled_from(["exact", "gt", "lte"]), numbers)
    # An empty list says something without asking, and joins nothing.
    several = st.builds(Condition, st.sampled_from(paths), st.just("in"), st.lists(numbers, min_size=1, max_size=3))
    if not missing:
        return plain | several
    ends = st.sampled_from(["team__rank", "thing", "thing__labels"])
    return plain | several | st.builds(Condition, ends, st.just("isnull"), st.booleans())


class Step(NamedTuple):
    """A call of ``filter`` or ``exclude``."""

    denied: bool
    conditions: list[Condition]

    def call(self, query: Any) -> Any:
        method = query.exclude if self.denied else query.filter
        return method(*(Q(**one.keyword()) for one in self.conditions))

    def apply(self, rows: list[Any], join: int) -> list[Any]:
        if self.denied:
            return [row for row in rows if not all(map(row_or_any(row), self.conditions))]
        rows = joined(rows, [one.path for one in self.conditions], join) if rows else rows
        return [row for row in rows if all(one.holds(row, join) for one in self.conditions)]


def row_or_any(row: Any) -> Any:
    """How a denied condition is tested: one over to-many relations is about any row there, by itself."""

    def tested(condition: Condition) -> bool:
        if not condition.many:
            return condition.holds(row, 0)
        return any(condition.holds(one, 0) for one in joined([{"person": row["person"]}], [condition.path], 0))

    return tested


class Aggregate(NamedTuple):
    """An aggregate, and after how many of the steps it is annotated."""

    function: Any
    path: str
    distinct: bool
    among: Condition | None
    denied: bool
    after: int

    def expression(self) -> Any:
        options: dict[str, Any] = {"distinct": True} if self.distinct else {}
        if self.among is not None:
            among = Q(**self.among.keyword())
            options["filter"] = ~among if self.denied else among
        return self.function(self.path, **options)

    def paths(self) -> list[str]:
        return [self.path] if self.among is None else [self.path, self.among.path]

    def value(self, rows: list[Any], join: int) -> Any:
        if self.among is not None:
            rows = [row for row in rows if self.among.holds(row, join) is not self.denied]
        found = [one for one in (value_of(row, self.path, join) for row in rows) if one is not None]
        found = list(set(found)) if self.distinct else found
        if self.function is Count:
            return len(found)
        if not found:
            return None
        return {Sum: sum, Avg: lambda some: sum(some) / len(some), Min: min, Max: max}[self.function](found)


class Asked(NamedTuple):
    """Filters with an aggregate among them, a group, a condition on it, an order and a window."""

    steps: list[Step]
    aggregate: Aggregate
    group: str
    least: int | None
    descending: bool
    window: tuple[int, int | None]

    def query(self) -> Any:
        query: Any = Person.objects.all() if self.group == "pk" else Person.objects.values(self.group)
        for number, step in enumerate((*self.steps, None)):
            if number == self.aggregate.after:
                query = query.annotate(found=self.aggregate.expression())
            query = query if step is None else step.call(query)
        if self.least is not None:
            query = query.filter(found__gt=self.least)
        first = F("found").desc(nulls_last=True) if self.descending else F("found").asc(nulls_first=True)
        query = query.order_by(first, F(self.group).asc(nulls_first=True))
        start, stop = self.window
        return query.values_list(self.group, "found")[start:stop]

    def expected(self) -> list[tuple[Any, Any]]:
        rows: list[Any] = [{"person": person} for person in crew.PEOPLE]
        shared = 0
        for number, step in enumerate(self.steps, 1):
            rows = step.apply(rows, number)
            if number <= self.aggregate.after and not step.denied and any(one.many for one in step.conditions):
                shared = number
        rows = joined(rows, self.aggregate.paths(), shared) if rows else rows
        groups: dict[Any, list[Any]] = {}
        for row in rows:
            groups.setdefault(value_of(row, "id" if self.group == "pk" else self.group, 0), []).append(row)
        found = [(key, self.aggregate.value(some, shared)) for key, some in groups.items()]
        if self.least is not None:
            found = [(key, value) for key, value in found if value is not None and value > self.least]
        found.sort(key=lambda pair: (pair[0] is not None, pair[0] or 0))
        found.sort(key=lambda pair: (pair[1] is not None, pair[1] or 0), reverse=self.descending)
        start, stop = self.window
        return found[start:stop]


@st.composite
def asked(draw: st.DrawFn) -> Asked:
    kept = st.builds(Step, st.just(False), st.lists(conditions(OWN + MANY), min_size=1, max_size=3))
    denied = st.builds(Step, st.just(True), st.lists(conditions(OWN + MANY, missing=False), min_size=1, max_size=2))
    steps = draw(st.lists(kept | denied, max_size=3))
    function = draw(st.sampled_from([Count, Sum, Avg, Min, Max]))
    paths = ["thing", "thing__labels", *MANY, "age"] if function is Count else [*MANY, "age"]
    path = draw(st.sampled_from(paths))
    among = draw(st.none() | conditions(OWN + MANY, missing=False))
    distinct = function is Count and draw(st.booleans())
    aggregate = Aggregate(function, path, distinct, among, draw(st.booleans()), draw(st.integers(0, len(steps))))
    group = draw(st.sampled_from(["pk", "pk", "age", "team__rank"]))
    window = (draw(st.integers(0, 3)), draw(st.none() | st.integers(3, 8)))
    return Asked(steps, aggregate, group, draw(st.none() | numbers), draw(st.booleans()), window)


def close(rows: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    return [(key, value if value is None else pytest.approx(float(value))) for key, value in rows]


@profile
@given(question=asked())
def test_groups_and_aggregates_are_those_that_plain_python_finds(hand, question):
    query = question.query()
    note(str(query.query))
    assert close(question.expected()) == [(key, value if value is None else float(value)) for key, value in query]


@profile
@given(question=asked())
def test_so_many_groups_are_counted(hand, question):
    query = question.query()
    note(str(query.query))
    expected = len(question.expected())
    assert (expected, bool(expected)) == (query.count(), query.exists())


@profile
@given(
    steps=st.lists(
        st.builds(Step, st.booleans(), st.lists(conditions(OWN + MANY, missing=False), min_size=1, max_size=3)),
        max_size=4,
    )
)
def test_chains_of_conditions_give_the_rows_that_plain_python_finds(hand, steps):
    query: Any = Person.objects.all()
    rows: list[Any] = [{"person": person} for person in crew.PEOPLE]
    for number, step in enumerate(steps, 1):
        query, rows = step.call(query), step.apply(rows, number)
    note(str(query.query))
    expected = sorted(row["person"]["id"] for row in rows)
    assert expected == [one.pk for one in query.order_by("pk")]
    assert sorted(set(expected)) == [one.pk for one in query.distinct().order_by("pk")]
    ages = [row["person"]["age"] for row in rows if row["person"]["age"] is not None]
    counted = query.aggregate(n=Count("pk"), sum=Sum("age"), different=Count("age", distinct=True))
    assert {"n": len(rows), "sum": sum(ages) if ages else None, "different": len(set(ages))} == counted
