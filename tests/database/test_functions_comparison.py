"""Functions that choose, compare and convert values, and that make JSON."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm import (
    Case,
    Cast,
    Coalesce,
    Collate,
    Count,
    F,
    Greatest,
    JSONArray,
    JSONObject,
    Least,
    Length,
    Lower,
    NullIf,
    Sum,
    Value,
    When,
)
from dorm.query.plan import Counter

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.testbed.colours import Call
    from tests.testbed.databases import Database

    Tables = Callable[..., None]

KEY = uuid.UUID("12345678-1234-5678-1234-567812345678")
AT = dt.datetime(2020, 2, 3, 4, 5, 6, 700000, tzinfo=dt.UTC)


class Item(dorm.Model):
    name = dorm.CharField(max_length=20)
    other = dorm.CharField(max_length=20, null=True)
    number = dorm.IntegerField(default=7)
    absent = dorm.IntegerField(null=True)
    price = dorm.DecimalField(max_digits=8, decimal_places=2, default=Decimal("2.50"))
    ready = dorm.BooleanField(default=True)
    day = dorm.DateField(default=dt.date(2020, 2, 3))
    at = dorm.DateTimeField(default=AT)
    key = dorm.UUIDField(default=KEY)
    data = dorm.JSONField(default=dict)

    class Meta:
        app_label = "functions_comparison"


async def computed(tables: Tables, call: Call, expression: Any) -> Any:
    tables(Item)
    await call(Item.objects, "create", name="Ann", data={"a": [1, None]})
    return (await call(Item.objects.annotate(x=expression), "get")).x


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (Coalesce("other", "name"), "Ann"),
        (Coalesce("absent", Value(3)), 3),
        (Coalesce("absent", "number", Value(1)), 7),
        (Coalesce("other", "other"), None),
        (NullIf("name", Value("Ann")), None),
        (NullIf("name", Value("Bob")), "Ann"),
        (NullIf("absent", Value(1)), None),
        (Greatest("number", Value(9)), 9),
        (Greatest("day", Value(dt.date(2019, 1, 1))), dt.date(2020, 2, 3)),
        (Greatest("number", "absent"), None),
        (Least("number", Value(9), Value(3)), 3),
        (Least("absent", Value(9)), None),
        (Cast("number", "text"), "7"),
        (Cast("number", dorm.FloatField()), 7.0),
        (Cast(Value("12"), dorm.IntegerField()), 12),
        (Cast(Value("12.5"), dorm.FloatField()), 12.5),
        (Cast("name", dorm.CharField(max_length=2)), "An"),
        (Cast(Value("2.675"), dorm.DecimalField(max_digits=5, decimal_places=2)), Decimal("2.68")),
        (Cast("price", dorm.DecimalField(max_digits=5, decimal_places=1)), Decimal("2.5")),
        (Cast(F("number") / 2.0, "integer"), 4),
        (Cast("price", dorm.BigIntegerField()), 3),
        (Cast(Value("no"), "boolean"), False),
        (Cast("number", dorm.BooleanField()), True),
        (Cast(Value("2021-02-03"), dorm.DateField()), dt.date(2021, 2, 3)),
        (Cast("absent", "text"), None),
        (Cast("absent", dorm.DecimalField(max_digits=5, decimal_places=1)), None),
        (Cast("other", dorm.DateField()), None),
    ],
    ids=lambda one: repr(one)[:60],
)
async def test_a_function(tables: Tables, call: Call, expression: Any, expected: Any) -> None:
    found = await computed(tables, call, expression)

    assert (type(expected), expected) == (type(found), found)


async def test_the_declared_type_of_a_function_is_that_of_its_output_field(tables: Tables, call: Call) -> None:
    found = await computed(
        tables, call, Coalesce("absent", "number", output_field=dorm.DecimalField(max_digits=5, decimal_places=2))
    )

    assert (Decimal, Decimal(7)) == (type(found), found)


async def test_a_case_may_declare_its_type(tables: Tables, call: Call) -> None:
    case = Case(When(number=7, then=Value(1)), default=F("number"), output_field=dorm.FloatField())

    found = await computed(tables, call, case)

    assert (float, 1.0) == (type(found), found)


async def test_a_collation_decides_order_and_equality(tables: Tables, call: Call, db: Database) -> None:
    tables(Item)
    names = ["b", "A", "a", "B"]
    await call(Item.objects, "bulk_create", [Item(name=name) for name in names])
    binary = "BINARY" if db.vendor == "sqlite" else "C"

    ordered = Item.objects.order_by(Collate("name", binary)).values_list("name", flat=True)

    assert sorted(names) == await call.list(ordered)
    assert 1 == await call(Item.objects.alias(x=Collate(Lower("name"), binary)).filter(name="A", x="a"), "count")


# -- JSON --------------------------------------------------------------------------------------


async def test_an_object_of_every_kind_of_value_is_the_same_on_both_databases(tables: Tables, call: Call) -> None:
    found = await computed(
        tables,
        call,
        JSONObject(
            name="name",
            no=F("absent"),
            number=F("number") + 1,
            price="price",
            ready="ready",
            day="day",
            at="at",
            key="key",
            data="data",
            inner=JSONObject(n=Length("name")),
            items=JSONArray("number", Value("x"), "ready", "other"),
        ),
    )

    assert {
        "name": "Ann",
        "no": None,
        "number": 8,
        "price": 2.5,
        "ready": True,
        "day": "2020-02-03",
        "at": "2020-02-03T04:05:06.7+00:00",
        "key": str(KEY),
        "data": {"a": [1, None]},
        "inner": {"n": 3},
        "items": [7, "x", True, None],
    } == found


async def test_empty_objects_and_arrays(tables: Tables, call: Call) -> None:
    assert {} == await computed(tables, call, JSONObject())
    assert [] == (await call(Item.objects.annotate(x=JSONArray()), "get")).x


async def test_keys_are_values_and_never_text_of_the_statement(tables: Tables, call: Call) -> None:
    assert {"it's \" %s ? $1": 7} == await computed(tables, call, JSONObject(**{"it's \" %s ? $1": "number"}))
    Counter.compiled = 0
    for key in ("a", "b", "c"):
        await call(Item.objects.annotate(x=JSONObject(**{key: "number"})), "get")
    assert Counter.compiled <= 1


async def test_grouping_by_a_function(tables: Tables, call: Call) -> None:
    tables(Item)
    await call(Item.objects, "bulk_create", [Item(name=name, number=1) for name in ("Ann", "Ben", "Carl")])

    groups = Item.objects.values(n=Length("name")).annotate(c=Count("*"), s=Sum("number")).order_by("n")

    assert [{"n": 3, "c": 2, "s": 2}, {"n": 4, "c": 1, "s": 1}] == await call.list(groups)


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda: Coalesce("name"), ValueError, "at least two"),
        (lambda: Greatest("name"), ValueError, "at least two"),
        (lambda: Least("name"), ValueError, "at least two"),
        (lambda: NullIf("name"), TypeError, "takes 2"),
        (lambda: Cast("name", "integre"), ValueError, "integer"),
        (lambda: Cast("name", None), TypeError, "output_field"),
        (lambda: Cast("name", dorm.IntegerField), TypeError, "IntegerField\\(\\)"),
        (lambda: Collate("name", 'x" y'), ValueError, "Invalid collation name"),
        (lambda: Collate("name", None), ValueError, "Invalid collation name"),
        (lambda: Collate("name", ""), ValueError, "Invalid collation name"),
        (lambda: Item.objects.annotate(x=JSONObject(a="nope")), dorm.FieldError, "nope"),
    ],
)
def test_mistakes_are_told_at_the_line_that_made_them(make: Callable[[], Any], kind: type, words: str) -> None:
    with pytest.raises(kind, match=words):
        make()
