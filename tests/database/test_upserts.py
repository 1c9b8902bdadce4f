"""Finding a row or making it, and changing many rows at once: get_or_create, update_or_create, bulk_update."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm import F
from dorm.test import assert_num_queries, capture_queries

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.testbed.colours import Call

    Tables = Callable[..., None]


class Shelf(dorm.Model):
    name = dorm.CharField(max_length=20, unique=True)

    class Meta:
        app_label = "test_upserts"


class Item(dorm.Model):
    name = dorm.CharField(max_length=20, unique=True)
    number = dorm.IntegerField(default=0)
    price = dorm.DecimalField(max_digits=6, decimal_places=2, null=True)
    weight = dorm.FloatField(null=True)
    at = dorm.DateTimeField(null=True)
    day = dorm.DateField(null=True)
    span = dorm.DurationField(null=True)
    token = dorm.UUIDField(null=True)
    data = dorm.JSONField(null=True)
    raw = dorm.BinaryField(null=True)
    sold = dorm.BooleanField(default=False)
    shelf = dorm.ForeignKey(Shelf, on_delete=dorm.SET_NULL, null=True)
    changed = dorm.DateTimeField(auto_now=True)

    class Meta:
        app_label = "test_upserts"
        ordering = ("id",)


FULL: dict[str, Any] = {
    "number": -(2**31),
    "price": Decimal("-9999.99"),
    "weight": 0.1,
    "at": datetime.datetime(2024, 2, 29, 23, 59, 59, 999999, datetime.UTC),
    "day": datetime.date(1, 1, 1),
    "span": datetime.timedelta(days=-1, microseconds=1),
    "token": uuid.UUID(int=2**128 - 1),
    "data": {"a": [1, None, "ü", {"'": '"'}]},
    "raw": b"\x00\xff'",
    "sold": True,
}


async def stock(tables: Tables, call: Call, count: int = 3) -> list[Item]:
    tables(Shelf, Item)
    items: list[Item] = await call(Item.objects, "bulk_create", [Item(name=f"i{n}", number=n) for n in range(count)])
    return items


# -- get_or_create -----------------------------------------------------------------------------


async def test_what_is_there_is_given_and_what_is_not_is_made_once(tables: Tables, call: Call) -> None:
    tables(Shelf, Item)

    made, created = await call(Item.objects, "get_or_create", name="a", defaults={"number": 3})
    found, created_again = await call(Item.objects, "get_or_create", name="a", defaults={"number": 4})

    assert (True, False, 3, made) == (created, created_again, found.number, found)
    assert 1 == await call(Item.objects, "count")


async def test_finding_asks_once(tables: Tables, call: Call) -> None:
    await stock(tables, call)

    with assert_num_queries(1):
        await call(Item.objects, "get_or_create", name="i1")


async def test_defaults_may_be_computed_and_are_only_for_new_rows(tables: Tables, call: Call) -> None:
    tables(Shelf, Item)

    made, _ = await call(Item.objects, "get_or_create", name="a", defaults={"number": lambda: 7})
    await call(Item.objects, "get_or_create", name="a", defaults={"number": lambda: 1 / 0})

    assert 7 == made.number


async def test_lookups_other_than_exact_find_and_do_not_make(tables: Tables, call: Call) -> None:
    tables(Shelf, Item)

    made, created = await call(Item.objects, "get_or_create", name__iexact="A", number__exact=5, defaults={"name": "a"})

    assert (True, "a", 5) == (created, made.name, made.number)
    assert (made, False) == await call(Item.objects, "get_or_create", name__iexact="A", defaults={"name": "a"})


async def test_several_rows_are_too_many(tables: Tables, call: Call) -> None:
    await stock(tables, call)

    with pytest.raises(Item.MultipleObjectsReturned):
        await call(Item.objects, "get_or_create", sold=False)


async def test_a_row_that_cannot_be_made_leaves_the_block_usable(tables: Tables, call: Call) -> None:
    await stock(tables, call)

    async with call.atomic():
        with pytest.raises(dorm.UniqueViolation):
            await call(Item.objects, "get_or_create", number=99, defaults={"name": "i1"})
        assert 3 == await call(Item.objects, "count")

    assert 3 == await call(Item.objects, "count")


async def test_unknown_names_are_refused_before_any_sql(tables: Tables, call: Call) -> None:
    tables(Shelf, Item)

    with assert_num_queries(0), pytest.raises(dorm.FieldError, match="Did you mean 'name'"):
        await call(Item.objects, "get_or_create", nmae="a")
    with pytest.raises(dorm.FieldError, match="Did you mean 'number'"):
        await call(Item.objects, "get_or_create", name="a", defaults={"numbr": 1})
    assert 0 == await call(Item.objects, "count")


# -- update_or_create --------------------------------------------------------------------------


async def test_what_is_there_is_changed_and_what_is_not_is_made(tables: Tables, call: Call) -> None:
    await stock(tables, call)

    changed, created = await call(Item.objects, "update_or_create", name="i1", defaults={"number": 77})
    made, created_other = await call(Item.objects, "update_or_create", name="new", defaults={"number": 78})

    assert (False, 77, True, 78) == (created, changed.number, created_other, made.number)
    assert [0, 77, 2, 78] == await call.list(Item.objects.values_list("number", flat=True))


async def test_a_new_row_may_have_defaults_of_its_own(tables: Tables, call: Call) -> None:
    tables(Shelf, Item)

    made, _ = await call(
        Item.objects, "update_or_create", name="a", defaults={"number": 1}, create_defaults={"number": 2}
    )

    assert 2 == made.number


async def test_only_the_defaults_and_the_clock_are_written(tables: Tables, call: Call) -> None:
    items = await stock(tables, call)

    with capture_queries() as queries:
        changed, _ = await call(Item.objects, "update_or_create", name="i1", defaults={"number": 77})

    (update,) = [sql for sql in queries.sql if sql.startswith("UPDATE")]
    assert ('"number"' in update, '"changed"' in update, '"price"' in update) == (True, True, False)
    assert changed.changed > items[1].changed


async def test_a_change_that_fails_changes_nothing(tables: Tables, call: Call) -> None:
    await stock(tables, call)

    with pytest.raises(dorm.UniqueViolation):
        await call(Item.objects, "update_or_create", name="i1", defaults={"name": "i2", "number": 50})

    assert [0, 1, 2] == await call.list(Item.objects.values_list("number", flat=True))


# -- bulk_update -------------------------------------------------------------------------------


async def test_every_kind_of_column_is_written_by_one_statement(tables: Tables, call: Call) -> None:
    items = await stock(tables, call)
    for name, value in FULL.items():
        setattr(items[0], name, value)

    with assert_num_queries(1):
        assert 3 == await call(Item.objects, "bulk_update", items, list(FULL))

    first, second, _ = await call.list(Item.objects.all())
    assert FULL == {name: getattr(first, name) for name in FULL}
    assert [None] * 8 == [getattr(second, name) for name in FULL if name not in ("number", "sold")]


async def test_columns_become_null_again(tables: Tables, call: Call) -> None:
    items = await stock(tables, call)
    nullable = [name for name in FULL if name not in ("number", "sold")]
    for item in items:
        for name in nullable:
            setattr(item, name, FULL[name])
    await call(Item.objects, "bulk_update", items, nullable)

    for name in nullable:
        setattr(items[1], name, None)
    await call(Item.objects, "bulk_update", items, nullable)

    first, second, _ = await call.list(Item.objects.all())
    assert [FULL[name] for name in nullable] == [getattr(first, name) for name in nullable]
    assert [None] * len(nullable) == [getattr(second, name) for name in nullable]


async def test_only_the_named_fields_and_rows_change(tables: Tables, call: Call) -> None:
    items = await stock(tables, call)
    for item in items:
        item.number, item.name = 50, f"new{item.pk}"

    assert 2 == await call(Item.objects, "bulk_update", items[:2], ["number"])

    assert [("i0", 50), ("i1", 50), ("i2", 2)] == await call.list(Item.objects.values_list("name", "number"))


async def test_keys_of_related_rows_are_written(tables: Tables, call: Call) -> None:
    items = await stock(tables, call)
    shelf = await call(Shelf.objects, "create", name="top")
    items[0].shelf = shelf

    await call(Item.objects, "bulk_update", items, ["shelf"])

    assert [shelf.pk, None, None] == await call.list(Item.objects.values_list("shelf", flat=True))


async def test_batches_are_one_statement_each_and_all_or_nothing(tables: Tables, call: Call) -> None:
    items = await stock(tables, call, 5)
    for item in items:
        item.number += 100
    with assert_num_queries(3):
        assert 5 == await call(Item.objects, "bulk_update", items, ["number"], batch_size=2)

    for item in items:
        item.number = 0
    items[4].name = "i0"
    with pytest.raises(dorm.UniqueViolation) as caught:
        await call(Item.objects, "bulk_update", items, ["name", "number"], batch_size=2)

    assert ("name",) == caught.value.fields
    assert [100, 101, 102, 103, 104] == await call.list(Item.objects.values_list("number", flat=True))


async def test_more_rows_than_a_statement_takes_are_cut_by_themselves(tables: Tables, call: Call) -> None:
    items = await stock(tables, call, 2300)
    for item in items:
        item.number, item.price = -item.number, Decimal(item.number) / 100

    assert 2300 == await call(Item.objects, "bulk_update", items, ["number", "price"])

    last = await call(Item.objects, "last")
    assert (-2299, Decimal("22.99")) == (last.number, last.price)


async def test_an_expression_is_computed_for_its_row(tables: Tables, call: Call) -> None:
    items = await stock(tables, call)
    items[1].number = F("number") + 5

    assert 3 == await call(Item.objects, "bulk_update", items, ["number"])

    assert [0, 6, 2] == await call.list(Item.objects.values_list("number", flat=True))


async def test_no_instances_are_no_statement(tables: Tables, call: Call) -> None:
    tables(Shelf, Item)

    with assert_num_queries(0):
        assert 0 == await call(Item.objects, "bulk_update", [], ["number"])


@pytest.mark.parametrize(
    ("names", "size", "kind", "words"),
    [
        ([], None, ValueError, "needs the names of fields"),
        (["id"], None, ValueError, "cannot write the primary key"),
        (["pk"], None, ValueError, "cannot write the primary key"),
        (["nmae"], None, dorm.FieldDoesNotExist, "Did you mean 'name'"),
        (["number"], 0, ValueError, "batch_size is a positive number"),
        (["number"], True, ValueError, "batch_size is a positive number"),
    ],
)
async def test_a_bulk_update_that_cannot_be_is_refused_before_any_sql(
    tables: Tables, call: Call, names: list[str], size: int | None, kind: type[Exception], words: str
) -> None:
    items = await stock(tables, call, 1)

    with assert_num_queries(0), pytest.raises(kind, match=words):
        await call(Item.objects, "bulk_update", items, names, batch_size=size)


async def test_instances_that_are_not_stored_and_values_that_do_not_fit_are_refused(tables: Tables, call: Call) -> None:
    items = await stock(tables, call, 2)
    items[1].number = 2**31

    with assert_num_queries(0):
        with pytest.raises(ValueError, match="has no row"):
            await call(Item.objects, "bulk_update", [Item(name="new")], ["number"])
        with pytest.raises(ValueError, match="has no row"):
            await call(Item.objects, "bulk_update", [Shelf(pk=1)], ["number"])
        with pytest.raises(dorm.DataError, match="cannot hold 2147483648"):
            await call(Item.objects, "bulk_update", items, ["number"])

    assert [0, 1] == await call.list(Item.objects.values_list("number", flat=True))
