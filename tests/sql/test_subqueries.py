"""Subqueries, references to the query around, conditions as values, and SQL written by hand."""

from __future__ import annotations

import pytest

import dorm
from dorm import (
    BooleanField,
    Case,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    RawSQL,
    Subquery,
    Sum,
    Value,
    When,
)
from dorm.lookups import GreaterThan, In
from tests.library import Author, Book
from tests.sql.texts import VENDORS, numbered, text

A, B = Author.objects, Book.objects
OWN = B.filter(author=OuterRef("pk"))

ALIKE = [
    (
        A.annotate(t=Subquery(OWN.filter(pages__gt=3).order_by("-pages").values("title")[:1])).values("t"),
        'SELECT (SELECT "U1"."title" FROM "book" AS "U1" WHERE "U1"."author_id" = "id" AND "U1"."pages" > ? '
        'ORDER BY "U1"."pages" DESC LIMIT ?) AS "t" FROM "author"',
    ),
    (
        A.filter(Exists(OWN.filter(pages=5)), age=3).values("id"),
        'SELECT "id" FROM "author" WHERE EXISTS (SELECT 1 FROM "book" AS "U1" WHERE "U1"."author_id" = "id" AND '
        '"U1"."pages" = ? LIMIT 1) AND "age" = ?',
    ),
    (
        A.filter(~Exists(OWN) | Q(age=3)).values("id"),
        'SELECT "id" FROM "author" WHERE NOT (EXISTS (SELECT 1 FROM "book" AS "U1" WHERE "U1"."author_id" = "id" '
        'LIMIT 1)) OR "age" = ?',
    ),
    (
        # No reference to the row around: nothing has to be told apart.
        A.filter(Exists(B.filter(pages=1).order_by("title"))).values("id"),
        'SELECT "id" FROM "author" WHERE EXISTS (SELECT 1 FROM "book" WHERE "book"."pages" = ? LIMIT 1)',
    ),
    (
        A.filter(
            Exists(A.filter(Exists(A.filter(mentor=OuterRef("pk"), age=OuterRef(OuterRef("age")))), pk=OuterRef("pk")))
        ).values("id"),
        'SELECT "id" FROM "author" WHERE EXISTS (SELECT 1 FROM "author" AS "U1" WHERE EXISTS (SELECT 1 FROM "author" '
        'AS "U2" WHERE "U2"."mentor_id" = "U1"."id" AND "U2"."age" = "age" LIMIT 1) AND "U1"."id" = "id" LIMIT 1)',
    ),
    (
        A.filter(Exists(B.filter(title=OuterRef("publisher__name"), editor__age=OuterRef("age")))).values("id"),
        'SELECT "id" FROM "author" LEFT OUTER JOIN "publisher" ON "publisher_id" = "publisher"."id" WHERE EXISTS '
        '(SELECT 1 FROM "book" AS "U1" INNER JOIN "author" AS "U2" ON "U1"."editor_id" = "U2"."id" WHERE "U1"."title" '
        '= "publisher"."name" AND "U2"."age" = "age" LIMIT 1)',
    ),
    (
        A.annotate(n=F("age") + 1).filter(Exists(OWN.filter(pages=OuterRef("n"), title="x"))).values("id"),
        'SELECT "id" FROM "author" WHERE EXISTS (SELECT 1 FROM "book" AS "U1" WHERE "U1"."author_id" = "id" AND '
        '"U1"."pages" = ("age" + ?#) AND "U1"."title" = ? LIMIT 1)',
    ),
    (
        A.filter(pk__in=RawSQL("SELECT author_id FROM x WHERE y = %s", [1])).values("id"),
        'SELECT "id" FROM "author" WHERE "id" IN (SELECT author_id FROM x WHERE y = ?)',
    ),
    (
        A.filter(RawSQL("age > %s AND name LIKE 'a%%'", [1], output_field=BooleanField()), age=2).values("id"),
        'SELECT "id" FROM "author" WHERE (age > ? AND name LIKE \'a%\') AND "age" = ?',
    ),
    (
        A.annotate(old=Q(age__gt=50)).order_by(Q(age=2)).values("old"),
        'SELECT ("age" > ?) AS "old" FROM "author" ORDER BY ("age" = ?)',
    ),
    (
        A.filter(GreaterThan(F("age") + F("id"), 3) & ~GreaterThan(F("age"), F("id"))).values("id"),
        'SELECT "id" FROM "author" WHERE ("age" + "id") > ? AND NOT ("age" > "id")',
    ),
    (
        A.filter(Q(age=1) ^ Q(name="x") ^ ~Q(pk__in=[])).values("id"),
        'SELECT "id" FROM "author" WHERE (CASE WHEN "age" = ? THEN 1 ELSE 0 END + CASE WHEN "name" = ? THEN 1 ELSE 0 '
        "END + 1) % 2 = 1",
    ),
    (
        A.annotate(c=Case(When(Exists(OWN), then=F("age")), default=Value(2))).values("c"),
        'SELECT CASE WHEN EXISTS (SELECT 1 FROM "book" AS "U1" WHERE "U1"."author_id" = "id" LIMIT 1) THEN "age" ELSE '
        '?# END AS "c" FROM "author"',
    ),
    (
        A.filter(age=1) | A.filter(name="x").order_by("name"),
        'SELECT * FROM "author" WHERE "age" = ? OR "name" = ? ORDER BY "name"',
    ),
    (
        (A.filter(book__pages=1) & A.filter(book__pages=2)).values("id"),
        'SELECT "id" FROM "author" INNER JOIN "book" ON "id" = "book"."author_id" INNER JOIN "book" AS "T3" ON "id" = '
        '"T3"."author_id" WHERE "book"."pages" = ? AND "T3"."pages" = ?',
    ),
]


