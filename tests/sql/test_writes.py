"""INSERT, UPDATE and DELETE: of one instance, of many, and of the rows of a query."""

from __future__ import annotations

import pytest

from dorm import Case, Count, F, When
from dorm.query import writes
from dorm.query.writes import assignments, delete_rows_plan, update_rows_plan
from tests.library import Author, Book, Publisher
from tests.sql.texts import VENDORS, dialect, numbered

every_vendor = pytest.mark.parametrize("vendor", VENDORS)


def fields(model, *names):
    return tuple(model._meta.get_field(name) for name in names)


def short(statement):
    return statement.sql.replace('"library_', '"')


def spelled(both, vendor):
    return both if vendor == "sqlite" else numbered(both)


# -- One instance ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "returning", "both"),
    [
        (("name", "city"), ("id",), 'INSERT INTO "publisher" ("name", "city") VALUES (?, ?) RETURNING "id"'),
        (("id", "name"), (), 'INSERT INTO "publisher" ("id", "name") VALUES (?, ?)'),
        ((), ("id",), 'INSERT INTO "publisher" DEFAULT VALUES RETURNING "id"'),
    ],
)
@every_vendor
def test_a_new_row(names, returning, both, vendor):
    plan = writes.insert_plan(Publisher, fields(Publisher, *names), returning, dialect(vendor))
    assert spelled(both, vendor) == short(plan.statement)


@every_vendor
def test_a_row_with_its_key(vendor):
    plan = writes.update_plan(Publisher, fields(Publisher, "name", "city"), dialect(vendor))
    assert spelled('UPDATE "publisher" SET "name" = ?, "city" = ? WHERE "publisher"."id" = ?', vendor) == short(
        plan.statement
    )
    assert ("Orell", None, 7) == plan.row(Publisher(pk=7, name="Orell"))


@every_vendor
def test_the_foreign_key_is_written_by_its_column(vendor):
    plan = writes.update_plan(Book, fields(Book, "author"), dialect(vendor))
    assert spelled('UPDATE "book" SET "author_id" = ? WHERE "book"."id" = ?', vendor) == short(plan.statement)


# -- Many --------------------------------------------------------------------------------------


