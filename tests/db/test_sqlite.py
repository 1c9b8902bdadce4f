"""SQLite files and memory: how they are opened, shared and locked."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import os
import sqlite3
import threading
from typing import TYPE_CHECKING, Any

import pytest

from dorm.conf import settings
from dorm.db.backends import sqlite_connection
from dorm.db.backends.sqlite_async import Worker
from dorm.db.connection import blocking, close_all, suspending
from dorm.exceptions import ImproperlyConfigured, OperationalError, PoolTimeout
from dorm.run import run
from dorm.sql.statement import Statement
from dorm.transaction import aatomic, atomic
from tests.db.settling import PATIENCE, settled, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.db.conftest import Bench


@pytest.fixture
def vendor() -> str:
    return "sqlite"


def pragma(name: str) -> Any:
    return run(blocking().fetch(Statement(f"PRAGMA {name}")))[0][0]


# -- Opening -----------------------------------------------------------------------------------


def test_a_connection_is_as_we_promise(sqlite: str, configure: Any) -> None:
    configure(sqlite, BUSY_TIMEOUT=3)
    assert (1, 3000, "delete") == (pragma("foreign_keys"), pragma("busy_timeout"), pragma("journal_mode"))


def test_wal_is_less_synchronous_unless_told(sqlite: str, configure: Any) -> None:
    configure(sqlite, OPTIONS={"journal_mode": "WAL", "cache_size": -4000})
    assert ("wal", 1, -4000) == (pragma("journal_mode"), pragma("synchronous"), pragma("cache_size"))
    configure(sqlite, OPTIONS={"journal_mode": "wal", "synchronous": "FULL"})
    assert 2 == pragma("synchronous")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"jornal_mode": "wal"}, "Did you mean 'journal_mode'"),
        ({"cache_size": "1; DROP TABLE author"}, "a word or a number"),
        ({"transaction_mode": "LATER"}, "IMMEDIATE"),
        ({"cached_statements": "many"}, "a number"),
    ],
)
@pytest.mark.parametrize("executor", [blocking, suspending])
def test_options_are_checked(sqlite: str, options: dict[str, Any], message: str, executor: Any, configure: Any) -> None:
    configure(sqlite, OPTIONS=options)
    with pytest.raises(ImproperlyConfigured, match=message):
        executor()


@pytest.fixture
def why(bench_of: Any, configure: Any) -> Any:
    """Why a file cannot be opened: the message."""

    def ask(path: Path, colour: str) -> str:
        configure(f"sqlite:///{path}")
        with pytest.raises(OperationalError) as caught:
            bench = bench_of("sqlite", colour)
            bench.run(bench.fetch("SELECT 1"))
        return str(caught.value)

    return ask


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_why_a_file_cannot_be_opened(tmp_path: Path, colour: str, why: Any) -> None:
    assert "does not exist" in why(tmp_path / "missing" / "db.sqlite3", colour)
    assert "it is a folder" in why(tmp_path, colour)
    text = tmp_path / "notes.txt"
    text.write_text("these are only notes, and far too long to be taken for an empty file" * 20)
    assert "not a database" in why(text, colour)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path, why: Any) -> None:
    path = tmp_path / "db.sqlite3"
    path.touch(mode=0o000)
    assert "may not read" in why(path, "sync")


def test_an_old_library_is_refused(sqlite: str, monkeypatch: pytest.MonkeyPatch, configure: Any) -> None:
    monkeypatch.setattr(sqlite_connection, "LEAST", (99, 0, 0))
    configure(sqlite)
    with pytest.raises(ImproperlyConfigured, match=r"SQLite 99\.0\.0 or newer is needed"):
        blocking()


def test_functions_of_the_dialect_are_known_to_every_connection(bench: Bench) -> None:
    names = [name for name, _, _ in bench.db.dialect.functions]
    assert names
    known = {row[0] for row in bench.run(bench.fetch("SELECT name FROM pragma_function_list"))}
    assert {name.lower() for name in names} <= {name.lower() for name in known}


# -- Memory ------------------------------------------------------------------------------------


def test_a_database_in_memory_is_shared_by_threads_tasks_and_colours(
    bench_of: Any, configure: Any, make_tables: Any
) -> None:
    configure("sqlite:///:memory:")
    synchronous = make_tables(bench_of("sqlite", "sync"))
    asynchronous = bench_of("sqlite", "async")
    run(synchronous.add(1))
    thread = threading.Thread(target=lambda: run(synchronous.add(2)))
    thread.start()
    thread.join()

    async def scenario() -> list[int]:
        await asyncio.gather(*(asynchronous.add(key) for key in range(3, 9)))
        return await asynchronous.keys()

    assert list(range(1, 9)) == asynchronous.run(scenario())
    close_all()
    assert list(range(1, 9)) == run(synchronous.keys())


def test_every_alias_in_memory_is_a_database_of_its_own() -> None:
    settings.configure(DATABASES={"default": "sqlite:///:memory:", "other": "sqlite:///:memory:"})
    run(blocking().script([Statement("CREATE TABLE here (id integer)")]))
    assert [] == run(blocking("other").fetch(Statement("SELECT * FROM sqlite_master")))


def test_a_new_configuration_is_a_new_memory(bench_of: Any, configure: Any, make_tables: Any) -> None:
    configure("sqlite:///:memory:", BUSY_TIMEOUT=2)
    make_tables(bench_of("sqlite", "sync"))
    configure("sqlite:///:memory:", BUSY_TIMEOUT=1)
    assert [] == run(blocking().fetch(Statement("SELECT * FROM sqlite_master")))


# -- Locks -------------------------------------------------------------------------------------


def test_a_block_takes_the_write_lock_at_its_beginning(
    sqlite: str, bench_of: Any, configure: Any, make_tables: Any
) -> None:
    configure(sqlite, BUSY_TIMEOUT=0)
    bench = make_tables(bench_of("sqlite", "sync"))
    other = sqlite3.connect(sqlite.removeprefix("sqlite:///"), timeout=0)
    with atomic(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("INSERT INTO author VALUES (1, 'x', 20)")
    with atomic(read_only=True):
        other.execute("INSERT INTO author VALUES (1, 'x', 20)")
        other.rollback()
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError, match="locked"), atomic():
        raise AssertionError
    other.close()
    assert [] == run(bench.keys())


def test_read_modify_write_in_blocks_loses_no_update(loop_bench: Bench) -> None:
    async def increment() -> None:
        async with aatomic():
            ((age,),) = await loop_bench.fetch("SELECT age FROM author WHERE id = 1")
            await asyncio.sleep(0)
            await loop_bench.execute("UPDATE author SET age = ? WHERE id = 1", age + 1)

    async def scenario() -> list[tuple[int]]:
        await loop_bench.add(1, age=20)
        await asyncio.gather(*(increment() for _ in range(40)))
        return await loop_bench.fetch("SELECT age FROM author")

    assert [(60,)] == loop_bench.run(scenario())


def test_a_full_pool_is_a_pool_timeout(sqlite: str, bench_of: Any, configure: Any, make_tables: Any) -> None:
    configure(sqlite, MAX_POOL_SIZE=1, POOL_TIMEOUT=0.1)
    bench = make_tables(bench_of("sqlite", "async"))

    async def scenario() -> None:
        async with aatomic():
            await bench.add(1)
            task = asyncio.get_running_loop().create_task(bench.keys(), context=contextvars.Context())
            with pytest.raises(PoolTimeout, match="MAX_POOL_SIZE"):
                await task

    bench.run(scenario())


class Gate:
    """Holds ``SELECT 'held'`` in its thread until it is let go."""

    SQL = "SELECT 'held'"

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.open = threading.Event()

    def fetch(self, connection: Any, sql: str, parameters: Any) -> Any:
        if sql == self.SQL:
            self.entered.set()
            assert self.open.wait(PATIENCE)
        return fetch(connection, sql, parameters)


fetch = sqlite_connection.fetch


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    gate = Gate()
    monkeypatch.setattr(sqlite_connection, "fetch", gate.fetch)
    yield gate
    gate.open.set()


def test_the_loop_runs_while_a_statement_does(loop_bench: Bench, gate: Gate) -> None:
    async def scenario() -> list[Any]:
        task = asyncio.create_task(loop_bench.fetch(gate.SQL))
        await until(loop_bench, gate.entered.is_set)
        assert not task.done()
        gate.open.set()
        return await task

    assert [("held",)] == loop_bench.run(scenario())


def test_a_statement_is_one_hop(loop_bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    hops: list[Any] = []
    execute = Worker._execute

    async def counted(self: Any, function: Any, *arguments: Any, **more: Any) -> Any:
        hops.append(function)
        return await execute(self, function, *arguments, **more)

    async def scenario() -> None:
        await loop_bench.add(1)
        monkeypatch.setattr(Worker, "_execute", counted)
        await loop_bench.fetch("SELECT 1")
        assert 1 == len(hops)
        await loop_bench.add(2)
        assert 2 == len(hops)
        async with aatomic():
            await loop_bench.add(3)
        assert 5 == len(hops)
        monkeypatch.undo()

    loop_bench.run(scenario())


def test_a_begin_left_open_by_hand_is_not_given_back(bench: Bench) -> None:
    async def scenario() -> None:
        await bench.keys()
        await bench.execute("BEGIN")
        await bench.add(1)
        with contextlib.closing(sqlite3.connect(bench.db.driver.database.name)) as other:
            assert [(1,)] == other.execute("SELECT id FROM author").fetchall()
        await bench.fetch("BEGIN")
        await bench.add(2)
        with contextlib.closing(sqlite3.connect(bench.db.driver.database.name)) as other:
            assert [(1,), (2,)] == other.execute("SELECT id FROM author").fetchall()

    bench.run(scenario())


def test_nobody_waits_behind_a_cancelled_statement(loop_bench: Bench, gate: Gate) -> None:
    async def scenario() -> None:
        task = asyncio.create_task(loop_bench.fetch(gate.SQL))
        await until(loop_bench, gate.entered.is_set)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        for _ in range(5):
            await asyncio.wait_for(loop_bench.fetch("SELECT 1"), PATIENCE / 2)
        pool = loop_bench.db.driver.pool
        assert (2, 1) == (pool.size, len(pool.idle))
        gate.open.set()
        await settled(loop_bench)
        assert 2 == pool.size

    loop_bench.run(scenario())
