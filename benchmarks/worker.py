"""The process of one contestant: takes commands as lines of JSON, answers each with one.

    python -m benchmarks.worker MODULE COLOUR LOCATION

Run by :mod:`benchmarks.process`, under the contestant's own interpreter: the standard library is all there is.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import os
import sys
import time
from typing import TYPE_CHECKING, Any

from benchmarks.answers import digest, written
from benchmarks.tasks import BY_KEY

if TYPE_CHECKING:
    from benchmarks.tasks import Task


class Bench:
    """A contestant at work."""

    def __init__(self, module: str, colour: str, location: str) -> None:
        imported = importlib.import_module(module)
        self._version: str = imported.VERSION
        self._adapter = imported.ADAPTERS[colour](location)
        self._runner = asyncio.Runner() if colour == "async" else None

    def _call(self, name: str, *arguments: Any) -> Any:
        found = getattr(self._adapter, name)(*arguments)
        return found if self._runner is None else self._runner.run(found)

    def open(self) -> str:
        """Connect; what the contestant is."""
        self._call("open")
        return self._version

    def close(self) -> None:
        """The end."""
        self._call("close")
        if self._runner is not None:
            self._runner.close()

    def answer(self, key: str) -> dict[str, str] | None:
        """What the contestant gives for a task; ``None`` when it does not take part."""
        task = BY_KEY[key]
        if not hasattr(self._adapter, task.operation):
            return None
        if task.alone:
            getattr(self._adapter, task.operation)(task.given(0))
            return {"digest": "", "begins": ""}
        text = "\n".join(written(self._call(task.operation, task.given(turn)), task.gives) for turn in (0, 1, 2))
        return {"digest": digest(text), "begins": text[:400]}

    def round(self, key: str, number: int) -> float:
        """Seconds for one round of a task; *number* tells the rounds apart, so that values differ."""
        task = BY_KEY[key]
        operation = getattr(self._adapter, task.operation)
        inputs = [task.given(number * task.turns + turn) for turn in range(task.turns)]
        gc.collect()
        if self._runner is None or task.alone:
            return _timed(operation, inputs, task)
        return self._runner.run(_timed_there(operation, inputs, task))


def _timed(operation: Any, inputs: list[Any], task: Task) -> float:
    started = time.perf_counter()
    if task.reads:
        for one in inputs:
            read(operation(one))
    else:
        for one in inputs:
            operation(one)
    return time.perf_counter() - started


async def _timed_there(operation: Any, inputs: list[Any], task: Task) -> float:
    started = time.perf_counter()
    if task.reads:
        for one in inputs:
            read(await operation(one))
    else:
        for one in inputs:
            await operation(one)
    return time.perf_counter() - started


def read(found: list[Any]) -> None:
    """Read every attribute."""
    for one in found:
        _ = one.id, one.name, one.active, one.quantity, one.weight, one.price, one.created, one.note, one.owner_id


def main() -> None:
    """Answer commands until there are no more."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is for people
    bench = Bench(*sys.argv[1:])
    for line in sys.stdin:
        name, arguments = json.loads(line)
        answers.write(json.dumps(getattr(bench, name)(*arguments)) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
