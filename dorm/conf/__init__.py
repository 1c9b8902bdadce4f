"""Settings: what the process is told about its databases and about itself.

``configure(DATABASES=…)`` or ``settings.X = …`` check what they get, take effect at once, and may be repeated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.conf.databases import DatabaseSettings
from dorm.conf.store import Settings
from dorm.conf.urls import database_url

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

__all__ = ["DatabaseSettings", "Settings", "configure", "configure_from", "database_url", "on_change", "settings"]

settings = Settings()
"""The settings of this process."""


def configure(**values: Any) -> None:
    """Set the named settings, all or none; the others stay as they are.

    ``DATABASES`` maps aliases to dicts or URLs; an unknown name is an error with the nearest one.
    """
    settings.configure(**values)


def configure_from(source: ModuleType | dict[str, Any]) -> None:
    """Set what a settings module holds; names of its own are left alone."""
    settings.configure_from(source)


def on_change(
    listener: Callable[[frozenset[str], frozenset[str]], object],
) -> Callable[[frozenset[str], frozenset[str]], object]:
    """Call ``listener(changed_names, changed_aliases)`` after every change of a setting."""
    return settings.on_change(listener)
