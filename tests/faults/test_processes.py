"""Several processes write at once, and some are killed.  Forks and exits are in tests/db/test_processes."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from dorm.run import run
from tests.faults.programs import finish, start

if TYPE_CHECKING:
    from tests.db.conftest import Bench

PROCESSES = 8


def test_read_modify_write_in_blocks_of_eight_processes_loses_no_update(thread_bench: Bench, url: str) -> None:
    run(thread_bench.add(1, age=100))
    body = """
        import time
        lock = " FOR UPDATE" if POSTGRESQL else ""
        tell("ready")
        sys.stdin.readline()
        for _ in range(12):
            with atomic():
                ((age,),) = fetch(f"SELECT age FROM author WHERE id = 1{lock}")
                time.sleep(0.001)  # so that they meet
                execute("UPDATE author SET age = ? WHERE id = 1", age + 1)
        """
    programs = [start(url, body, number) for number in range(PROCESSES)]
    for program in programs:
        assert program.stdout is not None
        assert "ready\n" == program.stdout.readline()
    for program in programs:
        assert program.stdin is not None
        program.stdin.write("\n")
        program.stdin.flush()
    finish(programs)
    assert [(100 + 12 * PROCESSES,)] == run(thread_bench.fetch("SELECT age FROM author"))


def test_threads_of_several_processes_write_every_row_once(thread_bench: Bench, url: str) -> None:
    body = """
        def work(thread):
            for number in range(20):
                key = me * 1000 + thread * 100 + number
                if number % 2:
                    execute("INSERT INTO author VALUES (?, ?, 30)", key, str(key))
                else:
                    with atomic():
                        execute("INSERT INTO author VALUES (?, ?, 30)", key, str(key))
        threads = [threading.Thread(target=work, args=(thread,)) for thread in range(4)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        """
    finish([start(url, body, number) for number in range(4)])
    wanted = sorted(p * 1000 + t * 100 + n for p in range(4) for t in range(4) for n in range(20))
    assert wanted == run(thread_bench.keys())


def test_killed_in_the_middle_of_blocks(thread_bench: Bench, url: str, rounds: int) -> None:
    """Each block writes two rows: both are there or none, and those that were told are there."""
    body = """
        key = me
        while True:
            with atomic():
                execute("INSERT INTO author VALUES (?, ?, 30)", key, str(key))
                tell("half", key)
                execute("INSERT INTO author VALUES (?, ?, 30)", key + 1, str(key + 1))
            tell("whole", key)
            key += 2
        """
    told: list[str] = []
    for number in range(2 * rounds):
        program = start(url, body, number * 1_000_000)
        assert program.stdout is not None
        for _ in range(31 + number):  # an odd number: in a block; an even one: about to begin another
            line = program.stdout.readline()
            assert line, program.communicate()[1]
            told.append(line)
        program.kill()
        rest, _ = program.communicate()
        assert 0 != program.returncode
        told += rest.splitlines()
    keys = set(run(thread_bench.keys()))
    assert {key for key in keys if key % 2 == 0} == {key - 1 for key in keys if key % 2}
    acknowledged = {int(line.split()[1]) for line in told if line.startswith("whole")}
    assert len(acknowledged) >= 20
    assert acknowledged <= keys
    if thread_bench.vendor == "sqlite":
        assert ["ok"] == [row[0] for row in run(thread_bench.fetch("PRAGMA integrity_check"))]
    run(thread_bench.add(-5))


def test_a_process_killed_while_it_holds_the_lock_lets_others_go_on(thread_bench: Bench, url: str) -> None:
    body = """
        with atomic():
            execute("INSERT INTO author VALUES (1, 'x', 30)")
            tell("holds")
            sys.stdin.read()
        """
    program = start(url, body)
    assert program.stdout is not None
    assert "holds" == program.stdout.readline().strip()
    if thread_bench.vendor == "sqlite":
        other = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=0)
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            pass  # it does hold it
        else:
            raise AssertionError("nobody holds the lock")
        finally:
            other.close()
    program.kill()
    program.communicate()
    run(thread_bench.add(1))
    assert [1] == run(thread_bench.keys())
