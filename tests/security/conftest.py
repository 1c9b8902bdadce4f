from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest

from dorm.run import run
from tests.security.models import ALL, Folder, Paper
from tests.testbed.colours import Call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.testbed.databases import Database

MOMENT = datetime.datetime(2024, 5, 6, 7, 8, 9, tzinfo=datetime.UTC)
PAPERS = [("one", 1), ("two", 2), ("three", 3)]


async def looked_at(call: Call) -> tuple[list[Any], int, int]:
    """The rows, as the tables have them."""
    papers = await call.list(Paper.objects.order_by("pk").values_list("name", "age"))
    return papers, await call(Folder.objects, "count"), await call(Paper.folders.through.objects, "count")


@pytest.fixture
def whole(db: Database, tables: Callable[..., None]) -> Iterator[None]:
    """Tables with some rows, which are the same after the test."""
    tables(*ALL)
    sync = Call("sync")
    folder = Folder.objects.create(title="f")
    for name, age in PAPERS:
        made = Paper.objects.create(
            name=name, age=age, data={"k": {"n": age}}, born=MOMENT.date(), joined=MOMENT, folder=folder
        )
        made.folders.add(folder)
    before = run(looked_at(sync))
    yield
    assert (PAPERS, 1, 3) == before == run(looked_at(sync))
