"""Which rows of a to-many relation conditions, computed columns, values and orders are about, and what groups them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dorm import (
    Case,
    Coalesce,
    Count,
    ExpressionWrapper,
    F,
    IntegerField,
    Max,
    Q,
    RowNumber,
    Sum,
    Upper,
    Value,
    When,
    Window,
)
from dorm.test import capture_queries
from tests.library import Author, Book, Publisher

if TYPE_CHECKING:
    from tests.testbed.colours import Call

A, B, P = Author.objects, Book.objects, Publisher.objects
TALL = {"book__pages__gt": 20}


async def fill(call: Call) -> None:
    """Ann (10, Pub) wrote books of 10, 20 and 30 pages, Bob (20, Pub) of 40, Cid (30) of 5, and Dan (40) none.

    Ann taught Bob, and Bob taught Cid; Bob edited all but his own.
    """
    publisher = await call(P, "create", name="Pub", city="Rome")
    mentor, writers = None, []
    for name, age, pages in (("Ann", 10, [10, 20, 30]), ("Bob", 20, [40]), ("Cid", 30, [5]), ("Dan", 40, [])):
        writer = await call(A, "create", name=name, age=age, mentor=mentor, publisher=publisher if age < 25 else None)
        writers.append((writer, pages))
        mentor = writer if name != "Cid" else None
    bob = writers[1][0]
    for writer, pages in writers:
        for number in pages:
            editor = None if writer == bob else bob
            await call(B, "create", title=f"{writer.name}{number}", author=writer, pages=number, editor=editor)


CASES: list[tuple[Any, list[Any]]] = [
    # values() and orders are about the rows that the filter found
    (A.filter(**TALL).values_list("name", "book__pages").order_by("book__pages"), [("Ann", 30), ("Bob", 40)]),
    (A.filter(**TALL).values_list("name", "book__editor__name").order_by("name"), [("Ann", "Bob"), ("Bob", None)]),
    (A.filter(**TALL).values_list("book__title").distinct().order_by("book__title"), [("Ann30",), ("Bob40",)]),
    (P.filter(author__age__gt=15).values_list("author__book__pages"), [(40,)]),
    (B.filter(pk__in=A.filter(**TALL).values("book")).order_by("pages").values_list("pages"), [(30,), (40,)]),
    (A.filter(age=F("book__pages")).values_list("name", "book__pages"), [("Ann", 10)]),
    # beyond the relation of the filter, too
    (P.filter(author__age__lt=15).annotate(n=Count("author__book")).values_list("n"), [(3,)]),
    (P.filter(author__age__lt=15).annotate(n=Sum("author__book__pages")).values_list("n"), [(60,)]),
    (
        P.filter(author__age__lt=15).values("author__name").annotate(n=Max("author__book__pages")).values_list("n"),
        [(30,)],
    ),
    # the last of several filters
    (A.filter(book__pages__gt=5).filter(book__pages=30).values_list("name", "book__pages").distinct(), [("Ann", 30)]),
    (P.filter(author__age=10).filter(author__book__pages=40).values_list("author__name"), [("Bob",)]),
    # within one filter, expressions are about the rows of its other conditions
    (
        A.filter(book__pages__gt=F("book__author__age")).values_list("name", "book__pages").order_by("book__pages"),
        [("Ann", 20), ("Ann", 30), ("Bob", 40)],
    ),
    (A.filter(book__pages=F("age")).filter(book__pages=20).values_list("name"), [("Ann",)]),
    # an annotation stays about its own rows wherever it is named
    (A.annotate(n=Count("book", distinct=True)).filter(n__gt=2, **TALL).values_list("name", "n"), [("Ann", 3)]),
    (
        A.filter(**TALL, book__isnull=False).alias(n=Count("book")).filter(n=1).order_by("name").values_list("name"),
        [("Ann",), ("Bob",)],
    ),
    (
        A.annotate(n=Count("book", distinct=True))
        .filter(**TALL)
        .annotate(m=F("n") + 1)
        .order_by("name")
        .values_list("m"),
        [(4,), (2,)],
    ),
    (A.alias(n=Sum("book__pages")).filter(**TALL).order_by(F("n") * -1).values_list("name"), [("Ann",), ("Bob",)]),
    (A.annotate(x=F("book__pages")).filter(**TALL).filter(x__lt=15).values_list("name", "x"), [("Ann", 10)]),
    (A.annotate(x=F("book__pages")).filter(**TALL).exclude(x__gt=15).values_list("name", "x"), [("Ann", 10)]),
    (
        A.annotate(n=Count("book", distinct=True))
        .filter(**TALL)
        .annotate(m=Count("book", distinct=True))
        .filter(n=3, m=1)
        .values_list("name", "n", "m"),
        [("Ann", 3, 1)],
    ),
    (
        A.annotate(n=Count("book", distinct=True))
        .filter(**TALL)
        .annotate(many=Case(When(n__gt=2, then=Value("many")), default=Value("few")))
        .order_by("name")
        .values_list("many"),
        [("many",), ("few",)],
    ),
    # what stands beside an aggregate is grouped by
    (
        B.annotate(x=F("author__age") - Count("editor")).order_by("-x", "pk").values_list("x"),
        [(29,), (20,), (9,), (9,), (9,)],
    ),
    (
        B.values("author__name").annotate(x=F("pages") * Count("*")).order_by("x").values_list("x"),
        [(5,), (10,), (20,), (30,), (40,)],
    ),
    (
        B.values("author__name").annotate(n=Count("*")).annotate(x=F("pages") + 1).order_by("x").values_list("n", "x"),
        [(1, 6), (1, 11), (1, 21), (1, 31), (1, 41)],
    ),
    (
        A.annotate(n=Count("book"))
        .filter(n__gt=F("publisher__pk") - F("publisher__pk"))
        .order_by("name")
        .values_list("name"),
        [("Ann",), ("Bob",)],
    ),
    (A.alias(x=F("mentor__age") + Count("book")).filter(x__lt=12).values_list("name"), [("Bob",)]),
    (
        A.annotate(n=Count("book")).order_by("name").values_list("name", "mentor__name", "n"),
        [("Ann", None, 3), ("Bob", "Ann", 1), ("Cid", "Bob", 1), ("Dan", None, 0)],
    ),
    (
        A.annotate(x=Case(When(mentor__age__gt=15, then=Count("book")), default=Value(7)))
        .order_by("name")
        .values_list("x"),
        [(7,), (7,), (1,), (7,)],
    ),
    (
        A.annotate(n=Count("book")).filter(Q(n__gt=2) | Q(mentor__name="Bob")).order_by("name").values_list("name"),
        [("Ann",), ("Cid",)],
    ),
    (
        A.annotate(n=Count("book"))
        .order_by(Upper("mentor__name").desc(nulls_last=True), "name")
        .values_list("name", "n"),
        [("Cid", 1), ("Bob", 1), ("Ann", 3), ("Dan", 0)],
    ),
    (A.order_by(Count("book").desc(), "name").values_list("name"), [("Ann",), ("Bob",), ("Cid",), ("Dan",)]),
    (A.order_by(F("age") + 30 * Count("book"), "name").values_list("name"), [("Dan",), ("Bob",), ("Cid",), ("Ann",)]),
    # what is grouped by already is not taken apart
    (
        B.annotate(k=F("pages") / 25)
        .values("k")
        .annotate(n=Count("*"))
        .annotate(p=Window(RowNumber(), order_by="k"))
        .order_by("k")
        .values_list("n", "p"),
        [(3, 1), (2, 2)],
    ),
    # inside expressions a denial is about each row
    (
        A.annotate(n=Count("book", filter=~Q(book__pages=20))).order_by("name").values_list("n"),
        [(2,), (1,), (1,), (0,)],
    ),
    (
        A.annotate(n=Sum(Case(When(~Q(book__pages=20), then=Value(1)), default=Value(0))))
        .filter(age=10)
        .values_list("n"),
        [(2,)],
    ),
    # what an expression makes of a missing row is compared
    (A.exclude(age__lt=Coalesce("mentor__age", Value(100))).order_by("name").values_list("name"), [("Bob",), ("Cid",)]),
    (A.exclude(age__gt=F("mentor__age") + 5).order_by("name").values_list("name"), [("Ann",), ("Dan",)]),
    # every row is counted, and no group twice
    (P.values_list("author__name").order_by("author__name"), [("Ann",), ("Bob",)]),
    (A.annotate(x=F("book__pages")).filter(age__lt=25).order_by("x").values_list("x"), [(10,), (20,), (30,), (40,)]),
    (A.alias(n=Count("book")).filter(book__pages__lt=25).order_by("name").values_list("name"), [("Ann",), ("Cid",)]),
    (
        A.annotate(n=Count("edited")).filter(book__pages__lt=25).order_by("name").values_list("name"),
        [("Ann",), ("Cid",)],
    ),
    (A.values_list("book__pages").order_by("book__pages").filter(age=10)[1:], [(20,), (30,)]),
    (A.values_list("book__pages").order_by("book__pages").filter(age=10)[3:], []),
    # a column of values() may have the name of a field that is not given
    (
        B.values("author__name")
        .annotate(pages=Sum("pages"))
        .filter(pages__gt=30)
        .order_by("pages")
        .values_list("pages"),
        [(40,), (60,)],
    ),
]


@pytest.mark.parametrize(("query", "expected"), CASES)
async def test_the_rows_are_those_that_were_meant(library: None, call: Call, query: Any, expected: list[Any]) -> None:
    await fill(call)
    found = await call.list(query)
    assert expected == found
    assert (len(expected), bool(expected)) == (await call(query, "count"), await call(query, "exists"))


async def test_rows_of_groups_are_changed_and_deleted(library: None, call: Call) -> None:
    await fill(call)
    more = A.annotate(n=Count("book")).filter(n__gt=F("mentor__age") - 10)
    assert 1 == await call(more, "update", email="more@example.org")
    assert ["Bob"] == [one.name for one in await call.list(A.filter(email__isnull=False))]
    assert 1 == (await call(more.filter(name="Bob"), "delete"))[1]["library.Book"]


async def test_conditions_on_rows_are_not_tested_after_grouping(library: None, call: Call) -> None:
    await fill(call)
    with capture_queries() as sent:
        await call.list(A.annotate(n=Count("book")).filter(n__gt=1, age__lt=15))
    (sql,) = sent.sql
    assert "WHERE" in sql.partition("GROUP BY")[0]
    assert "age" not in sql.partition("HAVING")[2]


async def test_a_computed_column_hides_no_other_of_the_same_row(library: None, call: Call) -> None:
    with pytest.raises(ValueError, match=r"'title' conflicts with a column that values\(\) named"):
        B.values("title").annotate(title=Count("*"))
    with pytest.raises(ValueError, match="'pages' conflicts with a field"):
        B.annotate(pages=ExpressionWrapper(F("pages"), IntegerField()))
