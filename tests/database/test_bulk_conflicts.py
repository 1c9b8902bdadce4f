"""bulk_create() of rows some of which are there already: left out, or written into those that are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm.exceptions import UniqueViolation
from dorm.functions import Upper
from dorm.query.plan import Counter
from dorm.test import assert_num_queries, capture_queries

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.testbed.colours import Call

    Tables = Callable[..., None]


class Shop(dorm.Model):
    name = dorm.CharField(max_length=20, unique=True)

    class Meta:
        app_label = "test_bulk_conflicts"


class Good(dorm.Model):
    shop = dorm.ForeignKey(Shop, on_delete=dorm.CASCADE, related_name="goods")
    code = dorm.CharField(max_length=20)
    price = dorm.DecimalField(max_digits=30, decimal_places=2, default=1)
    stock = dorm.IntegerField(default=0)
    tags = dorm.ManyToManyField(Shop, related_name="tagged")

    class Meta:
        app_label = "test_bulk_conflicts"
        unique_together = (("shop", "code"),)


class Coded(dorm.Model):
    code = dorm.CharField(max_length=20, primary_key=True)
    stock = dorm.IntegerField(default=0)

    class Meta:
        app_label = "test_bulk_conflicts"


UPSERT: dict[str, Any] = {
    "update_conflicts": True,
    "unique_fields": ["shop", "code"],
    "update_fields": ["price", "stock"],
}


async def fill(tables: Tables, call: Call) -> Shop:
    """One shop with the goods b (1) and d (2)."""
    tables(Shop, Good, Coded)
    shop = await call(Shop.objects, "create", name="shop")
    await call(Good.objects, "bulk_create", [Good(shop=shop, code="b"), Good(shop=shop, code="d")])
    return shop


def goods(shop: Shop, codes: str = "abcd") -> list[Good]:
    return [Good(shop=shop, code=code, price=number, stock=5) for number, code in enumerate(codes, 10)]


async def stored(call: Call) -> list[tuple[Any, ...]]:
    return await call.list(Good.objects.order_by("code").values_list("code", "price", "stock"))


SOURCES: list[Callable[[Shop], Any]] = [lambda _: Good.objects, lambda _: Good.objects.all(), lambda shop: shop.goods]


@pytest.mark.parametrize("source", SOURCES, ids=["manager", "query set", "related manager"])
async def test_what_is_there_is_left_out(tables: Tables, call: Call, source: Any) -> None:
    shop = await fill(tables, call)
    given = goods(shop)

    with assert_num_queries(1):
        found = await call(source(shop), "bulk_create", given, ignore_conflicts=True)

    assert given == found
    assert [None] * 4 == [one.pk for one in given]
    assert all(one._state.adding for one in given)
    assert [("a", 10, 5), ("b", 1, 0), ("c", 12, 5), ("d", 1, 0)] == await stored(call)


@pytest.mark.parametrize("source", SOURCES, ids=["manager", "query set", "related manager"])
async def test_what_is_there_is_written_to_and_all_keys_come_back(tables: Tables, call: Call, source: Any) -> None:
    shop = await fill(tables, call)
    given = goods(shop)

    with assert_num_queries(1):
        await call(source(shop), "bulk_create", given, **UPSERT)

    assert [("a", 10, 5), ("b", 11, 5), ("c", 12, 5), ("d", 13, 5)] == await stored(call)
    keys = dict(await call.list(Good.objects.values_list("code", "pk")))
    assert [(one.code, one.pk) for one in given] == [(code, keys[code]) for code in "abcd"]
    assert (1, 2) == (keys["b"], keys["d"])
    assert not any(one._state.adding for one in given)


async def test_only_the_named_fields_are_written(tables: Tables, call: Call) -> None:
    shop = await fill(tables, call)

    await call(Good.objects, "bulk_create", goods(shop), **{**UPSERT, "update_fields": ["stock"]})

    assert [("a", 10, 5), ("b", 1, 5), ("c", 12, 5), ("d", 1, 5)] == await stored(call)


@pytest.mark.parametrize("size", [1, 3, None])
async def test_batches_have_conflicts_too(tables: Tables, call: Call, size: int | None) -> None:
    shop = await fill(tables, call)
    given = goods(shop, "fedcba")

    await call(Good.objects, "bulk_create", given, batch_size=size, **UPSERT)

    assert [15, 14, 13, 12, 11, 10] == [price for _, price, _ in await stored(call)]
    keys = dict(await call.list(Good.objects.values_list("code", "pk")))
    assert [keys[one.code] for one in given] == [one.pk for one in given]


async def test_rows_are_found_by_their_key(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    await call(Coded.objects, "bulk_create", [Coded(code="a"), Coded(code="b")])

    rows = [Coded(code="b", stock=3), Coded(code="c", stock=4)]
    await call(Coded.objects, "bulk_create", rows, update_conflicts=True, unique_fields=["pk"], update_fields=["stock"])

    by_code = Coded.objects.order_by("code").values_list("code", "stock")
    assert [("a", 0), ("b", 3), ("c", 4)] == await call.list(by_code)


async def test_computed_values_may_conflict(tables: Tables, call: Call) -> None:
    shop = await fill(tables, call)
    await call(Good.objects, "create", shop=shop, code="X", stock=1)
    given = [Good(shop=shop, code=Upper(dorm.Value("x")), stock=7), Good(shop=shop, code="y", stock=8)]

    await call(Good.objects, "bulk_create", given, **UPSERT)

    assert [("X", 7), ("y", 8)] == [(code, stock) for code, _, stock in await stored(call) if code in "Xy"]
    assert [3] == [one.pk for one in given[:1]]


async def test_other_values_are_no_new_plan(tables: Tables, call: Call) -> None:
    shop = await fill(tables, call)
    await call(Good.objects, "bulk_create", goods(shop), **UPSERT)
    before = Counter.compiled

    with capture_queries() as queries:
        await call(Good.objects, "bulk_create", goods(shop, "bcde"), **UPSERT)

    assert before == Counter.compiled
    assert 'ON CONFLICT ("shop_id", "code") DO UPDATE SET "price" = EXCLUDED."price"' in queries.sql[0]


async def test_another_constraint_is_still_violated(tables: Tables, call: Call) -> None:
    shop = await fill(tables, call)

    with pytest.raises(UniqueViolation):
        await call(Good.objects, "bulk_create", goods(shop))
    assert 2 == await call(Good.objects, "count")


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({"ignore_conflicts": True, "update_conflicts": True}, ValueError, "mutually exclusive"),
        ({"update_conflicts": True, "unique_fields": ["code"]}, ValueError, "update_fields"),
        ({"update_conflicts": True, "update_fields": ["stock"]}, ValueError, "unique_fields"),
        ({**UPSERT, "update_fields": ["pk"]}, ValueError, "primary keys"),
        ({**UPSERT, "update_fields": ["tags"]}, ValueError, "concrete fields"),
        ({**UPSERT, "unique_fields": ["tags"]}, ValueError, "concrete fields"),
        ({**UPSERT, "update_fields": ["stok"]}, dorm.FieldDoesNotExist, "Did you mean 'stock'"),
        ({"unique_fields": ["cod"]}, dorm.FieldDoesNotExist, "Did you mean 'code'"),
    ],
)
async def test_options_that_contradict_each_other_are_refused(
    tables: Tables, call: Call, options: dict[str, Any], kind: type[Exception], words: str
) -> None:
    shop = await fill(tables, call)

    with assert_num_queries(0), pytest.raises(kind, match=words):
        await call(Good.objects, "bulk_create", goods(shop), **options)
