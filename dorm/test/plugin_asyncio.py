"""The part of the plugin for pytest-asyncio: a fixture that is not marked as its own, its strict mode ignores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

from dorm.run import load

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest_asyncio.fixture
async def dorm_async_rollback(dorm_tables: None) -> AsyncIterator[None]:
    """What ``dorm_db`` is in an asynchronous test."""
    async with load("dorm.test.databases").arolled_back():
        yield
