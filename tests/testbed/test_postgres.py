"""The throw-away PostgreSQL: it starts, it stops, and it leaves nothing behind, whatever happens to its owner."""

from __future__ import annotations

import concurrent.futures
import os
import pathlib
import signal
import stat
import subprocess
import sys
import textwrap
import time

import pytest

from dorm.exceptions import ImproperlyConfigured, OperationalError
from dorm.run import load
from dorm.test import binaries
from dorm.test.identity import Identity
from dorm.test.postgres import PostgresServer, Server, shared_server

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and users are POSIX's")


@pytest.fixture(scope="module", autouse=True)
def _wanted(pytestconfig):
    if pytestconfig.getoption("--no-postgres"):
        pytest.skip("--no-postgres")


@pytest.fixture(scope="module")
def server(_wanted):
    with PostgresServer() as running:
        yield running


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    state = pathlib.Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def gone(pid: int, patience: float = 120) -> bool:
    until = time.monotonic() + patience
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.05)
    return not alive(pid)


def test_it_answers(server):
    assert [(1,)] == server.run("SELECT 1")
    assert server.running
    assert alive(server.pid)


def test_a_database_is_a_copy_of_its_template(server):
    server.create_database("origin")
    server.run("CREATE TABLE t AS SELECT 7 AS n", "origin")
    url = server.create_database("copy", template="origin")
    assert url == server.dsn("copy")
    assert [(7,)] == server.run("SELECT n FROM t", "copy")
    for name in ("copy", "origin"):
        server.drop_database(name)
    assert [] == server.run("SELECT 1 FROM pg_database WHERE datname IN ('origin', 'copy')")


def test_a_database_is_dropped_although_somebody_is_connected(server):
    server.create_database("busy")
    with load("psycopg").connect(server.dsn("busy")):
        server.drop_database("busy")
    server.drop_database("busy")  # nor does it have to exist


def test_the_entry_of_databases_takes_more_settings(server):
    entry = server.settings("shop", max_pool_size=3)
    assert ("postgresql", "shop", 3) == (entry["ENGINE"].rpartition(".")[2], entry["NAME"], entry["max_pool_size"])


def test_letters_beyond_ascii_have_cases(server):
    assert [("ÄÖ", "éß")] == server.run("SELECT upper('äö'), lower('Éß')")


def test_restart_keeps_the_data_and_the_port(server):
    server.run("CREATE TABLE IF NOT EXISTS kept AS SELECT 1 AS n")
    port, pid = server.port, server.pid
    server.restart()
    assert (port, True) == (server.port, pid != server.pid)
    assert [(1,)] == server.run("SELECT n FROM kept")


def test_after_an_immediate_stop_it_recovers(server):
    server.run("CREATE TABLE IF NOT EXISTS survivor AS SELECT 1 AS n")
    server.run("CHECKPOINT")  # without it the last transaction could be lost: synchronous_commit is off
    server.stop("immediate")
    assert not server.running
    with pytest.raises(load("psycopg").OperationalError):
        server.run("SELECT 1")
    server.start()
    assert [(1,)] == server.run("SELECT n FROM survivor")


def test_nobody_gets_in_without_the_password(server):
    url = f"postgresql://postgres:wrong@127.0.0.1:{server.port}/postgres"
    with pytest.raises(load("psycopg").OperationalError, match="password"):
        load("psycopg").connect(url)


@posix
def test_its_files_are_private(server):
    assert 0 == stat.S_IMODE(server.root.stat().st_mode) & 0o077


@posix
def test_it_never_runs_as_the_superuser(server):
    owner = server.data.stat().st_uid
    assert owner != 0
    assert Identity().lent == (os.geteuid() == 0)


def test_several_run_side_by_side():
    def one(_: int) -> tuple[int, bool]:
        with PostgresServer() as running:
            return running.port, [(1,)] == running.run("SELECT 1")

    with concurrent.futures.ThreadPoolExecutor(3) as threads:
        found = list(threads.map(one, range(3)))
    assert 3 == len({port for port, _ in found})
    assert all(right for _, right in found)


def test_a_taken_port_is_exchanged(monkeypatch, server):
    ports = iter([server.port, server.port])
    free = load("dorm.test.postgres")._free_port
    monkeypatch.setattr("dorm.test.postgres._free_port", lambda: next(ports, None) or free())
    with PostgresServer() as second:
        assert second.port != server.port
        assert [(1,)] == second.run("SELECT 1")


