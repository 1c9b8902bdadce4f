"""The throw-away PostgreSQL of a user without any privilege, with a home and a temporary folder of their own."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import pytest

from dorm.run import load
from tests.testbed.test_postgres import gone

ROOT = Path(__file__).parents[2]
USER = 65534
"""Nobody, wherever there is one; the number need not have a name."""

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only the superuser becomes another"),
]

CODE = """
    import os
    from dorm.test.postgres import PostgresServer
    with PostgresServer() as server:
        print(os.geteuid(), server.data.stat().st_uid, server._identity.lent, server.root, server.pid)
        server.create_database("origin")
        server.run("CREATE TABLE t AS SELECT 7 AS n", "origin")
        server.create_database("copy", template="origin")
        assert [(7,)] == server.run("SELECT n FROM t", "copy")
"""


@pytest.fixture
def home():
    place = Path(tempfile.mkdtemp(prefix="dorm-home-")).resolve()
    os.chown(place, USER, USER)
    yield place
    shutil.rmtree(place, ignore_errors=True)


def reachable(path: Path) -> bool:
    """Whether others may enter every folder around it, also around what it is a link to."""
    return all(
        place.stat().st_mode & stat.S_IXOTH for way in (path.absolute(), path.resolve()) for place in way.parents
    )


def interpreter() -> str:
    """This one, or the system's of the same version; a superuser's own is often in their private home."""
    if not reachable(ROOT / "dorm") or not all(reachable(place) for place in packages()):
        pytest.skip("the package and its dependencies are in a folder that others cannot enter")
    same = shutil.which(f"python{sys.version_info[0]}.{sys.version_info[1]}", path=os.defpath)
    for found in filter(None, (sys.executable, same)):
        if reachable(Path(found)):
            return found
    pytest.skip("no Python of this version is in a folder that others can enter")


def packages() -> list[Path]:
    return [Path(place) for place in load("site").getsitepackages()]


def environment(home: Path) -> dict[str, str]:
    path = os.pathsep.join(str(place) for place in (ROOT, *packages()))
    return {
        "HOME": str(home),
        "TMPDIR": str(home),
        "PATH": os.defpath,
        "PYTHONPATH": path,
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def as_normal_user(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [interpreter(), *arguments],
        cwd=home,
        env=environment(home),
        user=USER,
        group=USER,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert 0 == done.returncode, done.stdout + done.stderr
    return done


def test_a_normal_user_runs_it_as_themselves_and_nothing_is_left(home, pytestconfig):
    if pytestconfig.getoption("--no-postgres"):
        pytest.skip("--no-postgres")
    user, owner, lent, root, pid = as_normal_user(home, "-c", textwrap.dedent(CODE)).stdout.split()
    assert (str(USER), str(USER), "False") == (user, owner, lent)
    assert Path(root).is_relative_to(home)
    assert [] == list(home.iterdir())
    assert gone(int(pid))


TEST = """
    import dorm

    class Author(dorm.Model):
        name = dorm.CharField(max_length=100)
        class Meta:
            app_label = "shop"

    def test_it(dorm_db):
        Author.objects.create(name="Ann")
        assert 1 == Author.objects.count()
"""


def test_the_plugin_serves_a_normal_user(home, pytestconfig):
    if pytestconfig.getoption("--no-postgres"):
        pytest.skip("--no-postgres")
    (home / "test_it.py").write_text(textwrap.dedent(TEST))
    (home / "pytest.ini").write_text("[pytest]\ndorm_database = postgresql\n")
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:asyncio"]
    plugin = [] if "dorm" in _plugins() else ["-p", "dorm.test.plugin"]
    done = as_normal_user(home, "-m", "pytest", *options, *plugin)
    assert "1 passed" in done.stdout


def _plugins() -> set[str]:
    entries = load("importlib.metadata").entry_points(group="pytest11")
    return {entry.name for entry in entries if entry.value.startswith("dorm.")}
