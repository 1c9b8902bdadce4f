"""WHERE: each lookup, and how conditions are joined."""

from __future__ import annotations

import datetime

import pytest

from dorm import F, Q, Value
from tests.library import Author, Book
from tests.sql.texts import after, numbered

UTC = datetime.UTC

LOOKUPS = [
    (Author.objects.filter(age=3), '"age" = ?'),
    (Author.objects.filter(pk=3), '"id" = ?'),
    (Author.objects.filter(active=True), '"active" = ?'),
    (Author.objects.filter(email=None), '"email" IS NULL'),
    (Author.objects.filter(email__iexact=None), '"email" IS NULL'),
    (Author.objects.filter(email__isnull=True), '"email" IS NULL'),
    (Author.objects.filter(email__isnull=False), '"email" IS NOT NULL'),
    (Author.objects.filter(age__gt=3), '"age" > ?'),
    (Author.objects.filter(age__gte=3), '"age" >= ?'),
    (Author.objects.filter(age__lt=3), '"age" < ?'),
    (Author.objects.filter(age__lte=3), '"age" <= ?'),
    (Author.objects.filter(age__range=(1, 5)), '"age" BETWEEN ? AND ?'),
]

LOOKUPS_DIFFERENTLY = [
    (Author.objects.filter(name__iexact="ann"), "DORM_UPPER(\"name\") LIKE ? ESCAPE '\\'", 'UPPER("name") = UPPER($1)'),
    (Author.objects.filter(age__in=[1, 2]), '"age" IN (SELECT value FROM json_each(?))', '"age" = ANY($1::bigint[])'),
    (Author.objects.filter(pk__in=[1, 2]), '"id" IN (SELECT value FROM json_each(?))', '"id" = ANY($1::bigint[])'),
    (Author.objects.filter(name__in=["Ann"]), '"name" IN (SELECT value FROM json_each(?))', '"name" = ANY($1::text[])'),
    (
        Author.objects.filter(joined__in=[datetime.datetime(2020, 1, 1, tzinfo=UTC)]),
        '"joined" IN (SELECT value FROM json_each(?))',
        '"joined" = ANY($1::timestamp with time zone[])',
    ),
    (
        Author.objects.filter(salary__in=[1]),
        '"salary" IN (SELECT value FROM json_each(?))',
        '"salary" = ANY($1::numeric[])',
    ),
    (
        Author.objects.filter(active__in=[True]),
        '"active" IN (SELECT value FROM json_each(?))',
        '"active" = ANY($1::boolean[])',
    ),
    (Author.objects.filter(name__contains="a"), '"name" GLOB ?', '"name" LIKE $1'),
    (Author.objects.filter(name__icontains="a"), "DORM_UPPER(\"name\") LIKE ? ESCAPE '\\'", '"name" ILIKE $1'),
    (Author.objects.filter(name__startswith="a"), '"name" GLOB ?', '"name" LIKE $1'),
    (Author.objects.filter(name__istartswith="a"), "DORM_UPPER(\"name\") LIKE ? ESCAPE '\\'", '"name" ILIKE $1'),
    (Author.objects.filter(name__endswith="a"), '"name" GLOB ?', '"name" LIKE $1'),
    (Author.objects.filter(name__iendswith="a"), "DORM_UPPER(\"name\") LIKE ? ESCAPE '\\'", '"name" ILIKE $1'),
    (Author.objects.filter(age__contains="1"), 'CAST("age" AS text) GLOB ?', '"age"::text LIKE $1'),
    (Author.objects.filter(name__regex="^a"), 'DORM_REGEX(?, "name")', '"name" ~ $1'),
    (Author.objects.filter(name__iregex="^a"), 'DORM_IREGEX(?, "name")', '"name" ~* $1'),
]

DATES = [
    (Author.objects.filter(joined__year=2020), '"joined" BETWEEN ? AND ?'),
    (Author.objects.filter(joined__year__gt=2020), '"joined" > ?'),
    (Author.objects.filter(joined__year__gte=2020), '"joined" >= ?'),
    (Author.objects.filter(joined__year__lt=2020), '"joined" < ?'),
    (Author.objects.filter(joined__year__lte=2020), '"joined" <= ?'),
    (Book.objects.filter(published__year=2020), '"published" BETWEEN ? AND ?'),
]

