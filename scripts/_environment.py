"""The environment of the scripts: `.venv` in the repository, made from nothing and brought up to date when needed.

With uv the versions of `uv.lock` are installed, without it pip chooses what fits.  Nothing but the standard library
is used here, and nothing newer than Python 3.8, so that an old Python can say what it needs.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Dict, List, NoReturn, Optional, Sequence, Tuple

ROOT = Path(__file__).resolve().parent.parent
VENV = Path(os.environ.get("DORM_VENV") or ROOT / ".venv")
LEAST = (3, 11)

# What each purpose needs: extras of the distribution, and dependency groups.
PURPOSES: Dict[str, Tuple[Sequence[str], Sequence[str]]] = {
    "demo": (("sqlite", "postgresql", "fastapi"), ("demo",)),
    "dev": (("all",), ("dev",)),
    "bench": (("all",), ("dev", "bench")),
}


def run(purpose: str, *arguments: str) -> NoReturn:
    """Become the environment's Python, in the repository's folder."""
    python = ready(purpose)
    if os.name == "nt":  # has no such thing: the caller would go on without waiting
        sys.exit(call(python, *arguments))
    os.chdir(str(ROOT))
    sys.stdout.flush()
    os.execv(str(python), [str(python), *arguments])  # a signal reaches what was asked for


def call(python: Path, *arguments: str) -> int:
    """Run *python* in the repository's folder; its exit code."""
    try:
        return subprocess.call([str(python), *arguments], cwd=str(ROOT))
    except KeyboardInterrupt:
        return 130


def ready(purpose: str) -> Path:
    """The Python of an environment that has everything for *purpose*."""
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = VENV / f".ready-{purpose}"
    wanted = _fingerprint()
    if python.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return python
    extras, groups = PURPOSES[purpose]
    if not _with_uv(extras, groups):
        _with_pip(python, extras, groups)
    stamp.write_text(wanted, encoding="utf-8")
    return python


def _with_uv(extras: Sequence[str], groups: Sequence[str]) -> bool:
    """Install what the lock file names; whether that was possible."""
    uv = shutil.which("uv")
    if not uv:
        return False
    print(f"Setting up {VENV} with uv ...", flush=True)
    command = [uv, "sync", "--locked", "--inexact", "--quiet"]
    command += [part for extra in extras for part in ("--extra", extra)]
    command += ["--no-default-groups", *(part for group in groups for part in ("--group", group))]
    if not VENV.exists():
        command += ["--python", _python()]
    # The certificates that the system trusts are trusted, as pip does.
    done = _run(command, {"UV_PROJECT_ENVIRONMENT": str(VENV), "UV_SYSTEM_CERTS": "1"})
    if not done:
        print("uv could not do it; pip is tried.", flush=True)
    return done


def _with_pip(python: Path, extras: Sequence[str], groups: Sequence[str]) -> None:
    """Install the newest versions that fit."""
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    wanted = [f".[{','.join(extras)}]", *(f"--group={group}" for group in groups)]
    steps = [
        [*pip, "install", "--upgrade", "pip>=25.1"],  # the first that knows dependency groups
        [*pip, "install", "--editable", *wanted],
    ]
    if not python.exists() or not _run([str(python), "-c", "import pip"]):
        steps.insert(0, [_python(), "-m", "venv", str(VENV)])
    print(f"Setting up {VENV} with pip; this takes a minute the first time ...", flush=True)
    for step in steps:
        if not _run(step):
            sys.exit(f"Setting up failed: {' '.join(step)}")


def _fingerprint() -> str:
    """Changes when what must be installed changes."""
    files = [ROOT / name for name in ("pyproject.toml", "uv.lock", "scripts/_environment.py")]
    content = b"".join(file.read_bytes() for file in files if file.exists())
    return hashlib.sha256(str(VENV).encode() + content).hexdigest()


def _python() -> str:
    """A Python that is new enough: this one, or one on the path."""
    if sys.version_info >= LEAST:
        return sys.executable
    for minor in range(14, LEAST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}") or _launcher(minor)
        # A pyenv shim is on the path even where its version is not chosen.
        if found and subprocess.call([found, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            return found
    have = ".".join(map(str, sys.version_info[:2]))
    least = ".".join(map(str, LEAST))
    sys.exit(
        f"dorm needs Python {least} or newer; this is {have}, and none of python{least} to python3.14 is on the path.\n"
        f"Install one (https://www.python.org/downloads/, or `uv python install`) and run this again."
    )


def _launcher(minor: int) -> Optional[str]:
    """The interpreter that Windows' launcher knows."""
    if os.name != "nt" or not shutil.which("py"):
        return None
    asked = [shutil.which("py") or "py", f"-3.{minor}", "-c", "import sys; print(sys.executable)"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    return done.stdout.strip() or None


def _run(command: List[str], extra: Optional[Dict[str, str]] = None) -> bool:
    """Whether *command* succeeded."""
    environment = {name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "PYTHONPATH"}}
    return subprocess.call(command, cwd=str(ROOT), env={**environment, **(extra or {})}) == 0
