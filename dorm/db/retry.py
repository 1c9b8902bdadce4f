"""What may be done again after a failure: what provably did nothing, and reads outside a block.

Drivers mark their errors; nothing else does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dorm.conf import settings

if TYPE_CHECKING:
    from dorm.exceptions import Error

_NOTHING_DONE = "_dorm_nothing_done"
_LOST = "_dorm_lost"


def nothing_done(error: Error) -> Error:
    """Mark *error*: no connection was had, or nothing was sent."""
    error.__dict__[_NOTHING_DONE] = True
    return error


def lost(error: Error) -> Error:
    """Mark *error*: the connection broke, and what it was doing may be done or not."""
    error.__dict__[_LOST] = True
    return error


def may_repeat(error: BaseException, *, reads: bool) -> bool:
    """Whether a statement that failed so may be sent again."""
    marks = error.__dict__
    return _NOTHING_DONE in marks or (reads and _LOST in marks)


def is_transient(error: BaseException) -> bool:
    """Whether trying again later may help: the connection, not the statement, failed."""
    marks = error.__dict__
    return _NOTHING_DONE in marks or _LOST in marks


def pause(attempt: int) -> float:
    """Seconds to wait after the *attempt*-th failure."""
    wait: float = settings.RETRY_BACKOFF * 2 ** (attempt - 1)
    return wait
