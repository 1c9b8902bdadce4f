"""``with_transient_retry`` for the user's own code, and ``DATABASE_ROUTERS``."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from dorm.conf import settings
from dorm.db import router
from dorm.db.scope import RequestScope
from dorm.db.utils import awith_transient_retry, with_transient_retry
from dorm.exceptions import ImproperlyConfigured, IntegrityError, InterfaceError, OperationalError, PoolTimeout
from dorm.transaction import atomic

if TYPE_CHECKING:
    from collections.abc import Callable


def failing(times: int, error: Exception) -> tuple[Callable[[], str], list[int]]:
    """Work that fails so often, and the list of its tries."""
    tries: list[int] = []

    def work() -> str:
        tries.append(1)
        if len(tries) <= times:
            raise error
        return "done"

    return work, tries


def repeat(colour: str, work: Callable[[], str], **options: Any) -> str:
    if colour == "sync":
        return with_transient_retry(work, **options)

    async def awork() -> str:
        return work()

    async def main() -> str:
        return await awith_transient_retry(awork, **options)

    return asyncio.run(main())


@pytest.fixture(params=["sync", "async"])
def colour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(autouse=True)
def quick() -> None:
    settings.configure(RETRY_BACKOFF=0.001)


TRANSIENT = [OperationalError("x"), InterfaceError("x"), psycopg.OperationalError("x"), psycopg.InterfaceError("x")]


@pytest.mark.parametrize("error", TRANSIENT)
def test_transient_errors_are_tried_again(colour: str, error: Exception) -> None:
    work, tries = failing(2, error)
    assert "done" == repeat(colour, work)
    assert 3 == len(tries)


@pytest.mark.parametrize("error", [IntegrityError("x"), PoolTimeout("x"), ValueError("x"), psycopg.DataError("x")])
def test_other_errors_are_not(colour: str, error: Exception) -> None:
    work, tries = failing(1, error)
    with pytest.raises(type(error)):
        repeat(colour, work)
    assert 1 == len(tries)


def test_the_last_error_is_raised(colour: str) -> None:
    work, tries = failing(9, OperationalError("x"))
    with pytest.raises(OperationalError):
        repeat(colour, work, attempts=5)
    assert 5 == len(tries)


def test_the_pause_doubles(colour: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def asleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(time, "sleep", pauses.append)
    monkeypatch.setattr(asyncio, "sleep", asleep)
    work, _ = failing(3, OperationalError("x"))
    repeat(colour, work, attempts=4, backoff=0.5)
    assert [0.5, 1.0, 2.0] == pauses


def test_attempts_must_be_positive(colour: str) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        repeat(colour, lambda: "never", attempts=0)


# -- Routers -----------------------------------------------------------------------------------


class Replica:
    def db_for_read(self, model: type, **hints: Any) -> str | None:
        return "replica" if model is int else None


class Primary:
    def db_for_write(self, model: type, **hints: Any) -> str:
        return "primary"

    def allow_migrate(self, alias: str, app_label: str, **hints: Any) -> bool | None:
        return alias == "primary" if app_label == "shop" else None


class Instance:
    class _state:  # noqa: N801 - the name is Django's
        db = "other"


def test_without_routers_everything_is_on_default() -> None:
    assert ("default", "default") == (router.db_for_read(int), router.db_for_write(int))
    assert router.allow_migrate("default", "shop")
    assert router.allow_relation(1, 2) is None


def test_the_first_router_with_an_answer_decides() -> None:
    settings.DATABASE_ROUTERS = [Replica(), Primary()]
    assert "replica" == router.db_for_read(int)
    assert "default" == router.db_for_read(str)
    assert "primary" == router.db_for_write(int)
    assert (True, False, True) == (
        router.allow_migrate("primary", "shop"),
        router.allow_migrate("replica", "shop"),
        router.allow_migrate("replica", "blog"),
    )


def test_an_instance_stays_where_it_came_from() -> None:
    settings.DATABASE_ROUTERS = [Replica()]
    assert "other" == router.db_for_write(str, instance=Instance())


class Split:
    def db_for_read(self, model: type, **hints: Any) -> str:
        return "replica"

    def db_for_write(self, model: type, **hints: Any) -> str:
        return "default"


def test_reads_inside_a_block_that_writes_stay_on_the_primary() -> None:
    settings.configure(
        DATABASES={"default": "sqlite:///:memory:", "replica": "sqlite:///:memory:"}, DATABASE_ROUTERS=[Split()]
    )
    assert "replica" == router.db_for_read(int)
    with atomic():
        assert "default" == router.db_for_read(int)
        with atomic(savepoint=False):
            assert "default" == router.db_for_read(int)
    with atomic(read_only=True):
        assert "replica" == router.db_for_read(int)
    with RequestScope("all"):
        assert "default" == router.db_for_read(int)
    with RequestScope("writes", unsafe=False):
        assert "replica" == router.db_for_read(int)


def test_a_router_may_be_a_dotted_path() -> None:
    settings.DATABASE_ROUTERS = ["collections.OrderedDict"]
    assert "default" == router.db_for_read(int)


@pytest.mark.parametrize("path", ["no.such.Router", "router", "collections.Nothing"])
def test_a_dotted_path_that_leads_nowhere(path: str) -> None:
    settings.DATABASE_ROUTERS = [path]
    with pytest.raises(ImproperlyConfigured, match=path):
        router.db_for_read(int)
