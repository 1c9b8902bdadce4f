"""``python -m benchmarks``: measure, and print the report."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import imports, rounds
from benchmarks.contestants import CONTESTANTS
from benchmarks.peers import PEERS, peer
from benchmarks.report import report
from benchmarks.tasks import COLOURS, TASKS, VENDORS, chosen

if TYPE_CHECKING:
    from collections.abc import Sequence

ROUNDS = 41
QUICK = 9


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what the command line says."""
    asked = _parser().parse_args(arguments)
    _on_one_processor()
    number = asked.rounds or (QUICK if asked.quick else ROUNDS)
    tasks = chosen(asked.tasks)
    contestants = (*CONTESTANTS, *map(peer, asked.peers))
    cells: list[rounds.Cell] = []
    versions: dict[str, str] = {}
    for vendor in asked.databases:
        for colour in asked.colours:
            mine = [task for task in tasks if not task.alone or colour == asked.colours[0]]
            found, said = rounds.measure(vendor, colour, mine, contestants, number)
            cells += found
            versions |= {f"{name} {vendor}": version for name, version in said.items()}
    measured = imports.measure("dorm", number) if asked.imports else None
    text = report(cells, contestants, versions, measured, number)
    if asked.output:
        asked.output.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


def _on_one_processor() -> None:
    """Keep this process and all that it starts on one processor, where the system can.

    Server and client answer each other by turns.  On two processors a turn takes five times as long as on one, and the
    system moves them together and apart as it likes: that would be most of what is measured.
    """
    if sys.platform == "linux":
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("benchmarks", description="Measure dorm beside the bare drivers.")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} rounds: rough figures in half a minute")
    parser.add_argument("--rounds", type=_rounds, help=f"interleaved rounds of each task (default {ROUNDS})")
    keys = tuple(task.key for task in TASKS if not task.key.endswith("+"))
    for name, choices in (("tasks", keys), ("databases", VENDORS), ("colours", COLOURS)):
        parser.add_argument(f"--{name}", type=_listed(choices), default=list(choices), help=",".join(choices))
    parser.add_argument("--peers", type=_listed(tuple(PEERS)), default=[], help=f"beside others: {','.join(PEERS)}")
    parser.add_argument("--no-imports", dest="imports", action="store_false", help="do not measure `import dorm`")
    parser.add_argument("--output", type=Path, help="write the report to this file, too")
    return parser


def _rounds(text: str) -> int:
    number = int(text)
    if number < 5:
        raise argparse.ArgumentTypeError("at least 5 rounds, or the median says nothing")
    return number


class _listed:  # noqa: N801 - a function with a memory
    """From ``a,b`` to a list, each of which must be one of *choices*."""

    def __init__(self, choices: Sequence[str]) -> None:
        self._choices = choices

    def __call__(self, text: str) -> list[str]:
        found = [part.strip() for part in text.split(",") if part.strip()]
        for part in found:
            if part not in self._choices:
                raise argparse.ArgumentTypeError(f"{part!r} is none of {', '.join(self._choices)}")
        return [choice for choice in self._choices if choice in found]


if __name__ == "__main__":
    main()
