"""Every driver error becomes one of ours, with its cause, and tells where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dorm import exceptions as ours
from dorm.exceptions import IntegrityError

if TYPE_CHECKING:
    from tests.db.conftest import Bench

MISTAKES: list[tuple[str, tuple[Any, ...], type[Exception]]] = [
    ("SELECT * FROM no_such_table", (), ours.ProgrammingError),
    ("SELECT no_such_column FROM author", (), ours.ProgrammingError),
    ("SELEC 1", (), ours.ProgrammingError),
    ("INSERT INTO author VALUES (?, ?, ?)", (1, "\ud800", 20), ours.DataError),
    ("INSERT INTO author VALUES (?, ?, ?)", (1, object(), 20), ours.DataError),
    ("INSERT INTO author VALUES (?, ?, ?)", (2**70, "x", 20), ours.DataError),
]


@pytest.mark.parametrize(("sql", "parameters", "expected"), MISTAKES)
def test_mistakes(bench: Bench, sql: str, parameters: tuple[Any, ...], expected: type[Exception]) -> None:
    with pytest.raises(expected) as caught:
        bench.run(bench.execute(sql, *parameters))
    assert expected is type(caught.value)
    assert isinstance(caught.value.__cause__, Exception)


def violation(bench: Bench, sql: str, *parameters: Any) -> IntegrityError:
    async def scenario() -> None:
        await bench.add(1, "Ann")
        await bench.execute(sql, *parameters)

    with pytest.raises(IntegrityError) as caught:
        bench.run(scenario())
    return caught.value


def test_a_unique_violation_names_table_and_columns(bench: Bench) -> None:
    error = violation(bench, "INSERT INTO author VALUES (?, ?, ?)", 2, "Ann", 20)
    assert isinstance(error, ours.UniqueViolation)
    assert ("author", ("name",)) == (error.table, error.columns)
    assert ("author_name" if bench.vendor == "postgresql" else None) == error.constraint
    assert ("23505" if bench.vendor == "postgresql" else None) == error.sqlstate


def test_a_primary_key_that_exists_is_a_unique_violation(bench: Bench) -> None:
    error = violation(bench, "INSERT INTO author VALUES (?, ?, ?)", 1, "Bob", 20)
    assert isinstance(error, ours.UniqueViolation)
    assert ("author", ("id",)) == (error.table, error.columns)


def test_a_missing_value_names_its_column(bench: Bench) -> None:
    error = violation(bench, "INSERT INTO author VALUES (?, ?, ?)", 2, None, 20)
    assert isinstance(error, ours.NotNullViolation)
    assert ("author", ("name",)) == (error.table, error.columns)


def test_a_check_violation_names_its_constraint(bench: Bench) -> None:
    error = violation(bench, "INSERT INTO author VALUES (?, ?, ?)", 2, "Bob", 3)
    assert isinstance(error, ours.CheckViolation)
    assert "adult" == error.constraint


def test_an_index_is_named_when_it_has_no_columns(bench: Bench) -> None:
    bench.run(bench.execute("CREATE UNIQUE INDEX lower_name ON author (lower(name))"))
    error = violation(bench, "INSERT INTO author VALUES (?, ?, ?)", 2, "ANN", 20)
    assert isinstance(error, ours.UniqueViolation)
    assert ("author", "lower_name") == (error.table, error.constraint)


def test_a_key_that_points_nowhere(bench: Bench) -> None:
    error = violation(bench, "INSERT INTO book VALUES (?, ?)", 1, 99)
    assert isinstance(error, ours.ForeignKeyViolation)


def test_a_key_that_points_nowhere_is_named_at_the_commit(bench: Bench) -> None:
    async def scenario() -> None:
        block = await bench.db.begin()
        await bench.execute("INSERT INTO book VALUES (?, ?)", 1, 99)
        await bench.db.end(block, failed=False)

    with pytest.raises(ours.ForeignKeyViolation) as caught:
        bench.run(scenario())
    assert "book" == caught.value.table
    assert [] == bench.run(bench.fetch("SELECT * FROM book"))
