"""Questions that a query answers: one row, how many, whether any, all of them."""

from __future__ import annotations

import pytest

from dorm import Q
from dorm.test import assert_num_queries, capture_queries
from tests.library import Author, Publisher


async def fill(call, *names):
    return [await call(Author.objects, "create", name=name, age=20 + index) for index, name in enumerate(names)]


# -- One row -----------------------------------------------------------------------------------


async def test_get_gives_the_only_row(library, call):
    _, bob = await fill(call, "Ann", "Bob")
    with assert_num_queries(1):
        assert bob == await call(Author.objects, "get", name="Bob")
    assert bob == await call(Author.objects.filter(age=21), "get")
    assert bob == await call(Author.objects, "get", Q(name="Bob") & Q(age=21))
    assert bob == await call(Author.objects, "get", Q(name="Bob"), age=21)


async def test_get_without_a_match(library, call):
    with pytest.raises(Author.DoesNotExist, match="No Author matches name='Bob'"):
        await call(Author.objects, "get", name="Bob")


async def test_get_with_several_matches(library, call):
    await fill(call, "Ann", "Bob", "Cid")
    with capture_queries() as queries, pytest.raises(Author.MultipleObjectsReturned, match="more than one Author"):
        await call(Author.objects, "get", age__gte=0)
    assert "LIMIT" in queries.sql[0]  # two are enough to know


async def test_the_errors_of_models_are_their_own(library, call):
    with pytest.raises(Author.DoesNotExist):
        try:
            await call(Author.objects, "get", pk=1)
        except Publisher.DoesNotExist:  # pragma: no cover - another model's
            pytest.fail("caught as another model's")


async def test_get_by_a_key_asks_for_one_row(library, call, db):
    (ann,) = await fill(call, "Ann")
    with capture_queries() as queries:
        found = await call(Author.objects, "get", pk=ann.pk)
    assert vars(ann) == vars(found)
    assert queries.sql[0].endswith('"id" = ?' if db.vendor == "sqlite" else '"id" = $1')


async def test_get_takes_a_value_that_must_be_converted(library, call):
    (ann,) = await fill(call, "Ann")
    assert ann == await call(Author.objects, "get", pk=str(ann.pk))
    assert ann == await call(Author.objects, "get", age="20")
    assert ann == await call(Author.objects, "get", age=20.0)


async def test_get_or_none(library, call):
    ann, _ = await fill(call, "Ann", "Bob")
    assert ann == await call(Author.objects, "get_or_none", name="Ann")
    assert None is await call(Author.objects, "get_or_none", name="Zed")
    with pytest.raises(Author.MultipleObjectsReturned):
        await call(Author.objects, "get_or_none")


async def test_first_and_last_go_by_key(library, call):
    ann, _, cid = await fill(call, "Ann", "Bob", "Cid")
    assert (ann, cid) == (await call(Author.objects, "first"), await call(Author.objects, "last"))


async def test_first_and_last_go_by_the_order(library, call):
    ann, _, cid = await fill(call, "Ann", "Bob", "Cid")
    ordered = Author.objects.order_by("-name")
    assert (cid, ann) == (await call(ordered, "first"), await call(ordered, "last"))


async def test_first_and_last_go_by_the_models_ordering(library, call):
    for name in ("b", "a", "c"):
        await call(Publisher.objects, "create", name=name)
    assert "a" == (await call(Publisher.objects, "first")).name
    assert "c" == (await call(Publisher.objects, "last")).name


async def test_first_is_none_when_nothing_matches(library, call):
    assert None is await call(Author.objects.filter(age__lt=0), "first")
    assert None is await call(Author.objects.filter(age__lt=0), "last")


async def test_first_of_a_slice_and_of_values(library, call):
    await fill(call, "Ann", "Bob", "Cid")
    assert "Bob" == (await call(Author.objects.order_by("name")[1:], "first")).name
    assert {"name": "Ann"} == await call(Author.objects.order_by("name").values("name"), "first")


async def test_last_of_a_slice_is_refused(library, call):
    with assert_num_queries(0), pytest.raises(TypeError, match="last"):
        await call(Author.objects.all()[:2], "last")


# -- Numbers -----------------------------------------------------------------------------------


