"""What is told about every statement: the debug log, the slow query warning, and the hooks.

A hook that fails is logged: a broken metric must not report a committed write as failed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.conf import settings
from dorm.exceptions import SynchronousOnlyOperation
from dorm.run import load
from dorm.signals import post_query, pre_query

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

    from dorm.signals import Signal

DEBUG = 10  # logging.DEBUG
LONGEST = 2000
"""Characters of SQL in a log line."""


class Observer:
    """Tells about the statements of one vendor's alias."""

    __slots__ = ("_log", "alias", "debugs", "vendor")

    def __init__(self, vendor: str, alias: str) -> None:
        self.vendor = vendor
        self.alias = alias
        self._log = log(f"dorm.db.backends.{vendor}")
        self.debugs: Callable[[int], bool] = self._log.isEnabledFor

    def before(self, sql: str, parameters: Any) -> None:
        """Call the hooks before a statement."""
        if pre_query.receivers:
            self._send(pre_query, sql=sql, params=parameters)

    def after(self, sql: str, parameters: Any, seconds: float, error: BaseException | None) -> None:
        """Log a statement and call the hooks after it."""
        elapsed = seconds * 1000
        if self.debugs(DEBUG):
            how = "" if error is None else f" failed: {type(error).__name__}"
            self._log.debug("(%.3f ms) [%s] %s%s", elapsed, self.alias, short(sql), how)
        if elapsed >= settings.SLOW_QUERY_MS:
            self.slow(sql, elapsed)
        if post_query.receivers:
            self._send(post_query, sql=sql, params=parameters, elapsed_ms=elapsed, error=error)

    def slow(self, sql: str, elapsed: float) -> None:
        """Warn of a slow statement; its values are not told."""
        self._log.warning("slow query (%.0f ms) [%s] %s", elapsed, self.alias, short(sql))

    def told(self, sql: str) -> None:
        """A BEGIN, COMMIT or savepoint command: a debug line, no hooks."""
        if self.debugs(DEBUG):
            self._log.debug("[%s] %s", self.alias, sql)

    def _send(self, signal: Signal, **context: Any) -> None:
        try:
            for receiver, answer in signal.send_robust(self.vendor, **context):
                if isinstance(answer, Exception):
                    log("dorm.db.hooks").error("The query hook %r failed", receiver, exc_info=answer)
        except SynchronousOnlyOperation as error:
            log("dorm.db.hooks").error("A query hook was not called: %s", error)


def log(name: str) -> logging.Logger:
    """The logger *name*; ``import dorm`` does not pay for the logging module."""
    found: logging.Logger = load("logging").getLogger(name)
    return found


def short(sql: str) -> str:
    """*sql*, cut when it is very long."""
    return sql if len(sql) <= LONGEST else f"{sql[:LONGEST]}… ({len(sql)} characters)"
