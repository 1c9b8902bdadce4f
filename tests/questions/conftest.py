"""Tables of tens of thousands of rows, filled once for all questions of a worker process."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm.test.databases import new_database
from tests.questions.asking import Hand
from tests.testbed.databases import configured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dorm.test.postgres import Server


@pytest.fixture(scope="session")
def hands(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Hand]]:
    """``hands(shape, vendor)`` is the filled database of a shape of data; it is filled when first asked for."""
    made: dict[tuple[str, str], Hand] = {}
    with contextlib.ExitStack() as stack:

        def hand(shape: Any, vendor: str) -> Hand:
            key = (shape.__name__, vendor)
            if key not in made:
                entry, dsn = _database(request, tmp_path_factory, vendor, stack)
                made[key] = _filled(shape, vendor, entry, dsn)
                stack.callback(made[key].close)
            return made[key]

        yield hand


def _database(
    request: pytest.FixtureRequest, folders: pytest.TempPathFactory, vendor: str, stack: contextlib.ExitStack
) -> tuple[dict[str, Any], str]:
    if vendor == "sqlite":
        return {"ENGINE": "sqlite", "NAME": str(folders.mktemp("questions") / "filled.sqlite3")}, ""
    server: Server = request.getfixturevalue("dorm_server")
    name = stack.enter_context(new_database(server))
    return server.settings(name), server.dsn(name)


def _filled(shape: Any, vendor: str, entry: dict[str, Any], dsn: str) -> Hand:
    with configured(entry):
        dorm.create_tables(*shape.ALL)
        shape.fill()
    hand = Hand(vendor, entry, dsn)
    hand.run("ANALYZE")
    return hand


@pytest.fixture(params=["sqlite", "postgresql"])
def hand(request: pytest.FixtureRequest, hands: Callable[..., Hand]) -> Iterator[Hand]:
    """The filled database of the module's ``SHAPE``, on each vendor in turn, configured."""
    found = hands(request.module.SHAPE, request.param)
    with configured(found.entry):
        yield found


@pytest.fixture
def answer(request: pytest.FixtureRequest, hand: Hand) -> list[tuple[Any, ...]]:
    """What SQL written by hand answers to the question of this test."""
    return hand.answer(request.function.sql[hand.vendor])
