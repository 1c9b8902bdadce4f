"""What happens between processes and at their end: forks, exits, loops that come and go."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from dorm.exceptions import TransactionManagementError
from dorm.run import run
from dorm.transaction import atomic

if TYPE_CHECKING:
    from tests.db.conftest import Bench

PROLOGUE = """
import asyncio, os, sys, threading, warnings
from dorm.conf import settings, database_url
from dorm.db.connection import blocking, suspending, close_all_async
from dorm.run import run
from dorm.sql.statement import Statement
from dorm.transaction import atomic, aatomic
settings.configure(DATABASES={"default": database_url(sys.argv[1])}, SYNC_IN_ASYNC="allow")
ONE = Statement("SELECT 1", reads=True)
ADD = Statement(f"INSERT INTO author VALUES (1, 'x', 20)")
"""

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


def script(url: str, body: str) -> subprocess.CompletedProcess[str]:
    """Run *body* in an interpreter of its own, with every warning shown; an exit that hangs is an error."""
    folder = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", PROLOGUE + textwrap.dedent(body), url],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=folder,
        check=False,
    )


def clean(done: subprocess.CompletedProcess[str]) -> None:
    assert (0, "") == (done.returncode, done.stderr)


def test_a_loop_that_is_not_closed_by_hand_leaves_nothing(url: str) -> None:
    body = """
        async def main():
            await asyncio.gather(*(suspending().fetch(ONE) for _ in range(5)))
            async with aatomic():
                await suspending().fetch(ONE)
        for _ in range(3):
            asyncio.run(main())
        run(blocking().fetch(ONE))
        """
    clean(script(url, body))


def test_an_exit_with_an_unclosed_connection_does_not_hang(url: str) -> None:
    body = """
        loop = asyncio.new_event_loop()
        loop.run_until_complete(suspending().fetch(ONE))
        loop.close()  # without the usual shutdown of asyncio.run
        run(blocking().fetch(ONE))
        """
    clean(script(url, body))


def test_an_exit_in_the_middle_of_a_block_does_not_commit(thread_bench: Bench, url: str) -> None:
    for body in (
        "atomic().__enter__(); run(blocking().execute(ADD))",
        "atomic().__enter__(); run(blocking().execute(ADD)); sys.exit(0)",
    ):
        done = script(url, body)
        assert 0 == done.returncode
    assert [] == run(thread_bench.keys())


def test_a_sudden_death_in_an_asynchronous_block_does_not_commit(thread_bench: Bench, url: str) -> None:
    body = """
        async def main():
            async with aatomic():
                await suspending().execute(ADD)
                os._exit(3)
        asyncio.run(main())
        """
    assert 3 == script(url, body).returncode
    assert [] == run(thread_bench.keys())


@needs_fork
def test_a_child_forgets_what_it_inherits(thread_bench: Bench) -> None:
    run(thread_bench.add(1))  # connections at rest
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        outcome = b"failed"
        try:
            run(thread_bench.add(2))
            outcome = b"fine" if [1, 2] == run(thread_bench.keys()) else b"wrong"
        finally:
            os.write(writer, outcome)
            os._exit(0)
    os.waitpid(child, 0)
    os.close(writer)
    assert b"fine" == os.read(reader, 100)
    os.close(reader)
    run(thread_bench.add(3))
    assert [1, 2, 3] == run(thread_bench.keys())


@needs_fork
def test_a_block_open_at_the_fork_is_the_parents(thread_bench: Bench) -> None:
    reader, writer = os.pipe()
    with atomic():
        run(thread_bench.add(1))
        child = os.fork()
        if child == 0:
            outcome = b"nothing raised"
            try:
                run(thread_bench.add(2))
            except TransactionManagementError as error:
                outcome = b"refused" if "parent" in str(error) else str(error).encode()
            finally:
                os.write(writer, outcome)
                os._exit(0)
        os.waitpid(child, 0)
        run(thread_bench.add(3))
    os.close(writer)
    assert b"refused" == os.read(reader, 100)
    os.close(reader)
    assert [1, 3] == run(thread_bench.keys())


@needs_fork
def test_a_child_that_exits_in_the_usual_way_ends_nothing_of_the_parents(thread_bench: Bench, url: str) -> None:
    body = """
        with atomic():
            run(blocking().execute(ADD))
            if os.fork() == 0:
                sys.exit(0)  # with all finalisers
            os.wait()
        assert [(1,)] == run(blocking().fetch(Statement("SELECT id FROM author")))
        """
    done = script(url, body)
    assert 0 == done.returncode, done.stderr
    assert [1] == run(thread_bench.keys())


@needs_fork
def test_a_child_of_a_process_with_a_loop_starts_its_own(url: str) -> None:
    body = """
        async def main():
            await suspending().fetch(ONE)
            if os.fork() == 0:
                os._exit(in_child())
            return os.waitstatus_to_exitcode(os.wait()[1])
        def in_child():
            asyncio._set_running_loop(None)
            return 0 if [(1,)] == asyncio.run(suspending().fetch(ONE)) else 1
        assert 0 == asyncio.run(main())
        """
    done = script(url, body)
    assert 0 == done.returncode, done.stderr
