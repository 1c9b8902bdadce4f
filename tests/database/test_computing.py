"""Computed columns and aggregates: annotate, alias, aggregate, grouping, functions."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm import (
    Abs,
    Avg,
    Case,
    Cast,
    Coalesce,
    Concat,
    Count,
    F,
    Greatest,
    Least,
    Length,
    Lower,
    Max,
    Min,
    Now,
    Q,
    Sum,
    Upper,
    Value,
    When,
)
from dorm.test import assert_num_queries, capture_queries

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.testbed.colours import Call

    Tables = Callable[..., None]


class Writer(dorm.Model):
    name = dorm.CharField(max_length=10)
    age = dorm.IntegerField()
    bio = dorm.TextField(null=True)

    class Meta:
        app_label = "test_computing"
        ordering = ("name",)


class Work(dorm.Model):
    title = dorm.CharField(max_length=10)
    writer = dorm.ForeignKey(Writer, on_delete=dorm.CASCADE)
    price = dorm.DecimalField(max_digits=6, decimal_places=2)
    pages = dorm.IntegerField(default=10)
    at = dorm.DateTimeField(null=True)

    class Meta:
        app_label = "test_computing"


async def fill(tables: Tables, call: Call) -> list[Writer]:
    """Ann (15) has three works, Bob (40) two, Cid (70) none; pages are 0, 10, 20, 30, 40."""
    tables(Writer, Work)
    writers = [Writer(name=name, age=age) for name, age in (("Ann", 15), ("Bob", 40), ("Cid", 70))]
    await call(Writer.objects, "bulk_create", writers)
    await call(
        Work.objects,
        "bulk_create",
        [
            Work(title=f"w{i}", writer=writers[i % 2], price=Decimal(i) + Decimal("0.10"), pages=i * 10)
            for i in range(5)
        ],
    )
    return writers


async def named(call: Call, query: Any, name: str) -> list[tuple[str, Any]]:
    return [(one.name, getattr(one, name)) for one in await call.list(query)]


# -- aggregate ---------------------------------------------------------------------------------


async def test_aggregates_of_all_rows_come_under_their_names_in_one_query(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    with assert_num_queries(1):
        found = await call(
            Work.objects,
            "aggregate",
            Count("*"),
            Max("pages"),
            least=Min("price"),
            total=Sum("price"),
            mean=Avg("pages"),
        )

    assert {
        "__count": 5,
        "pages__max": 40,
        "least": Decimal("0.10"),
        "total": Decimal("10.50"),
        "mean": 20.0,
    } == found
    assert [int, int, Decimal, Decimal, float] == [type(found[key]) for key in found]


async def test_an_average_of_decimals_is_a_decimal(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    found = await call(Work.objects, "aggregate", mean=Avg("price"))

    assert (Decimal, Decimal("2.10")) == (type(found["mean"]), found["mean"])


async def test_an_aggregate_may_have_its_own_filter_and_default(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    found = await call(
        Work.objects,
        "aggregate",
        long=Count("id", filter=Q(pages__gte=20)),
        none=Sum("pages", filter=Q(pages__gt=999)),
        zero=Sum("pages", filter=Q(pages__gt=999), default=0),
    )

    assert {"long": 3, "none": None, "zero": 0} == found


async def test_distinct_values_are_counted_once(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    assert {"n": 2} == await call(Work.objects, "aggregate", n=Count("writer", distinct=True))


async def test_aggregates_of_no_rows(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    for query in (Work.objects.filter(pages__lt=0), Work.objects.filter(pk__in=[])):
        assert {"n": 0, "s": None} == await call(query, "aggregate", n=Count("id"), s=Sum("pages"))


async def test_a_sum_may_be_greater_than_its_column_could_hold(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    await call(Work.objects.all(), "update", pages=2**31 - 1)

    assert {"s": 5 * (2**31 - 1)} == await call(Work.objects, "aggregate", s=Sum("pages"))


async def test_a_slice_is_taken_before_it_is_summed(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    assert {"s": 30} == await call(Work.objects.order_by("pages")[:3], "aggregate", s=Sum("pages"))


async def test_annotations_can_be_aggregated_again(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    found = await call(Writer.objects.annotate(n=Count("work")), "aggregate", most=Max("n"), all=Sum("n"))

    assert {"most": 3, "all": 5} == found


# -- annotate ----------------------------------------------------------------------------------


async def test_a_count_per_instance_includes_those_without_any(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    query = Writer.objects.annotate(n=Count("work")).order_by("-n", "name")

    assert [("Ann", 3), ("Bob", 2), ("Cid", 0)] == await named(call, query, "n")


async def test_a_filter_on_an_aggregate_is_a_having_per_row_of_the_model(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    query = Writer.objects.annotate(n=Count("work")).filter(n__gte=2)

    with capture_queries() as queries:
        found = await named(call, query, "n")

    assert [("Ann", 3), ("Bob", 2)] == found
    assert "HAVING COUNT(" in queries.sql[0]
    assert 2 == await call(query, "count")
    assert await call(Writer.objects.annotate(n=Count("work")).filter(n=0), "exists")


async def test_a_filter_before_the_count_limits_what_is_counted(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    before = Writer.objects.filter(work__pages__gte=20).annotate(n=Count("work"))
    inside = Writer.objects.annotate(n=Count("work", filter=Q(work__pages__gte=20)))

    assert [("Ann", 2), ("Bob", 1)] == await named(call, before, "n")
    assert [("Ann", 2), ("Bob", 1), ("Cid", 0)] == await named(call, inside, "n")


async def test_arithmetic_can_be_filtered_and_ordered_by(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    doubled = Writer.objects.annotate(double=F("age") * 2)

    assert [("Bob", 80), ("Cid", 140)] == await named(call, doubled.filter(double__gt=50), "double")
    assert "Cid" == (await call(doubled.order_by("-double"), "first")).name
    assert Decimal("8.20") == (await call(Work.objects.annotate(y=F("price") * 2).order_by("-y"), "first")).y


async def test_an_alias_can_be_used_and_does_not_come_back(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    found = await call(Writer.objects.alias(double=F("age") * 2).order_by("-double"), "first")

    assert ("Cid", False) == (found.name, hasattr(found, "double"))


async def test_an_annotation_stands_beside_select_related(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    query = Work.objects.select_related("writer").annotate(n=Count("writer__work")).order_by("id")

    with assert_num_queries(1):
        found = await call(query, "first")
        assert ("Ann", 3) == (found.writer.name, found.n)


async def test_annotated_rows_can_be_updated_and_deleted(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    assert 1 == await call(Writer.objects.annotate(t=Sum("work__pages")).filter(t__gt=50), "update", age=99)
    assert 1 == (await call(Writer.objects.annotate(n=Count("work")).filter(n=0), "delete"))[0]
    assert [("Ann", 99), ("Bob", 40)] == await named(call, Writer.objects.all(), "age")


async def test_update_computes_from_the_row(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    await call(Work.objects.filter(writer__name="Ann"), "update", pages=F("pages") + 1)

    assert [1, 10, 21, 30, 41] == await call.list(Work.objects.order_by("id").values_list("pages", flat=True))


# -- Grouping ----------------------------------------------------------------------------------


async def test_values_before_an_aggregate_are_the_groups(tables: Tables, call: Call) -> None:
    writers = await fill(tables, call)

    by_name = Work.objects.values("writer__name").annotate(total=Sum("price"), n=Count("*")).order_by("writer__name")
    by_key = Work.objects.values_list("writer").annotate(Count("id")).order_by("writer")

    assert [
        {"writer__name": "Ann", "total": Decimal("6.30"), "n": 3},
        {"writer__name": "Bob", "total": Decimal("4.20"), "n": 2},
    ] == await call.list(by_name)
    assert [(writers[0].pk, 3), (writers[1].pk, 2)] == await call.list(by_key)


async def test_groups_are_filtered_and_counted(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    groups = Work.objects.values("writer").annotate(n=Count("*"))

    assert 2 == await call(groups, "count")
    assert 3 == (await call(groups.filter(n__gt=2), "get"))["n"]


async def test_values_after_an_aggregate_choose_columns_only(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    counted = Writer.objects.annotate(n=Count("work"))

    assert [{"name": "Ann", "n": 3}, {"name": "Bob", "n": 2}, {"name": "Cid", "n": 0}] == await call.list(
        counted.values("name", "n").order_by("name")
    )
    assert [3, 2, 0] == await call.list(counted.values_list("n", flat=True).order_by("-n"))


async def test_rows_can_be_grouped_by_what_was_computed(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    grade = Case(When(age__lt=18, then=Value("minor")), default=Value("adult"))

    groups = Writer.objects.annotate(grade=grade).values("grade").annotate(n=Count("*")).order_by("grade")

    assert [{"grade": "adult", "n": 2}, {"grade": "minor", "n": 1}] == await call.list(groups)


# -- Functions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (Upper("name"), "ANN"),
        (Lower(F("name")), "ann"),
        (Upper(Value("äöü")), "ÄÖÜ"),
        (Length("name"), 3),
        (Concat(F("name"), Value(" ("), F("age"), Value(")")), "Ann (15)"),
        (Concat("name", "bio"), "Ann"),
        (Coalesce(F("bio"), Value("none")), "none"),
        (Cast(F("age"), output_field="text"), "15"),
        (Cast(Value("7"), output_field=dorm.IntegerField()), 7),
        (Abs(F("age") - 100), 85),
        (Greatest("age", Value(20)), 20),
        (Least("age", Value(20)), 15),
        (F("age") * 2, 30),
        (100 - F("age"), 85),
        (-F("age"), -15),
        (F("age") % 4, 3),
        (Case(When(age__lt=18, then=Value("minor")), When(age__lt=65, then=Value("adult"))), "minor"),
        (Case(When(Q(age=15) & Q(bio=None), then=F("age")), default=Value(0)), 15),
        (Value("100%"), "100%"),
        (Value("a ? $1 :x"), "a ? $1 :x"),
    ],
)
async def test_functions(tables: Tables, call: Call, expression: Any, expected: object) -> None:
    await fill(tables, call)

    found = await call(Writer.objects.annotate(x=expression), "get", name="Ann")

    assert (type(expected), expected) == (type(found.x), found.x)


async def test_now_is_the_present_in_the_form_of_the_column(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    await call(Work.objects.all(), "update", at=Now())

    found = await call(Work.objects, "first")
    assert abs(datetime.datetime.now(datetime.UTC) - found.at) < datetime.timedelta(minutes=1)
    assert 5 == await call(Work.objects.filter(at__lte=Now()), "count")


async def test_an_expression_is_the_value_of_a_lookup(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    assert [("Ann", 15)] == await named(call, Writer.objects.filter(name=Concat(Value("A"), Value("nn"))), "age")
    assert 2 == await call(Work.objects.filter(pages__gt=F("writer__age")), "count")


async def test_an_order_by_expressions_says_where_nulls_go(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    await call(Writer.objects.filter(name="Bob"), "update", bio="b")

    async def order(*terms: Any) -> list[str]:
        return await call.list(Writer.objects.order_by(*terms).values_list("name", flat=True))

    assert ["Bob", "Cid", "Ann"] == await order(F("bio").desc(nulls_last=True), Lower("name").desc())
    assert ["Ann", "Cid", "Bob"] == await order(F("bio").asc(nulls_first=True), "name")


# -- Mistakes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda: Writer.objects.annotate(name=Count("work")), ValueError, "name"),
        (lambda: Writer.objects.annotate(**{'x"y': F("age")}), ValueError, 'x"y'),
        (lambda: Writer.objects.annotate(x=3), TypeError, "3"),
        (lambda: Writer.objects.annotate(n=Count("nope")), dorm.FieldError, "nope"),
        (lambda: Writer.objects.annotate(n=Count("work")).filter(n__foo=1), dorm.FieldError, "foo"),
        (lambda: Writer.objects.annotate(Count("work__id") * 2), TypeError, "annotate"),
        (lambda: Cast(F("age"), "texxt"), ValueError, "texxt"),
        (lambda: Coalesce("name"), ValueError, "two"),
        (lambda: Upper("name", "bio"), TypeError, "takes 1"),
        (lambda: When(then=1), TypeError, "condition"),
        (lambda: Case(3), TypeError, "When"),
        (lambda: Count("id", filter={"age": 1}), TypeError, "filter is a Q"),
        (lambda: Writer.objects.all()[:1].annotate(n=Count("work")), TypeError, "slice"),
    ],
)
def test_mistakes_are_told_at_the_line_that_made_them(make: Callable[[], Any], kind: type, words: str) -> None:
    with pytest.raises(kind, match=words):
        make()


async def test_only_aggregates_can_be_aggregated(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    with assert_num_queries(0), pytest.raises((TypeError, dorm.FieldError), match="aggregate"):
        await call(Writer.objects, "aggregate", x=F("age"))
