"""``explain()``: what the database says about a query, as text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from dorm import Count, Exists, OuterRef
from dorm.test import assert_num_queries, capture_queries
from tests.library import Author, Book

if TYPE_CHECKING:
    from tests.testbed.colours import Call
    from tests.testbed.databases import Database

A = Author.objects

QUERIES: list[Any] = [
    A.all(),
    A.filter(name="x", age__in=[1, 2]).order_by("age")[3:9],
    Book.objects.select_related("author").filter(author__name="x"),
    A.values("age").annotate(n=Count("book")).filter(n__gt=1),
    A.filter(Exists(Book.objects.filter(author=OuterRef("pk"), pages=3))),
    A.filter(age=1).union(A.filter(age=2)).order_by("name"),
]


@pytest.mark.parametrize("query", QUERIES)
async def test_it_names_the_tables(library: None, db: Database, call: Call, query: Any) -> None:
    with capture_queries() as queries:
        found = await call(query, "explain")
    assert "library_" in found
    assert isinstance(found, str)
    (asked,) = queries
    assert asked.sql.startswith("EXPLAIN QUERY PLAN SELECT" if db.vendor == "sqlite" else "EXPLAIN SELECT")


async def test_steps_inside_others_are_indented(library: None, db: Database, call: Call) -> None:
    found = await call(A.filter(pk__in=Book.objects.values("author")), "explain")
    assert any(line.startswith("  ") for line in found.splitlines())


async def test_postgresql_knows_formats(library: None, db: Database, call: Call) -> None:
    if db.vendor == "sqlite":
        with pytest.raises(ValueError, match="'json' is not a recognized format"):
            await call(A.all(), "explain", format="json")
        assert "SCAN" in await call(A.all(), "explain", format="text")
        return
    assert "library_author" == json.loads(await call(A.all(), "explain", format="json"))[0]["Plan"]["Relation Name"]
    assert "<Relation-Name>library_author" in await call(A.all(), "explain", format="xml")
    assert 'Relation Name: "library_author"' in await call(A.all(), "explain", format="YAML")


async def test_postgresql_takes_options(library: None, db: Database, call: Call) -> None:
    if db.vendor == "sqlite":
        with assert_num_queries(0), pytest.raises(ValueError, match="Unknown options: analyze"):
            await call(A.all(), "explain", analyze=True)
        return
    found = await call(A.filter(age__gt=3), "explain", analyze=True, costs=False)
    assert "actual" in found
    assert "cost=" not in found


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"format": "jsn"}, "'jsn' is not a recognized format"),
        ({"format": "text) SELECT 1; --"}, "not a recognized format"),
        ({"analyse": True}, "Unknown option"),
        ({"analyze) SELECT 1; --": True}, "Unknown option"),
        ({"analyze": "true); SELECT (1"}, "True or False|Unknown option"),
        ({"costs": 1}, "True or False|Unknown option"),
    ],
)
async def test_what_is_unknown_is_not_sent(library: None, call: Call, options: dict[str, Any], match: str) -> None:
    with assert_num_queries(0), pytest.raises(ValueError, match=match):
        await call(A.all(), "explain", **options)


async def test_nothing_is_explained_where_nothing_can_match(library: None, call: Call) -> None:
    with assert_num_queries(0):
        assert "Nothing can match" in await call(A.none(), "explain")
