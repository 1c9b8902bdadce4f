from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dorm.conf import settings
from tests import library as models

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.testbed.databases import Database


@pytest.fixture
def library(tables: Callable[..., None]) -> None:
    """The tables of the shared models, empty."""
    tables(*models.ALL)


@pytest.fixture
def other(db: Database) -> str:
    """The alias of a second, empty database of the same vendor."""
    entry: dict[str, Any] = db.another()
    settings.configure(DATABASES={"default": db.entry, "other": entry})
    return "other"
