"""The primary dies under load, its replica is promoted: a list of hosts and ``target_session_attrs`` find it."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest

from dorm.conf import settings
from dorm.exceptions import OperationalError
from dorm.run import run
from tests.db.settling import settled, whole
from tests.faults.long.replicas import pair
from tests.faults.sessions import PATIENCE, wait_until
from tests.faults.test_restarts import Load

if TYPE_CHECKING:
    from dorm.test.postgres import PostgresServer
    from tests.faults.long.replicas import Replica

WORKERS = 6


@pytest.fixture
def vendor() -> str:
    return "postgresql"


def both(first: PostgresServer, second: PostgresServer, attributes: str) -> str:
    """One URL of two hosts."""
    hosts = f"127.0.0.1:{first.port},127.0.0.1:{second.port}"
    return f"postgresql://postgres:{first._password}@{hosts}/postgres?target_session_attrs={attributes}"


def fail_over(work: Load, primary: PostgresServer, replica: Replica) -> None:
    try:
        work.wait_for_more()
        primary.stop("immediate")
        replica.promote()
        work.wait_for_more()
    finally:
        work.stop = True


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_the_primary_dies(colour: str, bench_of: Any, configure: Any, record_property: Any) -> None:
    with pair() as (primary, replica):
        settings.configure(RETRY_BACKOFF=0.05)
        configure(both(primary, replica, "read-write"), MAX_POOL_SIZE=4, POOL_TIMEOUT=PATIENCE)
        bench = bench_of("postgresql", colour)
        run(bench_of("postgresql", "sync").execute("CREATE TABLE done (work bigint, part integer)"))
        work = Load(bench)
        if colour == "sync":
            threads = [threading.Thread(target=work.thread, args=(number,)) for number in range(WORKERS)]
            for thread in threads:
                thread.start()
            fail_over(work, primary, replica)
            for thread in threads:
                thread.join(PATIENCE)
            run(work.check())
            whole(bench)
        else:

            async def scenario() -> None:
                tasks = [asyncio.create_task(work.task(number)) for number in range(WORKERS)]
                await asyncio.to_thread(fail_over, work, primary, replica)
                await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE)
                await work.check()
                await settled(bench)

            bench.run(scenario())
        assert replica.run("SELECT pg_is_in_recovery()") == [(False,)]
        record_property("acknowledged", f"{len(work.acknowledged)} acknowledged, {len(work.unknown)} failed")
        configure("sqlite:///:memory:")


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_replica_is_read_and_refuses_to_write(colour: str, bench_of: Any, configure: Any) -> None:
    with pair() as (primary, replica):
        configure(primary.dsn())
        run(bench_of("postgresql", "sync").execute("CREATE TABLE done (work bigint)"))
        wait_until(lambda: replica.run("SELECT to_regclass('done')") != [(None,)], "the table")
        configure(both(primary, replica, "standby"))
        bench = bench_of("postgresql", colour)

        async def scenario() -> None:
            assert [(replica.port,)] == await bench.fetch("SELECT inet_server_port()")
            with pytest.raises(OperationalError, match="read-only"):
                await bench.execute("INSERT INTO done VALUES (1)")

        bench.run(scenario())
        configure("sqlite:///:memory:")
