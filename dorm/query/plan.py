"""A plan: what is done once per shape.  Kept on the dialect it was compiled for, so settings never cross.

The cache is bounded; when it is full an entry chosen as if at random goes, so that more shapes than its size cost a
few compilations and no cliff.  It needs no lock: a race compiles twice and keeps one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from dorm.conf import on_change
from dorm.meta.registry import registry
from dorm.query.source import generate
from dorm.sql.dialect import DIALECTS
from dorm.sql.record import Record
from dorm.sql.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from dorm.sql.dialect import Dialect
    from dorm.sql.nodes import Slot

P = TypeVar("P")

CAPACITY = 1024
"""Plans kept per dialect."""


class Plan(Record):
    """A statement, how values become its parameters, and how its rows become results.

    ``statement`` is ``None`` when nothing can match: then no database is asked.
    """

    statement: Statement | None
    bind: Callable[[tuple[Any, ...]], tuple[Any, ...]]
    hydrate: Callable[[Sequence[Any]], list[Any]]
    windows: Windows | None = None
    """The plans for some numbers of rows, where the database wants to know the number."""


class Windows(dict[int, Plan]):
    """The plans of one query by the number after its LIMIT.

    The first few numbers are written into the text.  For a number it does not know the server cannot tell how much
    of an index it will walk, and plans the statement anew at each execution; yet a text for every number would be a
    statement to prepare for every number.
    """

    MOST = 8
    """Numbers that get a text of their own: a program has few sizes of page, whatever a web client asks for."""

    def __init__(self, text: str, literal: Plan, general: Plan) -> None:
        super().__init__()
        self._text, self._literal, self._general = text, literal, general

    def __missing__(self, limit: int) -> Plan:
        if len(self) >= self.MOST:
            return self._general
        statement = Statement(self._text.replace(LIMIT, f"{limit:d}"), reads=True)
        made = self[limit] = self._literal.replaced(statement=statement)
        return made


LIMIT = "\0limit\0"
"""Where the number of rows goes.  No SQL contains a NUL byte."""


class Counter:
    """How many plans were compiled: what the tests count."""

    compiled = 0


def find(dialect: Dialect, key: Hashable, make: Callable[[], P]) -> P:
    """The plan under *key*, made by *make* when there is none yet."""
    plans = dialect.plans
    plan: P | None = plans.get(key)
    if plan is None:
        plan = make()
        Counter.compiled += 1
        if len(plans) >= CAPACITY:
            _evict(plans)
        plans[key] = plan
    return plan


def _evict(plans: dict[Hashable, Any]) -> None:
    # Knuth's multiplicative hash of a running number picks the entry: spread evenly, and nothing to import.
    index = (Counter.compiled * 2_654_435_761 >> 7) % CAPACITY
    for position, key in enumerate(list(plans)):
        if position == index:
            plans.pop(key, None)
            return


def forget_plans(*_: object) -> None:
    """Drop every plan: settings or models changed."""
    for dialect in list(DIALECTS):
        dialect.plans.clear()


on_change(forget_plans)
registry.on_registered(forget_plans)


def nothing(_: Iterable[Any]) -> tuple[Any, ...]:
    """The parameters of a statement without placeholders."""
    return ()


def binder(slots: Sequence[Slot]) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """From a query's values to a statement's parameters: one generated tuple."""
    if not slots:
        return nothing
    namespace: dict[str, Any] = {}
    items = _converted(slots, "v[{}]", namespace)
    lines = ["def bind(v):", f"    return ({', '.join(items)},)"]
    function: Callable[[tuple[Any, ...]], tuple[Any, ...]] = generate("bind", "bind", lines, namespace)
    return function


def checked_binder(
    slots: Sequence[Slot], plain: Sequence[frozenset[type]]
) -> Callable[[Iterable[Any]], tuple[Any, ...] | None]:
    """Like :func:`binder`, for values that are plain: each of one of its classes.  ``None`` when one is not."""
    namespace: dict[str, Any] = {f"plain{position}": classes for position, classes in enumerate(plain)}
    items = _converted(slots, "v{}", namespace)
    lines = [
        "def bind(values):",
        f"    {', '.join(f'v{position}' for position in range(len(plain)))}, = values",
        f"    if {' or '.join(f'v{position}.__class__ not in plain{position}' for position in range(len(plain)))}:",
        "        return None",
        f"    return ({', '.join(items)},)",
    ]
    function: Callable[[Iterable[Any]], tuple[Any, ...] | None] = generate("bind", "bind", lines, namespace)
    return function


def _converted(slots: Sequence[Slot], name: str, namespace: dict[str, Any]) -> list[str]:
    """The value of each slot, as *name* spells it by its position, after its converter, which enters *namespace*."""
    items: list[str] = []
    for number, slot in enumerate(slots):
        value = name.format(slot.position)
        if slot.convert is not None:
            namespace[f"convert{number}"] = slot.convert
            value = f"convert{number}({value})"
        items.append(value)
    return items
