"""PgBouncer: the system's, or Debian's package unpacked into a folder of its own; nothing is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from typing import TYPE_CHECKING, Any

import psycopg

from dorm.test.postgres import _free_port

if TYPE_CHECKING:
    from pathlib import Path

    from dorm.test.identity import Identity
    from dorm.test.postgres import PostgresServer

PACKAGES = ("pgbouncer", "libevent-2.1-7", "libc-ares2")


def found(folder: Path) -> tuple[str, dict[str, str]] | str:
    """The program and its environment, or why there is none."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")
    if program:
        return program, {}
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        return "PgBouncer is not installed, and this system has no Debian packages"
    for package in PACKAGES:
        subprocess.run(["apt-get", "download", package], cwd=folder, capture_output=True, check=False)
    for archive in folder.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", str(archive), str(folder)], capture_output=True, check=False)
    unpacked = folder / "usr/sbin/pgbouncer"
    if not unpacked.exists():
        return "PgBouncer is not installed, and its package could not be had (apt-get download pgbouncer)"
    libraries = {str(path.parent) for path in folder.rglob("*.so*")}
    return str(unpacked), {"LD_LIBRARY_PATH": os.pathsep.join(sorted(libraries))}


class Bouncer:
    """A pooler in transaction mode before a server."""

    def __init__(self, program: str, environment: dict[str, str], server: PostgresServer, identity: Identity) -> None:
        self.port = _free_port()
        self.root = identity.new_folder()
        config = {
            "listen_addr": "127.0.0.1",
            "listen_port": self.port,
            "unix_socket_dir": "",
            "auth_type": "scram-sha-256",
            "auth_file": self.root / "users",
            "pool_mode": "transaction",
            "default_pool_size": 3,
            "max_client_conn": 200,
            "admin_users": "postgres",
        }
        lines = ["[databases]", f"* = host=127.0.0.1 port={server.port}", "[pgbouncer]"]
        lines += [f"{name} = {value}" for name, value in config.items()]
        (self.root / "users").write_text(f'"postgres" "{server._password}"\n')
        (self.root / "pgbouncer.ini").write_text("\n".join(lines) + "\n")
        self.url = f"postgresql://postgres:{server._password}@127.0.0.1:{self.port}"
        with (self.root / "log").open("w") as log:
            self.process = subprocess.Popen(
                [program, "-q", str(self.root / "pgbouncer.ini")],
                env={**os.environ, **environment},
                stdout=subprocess.DEVNULL,
                stderr=log,
                **identity.options,
            )
        self._wait()

    def _wait(self) -> None:
        for _ in range(300):
            try:
                psycopg.connect(f"{self.url}/postgres", connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError(f"PgBouncer did not start: {(self.root / 'log').read_text()}")

    def shows(self, what: str) -> list[tuple[Any, ...]]:
        """What its console shows."""
        with psycopg.connect(f"{self.url}/pgbouncer", autocommit=True) as console:
            return console.execute(f"SHOW {what}", prepare=False).fetchall()  # type: ignore[arg-type]

    def close(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(30)
        shutil.rmtree(self.root, ignore_errors=True)
