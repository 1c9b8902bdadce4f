"""A password is told by nothing, whatever fails; the other tests of this folder listen too."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from dorm.conf import database_url, settings
from dorm.db.connection import get_async_connection, get_connection
from dorm.exceptions import Error, ImproperlyConfigured
from dorm.health import ahealth_check, health_check
from tests.faults.secrets import Overheard

if TYPE_CHECKING:
    from dorm.test.postgres import PostgresServer

SECRET = "Sesame-0pen"


@pytest.fixture
def vendor() -> str:
    return "postgresql"


def wrong(server: PostgresServer) -> dict[str, dict[str, Any]]:
    """Settings under which nothing is reached, each for a reason of its own."""
    right = {**database_url(server.dsn()), "POOL_TIMEOUT": 2.0}
    return {
        "the password is another": {**right, "PASSWORD": SECRET},
        "no such user": {**right, "USER": "nobody", "PASSWORD": SECRET},
        "no such database": {**right, "NAME": "nothing"},
        "refused": {**right, "PORT": 1, "PASSWORD": SECRET},
        "no such host": {**right, "HOST": "nowhere.invalid", "PASSWORD": SECRET},
        "no TLS there": {**right, "OPTIONS": {"sslmode": "require"}, "PASSWORD": SECRET},
        "in OPTIONS": {**right, "OPTIONS": {"password": SECRET}},
        "in a list of hosts": {**right, "HOST": "127.0.0.1,127.0.0.1", "PORT": "1,2", "PASSWORD": SECRET},
    }


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_why_there_is_no_connection_is_told_without_it(
    colour: str, own_server: PostgresServer, server: str, bench_of: Any
) -> None:
    settings.configure(RETRY_BACKOFF=0.001)
    for reason, entry in wrong(own_server).items():
        settings.configure(DATABASES={"default": entry})
        bench = bench_of("postgresql", colour)
        with Overheard(SECRET) as overheard:
            logging.getLogger().setLevel(logging.DEBUG)
            overheard.setLevel(logging.DEBUG)
            with pytest.raises(Error) as caught:
                bench.run(bench.fetch("SELECT 1"))
            handle = get_connection() if colour == "sync" else get_async_connection()
            checked = health_check(timeout=60) if colour == "sync" else bench.run(ahealth_check(timeout=60))
            overheard.texts += [repr(handle), str(handle.pool_stats()), repr(bench.db), repr(bench.db.driver)]
            overheard.texts += [str(checked), repr(settings), str(settings.DATABASES), repr(vars(caught.value))]
        assert "error" == checked["status"]
        assert len(overheard.texts) > 8
        assert [] == overheard.found(), reason
        assert own_server._password not in "".join(overheard.texts), reason


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://me:{SECRET}#@host/db",
        f"postgresql://me:{SECRET}/x@host:port/db",
        f"me:{SECRET}@host/db",
        f"mysql://me:{SECRET}@host/db",
        f"postgresql://me:{SECRET}@host/db?max_pool_size=many",
        f"postgresql://me:{SECRET}@host/db?passwort={SECRET}",
        {"ENGINE": "postgresql", "NAME": "db", "PASSWORD": [SECRET]},
        {"ENGINE": "postgresql", "NAME": "db", "PASSWORD": SECRET, "PASSWORDS": 1},
        {"ENGINE": "postgresql", "NAME": "db", "OPTIONS": f"password={SECRET}"},
        {"ENGINE": "postgresql", "NAME": "db", "PASSWORD": SECRET, "password": SECRET + "2"},
    ],
)
def test_a_wrong_configuration_is_told_without_it(url: Any, server: str, bench_of: Any) -> None:
    with Overheard(SECRET) as overheard:
        try:
            settings.configure(DATABASES={"default": url})
            bench_of("postgresql", "sync").db  # noqa: B018 - the driver checks OPTIONS
        except ImproperlyConfigured as error:
            overheard.texts.append(str(error))
        else:
            pytest.fail("it was taken")
        finally:
            settings.configure(DATABASES={"default": server})
    assert [] == overheard.found()


def test_whoever_listens_hears(server: str) -> None:
    """The tests above would fail if something told it."""
    settings.configure(DATABASES={"default": server})
    with Overheard(SECRET) as overheard:
        logging.getLogger("dorm.db").info("connecting with %s", SECRET)
        Error(f"password={SECRET}")
        try:
            raise Error("no connection") from ValueError(SECRET)
        except Error:
            logging.getLogger("dorm").exception("it failed")
    assert 4 == len(overheard.found())
