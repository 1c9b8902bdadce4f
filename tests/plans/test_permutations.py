"""Random queries give the rows that plain Python finds, whatever was compiled before, and however they are told."""

from __future__ import annotations

from typing import Any

from hypothesis import given, note, settings
from hypothesis import strategies as st

from dorm import F
from dorm.db.connection import blocking
from dorm.query.reads import count_plan, exists_plan, select_plan
from tests.plans import shelf
from tests.plans.strategies import Asked, columns, leaves, queries

profile = settings.get_profile("plans")
PLANS = (select_plan, count_plan, exists_plan)


def compiled(query: Any) -> list[Any]:
    """What would be sent for rows, count and existence: text, and parameters with their classes."""
    dialect = blocking().dialect
    found: list[Any] = []
    for plan_of in PLANS:
        asked = query.described if plan_of is select_plan else query.described.unordered()
        plan = plan_of(asked, dialect)
        parameters = plan.bind(asked.values()) if plan.statement is not None else ()
        sql = None if plan.statement is None else plan.statement.sql
        found.append((sql, parameters, [parameter.__class__ for parameter in parameters]))
    return found


@settings(profile)
@given(asked=queries())
def test_the_rows_are_those_that_plain_python_finds(rows, asked):
    for turn in (0, 1):
        query = asked.query(turn)
        note(str(query.query))
        expected = asked.expected(turn, rows.vendor)
        assert expected == [item.pk for item in query]
        assert (len(expected), bool(expected)) == (query.all().count(), query.all().exists())


@settings(profile)
@given(asked=queries(lambda: st.one_of(leaves(), columns())))
def test_columns_are_compared_as_plain_python_compares_them(rows, asked):
    for turn in (0, 1):
        note(str(asked.query(turn).query))
        assert asked.expected(turn, rows.vendor) == [item.pk for item in asked.query(turn)]


@settings(profile)
@given(asked=queries(), related=st.booleans(), names=st.sampled_from([(), ("pk",), ("text", "box__label", "pk")]))
def test_a_cached_plan_is_what_would_be_compiled_anew(db, asked, related, names):
    def query(turn: int) -> Any:
        found = asked.query(turn)
        found = found.select_related("box") if related and not names else found
        return found.values(*names) if names else found

    dialect = blocking().dialect
    dialect.plans.clear()
    first = [compiled(query(turn)) for turn in (0, 1)]
    again = [compiled(query(turn)) for turn in (1, 0)][::-1]
    fresh: list[Any] = []
    for turn in (0, 1):
        dialect.plans.clear()
        fresh.append(compiled(query(turn)))
    assert fresh == first == again


@settings(profile)
@given(data=st.data(), asked=queries())
def test_the_order_of_the_calls_does_not_change_the_rows(rows, data, asked):
    conditions = [call for call in asked.calls if call[0] in {"filter", "exclude", "distinct"}]
    others = [call for call in asked.calls if call not in conditions]
    shuffled = data.draw(st.permutations(conditions))
    calls = [*shuffled[: len(shuffled) // 2], *others, *shuffled[len(shuffled) // 2 :]]
    for turn in (0, 1):
        assert asked.expected(turn, rows.vendor) == [item.pk for item in asked.query(turn, calls)]


@settings(profile)
@given(asked=queries())
def test_the_first_and_the_last_row_are_the_ends(rows, asked):
    for turn in (0, 1):
        expected, query = asked.expected(turn, rows.vendor), asked.query(turn)
        first = query.first()
        assert (expected[0] if expected else None) == (first and first.pk)
        if asked.window is None:
            last = query.last()
            assert (expected[-1] if expected else None) == (last and last.pk)


@settings(profile)
@given(asked=queries(), amount=st.integers(-3, 3))
def test_computed_columns_and_conditions_on_them_keep_their_values_apart(rows, asked, amount):
    from_python = {row["id"]: None if row["number"] is None else row["number"] + amount for row in shelf.ROWS}
    wanted = [key for key in asked._replace(window=None).expected(0, rows.vendor) if (from_python[key] or 0) > 0]
    query = _annotated(asked, amount)
    note(str(query.query))
    assert [(key, from_python[key]) for key in wanted] == [(item.pk, item.sum) for item in query]


def _annotated(asked: Asked, amount: int) -> Any:
    """The computed column is told in the middle of the calls, the condition on it at the end."""
    middle = len(asked.calls) // 2
    plain = asked._replace(window=None)
    query: Any = plain.query(0, asked.calls[:middle]).annotate(sum=F("number") + amount)
    for method, argument in asked.calls[middle:]:
        query = plain._called(query, method, argument, 0)
    return query.filter(sum__gt=0)


def test_the_rows_are_odd_enough(rows):
    """A table in which nothing is missing would prove nothing."""
    for name in ("number", "text", "amount", "day", "box_id"):
        assert 1 < len({row[name] for row in shelf.ROWS})
        assert None in {row[name] for row in shelf.ROWS}
