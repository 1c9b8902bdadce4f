"""Which rows of a to-many relation are meant: by what is missing, and by filters, values and order together."""

from __future__ import annotations

import pytest

import dorm
from dorm import Count
from tests.library import Author, Book


class Label(dorm.Model):
    name = dorm.CharField(max_length=10)
    parent = dorm.ForeignKey("self", on_delete=dorm.CASCADE, null=True, related_name="children")

    class Meta:
        app_label = "test_across_many"
        ordering = ("name",)


class Song(dorm.Model):
    title = dorm.CharField(max_length=10)
    labels = dorm.ManyToManyField(Label, related_name="songs")

    class Meta:
        app_label = "test_across_many"


class Take(dorm.Model):
    song = dorm.ForeignKey(Song, on_delete=dorm.CASCADE, related_name="takes")
    number = dorm.IntegerField()
    tape = dorm.CharField(max_length=10, null=True)

    class Meta:
        app_label = "test_across_many"
        ordering = ("-number",)


async def fill(call):
    """Song one has the labels z and a, two has a; one has the takes 1 and 2 (without a tape), two has 3."""
    z = await call(Label.objects, "create", name="z")
    a = await call(Label.objects, "create", name="a", parent=z)
    one, two, _ = [await call(Song.objects, "create", title=title) for title in ("one", "two", "three")]
    await call(one.labels, "add", z, a)
    await call(two.labels, "add", a)
    await call(Take.objects, "create", song=one, number=1, tape="x")
    await call(Take.objects, "create", song=one, number=2)
    await call(Take.objects, "create", song=two, number=3, tape="y")


@pytest.mark.parametrize(
    ("lookups", "titles"),
    [
        ({"takes": None}, ["one", "two"]),
        ({"takes__isnull": True}, ["one", "two"]),
        ({"takes__tape": None}, ["two"]),
        ({"labels": None}, ["one", "two"]),
        ({"labels__parent": None}, ["two"]),
        ({"labels__parent__name": None}, ["two"]),
        ({"takes__isnull": False}, ["three"]),
    ],
    ids=str,
)
async def test_excluding_what_is_missing_gives_what_a_filter_by_it_does_not(tables, call, lookups, titles):
    tables(Label, Song, Take)
    await fill(call)
    found = await call.list(Song.objects.exclude(**lookups).order_by("pk").values_list("title", flat=True))
    assert titles == found
    left = await call.list(Song.objects.filter(**lookups).values_list("title", flat=True))
    assert {"one", "two", "three"} == {*found, *left}
    assert not set(found) & set(left)


async def test_values_name_the_rows_that_the_filter_before_is_about(tables, call):
    tables(Label, Song, Take)
    await fill(call)
    songs = Song.objects.filter(labels__name="a").order_by("pk")
    assert [("one", "a"), ("two", "a")] == await call.list(songs.values_list("title", "labels__name"))
    assert [("one", "z"), ("two", "z")] == await call.list(songs.values_list("title", "labels__parent__name"))
    takes = Song.objects.filter(takes__number__gt=1).order_by("pk")
    assert [("one", 2), ("two", 3)] == await call.list(takes.values_list("title", "takes__number"))


async def test_a_filter_after_values_is_about_rows_of_its_own(tables, call):
    tables(Label, Song, Take)
    await fill(call)
    songs = Song.objects.values_list("title", "labels__name").filter(labels__name="z")
    assert {("one", "a"), ("one", "z")} == set(await call.list(songs))


async def test_the_last_filter_is_shared(tables, call):
    tables(Label, Song, Take)
    await fill(call)
    songs = Song.objects.filter(takes__number=1).filter(takes__number=2)
    assert [2] == await call.list(songs.values_list("takes__number", flat=True))
    assert [1] == await call.list(songs.annotate(n=Count("takes")).values_list("n", flat=True))


async def test_a_filter_by_key_is_shared_with_what_lies_behind(tables, call):
    tables(Label, Song, Take)
    await fill(call)
    a = await call(Label.objects, "get", name="a")
    songs = Song.objects.filter(labels=a).order_by("pk")
    assert ["a", "a"] == await call.list(songs.values_list("labels__name", flat=True))
    assert [1, 1] == await call.list(songs.annotate(n=Count("labels__name")).values_list("n", flat=True))
    ordered = Song.objects.filter(labels=a).order_by("labels__name", "pk").distinct()
    assert ["one", "two"] == await call.list(ordered.values_list("title", flat=True))


async def test_the_first_filter_of_a_manager_is_about_its_links(tables, call):
    tables(Label, Song, Take)
    await fill(call)
    z, a = await call.list(Label.objects.order_by("-name"))
    assert [] == await call.list(z.songs.filter(labels=a))
    assert ["one"] == [song.title for song in await call.list(z.songs.filter(labels=z))]
    assert ["one"] == [song.title for song in await call.list(z.songs.filter(title="one").filter(labels=a))]
    assert ["z"] == await call.list(z.songs.values_list("labels__name", flat=True))


async def test_both_ends_of_relations_to_many_rows_order_as_their_model(tables, call):
    tables(Label, Song, Take)
    await fill(call)
    taken = Song.objects.filter(takes__isnull=False)
    assert [3, 2, 1] == await call.list(taken.order_by("takes").values_list("takes__number", flat=True))
    assert [1, 2, 3] == await call.list(taken.order_by("-takes").values_list("takes__number", flat=True))
    labelled = Song.objects.filter(labels__isnull=False, title="one")
    assert ["a", "z"] == await call.list(labelled.order_by("labels").values_list("labels__name", flat=True))
    assert ["z", "a"] == await call.list(labelled.order_by("labels__pk").values_list("labels__name", flat=True))


async def test_deleting_distinct_rows_deletes_each_once(library, call):
    author = await call(Author.objects, "create", name="Ann")
    await call(Book.objects, "create", title="A", author=author)
    await call(Book.objects, "create", title="B", author=author)
    found = Author.objects.filter(book__pk__gt=0).distinct()
    assert (3, {"library.Book": 2, "library.Author": 1}) == await call(found, "delete")
