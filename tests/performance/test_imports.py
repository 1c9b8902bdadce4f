"""How much ``import dorm`` loads: numbers, where tests/architecture says what it must not load at all."""

from __future__ import annotations

import subprocess
import sys

CODE = "import sys; before = set(sys.modules); import dorm; print(*sorted(set(sys.modules) - before))"


def test_few_modules_of_others_are_loaded():
    # -S: what the environment's own start loads differs from one to the next, and would hide or add some.
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    others = [name for name in done.stdout.split() if name.partition(".")[0] != "dorm"]
    assert 55 > len(others), "\n".join(others)
