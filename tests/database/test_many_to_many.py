"""Many-to-many fields, from both ends, on both databases and in both colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm.signals import m2m_changed
from dorm.test import capture_queries

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.testbed.colours import Call

    Tables = Callable[..., None]


class Tag(dorm.Model):
    name = dorm.CharField(max_length=20, unique=True)

    class Meta:
        app_label = "test_many_to_many"
        ordering = ("name",)


class Article(dorm.Model):
    title = dorm.CharField(max_length=20)
    tags = dorm.ManyToManyField(Tag, related_name="articles")

    class Meta:
        app_label = "test_many_to_many"


class Person(dorm.Model):
    name = dorm.CharField(max_length=20)
    friends = dorm.ManyToManyField("self")
    follows = dorm.ManyToManyField("self", symmetrical=False, related_name="followers")
    clubs = dorm.ManyToManyField("Club", through="Membership")

    class Meta:
        app_label = "test_many_to_many"


class Club(dorm.Model):
    name = dorm.CharField(max_length=20)

    class Meta:
        app_label = "test_many_to_many"


class Membership(dorm.Model):
    person = dorm.ForeignKey(Person, on_delete=dorm.CASCADE)
    club = dorm.ForeignKey(Club, on_delete=dorm.CASCADE)
    since = dorm.IntegerField()

    class Meta:
        app_label = "test_many_to_many"


async def names(call: Call, source: Any) -> list[str]:
    return [one.name for one in await call.list(source)]


async def test_links_are_added_once_replaced_removed_and_cleared(tables: Tables, call: Call) -> None:
    tables(Article, Tag)
    article = await call(Article.objects, "create", title="Hello")
    python = await call(Tag.objects, "create", name="python")
    django = await call(Tag.objects, "create", name="django")

    await call(article.tags, "add", python)
    await call(article.tags, "add", python, django.pk)
    assert ["django", "python"] == await names(call, article.tags.all())
    await call(article.tags, "set", [django])
    assert ["django"] == await names(call, article.tags.all())
    await call(article.tags, "remove", django)
    assert 0 == await call(article.tags, "count")
    await call(article.tags, "add", python, django)
    await call(python.articles, "clear")
    assert ["django"] == await names(call, article.tags.all())


async def test_new_rows_are_linked_at_once(tables: Tables, call: Call) -> None:
    tables(Article, Tag)
    article = await call(Article.objects, "create", title="Hello")

    made = await call(article.tags, "create", name="new")
    found, created = await call(article.tags, "get_or_create", name="new")
    other, other_created = await call(article.tags, "get_or_create", name="other")

    assert (made, False, True) == (found, created, other_created)
    assert {made, other} == set(await call.list(article.tags.all()))


async def test_lookups_cross_links_in_both_directions(tables: Tables, call: Call) -> None:
    tables(Article, Tag)
    article = await call(Article.objects, "create", title="Hello")
    await call(Article.objects, "create", title="Untagged")
    python = await call(article.tags, "create", name="python")

    assert [article] == await call.list(Article.objects.filter(tags__name="python"))
    assert [article] == await call.list(Article.objects.filter(tags=python))
    assert [python] == await call.list(Tag.objects.filter(articles__title="Hello"))
    assert 1 == await call(Article.objects.filter(tags__isnull=True), "count")


async def test_conditions_of_one_filter_are_about_one_link_and_of_two_about_any(tables: Tables, call: Call) -> None:
    tables(Article, Tag)
    article = await call(Article.objects, "create", title="Hello")
    for name in ("ab", "cd"):
        await call(article.tags, "create", name=name)

    one = Article.objects.filter(tags__name__startswith="a", tags__name__endswith="d")
    two = Article.objects.filter(tags__name__startswith="a").filter(tags__name__endswith="d")

    assert (0, 1) == (await call(one, "count"), await call(two, "count"))


async def test_symmetrical_links_are_seen_from_both_sides_and_others_are_not(tables: Tables, call: Call) -> None:
    tables(Person, Club, Membership)
    ann, bob = [await call(Person.objects, "create", name=name) for name in ("Ann", "Bob")]

    await call(ann.friends, "add", bob)
    await call(ann.follows, "add", bob)

    assert ["Ann"] == await names(call, bob.friends.all())
    assert [] == await names(call, bob.follows.all())
    assert ["Ann"] == await names(call, bob.followers.all())
    await call(bob.friends, "remove", ann)
    assert 0 == await call(ann.friends, "count")


async def test_a_named_model_keeps_more_about_each_link(tables: Tables, call: Call) -> None:
    tables(Person, Club, Membership)
    ann = await call(Person.objects, "create", name="Ann")
    chess = await call(Club.objects, "create", name="Chess")

    await call(ann.clubs, "add", chess, through_defaults={"since": 1999})

    assert 1999 == (await call(Membership.objects, "get")).since
    assert ["Ann"] == await names(call, chess.person_set.all())
    assert (2, {"test_many_to_many.Membership": 1, "test_many_to_many.Person": 1}) == await call(ann, "delete")


async def test_receivers_are_told_what_really_changes(tables: Tables, call: Call) -> None:
    tables(Article, Tag)
    article = await call(Article.objects, "create", title="Hello")
    python = await call(article.tags, "create", name="python")
    django = await call(Tag.objects, "create", name="django")
    told: list[tuple[str, bool, Any]] = []

    def receiver(sender: Any, action: str, reverse: bool, pk_set: Any, **_: Any) -> None:
        told.append((action, reverse, pk_set))

    m2m_changed.connect(receiver, sender=Article.tags.through)
    try:
        await call(article.tags, "add", python, django)
        await call(python.articles, "remove", article)
        await call(article.tags, "clear")
    finally:
        m2m_changed.disconnect(receiver, sender=Article.tags.through)

    assert [
        ("pre_add", False, {django.pk}),
        ("post_add", False, {django.pk}),
        ("pre_remove", True, {article.pk}),
        ("post_remove", True, {article.pk}),
        ("pre_clear", False, None),
        ("post_clear", False, None),
    ] == told


async def test_a_failing_set_changes_nothing(tables: Tables, call: Call) -> None:
    tables(Article, Tag)
    article = await call(Article.objects, "create", title="Hello")
    python = await call(article.tags, "create", name="python")

    with pytest.raises(dorm.ForeignKeyViolation):
        await call(article.tags, "set", [999_999])

    assert [python] == await call.list(article.tags.all())


async def test_the_linked_rows_are_one_join(tables: Tables, call: Call) -> None:
    tables(Article, Tag)
    article = await call(Article.objects, "create", title="Hello")

    with capture_queries() as queries:
        await call.list(article.tags.filter(name="python"))

    (query,) = queries
    assert query.sql.startswith(
        'SELECT "test_many_to_many_tag"."id", "test_many_to_many_tag"."name" FROM "test_many_to_many_tag" '
        'INNER JOIN "test_many_to_many_article_tags" ON "test_many_to_many_tag"."id" = '
        '"test_many_to_many_article_tags"."tag_id" WHERE "test_many_to_many_article_tags"."article_id" = '
    )


def test_links_of_an_unsaved_instance_are_refused() -> None:
    with pytest.raises(ValueError, match="save it first"):
        Article(title="new").tags.all()


def test_the_attribute_cannot_be_assigned() -> None:
    with pytest.raises(TypeError, match=r"Use tags\.set\(\)"):
        Article(title="new").tags = []  # type: ignore[misc,assignment]


def test_a_through_model_with_two_keys_to_one_end_must_say_which() -> None:
    class Team(dorm.Model):
        players = dorm.ManyToManyField(Person, through="Contract", related_name="+")

        class Meta:
            app_label = "test_many_to_many_two"

    with pytest.raises(TypeError, match="through_fields"):

        class Contract(dorm.Model):
            team = dorm.ForeignKey(Team, on_delete=dorm.CASCADE, related_name="+")
            player = dorm.ForeignKey(Person, on_delete=dorm.CASCADE, related_name="+")
            agent = dorm.ForeignKey(Person, on_delete=dorm.CASCADE, related_name="+")

            class Meta:
                app_label = "test_many_to_many_two"
