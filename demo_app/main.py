"""The application: ``uvicorn demo_app.main:app``."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from fastapi_offline import FastAPIOffline

from demo_app import audit, reports, shop
from demo_app.models import AuditEntry, Customer, Event, Order, PriceTier, Venue
from demo_app.seed import prepare
from dorm.signals import post_save
from dorm_fastapi import CRUDRouter, Dorm

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from fastapi import FastAPI
    from fastapi.routing import APIRoute

PAGES = Path(__file__).parent / "pages"


@contextlib.asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
    """Databases are usable in here: open the shop with something in it."""
    await prepare()
    yield


def operation_id(route: APIRoute) -> str:
    """Generated clients have a function of this name."""
    return route.name


app = FastAPIOffline(  # a FastAPI that brings the files of /docs along
    title="Boxoffice",
    summary="A ticket shop on dorm.",
    description="Browse the programme under *Shop*, change what is behind it under the names of the models.",
    lifespan=lifespan,
    generate_unique_id_function=operation_id,
)
Dorm(app, settings="demo_app.settings", wait_for_db=10)

post_save.connect(audit.write_down, sender=Order)

# Our own routes come first; generated ones answer whatever is left on their paths.
app.include_router(shop.router)
app.include_router(reports.router)
app.include_router(CRUDRouter(Venue))
app.include_router(CRUDRouter(Event))
app.include_router(shop.TierRouter(PriceTier, read_only=["available"]))
app.include_router(CRUDRouter(Customer))
app.include_router(CRUDRouter(Order, operations=["list"]))
app.include_router(CRUDRouter(AuditEntry, operations=["list", "retrieve"]))


@app.get("/", include_in_schema=False)
async def page() -> FileResponse:
    """The shop window."""
    return FileResponse(PAGES / "index.html", headers={"Cache-Control": "no-cache"})


app.mount("/pages", StaticFiles(directory=PAGES), name="pages")
