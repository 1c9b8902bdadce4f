"""Other libraries: each in an environment of its own, made when it is first asked for."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.contestants import Contestant

if TYPE_CHECKING:
    from collections.abc import Sequence

PEERS = {"django": ("Django", "benchmarks.contestants.django_orm", ("django>=5.2,<5.3", "psycopg[binary]>=3.3"))}
"""By name: the title, the module of the adapter, and what is installed."""
FOLDER = Path(__file__).resolve().parent.parent / ".venvs"


def peer(name: str) -> Contestant:
    """The contestant of this name, with its environment ready."""
    title, module, requirements = PEERS[name]
    python = _environment(FOLDER / f"bench-{name}", requirements)
    return Contestant(name, title, {"sqlite": module, "postgresql": module}, str(python))


def _environment(folder: Path, requirements: Sequence[str]) -> Path:
    """The interpreter of the environment in *folder*; ``done`` in it names what was installed."""
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    done = folder / "done"
    wanted = "\n".join(requirements)
    if not done.exists() or done.read_text(encoding="utf-8") != wanted:
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *requirements], check=True)
        done.write_text(wanted, encoding="utf-8")
    return python
