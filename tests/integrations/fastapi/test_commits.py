"""A transaction per request: what a client is told when it does not commit, and what runs when it did."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.responses import StreamingResponse
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.cors import CORSMiddleware

from dorm.exceptions import OperationalError
from tests.integrations.fastapi.endpoints import total, with_endpoints

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import SimpleNamespace

    from fastapi import FastAPI


@pytest.fixture
def app(make_app: Callable[..., FastAPI], shop: SimpleNamespace, events: list[str]) -> FastAPI:
    """Endpoints that write, and then do what tests are about."""
    return with_endpoints(make_app(), shop, events)


@pytest.fixture(autouse=True)
def with_shop(app: FastAPI, shop: SimpleNamespace) -> None:
    app.state.shop = shop


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
