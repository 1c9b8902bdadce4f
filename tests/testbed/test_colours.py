from __future__ import annotations

import asyncio
import sqlite3
import threading
import time

import pytest

import dorm
from dorm.db.connection import blocking, suspending
from dorm.exceptions import SynchronousInAsyncWarning
from dorm.test import capture_queries
from tests.testbed import colours
from tests.testbed.colours import Call, Heart, busy, in_loop, run_in_loop


class Author(dorm.Model):
    name = dorm.CharField(max_length=100)

    class Meta:
        app_label = "testbed_colours"


class Answers:
    def ask(self, word: str) -> str:
        return f"{word}, at once"

    async def aask(self, word: str) -> str:
        await asyncio.sleep(0)
        return f"{word}, awaited"


async def test_call_chooses_the_method_of_its_colour(call):
    expected = {"sync": "yes, at once", "async": "yes, awaited"}
    assert expected[call.colour] == await call(Answers(), "ask", "yes")


async def test_a_loop_runs_in_the_asynchronous_colour_only(call):
    assert call.is_async == in_loop()


async def test_a_module_is_a_target_too(db, call):
    await call(dorm, "create_tables", Author)
    assert 0 == await call(Author.objects, "count")


async def test_list_and_stream_give_every_row(tables, call):
    tables(Author)
    for name in ("Ann", "Bob", "Cid"):
        await call(Author.objects, "create", name=name)
    assert ["Ann", "Bob", "Cid"] == [author.name for author in await call.list(Author.objects.order_by("name"))]


async def test_a_block_commits_or_rolls_back(tables, call):
    tables(Author)
    async with call.atomic():
        await call(Author.objects, "create", name="kept")
    with pytest.raises(KeyError):
        async with call.atomic():
            await call(Author.objects, "create", name="dropped")
            raise KeyError
    assert ["kept"] == [author.name for author in await call.list(Author.objects.all())]


async def test_both_colours_send_the_same_sql(tables, call):
    tables(Author)
    with capture_queries() as queries:
        await call(Author.objects.filter(name="Ann"), "first")
    assert 1 == len(queries)
    assert "LIMIT" in queries.sql[0]


def test_a_body_that_waits_fails_in_the_synchronous_colour():
    async def body() -> None:
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="waited for the event loop"):
        Call("sync").drive(body())


def test_a_failing_body_fails_the_test(call):
    async def body() -> None:
        raise KeyError("from the body")

    with pytest.raises(KeyError, match="from the body"):
        call.drive(body())


# -- Nothing blocks ----------------------------------------------------------------------------


async def _sleeps() -> None:
    time.sleep(0)  # noqa: ASYNC251 - what is to be found out


async def _connects() -> None:
    sqlite3.connect(":memory:").close()


async def _swallows() -> None:
    try:
        time.sleep(0)  # noqa: ASYNC251 - what is to be found out
    except Exception:
        return


@pytest.mark.parametrize(
    ("body", "named"), [(_sleeps, "time.sleep"), (_connects, "sqlite3.connect"), (_swallows, "time.sleep")]
)
def test_blocking_the_loop_is_found_out(body, named):
    with pytest.raises(pytest.fail.Exception, match=named):
        run_in_loop(body())


def test_a_stall_is_counted(monkeypatch):
    monkeypatch.setattr(colours, "STALL", 0.3)
    waited = threading.Event()

    async def body() -> None:
        waited.wait(0.8)

    with pytest.raises(pytest.fail.Exception, match="stood still"):
        run_in_loop(body())


@pytest.mark.parametrize(("computed", "told"), [(60.0, False), (0.0, True)])
def test_computing_is_no_stall(monkeypatch, computed, told):
    found: list[str] = []

    async def body() -> None:
        heart = Heart(found)
        late, used = time.monotonic() + 60, busy() + computed
        monkeypatch.setattr(colours, "monotonic", lambda: late)
        monkeypatch.setattr(colours, "busy", lambda: used)
        heart.stop()

    asyncio.run(body())
    assert told == bool(found)


def test_computing_is_told_from_waiting():
    before, start = busy(), time.thread_time()
    while time.thread_time() - start < 0.05:
        pass
    assert 0.05 <= busy() - before


def test_a_worker_thread_may_wait():
    async def body() -> None:
        await asyncio.to_thread(time.sleep, 0)

    run_in_loop(body())


@pytest.mark.filterwarnings("ignore::dorm.exceptions.SynchronousInAsyncWarning")
def test_a_synchronous_query_in_a_loop_is_found_out(tables):
    tables(Author)

    async def body() -> None:
        Author.objects.count()

    with pytest.raises(pytest.fail.Exception, match=r"connect|wait"):
        run_in_loop(body())


async def test_without_call_an_asynchronous_test_is_not_poisoned(sqlite_db):
    with pytest.warns(SynchronousInAsyncWarning):
        dorm.create_tables(Author)


def test_no_connection_survives_the_loop(db):
    async def body() -> None:
        await dorm.acreate_tables(Author)

    run_in_loop(body())
    assert 0 == suspending().driver.stats().get("open", 0)
    assert blocking().alias == "default"