async def test_count_and_exists(library, call):
    await fill(call, "Ann", "Bob", "Cid")
    assert 3 == await call(Author.objects, "count")
    assert 2 == await call(Author.objects.filter(age__gt=20), "count")
    assert 0 == await call(Author.objects.filter(age__gt=99), "count")
    assert True is await call(Author.objects.filter(age__gt=20), "exists")
    assert False is await call(Author.objects.filter(age__gt=99), "exists")


async def test_count_of_a_slice(library, call):
    await fill(call, "Ann", "Bob", "Cid")
    assert [2, 1, 0, 3, 1] == [
        await call(Author.objects.all()[window], "count")
        for window in (slice(2), slice(2, 9), slice(5, 9), slice(9), slice(1, 2))
    ]
    assert True is await call(Author.objects.all()[2:], "exists")
    assert False is await call(Author.objects.all()[3:], "exists")


async def test_count_of_distinct_values(library, call):
    await fill(call, "Ann", "Bob")
    await fill(call, "Ann")
    assert 2 == await call(Author.objects.values("name").distinct(), "count")


async def test_count_counts_rows_of_a_join(library, call):
    ann, bob = await fill(call, "Ann", "Bob")
    for author in (ann, ann, bob):
        await call(author.book_set, "create", title=f"{author.name}{await call(author.book_set, 'count')}")
    assert 3 == await call(Author.objects.filter(book__title__isnull=False), "count")
    assert 2 == await call(Author.objects.filter(book__title__isnull=False).distinct(), "count")


@pytest.mark.parametrize("method", ["count", "exists"])
async def test_what_can_be_known_is_not_asked(library, call, method):
    with assert_num_queries(0):
        assert not await call(Author.objects.filter(age__in=[]), method)
        assert not await call(Author.objects.none(), method)
        assert not await call(Author.objects.all()[:0], method)


async def test_a_loaded_query_set_knows(library, call):
    await fill(call, "Ann")
    query = Author.objects.all()
    await call.list(query)
    with assert_num_queries(0):
        assert (1, True) == (await call(query, "count"), await call(query, "exists"))


# -- All rows ----------------------------------------------------------------------------------


async def test_rows_are_asked_for_once(library, call):
    await fill(call, "Ann", "Bob")
    query = Author.objects.order_by("name")
    with assert_num_queries(1):
        first = await call.list(query)
        second = await call.list(query)
    assert first[0] is second[0]
    with assert_num_queries(1):
        await call.list(query.all())


def test_a_query_set_is_lazy(library):
    with assert_num_queries(0):
        query = Author.objects.filter(age=1).exclude(name="x").order_by("name")[:5]
    assert not hasattr(query, "never")


async def test_awaiting_gives_a_list(library, call):
    if not call.is_async:
        return
    await fill(call, "Ann", "Bob")
    query = Author.objects.order_by("name")
    with assert_num_queries(1):
        assert ["Ann", "Bob"] == [author.name for author in await query]
        assert 2 == len(await query)
        assert ["Ann", "Bob"] == [author.name async for author in query]


def test_python_protocols(library):
    assert not Author.objects.all()
    for name in ("Ann", "Bob"):
        Author.objects.create(name=name)
    query = Author.objects.order_by("name")
    with assert_num_queries(1):
        assert query
        assert 2 == len(query)
        assert "Ann" == query[0].name
        assert Author.objects.model is Author
        assert ["Bob"] == [author.name for author in query[1:]]
        assert query[0] in query


def test_repr_shows_rows(library):
    for number in range(25):
        Author.objects.create(name=str(number))
    shown = repr(Author.objects.order_by("pk"))
    assert shown.startswith("<QuerySet [<Author: Author object (1)>, ")
    assert shown.endswith("...(remaining elements truncated)...]>")


async def test_iterator_gives_rows_in_pieces(library, call):
    await fill(call, *"abcdefg")
    query = Author.objects.order_by("name")
    assert list("abcdefg") == [author.name async for author in call.stream(query, chunk_size=2)]
    assert list("abcdefg") == [author.name async for author in call.stream(query)]


async def test_iterator_keeps_nothing(library, call):
    await fill(call, "Ann")
    query = Author.objects.all()
    with assert_num_queries(2):
        for _ in range(2):
            assert 1 == len([author async for author in call.stream(query)])


