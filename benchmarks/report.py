"""The report, in Markdown."""

from __future__ import annotations

import os
import platform
from typing import TYPE_CHECKING

from benchmarks.contestants import RAW
from benchmarks.imports import LIMIT
from benchmarks.tasks import COLOURS, VENDORS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.contestants import Contestant
    from benchmarks.imports import Imports
    from benchmarks.rounds import Cell
    from benchmarks.tasks import Colour, Vendor

TITLES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def report(
    cells: Sequence[Cell],
    contestants: Sequence[Contestant],
    versions: dict[str, str],
    imports: Imports | None,
    rounds: int,
) -> str:
    """Everything that was measured."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    machine = f"Python {platform.python_version()} on {platform.machine()}, {os.cpu_count()} processors{load}"
    libraries = ", ".join(dict.fromkeys(versions.values()))
    parts = ["# Benchmarks", f"{rounds} interleaved rounds. {machine}; {libraries}."]
    measured = [cell for cell in cells if not cell.task.alone]
    for contestant in contestants:
        if contestant is not RAW and measured:
            parts += [f"## {contestant.title}: ratio to the raw driver", _ratios(measured, contestant)]
    alone = [cell for cell in cells if cell.task.alone]
    if alone or imports:
        parts += ["## Without a database", "\n".join(_alone(alone, contestants, imports))]
    if measured:
        parts += ["## In detail", _details(measured, contestants)]
    return "\n\n".join(parts) + "\n"


def _ratios(cells: Sequence[Cell], contestant: Contestant) -> str:
    """Tasks down, databases and colours across; the goal in brackets."""
    measured = {(cell.vendor, cell.colour) for cell in cells}
    columns: list[tuple[Vendor, Colour]]
    columns = [(vendor, colour) for vendor in VENDORS for colour in COLOURS if (vendor, colour) in measured]
    lines = _head(["task", *(f"{TITLES[vendor]} {colour}" for vendor, colour in columns)])
    for task in dict.fromkeys(cell.task for cell in cells):
        shown = [_ratio(cells, task.key, vendor, colour, contestant) for vendor, colour in columns]
        lines.append(f"| {task.key} {task.title} | {' | '.join(shown)} |")
    return "\n".join([*lines, "", "Lower is better; the goal is in brackets."])


def _ratio(cells: Sequence[Cell], key: str, vendor: Vendor, colour: Colour, contestant: Contestant) -> str:
    for cell in cells:
        if (cell.task.key, cell.vendor, cell.colour) == (key, vendor, colour) and contestant.name in cell.seconds:
            goal = cell.task.goal(vendor, colour)
            return f"{cell.ratio(contestant.name):.2f}" + (f" ({goal:.2f})" if goal else "")
    return "-"


def _alone(cells: Sequence[Cell], contestants: Sequence[Contestant], imports: Imports | None) -> Iterator[str]:
    yield from _head(["task", "contestant", "at best", "goal"])
    titles = {contestant.name: contestant.title for contestant in contestants}
    for cell in cells:
        for name in cell.seconds:
            shown = f"{cell.microseconds(name):.1f} µs"
            goal = f"{cell.task.limit:g} µs"
            yield f"| {cell.task.key} {cell.task.title}, {TITLES[cell.vendor]} | {titles[name]} | {shown} | {goal} |"
    if imports is not None:
        yield (
            f"| `import {imports.module}`, over the bare interpreter | {imports.module} | "
            f"{imports.milliseconds:.1f} ms | {LIMIT:g} ms |"
        )


def _details(cells: Sequence[Cell], contestants: Sequence[Contestant]) -> str:
    """One turn of the quickest round, and between which ratios the middle half of the rounds lies."""
    lines = _head(["task", "database", "contestant", "µs at best", "ratio", "middle half", "of the best rounds"])
    for cell in cells:
        for contestant in contestants:
            name = contestant.name
            if name not in cell.seconds:
                continue
            low, high = cell.spread(name)
            lines.append(
                f"| {cell.task.key} | {TITLES[cell.vendor]} {cell.colour} | {contestant.title} "
                f"| {cell.microseconds(name):,.1f} | {cell.ratio(name):.2f} | {low:.2f} to {high:.2f} "
                f"| {cell.best(name):.2f} |"
            )
    return "\n".join(lines)


def _head(titles: list[str]) -> list[str]:
    return [f"| {' | '.join(titles)} |", f"|{'---|' * len(titles)}"]
