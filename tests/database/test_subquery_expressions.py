"""``Subquery``, ``Exists`` and ``OuterRef``: queries inside expressions that look at the row around them."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm import Case, Count, Exists, F, OuterRef, Q, RawSQL, RowNumber, Subquery, Sum, Value, When, Window
from dorm.lookups import GreaterThan
from dorm.test import assert_num_queries
from tests.library import Author, Book, Publisher

if TYPE_CHECKING:
    from tests.testbed.colours import Call
    from tests.testbed.databases import Database

A, B, P = Author.objects, Book.objects, Publisher.objects
OF_AUTHOR = B.filter(author=OuterRef("pk"))
LONGEST = OF_AUTHOR.order_by("-pages").values("title")[:1]


async def fill(call: Call) -> None:
    """Ann (10) wrote a1 (1 page) and a2 (2), Bob (20) b1 (3), Cid (30) nothing; Ann taught Bob, and Bob Cid."""
    publisher = await call(P, "create", name="Pub", city="Rome")
    mentor = None
    for name, age, titles in (("Ann", 10, ["a1", "a2"]), ("Bob", 20, ["b1"]), ("Cid", 30, [])):
        mentor = await call(
            A,
            "create",
            name=name,
            age=age,
            mentor=mentor,
            active=name != "Bob",
            publisher=publisher if titles else None,
        )
        for title in titles:
            pages = await call(B, "count") + 1
            day = datetime.date(2020, 1, pages)
            await call(B, "create", title=title, author=mentor, pages=pages, published=day)


async def names(call: Call, source: Any) -> str:
    return " ".join([one.name for one in await call.list(source.order_by("name"))])


async def values(call: Call, source: Any, name: str = "found") -> list[Any]:
    return await call.list(source.order_by("name").values_list(name, flat=True))


async def test_a_subquery_is_a_column(library: None, call: Call) -> None:
    await fill(call)
    assert ["a2", "b1", None] == await values(call, A.annotate(found=Subquery(LONGEST)))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("pages", [2, 3, None]),
        ("published", [datetime.date(2020, 1, 2), datetime.date(2020, 1, 3), None]),
        ("author__active", [True, False, None]),
    ],
)
async def test_what_it_gives_has_the_type_of_its_column(library: None, call: Call, name: str, expected: Any) -> None:
    await fill(call)
    found = A.annotate(found=Subquery(OF_AUTHOR.order_by("-pages").values(name)[:1]))
    assert expected == await values(call, found)
    assert [type(one) for one in expected] == [type(one) for one in await values(call, found)]


async def test_output_field_says_another_type(library: None, call: Call) -> None:
    await fill(call)
    untyped = OF_AUTHOR.order_by("pages").values(day=RawSQL("published"))[:1]
    days = [datetime.date(2020, 1, 1), datetime.date(2020, 1, 3), None]
    assert days == await values(call, A.annotate(found=Subquery(untyped, output_field=dorm.DateField())))


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ((Exists(OF_AUTHOR),), "Ann Bob"),
        ((~Exists(OF_AUTHOR),), "Cid"),
        ((Exists(OF_AUTHOR.filter(pages__gte=2)), Q(age__lt=20)), "Ann"),
        ((Exists(OF_AUTHOR) & Q(active=False),), "Bob"),
        ((Q(active=False) & Exists(OF_AUTHOR),), "Bob"),
        ((~Exists(OF_AUTHOR) | Q(name="Bob"),), "Bob Cid"),
        ((Exists(OF_AUTHOR) ^ Q(name="Cid"),), "Ann Bob Cid"),
        ((Exists(OF_AUTHOR) ^ Exists(A.filter(mentor=OuterRef("pk"))),), ""),
        ((Exists(B.filter(author=OuterRef("pk")).order_by("pages")[1:]),), "Ann"),
        ((Exists(B.none()),), ""),
        ((~Exists(B.none()),), "Ann Bob Cid"),
        ((Exists(P.filter(city="Rome")),), "Ann Bob Cid"),
        ((Exists(OF_AUTHOR.values("author").annotate(n=Count("pk")).filter(n__gt=1)),), "Ann"),
    ],
)
async def test_exists_is_a_condition(library: None, call: Call, conditions: Any, expected: str) -> None:
    await fill(call)
    assert expected == await names(call, A.filter(*conditions))
    denied = {"Ann", "Bob", "Cid"} - set(expected.split())
    assert denied == set((await names(call, A.exclude(*conditions))).split())


async def test_exists_is_a_value(library: None, call: Call) -> None:
    await fill(call)
    assert [True, True, False] == await values(call, A.annotate(found=Exists(OF_AUTHOR)))
    assert [False, False, True] == await values(call, A.annotate(found=~Exists(OF_AUTHOR)))
    assert ["x", "x", "y"] == await values(
        call, A.annotate(found=Case(When(Exists(OF_AUTHOR), then=Value("x")), default=Value("y")))
    )
    assert 2 == await call(A.annotate(found=Exists(OF_AUTHOR)).filter(found=True), "count")


async def test_rows_are_ordered_by_subqueries(library: None, call: Call) -> None:
    await fill(call)
    by_books = A.order_by(Exists(OF_AUTHOR).asc(), Subquery(LONGEST).desc())
    assert ["Cid", "Bob", "Ann"] == [one.name for one in await call.list(by_books)]
    assert ["Cid", "Ann", "Bob"] == [one.name for one in await call.list(A.order_by(Exists(OF_AUTHOR), "name"))]


async def test_a_reference_may_follow_relations(library: None, call: Call) -> None:
    await fill(call)
    assert "Bob" == await names(call, A.filter(Exists(B.filter(author=OuterRef("mentor"), author__mentor=None))))
    same = A.filter(publisher__city=OuterRef("author__publisher__city"), age__gt=OuterRef("author__age") + 5)
    assert ["a1", "a2"] == sorted(one.title for one in await call.list(B.filter(Exists(same))))


async def test_a_reference_reaches_further_out(library: None, call: Call) -> None:
    await fill(call)
    taught = A.filter(mentor=OuterRef("pk"), age=OuterRef(OuterRef("age")) + 10)
    assert "Ann Bob" == await names(call, A.filter(Exists(A.filter(Exists(taught), pk=OuterRef("pk")))))


async def test_a_reference_may_name_what_was_computed(library: None, call: Call) -> None:
    await fill(call)
    computed = A.annotate(limit=F("age") / 10)
    assert "Ann Bob" == await names(call, computed.filter(Exists(OF_AUTHOR.filter(pages__gte=OuterRef("limit")))))


async def test_aggregates_inside_are_of_the_row_outside(library: None, call: Call) -> None:
    await fill(call)
    pages = Subquery(OF_AUTHOR.values("author").annotate(total=Sum("pages")).values("total"))
    assert [3, 3, None] == await values(call, A.annotate(found=pages))
    assert "Ann Bob" == await names(call, A.annotate(found=pages).filter(found__gte=3))
    assert {"all": 6} == await call(A.annotate(found=pages), "aggregate", all=Sum("found"))


async def test_lookups_take_subqueries_of_the_row(library: None, call: Call) -> None:
    await fill(call)
    own = B.filter(author=OuterRef("pk"), pages__gt=1).values("author")
    assert "Ann Bob" == await names(call, A.filter(pk__in=own))
    assert "Cid" == await names(call, A.exclude(pk__in=own))
    assert "Ann Bob" == await names(call, A.filter(pk__in=Subquery(own)))
    assert "Bob" == await names(call, A.filter(GreaterThan(Subquery(LONGEST), "a2")))


async def test_what_is_denied_inside_is_about_any_row_there(library: None, call: Call) -> None:
    await fill(call)
    taught = A.filter(mentor=OuterRef("pk"))
    assert "Ann Bob" == await names(call, A.filter(Exists(taught.exclude(book__pages__lt=2))))
    assert "Bob" == await names(call, A.filter(Exists(taught.exclude(book__pages__gte=OuterRef("book__pages")))))
    assert "Ann" == await names(call, A.exclude(book__pages__gt=1).filter(Exists(taught)).union(A.filter(name="Ann")))


async def test_other_parts_of_the_query_keep_their_values(library: None, call: Call) -> None:
    await fill(call)
    query = (
        A.filter(age__gt=5)
        .annotate(
            more=F("age") + 1,
            found=Subquery(OF_AUTHOR.filter(pages__gt=1).order_by(F("pages") * 2).values("title")[:1]),
        )
        .filter(Exists(OF_AUTHOR.filter(pages__lt=3)), more__lt=12)
        .exclude(name="Zoe")
        .order_by(F("age") * 3)[:5]
    )
    assert [("Ann", "a2", 11)] == [(one.name, one.found, one.more) for one in await call.list(query)]


@pytest.mark.parametrize("cut", [None, 3])
async def test_existence_has_no_need_of_computed_columns(library: None, call: Call, cut: int | None) -> None:
    await fill(call)
    for query in (A.annotate(more=F("age") + 1), A.order_by(F("age") + 1), A.values(more=F("age") + 1)):
        for chosen in (query.filter(name="Ann"), query.distinct().filter(name="Ann")):
            assert await call(chosen[:cut], "exists")
            assert 3 == await call(A.filter(Exists(chosen[:cut])), "count")
            assert 1 == await call(chosen[:cut], "count")


async def test_rows_are_changed_by_subqueries(library: None, call: Call) -> None:
    await fill(call)
    assert 2 == await call(A.filter(Exists(OF_AUTHOR)), "update", email=Subquery(LONGEST), active=Q(age__gt=10))
    assert ["a2", "b1", None] == await values(call, A, "email")
    assert [False, True, True] == await values(call, A, "active")
    assert 1 == await call(A.filter(name="Cid"), "update", active=Exists(OF_AUTHOR))
    assert [False, True, False] == await values(call, A, "active")
    assert 1 == (await call(A.filter(~Exists(OF_AUTHOR)), "delete"))[0]


async def test_what_only_orders_the_query_inside_is_no_column_of_it(library: None, call: Call) -> None:
    await fill(call)
    doubled = OF_AUTHOR.annotate(z=F("pages") * -2).order_by("z").values("title")[:1]
    taught = A.annotate(n=Count("book")).order_by("-n", "name").values("name")[:2]

    assert ["a2", "b1", None] == await values(call, A.annotate(found=Subquery(doubled)))
    assert "Ann Bob" == await names(call, A.filter(name__in=taught))
    assert "Ann" == await names(call, A.filter(name=Subquery(taught[:1])))


COUNTED = A.annotate(n=Count("book"))
OF_COUNT = B.filter(pages=OuterRef("n"))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (COUNTED.filter(Exists(OF_COUNT)), ["Ann", "Bob"]),
        (COUNTED.exclude(Exists(OF_COUNT)), ["Cid"]),
        (COUNTED.annotate(name2=Subquery(OF_COUNT.values("title")[:1])).filter(name2="a2"), ["Ann"]),
        (COUNTED.filter(n__in=B.filter(pages__lte=OuterRef("n")).values("pages")), ["Ann", "Bob"]),
    ],
    ids=["exists", "not exists", "annotated", "in"],
)
async def test_conditions_inside_refer_to_a_group_where_the_database_can(
    library: None, call: Call, db: Database, query: Any, expected: list[str]
) -> None:
    await fill(call)
    if db.vendor == "sqlite":
        with pytest.raises(dorm.NotSupportedError, match="no aggregate of a query in the conditions of another"):
            await call.list(query)
        return
    assert expected == [one.name for one in await call.list(query.order_by("name"))]


async def test_what_is_given_inside_refers_to_a_group(library: None, call: Call) -> None:
    await fill(call)
    more = B.filter(pages=1).annotate(more=OuterRef("n") + 1).values("more")
    of_group = A.annotate(k=Count("book")).filter(k__gt=OuterRef("n")).order_by("name").values("name")

    assert [3, 2, 1] == await values(call, COUNTED.annotate(found=Subquery(more, output_field=dorm.IntegerField())))
    assert [None, "Ann", "Ann"] == await values(call, COUNTED.annotate(found=Subquery(of_group[:1])))


async def test_a_reference_means_nothing_by_itself(library: None, call: Call) -> None:
    with assert_num_queries(0), pytest.raises(ValueError, match="refers to an outer query"):
        await call.list(OF_AUTHOR)


NUMBERED = A.annotate(n=Window(RowNumber(), order_by="pk"))

WRONG: list[tuple[Any, type[Exception], str]] = [
    (lambda: A.filter(Exists(B.filter(author=OuterRef("pkk")))), dorm.FieldError, "no field 'pkk'"),
    (lambda: A.annotate(x=Subquery(B.filter(author=OuterRef("nam")).values("pk"))), dorm.FieldError, "mean 'name'"),
    (lambda: NUMBERED.filter(Exists(B.filter(pages=OuterRef("n")))), dorm.NotSupportedError, "refers to a window"),
    (lambda: Subquery(B.all()), dorm.FieldError, "this one gives instances"),
    (lambda: Subquery(B.values("pk", "title")), dorm.FieldError, "this one gives 2 columns"),
    (lambda: Subquery(B.values("pk"), output_field=dorm.CharField), TypeError, r"Make one: CharField\(\)"),
    (lambda: Subquery(3), TypeError, "takes a query set"),
    (lambda: Exists(Book), TypeError, "takes a query set"),
    (lambda: A.filter(Subquery(B.values("pages")[:1])), TypeError, "neither true nor false"),
]


@pytest.mark.parametrize(("wrong", "error", "match"), WRONG)
def test_mistakes_are_told_where_they_are_written(wrong: Any, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        wrong()
