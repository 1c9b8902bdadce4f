"""Constraints and indexes as data: how they are declared, compared, copied and named."""

from __future__ import annotations

import datetime
import decimal
import uuid

import pytest

import dorm
from dorm import CheckConstraint, Deferrable, F, Index, Lower, OrderBy, Q, UniqueConstraint
from dorm.constraints import BaseConstraint
from dorm.exceptions import FieldDoesNotExist, NotSupportedError
from dorm.sql.kinds import Kind
from dorm.sql.postgresql import PostgreSQLDialect
from dorm.sql.sqlite import SQLiteDialect

DECLARED = [
    CheckConstraint(condition=Q(age__gte=18), name="adult"),
    CheckConstraint(
        condition=Q(a=1) | ~Q(b=2), name="c", violation_error_code="x", violation_error_message="No: %(name)s"
    ),
    UniqueConstraint(fields=["a", "b"], name="ab"),
    UniqueConstraint(fields=("a",), name="a", condition=Q(b=True), nulls_distinct=False, include=["c"]),
    UniqueConstraint(fields=("a",), name="a", deferrable=Deferrable.DEFERRED),
    UniqueConstraint(Lower("a"), "-b", name="expressions", violation_error_message="twice"),
    UniqueConstraint(fields=["a"], name="o", opclasses=["text_pattern_ops"]),
    Index(fields=["a", "-b"]),
    Index(fields=["a"], name="n", unique=True, condition=Q(b=1), include=("c",), opclasses=("x_ops",)),
    Index(Lower("a").desc(), F("b"), "-c", name="e"),
]


@pytest.mark.parametrize("one", DECLARED, ids=repr)
def test_what_is_taken_apart_makes_an_equal_one(one):
    path, args, kwargs = one.deconstruct()
    made = getattr(dorm, path.removeprefix("dorm."))(*args, **kwargs)
    assert made == one
    assert hash(made) == hash(one)
    assert one.clone() == one
    assert one.clone() is not one


def test_different_ones_are_not_equal():
    assert len(DECLARED) == len([one for one in DECLARED if DECLARED.count(one) == 1])
    assert CheckConstraint(condition=Q(a=1), name="x") != CheckConstraint(condition=Q(a=2), name="x")
    assert CheckConstraint(condition=Q(a=1), name="x") != UniqueConstraint(fields=["a"], name="x")
    assert Index(fields=["a"]) != Index(fields=["a"], unique=True)


def test_only_what_was_given_is_written_down():
    assert ("dorm.CheckConstraint", (), {"name": "n", "condition": Q(a=1)}) == CheckConstraint(
        condition=Q(a=1), name="n"
    ).deconstruct()
    assert ("dorm.UniqueConstraint", (), {"name": "n", "fields": ("a",)}) == UniqueConstraint(
        fields=["a"], name="n"
    ).deconstruct()
    assert ("dorm.Index", (), {"fields": ["-a"]}) == Index(fields=["-a"]).deconstruct()
    assert (OrderBy(F("b"), descending=True),) == UniqueConstraint("-b", name="n").deconstruct()[1]


def test_messages_name_the_constraint():
    assert "Constraint “n” is violated." == UniqueConstraint(fields=["a"], name="n").get_violation_error_message()
    assert "No: c" == DECLARED[1].get_violation_error_message()


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: UniqueConstraint(fields=["a"]), ValueError),
        (lambda: UniqueConstraint(name="n"), ValueError),
        (lambda: UniqueConstraint(Lower("a"), fields=["a"], name="n"), ValueError),
        (lambda: UniqueConstraint(fields=["a"], name="n", condition="a = 1"), ValueError),
        (
            lambda: UniqueConstraint(fields=["a"], name="n", condition=Q(b=1), deferrable=Deferrable.DEFERRED),
            ValueError,
        ),
        (lambda: UniqueConstraint(fields=["a"], name="n", include=["b"], deferrable=Deferrable.DEFERRED), ValueError),
        (lambda: UniqueConstraint(Lower("a"), name="n", deferrable=Deferrable.DEFERRED), ValueError),
        (lambda: UniqueConstraint(fields=["a"], name="n", opclasses=["x", "y"]), ValueError),
        (lambda: UniqueConstraint(Lower("a"), name="n", opclasses=["x"]), ValueError),
        (lambda: UniqueConstraint(fields=["a"], name="n", deferrable="late"), TypeError),
        (lambda: UniqueConstraint(fields=["a"], name="n", nulls_distinct=1), TypeError),
        (lambda: UniqueConstraint(fields="a", name="n"), TypeError),
        (lambda: UniqueConstraint(fields=["a"], name="n", include="b"), TypeError),
        (lambda: UniqueConstraint(5, name="n"), TypeError),
        (lambda: CheckConstraint(condition="a > 1", name="n"), TypeError),
        (lambda: CheckConstraint(condition=F("a"), name="n"), TypeError),
        (lambda: CheckConstraint(condition=Q(a=1), name=""), TypeError),
        (Index, ValueError),
        (lambda: Index(Lower("a"), fields=["a"], name="n"), ValueError),
        (lambda: Index(Lower("a")), ValueError),
        (lambda: Index(fields=["a"], condition=Q(b=1)), ValueError),
        (lambda: Index(fields=["a"], include=["b"]), ValueError),
        (lambda: Index(fields=["a"], opclasses=["x"]), ValueError),
        (lambda: Index(fields=["a"], opclasses=["x", "y"], name="n"), ValueError),
        (lambda: Index(fields=["a"], condition=3, name="n"), ValueError),
        (lambda: Index(fields="a"), TypeError),
        (lambda: Index(fields=[1]), TypeError),
    ],
)
def test_what_makes_no_sense_is_refused(make, error):
    with pytest.raises(error):
        make()


