"""FROM: which joins a filter, an ordering or a column needs, and of which kind."""

from __future__ import annotations

import pytest

from dorm import F, Q
from tests.library import Author, Book, Publisher
from tests.sql.texts import after, numbered

NONE_NEEDED = [
    (Book.objects.filter(author=1), '"book" WHERE "author_id" = ?'),
    (Book.objects.filter(author_id=1), '"book" WHERE "author_id" = ?'),
    (Book.objects.filter(author__id=1), '"book" WHERE "author_id" = ?'),
    (Book.objects.filter(author__pk=1), '"book" WHERE "author_id" = ?'),
    (Book.objects.filter(editor__isnull=True), '"book" WHERE "editor_id" IS NULL'),
    (Author.objects.filter(mentor=None), '"author" WHERE "mentor_id" IS NULL'),
    (Author.objects.order_by("mentor_id"), '"author" ORDER BY "mentor_id"'),
]

FORWARD = [
    (
        Book.objects.filter(author__name="Ann"),
        '"book" INNER JOIN "author" ON "author_id" = "author"."id" WHERE "author"."name" = ?',
    ),
    (
        Book.objects.filter(author__name="Ann", author__age=3),
        '"book" INNER JOIN "author" ON "author_id" = "author"."id" WHERE "author"."name" = ? AND "author"."age" = ?',
    ),
    (
        Book.objects.filter(author__name="Ann").filter(author__age=3),
        '"book" INNER JOIN "author" ON "author_id" = "author"."id" WHERE "author"."name" = ? AND "author"."age" = ?',
    ),
    (
        Book.objects.filter(author__publisher=1),
        '"book" INNER JOIN "author" ON "author_id" = "author"."id" WHERE "author"."publisher_id" = ?',
    ),
    (
        Book.objects.filter(author__publisher__name="x"),
        '"book" INNER JOIN "author" ON "author_id" = "author"."id"'
        ' INNER JOIN "publisher" ON "author"."publisher_id" = "publisher"."id"'
        ' WHERE "publisher"."name" = ?',
    ),
    (
        Book.objects.filter(author__publisher__isnull=True),
        '"book" INNER JOIN "author" ON "author_id" = "author"."id" WHERE "author"."publisher_id" IS NULL',
    ),
    (
        Book.objects.filter(author__publisher__name__isnull=True),
        '"book" INNER JOIN "author" ON "author_id" = "author"."id"'
        ' LEFT OUTER JOIN "publisher" ON "author"."publisher_id" = "publisher"."id"'
        ' WHERE "publisher"."name" IS NULL',
    ),
    (
        Book.objects.filter(Q(author__publisher__name="x") | Q(pages=1)),
        '"book" INNER JOIN "author" ON "author_id" = "author"."id"'
        ' LEFT OUTER JOIN "publisher" ON "author"."publisher_id" = "publisher"."id"'
        ' WHERE "publisher"."name" = ? OR "pages" = ?',
    ),
    (
        Book.objects.filter(Q(author__publisher__name="x") & Q(pages=1)),
        '"book" INNER JOIN "author" ON "author_id" = "author"."id"'
        ' INNER JOIN "publisher" ON "author"."publisher_id" = "publisher"."id"'
        ' WHERE "publisher"."name" = ? AND "pages" = ?',
    ),
    (
        Book.objects.filter(Q(editor__name="x") | Q(editor__age=1)),
        '"book" INNER JOIN "author" ON "editor_id" = "author"."id" WHERE "author"."name" = ? OR "author"."age" = ?',
    ),
    (
        Book.objects.filter(author__name="a", editor__name="b"),
        '"book" INNER JOIN "author" ON "author_id" = "author"."id"'
        ' INNER JOIN "author" AS "T3" ON "editor_id" = "T3"."id"'
        ' WHERE "author"."name" = ? AND "T3"."name" = ?',
    ),
    (
        Book.objects.exclude(author__publisher__name="x"),
        '"book" INNER JOIN "author" ON "author_id" = "author"."id"'
        ' LEFT OUTER JOIN "publisher" ON "author"."publisher_id" = "publisher"."id"'
        ' WHERE NOT ("publisher"."name" = ? AND "publisher"."name" IS NOT NULL)',
    ),
    (
        Book.objects.exclude(author__name="x"),
        '"book" INNER JOIN "author" ON "author_id" = "author"."id" WHERE NOT ("author"."name" = ?)',
    ),
    (
        Author.objects.filter(mentor__mentor__name="x"),
        '"author" INNER JOIN "author" AS "T2" ON "mentor_id" = "T2"."id"'
        ' INNER JOIN "author" AS "T3" ON "T2"."mentor_id" = "T3"."id" WHERE "T3"."name" = ?',
    ),
    (
        Book.objects.filter(pages__gt=F("author__age")),
        '"book" INNER JOIN "author" ON "author_id" = "author"."id" WHERE "pages" > "author"."age"',
    ),
    (
        Book.objects.filter(pages__gt=F("author__publisher__id")),
        '"book" INNER JOIN "author" ON "author_id" = "author"."id" WHERE "pages" > "author"."publisher_id"',
    ),
    (
        Book.objects.exclude(pages__gt=F("author__age")),
        '"book" INNER JOIN "author" ON "author_id" = "author"."id"'
        ' WHERE NOT ("pages" > "author"."age" AND "pages" IS NOT NULL)',
    ),
]

