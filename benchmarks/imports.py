"""What ``import dorm`` adds to the start of the interpreter: processes with it and without, in turns."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

LIMIT = 30.0
"""Milliseconds to stay below."""


@dataclass
class Imports:
    """Seconds of bare processes, and of processes that import one module."""

    module: str
    bare: list[float]
    loaded: list[float]

    @property
    def milliseconds(self) -> float:
        """What the import adds at best, from the start of the process to its end."""
        return (min(self.loaded) - min(self.bare)) * 1e3


def measure(module: str, rounds: int) -> Imports:
    """Start both kinds of processes in turns; the first pair, which writes the compiled files, does not count."""
    found = Imports(module, [], [])
    with tempfile.TemporaryDirectory(prefix="dorm-bench-") as folder:
        # An installed package is compiled; a checkout may not be, where Python was told not to write there.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = folder
        for number in range(-1, rounds):
            bare, loaded = _seconds("pass", environment), _seconds(f"import {module}", environment)
            if number >= 0:
                found.bare.append(bare)
                found.loaded.append(loaded)
    return found


def _seconds(code: str, environment: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
    return time.perf_counter() - started
