"""Listening to all that the package says while faults happen: logs, errors with their causes, and what it shows."""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING, Any

import pytest

from dorm.db.connection import blocking, get_async_connection, get_connection, suspending
from dorm.exceptions import Error, ImproperlyConfigured
from dorm.health import health_check

if TYPE_CHECKING:
    from typing import Self


class Overheard(logging.Handler):
    """Keeps every text; ``found()`` gives those with the secret in them."""

    def __init__(self, secret: str) -> None:
        super().__init__(logging.INFO)
        self.secret = secret
        self.texts: list[str] = []
        self.errors: list[BaseException] = []
        self._patch = pytest.MonkeyPatch()
        self._level = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(f"{record.getMessage()} {record.args} {record.exc_info and self._told(record.exc_info[1])}")

    def _told(self, error: Any) -> str:
        return "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))

    def __enter__(self) -> Self:
        logger = logging.getLogger()
        self._level = logger.level
        logger.setLevel(logging.INFO)
        logger.addHandler(self)
        for kind in (Error, ImproperlyConfigured):
            self._patch.setattr(kind, "__init__", self._noting(kind.__init__))
        return self

    def _noting(self, original: Any) -> Any:
        def noting(error: BaseException, *arguments: Any, **more: Any) -> None:
            self.errors.append(error)
            original(error, *arguments, **more)

        return noting

    def __exit__(self, *exception: object) -> None:
        self._patch.undo()
        logger = logging.getLogger()
        logger.setLevel(self._level)
        logger.removeHandler(self)
        self.texts += map(self._told, self.errors)
        self.texts += self._shown()
        self.errors.clear()

    def _shown(self) -> list[str]:
        """What the connections show of themselves."""
        handles = get_connection(), get_async_connection()
        executors = blocking(), suspending()
        shown = [repr(one) for one in (*handles, *executors, *(each.driver for each in executors))]
        shown += [repr(one.settings_dict) for one in handles] + [str(one.pool_stats()) for one in handles]
        return [*shown, str(health_check(timeout=20))]

    def found(self) -> list[str]:
        """The texts that tell the secret."""
        return [text for text in self.texts if self.secret in text]
