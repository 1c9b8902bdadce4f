"""Constraints and indexes over more than columns: their SQL on both databases side by side."""

from __future__ import annotations

import datetime

import pytest

import dorm
from dorm import CheckConstraint, Deferrable, F, Index, Lower, Q, UniqueConstraint
from dorm.schema import creation
from tests.sql.texts import dialect

DAY = datetime.datetime(2024, 1, 2, 3, tzinfo=datetime.UTC)


def after(one, vendor):
    """What a constraint or an index adds to the table: what follows its name."""
    option = "indexes" if isinstance(one, Index) else "constraints"
    body = {
        "__module__": __name__, "__qualname__": "Made", "name": dorm.CharField(), "age": dorm.IntegerField(),
        "start": dorm.DateTimeField(null=True), "data": dorm.JSONField(null=True), "on": dorm.BooleanField(),
        "Meta": type("Meta", (), {"app_label": "sql_constraints", "db_table": "made", option: [one]}),
    }  # fmt: skip
    model = type(dorm.Model)("Made", (dorm.Model,), body)
    table, *rest = [text for change in creation([model]) for text in dialect(vendor).ddl(change)]
    if rest:
        return rest[0].replace(' ON "made"', "")
    return table.partition('CONSTRAINT "n" ')[2].removesuffix(")")


CASES = [
    (CheckConstraint(condition=Q(age__gte=18), name="n"), 'CHECK ("age" >= 18)', 'CHECK ("age" >= 18)'),
    (
        CheckConstraint(condition=Q(name="it's") | ~Q(on=True), name="n"),
        """CHECK ("name" = 'it''s' OR NOT ("on" = 1))""",
        """CHECK ("name" = 'it''s' OR NOT ("on" = true))""",
    ),
    (
        CheckConstraint(condition=Q(start__lt=DAY), name="n"),
        """CHECK ("start" < '2024-01-02 03:00:00')""",
        """CHECK ("start" < '2024-01-02 03:00:00+00:00'::timestamp with time zone)""",
    ),
    (
        CheckConstraint(condition=Q(age__in=[1, 2]) & Q(name__in=["a"]), name="n"),
        """CHECK ("age" IN (1, 2) AND "name" IN ('a'))""",
        """CHECK ("age" IN (1, 2) AND "name" IN ('a'))""",
    ),
    (
        CheckConstraint(condition=Q(data__a__0="x"), name="n"),
        """CHECK ((JSON_TYPE("data", '$."a"[0]') IN ('text') AND JSON_EXTRACT("data", '$."a"[0]') = 'x'))""",
        """CHECK (("data" -> 'a'::text -> 0::integer) = '"x"'::jsonb)""",
    ),
    (
        CheckConstraint(condition=Q(name__startswith="50%_"), name="n"),
        """CHECK ("name" GLOB '50%_*')""",
        r"""CHECK ("name" LIKE '50\%\_%')""",
    ),
    (UniqueConstraint(fields=["age", "name"], name="n"), 'UNIQUE ("age", "name")', 'UNIQUE ("age", "name")'),
    (
        UniqueConstraint(fields=["age"], name="n", condition=Q(on=True)),
        'CREATE UNIQUE INDEX "n" ("age") WHERE "on" = 1',
        'CREATE UNIQUE INDEX "n" ("age") WHERE "on" = true',
    ),
    (
        UniqueConstraint(Lower("name").desc(), F("age") + 1, name="n"),
        'CREATE UNIQUE INDEX "n" ((DORM_LOWER("name")) DESC, (("age" + 1)))',
        'CREATE UNIQUE INDEX "n" ((LOWER("name")) DESC, (("age" + 1::bigint)))',
    ),
    (
        UniqueConstraint(fields=["age"], name="n", nulls_distinct=False),
        'CREATE UNIQUE INDEX "n" ("age" IS NULL, IFNULL("age", 0))',
        'CREATE UNIQUE INDEX "n" ("age") NULLS NOT DISTINCT',
    ),
    (
        UniqueConstraint(fields=["name"], name="n", include=["age"], opclasses=["text_pattern_ops"]),
        'CREATE UNIQUE INDEX "n" ("name")',
        'CREATE UNIQUE INDEX "n" ("name" "text_pattern_ops") INCLUDE ("age")',
    ),
    (
        Index(fields=["-age", "name"], name="n", opclasses=["int4_ops", "text_ops"], include=["on"]),
        'CREATE INDEX "n" ("age" DESC, "name")',
        'CREATE INDEX "n" ("age" "int4_ops" DESC, "name" "text_ops") INCLUDE ("on")',
    ),
    (
        Index(F("age").asc(nulls_last=True), name="n", unique=True),
        'CREATE UNIQUE INDEX "n" (("age"))',
        'CREATE UNIQUE INDEX "n" (("age") NULLS LAST)',
    ),
]


@pytest.mark.parametrize(("one", "sqlite", "postgresql"), CASES, ids=lambda one: str(one)[:40])
def test_definitions(one, sqlite, postgresql):
    assert sqlite == after(one, "sqlite")
    assert postgresql == after(one, "postgresql")


def test_what_is_checked_late_is_postgresqls():
    late = UniqueConstraint(fields=["age"], name="n", deferrable=Deferrable.IMMEDIATE)
    assert 'UNIQUE ("age") DEFERRABLE INITIALLY IMMEDIATE' == after(late, "postgresql")
    with pytest.raises(dorm.NotSupportedError, match="at once"):
        after(late, "sqlite")
