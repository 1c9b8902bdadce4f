"""Probes: ``/livez`` (this process), ``/readyz`` and ``/healthz`` (the databases as well).

Liveness never asks the database: a database that is down is no reason to restart every process that uses it.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from dorm.conf import settings
from dorm.health import ahealth_check
from dorm_fastapi.lifespan import DRAINING
from dorm_fastapi.needs import needed

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route
else:
    Response = needed("starlette.responses").Response  # answers what was asked for, before anything is imported
    Route = needed("starlette.routing").Route

JSONResponse = needed("starlette.responses").JSONResponse
_NO_STORE = {"Cache-Control": "no-store"}


class Checks:
    """Asks the databases, all at the same time, and remembers the answer for a moment."""

    def __init__(self, using: Collection[str] | None, timeout: float, cache_for: float) -> None:
        self.using = using
        self.timeout = timeout
        self.cache_for = cache_for
        self._answer: dict[str, str] = {}
        self._until = 0.0
        self._asking: asyncio.Task[dict[str, str]] | None = None

    async def answer(self) -> dict[str, str]:
        """``ok``, ``warn`` (busy: every connection is in use) or ``error`` by alias."""
        if time.monotonic() < self._until:
            return self._answer
        task = self._asking
        if task is None or task.done() or task.get_loop() is not asyncio.get_running_loop():
            task = self._asking = asyncio.create_task(self._ask())
        return await asyncio.shield(task)

    async def _ask(self) -> dict[str, str]:
        aliases = list(settings.DATABASES if self.using is None else self.using) if settings.configured else []
        reports = await asyncio.gather(*(ahealth_check(alias, timeout=self.timeout) for alias in aliases))
        self._answer = {alias: _level(report) for alias, report in zip(aliases, reports, strict=True)}
        self._until = time.monotonic() + self.cache_for
        return self._answer


def _level(report: dict[str, Any]) -> str:
    if report["status"] == "ok":
        return "ok"
    # What is busy works; only the class of an error is told, its text may name hosts and users.
    return "warn" if str(report["error"]).startswith("PoolTimeout") else "error"


def health_routes(
    *,
    using: Collection[str] | None = None,
    timeout: float = 1.0,
    cache_for: float = 1.0,
    livez: str = "/livez",
    readyz: str = "/readyz",
    healthz: str = "/healthz",
) -> list[Route]:
    """The three probes as Starlette routes.  *using* names the databases that readiness needs (all)."""
    checks = Checks(using, timeout, cache_for)

    async def live(request: Request) -> Response:
        answer: Response = JSONResponse({"status": "ok"}, headers=_NO_STORE)
        return answer

    async def ready(request: Request) -> Response:
        if getattr(request.app.state, DRAINING, False):
            draining: Response = JSONResponse({"status": "draining"}, 503, headers=_NO_STORE)
            return draining
        databases = await checks.answer()
        worst = next((level for level in ("error", "warn") if level in databases.values()), "ok")
        body = {"status": worst, "databases": databases}
        answer: Response = JSONResponse(body, 503 if worst == "error" else 200, headers=_NO_STORE)
        return answer

    return [
        Route(livez, live, methods=["GET"], include_in_schema=False),
        Route(readyz, ready, methods=["GET"], include_in_schema=False),
        Route(healthz, ready, methods=["GET"], include_in_schema=False),
    ]
