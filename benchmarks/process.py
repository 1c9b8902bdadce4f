"""A contestant's process, as the one who measures sees it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Self

    from benchmarks.contestants import Contestant
    from benchmarks.tasks import Colour, Task, Vendor

ROOT = Path(__file__).resolve().parent.parent


class Worker:
    """A running contestant: on one database, in one colour."""

    def __init__(self, contestant: Contestant, vendor: Vendor, colour: Colour, location: str) -> None:
        self.contestant = contestant
        command = [contestant.python, "-m", "benchmarks.worker", contestant.modules[vendor], colour, location]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": "0"},
            text=True,
            encoding="utf-8",
        )

    def _ask(self, name: str, *arguments: Any) -> Any:
        assert self._process.stdin is not None, "it is a pipe"
        assert self._process.stdout is not None, "it is a pipe"
        self._process.stdin.write(json.dumps([name, arguments]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.contestant.title} ended while it was asked for {name}; see above.")
        return json.loads(line)

    def __enter__(self) -> Self:
        self.version: str = self._ask("open")
        return self

    def __exit__(self, *exception: object) -> None:
        if exception == (None, None, None):
            self._ask("close")
        self._process.stdin.close()  # type: ignore[union-attr]  # it is a pipe
        self._process.wait(timeout=30)
        self._process.stdout.close()  # type: ignore[union-attr]  # it is a pipe

    def answer(self, task: Task) -> dict[str, str] | None:
        """What the contestant gives for *task*; ``None`` when it does not take part."""
        found: dict[str, str] | None = self._ask("answer", task.key)
        return found

    def round(self, task: Task, number: int) -> float:
        """Seconds for one round of *task*."""
        seconds: float = self._ask("round", task.key, number)
        return seconds
