from __future__ import annotations

import pytest

from dorm.conf import settings
from tests.sql.texts import VENDORS


@pytest.fixture(autouse=True)
def aliases() -> None:
    """One alias per vendor, to which nobody connects."""
    settings.configure(
        DATABASES={
            "default": "sqlite:///never.sqlite3",
            "sqlite": "sqlite:///never.sqlite3",
            "postgresql": "postgresql://never/never",
        }
    )
    assert {"default", *VENDORS} == set(settings.DATABASES)
