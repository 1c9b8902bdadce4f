"""SELECT: the columns, and the joins that ``select_related`` and ``values`` ask for."""

from __future__ import annotations

import pytest

from tests.library import Author, Book, Profile
from tests.sql.texts import numbered, text

VALUES = [
    (Author.objects.all(), 'SELECT * FROM "author"'),
    (Author.objects.values("name", "age"), 'SELECT "name", "age" FROM "author"'),
    (Author.objects.values(), 'SELECT * FROM "author"'),
    (Author.objects.values_list("name", flat=True), 'SELECT "name" FROM "author"'),
    (Author.objects.values_list(flat=True), 'SELECT "id" FROM "author"'),
    (Author.objects.values("pk"), 'SELECT "id" FROM "author"'),
    (Author.objects.values("publisher"), 'SELECT "publisher_id" FROM "author"'),
    (Author.objects.values("publisher_id"), 'SELECT "publisher_id" FROM "author"'),
    (
        Author.objects.values("publisher__name"),
        'SELECT "publisher"."name" FROM "author" LEFT OUTER JOIN "publisher" ON "publisher_id" = "publisher"."id"',
    ),
    (Author.objects.values("publisher__id"), 'SELECT "publisher_id" FROM "author"'),
    (
        Book.objects.values_list("title", "author__publisher__city", named=True),
        'SELECT "title", "publisher"."city" FROM "book" INNER JOIN "author" ON "author_id" = "author"."id"'
        ' LEFT OUTER JOIN "publisher" ON "author"."publisher_id" = "publisher"."id"',
    ),
    (
        Author.objects.values("book__title"),
        'SELECT "book"."title" FROM "author" LEFT OUTER JOIN "book" ON "id" = "book"."author_id"',
    ),
    (
        Author.objects.values("profile__site"),
        'SELECT "profile"."site" FROM "author" LEFT OUTER JOIN "profile" ON "id" = "profile"."author_id"',
    ),
    (Author.objects.values("name").distinct(), 'SELECT DISTINCT "name" FROM "author"'),
    (Author.objects.values("name").distinct().order_by("name"), 'SELECT DISTINCT "name" FROM "author" ORDER BY "name"'),
]

RELATED = [
    (
        Book.objects.select_related("author"),
        'SELECT *, "author".* FROM "book" INNER JOIN "author" ON "author_id" = "author"."id"',
    ),
    (
        Book.objects.select_related("author__publisher"),
        'SELECT *, "author".*, "publisher".* FROM "book"'
        ' INNER JOIN "author" ON "author_id" = "author"."id"'
        ' LEFT OUTER JOIN "publisher" ON "author"."publisher_id" = "publisher"."id"',
    ),
    (
        Book.objects.select_related("author", "author__publisher"),
        'SELECT *, "author".*, "publisher".* FROM "book"'
        ' INNER JOIN "author" ON "author_id" = "author"."id"'
        ' LEFT OUTER JOIN "publisher" ON "author"."publisher_id" = "publisher"."id"',
    ),
    (
        Book.objects.select_related("editor"),
        'SELECT *, "author".* FROM "book" LEFT OUTER JOIN "author" ON "editor_id" = "author"."id"',
    ),
    (
        Book.objects.select_related("author", "editor"),
        'SELECT *, "author".*, "T3".* FROM "book" INNER JOIN "author" ON "author_id" = "author"."id"'
        ' LEFT OUTER JOIN "author" AS "T3" ON "editor_id" = "T3"."id"',
    ),
    (
        Book.objects.select_related("author").select_related("editor"),
        'SELECT *, "author".*, "T3".* FROM "book" INNER JOIN "author" ON "author_id" = "author"."id"'
        ' LEFT OUTER JOIN "author" AS "T3" ON "editor_id" = "T3"."id"',
    ),
    (
        Book.objects.select_related(),
        'SELECT *, "author".* FROM "book" INNER JOIN "author" ON "author_id" = "author"."id"',
    ),
    (
        Author.objects.select_related("profile"),
        'SELECT *, "profile".* FROM "author" LEFT OUTER JOIN "profile" ON "id" = "profile"."author_id"',
    ),
    (
        Profile.objects.select_related("author__mentor"),
        'SELECT *, "author".*, "T3".* FROM "profile" INNER JOIN "author" ON "author_id" = "author"."id"'
        ' LEFT OUTER JOIN "author" AS "T3" ON "author"."mentor_id" = "T3"."id"',
    ),
    (
        Book.objects.select_related("author").filter(author__name="x").order_by("author__age"),
        'SELECT *, "author".* FROM "book" INNER JOIN "author" ON "author_id" = "author"."id"'
        ' WHERE "author"."name" = ? ORDER BY "author"."age"',
    ),
    (
        Book.objects.select_related("editor").filter(editor__name="x"),
        'SELECT *, "author".* FROM "book" INNER JOIN "author" ON "editor_id" = "author"."id" WHERE "author"."name" = ?',
    ),
    (Book.objects.select_related("editor").select_related(None), 'SELECT * FROM "book"'),
]


@pytest.mark.parametrize(("query", "both"), [*VALUES, *RELATED])
def test_both_say_alike(query, both):
    assert both == text(query, "sqlite")
    assert numbered(both) == text(query, "postgresql")
