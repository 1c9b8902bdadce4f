"""Endpoints that write, and then do what tests of transactions are about."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException, WebSocket
from fastapi.responses import StreamingResponse

from dorm.exceptions import IntegrityError
from dorm.transaction import aatomic, on_commit, set_rollback

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from types import SimpleNamespace

ALICE = {"name": "Alice", "email": "alice@example.com"}
BODY = json.dumps(ALICE).encode()


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
