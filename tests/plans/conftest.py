"""Property tests look at more examples when ``DORM_TEST_EXAMPLES`` says how many, and then at others every time."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from dorm.conf import settings as dorm_settings
from dorm.query import plan as cache
from tests.plans import shelf
from tests.plans.compiled import DATABASES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.testbed.databases import Database

EXAMPLES = os.environ.get("DORM_TEST_EXAMPLES")

settings.register_profile(
    "plans",
    deadline=None,
    database=None,
    max_examples=int(EXAMPLES or 50),
    derandomize=EXAMPLES is None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def rows(db: Database, tables: Callable[..., None]) -> Any:
    """The shelf, filled, on each database in turn."""
    tables(*shelf.ALL)
    shelf.fill()
    return db


@pytest.fixture
def aliases() -> Iterator[None]:
    """Aliases that never connect, with empty caches."""
    dorm_settings.configure(DATABASES=DATABASES)
    cache.forget_plans()
    yield
    dorm_settings.configure(DATABASES=DATABASES, USE_TZ=True, TIME_ZONE="UTC")
