"""The pytest plugin.  It loads what it needs at the first test that asks for a database.

``dorm_db`` is what tests ask for: the databases of ``dorm_databases``, with the tables of ``dorm_models``, and a
transaction around each test that is rolled back at its end, whatever its colour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dorm.run import load

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dorm.test.postgres import Server
    from dorm.test.queries import CapturedQueries


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option and the setting of the plugin."""
    parser.getgroup("dorm").addoption(
        "--no-postgres", action="store_true", help="skip the tests that need PostgreSQL, instead of failing without it"
    )
    parser.addini(
        "dorm_database",
        "where the fixture dorm_db works: sqlite, postgresql (both made for the tests and removed), or a URL",
        default="sqlite",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Join whatever runs asynchronous tests."""
    if config.pluginmanager.hasplugin("asyncio"):
        config.pluginmanager.register(load("dorm.test.plugin_asyncio"), "dorm-asyncio")


@pytest.fixture(scope="session")
def dorm_server(pytestconfig: pytest.Config) -> Server:
    """A running PostgreSQL: the one that DORM_TEST_PG_DSN names, or a throw-away one of this process."""
    if pytestconfig.getoption("--no-postgres"):
        pytest.skip("--no-postgres")
    server: Server = load("dorm.test.postgres").shared_server()
    return server


@pytest.fixture(scope="session")
def dorm_databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The setting DATABASES of the tests; override it to have several."""
    with load("dorm.test.databases").made(request, tmp_path_factory) as databases:
        yield databases


@pytest.fixture(scope="session")
def dorm_models() -> Iterable[type]:
    """The models whose tables exist in the tests; override it to have fewer than all."""
    models: Iterable[type] = load("dorm.test.databases").all_models()
    return models


@pytest.fixture(scope="session")
def dorm_tables(dorm_databases: Mapping[str, Any], dorm_models: Iterable[type]) -> Iterator[None]:
    """The databases, with the tables; override it to run migrations instead."""
    with load("dorm.test.databases").tables(dorm_databases, dorm_models):
        yield


@pytest.fixture
def dorm_db(request: pytest.FixtureRequest, dorm_tables: None) -> Iterator[None]:
    """The databases, for one test: what it writes is rolled back at its end, in both colours."""
    if load("inspect").iscoroutinefunction(getattr(request.node, "obj", None)):
        request.getfixturevalue("dorm_async_rollback")
        yield
    else:
        with load("dorm.test.databases").rolled_back():
            yield


@pytest.fixture
def dorm_committing_db(dorm_tables: None, dorm_models: Iterable[type]) -> Iterator[None]:
    """The databases, for one test that really commits: every row is deleted at its end."""
    yield
    load("dorm.test.databases").flush(dorm_models)


@pytest.fixture
async def dorm_async_rollback(dorm_tables: None) -> Any:
    """What ``dorm_db`` is in an asynchronous test."""
    async with load("dorm.test.databases").arolled_back():
        yield


@pytest.fixture
def dorm_queries() -> Iterator[CapturedQueries]:
    """The statements that the test sends, from its beginning."""
    with load("dorm.test.queries").capture_queries() as queries:
        yield queries