DATES_DIFFERENTLY = [
    (
        Author.objects.filter(joined__year__in=[2020]),
        "DORM_DATE_PART('year', \"joined\", 'UTC') IN (SELECT value FROM json_each(?))",
        "EXTRACT(YEAR FROM \"joined\" AT TIME ZONE 'UTC')::integer = ANY($1::bigint[])",
    ),
    (
        Author.objects.filter(joined__month=5),
        "DORM_DATE_PART('month', \"joined\", 'UTC') = ?",
        "EXTRACT(MONTH FROM \"joined\" AT TIME ZONE 'UTC')::integer = $1",
    ),
    (
        Author.objects.filter(joined__day__gte=5),
        "DORM_DATE_PART('day', \"joined\", 'UTC') >= ?",
        "EXTRACT(DAY FROM \"joined\" AT TIME ZONE 'UTC')::integer >= $1",
    ),
    (
        Author.objects.filter(joined__week=5),
        "DORM_DATE_PART('week', \"joined\", 'UTC') = ?",
        "EXTRACT(WEEK FROM \"joined\" AT TIME ZONE 'UTC')::integer = $1",
    ),
    (
        Author.objects.filter(joined__week_day=5),
        "DORM_DATE_PART('week_day', \"joined\", 'UTC') = ?",
        "(EXTRACT(DOW FROM \"joined\" AT TIME ZONE 'UTC') + 1)::integer = $1",
    ),
    (
        Author.objects.filter(joined__iso_week_day=5),
        "DORM_DATE_PART('iso_week_day', \"joined\", 'UTC') = ?",
        "EXTRACT(ISODOW FROM \"joined\" AT TIME ZONE 'UTC')::integer = $1",
    ),
    (
        Author.objects.filter(joined__iso_year=2020),
        "DORM_DATE_PART('iso_year', \"joined\", 'UTC') = ?",
        "EXTRACT(ISOYEAR FROM \"joined\" AT TIME ZONE 'UTC')::integer = $1",
    ),
    (
        Author.objects.filter(joined__quarter=4),
        "DORM_DATE_PART('quarter', \"joined\", 'UTC') = ?",
        "EXTRACT(QUARTER FROM \"joined\" AT TIME ZONE 'UTC')::integer = $1",
    ),
    (
        Author.objects.filter(joined__hour=5),
        "DORM_DATE_PART('hour', \"joined\", 'UTC') = ?",
        "EXTRACT(HOUR FROM \"joined\" AT TIME ZONE 'UTC')::integer = $1",
    ),
    (
        Author.objects.filter(joined__minute=5),
        "DORM_DATE_PART('minute', \"joined\", 'UTC') = ?",
        "EXTRACT(MINUTE FROM \"joined\" AT TIME ZONE 'UTC')::integer = $1",
    ),
    (
        Author.objects.filter(joined__second=5),
        "DORM_DATE_PART('second', \"joined\", 'UTC') = ?",
        "FLOOR(EXTRACT(SECOND FROM \"joined\" AT TIME ZONE 'UTC'))::integer = $1",
    ),
    (
        Author.objects.filter(joined__date=datetime.date(2020, 1, 2)),
        "DORM_DATE_PART('date', \"joined\", 'UTC') = ?",
        "(\"joined\" AT TIME ZONE 'UTC')::date = $1",
    ),
    (
        Author.objects.filter(joined__time=datetime.time(1, 2)),
        "DORM_DATE_PART('time', \"joined\", 'UTC') = ?",
        "(\"joined\" AT TIME ZONE 'UTC')::time = $1",
    ),
    (
        Book.objects.filter(published__month=2),
        "DORM_DATE_PART('month', \"published\", NULL) = ?",
        'EXTRACT(MONTH FROM "published")::integer = $1',
    ),
]

EXPRESSIONS = [
    (Author.objects.filter(age=F("id")), '"age" = "id"'),
]

EXPRESSIONS_DIFFERENTLY = [
    (Author.objects.filter(name__contains=F("email")), 'INSTR("name", "email") > 0', 'STRPOS("name", "email") > 0'),
    (
        Author.objects.filter(name__startswith=F("email")),
        'SUBSTR("name", 1, LENGTH("email")) = "email"',
        'STARTS_WITH("name", "email")',
    ),
    (
        Author.objects.filter(name__endswith=F("email")),
        'SUBSTR("name", LENGTH("name") - LENGTH("email") + 1) = "email"',
        'RIGHT("name", LENGTH("email")) = "email"',
    ),
    (
        Author.objects.filter(name__iexact=F("email")),
        'DORM_UPPER("name") = DORM_UPPER("email")',
        'UPPER("name") = UPPER("email")',
    ),
    (Author.objects.filter(name__regex=F("email")), 'DORM_REGEX("email", "name")', '"name" ~ "email"'),
    (Author.objects.filter(age=Value(3)), '"age" = ?', '"age" = $1::bigint'),
    (
        Author.objects.filter(age__gt=F("id") * 2 - 1),
        '"age" > (("id" * ?) - ?)',
        '"age" > (("id" * $1::bigint) - $2::bigint)',
    ),
    (Author.objects.filter(age=F("id") % 2), '"age" = ("id" % ?)', '"age" = ("id" % $1::bigint)'),
    (Author.objects.filter(age=F("id") / 2), '"age" = ("id" / ?)', '"age" = ("id" / $1::bigint)'),
    (
        Author.objects.filter(age=F("id") ** 2),
        '"age" = CAST(POWER("id", ?) AS integer)',
        '"age" = ("id" ^ $1::bigint)::bigint',
    ),
    (Author.objects.filter(age=-F("id")), '"age" = ("id" * ?)', '"age" = ("id" * $1::bigint)'),
]