class Abstract(dorm.Model):
    age = dorm.IntegerField(default=1)

    class Meta:
        abstract = True
        app_label = "Unit_Constraints"
        constraints = (CheckConstraint(condition=Q(age__gt=0), name="%(app_label)s_%(class)s_age"),)
        indexes = (Index(fields=["age"], name="%(class)s_age_idx"), Index(fields=["-age"]))


class First(Abstract):
    pass


class Second(Abstract):
    class Meta(Abstract.Meta):
        pass


def test_names_are_filled_in_for_each_model():
    assert ["unit_constraints_first_age"] == [one.name for one in First._meta.constraints]
    assert ["unit_constraints_second_age"] == [one.name for one in Second._meta.constraints]
    assert ["first_age_idx", "idx_first_age"] == [one.name_for("first") for one in First._meta.indexes]


def declare(**meta):
    return type(dorm.Model)(
        "Wrong",
        (dorm.Model,),
        {
            "__module__": __name__, "__qualname__": "Wrong", "age": dorm.IntegerField(),
            "Meta": type("Meta", (), {"app_label": "unit_constraints", **meta}),
        },
    )  # fmt: skip


def test_a_model_knows_its_constraints_and_refuses_wrong_ones():
    unique = UniqueConstraint(fields=["age"], name="u")
    partial = UniqueConstraint(fields=["age"], name="p", condition=Q(age=1))
    assert [unique] == declare(constraints=[unique, partial])._meta.total_unique_constraints
    with pytest.raises(FieldDoesNotExist, match="aeg"):
        declare(constraints=[UniqueConstraint(fields=["aeg"], name="u")])
    with pytest.raises(FieldDoesNotExist, match="aeg"):
        declare(indexes=[Index(fields=["-aeg"])])
    with pytest.raises(ValueError, match="two constraints named 'u'"):
        declare(constraints=[unique, CheckConstraint(condition=Q(age=1), name="u")])
    with pytest.raises(TypeError, match="holds constraints"):
        declare(constraints=["age > 1"])
    with pytest.raises(TypeError, match="list or tuple"):
        declare(constraints=unique)


def test_an_index_takes_the_name_of_its_model():
    index = Index(fields=["age"])
    index.set_name_with_model(First)
    assert "idx_first_age" == index.name
    assert [("age", "")] == index.fields_orders


def test_a_constraint_of_your_own_says_how_it_is_asked():
    with pytest.raises(TypeError, match="needs a name"):
        BaseConstraint(name=None)  # type: ignore[arg-type]


UTC = datetime.UTC


@pytest.mark.parametrize(
    ("value", "sqlite", "postgresql"),
    [
        (None, "NULL", "NULL"),
        (True, "1", "true"),
        (-5, "-5", "-5"),
        (2**70, str(2**70), str(2**70)),
        (1.5, "1.5", "1.5"),
        (float("inf"), "9e999", "'inf'::double precision"),
        ("it's", "'it''s'", "'it''s'"),
        ("\\'; DROP", "'\\''; DROP'", "'\\''; DROP'"),
        (b"\x00'", "X'0027'", "'\\x0027'::bytea"),
        (decimal.Decimal("1E+3"), None, "1000"),
        (datetime.date(2024, 1, 2), None, "'2024-01-02'::date"),
        (datetime.time(1, 2), None, "'01:02:00'::time"),
        (datetime.datetime(2024, 1, 2, tzinfo=UTC), None, "'2024-01-02 00:00:00+00:00'::timestamp with time zone"),
        (datetime.timedelta(seconds=1), None, "'1000000 microseconds'::interval"),
        (uuid.UUID(int=1), None, "'00000000-0000-0000-0000-000000000001'::uuid"),
        ("a\x00b", None, None),
        (object(), None, None),
        ([1], None, None),
    ],
)  # fmt: skip
def test_values_in_definitions_are_literals_or_refused(value, sqlite, postgresql):
    for dialect, expected in ((SQLiteDialect("x"), sqlite), (PostgreSQLDialect("x"), postgresql)):
        if expected is None:
            with pytest.raises(NotSupportedError, match="cannot be written"):
                dialect.literal(value, None)
        else:
            assert expected == dialect.literal(value, None)


def test_a_literal_is_cast_where_a_placeholder_would_be():
    assert "'{}'::jsonb" == PostgreSQLDialect("x").literal("{}", Kind.JSON)
