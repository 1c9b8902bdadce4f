"""Fixtures for tests that count instead of timing: a clock on a busy machine proves nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.library import ALL

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.testbed.databases import Database


@pytest.fixture
def library(db: Database, tables: Callable[..., None]) -> Any:
    """The library's tables, empty, on each database in turn."""
    tables(*ALL)
    return db
