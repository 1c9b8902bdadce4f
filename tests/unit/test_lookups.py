"""Lookups look at the value when the filter is written."""

from __future__ import annotations

import datetime
import decimal

import pytest

import dorm
from dorm import lookups
from dorm.lookups import NOTHING, Lookup, Null, Transform
from dorm.sql.kinds import Kind, Type
from dorm.sql.nodes import Call, Infix


class Thing(dorm.Model):
    name = dorm.CharField(max_length=20)
    number = dorm.IntegerField()
    day = dorm.DateField()
    data = dorm.JSONField()
    blob = dorm.BinaryField()

    class Meta:
        app_label = "unit_lookups"


NAME, NUMBER, DAY = (Thing._meta.get_field(name) for name in ("name", "number", "day"))


@pytest.mark.parametrize(
    ("lookup", "field", "value", "expected"),
    [
        (lookups.Exact, NUMBER, 5, (lookups.Exact, 5)),
        (lookups.Exact, NUMBER, "5", (lookups.Exact, 5)),
        (lookups.Exact, NUMBER, None, (Null, None)),
        (lookups.IExact, NAME, None, (Null, None)),
        (lookups.IExact, NAME, 5, (lookups.IExact, "5")),
        (lookups.Null, NUMBER, True, (Null, None)),
        (lookups.Null, NUMBER, False, (lookups.NotNull, None)),
        (lookups.In, NUMBER, [1, "2"], (lookups.In, (1, 2))),
        (lookups.In, NUMBER, [], (NOTHING, None)),
        (lookups.In, NUMBER, [None], (NOTHING, None)),
        (lookups.In, NUMBER, iter([1, None]), (lookups.In, (1,))),
        (lookups.In, NUMBER, {7: "seven"}, (lookups.In, (7,))),
        (lookups.Range, NUMBER, ("1", 5), (lookups.Range, (1, 5))),
        (lookups.GreaterThan, NUMBER, 1.5, (lookups.GreaterThan, 1)),
        (lookups.GreaterThan, NUMBER, decimal.Decimal("1.5"), (lookups.GreaterThan, 1)),
        (lookups.LessThan, NUMBER, 1.5, (lookups.LessThan, 2)),
        (lookups.Exact, NUMBER, 1.5, (NOTHING, None)),
        (lookups.Exact, NUMBER, 10**30, (NOTHING, None)),
        (lookups.Contains, NAME, 5, (lookups.Contains, "5")),
        (lookups.Exact, DAY, "2020-01-02", (lookups.Exact, datetime.date(2020, 1, 2))),
    ],
)
def test_values_are_prepared(lookup, field, value, expected):
    assert expected == lookup.prepare(field, value)


@pytest.mark.parametrize(
    ("lookup", "field", "value", "error"),
    [
        (lookups.GreaterThan, NUMBER, None, ValueError),
        (lookups.Contains, NAME, None, ValueError),
        (lookups.In, NUMBER, 5, TypeError),
        (lookups.In, NAME, "text", TypeError),
        (lookups.In, NAME, b"bytes", TypeError),
        (lookups.Range, NUMBER, (1,), ValueError),
        (lookups.Range, NUMBER, (None, 1), ValueError),
        (lookups.Null, NUMBER, 0, ValueError),
        (lookups.Exact, NUMBER, "x", ValueError),
    ],
)
def test_values_are_refused(lookup, field, value, error):
    with pytest.raises(error):
        lookup.prepare(field, value)


@pytest.mark.parametrize(
    ("field", "missing"),
    [("number", {"has_key", "contained_by"}), ("blob", {"contains", "icontains", "regex"})],
)
def test_a_kind_lacks_what_makes_no_sense_for_it(field, missing):
    for name in sorted(missing):
        with pytest.raises(dorm.FieldError, match=f"'{name}' is no lookup of '{field}'"):
            Thing.objects.filter(**{f"{field}__{name}": 1})


def test_every_lookup_has_a_name_of_its_own():
    names = [lookup.name for lookup in lookups.LOOKUPS]
    assert sorted(set(names)) == sorted(names)
    assert {
        "exact", "iexact", "gt", "gte", "lt", "lte", "range", "in", "isnull", "contains", "icontains", "startswith",
        "istartswith", "endswith", "iendswith", "regex", "iregex",
    } == set(names)  # fmt: skip


# -- The users' own ----------------------------------------------------------------------------


class Shouted(dorm.CharField):
    pass


@Shouted.register_lookup
class NotEqual(Lookup):
    """``<>``."""

    name = "ne"

    @classmethod
    def node(cls, left, right):
        return Infix("<>", left, right.value())


@Shouted.register_lookup
class Size(Transform):
    """The length."""

    name = "size"
    output = Type(Kind.INTEGER)

    @classmethod
    def node(cls, left, operand):
        return Call("LENGTH", (left,))


class Word(dorm.Model):
    text = Shouted(max_length=20)

    class Meta:
        app_label = "unit_lookups"


def test_a_registered_lookup_belongs_to_its_class_of_fields(sqlite_db):
    assert str(Word.objects.filter(text__ne="x").query).endswith('"text" <> ?')
    with pytest.raises(dorm.FieldError, match="'ne' is no lookup of 'name'"):
        Thing.objects.filter(name__ne="x")


def test_a_registered_transform_takes_the_lookups_of_its_output(sqlite_db):
    assert str(Word.objects.filter(text__size__gt=3).query).endswith('LENGTH("unit_lookups_word"."text") > ?')
    assert str(Word.objects.filter(text__size=3).query).endswith('LENGTH("unit_lookups_word"."text") = ?')
