"""The tasks, as data: the contestants' operation, what it is given, and how often it is done in a round.

Rounds are short, a few to some twenty milliseconds: on a machine that others use, most of them are undisturbed then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from benchmarks import records

if TYPE_CHECKING:
    from collections.abc import Callable

Vendor = Literal["sqlite", "postgresql"]
Colour = Literal["sync", "async"]
VENDORS: tuple[Vendor, ...] = ("sqlite", "postgresql")
COLOURS: tuple[Colour, ...] = ("sync", "async")


@dataclass(frozen=True)
class Task:
    """One thing to do.

    *operation* names the method of an adapter (see :mod:`benchmarks.contestants`), *given* makes its argument for each
    turn, *turns* is how often it is done in a round.
    """

    key: str
    title: str
    operation: str
    given: Callable[[int], Any]
    turns: int
    goals: tuple[float, ...] = ()
    """The ratios to reach, in the order of ``VENDORS`` and, for each, ``COLOURS``."""
    reads: bool = False
    """Whether all attributes of what was found are read, too."""
    writes: bool = False
    """Whether rows are left behind, to be compared and removed."""
    gives: str = ""
    """What kind of objects come back, where their class does not tell: see :data:`benchmarks.answers.ATTRIBUTES`."""
    alone: bool = False
    """Whether no database takes part: then nothing raw does the same work, and the figure is a time."""
    limit: float = 0.0
    """Of a task without a database: the microseconds to stay below."""

    def goal(self, vendor: Vendor, colour: Colour) -> float | None:
        """The ratio to reach, if there is one."""
        if not self.goals:
            return None
        return self.goals[VENDORS.index(vendor) * len(COLOURS) + COLOURS.index(colour)]


TASKS = (
    Task("A", "insert one by one, autocommit", "insert", records.item, 100, (1.25, 1.20, 1.15, 1.30), writes=True),
    Task("D", "filter → 10k instances, 9 columns", "scan", float, 1, (1.10, 1.10, 1.10, 1.10)),
    Task("D+", "D and then read all attributes", "scan", float, 1, (1.15, 1.15, 1.15, 1.15), reads=True),
    Task("E", "filter + order + limit 20", "page", records.least, 100, (1.25, 1.20, 1.15, 1.25)),
    Task("F", "get by primary key", "get", records.key, 300, (1.50, 1.25, 1.20, 1.30)),
    Task("G", "values(): 10k dicts", "dicts", float, 1, (1.00, 1.00, 0.90, 0.95)),
    Task("H", "values_list(): 10k tuples", "tuples", float, 1, (1.00, 1.00, 1.02, 1.02)),
    Task("L", "5k children with parent by join", "joined", records.half, 1, (1.4,) * 4, gives="ItemWithOwner"),
    Task("M", "500 parents prefetch 10 children each", "children", records.half, 1, (1.5,) * 4, gives="OwnerWithItems"),
    Task("N", "500 parents prefetch 5 tags each (m2m)", "tagged", int, 1, (2.0, 2.0, 1.6, 1.6), gives="OwnerWithTags"),
    Task("O", "group by: count and sum per parent", "grouped", int, 5, (1.15,) * 4),
    Task("Q", "bulk_update 1k rows, 2 fields", "update", records.scores, 1, (1.3, 1.3, 1.2, 1.2), writes=True),
    Task("R", "stream 50k rows as instances", "stream", int, 1, (1.30, 1.30, 1.25, 1.40)),
    Task("X", "6-condition query with a join, no row", "find", records.search, 100, (1.35, 1.25, 1.20, 1.30)),
    Task("P", "build a 6-condition query with a join", "build", records.search, 500, alone=True, limit=8),
)
BY_KEY = {task.key: task for task in TASKS}


def chosen(keys: list[str]) -> list[Task]:
    """The tasks with these keys; a task that goes further (``D+``) comes with its own."""
    return [task for task in TASKS if task.key in keys or task.key.rstrip("+") in keys]
