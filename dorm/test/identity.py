"""As whom PostgreSQL's programs run: they refuse the superuser, who therefore lends them another identity.

No permission of an existing file or folder is changed; what the other identity cannot reach is copied.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dorm.exceptions import ImproperlyConfigured
from dorm.run import load

if TYPE_CHECKING:
    from dorm.test.binaries import Binaries

_NAMES = ("nobody", "postgres", "daemon")


class Identity:
    """The user of the server's programs: ourselves, or an unprivileged one when we are the superuser."""

    def __init__(self) -> None:
        self.options: dict[str, Any] = {}
        """What ``subprocess`` needs to know."""
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            user, group = _unprivileged()
            self.options = {"user": user, "group": group, "extra_groups": []}

    @property
    def lent(self) -> bool:
        """Whether it is another one than ours."""
        return bool(self.options)

    def new_folder(self) -> Path:
        """An empty folder that only this identity may enter."""
        for parent in (tempfile.gettempdir(), "/tmp", "/var/tmp"):  # noqa: S108 - made by mkdtemp, never a fixed name
            if not self.lent or (os.path.isdir(parent) and self.reaches(Path(parent))):
                folder = Path(tempfile.mkdtemp(prefix="dorm-postgresql-", dir=parent)).resolve()
                if self.lent:
                    os.chown(folder, self.options["user"], self.options["group"])
                return folder
        raise ImproperlyConfigured(
            "The superuser's tests run PostgreSQL as an unprivileged user, who can enter no temporary folder: "
            "set TMPDIR to one that everybody may enter, or run the tests as a normal user."
        )

    def reaches(self, path: Path) -> bool:
        """Whether it may enter *path* and every folder around it (judged by what everybody may)."""
        if not self.lent:
            return True
        path = path.resolve()
        return all(os.stat(place).st_mode & stat.S_IXOTH for place in (path, *path.parents))

    def reachable(self, binaries: Binaries, root: Path) -> Binaries:
        """*binaries*, or a copy of them below *root* when they lie in a private folder."""
        program = Path(binaries.program("postgres"))
        if self.reaches(program):
            return binaries
        if not binaries.packaged:
            raise ImproperlyConfigured(f"The unprivileged user that runs PostgreSQL cannot reach {program}.")
        package = binaries.folder.parent.parent
        for source in (binaries.folder.parent, package.parent / f"{package.name}.libs"):
            if source.is_dir():
                target = root / source.relative_to(package.parent)
                shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("include"))
        for place in (root / package.name, *(root / package.name).parents):
            if place == root:
                break
            place.chmod(0o755)  # ours, below the private root
        return binaries._replace(folder=root / binaries.folder.relative_to(package.parent))


def _unprivileged() -> tuple[int, int]:
    users = load("pwd")
    for name in _NAMES:
        try:
            entry = users.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise ImproperlyConfigured(f"PostgreSQL refuses the superuser, and no user {' or '.join(_NAMES)} exists here.")