async def test_rows_may_be_saved_while_they_stream(library, call):
    await fill(call, *"abcdef")
    async for author in call.stream(Author.objects.order_by("pk"), chunk_size=2):
        author.age = 99
        await call(author, "save")
    assert 6 == await call(Author.objects.filter(age=99), "count")


async def test_a_stream_that_is_left_early_gives_its_connection_back(library, call, db):
    await fill(call, *"abcdef")
    db.configure(max_pool_size=2, pool_timeout=300)
    for _ in range(4):
        stream = call.stream(Author.objects.order_by("pk"), chunk_size=1)
        async for _author in stream:
            break
        await stream.aclose()
    assert 6 == await call(Author.objects, "count")


# -- Slices ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "window",
    [
        slice(0, 2),
        slice(2),
        slice(1, 3),
        slice(3, None),
        slice(None),
        slice(9, 12),
        slice(2, 2),
        slice(3, 1),
        slice(0, 0),
    ],
)
async def test_slices_are_those_of_a_list(library, call, window):
    names = [author.name for author in await fill(call, *"abcde")]
    query = Author.objects.order_by("name")[window]
    assert names[window] == [author.name for author in await call.list(query)]


@pytest.mark.parametrize(
    ("first", "second"), [((1, 4), (1, 2)), ((1, 3), (0, 9)), ((2, None), (1, 2)), ((0, 3), (2, 5))]
)
async def test_a_slice_of_a_slice(library, call, first, second):
    names = [author.name for author in await fill(call, *"abcde")]
    query = Author.objects.order_by("name")[slice(*first)][slice(*second)]
    assert names[slice(*first)][slice(*second)] == [author.name for author in await call.list(query)]


def test_a_step_gives_a_list(library):
    for name in "abcde":
        Author.objects.create(name=name)
    assert list("ace") == [author.name for author in Author.objects.order_by("name")[::2]]


def test_an_index_beyond_the_rows(library):
    with pytest.raises(IndexError, match="no row number 3"):
        Author.objects.order_by("name")[3]


@pytest.mark.parametrize("wrong", [-1, slice(-1), slice(-2, None), slice(1, -1)])
def test_negative_indexes_are_refused(library, wrong):
    with assert_num_queries(0), pytest.raises(ValueError, match="Negative"):
        Author.objects.all()[wrong]


@pytest.mark.parametrize("wrong", ["a", 1.0, None, True, slice("a"), slice(None, 1.5)])
def test_indexes_are_whole_numbers(library, wrong):
    with assert_num_queries(0), pytest.raises(TypeError, match="whole numbers"):
        Author.objects.all()[wrong]


@pytest.mark.parametrize(
    "change",
    [
        lambda query: query.filter(age=1),
        lambda query: query.exclude(age=1),
        lambda query: query.order_by("name"),
        lambda query: query.reverse(),
        lambda query: query.distinct(),
    ],
)
def test_after_a_slice_the_rows_are_settled(library, change):
    with assert_num_queries(0), pytest.raises(TypeError, match="slice"):
        change(Author.objects.all()[:2])


# -- Values ------------------------------------------------------------------------------------


async def test_queries_are_values(library, call):
    await fill(call, "Ann", "Bob")
    base = Author.objects.filter(age__gte=0)
    narrowed, other = base.filter(name="Ann"), base.filter(name="Bob")
    assert (2, 1, 1) == (
        await call(base, "count"),
        await call(narrowed, "count"),
        await call(other, "count"),
    )


async def test_nothing_at_all(library, call):
    await fill(call, "Ann")
    with assert_num_queries(0):
        assert [] == await call.list(Author.objects.none())
        assert None is await call(Author.objects.none(), "first")


@pytest.mark.parametrize(
    ("method", "arguments", "expected"), [("delete", {}, (0, {})), ("update", {"name": "x"}, 0), ("count", {}, 0)]
)
async def test_none_changes_nothing(library, call, method, arguments, expected):
    await call(Author.objects, "create", name="Ann")
    with assert_num_queries(0):
        assert expected == await call(Author.objects.none(), method, **arguments)


async def test_none_can_be_narrowed(library, call):
    await call(Author.objects, "create", name="Ann")
    with assert_num_queries(0):
        assert [] == await call.list(Author.objects.none().filter(name="Ann").exclude(age=1).order_by("name"))
