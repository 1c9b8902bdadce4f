"""The two verdicts about a hostile text: refused before anything was sent, or harmless.

Each function gives what is wrong with one cell of the matrix, as text; nothing is well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.exceptions import DataError, FieldError, ImproperlyConfigured, NotSupportedError, ValidationError
from dorm.test import capture_queries
from tests.security.payloads import TOKEN

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

MANNERLY: tuple[type[Exception], ...] = (FieldError, TypeError, ValueError, ImproperlyConfigured, NotSupportedError)
"""What a name that means nothing may raise."""
READING = ("SELECT", "BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")


async def refused(sending: Callable[[], Awaitable[Any]], *, may_read: bool = False) -> str:
    """Whether *sending* raises an error of ours, before anything was sent (or, with *may_read*, written)."""
    problem = ""
    with capture_queries() as queries:
        try:
            await sending()
        except MANNERLY:
            pass
        except Exception as error:
            problem = f"{type(error).__name__}: {str(error)[:200]}"
        else:
            problem = "it was taken"
    sent = [sql for sql in queries.sql if not (may_read and sql.startswith(READING) and TOKEN not in sql)]
    return problem + (f", sent {[sql[:200] for sql in sent]}" if sent else "")


async def harmless(sending: Callable[[], Awaitable[Any]], found: list[Any]) -> str:
    """Whether the text stays out of SQL, and nothing is raised but what a value may raise; *found* gets the answer.

    A NUL byte and half a surrogate pair cannot be stored: ``DataError``.
    """
    problem = ""
    with capture_queries() as queries:
        try:
            found.append(await sending())
        except (DataError, ValidationError, *MANNERLY):
            pass
        except Exception as error:
            problem = f"{type(error).__name__}: {str(error)[:200]}"
    sent = [sql[:200] for sql in queries.sql if TOKEN in sql]
    return problem + (f", sent {sent}" if sent else "")
