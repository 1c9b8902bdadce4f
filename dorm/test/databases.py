"""Databases made for a test run, and what keeps its tests apart."""

from __future__ import annotations

import contextlib
import os
import secrets
from typing import TYPE_CHECKING, Any

from dorm import schema
from dorm.conf import settings
from dorm.db.connection import close_all, close_all_async
from dorm.meta.registry import registry
from dorm.transaction import aatomic, atomic, set_rollback

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping

    import pytest

    from dorm.test.postgres import Server


@contextlib.contextmanager
def made(request: pytest.FixtureRequest, folders: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """DATABASES as the ini setting ``dorm_database`` names it."""
    wanted: str = request.config.getini("dorm_database")
    if wanted == "sqlite":
        yield {"default": {"ENGINE": "sqlite", "NAME": str(folders.mktemp("dorm") / "test.sqlite3")}}
    elif wanted == "postgresql":
        server: Server = request.getfixturevalue("dorm_server")
        with new_database(server) as name:
            yield {"default": server.settings(name)}
    else:
        yield {"default": wanted}


@contextlib.contextmanager
def new_database(server: Server, template: str | None = None) -> Iterator[str]:
    """The name of a database that exists while the block is open; no other process has the same."""
    name = f"test_{os.getpid()}_{secrets.token_hex(4)}"
    server.create_database(name, template)
    try:
        yield name
    finally:
        server.drop_database(name)


@contextlib.contextmanager
def tables(databases: Mapping[str, Any], models: Iterable[type]) -> Iterator[None]:
    """Configure *databases*, and make the tables of *models* in each of them."""
    models = tuple(models)
    settings.configure(DATABASES=databases)
    for alias in databases:
        schema.create_tables(*models, using=alias)
    close_all()
    try:
        yield
    finally:
        for alias in databases:
            schema.drop_tables(*models, using=alias)
        close_all()


def all_models() -> tuple[type, ...]:
    """Every model that has a table."""
    return tuple(model for model in registry.models.values() if not model._meta.abstract)


@contextlib.contextmanager
def rolled_back() -> Iterator[None]:
    """A transaction on every database, rolled back at the end of the block."""
    with contextlib.ExitStack() as stack:
        for alias in settings.DATABASES:
            stack.enter_context(atomic(alias))
        yield
        for alias in settings.DATABASES:
            set_rollback(True, using=alias)
    close_all()


@contextlib.asynccontextmanager
async def arolled_back() -> AsyncIterator[None]:
    """Asynchronous :func:`rolled_back`."""
    async with contextlib.AsyncExitStack() as stack:
        for alias in settings.DATABASES:
            await stack.enter_async_context(aatomic(alias))
        yield
        for alias in settings.DATABASES:
            set_rollback(True, using=alias)
    await close_all_async()


def flush(models: Iterable[type]) -> None:
    """Make the tables of *models* anew, empty."""
    models = tuple(models)
    for alias in settings.DATABASES:
        schema.drop_tables(*models, using=alias)
        schema.create_tables(*models, using=alias)
    close_all()