def test_leaving_the_block_leaves_no_process_and_no_file():
    with PostgresServer() as running:
        pid, root = running.pid, running.root
    assert gone(pid)
    assert not root.exists()


def test_a_setting_that_is_none_says_so():
    with pytest.raises(OperationalError, match="no_such_setting"), PostgresServer({"no_such_setting": "1"}):
        pass


# -- However the owner ends --------------------------------------------------------------------

OWNER = """
    import sys
    from dorm.test.postgres import PostgresServer
    server = PostgresServer().start()
    print(server.pid, server.root, flush=True)
    {end}
"""


def owner(end: str) -> tuple[subprocess.Popen[str], int, pathlib.Path]:
    code = textwrap.dedent(OWNER).format(end=end)
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    pid, root = process.stdout.readline().split()
    return process, int(pid), pathlib.Path(root)


@pytest.mark.parametrize("end", ["", "raise SystemExit(3)", "raise RuntimeError('a bug')", "import os; os._exit(1)"])
def test_no_end_of_the_owner_leaves_anything(end):
    process, pid, root = owner(end + "  # " if end else "pass")
    process.communicate(timeout=300)
    assert gone(pid)
    assert _vanished(root)


@posix
@pytest.mark.parametrize("number", ["SIGKILL", "SIGTERM", "SIGINT"])
def test_a_killed_owner_leaves_nothing(number):
    process, pid, root = owner("import time; time.sleep(60)")
    process.send_signal(getattr(signal, number))
    process.communicate(timeout=300)
    assert gone(pid)
    assert _vanished(root)


def _vanished(root: pathlib.Path, patience: float = 120) -> bool:
    until = time.monotonic() + patience
    while root.exists() and time.monotonic() < until:
        time.sleep(0.05)
    return not root.exists()


@posix
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_the_child_of_a_fork_does_not_stop_its_parents_server(server):
    child = os.fork()
    if child == 0:
        server.close()
        os._exit(0)
    os.waitpid(child, 0)
    assert [(1,)] == server.run("SELECT 1")


# -- Where it comes from -----------------------------------------------------------------------


def test_a_given_server_is_used(monkeypatch, server):
    monkeypatch.setattr("dorm.test.postgres._shared", {})
    monkeypatch.setenv("DORM_TEST_PG_DSN", server.dsn())
    given = shared_server()
    assert (Server, server.dsn()) == (type(given), given.dsn())


def test_a_given_server_may_be_named_in_the_drivers_words(monkeypatch, server):
    monkeypatch.setattr("dorm.test.postgres._shared", {})
    monkeypatch.setenv("DORM_TEST_PG_DSN", "host=db.example port=7 dbname=shop user=ann password='p w'")
    assert "postgresql://ann:p%20w@db.example:7/shop" == shared_server().dsn()


def test_without_any_postgresql_the_error_names_the_remedy(monkeypatch):
    monkeypatch.setattr(binaries, "_in_wheel", lambda: iter(()))
    monkeypatch.setattr(binaries, "_in_system", lambda: iter(()))
    with pytest.raises(ImproperlyConfigured, match=r"djanorm\[testing\].*DORM_TEST_PG_DSN.*--no-postgres"):
        binaries.find_binaries()


def test_a_version_that_is_not_there_is_named():
    with pytest.raises(ImproperlyConfigured, match="No PostgreSQL 7 was found"):
        binaries.find_binaries(7)


def test_the_wheel_is_found_without_being_imported():
    code = "import sys\nfrom dorm.test.binaries import *\nfind_binaries()\nassert WHEEL not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only the superuser lends an identity")
def test_binaries_in_a_private_folder_are_copied_and_no_permission_is_changed(monkeypatch, tmp_path):
    found = binaries.find_binaries()
    if not found.packaged:
        pytest.skip("only the wheel's installation can be copied")
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    package = private / binaries.WHEEL
    package.mkdir()
    load("shutil").copytree(found.folder.parent, package / found.folder.parent.name, symlinks=True)
    libraries = found.folder.parent.parent.with_name(f"{binaries.WHEEL}.libs")
    if libraries.is_dir():
        load("shutil").copytree(libraries, private / libraries.name, symlinks=True)
    there = found._replace(folder=package / found.folder.parent.name / "bin")
    monkeypatch.setattr("dorm.test.postgres.find_binaries", lambda major: there)
    with PostgresServer() as running:
        assert [(1,)] == running.run("SELECT 1")
    assert 0o700 == stat.S_IMODE(private.stat().st_mode)
