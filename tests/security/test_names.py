"""Names that come from outside: each method that takes one refuses what names nothing, before anything is sent.

Names that a developer chose, of tables and columns, may hold anything, and are quoted exactly.
"""

from __future__ import annotations

from typing import Any

import pytest

from dorm import Count, F, Max, Prefetch, Q, Value
from dorm.exceptions import FieldDoesNotExist, FieldError, ImproperlyConfigured
from dorm.test import capture_queries
from tests.library import ALL, Author, Book, Publisher

FULL_WIDTH = "\uff4eame"
"""Python takes it for the same identifier as ``name``."""
PAYLOADS = [
    "",
    " ",
    " name",
    "name ",
    "name\n",
    'name"',
    'name" = "name" OR 1=1 --',
    "name'",
    "name' OR '1'='1",
    "name; DROP TABLE library_author",
    "name--",
    "name/*",
    "name) OR (1=1",
    "name\x00",
    "\x00",
    "name\x1b[2J",
    "name\u2028",
    "name\\",
    "name%s",
    "name?",
    "$1",
    "name__",
    "__name",
    "__",
    "name__exact__exact",
    "name__nothing",
    "publisher__",
    "publisher__nothing",
    "_connector",
    "_negated",
    "__class__",
    "__class__.__init__",
    "_meta",
    "_meta__db_table",
    "objects",
    "self",
    '"library_author"."name"',
    "NAME",
    FULL_WIDTH,
    "name\u200b",
]
REFUSED = (FieldError, FieldDoesNotExist, TypeError, ValueError)

SEND: dict[str, Any] = {
    "filter": lambda name, call: call(Author.objects.filter(**{name: 1}), "count"),
    "filter and": lambda name, call: call(Author.objects.filter(age=1, **{name: 1}), "count"),
    "exclude": lambda name, call: call(Author.objects.exclude(**{name: 1}), "count"),
    "Q": lambda name, call: call(Author.objects.filter(Q((name, 1))), "count"),
    "Q or": lambda name, call: call(Author.objects.filter(Q(age=1) | ~Q((name, 1))), "count"),
    "lookup beyond a relation": lambda name, call: call(Book.objects.filter(**{f"author__{name}": 1}), "count"),
    "lookup": lambda name, call: call(Author.objects.filter(**{f"age__{name}": 1}), "count"),
    "get": lambda name, call: call(Author.objects, "get", **{name: 1}),
    "get narrowed": lambda name, call: call(Author.objects.filter(age=1), "get", **{name: 1}),
    "get_or_none": lambda name, call: call(Author.objects, "get_or_none", **{name: 1}),
    "get_or_create": lambda name, call: call(Author.objects, "get_or_create", **{name: 1}),
    "update_or_create": lambda name, call: call(Author.objects, "update_or_create", **{name: 1}),
    "order_by": lambda name, call: call(Author.objects.order_by(name), "first"),
    "order_by -": lambda name, call: call(Author.objects.order_by(f"-{name}"), "first"),
    "order_by F": lambda name, call: call(Author.objects.order_by(F(name).desc()), "first"),
    "values": lambda name, call: call.list(Author.objects.values(name)),
    "values_list": lambda name, call: call.list(Author.objects.values_list("age", name)),
    "values_list flat": lambda name, call: call.list(Author.objects.values_list(name, flat=True)),
    "values_list named": lambda name, call: call.list(Author.objects.values_list(name, named=True)),
    "select_related": lambda name, call: call.list(Author.objects.select_related(name)),
    "only": lambda name, call: call.list(Author.objects.only(name)),
    "defer": lambda name, call: call.list(Author.objects.defer(name)),
    "filter F": lambda name, call: call(Author.objects.filter(age=F(name)), "count"),
    "filter F + 1": lambda name, call: call(Author.objects.filter(age=F(name) + 1), "count"),
    "update": lambda name, call: call(Author.objects, "update", **{name: 1}),
    "update F": lambda name, call: call(Author.objects, "update", age=F(name)),
    "create": lambda name, call: call(Author.objects, "create", **{name: 1}),
    "annotate": lambda name, call: call.list(Author.objects.annotate(**{name: F("age")})),
    "annotate F": lambda name, call: call.list(Author.objects.annotate(x=F(name))),
    "annotate Count": lambda name, call: call.list(Author.objects.annotate(x=Count(name))),
    "annotate filtered": lambda name, call: call.list(Author.objects.annotate(x=Count("pk", filter=Q((name, 1))))),
    "annotate unnamed": lambda name, call: call.list(Author.objects.annotate(Max(name))),
    "alias": lambda name, call: call.list(Author.objects.alias(**{name: F("age")}).filter(**{name: 1})),
    "aggregate": lambda name, call: call(Author.objects, "aggregate", **{name: Max("age")}),
    "aggregate F": lambda name, call: call(Author.objects, "aggregate", x=Max(name)),
    "bulk_update": lambda name, call: call(Author.objects, "bulk_update", [Author(pk=1, name="a")], [name]),
    "save": lambda name, call: call(Author(pk=1, name="a"), "save", update_fields=[name]),
    "refresh_from_db": lambda name, call: call(Author(pk=1), "refresh_from_db", fields=[name]),
    "construction": lambda name, call: call(Author(**{name: 1}), "save"),
}
# Python itself allows these as names of computed columns; they are then quoted, and harmless.
ALIASES = {"_connector", "_negated", "NAME", "self", "objects", "_meta"}


@pytest.fixture
def library(tables):
    tables(*ALL)


async def refused(name: str, sending: Any) -> None:
    with capture_queries() as queries:
        try:
            await sending
        except REFUSED:
            pass
        else:
            pytest.fail(f"{name!r} was taken: {queries.sql}", pytrace=False)
    assert [] == queries.sql, f"{name!r} was sent"


