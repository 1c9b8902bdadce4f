from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest

from dorm.run import load
from dorm.test.databases import new_database
from tests.testbed.databases import configured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def open_worlds(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Opens Django and dorm on a new database with the rows of ``rows.py``, of each vendor in turn."""

    @contextlib.contextmanager
    def opened(*, by_dorm: bool = False) -> Iterator[Any]:
        with contextlib.ExitStack() as stack:
            if request.param == "sqlite":
                path = tmp_path_factory.mktemp("compared") / "compared.sqlite3"
                entry: dict[str, Any] = {"ENGINE": "sqlite", "NAME": str(path)}
            else:
                server = request.getfixturevalue("dorm_server")
                entry = server.settings(stack.enter_context(new_database(server)))
            # Only these tests load Django.
            worlds = load("tests.django.worlds").Worlds(request.param, entry)
            stack.enter_context(configured(entry))
            stack.enter_context(worlds.opened())
            worlds.make(by_dorm=by_dorm)
            yield worlds

    return opened


@pytest.fixture(scope="module")
def worlds(open_worlds: Callable[..., Any]) -> Iterator[Any]:
    """The worlds that a module's queries are asked of; none of them changes a row for good."""
    with open_worlds() as worlds:
        yield worlds
