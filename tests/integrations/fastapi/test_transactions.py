"""A transaction per request: what happens in which order, and what takes everything back."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from dorm.exceptions import SynchronousOnlyOperation
from dorm_fastapi import DormMiddleware
from tests.integrations.fastapi.endpoints import ALICE, BODY, total, with_endpoints

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import SimpleNamespace


@pytest.fixture
def app(make_app: Callable[..., FastAPI], shop: SimpleNamespace, events: list[str]) -> FastAPI:
    """Endpoints that write, and then do what tests are about."""
    return with_endpoints(make_app(), shop, events)


@pytest.fixture(autouse=True)
def with_shop(app: FastAPI, shop: SimpleNamespace) -> None:
    app.state.shop = shop


# -- Order -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/authors", "/add"])
async def test_the_commit_comes_before_the_status_line(app: FastAPI, record: Any, events: list[str], path: str) -> None:
    messages = await record(app, "POST", path, BODY)
    assert messages[0]["status"] in (200, 201)
    assert [event for event in events if event != "SAVEPOINT"][:4] == ["BEGIN", "INSERT", "COMMIT", events[3]]
    assert events[3:] == [f"start {messages[0]['status']}", "body"]


async def test_a_request_without_statements_opens_nothing(app: FastAPI, record: Any, events: list[str]) -> None:
    await record(app, "POST", "/nothing")
    assert events == ["start 200", "body"]


async def test_safe_methods_commit_statement_by_statement(app: FastAPI, record: Any, events: list[str]) -> None:
    await record(app, "GET", "/authors")
    assert events == ["SELECT", "start 200", "body"]


@pytest.mark.parametrize(
    ("atomic", "method", "opened"),
    [
        ("all", "GET", True),
        ("all", "POST", True),
        ("off", "POST", False),
        ("off", "GET", False),
        ("writes", "GET", False),
    ],
)
async def test_atomic_chooses_which_requests_have_a_transaction(
    make_app: Callable[..., FastAPI], record: Any, events: list[str], atomic: str, method: str, opened: bool
) -> None:
    await record(make_app(atomic=atomic), method, "/authors", BODY)
    assert ("BEGIN" in events) is opened
    assert ("COMMIT" in events) is opened


async def test_using_limits_it_to_some_databases(
    make_app: Callable[..., FastAPI], record: Any, events: list[str]
) -> None:
    await record(make_app(using=["other"], health=False), "POST", "/authors", BODY)
    assert events == ["INSERT", "start 201", "body"]


async def test_excluded_paths_pass_through(
    database: str, record: Any, events: list[str], shop: SimpleNamespace
) -> None:
    app = with_endpoints(FastAPI(), shop, events)
    app.add_middleware(DormMiddleware, exclude=["/add"])
    await record(app, "POST", "/add")
    assert "BEGIN" not in events


async def test_a_wrong_option_is_refused_when_it_is_written(make_app: Callable[..., FastAPI]) -> None:
    with pytest.raises(ValueError, match="'writes', 'all' or 'off', not 'write'"):
        DormMiddleware(make_app(), atomic="write")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(TypeError, match="collections of names"):
        DormMiddleware(make_app(), using="default")


# -- Rollback ----------------------------------------------------------------------------------


async def test_an_error_status_rolls_back(app: FastAPI, record: Any, events: list[str], serve: Any) -> None:
    messages = await record(app, "POST", "/teapot")
    assert events == ["BEGIN", "INSERT", "ROLLBACK", "start 418", "body"]
    assert (b"x-pot", b"tea") in messages[0]["headers"]
    assert await total(serve, app) == 0


async def test_an_exception_rolls_back_and_tells_nothing(
    app: FastAPI, record: Any, events: list[str], serve: Any
) -> None:
    with pytest.raises(RuntimeError, match="a secret"):
        await record(app, "POST", "/crash")
    assert events == ["BEGIN", "INSERT", "ROLLBACK", "start 500", "body"]
    async with serve(app) as client:
        answer = await client.post("/crash")
        assert answer.json() == {
            "type": "about:blank",
            "title": "Internal Server Error",
            "status": 500,
            "instance": "/crash",
        }
        assert (await client.get("/count")).json() == 0


async def test_a_cancelled_request_rolls_back(app: FastAPI, record: Any, events: list[str], serve: Any) -> None:
    reached = asyncio.Event()

    @app.post("/slow")
    async def slow() -> None:
        await app.state.add()
        reached.set()
        await asyncio.Event().wait()

    async def add() -> None:
        await app.state.shop.Author.objects.acreate(**ALICE)

    app.state.add = add
    task = asyncio.create_task(record(app, "POST", "/slow"))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert events == ["BEGIN", "INSERT", "ROLLBACK"]
    assert await total(serve, app) == 0


async def test_set_rollback_is_silent(app: FastAPI, record: Any, events: list[str], serve: Any) -> None:
    await record(app, "POST", "/undone")
    assert events == ["BEGIN", "INSERT", "ROLLBACK", "start 200", "body"]
    assert await total(serve, app) == 0


# -- Colours -----------------------------------------------------------------------------------


async def test_def_endpoints_join_the_requests_transaction(app: FastAPI, serve: Any, events: list[str]) -> None:
    async with serve(app) as client:
        assert (await client.post("/plain?fail=true")).status_code == 409
        assert events == ["BEGIN", "INSERT", "ROLLBACK"]
        del events[:]
        assert (await client.post("/plain")).json() == 1
        assert events == ["BEGIN", "INSERT", "SELECT", "COMMIT"]


async def test_dependencies_of_both_colours_join_it_too(app: FastAPI, serve: Any, events: list[str]) -> None:
    async with serve(app) as client:
        assert (await client.post("/mixed?fail=true")).status_code == 400
        assert events == ["BEGIN", "INSERT", "INSERT", "INSERT", "ROLLBACK"]
        assert (await client.get("/count")).json() == 0
        assert (await client.post("/mixed")).json() == ["Asynchronous", "Dependency", "Endpoint"]


async def test_a_synchronous_call_in_an_asynchronous_endpoint_is_refused(app: FastAPI, record: Any, serve: Any) -> None:
    with pytest.raises(SynchronousOnlyOperation, match="Await the method that begins with 'a'"):
        await record(app, "POST", "/blocking")
    assert await total(serve, app) == 0


async def test_tasks_of_one_request_share_its_transaction(app: FastAPI, record: Any, events: list[str]) -> None:
    await record(app, "POST", "/together")
    assert events == ["BEGIN", *["INSERT"] * 10, "COMMIT", "start 200", "body"]


def test_websockets_pass_through(app: FastAPI, events: list[str]) -> None:
    with TestClient(app) as client, client.websocket_connect("/socket") as socket:
        assert socket.receive_json() == 1
    assert "BEGIN" not in events


async def test_many_requests_at_once_do_not_see_each_others_transactions(app: FastAPI, serve: Any) -> None:
    async with serve(app) as client:
        answers = await asyncio.gather(
            *(client.post("/authors", json={"name": f"a{n}", "email": f"{n}@example.com"}) for n in range(30)),
            *(client.post("/teapot") for _ in range(10)),
        )
        assert [answer.status_code for answer in answers] == [201] * 30 + [418] * 10
        assert (await client.get("/count")).json() == 30


def test_nothing_is_said_at_the_level_of_warnings(app: FastAPI, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING), TestClient(app) as client:
        assert client.post("/authors", json=ALICE).status_code == 201
    assert [record for record in caplog.records if record.name.startswith("dorm")] == []
