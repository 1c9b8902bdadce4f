"""Prefetch() of a sliced query set: a slice of the related rows of each instance, by one query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm import Count, F, Prefetch, RowNumber, Window
from dorm.query.plan import Counter
from dorm.test import assert_num_queries, capture_queries

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.testbed.colours import Call

    Tables = Callable[..., None]


class Band(dorm.Model):
    name = dorm.CharField(max_length=10)

    class Meta:
        app_label = "test_sliced_prefetching"
        ordering = ("name",)


class Song(dorm.Model):
    title = dorm.CharField(max_length=10)
    length = dorm.IntegerField()
    price = dorm.DecimalField(max_digits=30, decimal_places=2)
    band = dorm.ForeignKey(Band, on_delete=dorm.CASCADE)
    guests = dorm.ManyToManyField(Band, related_name="guest_songs")

    class Meta:
        app_label = "test_sliced_prefetching"
        ordering = ("title",)


class Manager(dorm.Model):
    band = dorm.OneToOneField(Band, on_delete=dorm.CASCADE)

    class Meta:
        app_label = "test_sliced_prefetching"


class Review(dorm.Model):
    song = dorm.ForeignKey(Song, on_delete=dorm.CASCADE, related_name="reviews")

    class Meta:
        app_label = "test_sliced_prefetching"


async def fill(tables: Tables, call: Call) -> None:
    """Bands b0 (songs a to d), b1 (e, f), b2 (none); lengths 1 to 6, prices 10 to 60; b1 and b2 are guests of all.

    Song b has three reviews, song f one.
    """
    tables(Band, Song, Manager, Review)
    bands = await call(Band.objects, "bulk_create", [Band(name=f"b{i}") for i in range(3)])
    songs = []
    for i, title in enumerate("abcdef"):
        band = bands[0 if i < 4 else 1]
        songs.append(await call(Song.objects, "create", title=title, length=i + 1, price=(i + 1) * 10, band=band))
        await call(songs[-1].guests, "add", bands[1], bands[2])
    await call(Review.objects, "bulk_create", [Review(song=songs[i]) for i in (1, 1, 1, 5)])
    await call(Manager.objects, "create", band=bands[0])


def some(queryset: Any) -> Prefetch:
    return Prefetch("song_set", queryset, to_attr="some")


async def titles(call: Call, queryset: Any, attribute: str = "some") -> list[str]:
    """The titles of each band's songs, and that one query found them."""
    with assert_num_queries(2):
        found = await call.list(queryset)
        lists = [getattr(band, attribute) for band in found]
        return ["".join(song.title for song in (one if isinstance(one, list) else one.all())) for one in lists]


@pytest.mark.parametrize(
    ("queryset", "expected"),
    [
        (Song.objects.order_by("-length")[:3], ["dcb", "fe", ""]),
        (Song.objects.order_by("-length")[1:3], ["cb", "e", ""]),
        (Song.objects.order_by("length")[2:], ["cd", "", ""]),
        (Song.objects.order_by("length")[1:][:1], ["b", "f", ""]),
        (Song.objects.order_by("-length")[:0], ["", "", ""]),
        (Song.objects.all()[:1], ["a", "e", ""]),
        (Song.objects.reverse()[:2], ["dc", "fe", ""]),
        (Song.objects.order_by("band__name", "-price")[:1], ["d", "f", ""]),
        (Song.objects.order_by(F("length") % 2, F("price").desc())[:1], ["d", "f", ""]),
        (Song.objects.filter(length__lt=4).order_by("-length")[:2], ["cb", "", ""]),
        (Song.objects.order_by("title")[:2].select_related("band"), ["ab", "ef", ""]),
        (Song.objects.annotate(twice=F("length") * -2).order_by("twice")[:1], ["d", "f", ""]),
        (Song.objects.alias(twice=F("length") * -2).order_by("twice")[:1], ["d", "f", ""]),
        (Song.objects.annotate(n=Count("reviews")).order_by("-n", "title")[:2], ["ba", "fe", ""]),
        (Song.objects.order_by(Count("reviews").desc(), "-title")[:2], ["bd", "fe", ""]),
        (Song.objects.annotate(n=Count("reviews")).filter(n__lt=2).order_by("-n", "title")[:2], ["ac", "fe", ""]),
        (Song.objects.filter(reviews__gt=0).distinct().order_by("title")[3:], ["", "", ""]),
        (Song.objects.filter(guests__name="b2").order_by("-title")[:1], ["d", "f", ""]),
        (
            Song.objects.annotate(n=Window(RowNumber(), order_by="-title")).filter(n__gt=3).order_by("-title")[1:2],
            ["b", "", ""],
        ),
    ],
    ids=lambda given: str(given) if isinstance(given, list) else "",
)
async def test_each_instance_gets_a_slice(tables: Tables, call: Call, queryset: Any, expected: list[str]) -> None:
    await fill(tables, call)
    if queryset.described.limit == 0:
        with assert_num_queries(1):
            found = await call.list(Band.objects.prefetch_related(some(queryset)))
        assert [[], [], []] == [band.some for band in found]
        return
    assert expected == await titles(call, Band.objects.prefetch_related(some(queryset)))


