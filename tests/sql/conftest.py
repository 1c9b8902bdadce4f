from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dorm.conf import settings
from tests.sql.texts import VENDORS

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def aliases() -> Iterator[None]:
    """One alias per vendor, to which nobody connects."""
    settings.configure(
        DATABASES={
            "default": "sqlite:///never.sqlite3",
            "sqlite": "sqlite:///never.sqlite3",
            "postgresql": "postgresql://never/never",
        }
    )
    assert {"default", *VENDORS} == set(settings.DATABASES)
