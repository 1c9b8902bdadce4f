"""Behind PgBouncer in transaction mode: three sessions of the server for everybody, and none keeps anything."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from dorm.run import run
from dorm.test.identity import Identity
from dorm.transaction import aatomic, atomic
from tests.db.settling import settled, whole
from tests.faults.long.bouncer import Bouncer, found
from tests.faults.sessions import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dorm.test.postgres import PostgresServer
    from tests.db.conftest import Bench


@pytest.fixture(scope="module")
def bouncer(own_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bouncer]:
    identity = Identity()
    folder = identity.new_folder()
    program = found(folder)
    if isinstance(program, str):
        pytest.skip(program)
    own_server.create_database("bounced")
    made = Bouncer(*program, own_server, identity)
    yield made
    made.close()
    own_server.drop_database("bounced")


@pytest.fixture(params=["sync", "async"])
def bounced(request: pytest.FixtureRequest, bouncer: Bouncer, bench_of: Any, configure: Any, make_tables: Any) -> Any:
    configure(f"{bouncer.url}/bounced", PGBOUNCER=True, POOL_TIMEOUT=PATIENCE, STATEMENT_TIMEOUT=PATIENCE)
    bench = bench_of("postgresql", request.param)
    run(bench_of("postgresql", "sync").execute("DROP TABLE IF EXISTS author, book"))
    return make_tables(bench)


def test_everything_works_on_three_sessions(bounced: Bench, own_server: PostgresServer, record_property: Any) -> None:
    async def work(key: int) -> None:
        block = await bounced.db.begin()
        await bounced.add(key)
        nested = await bounced.db.begin()
        await bounced.execute("UPDATE author SET age = 40 WHERE id = ?", key)
        await bounced.db.end(nested, failed=key % 2 == 1)
        await bounced.db.end(block, failed=key % 5 == 4)

    if bounced.colour == "sync":
        with ThreadPoolExecutor(20) as threads:
            list(threads.map(lambda key: run(work(key)), range(200)))
        run(check(bounced))
    else:

        async def scenario() -> None:
            await asyncio.gather(*(work(key) for key in range(200)))
            await check(bounced)
            await settled(bounced)

        bounced.run(scenario())
    sessions = own_server.run("SELECT count(*) FROM pg_stat_activity WHERE datname = 'bounced'")[0][0]
    record_property("sessions", f"{sessions} sessions of the server")
    assert sessions <= 3


async def check(bench: Bench) -> None:
    rows = await bench.fetch("SELECT id, age FROM author ORDER BY id")
    assert [(key, 30 if key % 2 else 40) for key in range(200) if key % 5 != 4] == rows
    stream = await bench.db.open(bench.statement("SELECT id FROM author ORDER BY id", reads=True), (), 7)
    got: list[Any] = []
    while portion := await stream.fetch():
        got += portion
    assert 160 == len(got)
    await stream.close()


def test_the_pooler_loses_its_sessions(bounced: Bench, own_server: PostgresServer) -> None:
    async def scenario() -> list[int]:
        await bounced.add(1)
        own_server.run(
            "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity "
            "WHERE datname = 'bounced' AND pid <> pg_backend_pid()"
        )
        found: list[int] = []
        for _ in range(3):  # the pooler finds out when it uses one
            try:
                found = await bounced.keys()
            except Exception:
                continue
        return found

    assert [1] == bounced.run(scenario())


def test_a_block_keeps_its_session(bounced: Bench) -> None:
    async def scenario() -> None:
        async with aatomic():
            numbers = {(await bounced.fetch("SELECT pg_backend_pid()"))[0][0] for _ in range(20)}
        assert 1 == len(numbers)

    if bounced.colour == "async":
        bounced.run(scenario())
        return
    with atomic():
        assert 1 == len({run(bounced.fetch("SELECT pg_backend_pid()"))[0][0] for _ in range(20)})
    whole(bounced)
