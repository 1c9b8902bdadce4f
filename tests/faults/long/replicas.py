"""A primary with a streaming replica that confirms every commit."""

from __future__ import annotations

import contextlib
import shutil
from typing import TYPE_CHECKING

from dorm.test.postgres import PostgresServer
from tests.faults.sessions import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS = {
    "wal_level": "replica",
    "max_wal_senders": "4",
    "hot_standby": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
}


class Replica(PostgresServer):
    """A server whose data are those of another, and follow them."""

    def follow(self, primary: PostgresServer) -> None:
        """Copy the primary's files and begin to stream."""
        shutil.rmtree(self.data)
        self._password = primary._password
        command = [self._binaries.program("pg_basebackup"), "--no-sync", "--write-recovery-conf", "--checkpoint=fast"]
        done = self._run([*command, f"--pgdata={self.data}", f"--dbname={primary.dsn()}"])
        assert 0 == done.returncode, done.stderr
        self.start()
        wait_until(lambda: primary.run("SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'"), "the replica")

    def promote(self) -> None:
        """Become the primary."""
        done = self._control("promote")
        assert 0 == done.returncode, done.stderr


@contextlib.contextmanager
def pair() -> Iterator[tuple[PostgresServer, Replica]]:
    """A primary and its replica; a commit is acknowledged when both have it."""
    with PostgresServer(SETTINGS) as primary:
        replica = Replica(SETTINGS)
        try:
            replica.follow(primary)
            primary.run("ALTER SYSTEM SET synchronous_standby_names = '*'")
            primary.run("SELECT pg_reload_conf()")
            wait_until(lambda: primary.run("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"), "its word")
            yield primary, replica
        finally:
            replica.close()