BACKWARD = [
    (
        Author.objects.filter(profile__site="x"),
        '"author" INNER JOIN "profile" ON "id" = "profile"."author_id" WHERE "profile"."site" = ?',
    ),
    (
        Author.objects.filter(profile__isnull=True),
        '"author" LEFT OUTER JOIN "profile" ON "id" = "profile"."author_id" WHERE "profile"."id" IS NULL',
    ),
    (
        Author.objects.filter(profile=None),
        '"author" LEFT OUTER JOIN "profile" ON "id" = "profile"."author_id" WHERE "profile"."id" IS NULL',
    ),
    (
        Author.objects.filter(book__title="x"),
        '"author" INNER JOIN "book" ON "id" = "book"."author_id" WHERE "book"."title" = ?',
    ),
    (
        Author.objects.filter(book_set__title="x"),
        '"author" INNER JOIN "book" ON "id" = "book"."author_id" WHERE "book"."title" = ?',
    ),
    (
        Author.objects.filter(book__title="x", book__pages=3),
        '"author" INNER JOIN "book" ON "id" = "book"."author_id" WHERE "book"."title" = ? AND "book"."pages" = ?',
    ),
    (
        Author.objects.filter(book__title="x").filter(book__pages=3),
        '"author" INNER JOIN "book" ON "id" = "book"."author_id"'
        ' INNER JOIN "book" AS "T3" ON "id" = "T3"."author_id"'
        ' WHERE "book"."title" = ? AND "T3"."pages" = ?',
    ),
    (Author.objects.filter(book=1), '"author" INNER JOIN "book" ON "id" = "book"."author_id" WHERE "book"."id" = ?'),
    (
        Author.objects.filter(book__isnull=True),
        '"author" LEFT OUTER JOIN "book" ON "id" = "book"."author_id" WHERE "book"."id" IS NULL',
    ),
    (
        Author.objects.filter(Q(book__title="x") | Q(age=1)),
        '"author" LEFT OUTER JOIN "book" ON "id" = "book"."author_id" WHERE "book"."title" = ? OR "age" = ?',
    ),
    (
        Author.objects.filter(edited__author__name="x"),
        '"author" INNER JOIN "book" ON "id" = "book"."editor_id"'
        ' INNER JOIN "author" AS "T3" ON "book"."author_id" = "T3"."id" WHERE "T3"."name" = ?',
    ),
    (
        Author.objects.filter(students__age=1),
        '"author" INNER JOIN "author" AS "T2" ON "id" = "T2"."mentor_id" WHERE "T2"."age" = ?',
    ),
    (
        Author.objects.exclude(book__title="x"),
        '"author" WHERE NOT (EXISTS (SELECT 1 FROM "book" AS "U1" WHERE "U1"."author_id" = "id" AND "U1"."title" = ?))',
    ),
    (
        Publisher.objects.order_by().filter(author__book__title="x"),
        '"publisher" INNER JOIN "author" ON "id" = "author"."publisher_id"'
        ' INNER JOIN "book" ON "author"."id" = "book"."author_id" WHERE "book"."title" = ?',
    ),
]


@pytest.mark.parametrize(("query", "both"), [*NONE_NEEDED, *FORWARD, *BACKWARD])
def test_joins(query, both):
    assert both == after("FROM", query, "sqlite")
    assert numbered(both) == after("FROM", query, "postgresql")
