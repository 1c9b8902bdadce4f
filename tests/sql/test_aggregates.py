"""COUNT, EXISTS, aggregates, GROUP BY and functions."""

from __future__ import annotations

import pytest

from dorm import (
    Abs,
    Avg,
    Case,
    Cast,
    Coalesce,
    Concat,
    Count,
    F,
    Greatest,
    Least,
    Length,
    Lower,
    Max,
    Min,
    Now,
    Q,
    Sum,
    Upper,
    Value,
    When,
)
from dorm.query.reads import aggregate_plan, count_plan, exists_plan
from tests.library import Author
from tests.sql.texts import VENDORS, dialect, numbered, text

A = Author.objects
BOOKS = 'LEFT OUTER JOIN "book" ON "id" = "book"."author_id"'


def short(plan):
    return plan.statement.sql.replace('"library_', '"').replace('"author".', "")


# -- How many, and whether any -----------------------------------------------------------------

COUNTS = [
    (A.all(), 'SELECT COUNT(*) FROM "author"', 'SELECT 1 FROM "author" LIMIT 1'),
    (A.order_by("name"), 'SELECT COUNT(*) FROM "author"', 'SELECT 1 FROM "author" LIMIT 1'),
    (
        A.filter(age=1),
        'SELECT COUNT(*) FROM "author" WHERE "age" = ?',
        'SELECT 1 FROM "author" WHERE "age" = ? LIMIT 1',
    ),
    (
        A.filter(book__pages=1),
        'SELECT COUNT(*) FROM "author" INNER JOIN "book" ON "id" = "book"."author_id" WHERE "book"."pages" = ?',
        'SELECT 1 FROM "author" INNER JOIN "book" ON "id" = "book"."author_id" WHERE "book"."pages" = ? LIMIT 1',
    ),
    (
        A.all()[:3],
        'SELECT COUNT(*) FROM (SELECT "id" AS "col1" FROM "author" LIMIT ?) AS "subquery"',
        'SELECT 1 FROM "author" LIMIT ?',
    ),
    (
        A.values("name").distinct(),
        'SELECT COUNT(*) FROM (SELECT DISTINCT "name" AS "col1" FROM "author") AS "subquery"',
        'SELECT 1 FROM "author" LIMIT 1',
    ),
    (
        A.values("name").annotate(n=Count("pk")),
        'SELECT COUNT(*) FROM (SELECT "name" AS "col1", COUNT("id") AS "col2" FROM "author" GROUP BY "name") '
        'AS "subquery"',
        'SELECT 1 FROM (SELECT "name" AS "col1", COUNT("id") AS "col2" FROM "author" GROUP BY "name") '
        'AS "subquery" LIMIT 1',
    ),
    (
        A.annotate(n=Count("book")).filter(n=2),
        f'SELECT COUNT(*) FROM (SELECT "id" AS "col1" FROM "author" {BOOKS} '
        'GROUP BY "id" HAVING COUNT("book"."id") = ?) AS "subquery"',
        f'SELECT 1 FROM "author" {BOOKS} GROUP BY "id" HAVING COUNT("book"."id") = ? LIMIT 1',
    ),
]


@pytest.mark.parametrize(("query", "count", "exists"), COUNTS)
def test_how_many_and_whether_any(query, count, exists):
    asked = query.described.unordered()
    for vendor in VENDORS:
        spell = str if vendor == "sqlite" else numbered
        assert spell(count) == short(count_plan(asked, dialect(vendor)))
        assert spell(exists) == short(exists_plan(asked, dialect(vendor)))


# -- One row of aggregates ---------------------------------------------------------------------

AGGREGATES = [
    (A.all(), {"n": Count("pk")}, 'SELECT COUNT("id") AS "n" FROM "author"', None),
    (A.all(), {"n": Count("name", distinct=True)}, 'SELECT COUNT(DISTINCT "name") AS "n" FROM "author"', None),
    (A.filter(name="x"), {"n": Max("joined")}, 'SELECT MAX("joined") AS "n" FROM "author" WHERE "name" = ?', None),
    (A.filter(name="x"), {"n": Min("name")}, 'SELECT MIN("name") AS "n" FROM "author" WHERE "name" = ?', None),
    (
        A.all(),
        {"n": Sum("age")},
        'SELECT SUM("age") AS "n" FROM "author"',
        'SELECT SUM("age")::bigint AS "n" FROM "author"',
    ),
    (
        A.all(),
        {"n": Avg("age")},
        'SELECT AVG("age") AS "n" FROM "author"',
        'SELECT AVG("age")::double precision AS "n" FROM "author"',
    ),
    (
        A.all(),
        {"n": Count("pk", filter=Q(age__gt=1))},
        'SELECT COUNT("id") FILTER (WHERE "age" > ?) AS "n" FROM "author"',
        'SELECT COUNT("id") FILTER (WHERE "age" > $1) AS "n" FROM "author"',
    ),
    (
        A.all(),
        {"n": Sum("age", default=0)},
        'SELECT COALESCE(SUM("age"), ?) AS "n" FROM "author"',
        'SELECT COALESCE(SUM("age")::bigint, $1::bigint) AS "n" FROM "author"',
    ),
    (
        A.all(),
        {"n": Sum(F("age") * 2)},
        'SELECT SUM(("age" * ?)) AS "n" FROM "author"',
        'SELECT SUM(("age" * $1::bigint))::bigint AS "n" FROM "author"',
    ),
    (A.all(), {"n": Count("book")}, f'SELECT COUNT("book"."id") AS "n" FROM "author" {BOOKS}', None),
    (A.filter(age__in=[]), {"n": Count("pk")}, 'SELECT COUNT("id") AS "n" FROM "author" WHERE 1 = 0', None),
    (
        A.values("name").distinct(),
        {"n": Count("name")},
        'SELECT COUNT("subquery"."name") AS "n" FROM (SELECT DISTINCT "name" AS "name" FROM "author") AS "subquery"',
        None,
    ),
    (
        A.values("name").annotate(n=Count("pk")),
        {"most": Max("n")},
        'SELECT MAX("subquery"."n") AS "most" FROM '
        '(SELECT "name" AS "name", COUNT("id") AS "n" FROM "author" GROUP BY "name") AS "subquery"',
        'SELECT MAX("subquery"."n")::bigint AS "most" FROM '
        '(SELECT "name" AS "name", COUNT("id") AS "n" FROM "author" GROUP BY "name") AS "subquery"',
    ),
]


