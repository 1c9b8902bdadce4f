"""Starting, stopping and probing: what happens without a database, and who is told."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import types
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette

import dorm
from dorm.db.connection import close_all, get_async_connection
from dorm.exceptions import ImproperlyConfigured, OperationalError
from dorm.test.postgres import PostgresServer
from dorm_fastapi import CRUDRouter, Dorm, DormMiddleware, dorm_lifespan, health_routes

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from pathlib import Path
    from types import SimpleNamespace

ALICE = {"name": "Alice", "email": "alice@example.com"}

# Port 1 is nobody's: connecting is refused at once.
DOWN = {
    "postgresql": "postgresql://user:sesame@127.0.0.1:1/shop?min_pool_size=0&connect_timeout=2",
    "sqlite": "sqlite:////nowhere/at/all/db.sqlite3?min_pool_size=0",
}


@pytest.fixture
def down(vendor: str) -> str:
    return DOWN[vendor]


class Clock:
    """The time of the probes, which passes when a test says so."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("dorm_fastapi.health.time", clock)
    return clock


def assert_told_at_once(reports: list[dict[str, Any]]) -> None:
    """A database that is known to be down is not waited for."""
    assert reports
    assert [] == [report for report in reports if "no answer within" in report["error"]]


# -- Probes ------------------------------------------------------------------------------------


async def test_probes_are_200_while_the_database_answers(make_app: Callable[..., FastAPI], serve: Any) -> None:
    async with serve(make_app()) as client:
        for path in ("/livez", "/readyz", "/healthz"):
            answer = await client.get(path)
            assert (answer.status_code, answer.json()["status"]) == (200, "ok")
            assert answer.headers["cache-control"] == "no-store"
        assert answer.json()["databases"] == {"default": "ok"}


async def test_a_database_that_is_down_makes_it_unready_and_not_dead(
    down: str, serve: Any, shop: SimpleNamespace, reports: list[dict[str, Any]]
) -> None:
    app = FastAPI()
    Dorm(app, settings=down)

    @app.get("/count")
    async def count() -> int:
        return await shop.Author.objects.acount()

    async with serve(app) as client:
        assert (await client.get("/livez")).status_code == 200
        for path in ("/readyz", "/healthz"):
            answer = await client.get(path)
            assert (answer.status_code, answer.json()) == (
                503,
                {"status": "error", "databases": {"default": "error"}},
            )
        assert_told_at_once(reports)
        answer = await client.get("/count")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert answer.json()["type"] == "urn:dorm:problem:unavailable"
        assert "sesame" not in answer.text
        assert "127.0.0.1" not in answer.text


async def test_readiness_comes_back_with_the_database(down: str, database: str, serve: Any, clock: Clock) -> None:
    app = FastAPI()
    Dorm(app)
    dorm.configure(DATABASES={"default": down})
    async with serve(app) as client:
        assert (await client.get("/readyz")).status_code == 503
        dorm.configure(DATABASES={"default": database})
        clock.now += 0.9
        assert (await client.get("/readyz")).status_code == 503  # answers are remembered for a second
        clock.now += 0.2
        assert (await client.get("/readyz")).status_code == 200


async def test_a_server_that_stops_and_starts_again(
    serve: Any, shop: SimpleNamespace, clock: Clock, reports: list[dict[str, Any]]
) -> None:
    with await asyncio.to_thread(PostgresServer) as server:
        app = FastAPI()
        Dorm(app, settings=server.dsn())
        app.include_router(CRUDRouter(shop.Author))
        await dorm.acreate_tables(shop.Author)
        async with serve(app) as client:
            assert (await client.post("/authors", json=ALICE)).status_code == 201
            await asyncio.to_thread(server.stop)
            answers = await asyncio.gather(*(client.get(path) for path in ("/livez", "/readyz", "/healthz")))
            assert_told_at_once(reports)
            assert [answer.status_code for answer in answers] == [200, 503, 503]
            answer = await client.post("/authors", json={**ALICE, "email": "other@example.com"})
            assert answer.status_code == 503
            await asyncio.to_thread(server.start)
            clock.now += 1.05  # answers are remembered for a second
            assert (await client.get("/readyz")).status_code == 200
            assert (await client.post("/authors", json={**ALICE, "email": "third@example.com"})).status_code == 201
            page = (await client.get("/authors")).json()
            assert [row["email"] for row in page["items"]] == ["alice@example.com", "third@example.com"]


async def test_a_pool_that_is_busy_is_not_broken(
    make_app: Callable[..., FastAPI], serve: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(alias: str, timeout: float = 5.0) -> dict[str, Any]:
        return {"status": "error", "alias": alias, "elapsed_ms": 1.0, "error": "PoolTimeout: all 10 are in use"}

    async with serve(make_app()) as client:
        monkeypatch.setattr("dorm_fastapi.health.ahealth_check", busy)
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()["databases"]) == (200, {"default": "warn"})


async def test_an_answer_is_remembered_for_a_moment(
    make_app: Callable[..., FastAPI], serve: Any, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    asked: list[str] = []

    async def ok(alias: str, timeout: float = 5.0) -> dict[str, Any]:
        asked.append(alias)
        await asyncio.sleep(0)
        return {"status": "ok"}

    async with serve(make_app()) as client:
        monkeypatch.setattr("dorm_fastapi.health.ahealth_check", ok)
        await asyncio.gather(*(client.get("/readyz") for _ in range(20)))
        await client.get("/readyz")
    assert asked == ["default"]


async def test_readiness_ends_before_the_application(make_app: Callable[..., FastAPI], serve: Any) -> None:
    app = make_app()
    seen: list[int] = []

    @contextlib.asynccontextmanager
    async def inner(app: Any) -> AsyncGenerator[None]:
        yield
        seen.append(app.state.dorm_draining)

    app.router.lifespan_context = dorm_lifespan(inner=inner)
    async with serve(app) as client:
        assert (await client.get("/readyz")).status_code == 200
        app.state.dorm_draining = True
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()) == (503, {"status": "draining"})
        assert (await client.get("/livez")).status_code == 200
        app.state.dorm_draining = False
    assert seen == [True]


