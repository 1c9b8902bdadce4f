"""A throw-away PostgreSQL for tests.

:func:`shared_server` is the one of this process, started when first asked for and gone when the process is.
``DORM_TEST_PG_DSN`` names a server that is used instead.  ``with PostgresServer() as server:`` is one of your own, to
be restarted or killed.
"""

from __future__ import annotations

import atexit
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from dorm.conf import database_url
from dorm.exceptions import OperationalError
from dorm.run import load
from dorm.test import watchdog
from dorm.test.binaries import find_binaries
from dorm.test.identity import Identity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

Mode = Literal["smart", "fast", "immediate"]

FAST: Mapping[str, str] = {
    # Nothing of it outlives the tests, so it need not outlive a power cut.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
    "timezone": "UTC",
    "lc_messages": "C",
}
"""The server's settings, unless told otherwise."""

_ATTEMPTS = 5


class Server:
    """A running server and the databases on it."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {load('urllib.parse').urlsplit(self._url).hostname}>"

    def dsn(self, database: str | None = None) -> str:
        """The URL of *database*; without a name, of the one that is always there.  It holds the password."""
        if database is None:
            return self._url
        urls = load("urllib.parse")
        parts = urls.urlsplit(self._url)
        return str(urls.urlunsplit(parts._replace(path=f"/{urls.quote(database, safe='')}")))

    def settings(self, database: str | None = None, **more: Any) -> dict[str, Any]:
        """The entry of ``DATABASES`` for *database*, with *more* settings."""
        return {**database_url(self.dsn(database)), **more}

    def create_database(self, name: str, template: str | None = None) -> str:
        """Make the database *name*, a copy of *template*; returns its URL."""
        copied = f" TEMPLATE {_quoted(template)}" if template else ""
        self.run(f"CREATE DATABASE {_quoted(name)}{copied}")
        return self.dsn(name)

    def drop_database(self, name: str) -> None:
        """Remove the database *name*, if there is one; its connections are ended."""
        self.run(f"DROP DATABASE IF EXISTS {_quoted(name)} WITH (FORCE)")

    def run(self, sql: str, database: str | None = None) -> list[tuple[Any, ...]]:
        """Carry out *sql* on a connection of its own; returns the rows, if it has some."""
        with load("psycopg").connect(self.dsn(database), autocommit=True) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []


class PostgresServer(Server):
    """A server of our own: made, started, stopped and deleted here.

    *settings* are added to :data:`FAST`; *major* asks for a version.  Leaving the ``with`` block, the end of the
    process and its sudden death all stop the server and delete its files.
    """

    def __init__(self, settings: Mapping[str, str] | None = None, *, major: int | None = None) -> None:
        super().__init__("postgresql://127.0.0.1/postgres")
        self.port = 0
        self._settings = {**FAST, **(settings or {})}
        self._password = secrets.token_hex(16)
        self._identity = Identity()
        self._owner = os.getpid()
        self._watchdog: subprocess.Popen[bytes] | None = None
        found = find_binaries(major)
        self.root = self._identity.new_folder()
        try:
            self._binaries = self._identity.reachable(found, self.root)
            self.data = self.root / "data"
            self.log = self.root / "server.log"
            self._initialise()
        except BaseException:
            shutil.rmtree(self.root, ignore_errors=True)
            raise

    # -- Its life ------------------------------------------------------------------------------

    def start(self) -> Self:
        """Start it, on the port it had before, or a free one."""
        if self._watchdog is None:
            self._watchdog = self._guard()
            atexit.register(self.close)
        reason = ""
        for attempt in range(_ATTEMPTS):
            self.port = self.port or _free_port()
            done = self._control("start", "-l", str(self.log), "-o", self._options())
            if done.returncode == 0:
                self._url = f"postgresql://postgres:{self._password}@127.0.0.1:{self.port}/postgres"
                return self
            reason = done.stderr
            if "could not bind" not in self._log_tail() or attempt == _ATTEMPTS - 1:
                break
            self.port = 0  # somebody was quicker
        raise OperationalError(f"PostgreSQL did not start in {self.root}: {reason}\n{self._log_tail()}")

    def stop(self, mode: Mode = "fast") -> None:
        """Stop it: ``smart`` waits for the clients, ``fast`` ends them, ``immediate`` is a crash."""
        if self.running:
            done = self._control("stop", "-m", mode)
            if done.returncode != 0 and self.running:
                raise OperationalError(f"PostgreSQL did not stop: {done.stderr}\n{self._log_tail()}")

    def restart(self, mode: Mode = "fast") -> None:
        """Stop it and start it again, on the same port and with its data."""
        self.stop(mode)
        self.start()

    @property
    def running(self) -> bool:
        """Whether the server's process lives."""
        return (self.data / "postmaster.pid").exists() and self._control("status").returncode == 0

    @property
    def pid(self) -> int:
        """The process number of the running server."""
        return int((self.data / "postmaster.pid").read_text(encoding="utf-8").split()[0])

    def close(self) -> None:
        """Stop it and delete its files."""
        if os.getpid() != self._owner:
            return  # the child of a fork, at its own end
        atexit.unregister(self.close)
        try:
            self.stop("immediate")
        finally:
            guard, self._watchdog = self._watchdog, None
            shutil.rmtree(self.root, ignore_errors=True)
            if guard is not None:
                guard.communicate()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.close()

    # -- Its programs --------------------------------------------------------------------------

    def _initialise(self) -> None:
        secret = self.root / "password"
        secret.write_text(self._password, encoding="utf-8")
        if self._identity.lent:
            os.chown(secret, self._identity.options["user"], self._identity.options["group"])
        secret.chmod(0o600)
        command = [self._binaries.program("initdb"), "--no-sync", "--encoding=UTF8", "--username=postgres"]
        # Anybody on this machine can connect to the port: only who knows the password gets in.
        command += [f"--pwfile={secret}", "--auth=scram-sha-256", f"--pgdata={self.data}"]
        reason = ""
        for locale in self._locales():
            done = self._run([*command, *locale])
            if done.returncode == 0:
                secret.unlink()
                return
            reason = done.stderr
        raise OperationalError(f"initdb failed in {self.root}: {reason}")

    def _locales(self) -> list[list[str]]:
        """Letters beyond ASCII have cases too; which locale knows them depends on the version and the system."""
        if self._binaries.major >= 17:
            return [["--locale-provider=builtin", "--locale=C.UTF-8", "--lc-collate=C", "--lc-ctype=C"]]
        return [["--locale=C.UTF-8"], ["--lc-collate=C", "--lc-ctype=en_US.UTF-8"], ["--locale=C"]]

    def _options(self) -> str:
        settings = {"listen_addresses": "127.0.0.1", "port": str(self.port), "unix_socket_directories": ""}
        settings.update(self._settings)
        quote = '"{}"' if sys.platform == "win32" else "'{}'"
        return " ".join(f"-c {quote.format(f'{name}={value}')}" for name, value in settings.items())

    def _control(self, action: str, *options: str) -> subprocess.CompletedProcess[str]:
        return self._run([self._binaries.program("pg_ctl"), action, "-w", "-t", "110", "-D", str(self.data), *options])

    def _run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        # A server that starts would keep a pipe open: the output goes to a file.
        output = self.root / f"output-{threading.get_ident()}"
        with output.open("w+", encoding="utf-8", errors="replace") as file:
            returncode: int = subprocess.call(
                command,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                cwd=self.root,
                env={name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))},
                timeout=120,
                **self._identity.options,
            )
            file.seek(0)
            return subprocess.CompletedProcess(command, returncode, "", file.read().strip())

    def _guard(self) -> subprocess.Popen[bytes]:
        stop = [self._binaries.program("pg_ctl"), "stop", "-m", "immediate", "-w", "-D", str(self.data)]
        task = {"root": str(self.root), "data": str(self.data), "stop": stop, "identity": self._identity.options}
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(watchdog.__file__).resolve()), json.dumps(task)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.root.parent,
            start_new_session=True,  # Ctrl-C is for the tests
        )

    def _log_tail(self) -> str:
        try:
            return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
        except OSError:
            return ""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _quoted(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""'))


# -- The one of this process -------------------------------------------------------------------

_shared: dict[int, Server] = {}
_starting = threading.Lock()


def shared_server() -> Server:
    """The server of this process: the one ``DORM_TEST_PG_DSN`` names, or a throw-away one."""
    with _starting:
        process = os.getpid()
        if process not in _shared:
            given = os.environ.get("DORM_TEST_PG_DSN")
            major = os.environ.get("DORM_TEST_PG_MAJOR")
            _shared[process] = _given(given) if given else PostgresServer(major=int(major) if major else None).start()
        return _shared[process]


def _given(dsn: str) -> Server:
    """A server that somebody else started, by its URL, or by a driver's ``host=… dbname=…``."""
    if "://" not in dsn:
        urls = load("urllib.parse")
        words = load("psycopg.conninfo").conninfo_to_dict(dsn)
        login = ":".join(urls.quote(words.pop(key), safe="") for key in ("user", "password") if key in words)
        place = f"{words.pop('host', '')}:{words.pop('port', '')}".rstrip(":")
        name = urls.quote(words.pop("dbname", "postgres"), safe="")
        dsn = f"postgresql://{login}{'@' if login else ''}{place}/{name}?{urls.urlencode(words)}".rstrip("?")
    return Server(dsn)


def server_url() -> str:
    """The URL of a database on the server of this process."""
    return shared_server().dsn()
