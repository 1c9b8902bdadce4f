from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import library as models

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def library(tables: Callable[..., None]) -> None:
    """The tables of the shared models, empty."""
    tables(*models.ALL)
