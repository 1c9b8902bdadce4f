"""Functions, windows and transforms as both databases are asked for them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from dorm import (
    SHA256,
    Cast,
    Ceil,
    CharField,
    Chr,
    Coalesce,
    Collate,
    Count,
    DecimalField,
    Extract,
    F,
    Func,
    JSONObject,
    Lag,
    Left,
    Log,
    LPad,
    NullIf,
    Q,
    Rank,
    Replace,
    Right,
    Round,
    RowNumber,
    RowRange,
    Sqrt,
    StdDev,
    StrIndex,
    Substr,
    Sum,
    Trim,
    Trunc,
    TruncDate,
    Value,
    Variance,
    Window,
    WindowFrameExclusion,
)
from dorm.query.plan import Counter
from dorm.query.reads import select_plan
from tests.library import Author, Book
from tests.sql.texts import VENDORS, dialect, numbered, text

A = Author.objects
BERLIN = ZoneInfo("Europe/Berlin")
INDIA = dt.timezone(dt.timedelta(hours=5, minutes=30))

FUNCTIONS = [
    (Left("name", 3), 'SUBSTR("name", 1, ?)', 'LEFT("name", $1::integer)'),
    (Right("name", 3), 'SUBSTR("name", -(?), ?)', 'RIGHT("name", $1::integer)'),
    (Substr("name", 2, 3), 'SUBSTR("name", ?, ?)', 'SUBSTR("name", $1::integer, $2::integer)'),
    (F("name")[1:3], 'SUBSTR("name", ?, ?)', 'SUBSTR("name", $1::integer, $2::integer)'),
    (LPad("name", 5), 'DORM_LPAD("name", ?, ?)', 'LPAD("name", $1::integer, $2::text)'),
    (Replace("name", Value("a")), 'REPLACE("name", ?, ?)', 'REPLACE("name", $1::text, $2::text)'),
    (StrIndex("name", Value("a")), 'INSTR("name", ?)', 'STRPOS("name", $1::text)'),
    (Trim("name"), 'TRIM("name")', 'TRIM("name")'),
    (Chr("age"), 'DORM_CHR("age")', 'CHR("age")'),
    (Left("age", 1), 'SUBSTR(CAST("age" AS text), 1, ?)', 'LEFT("age"::text, $1::integer)'),
    (SHA256("name"), 'DORM_SHA256("name")', "ENCODE(SHA256(CONVERT_TO(\"name\", 'UTF8')), 'hex')"),
    (Ceil("salary"), 'DORM_CEIL("salary")', 'CEIL("salary")::numeric'),
    (Sqrt("age"), 'DORM_SQRT("age")', 'SQRT("age"::double precision)::double precision'),
    (
        Sqrt("salary"),
        '(DORM_DECIMAL(DORM_DIGITS(DORM_SQRT("salary"))) COLLATE DORM_DECIMAL)',
        'SQRT("salary"::double precision)::numeric',
    ),
    (
        Round("salary", 1),
        '(DORM_DECIMAL(DORM_ROUND("salary", ?)) COLLATE DORM_DECIMAL)',
        'ROUND("salary"::numeric, $1::integer)::numeric',
    ),
    (
        Log(Value(2), "age"),
        'DORM_LOG(?, "age")',
        'LOG($1::bigint::numeric, "age"::numeric)::double precision',
    ),
    (NullIf("name", Value("")), 'NULLIF("name", ?)', 'NULLIF("name", $1::text)'),
    (Coalesce("email", "name"), 'COALESCE("email", "name")', 'COALESCE("email", "name")'),
    (Collate("name", "C"), '("name" COLLATE "C")', '("name" COLLATE "C")'),
    (Cast("name", CharField(max_length=2)), 'SUBSTR(CAST("name" AS text), 1, 2)', '"name"::varchar(2)'),
    (
        Cast("name", DecimalField(max_digits=5, decimal_places=2)),
        'DORM_FITTED("name", 5, 2)',
        '"name"::numeric(5, 2)',
    ),
    (JSONObject(n="age"), 'JSON_OBJECT(?, "age")', 'JSONB_BUILD_OBJECT($1::text, "age")'),
    (Func("name", function="SOUNDEX"), 'SOUNDEX("name")', 'SOUNDEX("name")'),
    (
        Func("name", "email", template="%(function)s<%(expressions)s>", function="x", arg_joiner="|"),
        'x<"name"|"email">',
        'x<"name"|"email">',
    ),
    (
        Extract("joined", "hour"),
        "DORM_DATE_PART('hour', \"joined\", 'UTC')",
        "EXTRACT(HOUR FROM \"joined\" AT TIME ZONE 'UTC')::integer",
    ),
    (
        Extract("joined", "hour", tzinfo=INDIA),
        "DORM_DATE_PART('hour', \"joined\", '+05:30')",
        "EXTRACT(HOUR FROM \"joined\" AT TIME ZONE '-05:30')::integer",
    ),
    (
        Trunc("joined", "month", tzinfo=BERLIN),
        "DORM_TRUNCATED('month', 'datetime', 'datetime', \"joined\", 'Europe/Berlin')",
        "DATE_TRUNC('month', \"joined\", 'Europe/Berlin')",
    ),
    (
        TruncDate("joined"),
        "DORM_DATE_PART('date', \"joined\", 'UTC')",
        "(\"joined\" AT TIME ZONE 'UTC')::date",
    ),
    (
        F("joined__date__year"),
        "DORM_DATE_PART('year', DORM_DATE_PART('date', \"joined\", 'UTC'), NULL)",
        "EXTRACT(YEAR FROM (\"joined\" AT TIME ZONE 'UTC')::date)::integer",
    ),
]

WINDOWS = [
    (Window(RowNumber()), "ROW_NUMBER() OVER ()"),
    (Window(Rank(), order_by="-age"), 'RANK() OVER (ORDER BY "age" DESC)'),
    (
        Window(Rank(), partition_by=["active", "publisher"], order_by=[F("age").desc(nulls_last=True), "name"]),
        'RANK() OVER (PARTITION BY "active", "publisher_id" ORDER BY "age" DESC NULLS LAST, "name")',
    ),
    (
        Window(Count("id", filter=Q(active=True)), partition_by="age"),
        'COUNT("id") FILTER (WHERE "active" = ?) OVER (PARTITION BY "age")',
    ),
]


@pytest.mark.parametrize(("expression", "sqlite", "postgresql"), FUNCTIONS, ids=lambda one: repr(one)[:40])
def test_functions(expression, sqlite, postgresql):
    query = A.annotate(x=expression)
    assert f'SELECT *, {sqlite} AS "x" FROM "author"' == text(query, "sqlite")
    assert f'SELECT *, {postgresql} AS "x" FROM "author"' == text(query, "postgresql")


@pytest.mark.parametrize(("window", "sql"), WINDOWS, ids=lambda one: repr(one)[:40])
def test_windows(window, sql):
    assert f'SELECT *, {sql} AS "x" FROM "author"' == text(A.annotate(x=window), "sqlite")
    assert f'SELECT *, {numbered(sql)} AS "x" FROM "author"' == text(A.annotate(x=window), "postgresql")


def test_distances_of_frames_are_values():
    frame = RowRange(-2, 1, exclusion=WindowFrameExclusion.TIES)
    query = A.annotate(x=Window(Sum("age"), order_by="name", frame=frame))
    over = 'OVER (ORDER BY "name" ROWS BETWEEN {} PRECEDING AND {} FOLLOWING EXCLUDE TIES)'
    assert f'SUM("age") {over.format("?", "?")} AS "x"' in text(query, "sqlite")
    assert f'SUM("age") {over.format("$1::bigint", "$2::bigint")}::bigint AS "x"' in text(query, "postgresql")


def test_an_offset_and_a_default_are_values():
    query = A.annotate(x=Window(Lag("age", 2, default=0), order_by="name"))
    assert 'LAG("age", ?, CAST(? AS integer)) OVER (ORDER BY "name")' in text(query, "sqlite")
    assert 'LAG("age", $1::integer, $2::bigint::integer) OVER (ORDER BY "name")' in text(query, "postgresql")


def test_variance():
    query = A.values("active").annotate(v=Variance("age"), d=StdDev("age", sample=True)).order_by()
    assert 'DORM_VAR_POP("age") AS "v", DORM_STDDEV_SAMP("age") AS "d"' in text(query, "sqlite")
    postgresql = 'VAR_POP("age")::double precision AS "v", STDDEV_SAMP("age")::double precision AS "d"'
    assert postgresql in text(query, "postgresql")


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_condition_on_a_window_is_tested_around_the_select(vendor):
    ranked = Book.objects.annotate(n=Window(RowNumber(), partition_by="author", order_by="title"))
    query = ranked.filter(n=1, pages__gt=3).values("title").order_by("-pages")[:2]
    first, second, third = ("?", "?", "?") if vendor == "sqlite" else ("$1", "$2", "$3")
    assert (
        'SELECT "qualified"."col0" FROM (SELECT "title" AS "col0", "pages" AS "col1", '
        f'ROW_NUMBER() OVER (PARTITION BY "author_id" ORDER BY "title") = {first} AS "holds" '
        f'FROM "book" WHERE "pages" > {second}) AS "qualified" WHERE "qualified"."holds" '
        f'ORDER BY "qualified"."col1" DESC LIMIT {third}'
    ) == text(query, vendor)


@pytest.mark.parametrize("vendor", VENDORS)
def test_other_values_compile_nothing(vendor):
    def query(number: int):
        words = Value("x" * number)
        ranked = A.annotate(
            n=Window(Lag("age", number, default=number), order_by="name", partition_by=Left("name", number)),
            s=Window(Sum("age"), order_by="name", frame=RowRange(-number, number)),
            f=Replace("name", words, words),
            g=F("name")[number : number + 2],
            h=Round("salary", number),
            j=JSONObject(**{f"key{number}": "age"}),
        )
        return ranked.filter(n__gt=number, name__startswith=F("f")).order_by(Substr("name", number))

    select_plan(query(1).described, dialect(vendor))
    before = Counter.compiled
    for number in range(2, 102):
        select_plan(query(number).described, dialect(vendor))
    assert before == Counter.compiled
