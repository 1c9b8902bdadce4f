"""The magazine: an empty one, and one with authors, books and articles."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.contract import models

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def magazine(tables: Callable[..., None]) -> None:
    """The tables of the models, empty."""
    tables(*models.ALL)


@pytest.fixture
def filled(magazine: None) -> None:
    """The tables, with the rows of :func:`models.fill`."""
    with ThreadPoolExecutor(1) as thread:  # where no event loop runs
        thread.submit(models.fill).result()
