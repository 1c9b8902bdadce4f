"""Answers first, then rounds: each contestant does a task once, then each again."""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

from benchmarks.answers import written
from benchmarks.contestants import RAW
from benchmarks.databases import Database, new_database
from benchmarks.process import Worker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.contestants import Contestant
    from benchmarks.tasks import Colour, Task, Vendor


@dataclass
class Cell:
    """One task on one database in one colour: the seconds of each contestant's rounds."""

    task: Task
    vendor: Vendor
    colour: Colour
    seconds: dict[str, list[float]]

    def microseconds(self, name: str) -> float:
        """One turn of a contestant in its quickest round: what is above that was the machine's."""
        return min(self.seconds[name]) / self.task.turns * 1e6

    def ratios(self, name: str) -> list[float]:
        """Each round of a contestant over the raw driver's of the same round."""
        return [one / raw for one, raw in zip(self.seconds[name], self.seconds[RAW.name], strict=True)]

    def ratio(self, name: str) -> float:
        """The median of :meth:`ratios`: the figure."""
        return median(self.ratios(name))

    def best(self, name: str) -> float:
        """The quickest round over the raw driver's quickest: of a busy machine it says more than the median."""
        return min(self.seconds[name]) / min(self.seconds[RAW.name])

    def spread(self, name: str) -> tuple[float, float]:
        """Between which ratios the middle half of the rounds lies."""
        low, _, high = quantiles(self.ratios(name), n=4, method="inclusive")
        return low, high


class DifferentAnswerError(Exception):
    """A contestant did not do what was asked."""


def measure(
    vendor: Vendor, colour: Colour, tasks: Sequence[Task], contestants: Sequence[Contestant], rounds: int
) -> tuple[list[Cell], dict[str, str]]:
    """The cells of one database and colour, and what each contestant is."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dorm-bench-")))
        databases: dict[str, Database] = {}
        workers: list[Worker] = []
        for contestant in contestants:
            database = databases[contestant.name] = new_database(vendor, f"{contestant.name}_{colour}", folder)
            stack.callback(database.drop)
            workers.append(stack.enter_context(Worker(contestant, vendor, colour, database.location)))
        cells = [_cell(task, vendor, colour, workers, databases, rounds) for task in tasks]
        return cells, {worker.contestant.name: worker.version for worker in workers}


def _cell(
    task: Task, vendor: Vendor, colour: Colour, workers: list[Worker], databases: dict[str, Database], rounds: int
) -> Cell:
    sys.stderr.write(f"{vendor} {colour}: {task.key} {task.title}\n")
    taking_part = _compared(task, workers, databases)
    cell = Cell(task, vendor, colour, {worker.contestant.name: [] for worker in taking_part})
    for number in range(-1, rounds):
        # Everybody is first in some rounds; the round before the first warms up and does not count.
        shift = number % len(taking_part)
        for worker in taking_part[shift:] + taking_part[:shift]:
            seconds = worker.round(task, number + 1)
            if number >= 0:
                cell.seconds[worker.contestant.name].append(seconds)
            if task.writes:
                databases[worker.contestant.name].tidy()
    return cell


def _compared(task: Task, workers: list[Worker], databases: dict[str, Database]) -> list[Worker]:
    """The contestants that do *task*; all of their answers, and what they wrote, must be those of the first."""
    taking_part: list[Worker] = []
    expected = None
    for worker in workers:
        answer = worker.answer(task)
        if answer is None:
            continue
        taking_part.append(worker)
        if task.writes:
            database = databases[worker.contestant.name]
            answer["stored"] = written(database.new_rows())
            database.tidy()
        expected = expected or answer
        if answer != expected:
            raise DifferentAnswerError(
                f"{worker.contestant.title} answers {task.key} ({task.title}) differently.\n"
                f"Expected: {expected}\nActual:   {answer}"
            )
    return taking_part
