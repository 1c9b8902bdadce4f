"""Relations loaded afterwards, and fields loaded when they are read: prefetch_related, Prefetch, only, defer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm import Prefetch
from dorm.test import assert_num_queries, capture_queries

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.testbed.colours import Call

    Tables = Callable[..., None]


class Label(dorm.Model):
    name = dorm.CharField(max_length=10)

    class Meta:
        app_label = "test_prefetching"
        ordering = ("name",)


class Singer(dorm.Model):
    name = dorm.CharField(max_length=10)
    bio = dorm.TextField(default="bio")

    class Meta:
        app_label = "test_prefetching"


class Record(dorm.Model):
    title = dorm.CharField(max_length=10)
    notes = dorm.TextField(default="notes")
    singer = dorm.ForeignKey(Singer, on_delete=dorm.CASCADE, null=True)
    labels = dorm.ManyToManyField(Label)

    class Meta:
        app_label = "test_prefetching"
        ordering = ("id",)


class Contract(dorm.Model):
    singer = dorm.OneToOneField(Singer, on_delete=dorm.CASCADE)

    class Meta:
        app_label = "test_prefetching"


async def fill(tables: Tables, call: Call) -> None:
    """Singers s0 (r0, r2, r4), s1 (r1, r3), s2; r5 has none; record i has the labels l0 to l(i % 3); s0 a contract."""
    tables(Label, Singer, Record, Contract)
    singers = [Singer(name=f"s{i}") for i in range(3)]
    labels = [Label(name=f"l{i}") for i in range(3)]
    await call(Singer.objects, "bulk_create", singers)
    await call(Label.objects, "bulk_create", labels)
    for i in range(6):
        record = await call(Record.objects, "create", title=f"r{i}", singer=singers[i % 2] if i < 5 else None)
        await call(record.labels, "add", *labels[: i % 3 + 1])
    await call(Contract.objects, "create", singer=singers[0])


def titles(records: Any) -> list[str]:
    return [record.title for record in records]


# -- One query per relation and level ----------------------------------------------------------


async def test_a_way_back_is_one_more_query_with_all_keys(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    with capture_queries() as queries:
        singers = await call.list(Singer.objects.prefetch_related("record_set").order_by("id"))
        found = [titles(singer.record_set.all()) for singer in singers]
        assert singers[0].record_set.all()[0].singer is singers[0]

    assert [["r0", "r2", "r4"], ["r1", "r3"], []] == found
    assert 2 == len(queries)
    assert '"test_prefetching_record"."singer_id"' in queries.sql[1].partition("WHERE")[2]
    assert queries.sql[1].endswith('ORDER BY "test_prefetching_record"."id"')


async def test_a_foreign_key_is_one_more_query_and_rows_share_their_parent(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    with assert_num_queries(2):
        records = await call.list(Record.objects.prefetch_related("singer"))
        assert records[0].singer is records[2].singer
        assert None is records[5].singer


async def test_many_to_many_is_one_more_query_from_both_ends(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    with assert_num_queries(2):
        records = await call.list(Record.objects.prefetch_related("labels"))
        assert [["l0"], ["l0", "l1"]] == [[one.name for one in record.labels.all()] for record in records[:2]]
    with assert_num_queries(2):
        labels = await call.list(Label.objects.prefetch_related("record_set"))
        assert [6, 4, 2] == [len(label.record_set.all()) for label in labels]


async def test_a_way_back_to_one_is_known_also_where_there_is_none(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    with assert_num_queries(2):
        singers = await call.list(Singer.objects.prefetch_related("contract").order_by("id"))
        assert singers[0].contract.singer is singers[0]
        with pytest.raises(Contract.DoesNotExist):
            _ = singers[1].contract


async def test_nested_relations_are_one_query_per_level(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    with assert_num_queries(3):
        singers = await call.list(Singer.objects.prefetch_related("record_set__labels").order_by("id"))
        assert [["l0"], ["l0", "l1", "l2"], ["l0", "l1"]] == [
            [label.name for label in record.labels.all()] for record in singers[0].record_set.all()
        ]


async def test_a_relation_that_is_named_twice_is_loaded_once(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    with assert_num_queries(3):
        await call.list(Singer.objects.prefetch_related("record_set", "record_set__labels", "record_set"))


async def test_no_rows_need_no_further_query(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    with assert_num_queries(1):
        assert [] == await call.list(Singer.objects.filter(name="x").prefetch_related("record_set__labels", "contract"))


async def test_what_select_related_joined_can_be_prefetched_from(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    with assert_num_queries(2):
        record = await call(Record.objects.select_related("singer").prefetch_related("singer__record_set"), "first")
        assert ["r0", "r2", "r4"] == titles(record.singer.record_set.all())


async def test_first_and_get_prefetch_too(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    query = Singer.objects.prefetch_related("record_set")

    for found in (
        await call(query, "first"),
        await call(query, "get", name="s0"),
        await call(query, "get_or_none", name="s0"),
    ):
        with assert_num_queries(0):
            assert ["r0", "r2", "r4"] == titles(found.record_set.all())


# -- What was prefetched is used while it is true ----------------------------------------------


async def test_another_question_is_asked_anew(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    singer = await call(Singer.objects.prefetch_related("record_set"), "get", name="s0")

    with assert_num_queries(1):
        assert ["r4"] == titles(await call.list(singer.record_set.filter(title="r4")))
    with assert_num_queries(0):
        assert (3, True) == (await call(singer.record_set, "count"), await call(singer.record_set, "exists"))


async def test_a_change_through_the_manager_forgets_what_was_prefetched(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    singer = await call(Singer.objects.prefetch_related("record_set"), "get", name="s0")
    record = await call(Record.objects.prefetch_related("labels"), "get", title="r0")

    await call(singer.record_set, "add", await call(Record.objects, "get", title="r5"))
    await call(record.labels, "clear")

    assert ["r0", "r2", "r4", "r5"] == titles(await call.list(singer.record_set.all()))
    assert [] == await call.list(record.labels.all())


async def test_none_takes_all_of_it_back(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    with assert_num_queries(1):
        await call.list(Singer.objects.prefetch_related("record_set").prefetch_related(None))


# -- Prefetch ----------------------------------------------------------------------------------


async def test_a_query_set_says_which_rows_in_which_order_into_which_attribute(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    late = Prefetch("record_set", queryset=Record.objects.filter(title__gt="r1").order_by("-title"), to_attr="late")

    with assert_num_queries(2):
        singers = await call.list(Singer.objects.prefetch_related(late).order_by("id"))
        assert [["r4", "r2"], ["r3"], []] == [titles(singer.late) for singer in singers]
    with assert_num_queries(1):
        assert 3 == len(await call.list(singers[0].record_set.all()))


async def test_a_query_set_without_an_attribute_fills_the_manager(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    late = Prefetch("record_set", queryset=Record.objects.filter(title="r4"))

    singer = await call(Singer.objects.prefetch_related(late), "get", name="s0")

    with assert_num_queries(0):
        assert ["r4"] == titles(singer.record_set.all())


async def test_the_query_set_may_join_and_prefetch_itself(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    records = Record.objects.select_related("singer").prefetch_related("labels")

    with assert_num_queries(3):
        labels = await call.list(Label.objects.prefetch_related(Prefetch("record_set", queryset=records)))
        record = labels[0].record_set.all()[0]
        assert ("s0", ["l0"]) == (record.singer.name, [label.name for label in record.labels.all()])


async def test_two_views_of_one_relation_stand_side_by_side(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    first = Prefetch("record_set", queryset=Record.objects.filter(title="r0"), to_attr="early")
    second = Prefetch("record_set", queryset=Record.objects.filter(title="r4"), to_attr="late")

    with assert_num_queries(3):
        singer = await call(Singer.objects.prefetch_related(first, second), "get", name="s0")
        assert (["r0"], ["r4"]) == (titles(singer.early), titles(singer.late))


async def test_an_attribute_of_many_to_many_and_a_level_below_it(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    outer = Prefetch("labels", queryset=Label.objects.filter(name="l0"), to_attr="base")

    with assert_num_queries(3):
        record = await call(Record.objects.prefetch_related(outer, "base__record_set"), "first")
        assert ["l0"] == [label.name for label in record.base]
        assert 6 == len(record.base[0].record_set.all())


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda: Prefetch("record_set", Record.objects.values("id")), ValueError, "values"),
        (lambda: Prefetch("record_set", to_attr="a b"), ValueError, "to_attr"),
        (lambda: Singer.objects.prefetch_related(3), TypeError, "takes names"),
        (lambda: Singer.objects.prefetch_related(""), TypeError, "takes names"),
        (lambda: Singer.objects.values("name").prefetch_related("record_set"), TypeError, "no instances"),
    ],
)
def test_a_prefetch_that_cannot_be_is_refused_where_it_is_written(
    make: Callable[[], Any], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        make()


@pytest.mark.parametrize("name", ["record", "recrd_set", "bio"])
async def test_what_is_no_relation_is_named(tables: Tables, call: Call, name: str) -> None:
    await fill(tables, call)

    with pytest.raises(dorm.FieldError, match=f"'{name}' is no relation of Singer"):
        await call.list(Singer.objects.prefetch_related(name))


# -- only and defer ----------------------------------------------------------------------------


async def test_only_loads_the_named_fields_and_the_key(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    with capture_queries() as queries:
        singer = await call(Singer.objects.only("name"), "first")

    assert ("s0", {"bio"}) == (singer.name, singer.get_deferred_fields())
    assert '"bio"' not in queries.sql[0]


async def test_defer_leaves_the_named_fields_out_and_none_takes_it_back(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    deferred = await call(Record.objects.defer("notes").defer("title"), "first")
    whole = await call(Record.objects.defer("notes").defer(None), "first")

    assert ({"notes", "title"}, set()) == (deferred.get_deferred_fields(), whole.get_deferred_fields())


@pytest.mark.parametrize(
    ("choose", "left_out"),
    [
        (lambda records: records.defer("notes").only("title", "notes"), {"notes", "singer_id"}),
        (lambda records: records.defer("notes").only("notes"), set()),
        (lambda records: records.only("title").only("notes"), {"title", "singer_id"}),
        (lambda records: records.only("title", "notes").defer("notes"), {"notes", "singer_id"}),
        (lambda records: records.only("title").defer("title"), set()),
        (lambda records: records.only("title").defer("title", "notes"), {"notes"}),
        (lambda records: records.defer("notes").only(), set()),
    ],
)
async def test_only_and_defer_follow_each_other(
    tables: Tables, call: Call, choose: Callable[[Any], Any], left_out: set[str]
) -> None:
    await fill(tables, call)

    assert left_out == (await call(choose(Record.objects), "first")).get_deferred_fields()


async def test_only_reaches_through_select_related(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    with assert_num_queries(1):
        record = await call(Record.objects.select_related("singer").only("title", "singer__name"), "first")
        assert ("r0", "s0") == (record.title, record.singer.name)
    assert ({"notes"}, {"bio"}) == (record.get_deferred_fields(), record.singer.get_deferred_fields())


async def test_saving_never_writes_what_was_not_loaded(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    singer = await call(Singer.objects.defer("bio"), "get", name="s0")
    await call(Singer.objects.filter(pk=singer.pk), "update", bio="changed by others")

    singer.name = "new"
    with capture_queries() as queries:
        await call(singer, "save")

    assert '"bio"' not in queries.sql[0]
    stored = await call(Singer.objects, "get", pk=singer.pk)
    assert ("new", "changed by others") == (stored.name, stored.bio)


async def test_a_field_that_was_assigned_is_written(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    singer = await call(Singer.objects.defer("bio"), "get", name="s0")

    singer.bio = "mine"
    await call(singer, "save")

    assert "mine" == (await call(Singer.objects, "get", pk=singer.pk)).bio


def test_a_field_is_loaded_by_one_query_when_it_is_read(tables: Tables) -> None:
    tables(Label, Singer, Record, Contract)
    Singer.objects.create(name="s")
    singer = Singer.objects.only("name").get()

    with assert_num_queries(1):
        assert ("bio", "bio") == (singer.bio, singer.bio)
    assert set() == singer.get_deferred_fields()


async def test_a_deferred_field_is_loaded_explicitly(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    singer = await call(Singer.objects.only("name"), "first")

    await call(singer, "refresh_from_db", fields=["bio"])

    with assert_num_queries(0):
        assert "bio" == singer.bio


async def test_reading_a_deferred_field_in_a_loop_warns_and_says_what_to_write(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    singer = await call(Singer.objects.only("name"), "first")
    if not call.is_async:
        return

    with pytest.raises(dorm.SynchronousInAsyncWarning, match=r"arefresh_from_db\(fields=\['bio'\]\)"):
        _ = singer.bio


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda: Singer.objects.only("nmae"), dorm.FieldError, "Did you mean 'name'"),
        (lambda: Singer.objects.defer("nmae"), dorm.FieldError, "Did you mean 'name'"),
        (lambda: Singer.objects.only("record__title"), dorm.FieldError, "leads to many rows"),
        (lambda: Singer.objects.values("name").only("name"), TypeError, "name the fields there"),
    ],
)
def test_fields_that_cannot_be_chosen_are_refused(make: Callable[[], Any], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        make()
