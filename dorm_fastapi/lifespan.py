"""Starting and stopping: settings, waiting for the database, closing the pools."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import dorm.conf
from dorm.db.connection import close_all, close_all_async, suspending
from dorm.exceptions import ImproperlyConfigured, OperationalError
from dorm.health import ahealth_check

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from contextlib import AbstractAsyncContextManager

    Settings = str | Mapping[str, Any] | None
    Lifespan = Callable[[Any], AbstractAsyncContextManager[Any]]

DRAINING = "dorm_draining"
"""The attribute of ``app.state`` that turns readiness off."""

_log = logging.getLogger("dorm.requests")


def apply_settings(settings: Settings) -> None:
    """Configure from a database URL, the name of a settings module, or a mapping of settings."""
    match settings:
        case None:
            return
        case str() if "://" in settings:
            dorm.conf.configure(DATABASES={"default": settings})
        case str():
            dorm.conf.configure_from(importlib.import_module(settings))
        case Mapping():
            dorm.conf.configure(**settings)
        case _:
            raise ImproperlyConfigured(
                f"settings is a database URL, the name of a module or a mapping, not a {type(settings).__name__}."
            )


def dorm_lifespan(
    *,
    settings: Settings = None,
    wait_for_db: float = 0.0,
    shutdown_timeout: float = 10.0,
    inner: Lifespan | None = None,
) -> Lifespan:
    """A lifespan that configures, runs *inner* with the databases usable, and closes every pool at the end.

    No connection is made before somebody asks for one, except with *wait_for_db*: then the databases must answer within
    that many seconds, or starting fails.  Pools with a ``MIN_POOL_SIZE`` are tried once, and a failure is logged.
    """

    @contextlib.asynccontextmanager
    async def lifespan(app: Any) -> AsyncGenerator[Any]:
        apply_settings(settings)
        await _warm_up(wait_for_db)
        state = getattr(app, "state", None)
        if state is not None:
            setattr(state, DRAINING, False)
        try:
            async with contextlib.AsyncExitStack() as stack:
                yield None if inner is None else await stack.enter_async_context(inner(app))
                if state is not None:
                    setattr(state, DRAINING, True)
        finally:
            await _close(shutdown_timeout)

    return lifespan


async def _warm_up(wait_for_db: float) -> None:
    databases = dorm.conf.settings.DATABASES
    for alias in databases:
        suspending(alias)  # a missing driver is told now
    deadline = time.monotonic() + wait_for_db
    for alias, database in databases.items():
        if not wait_for_db and not database.min_pool_size:
            continue
        report = await ahealth_check(alias)
        while report["status"] != "ok" and time.monotonic() < deadline:
            await asyncio.sleep(min(0.25, max(deadline - time.monotonic(), 0)))
            report = await ahealth_check(alias)
        if report["status"] != "ok":
            if wait_for_db:
                raise OperationalError(f"{alias!r} did not answer within {wait_for_db:g} s: {report['error']}")
            _log.warning("%r does not answer at start-up: %s", alias, report["error"])


async def _close(limit: float) -> None:
    """Close all pools, but wait no longer than *limit* for those whose database does not answer."""
    try:
        async with asyncio.timeout(limit):
            await close_all_async()
            await asyncio.to_thread(close_all)
    except TimeoutError:
        _log.warning("Connections were not closed within %g s", limit)