@pytest.mark.parametrize("method", [name for name in SEND if name not in {"annotate", "alias", "aggregate"}])
async def test_a_name_that_means_nothing_is_refused_before_anything_is_sent(method, library, call):
    for name in PAYLOADS:
        if method == "lookup" and not name.strip("_"):
            continue  # "age__" is looked at below
        await refused(name, _now(method, name, call))


async def _now(method: str, name: str, call: Any) -> Any:
    return await SEND[method](name, call)


@pytest.mark.parametrize("method", ["annotate", "alias", "aggregate"])
async def test_a_computed_column_is_named_by_an_identifier(method, library, call):
    for name in PAYLOADS:
        if name not in ALIASES and name != FULL_WIDTH:
            await refused(name, _now(method, name, call))


@pytest.mark.parametrize("name", ["age__", "age____", "__age", "age____exact"])
async def test_empty_parts_of_a_name_mean_nothing(name, library, call):
    await refused(name, _now("filter", name, call))


@pytest.mark.parametrize("name", ["NAME", "naïve", "größe", "名前", "_x", "SELECT", "x1"])
async def test_an_unusual_identifier_is_quoted_exactly(name, library, call):
    await call(Author.objects, "create", name="Ann", age=7)
    query = Author.objects.annotate(**{name: F("age") + 1})
    with capture_queries() as queries:
        assert [8] == [getattr(one, name) for one in await call.list(query.filter(**{name: 8}).order_by(name))]
        assert [{name: 8}] == await call.list(query.values(name))
        assert {name: 7} == await call(Author.objects, "aggregate", **{name: Max("age")})
    assert all(f' AS "{name}"' in sql for sql in queries.sql)


async def test_the_longest_name_of_a_computed_column_is_what_databases_keep(library, call):
    assert [] == await call.list(Author.objects.annotate(**{"x" * 63: F("age")}))
    await refused("x" * 64, _now("annotate", "x" * 64, call))


@pytest.mark.parametrize("connector", ["NAND", "OR 1=1", "", "and", None, 1, "OR --"])
def test_a_q_takes_and_or_and_xor_only(connector):
    with pytest.raises(ValueError, match="connector"):
        Q(age=1, _connector=connector)


@pytest.mark.parametrize("negated", ["NOT", 1, None])
def test_a_q_is_negated_or_not(negated):
    with pytest.raises(TypeError, match="_negated"):
        Q(age=1, _negated=negated)


async def test_defaults_are_names_of_fields(library, call):
    """The row is looked for; nothing is written."""
    for name in PAYLOADS:
        for method in ("get_or_create", "update_or_create"):
            with capture_queries() as queries, pytest.raises(REFUSED):
                await call(Author.objects, method, name="Ann", defaults={name: 1})
            assert {"SELECT"} >= {sql.split()[0] for sql in queries.sql} - {"BEGIN", "ROLLBACK", "SAVEPOINT"}
    assert 0 == await call(Author.objects, "count")


@pytest.mark.parametrize("nulls", ["FIRST; DROP TABLE x", 'LAST"', "first"])
def test_where_nothing_stands_is_no_text(nulls):
    for keywords in ({"nulls_first": nulls, "nulls_last": nulls},):
        with pytest.raises((TypeError, ValueError)):
            F("age").asc(**keywords)


@pytest.mark.parametrize("name", PAYLOADS)
def test_an_alias_is_one_of_the_configured(name):
    with pytest.raises(ImproperlyConfigured):
        Author.objects.using(name or " ").count()


@pytest.mark.parametrize("name", ["", " ", "x y", 'x"', "x;", "1x", "x\x00", "x.y"])
def test_the_attribute_of_a_prefetch_is_an_identifier(name):
    with pytest.raises(ValueError, match="to_attr"):
        Prefetch("book_set", to_attr=name)


# -- Values ------------------------------------------------------------------------------------

TEXTS = [
    "'",
    '"',
    "'; DROP TABLE library_author; --",
    "%",
    "_",
    "\\",
    "*",
    "?",
    "[",
    "$1",
    "?",
    "%s",
    "a\nb",
    "\u2028",
    "é",
]
PATTERNS = ["exact", "iexact", "contains", "icontains", "startswith", "istartswith", "endswith", "iendswith"]


@pytest.mark.parametrize("lookup", PATTERNS)
async def test_a_value_is_found_as_it_is_whatever_it_contains(lookup, library, call):
    await call(Publisher.objects, "bulk_create", [Publisher(name=text) for text in dict.fromkeys(TEXTS)])
    for text in TEXTS:
        found = await call.list(Publisher.objects.filter(**{f"name__{lookup}": text}))
        expected = [one for one in dict.fromkeys(TEXTS) if _matches(lookup, one, text)]
        assert sorted(expected) == sorted(one.name for one in found), repr(text)


def _matches(lookup: str, whole: str, text: str) -> bool:
    if lookup.startswith("i"):
        whole, text, lookup = whole.upper(), text.upper(), lookup[1:]
    match lookup:
        case "exact":
            return whole == text
        case "contains":
            return text in whole
        case "startswith":
            return whole.startswith(text)
        case _:
            return whole.endswith(text)


async def test_values_come_back_as_they_were_stored(library, call):
    for text in TEXTS:
        made = await call(Publisher.objects, "create", name=text, city=text)
        await call(Publisher.objects.filter(pk=made.pk), "update", city=f"-{text}-")
        await call(made, "refresh_from_db")
        assert (text, f"-{text}-") == (made.name, made.city)
        assert [text] == await call.list(
            Publisher.objects.filter(pk=made.pk).annotate(x=Value(text)).values_list("x", flat=True)
        )