@pytest.mark.parametrize(
    ("queryset", "expected"),
    [
        (Song.objects.order_by("-length")[:3], ["", "fed", "fed"]),
        (Song.objects.order_by("-length")[1:3], ["", "ed", "ed"]),
        (Song.objects.all()[4:], ["", "ef", "ef"]),
        (Song.objects.select_related("band").order_by("band__name", "-title")[:2], ["", "dc", "dc"]),
        (Song.objects.annotate(n=Count("reviews")).order_by("-n", "title")[:2], ["", "bf", "bf"]),
        (Song.objects.filter(guests__name="b2").filter(length__gt=1).order_by("length")[:1], ["", "", "b"]),
        (Song.objects.only("length").order_by("-title")[:1], ["", "f", "f"]),
    ],
    ids=lambda given: str(given) if isinstance(given, list) else "",
)
async def test_each_instance_gets_a_slice_of_what_it_is_linked_to(
    tables: Tables, call: Call, queryset: Any, expected: list[str]
) -> None:
    await fill(tables, call)
    guests = Prefetch("guest_songs", queryset.only("title", "band") if queryset.described.loaded else queryset)
    assert expected == await titles(call, Band.objects.prefetch_related(guests), "guest_songs")


async def test_a_slice_fills_the_manager_and_knows_its_parent(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    found = await call.list(Band.objects.prefetch_related(Prefetch("song_set", Song.objects.order_by("-title")[:2])))

    with assert_num_queries(0):
        assert ["d", "c"] == [song.title for song in found[0].song_set.all()]
        assert all(song.band is found[0] for song in found[0].song_set.all())


async def test_computed_values_and_related_rows_come_with_a_slice(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    songs = Song.objects.annotate(n=Count("reviews")).select_related("band").order_by("title")
    found = await call.list(Band.objects.prefetch_related(some(songs[1:2])))

    with assert_num_queries(0):
        assert [("b", 3, 20, "b0")] == [(one.title, one.n, one.price, one.band.name) for one in found[0].some]


@pytest.mark.parametrize("cut", [slice(None), slice(0, 2)])
async def test_computed_values_come_with_what_is_linked(tables: Tables, call: Call, cut: slice) -> None:
    await fill(tables, call)
    songs = Song.objects.annotate(n=Count("reviews")).order_by("-n", "title")[cut]
    found = await call.list(Band.objects.prefetch_related(Prefetch("guest_songs", songs, to_attr="some")))

    assert [[], [("b", 3), ("f", 1)], [("b", 3), ("f", 1)]] == [
        [(song.title, song.n) for song in band.some[:2]] for band in found
    ]


@pytest.mark.parametrize("queryset", [Song.objects.only("title")[:1], Song.objects.only("title")])
async def test_the_key_that_only_leaves_out_needs_no_query(tables: Tables, call: Call, queryset: Any) -> None:
    await fill(tables, call)
    assert ["a", "e", ""] == [one[:1] for one in await titles(call, Band.objects.prefetch_related(some(queryset)))]


async def test_an_unordered_slice_has_as_many_rows(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    found = await call.list(Band.objects.prefetch_related(some(Song.objects.order_by()[:3])))

    assert [3, 2, 0] == [len(band.some) for band in found]
    random = await call.list(Band.objects.prefetch_related(some(Song.objects.order_by("?")[:3])))
    assert [3, 2, 0] == [len(band.some) for band in random]


async def test_portions_have_slices_too(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    query = Band.objects.prefetch_related(some(Song.objects.order_by("-title")[:1]))

    with assert_num_queries(4):
        found = await call.list(query.iterator(chunk_size=1) if not call.is_async else query.aiterator(chunk_size=1))

    assert [["d"], ["f"], []] == [[song.title for song in band.some] for band in found]


async def test_what_follows_a_slice_is_about_its_rows(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    inner = Song.objects.order_by("title")[1:3].prefetch_related(Prefetch("reviews", Review.objects.order_by("id")[:2]))

    with assert_num_queries(3):
        found = await call.list(Band.objects.prefetch_related(some(inner)))

    assert [("b", 2), ("c", 0)] == [(song.title, len(song.reviews.all())) for song in found[0].some]


async def test_the_same_slice_of_other_sizes_is_compiled_once(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    await titles(call, Band.objects.prefetch_related(some(Song.objects.order_by("title")[1:3])))
    before = Counter.compiled

    assert ["c", "", ""] == await titles(call, Band.objects.prefetch_related(some(Song.objects.order_by("title")[2:3])))
    assert before == Counter.compiled


async def test_the_places_are_numbered_inside_and_tested_around(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    with capture_queries() as queries:
        await call.list(Band.objects.prefetch_related(some(Song.objects.order_by("-length")[:3])))

    assert 'ROW_NUMBER() OVER (PARTITION BY "test_sliced_prefetching_song"."band_id" ORDER BY' in queries.sql[1]
    assert "LIMIT" not in queries.sql[1]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (Song.objects.prefetch_related(Prefetch("band", Band.objects.all()[:1])), "'band' leads to one row"),
        (Band.objects.prefetch_related(Prefetch("manager", Manager.objects.all()[:1])), "'manager' leads to one row"),
    ],
)
async def test_of_one_row_no_slice_is_taken(tables: Tables, call: Call, query: Any, words: str) -> None:
    await fill(tables, call)
    with pytest.raises(TypeError, match=words):
        await call.list(query)