@pytest.mark.parametrize(("query", "aggregates", "sqlite", "postgresql"), AGGREGATES)
def test_one_row_of_aggregates(query, aggregates, sqlite, postgresql):
    computed = query._computed((), aggregates)
    for vendor, expected in (("sqlite", sqlite), ("postgresql", postgresql or numbered(sqlite))):
        assert expected == short(aggregate_plan(query.described, computed, dialect(vendor)))


# -- Groups ------------------------------------------------------------------------------------

GROUPS = [
    (A.annotate(n=Count("book")), f'SELECT *, COUNT("book"."id") AS "n" FROM "author" {BOOKS} GROUP BY "id"'),
    (
        A.annotate(n=Count("book")).filter(n__gt=1, age=3).order_by("-n"),
        f'SELECT *, COUNT("book"."id") AS "n" FROM "author" {BOOKS} WHERE "age" = ? '
        'GROUP BY "id" HAVING COUNT("book"."id") > ? ORDER BY "n" DESC',
    ),
    (A.values("name").annotate(n=Count("pk")), 'SELECT "name", COUNT("id") AS "n" FROM "author" GROUP BY "name"'),
    (
        A.values("publisher__city").annotate(n=Count("pk")).order_by("publisher__city"),
        'SELECT "publisher"."city", COUNT("id") AS "n" FROM "author" '
        'LEFT OUTER JOIN "publisher" ON "publisher_id" = "publisher"."id" '
        'GROUP BY "publisher"."city" ORDER BY "publisher"."city"',
    ),
]


@pytest.mark.parametrize(("query", "both"), GROUPS)
def test_groups(query, both):
    assert both == text(query, "sqlite")
    assert numbered(both) == text(query, "postgresql")


def test_a_computed_column_is_grouped_by_its_place():
    query = A.annotate(up=Upper("name")).values("up").annotate(n=Count("pk"))
    assert 'SELECT DORM_UPPER("name") AS "up", COUNT("id") AS "n" FROM "author" GROUP BY 1' == text(query, "sqlite")
    assert 'SELECT UPPER("name") AS "up", COUNT("id") AS "n" FROM "author" GROUP BY 1' == text(query, "postgresql")


# -- Functions ---------------------------------------------------------------------------------

EMPTY = '"age" IS NULL OR "id" IS NULL'
FUNCTIONS = [
    (Upper("name"), 'DORM_UPPER("name")', 'UPPER("name")'),
    (Lower("name"), 'DORM_LOWER("name")', 'LOWER("name")'),
    (Length("name"), 'LENGTH("name")', 'LENGTH("name")'),
    (Abs("age"), 'ABS("age")', 'ABS("age")'),
    (Coalesce("email", "name"), 'COALESCE("email", "name")', 'COALESCE("email", "name")'),
    (Greatest("age", "id"), 'MAX("age", "id")', f'CASE WHEN {EMPTY} THEN NULL ELSE GREATEST("age", "id") END'),
    (Least("age", "id"), 'MIN("age", "id")', f'CASE WHEN {EMPTY} THEN NULL ELSE LEAST("age", "id") END'),
    (
        Concat("name", "email"),
        "(COALESCE(CAST(\"name\" AS text), '') || COALESCE(CAST(\"email\" AS text), ''))",
        'CONCAT("name"::text, "email"::text)',
    ),
    (Cast("age", "text"), 'CAST("age" AS text)', '"age"::text'),
    (Cast("name", "integer"), 'CAST("name" AS integer)', '"name"::integer'),
    (Now(), "STRFTIME('%Y-%m-%d %H:%M:%f', 'NOW')", "CURRENT_TIMESTAMP"),
    (Value("x"), "?", "$1::text"),
    (F("age") + 1, '("age" + ?)', '("age" + $1::bigint)'),
    (
        Case(When(age__lt=18, then=Value("young")), When(Q(age__gt=60) | Q(name="x"), then=Value("old"))),
        'CASE WHEN "age" < ? THEN ? WHEN "age" > ? OR "name" = ? THEN ? ELSE NULL END',
        'CASE WHEN "age" < $1 THEN $2::text WHEN "age" > $3 OR "name" = $4 THEN $5::text ELSE NULL END',
    ),
]


@pytest.mark.parametrize(("expression", "sqlite", "postgresql"), FUNCTIONS)
def test_functions(expression, sqlite, postgresql):
    query = A.annotate(x=expression)
    assert f'SELECT *, {sqlite} AS "x" FROM "author"' == text(query, "sqlite")
    assert f'SELECT *, {postgresql} AS "x" FROM "author"' == text(query, "postgresql")
