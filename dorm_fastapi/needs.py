"""Libraries that come with an extra: import them, or say how to get them."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from dorm.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from types import ModuleType


def needed(name: str, extra: str = "fastapi") -> ModuleType:
    """The module *name*; ``ImproperlyConfigured`` with the line that installs it."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != name.partition(".")[0]:
            raise
        raise ImproperlyConfigured(f'{name} is not installed: pip install "djanorm[{extra}]"') from error
