"""ORDER BY, LIMIT and OFFSET."""

from __future__ import annotations

import pytest

from dorm import F
from tests.library import Author, Book, Publisher
from tests.sql.texts import after, numbered

ORDERS = [
    (Author.objects.order_by("name"), '"author" ORDER BY "name"'),
    (Author.objects.order_by("+name"), '"author" ORDER BY "name"'),
    (Author.objects.order_by("-name", "age"), '"author" ORDER BY "name" DESC, "age"'),
    (Author.objects.order_by("pk"), '"author" ORDER BY "id"'),
    (Author.objects.order_by("?"), '"author" ORDER BY RANDOM()'),
    (Author.objects.order_by(), '"author"'),
    (Author.objects.order_by("name").order_by("age"), '"author" ORDER BY "age"'),
    (Author.objects.order_by("name").reverse(), '"author" ORDER BY "name" DESC'),
    (Author.objects.order_by("name").reverse().reverse(), '"author" ORDER BY "name"'),
    (Author.objects.reverse(), '"author"'),
    (Publisher.objects.all(), '"publisher" ORDER BY "name"'),
    (Publisher.objects.reverse(), '"publisher" ORDER BY "name" DESC'),
    (Publisher.objects.order_by(), '"publisher"'),
    (Publisher.objects.order_by("city"), '"publisher" ORDER BY "city"'),
    (
        Author.objects.order_by("publisher"),
        '"author" LEFT OUTER JOIN "publisher" ON "publisher_id" = "publisher"."id" ORDER BY "publisher"."name"',
    ),
    (
        Author.objects.order_by("-publisher"),
        '"author" LEFT OUTER JOIN "publisher" ON "publisher_id" = "publisher"."id" ORDER BY "publisher"."name" DESC',
    ),
    (Author.objects.order_by("publisher_id"), '"author" ORDER BY "publisher_id"'),
    (Author.objects.order_by("publisher__pk"), '"author" ORDER BY "publisher_id"'),
    (
        Author.objects.order_by("publisher__city"),
        '"author" LEFT OUTER JOIN "publisher" ON "publisher_id" = "publisher"."id" ORDER BY "publisher"."city"',
    ),
    (
        Book.objects.order_by("author__publisher__name", "-title"),
        '"book" INNER JOIN "author" ON "author_id" = "author"."id"'
        ' LEFT OUTER JOIN "publisher" ON "author"."publisher_id" = "publisher"."id"'
        ' ORDER BY "publisher"."name", "title" DESC',
    ),
    (Book.objects.order_by("author"), '"book" ORDER BY "author_id"'),
    (Author.objects.order_by(F("email").asc(nulls_first=True)), '"author" ORDER BY "email" NULLS FIRST'),
    (Author.objects.order_by(F("email").asc(nulls_last=True)), '"author" ORDER BY "email" NULLS LAST'),
    (Author.objects.order_by(F("email").desc(nulls_first=True)), '"author" ORDER BY "email" DESC NULLS FIRST'),
    (Author.objects.order_by(F("email").desc(nulls_last=True)), '"author" ORDER BY "email" DESC NULLS LAST'),
    (Author.objects.order_by(F("email").desc(nulls_last=True)).reverse(), '"author" ORDER BY "email" NULLS FIRST'),
]

ORDERS_DIFFERENTLY = [
    (Author.objects.order_by(F("age") + 1), '"author" ORDER BY ("age" + ?)', '"author" ORDER BY ("age" + $1::bigint)'),
    (
        Author.objects.order_by((F("age") + 1).desc()),
        '"author" ORDER BY ("age" + ?) DESC',
        '"author" ORDER BY ("age" + $1::bigint) DESC',
    ),
]

WINDOWS = [
    (Author.objects.all()[:5], '"author" LIMIT ?'),
    (Author.objects.all()[5:10], '"author" LIMIT ? OFFSET ?'),
    (Author.objects.all()[5:10][1:3], '"author" LIMIT ? OFFSET ?'),
    (Author.objects.all()[:5][2:], '"author" LIMIT ? OFFSET ?'),
]

WINDOWS_DIFFERENTLY = [
    (Author.objects.all()[5:], '"author" LIMIT -1 OFFSET ?', '"author" OFFSET $1'),
    (
        Author.objects.filter(name="x").order_by(F("age") + 1)[5:10],
        '"author" WHERE "name" = ? ORDER BY ("age" + ?) LIMIT ? OFFSET ?',
        '"author" WHERE "name" = $1 ORDER BY ("age" + $2::bigint) LIMIT $3 OFFSET $4',
    ),
]


@pytest.mark.parametrize(("query", "both"), [*ORDERS, *WINDOWS])
def test_both_say_alike(query, both):
    assert both == after("FROM", query, "sqlite")
    assert numbered(both) == after("FROM", query, "postgresql")


@pytest.mark.parametrize(("query", "sqlite", "postgresql"), [*ORDERS_DIFFERENTLY, *WINDOWS_DIFFERENTLY])
def test_each_says_in_its_own_way(query, sqlite, postgresql):
    assert sqlite == after("FROM", query, "sqlite")
    assert postgresql == after("FROM", query, "postgresql")
