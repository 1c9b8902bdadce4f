"""Statements outside a block, on both databases and in both colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dorm.exceptions import UniqueViolation
from tests.db.settling import settled

if TYPE_CHECKING:
    from tests.db.conftest import Bench


def test_rows_are_tuples(bench: Bench) -> None:
    async def scenario() -> list[tuple[object, ...]]:
        await bench.add(1, "Ann")
        await bench.add(2, "Bob")
        return await bench.fetch("SELECT id, name FROM author ORDER BY id")

    assert [(1, "Ann"), (2, "Bob")] == bench.run(scenario())


def test_execute_gives_the_number_of_rows_it_touched(bench: Bench) -> None:
    async def scenario() -> int:
        await bench.add(1)
        await bench.add(2)
        return await bench.execute("UPDATE author SET age = ? WHERE id < ?", 40, 10)

    assert 2 == bench.run(scenario())


def test_execute_many_is_all_or_none(bench: Bench) -> None:
    async def scenario() -> list[int]:
        insert = bench.statement("INSERT INTO author VALUES (?, ?, ?)")
        assert 3 == await bench.db.execute_many(insert, [(key, f"a{key}", 20) for key in (1, 2, 3)])
        with pytest.raises(UniqueViolation):
            await bench.db.execute_many(insert, [(4, "a4", 20), (5, "a1", 20)])
        return await bench.keys()

    assert [1, 2, 3] == bench.run(scenario())


def test_a_failed_statement_leaves_nothing_open(bench: Bench) -> None:
    async def scenario() -> list[int]:
        await bench.add(1, "Ann")
        with pytest.raises(UniqueViolation):
            await bench.add(2, "Ann")
        await bench.add(3, "Cid")
        return await bench.keys()

    assert [1, 3] == bench.run(scenario())


def test_text_survives_whatever_it_is(bench: Bench) -> None:
    texts = ["", "ümläut", "'; DROP TABLE author; --", "emoji 🎫", "$1 ? %s", "line\nbreak"]

    async def scenario() -> list[str]:
        for key, text in enumerate(texts):
            await bench.add(key, text)
        return [row[0] for row in await bench.fetch("SELECT name FROM author ORDER BY id")]

    assert texts == bench.run(scenario())


def test_a_stream_gives_portions_and_then_its_connection_back(bench: Bench) -> None:
    async def scenario() -> list[list[tuple[int]]]:
        for key in range(5):
            await bench.add(key)
        stream = await bench.db.open(bench.statement("SELECT id FROM author ORDER BY id"), (), 2)
        portions = [await stream.fetch() for _ in range(5)]
        await stream.close()
        pool = bench.db.driver.pool
        assert pool.size == len(pool.idle)
        return portions

    assert [[(0,), (1,)], [(2,), (3,)], [(4,)], [], []] == bench.run(scenario())


@pytest.mark.parametrize("inside", [False, True])
def test_rows_may_be_written_while_they_are_streamed(bench: Bench, inside: bool) -> None:
    async def scenario() -> list[int]:
        for key in range(50):
            await bench.add(key, age=20)
        block = await bench.db.begin() if inside else None
        stream = await bench.db.open(bench.statement("SELECT id FROM author WHERE age = 20 ORDER BY id"), (), 7)
        seen: list[int] = []
        while rows := await stream.fetch():
            for (key,) in rows:
                seen.append(key)
                await bench.execute("UPDATE author SET age = 21 WHERE id = ?", key)
        if block is not None:
            await bench.db.end(block, failed=False)
        assert [(50,)] == await bench.fetch("SELECT count(*) FROM author WHERE age = 21")
        return seen

    assert list(range(50)) == bench.run(scenario())


def test_a_stream_left_half_way_gives_its_connection_back(bench: Bench) -> None:
    async def scenario() -> None:
        for key in range(5):
            await bench.add(key)
        stream = await bench.db.open(bench.statement("SELECT id FROM author"), (), 2)
        await stream.fetch()
        await stream.close()
        assert [0, 1, 2, 3, 4] == await bench.keys()
        pool = bench.db.driver.pool
        assert pool.size == len(pool.idle)

    bench.run(scenario())


def test_a_collected_stream_gives_its_connection_back(bench: Bench) -> None:
    async def scenario() -> None:
        for key in range(5):
            await bench.add(key)
        stream = await bench.db.open(bench.statement("SELECT id FROM author"), (), 2)
        await stream.fetch()
        del stream
        await settled(bench)

    bench.run(scenario())
