"""The page about extending is one program, and prints what a reader would expect."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
LINES = ["['classic', 'comedy']", "['Dune']", "2 0", "[68, 69]", "{'pages': 1086.0}"]


def test_the_program_runs(tmp_path: pathlib.Path) -> None:
    (tmp_path / "program.py").write_text(
        "\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)), encoding="utf-8"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "program.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert "" == done.stderr
    assert LINES == done.stdout.splitlines()
