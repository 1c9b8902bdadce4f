"""Queries inside queries, combined queries and hand-written SQL: compiled once, and never taken for each other."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from dorm import BooleanField, Case, Count, Exists, F, IntegerField, OuterRef, Q, RawSQL, Subquery, Sum, Value, When
from dorm.conf import settings as configured
from dorm.db.connection import blocking, dialect_of
from dorm.lookups import GreaterThan, In
from dorm.query import plan as cache
from dorm.query.plan import Counter
from dorm.query.reads import count_plan, exists_plan, select_plan
from tests.library import Author, Book
from tests.plans import shelf
from tests.plans.strategies import leaves, trees

profile = settings.get_profile("plans")
DATABASES = {
    "default": "sqlite:///never.sqlite3",
    "sqlite": "sqlite:///never.sqlite3",
    "postgresql": "postgresql://n/n",
}
VENDORS = ("sqlite", "postgresql")
OWN = Book.objects.filter(author=OuterRef("pk"))
A = Author.objects

QUERIES: dict[str, Any] = {
    "exists": lambda n: A.filter(Exists(OWN.filter(pages=n)), age=n),
    "not exists": lambda n: A.filter(~Exists(OWN.filter(pages__gt=n)) | Q(age=n)),
    "subquery": lambda n: A.annotate(t=Subquery(OWN.filter(pages=n).order_by(F("pages") + n).values("title")[: n + 1])),
    "subquery filter": lambda n: A.annotate(t=Subquery(OWN.filter(pages=n).values("pages")[:1])).filter(t__gt=n),
    "grouped subquery": lambda n: A.annotate(
        t=Subquery(OWN.filter(pages__gt=n).values("author").annotate(s=Sum("pages") + n).values("s"))
    ),
    "outer annotation": lambda n: A.annotate(m=F("age") + n).filter(
        Exists(OWN.filter(pages=OuterRef("m"), title=str(n)))
    ),
    "further out": lambda n: A.filter(Exists(A.filter(Exists(A.filter(age=OuterRef(OuterRef("age")) + n)), age=n))),
    "unordered inside": lambda n: A.filter(pk__in=Book.objects.order_by(F("pages") + n).values("author"), age=n),
    "condition as value": lambda n: A.annotate(old=Q(age__gt=n)).filter(old=n % 2 == 0).order_by(Q(age=n)),
    "lookup object": lambda n: A.filter(GreaterThan(F("age") + n, n), In(F("age"), range(n + 1))),
    "exclusive or": lambda n: A.filter(Q(age=n) ^ Q(name=str(n)) ^ Exists(OWN.filter(pages=n))),
    "case": lambda n: A.annotate(c=Case(When(Exists(OWN.filter(pages=n)), then=n), default=Value(n))),
    "raw": lambda n: A.filter(RawSQL("age > %s AND name <> %s", [n, str(n)], output_field=BooleanField()), age=n),
    "values": lambda n: A.values("name", more=F("age") + n).filter(more__gt=n),
    "union": lambda n: (
        A.filter(age=n).union(A.filter(name=str(n)), A.filter(age__gt=n)[: n + 1]).order_by("age")[: n + 2]
    ),
    "nested union": lambda n: (
        A.filter(age=n).union(A.filter(age=n + 1)).difference(A.filter(name=str(n))).values("name")
    ),
    "union inside": lambda n: A.filter(pk__in=A.filter(age=n).union(A.filter(name=str(n)))[n + 1 :], age=n),
    "union exists": lambda n: A.filter(Exists(OWN.filter(pages=n).union(OWN.filter(title=str(n)))), age=n),
    "or": lambda n: A.filter(age=n) | A.filter(name=str(n), book__pages=n),
    "and": lambda n: A.filter(age=n, book__pages=n) & A.filter(book__title=str(n)),
    "xor": lambda n: A.filter(age=n) ^ A.exclude(name=str(n)),
}


@pytest.fixture
def _aliases():
    configured.configure(DATABASES=DATABASES)
    cache.forget_plans()


@pytest.mark.usefixtures("_aliases")
@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("name", QUERIES)
def test_other_values_are_compiled_once(name, vendor):
    for plan_of in (select_plan, count_plan, exists_plan):
        before = Counter.compiled
        for turn in range(100):
            query = QUERIES[name](turn).described
            asked = query if plan_of is select_plan else query.bare()
            plan = plan_of(asked, dialect_of(vendor))
            assert plan.statement is not None
            plan.bind(asked.values())
        assert 1 == Counter.compiled - before


@pytest.mark.usefixtures("_aliases")
@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("name", QUERIES)
def test_every_value_reaches_its_place(name, vendor):
    dialect = dialect_of(vendor)
    for turn in (3, 4):
        query = QUERIES[name](turn).described
        kept = select_plan(query, dialect).bind(query.values())
        dialect.plans.clear()
        assert kept == select_plan(query, dialect).bind(query.values())


DIFFERENT: list[Any] = [
    A.filter(Exists(OWN)),
    A.filter(~Exists(OWN)),
    A.filter(Exists(Book.objects.filter(author=OuterRef("mentor")))),
    A.filter(Exists(Book.objects.filter(editor=OuterRef("pk")))),
    A.filter(pk__in=OWN.values("author")),
    A.annotate(t=Subquery(OWN.values("title"))),
    A.annotate(t=Subquery(OWN.values("pages"))),
    A.annotate(t=Subquery(OWN.values("pages")[:1])),
    A.annotate(t=Subquery(OWN.values("pages"), output_field=BooleanField())),
    A.annotate(u=Subquery(OWN.values("pages"))),
    A.annotate(t=Value(None, output_field=IntegerField())),
    A.annotate(t=Value(1, output_field=IntegerField())),
    A.annotate(t=RawSQL("1", [])),
    A.annotate(t=RawSQL("2", [])),
    A.annotate(t=RawSQL("%s", [1])),
    A.annotate(t=RawSQL("%s", ["1"])),
    A.annotate(t=Q(age=1)),
    A.annotate(t=~Q(age=1)),
    A.annotate(t=Q(age=1) | Q(name="x")),
    A.annotate(t=Q(age=1) ^ Q(name="x")),
    A.annotate(t=F("age").bitand(1)),
    A.annotate(t=F("age").bitor(1)),
    A.filter(age=1).union(A.filter(age=2)),
    A.filter(age=1).union(A.filter(age=2), all=True),
    A.filter(age=1).intersection(A.filter(age=2)),
    A.filter(age=1).difference(A.filter(age=2)),
    A.filter(age=1).union(A.filter(name="x")),
    A.filter(age=1).union(A.filter(age=2)).order_by("age"),
    A.filter(age=1).union(A.filter(age=2)).order_by("-age"),
    A.filter(age=1).union(A.filter(age=2)).order_by("age").reverse(),
    A.filter(age=1).union(A.filter(age=2))[:3],
    A.filter(age=1).union(A.filter(age=2))[3:],
    A.filter(age=1).union(A.filter(age=2)[:3]),
    A.filter(age=1).union(A.filter(age=2)).values("name"),
    A.filter(age=1).union(A.filter(age=2)).values_list("name"),
    A.filter(age=1).union(A.filter(age=2)).values_list("name", flat=True),
    A.filter(age=1).union(A.filter(age=2)).order_by("age").values("name"),
    A.values("name", "age").union(A.values("name", "age")).values("name"),
    A.values("name", "age").union(A.values("name", "age")).values("age"),
    A.distinct("age"),
    A.distinct("name"),
    A.distinct(),
]


def test_what_is_different_has_another_shape() -> None:
    for first, second in itertools.combinations(DIFFERENT, 2):
        assert first.described.shape() != second.described.shape(), (first.query, second.query)
    assert len(DIFFERENT) == len({hash(one.described.shape()) for one in DIFFERENT})


def test_a_plan_keeps_no_value_of_a_query_inside() -> None:
    secret = "a value that nobody may keep"
    inside = OWN.filter(title=secret).union(OWN.filter(title=secret)[:1]).values("pk")
    query = A.filter(Exists(OWN.filter(title=secret)), Exists(inside), pk__in=OWN.filter(title=secret).values("author"))

    def held(thing: Any, depth: int = 0) -> bool:
        if thing == secret:
            return True
        if isinstance(thing, (tuple, list)):
            return any(held(one, depth + 1) for one in thing)
        if isinstance(thing, dict):
            return any(held(one, depth + 1) for one in thing.values())
        inner = [getattr(thing, name, None) for name in ("query", "shape") if type(thing).__name__ == "Structure"]
        return any(held(vars(one) if hasattr(one, "where") else one, depth + 1) for one in inner)

    assert not held(query.described.shape())
    assert held(vars(query.described))


# -- The rows, as Python's sets find them ------------------------------------------------------

OPERATORS = {
    "union": set.union,
    "intersection": set.intersection,
    "difference": set.difference,
    "__or__": set.union,
    "__and__": set.intersection,
    "__xor__": set.symmetric_difference,
}


@settings(profile)
@given(
    first=trees(leaves()),
    second=trees(leaves()),
    third=trees(leaves()),
    words=st.tuples(st.sampled_from(list(OPERATORS)[3:]), st.sampled_from(list(OPERATORS)[:3])),
)
def test_combined_rows_are_those_of_sets(rows, first, second, third, words):
    for turn in (0, 1):
        one, two, three = (shelf.Item.objects.filter(tree.q(turn)) for tree in (first, second, third))
        query = getattr(getattr(one, words[0])(two), words[1])(three).order_by("pk")
        note(str(query.query))
        keys = [{row["id"] for row in shelf.ROWS if tree.holds(row, turn)} for tree in (first, second, third)]
        expected = sorted(OPERATORS[words[1]](OPERATORS[words[0]](keys[0], keys[1]), keys[2]))
        assert expected == [item.pk for item in query]
        assert (len(expected), bool(expected)) == (query.all().count(), query.all().exists())


@settings(profile)
@given(inside=trees(leaves()), outside=trees(leaves()), denied=st.booleans(), exclusive=st.booleans())
def test_rows_with_a_neighbour_are_those_that_python_finds(rows, inside, outside, denied, exclusive):
    """A neighbour is another row in the same box for which the condition inside holds."""
    for turn in (0, 1):
        neighbours = shelf.Item.objects.filter(inside.q(turn), box=OuterRef("box")).exclude(pk=OuterRef("pk"))
        condition = ~Exists(neighbours) if denied else Exists(neighbours)
        query: Any = shelf.Item.objects.filter(
            condition ^ outside.q(turn) if exclusive else condition & outside.q(turn)
        )
        note(str(query.query))
        expected: list[int] = []
        for row in shelf.ROWS:
            others = [one for one in shelf.ROWS if one["box_id"] == row["box_id"] is not None and one is not row]
            found = any(inside.holds(one, turn) for one in others) is not denied
            holds = outside.holds(row, turn)
            if (found is not holds) if exclusive else (found and holds):
                expected.append(row["id"])
        assert expected == [item.pk for item in query.order_by("pk")]
        plan = select_plan(query.described, blocking().dialect)
        assert plan.statement is None or count_plan(query.described, blocking().dialect).statement is not None


def test_counted_subqueries_agree_with_a_join(rows):
    counted = shelf.Box.objects.annotate(
        joined=Count("item"),
        inside=Subquery(
            shelf.Item.objects.filter(box=OuterRef("pk")).values("box").annotate(n=Count("pk")).values("n")
        ),
    )
    assert [(one.joined, one.joined) for one in counted] == [(one.joined, one.inside or 0) for one in counted]