COMBINED = [
    (Author.objects.filter(age=1, name="a"), '"age" = ? AND "name" = ?'),
    (Author.objects.filter(age=1).filter(name="a"), '"age" = ? AND "name" = ?'),
    (Author.objects.filter(Q(age=1) | Q(age=2)), '"age" = ? OR "age" = ?'),
    (Author.objects.filter(Q(age=1) & Q(name="a") | ~Q(age=2)), '("age" = ? AND "name" = ?) OR NOT ("age" = ?)'),
    (Author.objects.filter(Q(age=1) & (Q(name="a") | Q(age=2))), '"age" = ? AND ("name" = ? OR "age" = ?)'),
    (Author.objects.filter(Q(age=1) | Q(age=2), name="a"), '("age" = ? OR "age" = ?) AND "name" = ?'),
    (Author.objects.filter(~(Q(age=1) | Q(age=2))), 'NOT ("age" = ? OR "age" = ?)'),
    (Author.objects.filter(~~Q(age=1)), '"age" = ?'),
    (Author.objects.filter(~Q(email="x")), 'NOT ("email" = ? AND "email" IS NOT NULL)'),
    (Author.objects.exclude(age=1), 'NOT ("age" = ?)'),
    (Author.objects.exclude(email="x"), 'NOT ("email" = ? AND "email" IS NOT NULL)'),
    (Author.objects.exclude(email__gt="x"), 'NOT ("email" > ? AND "email" IS NOT NULL)'),
    (Author.objects.exclude(email=None), 'NOT ("email" IS NULL)'),
    (Author.objects.exclude(age=1, name="x"), 'NOT ("age" = ? AND "name" = ?)'),
    (Author.objects.exclude(age=1).exclude(name="x"), 'NOT ("age" = ?) AND NOT ("name" = ?)'),
    (Author.objects.filter(Q(age__in=[]) | Q(name="x")), '"name" = ?'),
    (Author.objects.filter(Q(), Q(name="x")), '"name" = ?'),
]


@pytest.mark.parametrize(("query", "both"), [*LOOKUPS, *DATES, *EXPRESSIONS, *COMBINED])
def test_both_say_alike(query, both):
    assert both == after("WHERE", query, "sqlite")
    assert numbered(both) == after("WHERE", query, "postgresql")


@pytest.mark.parametrize(
    ("query", "sqlite", "postgresql"),
    [*LOOKUPS_DIFFERENTLY, *DATES_DIFFERENTLY, *EXPRESSIONS_DIFFERENTLY],
)
def test_each_says_in_its_own_way(query, sqlite, postgresql):
    assert sqlite == after("WHERE", query, "sqlite")
    assert postgresql == after("WHERE", query, "postgresql")


@pytest.mark.parametrize(
    "query",
    [
        Author.objects.filter(Q()),
        Author.objects.exclude(Q()),
        Author.objects.filter(),
        Author.objects.exclude(age__in=[]),
        Author.objects.filter(~Q(age__in=[]) | Q(name="x")),
    ],
)
@pytest.mark.parametrize("vendor", ["sqlite", "postgresql"])
def test_what_always_holds_says_nothing(query, vendor):
    assert "" == after("WHERE", query, vendor)


def test_a_long_chain_is_halved_so_that_no_parser_overflows():
    query = Author.objects.filter(*(Q(age=number) for number in range(500)))
    whole = after("WHERE", query, "sqlite")
    assert 500 == whole.count("?")
    assert whole.startswith("(")


def test_deep_nesting_needs_no_recursion():
    condition = Q(age=0)
    for number in range(3000):
        condition = ~Q(condition, name=str(number)) if number % 2 else Q(condition) | Q(age=number)
    assert Author.objects.filter(condition).query is not None
    assert after("WHERE", Author.objects.filter(condition), "postgresql").endswith(")")


@pytest.mark.parametrize("vendor", ["sqlite", "postgresql"])
def test_what_matches_nothing_does_not_look_like_everything(vendor):
    assert after("WHERE", Author.objects.filter(age__in=[]), vendor)