def test_many_rows_are_slots_on_sqlite():
    plan = writes.bulk_insert_plan(Publisher, fields(Publisher, "name", "city"), ("id",), dialect("sqlite"))
    for count in (1, 3, 2):
        slots = ", ".join(["(?, ?)"] * count)
        expected = f'INSERT INTO "publisher" ("name", "city") VALUES {slots} RETURNING "id"'
        assert expected == short(plan.statement(count))
    assert (32_766 // 2, ("a", None, "b", None)) == (plan.largest, plan.parameters([("a", None), ("b", None)]))


def test_many_rows_are_arrays_on_postgresql():
    plan = writes.bulk_insert_plan(Publisher, fields(Publisher, "name", "city"), ("id",), dialect("postgresql"))
    expected = 'INSERT INTO "publisher" ("name", "city") SELECT * FROM UNNEST($1::text[], $2::text[]) RETURNING "id"'
    assert {expected} == {short(plan.statement(count)) for count in (1, 3, 1000)}
    assert (["a", "b"], [None, None]) == plan.parameters([("a", None), ("b", None)])


@every_vendor
def test_rows_that_are_there_already_may_be_passed_over(vendor):
    plan = writes.bulk_insert_plan(Publisher, fields(Publisher, "name"), (), dialect(vendor), ((), ()))
    assert short(plan.statement(1)).endswith(" ON CONFLICT DO NOTHING")


@every_vendor
def test_rows_without_columns_are_made_one_by_one(vendor):
    plan = writes.bulk_insert_plan(Publisher, (), ("id",), dialect(vendor))
    assert (1, 'INSERT INTO "publisher" DEFAULT VALUES RETURNING "id"') == (plan.largest, short(plan.statement(1)))


BULK_UPDATE = {
    "sqlite": '(VALUES (?, ?, ?, ?), (?, ?, ?, ?)) AS "new"',
    "postgresql": (
        "UNNEST($1::bigint[], $2::integer[], $3::numeric[], $4::timestamp with time zone[]) "
        'AS "new"(column1, column2, column3, column4)'
    ),
}


@every_vendor
def test_many_rows_are_changed_from_a_list_of_new_values(vendor):
    plan = writes.bulk_update_plan(Author, fields(Author, "age", "salary", "joined"), dialect(vendor))
    sets = '"age" = "new".column2, "salary" = "new".column3, "joined" = "new".column4'
    expected = f'UPDATE "author" SET {sets} FROM {BULK_UPDATE[vendor]} WHERE "author"."id" = "new".column1'
    assert expected == short(plan.statement(2))


# -- The rows of a query -----------------------------------------------------------------------

A = Author.objects
KEYS = '"author"."id" IN (SELECT "author"."id" FROM "author"'
GROUPS = (
    'LEFT OUTER JOIN "book" ON "author"."id" = "book"."author_id" GROUP BY "author"."id" HAVING COUNT("book"."id") > ?)'
)

UPDATES = [
    (A.all(), {"age": 1}, '"age" = ?'),
    (A.filter(name="x"), {"age": 1, "name": "y"}, '"age" = ?, "name" = ? WHERE "author"."name" = ?'),
    (A.filter(name="x"), {"publisher": None}, '"publisher_id" = ? WHERE "author"."name" = ?'),
    (A.filter(name="x"), {"age": F("id")}, '"age" = "author"."id" WHERE "author"."name" = ?'),
    (A.filter(name="x").order_by("name"), {"age": 1}, '"age" = ? WHERE "author"."name" = ?'),
    (
        A.filter(publisher__name="x"),
        {"age": 1},
        f'"age" = ? WHERE {KEYS} '
        'INNER JOIN "publisher" ON "author"."publisher_id" = "publisher"."id" WHERE "publisher"."name" = ?)',
    ),
    (
        A.filter(book__title="x"),
        {"age": 1},
        f'"age" = ? WHERE {KEYS} INNER JOIN "book" ON "author"."id" = "book"."author_id" WHERE "book"."title" = ?)',
    ),
    (A.annotate(books=Count("book")).filter(books__gt=1), {"age": 1}, f'"age" = ? WHERE {KEYS} {GROUPS}'),
    (
        A.filter(pk__in=Book.objects.filter(pages=1).values("author")),
        {"age": 1},
        '"age" = ? WHERE "author"."id" IN (SELECT "book"."author_id" FROM "book" WHERE "book"."pages" = ?)',
    ),
]

UPDATES_DIFFERENTLY = [
    (
        A.filter(name="x"),
        {"age": F("age") + 1},
        '"age" = ("author"."age" + ?) WHERE "author"."name" = ?',
        '"age" = ("author"."age" + $1::bigint) WHERE "author"."name" = $2',
    ),
    (
        A.filter(age__in=[1]),
        {"age": Case(When(name="x", then=1), default=F("age"))},
        '"age" = CASE WHEN "author"."name" = ? THEN ? ELSE "author"."age" END '
        'WHERE "author"."age" IN (SELECT value FROM json_each(?))',
        '"age" = CASE WHEN "author"."name" = $1 THEN $2::bigint ELSE "author"."age" END '
        'WHERE "author"."age" = ANY($3::bigint[])',
    ),
]


def updated(query, values, vendor):
    given = assignments(Author, [(Author._meta.get_field(name), value) for name, value in values.items()])
    return short(update_rows_plan(query.described, given.parts, dialect(vendor)).statement)


@pytest.mark.parametrize(("query", "values", "both"), UPDATES)
def test_an_update_that_both_say_alike(query, values, both):
    for vendor in VENDORS:
        assert spelled(f'UPDATE "author" SET {both}', vendor) == updated(query, values, vendor)


@pytest.mark.parametrize(("query", "values", "sqlite", "postgresql"), UPDATES_DIFFERENTLY)
def test_an_update_that_each_says_in_its_own_way(query, values, sqlite, postgresql):
    assert f'UPDATE "author" SET {sqlite}' == updated(query, values, "sqlite")
    assert f'UPDATE "author" SET {postgresql}' == updated(query, values, "postgresql")


DELETES = [
    (A.all(), ""),
    (A.filter(name="x"), ' WHERE "author"."name" = ?'),
    (
        A.filter(publisher__name="x"),
        f' WHERE {KEYS} INNER JOIN "publisher" ON "author"."publisher_id" = "publisher"."id" '
        'WHERE "publisher"."name" = ?)',
    ),
    (
        A.exclude(book__title="x"),
        ' WHERE NOT (EXISTS (SELECT 1 FROM "book" AS "U1" '
        'WHERE "U1"."author_id" = "author"."id" AND "U1"."title" = ?))',
    ),
    (A.annotate(books=Count("book")).filter(books__gt=1), f" WHERE {KEYS} {GROUPS}"),
]


@pytest.mark.parametrize(("query", "both"), DELETES)
def test_a_delete(query, both):
    for vendor in VENDORS:
        plan = delete_rows_plan(query.described.unordered(), dialect(vendor))
        assert spelled(f'DELETE FROM "author"{both}', vendor) == short(plan.statement)


@every_vendor
def test_what_matches_nothing_is_not_sent(vendor):
    query = A.filter(age__in=[]).described
    given = assignments(Author, [(Author._meta.get_field("age"), 1)])
    assert update_rows_plan(query, given.parts, dialect(vendor)).statement is None
    assert delete_rows_plan(query, dialect(vendor)).statement is None
