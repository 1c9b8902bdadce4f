"""Several query sets as one: ``union()``, ``intersection()`` and ``difference()``; and ``&``, ``|`` and ``^``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm import Count, Exists, F, OuterRef, Q
from dorm.test import assert_num_queries, capture_queries
from tests.library import Author, Book, Publisher

if TYPE_CHECKING:
    from tests.testbed.colours import Call

A = Author.objects
YOUNG, OLD, MIDDLE = A.filter(age__lte=20), A.filter(age__gte=20), A.filter(age__in=[20, 30])


async def fill(call: Call) -> None:
    """Ann 10, Bob 20 (not active), Cid 30, Dan 40; Bob and Dan have a publisher; book i is of the i-th author."""
    publisher = await call(Publisher.objects, "create", name="Pub")
    for number, name in enumerate(("Ann", "Bob", "Cid", "Dan"), 1):
        given = None if number % 2 else publisher
        author = await call(A, "create", name=name, age=number * 10, active=number != 2, publisher=given)
        await call(Book.objects, "create", title=f"t{number}", author=author, pages=number)


async def names(call: Call, source: Any) -> str:
    # The query sets of this module must not keep the rows of another test's database.
    return "".join([one.name[0] for one in await call.list(source.all())])


COMBINED: list[tuple[Any, str]] = [
    (YOUNG.union(OLD), "ABCD"),
    (YOUNG.union(OLD, all=True), "ABBCD"),
    (YOUNG.union(MIDDLE, OLD, all=True), "ABBBCCD"),
    (YOUNG.union(), "AB"),
    (YOUNG.intersection(OLD), "B"),
    (OLD.intersection(MIDDLE, A.filter(name="Cid")), "C"),
    (A.all().difference(YOUNG), "CD"),
    (A.all().difference(YOUNG, A.filter(name="Dan")), "C"),
    (YOUNG.union(OLD).intersection(MIDDLE), "BC"),
    (MIDDLE.intersection(YOUNG.union(A.filter(age=30))), "BC"),
    (A.all().difference(YOUNG.union(A.filter(age=30))), "D"),
    (YOUNG.union(A.none()), "AB"),
    (A.none().union(YOUNG, OLD), "ABCD"),
    (A.none().union(A.none()), ""),
    (YOUNG.intersection(A.none()), ""),
    (A.none().intersection(YOUNG), ""),
    (YOUNG.difference(A.none()), "AB"),
    (A.none().difference(YOUNG), ""),
    (A.filter(pk__in=[]).union(YOUNG), "AB"),
    (A.filter(pk__in=[]).union(A.filter(pk__in=[])), ""),
    (YOUNG.intersection(A.filter(pk__in=[])), ""),
    (YOUNG.difference(A.filter(pk__in=[])), "AB"),
    (A.filter(pk__in=[]).difference(YOUNG), ""),
    (A.order_by("-age")[:1].union(A.order_by("age")[:1]), "AD"),
    (A.order_by("age")[:3].difference(A.order_by("age")[:1]), "BC"),
    (A.order_by("age")[1:3].union(OLD.union(YOUNG).order_by("-name")[:1]), "BCD"),
    (A.annotate(n=F("age") + 1).filter(n__lt=25).union(A.annotate(n=F("age") + 1).filter(n__gt=35)), "ABD"),
    (A.alias(n=Count("book")).order_by("n", "age")[:2].union(A.filter(name="Dan")), "ABD"),
    (A.filter(book__pages__gte=3).distinct().union(YOUNG), "ABCD"),
    (A.distinct().order_by("publisher__name", "name")[2:3].union(A.filter(age=0)), None),
]


@pytest.mark.parametrize(("query", "expected"), COMBINED)
async def test_rows_are_combined(library: None, call: Call, query: Any, expected: str | None) -> None:
    await fill(call)
    found = "".join(sorted(await names(call, query)))
    if expected is not None:
        assert expected == found
    assert (len(found), bool(found)) == (await call(query, "count"), await call(query, "exists"))
    assert found == "".join(sorted([one.name[0] async for one in call.stream(query, chunk_size=2)]))


ORDERED: list[tuple[Any, str]] = [
    (("name",), "ABCD"),
    (("-name",), "DCBA"),
    (("+name",), "ABCD"),
    (("pk",), "ABCD"),
    (("-id",), "DCBA"),
    (("active", "-age"), "BDCA"),
    (("-publisher_id", "name"), None),
    ((F("publisher").asc(nulls_last=True), "-name"), "DBCA"),
    ((F("publisher").desc(nulls_first=True), F("name")), "ACBD"),
]


@pytest.mark.parametrize(("terms", "expected"), ORDERED)
async def test_columns_order_them(library: None, call: Call, terms: Any, expected: str | None) -> None:
    await fill(call)
    query = YOUNG.union(OLD).order_by(*terms)
    found = await names(call, query)
    assert "ABCD" == "".join(sorted(found))
    if expected is not None:
        assert expected == found
    assert found[::-1] == await names(call, query.reverse())
    assert found[1:3] == await names(call, query[1:3])
    assert found[0] == (await call(query, "first")).name[0]
    assert found[-1] == (await call(query, "last")).name[0]


async def test_they_are_asked_like_other_query_sets(library: None, call: Call) -> None:
    await fill(call)
    union = YOUNG.union(OLD)
    assert ("Ann", "Dan") == ((await call(union, "first")).name, (await call(union, "last")).name)
    assert "Ann" == (await call(union, "earliest", "age")).name
    assert "Dan" == (await call(union, "latest", "age")).name
    assert 4 == len(await call(union, "in_bulk"))
    assert "Bob" == (await call(YOUNG.intersection(OLD), "get")).name
    assert (2, 0) == (await call(union[2:9], "count"), await call(union[4:], "count"))
    assert (False, True) == (union.ordered, union.order_by("pk").ordered)
    with pytest.raises(Author.MultipleObjectsReturned):
        await call(union, "get")


async def test_what_a_model_orders_by_is_no_order_of_a_union(library: None, call: Call) -> None:
    await fill(call)
    publishers = Publisher.objects.all()
    assert not publishers.union(publishers).ordered
    assert "ORDER BY" not in str(publishers.union(publishers).query)
    assert ["Pub"] == [one.name for one in await call.list(publishers.union(publishers))]


VALUES: list[tuple[Any, Any]] = [
    (YOUNG.union(OLD).values("name").order_by("name")[:2], [{"name": "Ann"}, {"name": "Bob"}]),
    (YOUNG.union(OLD).order_by("-name").values_list("name", "active")[:1], [("Dan", True)]),
    (YOUNG.union(OLD).order_by("-age").values_list("name", flat=True)[2:], ["Bob", "Ann"]),
    (YOUNG.union(OLD).values_list("active", flat=True).order_by("active"), [False, True]),
    (YOUNG.values("active").union(OLD.values("active")).order_by("active"), [{"active": False}, {"active": True}]),
    (
        YOUNG.values_list("name", "active").union(OLD.values_list("name", "active")).order_by("name")[1:2],
        [("Bob", False)],
    ),
    (YOUNG.values("name", "age").union(OLD).order_by("-age")[:1], [{"name": "Dan", "age": 40}]),
    (YOUNG.values("name", "age").union(OLD).order_by("-age").values_list("name", flat=True)[:2], ["Dan", "Cid"]),
    (YOUNG.values("name", "age").union(OLD).values("age").order_by("name")[:1], [{"age": 10}]),
    (
        YOUNG.values_list("name").union(Publisher.objects.values_list("name")).order_by("name"),
        [("Ann",), ("Bob",), ("Pub",)],
    ),
    (
        A.annotate(n=F("age") * 2).values("n").union(A.values("pk")).order_by("-n")[:2],
        [{"n": 80}, {"n": 60}],
    ),
    (
        YOUNG.values("name", "age")
        .union(OLD)
        .difference(MIDDLE)
        .union(MIDDLE.filter(age=20))
        .values_list("age", flat=True),
        [10, 20, 40],
    ),
]


@pytest.mark.parametrize(("query", "expected"), VALUES)
async def test_values_name_their_columns(library: None, call: Call, query: Any, expected: Any) -> None:
    await fill(call)
    found = await call.list(query.all())
    assert expected == (found if query.ordered else sorted(found))
    assert len(expected) == await call(query, "count")


async def test_related_instances_come_along(library: None, call: Call) -> None:
    await fill(call)
    query = YOUNG.select_related("publisher").union(OLD.select_related("publisher")).order_by("name")
    found = await call.list(query)
    with assert_num_queries(0):
        assert [None, "Pub", None, "Pub"] == [one.publisher and one.publisher.name for one in found]
    fetched = YOUNG.prefetch_related("book_set").union(OLD)
    assert 1 == len((await call.list(fetched.order_by("name")))[0].book_set.all()._result_cache)


async def test_rows_of_two_instances_keep_their_own(library: None, call: Call) -> None:
    await fill(call)
    ann, bob = await call(A, "get", name="Ann"), await call(A, "get", name="Bob")
    for query in (
        ann.book_set.union(bob.book_set.all()).order_by("title"),
        (ann.book_set.all() | bob.book_set.all()).select_related("author").order_by("title"),
        (ann.book_set.all() ^ bob.book_set.all()).order_by("title"),
    ):
        books = await call.list(query)
        assert [("t1", ann.pk), ("t2", bob.pk)] == [(one.title, one.author_id) for one in books]
        for one, author in zip(books, (ann, bob), strict=True):
            assert one.__dict__.get(Book._meta.get_field("author").remote_field.cache) in (None, author)


async def test_they_stand_inside_others(library: None, call: Call) -> None:
    await fill(call)
    union = YOUNG.union(A.filter(name="Dan"))
    assert "ABD" == await names(call, A.filter(pk__in=union).order_by("name"))
    assert "C" == await names(call, A.exclude(pk__in=union.values("pk")))
    assert "AB" == await names(call, A.filter(pk__in=union.order_by("age")[:2]).order_by("name"))
    assert ["t1", "t2", "t4"] == sorted(one.title for one in await call.list(Book.objects.filter(author__in=union)))
    own = Book.objects.filter(author=OuterRef("pk"))
    either = own.filter(pages=1).values("pk").union(own.filter(pages=3).values("pk"))
    assert "AC" == await names(call, A.filter(Exists(either)).order_by("name"))
    assert 2 == await call(A.filter(Exists(either)), "update", age=F("age") + 1)


async def test_conditions_of_each_part_keep_their_values(library: None, call: Call) -> None:
    await fill(call)
    query = A.filter(age__gt=10, name__lt="C").union(
        A.filter(age=F("id") * 10 + 1 - 1, name="Dan"), A.filter(age=10)[:1]
    )
    assert "ABD" == await names(call, query.order_by("name")[:7])


async def test_a_combination_is_a_value(library: None, call: Call) -> None:
    await fill(call)
    union = YOUNG.union(OLD)
    before = str(union.query)
    union.order_by("name")[:1].values("name")
    assert before == str(union.query)
    assert isinstance(union, dorm.CombinedQuerySet)
    with capture_queries() as queries:
        again = union.order_by("name")
        await call.list(again)
        await call.list(again)
    assert 1 == len(queries)


UNION = YOUNG.union(OLD)
REFUSED: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("filter", (), {"age": 1}),
    ("exclude", (Q(age=1),), {}),
    ("annotate", (), {"n": F("age")}),
    ("alias", (), {"n": F("age")}),
    ("aggregate", (Count("pk"),), {}),
    ("aaggregate", (Count("pk"),), {}),
    ("select_related", ("publisher",), {}),
    ("prefetch_related", ("book_set",), {}),
    ("only", ("name",), {}),
    ("defer", ("name",), {}),
    ("distinct", (), {}),
    ("select_for_update", (), {}),
    ("update", (), {"age": 1}),
    ("aupdate", (), {"age": 1}),
    ("delete", (), {}),
    ("adelete", (), {}),
    ("contains", (Author(pk=1),), {}),
    ("extra", (), {}),
]


@pytest.mark.parametrize(("method", "arguments", "keywords"), REFUSED)
def test_what_must_be_asked_before_is_refused(method: str, arguments: Any, keywords: Any) -> None:
    message = rf"Calling QuerySet\.{method}\(\) after union\(\) is not supported"
    with pytest.raises(dorm.NotSupportedError, match=message):
        getattr(UNION, method)(*arguments, **keywords)


WRONG: list[tuple[Any, type[Exception], str]] = [
    (lambda: A.union(3), TypeError, "combined with query sets"),
    (lambda: A.union(A), TypeError, "combined with query sets"),
    (lambda: A.union(A.values("pk")), dorm.FieldError, "as many columns each"),
    (lambda: A.values("pk").difference(A.values("pk", "name")), dorm.FieldError, r"difference\(\) needs"),
    (lambda: UNION.order_by("nope"), dorm.FieldError, "'nope' is no column"),
    (lambda: UNION.order_by("publisher__name"), dorm.FieldError, "no column of this union"),
    (lambda: UNION.order_by(F("age") + 1), dorm.NotSupportedError, "Its columns order it"),
    (lambda: UNION.order_by("?"), dorm.FieldError, "no column"),
    (lambda: UNION.values("nam"), dorm.FieldError, "no field 'nam'"),
    (lambda: YOUNG.values("name").union(OLD.values("name")).values("age"), dorm.FieldError, "'age' is no column"),
    (lambda: UNION[1:].order_by("name"), TypeError, "once a slice has been taken"),
    (lambda: UNION | YOUNG, dorm.NotSupportedError, r"Cannot use \|"),
    (lambda: UNION.get(age=1), dorm.NotSupportedError, "filter"),
]


@pytest.mark.parametrize(("wrong", "error", "match"), WRONG)
def test_mistakes_are_told_where_they_are_written(wrong: Any, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        wrong()


# -- Joined by operators -----------------------------------------------------------------------

JOINED: list[tuple[Any, str]] = [
    (YOUNG | A.filter(name="Dan"), "ABD"),
    (YOUNG & OLD, "B"),
    (YOUNG ^ OLD, "ACD"),
    (A.all() | YOUNG, "ABCD"),
    (YOUNG | A.all(), "ABCD"),
    (A.all() & YOUNG, "AB"),
    (A.all() ^ YOUNG, "CD"),
    (A.all() ^ A.all(), ""),
    (A.none() | YOUNG, "AB"),
    (YOUNG | A.none(), "AB"),
    (A.none() & YOUNG, ""),
    (YOUNG & A.none(), ""),
    (A.none() ^ YOUNG, "AB"),
    (A.order_by("-age")[:1] | YOUNG, "ABD"),
    (YOUNG | A.order_by("-age")[:1], "ABD"),
    (YOUNG & A.order_by("-age")[:3], "B"),
    (A.filter(book__pages=1) | A.filter(book__title="t3"), "AC"),
    (A.filter(book__pages=1) & A.filter(book__title="t1"), "A"),
    (A.filter(book__pages=1) & A.filter(book__title="t2"), ""),
    (A.filter(publisher__name="Pub") | A.filter(age=10), "ABD"),
    (A.exclude(age=10) & A.exclude(publisher=None), "BD"),
    (A.annotate(n=F("age") + 1).filter(n=11) | A.annotate(n=F("age") + 2).filter(n=22), "AB"),
    ((YOUNG | OLD) & (A.filter(name="Ann") | A.filter(name="Dan")), "AD"),
]


@pytest.mark.parametrize(("query", "expected"), JOINED)
async def test_conditions_are_joined(library: None, call: Call, query: Any, expected: str) -> None:
    await fill(call)
    assert expected == "".join(sorted(await names(call, query)))
    assert len(expected) == await call(query, "count")


async def test_the_second_order_counts(library: None, call: Call) -> None:
    await fill(call)
    assert "DBA" == await names(call, YOUNG.order_by("name") | A.filter(age=40).order_by("-name"))
    assert "DBA" == await names(call, YOUNG.order_by("-name") | A.filter(age=40))
    assert ["Ann", "Dan"] == sorted(
        await call.list(
            A.filter(age=10).values_list("name", flat=True) | A.order_by("-age").values_list("name", flat=True)[:1]
        )
    )


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        (lambda: A.all() | Book.objects.all(), "two models"),
        (lambda: A.all() & A.distinct(), "distinct"),
        (lambda: A.values("name") ^ A.values("age"), "different values"),
        (lambda: A.all() | 3, "between a query set and 3"),
        (lambda: A.all() & Q(age=1), "between a query set and"),
    ],
)
def test_what_cannot_be_joined_is_told(wrong: Any, match: str) -> None:
    with pytest.raises(TypeError, match=match):
        wrong()
