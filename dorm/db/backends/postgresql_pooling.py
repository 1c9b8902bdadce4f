"""When a PostgreSQL session may be used again, and when all of them must go: what both drivers share."""

from __future__ import annotations

import itertools
import logging
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar

from dorm.db.backends.postgresql_session import PROBE_AFTER, cut, is_dead
from dorm.db.transactions import EXIT_LIMIT

if TYPE_CHECKING:
    from dorm.conf import DatabaseSettings
    from dorm.db.pool import Pool

_lifecycle = logging.getLogger("dorm.db.lifecycle.postgresql")
_cursors = itertools.count(1)


class Pooling:
    """Check-out and check-in.  A *generation* is the sessions since the last loss: they live and die together."""

    vendor: ClassVar[str] = "postgresql"
    rollback_limit = EXIT_LIMIT
    database: DatabaseSettings
    generation = 0

    @property
    def pool(self) -> Pool[Any]:
        """The pool to take from."""
        raise NotImplementedError

    def known_pool(self) -> Pool[Any] | None:
        """The pool, if there is one already."""
        raise NotImplementedError

    def close_session(self, session: Any) -> None:
        """End a session; never waits."""
        raise NotImplementedError

    async def probe(self, session: Any) -> bool:
        """Whether the server answers, within seconds."""
        raise NotImplementedError

    def next_cursor(self) -> str:
        """A name for a cursor on the server."""
        return f"dorm_rows_{next(_cursors)}"

    async def take(self) -> Any:
        """A session that is alive, as far as can be told without a round trip."""
        pool = self.pool
        database = self.database
        while True:
            session = await pool.take()
            now = monotonic()
            rested = now - session.used
            if session.generation != self.generation or session.expires <= now or rested > database.max_idle:
                self.drop(pool, session)
            elif not database.pool_check:
                return session
            elif (session.watch() and is_dead(session)) or (
                rested > PROBE_AFTER and not await self._answers(pool, session)
            ):
                self.lose(pool, session)
            else:
                return session

    async def _answers(self, pool: Pool[Any], session: Any) -> bool:
        try:
            return await self.probe(session)
        except BaseException:
            self.drop(pool, session)
            raise

    async def give(self, connection: Any) -> None:
        """Put a session back that is between transactions; end any other."""
        pool = connection.home
        if connection.pgconn.transaction_status or connection.generation != self.generation or pool.closed:
            if connection.closed:
                self.lose(pool, connection)
            else:
                pool.counts["returns_bad"] += 1
                self.drop(pool, connection)
            return
        connection.used = now = monotonic()
        pool.give(connection)
        idle = pool.idle
        if len(idle) > self.database.min_pool_size and now - idle[0].used > self.database.max_idle:
            self._shrink(pool)

    async def discard(self, connection: Any) -> None:
        """End a session that was taken."""
        self.drop(connection.home, connection)

    def drop(self, pool: Pool[Any], session: Any) -> None:
        """End one session."""
        self.close_session(session)
        pool.gone()

    def lose(self, pool: Pool[Any], session: Any) -> None:
        """A session is dead: the others of its generation are, most likely, and none is tried one by one."""
        if session.generation == self.generation:
            self.generation += 1
            _lifecycle.info("Lost a connection [%s]; all are opened anew", self.database.alias)
        pool.counts["connections_lost"] += 1
        self.drop(pool, session)

    def _shrink(self, pool: Pool[Any]) -> None:
        """End the session that rested longest."""
        try:
            session = pool.idle.pop(0)
        except IndexError:
            return
        self.drop(pool, session)

    def close_pool(self, pool: Pool[Any]) -> None:
        """Close the sessions at rest; those in use are closed when they come back."""
        for session in pool.close():
            self.close_session(session)

    def is_lost(self, connection: Any) -> bool:
        """Whether the session can do no more work."""
        return bool(connection.closed)

    def abort(self, connection: Any) -> None:
        """End whatever the session does."""
        cut(connection)

    def stats(self) -> dict[str, Any]:
        """What ``pool_stats()`` tells: sizes and counters, under psycopg_pool's names."""
        pool = self.known_pool()
        database = self.database
        sizes = {"min_size": database.min_pool_size, "max_size": database.max_pool_size}
        is_open = pool is not None and not pool.closed
        measured = (
            pool.stats()
            if pool is not None
            else {"pool_max": database.max_pool_size, "pool_size": 0, "pool_available": 0, "requests_waiting": 0}
        )
        return {"open": is_open, "vendor": self.vendor, **sizes, "pool_min": database.min_pool_size, **measured}
