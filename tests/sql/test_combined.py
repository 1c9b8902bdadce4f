"""UNION, INTERSECT and EXCEPT, whose text is the same on both databases."""

from __future__ import annotations

import pytest

from dorm import Count, F
from dorm.query.reads import count_plan, exists_plan
from tests.library import Author, Publisher
from tests.sql.texts import VENDORS, dialect, numbered, text

A = Author.objects.values("id", "name")
ONE, TWO, THREE = A.filter(age=1), A.filter(age=2), A.filter(age=3)
OF = 'SELECT "id", "name" FROM "author" WHERE "age" = ?'

QUERIES = [
    (ONE.union(TWO), f"{OF} UNION {OF}"),
    (ONE.union(TWO, THREE, all=True), f"{OF} UNION ALL {OF} UNION ALL {OF}"),
    (ONE.intersection(TWO), f"{OF} INTERSECT {OF}"),
    (ONE.difference(TWO, THREE), f"{OF} EXCEPT {OF} EXCEPT {OF}"),
    (ONE.order_by("name").union(TWO.order_by("age")), f"{OF} UNION {OF}"),
    (ONE.union(TWO).order_by("-name", "id"), f"{OF} UNION {OF} ORDER BY 2 DESC, 1"),
    (ONE.union(TWO).order_by(F("name").desc(nulls_last=True)), f"{OF} UNION {OF} ORDER BY 2 DESC NULLS LAST"),
    (ONE.union(TWO).order_by(F("name").desc(nulls_last=True)).reverse(), f"{OF} UNION {OF} ORDER BY 2 NULLS FIRST"),
    (ONE.union(TWO).order_by("name")[:3], f"{OF} UNION {OF} ORDER BY 2 LIMIT ?"),
    (ONE.union(TWO)[2:5], f"{OF} UNION {OF} LIMIT ? OFFSET ?"),
    (ONE.union(TWO).intersection(THREE), f'SELECT * FROM ({OF} UNION {OF}) AS "subquery" INTERSECT {OF}'),
    (ONE.union(TWO.difference(THREE)), f'{OF} UNION SELECT * FROM ({OF} EXCEPT {OF}) AS "subquery"'),
    (
        ONE.union(TWO.order_by("-age")[:1]),
        f'{OF} UNION SELECT "subquery"."col1", "subquery"."col2" FROM (SELECT "id" AS "col1", "name" AS "col2" FROM '
        '"author" WHERE "age" = ? ORDER BY "age" DESC LIMIT ?) AS "subquery"',
    ),
    (
        ONE.union(TWO).values("name"),
        'SELECT "subquery"."col2" FROM (SELECT "id" AS "col1", "name" AS "col2" FROM "author" WHERE "age" = ? UNION '
        'SELECT "id" AS "col1", "name" AS "col2" FROM "author" WHERE "age" = ?) AS "subquery"',
    ),
    (
        Author.objects.filter(age=1).union(Author.objects.filter(age=2)).values("name").order_by("name"),
        'SELECT "name" FROM "author" WHERE "age" = ? UNION SELECT "name" FROM "author" WHERE "age" = ? ORDER BY 1',
    ),
    (
        Author.objects.filter(age=1).union(Author.objects.filter(age=2)).order_by("age").values("name")[:1],
        'SELECT "subquery"."col1" FROM (SELECT "name" AS "col1", "age" AS "col2" FROM "author" WHERE "age" = ? UNION '
        'SELECT "name" AS "col1", "age" AS "col2" FROM "author" WHERE "age" = ?) AS "subquery" ORDER BY '
        '"subquery"."col2" LIMIT ?',
    ),
    (
        Author.objects.values("name").annotate(n=Count("id")).union(Publisher.objects.values("name", "id")),
        'SELECT "name", COUNT("id") AS "n" FROM "author" GROUP BY "name" UNION SELECT "publisher"."name", '
        '"publisher"."id" FROM "publisher"',
    ),
]


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize(("query", "sql"), QUERIES)
def test_queries_are_combined(query, sql, vendor):
    assert (sql if vendor == "sqlite" else numbered(sql)) == text(query, vendor)


@pytest.mark.parametrize("vendor", VENDORS)
def test_counting_and_existence_look_at_the_whole(vendor):
    query = ONE.union(TWO).described
    short = f"({OF} UNION {OF})".replace('"id", "name" FROM "author"', '"author"."id", "author"."name" FROM "author"')
    inner = (short if vendor == "sqlite" else numbered(short)).replace('WHERE "age"', 'WHERE "author"."age"')
    for plan, head, tail in ((count_plan, "SELECT COUNT(*)", ""), (exists_plan, "SELECT 1", " LIMIT 1")):
        found = plan(query, dialect(vendor)).statement.sql.replace('"library_', '"')
        assert f'{head} FROM {inner} AS "subquery"{tail}' == found