def with_casts(sql: str) -> str:
    """PostgreSQL is told the type of a value that stands for itself."""
    return numbered(sql).replace("#", "::bigint")


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize(("query", "sql"), ALIKE)
def test_both_say_alike(query, sql, vendor):
    expected = sql.replace("?#", "?") if vendor == "sqlite" else with_casts(sql)
    assert expected == text(query, vendor)


DIFFERENTLY = [
    (
        A.annotate(s=Subquery(OWN.values("author").annotate(s=Sum("pages")).values("s"))).filter(s__gt=3).values("id"),
        'SELECT "id" FROM "author" WHERE (SELECT SUM("U1"."pages") AS "s" FROM "book" AS "U1" WHERE "U1"."author_id" = '
        '"id" GROUP BY "U1"."author_id") > ?',
        'SELECT "id" FROM "author" WHERE (SELECT SUM("U1"."pages")::bigint AS "s" FROM "book" AS "U1" WHERE '
        '"U1"."author_id" = "id" GROUP BY "U1"."author_id") > $1',
    ),
    (
        A.filter(In(F("age"), [1, 2])).values("id"),
        'SELECT "id" FROM "author" WHERE "age" IN (SELECT value FROM json_each(?))',
        'SELECT "id" FROM "author" WHERE "age" = ANY($1::bigint[])',
    ),
    (
        A.values(x=ExpressionWrapper(F("age"), dorm.FloatField()), y=Value(None, dorm.IntegerField())),
        'SELECT CAST("age" AS real) AS "x", CAST(NULL AS integer) AS "y" FROM "author"',
        'SELECT "age"::double precision AS "x", NULL::integer AS "y" FROM "author"',
    ),
    (
        A.values(x=F("age").bitxor(1), y=F("age").bitleftshift(F("id")), z=F("age").bitand(F("id"))),
        'SELECT (("age" | ?) - ("age" & ?)) AS "x", ("age" << "id") AS "y", ("age" & "id") AS "z" FROM "author"',
        'SELECT ("age" # $1::bigint) AS "x", ("age" << ("id")::integer) AS "y", ("age" & "id") AS "z" FROM "author"',
    ),
]


@pytest.mark.parametrize(("query", "sqlite", "postgresql"), DIFFERENTLY)
def test_each_says_in_its_own_way(query, sqlite, postgresql):
    assert sqlite == text(query, "sqlite")
    assert postgresql == text(query, "postgresql")


def test_postgresql_picks_the_first_of_each():
    query = B.distinct("author", "pages").order_by("author", "-title").values("title")
    assert 'SELECT DISTINCT ON ("author_id", "pages") "title" FROM "book" ORDER BY "author_id", "title" DESC' == text(
        query, "postgresql"
    )
    with pytest.raises(dorm.NotSupportedError, match="no DISTINCT ON"):
        text(query, "sqlite")


def test_an_annotated_subquery_is_grouped_by_its_place():
    query = A.annotate(t=Subquery(OWN.values("title")[:1]), n=Count("book")).values("t", "n")
    assert text(query, "sqlite").endswith('GROUP BY "id", 1')
