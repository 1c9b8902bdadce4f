"""The paths that shapes and conditions mention, and whose joins those are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.expressions import is_pinned
from dorm.meta.paths import Condition, Path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dorm.meta.relations import Step
    from dorm.query.query import Query


def mentioned(
    shapes: Iterable[Any], grouped: set[Any] | None = None, *, conditions: bool = True
) -> Iterator[tuple[Path, int | None, int | None]]:
    """The paths of shapes and *conditions*; with *grouped* those in no aggregate, and in none of these shapes.

    Each comes with the call of ``filter`` that it belongs to, and with the calls whose joins its annotation shares.
    """
    stack: list[Any] = [(shape, None, None, False) for shape in shapes][::-1]
    while stack:
        current, call, pin, odd = stack.pop()
        if grouped and current in grouped:
            continue
        if isinstance(current, Condition):
            if not conditions or (odd and current.path.many):
                continue  # what denies any row asks in a query of its own
            current = current.path
        if isinstance(current, Path):
            yield current, call, pin
        elif is_pinned(current):
            stack.append((current[2], None, current[1], odd))
        elif _is_filled(current):
            head: Any = current[0]
            inner: Any = current
            if isinstance(head, type):
                odd = None  # conditions inside an expression are about each row
                inner = current if grouped is None else _outside(head, current)
            elif isinstance(head, str) and len(current) == 4:
                _, negated, inner, own = current
                call, odd = call if own is None else own, None if odd is None else odd is not negated
            stack += [(one, call, pin, odd) for one in reversed(inner)]


def joined_in(query: Query[Any], steps: tuple[Step, ...]) -> int:
    """The call over whose join along *steps* the links to many instances are found: the last that filters use.

    So filters and computed columns are about these links, as those of a many-to-many manager are.  When only what is
    computed joins them it is 0, and a call of its own when nothing does.
    """
    length = len(steps)
    calls = [call or 0 for path, call, _ in mentioned(query.where) if path.steps[:length] == steps]
    computed = mentioned([one.shape for one in query.annotations])
    calls += [0 for path, *_ in computed if path.steps[:length] == steps]
    return max(calls, default=query.calls + 1)


def _is_filled(shape: Any) -> bool:
    return issubclass(shape.__class__, tuple) and bool(shape)


def _outside(head: Any, shape: Any) -> tuple[Any, ...]:
    """The parts of an expression that do not stand in an aggregate."""
    if getattr(head, "windowed", False):
        return (*shape[1][1:], *shape[2:])
    return () if getattr(head, "aggregate", False) else shape
