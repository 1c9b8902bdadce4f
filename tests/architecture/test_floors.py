from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_imports_point_down():
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import import_linter; import_linter(['lint', '--no-cache'])",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
