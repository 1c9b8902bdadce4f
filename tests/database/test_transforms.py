"""Transforms: in lookups, in F(), in order_by() and values(), chained, and those that users register."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

import dorm
from dorm import Abs, Count, ExtractYear, F, Length, Lookup, Lower, Max, Replace, Transform, TruncMonth, Upper
from dorm.conf import settings
from dorm.test import capture_queries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.testbed.colours import Call

    Tables = Callable[..., None]


class Shelf(dorm.Model):
    opened = dorm.DateTimeField(null=True)

    class Meta:
        app_label = "transforms"


class Novel(dorm.Model):
    title = dorm.CharField(max_length=20)
    note = dorm.TextField(default="")
    out = dorm.DateField(null=True)
    at = dorm.DateTimeField(null=True)
    time = dorm.TimeField(null=True)
    copies = dorm.IntegerField(default=1)
    price = dorm.DecimalField(max_digits=6, decimal_places=2, default=Decimal(1))
    shelf = dorm.ForeignKey(Shelf, on_delete=dorm.CASCADE, null=True)

    class Meta:
        app_label = "transforms"


def moment(*numbers: int) -> dt.datetime:
    return dt.datetime(*numbers, tzinfo=dt.UTC)  # type: ignore[arg-type, misc]


async def fill(tables: Tables, call: Call) -> None:
    tables(Shelf, Novel)
    shelf = await call(Shelf.objects, "create", opened=moment(2018, 12, 31, 23, 30))
    rows = [
        ("Emma", dt.date(2019, 12, 30), moment(2019, 12, 30, 8, 15, 20), dt.time(8, 15)),  # a Monday, week 1 of 2020
        ("Dune", dt.date(2020, 2, 29), moment(2020, 2, 29, 12, 0, 0), dt.time(12)),
        ("Solaris", dt.date(2021, 8, 1), moment(2021, 8, 1, 23, 59, 59), dt.time(23, 59)),
        ("Unborn", None, None, None),
    ]
    await call(
        Novel.objects,
        "bulk_create",
        [
            Novel(title=t, out=out, at=at, time=time, copies=-n, price=n, shelf=shelf if n else None)
            for n, (t, out, at, time) in enumerate(rows)
        ],
    )


async def titles(call: Call, query: Any) -> list[str]:
    return await call.list(query.order_by("id").values_list("title", flat=True))


LOOKUPS = [
    ({"out__year": 2020}, ["Dune"]),
    ({"out__year__gt": 2019}, ["Dune", "Solaris"]),
    ({"out__year__gte": 2020}, ["Dune", "Solaris"]),
    ({"out__year__in": [2019, 2021]}, ["Emma", "Solaris"]),
    ({"out__year__range": (2019, 2020)}, ["Emma", "Dune"]),
    ({"out__iso_year": 2020}, ["Emma", "Dune"]),
    ({"out__iso_year__lt": 2021}, ["Emma", "Dune"]),
    ({"out__quarter": 1}, ["Dune"]),
    ({"out__quarter__in": [3, 4]}, ["Emma", "Solaris"]),
    ({"out__month": 12}, ["Emma"]),
    ({"out__month__range": (1, 8)}, ["Dune", "Solaris"]),
    ({"out__day__gte": 29}, ["Emma", "Dune"]),
    ({"out__week": 1}, ["Emma"]),
    ({"out__week__gt": 9}, ["Solaris"]),
    ({"out__week_day": 1}, ["Solaris"]),
    ({"out__week_day__in": [2, 7]}, ["Emma", "Dune"]),
    ({"out__iso_week_day": 7}, ["Solaris"]),
    ({"out__year__isnull": True}, ["Unborn"]),
    ({"at__date": dt.date(2020, 2, 29)}, ["Dune"]),
    ({"at__date__gt": dt.date(2020, 2, 29)}, ["Solaris"]),
    ({"at__date__in": [dt.date(2020, 2, 29), dt.date(2000, 1, 1)]}, ["Dune"]),
    ({"at__date__year": 2020}, ["Dune"]),
    ({"at__date__year__gte": 2020}, ["Dune", "Solaris"]),
    ({"at__date__month__in": [2, 8]}, ["Dune", "Solaris"]),
    ({"at__time": dt.time(12)}, ["Dune"]),
    ({"at__time__lt": dt.time(9)}, ["Emma"]),
    ({"at__time__hour": 23}, ["Solaris"]),
    ({"at__hour__range": (8, 12)}, ["Emma", "Dune"]),
    ({"at__minute": 15}, ["Emma"]),
    ({"at__second__gt": 20}, ["Solaris"]),
    ({"time__hour": 12}, ["Dune"]),
    ({"time__minute__gte": 15}, ["Emma", "Solaris"]),
    ({"shelf__opened__year": 2018}, ["Dune", "Solaris", "Unborn"]),
    ({"shelf__opened__date__year__lt": 2019}, ["Dune", "Solaris", "Unborn"]),
    ({"out__year": F("at__year")}, ["Emma", "Dune", "Solaris"]),
    ({"out__year__gt": F("shelf__opened__year") + 2}, ["Solaris"]),
    ({"at__year__lt": F("out__year") + 1}, ["Emma", "Dune", "Solaris"]),
]


@pytest.mark.parametrize(("lookups", "expected"), LOOKUPS, ids=lambda one: repr(one)[:50])
async def test_a_transform_in_a_lookup(
    tables: Tables, call: Call, lookups: dict[str, Any], expected: list[str]
) -> None:
    await fill(tables, call)

    assert expected == await titles(call, Novel.objects.filter(**lookups))
    others = [title for title in ("Emma", "Dune", "Solaris", "Unborn") if title not in expected]
    assert others == await titles(call, Novel.objects.exclude(**lookups))


async def test_parts_are_read_in_the_time_zone_of_the_settings(tables: Tables, call: Call) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"
    await fill(tables, call)

    assert ["Solaris"] == await titles(call, Novel.objects.filter(at__date=dt.date(2021, 8, 2)))
    assert 3 == await call(Novel.objects.filter(shelf__opened__year=2019), "count")
    assert ["Dune"] == await titles(call, Novel.objects.filter(at__hour=21))
    assert [17, 21, 8, None] == await call.list(Novel.objects.order_by("id").values_list("at__hour", flat=True))


# -- Where expressions stand -------------------------------------------------------------------


async def test_f_takes_transforms(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    query = Novel.objects.annotate(y=F("out__year") + 1, d=F("at__date"), m=F("at__date__month"))

    found = await call(query, "get", title="Dune")

    assert (2021, dt.date(2020, 2, 29), 2) == (found.y, found.d, found.m)
    assert ["Dune", "Solaris"] == await titles(call, query.filter(y__gt=2020))
    assert {"last": 2021} == await call(Novel.objects, "aggregate", last=Max("out__year"))
    assert {"out__month__max": 12} == await call(Novel.objects, "aggregate", Max("out__month"))
    await call(Novel.objects.filter(title="Dune"), "update", copies=F("out__year"))
    assert 2020 == (await call(Novel.objects, "get", title="Dune")).copies


async def test_an_annotation_takes_transforms(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    query = Novel.objects.annotate(month=TruncMonth("at"), year=F("at__year"))

    assert ["Solaris"] == await titles(call, query.filter(month__month=8))
    assert ["Solaris"] == await titles(call, query.filter(month__date__day__lte=1, month__year__gt=2020))
    assert 8 == (await call(query.annotate(n=F("month__month")), "get", title="Solaris")).n


async def test_rows_are_ordered_and_grouped_by_transforms(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    dated = Novel.objects.filter(out__isnull=False)

    assert ["Dune", "Solaris", "Emma"] == [one.title for one in await call.list(dated.order_by("out__month"))]
    assert ["Emma", "Solaris", "Dune"] == [one.title for one in await call.list(dated.order_by("-out__month"))]
    assert [{"out__year": 2019}, {"out__year": 2020}, {"out__year": 2021}] == await call.list(
        dated.values("out__year").order_by("out__year")
    )
    groups = Novel.objects.values("shelf__opened__year").annotate(n=Count("*")).order_by("n")
    assert [(None, 1), (2018, 3)] == [tuple(row.values()) for row in await call.list(groups)]
    assert [(12, dt.date(2019, 12, 30))] == await call.list(
        dated.filter(out__year=2019).values_list("out__month", "at__date")
    )
    named = await call(dated.values_list("title", "out__year", named=True), "first")
    assert ("Emma", 2019) == (named.title, named.out__year)


async def test_a_year_is_compared_by_range_so_that_an_index_serves(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    with capture_queries() as queries:
        await titles(call, Novel.objects.filter(out__year=2020))

    assert "BETWEEN" in queries.sql[0]


# -- Registered by users -----------------------------------------------------------------------


class NotEqual(Lookup):
    lookup_name = "ne"
    template = "{left} <> {right}"


class Doubled(Transform):
    lookup_name = "doubled"
    template = "({left} * 2)"


class Words(Transform):
    """How many words a text has."""

    name = "words"
    template = "(LENGTH({left}) - LENGTH(REPLACE({left}, ' ', '')) + 1)"
    output_field = dorm.IntegerField()


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    dorm.Field.register_lookup(NotEqual)
    dorm.IntegerField.register_lookup(Doubled)
    dorm.IntegerField.register_lookup(Abs)
    dorm.CharField.register_lookup(Length)
    dorm.CharField.register_lookup(Upper, "loud")
    dorm.CharField.register_lookup(Lower)
    dorm.CharField.register_lookup(Words)
    dorm.DateField.register_lookup(ExtractYear, "annum")
    yield
    dorm.Field._unregister_lookup(NotEqual)
    dorm.IntegerField._unregister_lookup(Doubled)
    dorm.IntegerField._unregister_lookup(Abs)
    dorm.CharField._unregister_lookup(Length)
    dorm.CharField._unregister_lookup(Upper, "loud")
    dorm.CharField._unregister_lookup(Lower)
    dorm.CharField._unregister_lookup(Words)
    dorm.DateField._unregister_lookup(ExtractYear, "annum")


@pytest.mark.parametrize(
    ("lookups", "expected"),
    [
        ({"title__ne": "Dune"}, ["Emma", "Solaris", "Unborn"]),
        ({"copies__ne": -1}, ["Emma", "Solaris", "Unborn"]),
        ({"out__year__ne": 2020}, ["Emma", "Solaris"]),
        ({"copies__doubled": -4}, ["Solaris"]),
        ({"copies__doubled__lt": -2}, ["Solaris", "Unborn"]),
        ({"copies__doubled__abs__ne": 2}, ["Emma", "Solaris", "Unborn"]),
        ({"copies__abs__gt": 1}, ["Solaris", "Unborn"]),
        ({"copies__abs__in": [0, 3]}, ["Emma", "Unborn"]),
        ({"title__length": 4}, ["Emma", "Dune"]),
        ({"title__length__gt": 6}, ["Solaris"]),
        ({"title__length__range": (5, 6)}, ["Unborn"]),
        ({"title__length__doubled": 14}, ["Solaris"]),
        ({"title__loud": "EMMA"}, ["Emma"]),
        ({"title__loud__contains": "UN"}, ["Dune", "Unborn"]),
        ({"title__lower__startswith": "un"}, ["Unborn"]),
        ({"title__lower__loud__length": 6}, ["Unborn"]),
        ({"title__words": 1}, ["Emma", "Dune", "Solaris", "Unborn"]),
        ({"out__annum": 2020}, ["Dune"]),
        ({"copies__lt": F("title__length")}, ["Emma", "Dune", "Solaris", "Unborn"]),
    ],
    ids=lambda one: repr(one)[:50],
)
async def test_what_users_register_is_looked_up_by_name(
    tables: Tables, call: Call, lookups: dict[str, Any], expected: list[str]
) -> None:
    await fill(tables, call)

    assert expected == await titles(call, Novel.objects.filter(**lookups))


async def test_what_is_registered_under_a_known_name_takes_its_place(tables: Tables, call: Call) -> None:
    class Beside(Lookup):
        name = "beside"
        template = "{left} = {right} + 1"

    class Instead(Lookup):
        name = "beside"
        template = "{left} = {right} - 1"

    await fill(tables, call)
    found = []
    try:
        for lookup in (Beside, Instead):
            dorm.IntegerField.register_lookup(lookup)
            found += [
                await call(Novel.objects, "get", copies__beside=-2),
                await call(Novel.objects.filter(copies__beside=-2), "first"),
            ]
    finally:
        dorm.IntegerField._unregister_lookup(Instead)
    assert ["Dune", "Dune", "Unborn", "Unborn"] == [novel.title for novel in found]
    with pytest.raises(dorm.FieldError, match="beside"):
        await call(Novel.objects, "get", copies__beside=-2)


async def test_what_is_registered_holds_for_computed_values_and_in_expressions(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    query = Novel.objects.annotate(n=Length("title"), loud=Upper("title"), n2=F("title__length") + 1)

    assert ["Solaris"] == await titles(call, query.filter(n__doubled=14))
    assert ["Solaris", "Unborn"] == await titles(call, query.filter(n__ne=4))
    assert ["Emma", "Dune"] == await titles(call, query.filter(loud__lower__length=4))
    assert 8 == (await call(query, "get", title="Solaris")).n2
    by_length = Novel.objects.order_by("-title__length", "title")
    assert ["Solaris", "Unborn", "Dune", "Emma"] == [one.title for one in await call.list(by_length)]


async def test_what_is_registered_is_a_condition_object(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    assert ["Emma", "Solaris", "Unborn"] == await titles(call, Novel.objects.filter(NotEqual(F("title"), "Dune")))


def test_registering_is_a_decorator_that_gives_the_class_back() -> None:
    @dorm.EmailField.register_lookup
    class Domain(Transform):
        name = "domain"
        template = "SUBSTR({left}, 3)"

    assert Domain is dorm.EmailField.get_transform("domain")
    assert dorm.CharField.get_transform("domain") is None
    assert NotEqual is dorm.TextField.get_lookup("ne")
    assert dorm.Field.get_transform("length") is None
    dorm.EmailField._unregister_lookup(Domain)


def test_a_lookup_registered_later_replaces_what_was_known() -> None:
    before = str(Novel.objects.filter(copies__doubled=4).query)

    class Doubled2(Transform):
        lookup_name = "doubled"
        template = "({left} + {left})"

    dorm.IntegerField.register_lookup(Doubled2)

    assert "* 2" in before
    assert "* 2" not in str(Novel.objects.filter(copies__doubled=4).query)


class Nameless(Transform):
    template = "{left}"


MISTAKES: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: Novel.objects.filter(title__lenth=3), dorm.FieldError, "length"),
    (lambda: Novel.objects.filter(title__length__contans="3"), dorm.FieldError, "contains"),
    (lambda: Novel.objects.filter(out__yaer=3), dorm.FieldError, "year"),
    (lambda: Novel.objects.filter(out__hour=3), dorm.FieldError, "hour"),
    (lambda: Novel.objects.filter(time__year=3), dorm.FieldError, "year"),
    (lambda: Novel.objects.filter(at__date__hour=3), dorm.FieldError, "hour"),
    (lambda: Novel.objects.filter(out__year__year=3), dorm.FieldError, "year"),
    (lambda: Novel.objects.filter(out__year="x"), ValueError, "out__year"),
    (lambda: Novel.objects.annotate(x=F("out__yaer")), dorm.FieldError, "year"),
    (lambda: Novel.objects.annotate(x=F("at__date__hour")), dorm.FieldError, "hour"),
    (lambda: Novel.objects.annotate(x=F("title__nope")), dorm.FieldError, "nope"),
    (lambda: Novel.objects.annotate(x=Length("title")).annotate(y=F("x__year")), dorm.FieldError, "year"),
    (lambda: Novel.objects.order_by("out__yaer"), dorm.FieldError, "year"),
    (lambda: Novel.objects.values("out__yaer"), dorm.FieldError, "year"),
    (lambda: Novel.objects.annotate(x=F("shelf__nope")), dorm.FieldError, "nope"),
    (lambda: dorm.CharField.register_lookup(Replace), ValueError, "name"),
    (lambda: dorm.CharField.register_lookup(Replace, "swap"), TypeError, "more than one argument"),
    (lambda: dorm.CharField.register_lookup(Nameless), ValueError, "name"),
    (lambda: dorm.CharField.register_lookup(Nameless, "a__b"), ValueError, "a__b"),
    (lambda: dorm.CharField.register_lookup(str, "text"), TypeError, "a Lookup"),
]


@pytest.mark.parametrize(("make", "kind", "words"), MISTAKES)
def test_mistakes_are_told_at_the_line_that_made_them(
    make: Callable[[], Any], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        make()


async def test_a_zone_of_a_computed_moment_does_not_change_which_moment_it_is(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    months = Novel.objects.annotate(m=TruncMonth("at", tzinfo=ZoneInfo("Asia/Tokyo")))

    assert ["Solaris"] == await titles(call, months.filter(m=moment(2021, 7, 31, 15)))
