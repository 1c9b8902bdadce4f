"""A transaction per request: what happens in which order, and what a client is told when it does not commit."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException, WebSocket
from fastapi.responses import StreamingResponse
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.cors import CORSMiddleware
from starlette.testclient import TestClient

from dorm.exceptions import IntegrityError, OperationalError, SynchronousOnlyOperation
from dorm.transaction import aatomic, on_commit, set_rollback
from dorm_fastapi import DormMiddleware

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from types import SimpleNamespace

ALICE = {"name": "Alice", "email": "alice@example.com"}
BODY = json.dumps(ALICE).encode()


@pytest.fixture
def app(make_app: Callable[..., FastAPI], shop: SimpleNamespace, events: list[str]) -> FastAPI:
    """Endpoints that write, and then do what tests are about."""
    return with_endpoints(make_app(), shop, events)


def with_endpoints(app: FastAPI, shop: SimpleNamespace, events: list[str]) -> FastAPI:  # noqa: C901, PLR0915 - a list
    async def add(name: str = "Alice") -> Any:
        return await shop.Author.objects.acreate(name=name, email=f"{name}@example.com")

    @app.post("/add")
    async def add_one() -> None:
        await add()

    @app.get("/count")
    async def count() -> int:
        return await shop.Author.objects.acount()

    @app.post("/nothing")
    async def nothing() -> None:
        pass

    @app.post("/teapot")
    async def teapot() -> None:
        await add()
        raise HTTPException(418, "no coffee", headers={"x-pot": "tea"})

    @app.post("/crash")
    async def crash() -> None:
        await add()
        raise RuntimeError("a secret")

    @app.post("/orphan")
    async def orphan(background: BackgroundTasks) -> dict[str, str]:
        await shop.Book.objects.acreate(title="One", author_id=99)  # found out at COMMIT: keys are deferred
        background.add_task(events.append, "background")
        return {"status": "done"}

    @app.post("/swallowed")
    async def swallowed(background: BackgroundTasks) -> dict[str, str]:
        await add()
        try:
            await add()
        except IntegrityError:
            pass
        background.add_task(events.append, "background")
        return {"status": "done"}

    @app.post("/savepoint")
    async def savepoint() -> None:
        await add()
        try:
            async with aatomic():
                await add()
        except IntegrityError:
            pass

    @app.post("/undone")
    async def undone() -> None:
        await add()
        set_rollback(True)

    @app.post("/stream")
    async def stream() -> StreamingResponse:
        await add()

        async def rows() -> AsyncIterator[str]:
            async for author in shop.Author.objects.all():
                events.append("row")
                yield author.name

        return StreamingResponse(rows())

    @app.post("/background")
    async def background(tasks: BackgroundTasks) -> None:
        await add()

        async def later() -> None:
            await add("Bob")

        def later_in_a_thread() -> None:
            shop.Author.objects.create(name="Carol", email="carol@example.com")

        tasks.add_task(later)
        tasks.add_task(later_in_a_thread)

    @app.post("/hooks")
    async def hooks(fail: bool = False) -> None:
        await add()
        on_commit(lambda: events.append("hook"))
        if fail:
            on_commit(lambda: 1 / 0)

    @app.post("/plain")
    def plain(fail: bool = False) -> int:
        shop.Author.objects.create(name="Alice", email="alice@example.com")
        if fail:
            raise HTTPException(409)
        return shop.Author.objects.count()

    def session() -> Iterator[Any]:
        yield shop.Author.objects.create(name="Dependency", email="dependency@example.com")

    async def loaded() -> Any:
        return await add("Asynchronous")

    @app.post("/mixed", dependencies=[Depends(session), Depends(loaded)])
    def mixed(fail: bool = False) -> list[str]:
        shop.Author.objects.create(name="Endpoint", email="endpoint@example.com")
        if fail:
            raise HTTPException(400)
        return sorted(author.name for author in shop.Author.objects.all())

    @app.post("/blocking")
    async def blocking() -> None:
        await add()
        shop.Author.objects.count()

    @app.post("/together")
    async def together() -> None:
        await asyncio.gather(*(add(f"a{n}") for n in range(10)))

    @app.websocket("/socket")
    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        await add()
        await websocket.send_json(await shop.Author.objects.acount())
        await websocket.close()

    return app


async def total(serve: Callable[..., Any], app: FastAPI) -> int:
    async with serve(app) as client:
        found: int = (await client.get("/count")).json()
        return found


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
        await asyncio.sleep(60)

    async def add() -> None:
        await app.state.shop.Author.objects.acreate(**ALICE)

    app.state.add = add
    task = asyncio.create_task(record(app, "POST", "/slow"))
    await asyncio.wait_for(reached.wait(), 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert events == ["BEGIN", "INSERT", "ROLLBACK"]
    assert await total(serve, app) == 0


@pytest.fixture(autouse=True)
def with_shop(app: FastAPI, shop: SimpleNamespace) -> None:
    app.state.shop = shop


async def test_set_rollback_is_silent(app: FastAPI, record: Any, events: list[str], serve: Any) -> None:
    await record(app, "POST", "/undone")
    assert events == ["BEGIN", "INSERT", "ROLLBACK", "start 200", "body"]
    assert await total(serve, app) == 0


# -- Commits that fail -------------------------------------------------------------------------


async def test_a_commit_that_fails_is_never_a_success(
    app: FastAPI, record: Any, events: list[str], serve: Any, caplog: pytest.LogCaptureFixture
) -> None:
    messages = await record(app, "POST", "/orphan")
    assert [message["type"] for message in messages] == ["http.response.start", "http.response.body"]
    document = json.loads(messages[1]["body"])
    assert (messages[0]["status"], document["type"]) == (409, "urn:dorm:problem:related-missing")
    assert "done" not in str(messages)
    assert "background" not in events, "what follows a success must not happen"
    assert "The commit of POST /orphan failed" in caplog.text
    async with serve(app) as client:
        assert (await client.get("/books")).json()["total"] == 0


async def test_a_commit_that_fails_in_a_stream_or_behind_other_middleware_is_never_a_success(
    app: FastAPI, record: Any, events: list[str], shop: SimpleNamespace
) -> None:
    @app.post("/orphans")
    async def orphans() -> StreamingResponse:
        await shop.Book.objects.acreate(title="One", author_id=99)
        return StreamingResponse(iter(["a", "b"]))

    async def passing(request: Any, call_next: Any) -> Any:
        return await call_next(request)

    app.user_middleware.append(Middleware(BaseHTTPMiddleware, dispatch=passing))
    for path in ("/orphan", "/orphans"):
        messages = await record(app, "POST", path)
        assert [message["type"] for message in messages] == ["http.response.start", "http.response.body"]
        assert messages[0]["status"] == 409
    assert "background" not in events


async def test_a_script_from_elsewhere_may_read_why_a_commit_failed(app: FastAPI, serve: Any) -> None:
    app.user_middleware.append(Middleware(CORSMiddleware, allow_origins=["*"]))
    async with serve(app) as client:
        answer = await client.post("/orphan", headers={"origin": "https://elsewhere.example"})
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (409, "*")
        assert answer.headers["content-length"] == str(len(answer.content))


@pytest.mark.parametrize(
    ("sqlstate", "status", "kind", "retryable"),
    [("40001", 409, "retry", True), ("40P01", 409, "retry", True), (None, 503, "unavailable", None)],
)
async def test_the_reason_of_a_failed_commit_is_told(
    app: FastAPI,
    record: Any,
    monkeypatch: pytest.MonkeyPatch,
    sqlstate: str | None,
    status: int,
    kind: str,
    retryable: bool | None,
) -> None:
    async def commit(self: Any) -> None:
        await self.rollback()
        error = OperationalError("server closed the connection; user=admin")
        error.sqlstate = sqlstate
        raise error

    monkeypatch.setattr("dorm.db.scope.RequestScope.commit", commit)
    messages = await record(app, "POST", "/add")
    document = json.loads(messages[1]["body"])
    assert (messages[0]["status"], document["type"]) == (status, f"urn:dorm:problem:{kind}")
    assert document.get("retryable") is retryable
    assert ((b"retry-after", b"1") in messages[0]["headers"]) is (status == 503)
    assert "admin" not in str(messages)


async def test_a_swallowed_error_is_500_and_rolls_back(
    app: FastAPI, record: Any, events: list[str], serve: Any
) -> None:
    messages = await record(app, "POST", "/swallowed")
    assert messages[0]["status"] == 500
    assert "COMMIT" not in events
    assert "background" not in events
    assert await total(serve, app) == 0


async def test_an_error_behind_a_savepoint_may_be_swallowed(app: FastAPI, record: Any, serve: Any) -> None:
    messages = await record(app, "POST", "/savepoint")
    assert messages[0]["status"] == 200
    assert await total(serve, app) == 1


async def test_a_client_who_is_gone_does_not_undo_the_commit(
    app: FastAPI, record: Any, events: list[str], serve: Any
) -> None:
    with pytest.raises(OSError, match="the client is gone"):
        await record(app, "POST", "/add", fail_at="start")
    assert events[:3] == ["BEGIN", "INSERT", "COMMIT"]
    assert await total(serve, app) == 1


# -- After the commit --------------------------------------------------------------------------


async def test_hooks_run_after_the_commit_and_before_the_status_line(
    app: FastAPI, record: Any, events: list[str]
) -> None:
    await record(app, "POST", "/hooks")
    assert events == ["BEGIN", "INSERT", "COMMIT", "hook", "start 200", "body"]


async def test_a_hook_that_fails_does_not_hide_that_the_data_is_committed(
    app: FastAPI, record: Any, serve: Any, caplog: pytest.LogCaptureFixture, events: list[str]
) -> None:
    async with serve(app) as client:
        answer = await client.post("/hooks?fail=true")
        assert answer.status_code == 200
        assert (await client.get("/count")).json() == 1
    assert "An on_commit hook of POST /hooks failed; the request is committed" in caplog.text


async def test_a_streaming_body_runs_after_the_commit(app: FastAPI, record: Any, events: list[str]) -> None:
    messages = await record(app, "POST", "/stream")
    assert events[:4] == ["BEGIN", "INSERT", "COMMIT", "start 200"]
    assert "BEGIN" not in events[4:]
    assert b"".join(message.get("body", b"") for message in messages) == b"Alice"


async def test_background_tasks_run_after_the_commit(app: FastAPI, record: Any, events: list[str], serve: Any) -> None:
    await record(app, "POST", "/background")
    assert events == ["BEGIN", "INSERT", "COMMIT", "start 200", "body", "INSERT", "INSERT"]
    assert await total(serve, app) == 3


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
