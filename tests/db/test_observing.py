"""Logs and hooks: what is told about a statement, to whom, and what happens when a hook fails."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from dorm.conf import settings
from dorm.exceptions import ProgrammingError
from dorm.signals import post_query, pre_query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.db.conftest import Bench


@pytest.fixture
def heard() -> Iterator[list[tuple[Any, ...]]]:
    """What the hooks of the contract's examples are called with."""
    found: list[tuple[Any, ...]] = []

    def before(sender, sql, params):
        found.append(("before", sender, sql, params))

    def after(sender, sql, params, elapsed_ms, error):
        found.append(("after", sender, sql, params, elapsed_ms, error))

    pre_query.connect(before)
    post_query.connect(after)
    yield found
    pre_query.disconnect(before)
    post_query.disconnect(after)


def test_hooks_get_exactly_the_contracts_arguments(bench: Bench, heard: list[tuple[Any, ...]]) -> None:
    bench.run(bench.fetch("SELECT id FROM author WHERE id = ?", 1))
    (before, after) = heard
    sql = bench.statement("SELECT id FROM author WHERE id = ?").sql
    assert ("before", bench.vendor, sql, (1,)) == before
    assert ("after", bench.vendor, sql, (1,)) == after[:4]
    assert after[4] > 0
    assert after[5] is None


def test_hooks_are_told_the_error(bench: Bench, heard: list[tuple[Any, ...]]) -> None:
    with pytest.raises(ProgrammingError) as caught:
        bench.run(bench.fetch("SELECT * FROM nowhere"))
    assert heard[-1][5] is caught.value


def test_each_statement_is_told_once_and_transaction_commands_are_not(
    bench: Bench, heard: list[tuple[Any, ...]]
) -> None:
    async def scenario() -> None:
        block = await bench.db.begin()
        nested = await bench.db.begin()
        await bench.add(1)
        await bench.db.end(nested, failed=False)
        await bench.db.end(block, failed=False)
        await bench.db.execute_many(
            bench.statement("INSERT INTO author VALUES (?, 'x' || ?, 20)"), [(2, "2"), (3, "3")]
        )
        stream = await bench.db.open(bench.statement("SELECT id FROM author"), (), 1)
        await stream.close()

    bench.run(scenario())
    assert ["INSERT", "INSERT", "SELECT"] == [told[2].split()[0] for told in heard if told[0] == "before"]
    assert 3 == len([told for told in heard if told[0] == "after"])


def test_a_failing_hook_changes_nothing(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    def fail(**_: Any) -> None:
        raise LookupError("metrics are down")

    async def never(**_: Any) -> None: ...

    pre_query.connect(fail)
    post_query.connect(fail)
    post_query.connect(never)
    try:

        async def scenario() -> list[int]:
            await bench.add(1)
            return await bench.keys()

        assert [1] == bench.run(scenario())
    finally:
        pre_query.disconnect(fail)
        post_query.disconnect(fail)
        post_query.disconnect(never)
    assert "dorm.db.hooks" in {record.name for record in caplog.records}
    assert "metrics are down" in caplog.text


def test_the_debug_log_shows_statements_and_transactions(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, f"dorm.db.backends.{bench.vendor}")

    async def scenario() -> None:
        block = await bench.db.begin()
        await bench.add(1, "a secret")
        await bench.db.end(block, failed=False)

    bench.run(scenario())
    lines = [record.getMessage() for record in caplog.records if record.name == f"dorm.db.backends.{bench.vendor}"]
    assert 3 == len(lines)
    assert all(word in line for word, line in zip(("BEGIN", "INSERT INTO author", "COMMIT"), lines, strict=True))
    assert "a secret" not in caplog.text


def test_a_slow_statement_is_a_warning(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    settings.SLOW_QUERY_MS = 0

    async def scenario() -> None:
        await bench.fetch("SELECT 1")
        await bench.add(1, "a secret")

    bench.run(scenario())
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert 2 == len(warnings)
    assert "slow query" in warnings[0]
    assert "a secret" not in caplog.text


def test_nothing_is_logged_by_default(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    bench.run(bench.add(1))
    assert [] == caplog.records


def test_a_pool_tells_when_it_opens_and_closes(loop_bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "dorm.db.lifecycle")
    loop_bench.run(loop_bench.keys())
    told = [record.getMessage().split(" ")[0] for record in caplog.records if "lifecycle" in record.name]
    assert ["Opened", "Closed"] == told