async def test_probes_have_other_paths_or_none(database: str, serve: Any) -> None:
    app = FastAPI()
    Dorm(app, health="/-/")
    async with serve(app) as client:
        assert (await client.get("/-/livez")).status_code == 200
        assert (await client.get("/livez")).status_code == 404
    app = FastAPI()
    Dorm(app, health=False)
    async with serve(app) as client:
        assert (await client.get("/livez")).status_code == 404


async def test_a_catch_all_route_does_not_hide_the_probes(database: str, serve: Any) -> None:
    app = FastAPI()

    @app.get("/{path:path}")
    async def everything(path: str) -> str:
        return path

    Dorm(app)
    async with serve(app) as client:
        assert (await client.get("/livez")).json() == {"status": "ok"}


# -- Life --------------------------------------------------------------------------------------


async def test_the_applications_own_lifespan_may_query_and_give_state(
    database: str, shop: SimpleNamespace, serve: Any
) -> None:
    seen: list[Any] = []

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[dict[str, Any]]:
        seen.append(await shop.Author.objects.acount())
        yield {"answer": 42}
        seen.append(await shop.Author.objects.acount())

    app = FastAPI(lifespan=lifespan)
    Dorm(app)
    async with app.router.lifespan_context(app) as state:
        assert state == {"answer": 42}
    assert seen == [0, 0]


async def test_pools_are_closed_at_the_end_and_open_again(make_app: Callable[..., FastAPI], serve: Any) -> None:
    app = make_app()
    for _ in range(3):
        async with serve(app) as client:
            assert (await client.get("/authors")).status_code == 200
            assert get_async_connection().pool_stats()["open"] is True
        assert get_async_connection().pool_stats()["open"] is False


async def test_starting_fails_when_the_database_stays_away(down: str) -> None:
    app = FastAPI()
    Dorm(app, settings=down, wait_for_db=0.3)
    with pytest.raises(OperationalError, match=r"'default' did not answer within 0.3 s: OperationalError") as caught:
        async with app.router.lifespan_context(app):
            raise AssertionError
    assert "sesame" not in str(caught.value)


async def test_starting_waits_for_a_database_that_comes(database: str, down: str) -> None:
    dorm.configure(DATABASES={"default": down})
    app = FastAPI()
    Dorm(app, wait_for_db=300)

    async def comes() -> None:
        await asyncio.sleep(0.3)
        dorm.configure(DATABASES={"default": database})

    task = asyncio.create_task(comes())
    async with app.router.lifespan_context(app):
        await task


async def test_a_pool_that_should_be_warm_and_is_not_is_logged(down: str, caplog: pytest.LogCaptureFixture) -> None:
    app = FastAPI()
    Dorm(app, settings=down.replace("min_pool_size=0", "min_pool_size=1"))
    async with app.router.lifespan_context(app):
        pass
    assert "'default' does not answer at start-up" in caplog.text
    assert "sesame" not in caplog.text


# -- Settings ----------------------------------------------------------------------------------


def test_settings_may_be_a_url_a_module_or_a_mapping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Dorm(settings=f"sqlite:///{tmp_path}/a.db")
    assert dorm.settings.DATABASES["default"].name == f"{tmp_path}/a.db"
    Dorm(settings={"DATABASES": {"default": "sqlite:///b.db"}, "DEBUG": True})
    assert (dorm.settings.DATABASES["default"].name, dorm.settings.DEBUG) == ("b.db", True)
    module = types.ModuleType("shop_settings")
    vars(module).update(DATABASES={"default": "sqlite:///c.db"}, DEBUG=False, SECRET_KEY="x")
    monkeypatch.setitem(sys.modules, "shop_settings", module)
    Dorm(settings="shop_settings")
    assert (dorm.settings.DATABASES["default"].name, dorm.settings.DEBUG) == ("c.db", False)
    close_all()


def test_wrong_settings_are_refused_at_the_line_that_wrote_them() -> None:
    with pytest.raises(ImproperlyConfigured, match="Did you mean 'DATABASES'"):
        Dorm(FastAPI(), settings={"DATABSES": {}})
    with pytest.raises(ImproperlyConfigured, match="a database URL, the name of a module or a mapping, not a int"):
        Dorm(FastAPI(), settings=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(ModuleNotFoundError, match="nowhere_at_all"):
        Dorm(FastAPI(), settings="nowhere_at_all")
    with pytest.raises(ValueError, match="'problem', 'fastapi' or 'off', not 'json'"):
        Dorm(FastAPI(), errors="json")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_an_application_has_one_dorm(database: str) -> None:
    app = FastAPI()
    extension = Dorm()
    extension.init_app(app)
    with pytest.raises(RuntimeError, match="has a Dorm already"):
        Dorm(app)


# -- Without FastAPI ---------------------------------------------------------------------------


async def test_starlette_alone_is_enough(database: str, serve: Any, shop: SimpleNamespace) -> None:
    app = Starlette(routes=health_routes(), lifespan=dorm_lifespan(settings=database))
    app.add_middleware(DormMiddleware)
    async with serve(app) as client:
        assert (await client.get("/readyz")).status_code == 200
    app = Starlette()
    Dorm(app)
    async with serve(app) as client:
        assert (await client.get("/readyz")).status_code == 200
        answer = await client.get("/nowhere")
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
