"""One line of the promise each: the protection, how it is taken away, and the test that fails then.

``scripts/faults --mutations`` carries them out in a copy.  What is replaced must stand in the file word for word.
"""

from __future__ import annotations

from typing import NamedTuple

DB = "dorm/db/"
PG = DB + "backends/postgresql"
LITE = DB + "backends/sqlite"


class Mutation(NamedTuple):
    """A protection taken away."""

    line: str
    file: str
    old: str
    new: str
    test: tuple[str, ...]
    timeout: int = 100


def of(file: str, test: str) -> tuple[str, ...]:
    """The tests of a file whose names hold words."""
    return (f"tests/{file}.py", "-k", test)


MUTATIONS = [
    # -- Transactions ------------------------------------------------------------------------------
    Mutation(
        "A swallowed error is no commit",
        DB + "blocks.py",
        "        block.spoil(error)\n",
        "        return\n",
        of("db/test_blocks", "after_an_error_a_block_can_only_be_left"),
    ),
    Mutation(
        "Leaving a block is shielded from cancellation",
        DB + "blocks.py",
        "await loops.shielded(",
        "await (lambda coroutine, *_: coroutine)(",
        of("db/test_cancelling", "cancelled_at_every"),
    ),
    Mutation(
        "Leaving a block is bounded, then the socket is closed",
        PG + "_async.py",
        'await self._simple(connection, b"ROLLBACK", limit=self.rollback_limit)',
        'await self._simple(connection, b"ROLLBACK")',
        of("faults/test_sessions", "stands_still and block"),
        30,
    ),
    Mutation(
        "A COMMIT that the server answers with ROLLBACK is told",
        PG + ".py",
        'if tag != "COMMIT":',
        "if False:",
        of("db/test_blocks", "ends_the_transaction_behind_our_back"),
    ),
    Mutation(
        "A COMMIT whose answer is lost says so, and is not repeated",
        PG + "_session.py",
        "    error.add_note(",
        "    str(",
        of("faults/test_sessions", "ended_at_the_commit"),
    ),
    Mutation(
        "A block has one session, and ends with it",
        DB + "executor.py",
        "        except BaseException as error:\n            self.spoil(block, error)\n            raise\n",
        "        except BaseException:\n            raise\n",
        of("faults/test_sessions", "between_two_statements"),
    ),
    Mutation(
        "Nested blocks of siblings take turns",
        DB + "transactions.py",
        "elif self.busy is None and (waiter.leaving or block.child is None):",
        "elif self.busy is None:",
        of("db/test_tasks", "siblings_take_turns"),
    ),
    Mutation(
        "Savepoint names are unique",
        DB + "transactions.py",
        "self.savepoints += 1",
        "self.savepoints = 1",
        of("db/test_blocks", "savepoint_names"),
    ),
    Mutation(
        "A task that outlives its block gets an error",
        DB + "transactions.py",
        "        if not self.open:\n            raise self.refusal()\n",
        "",
        of("db/test_tasks", "outlives"),
    ),
    Mutation(
        "A row that a many-to-many manager makes is linked, or not made",
        "dorm/models/many.py",
        "return await actions.blocks.in_block(db, make())",
        "return await make()",
        of("security/test_half_done", "neither_made"),
    ),
    # -- Retry -------------------------------------------------------------------------------------
    Mutation(
        "A write that may have run is not sent again",
        DB + "retry.py",
        "return _NOTHING_DONE in marks or (reads and _LOST in marks)",
        "return _NOTHING_DONE in marks or _LOST in marks",
        of("db/test_postgresql_sessions", "write_whose_session_is_cut"),
    ),
    Mutation(
        "A read whose session was lost is sent again",
        DB + "retry.py",
        "return _NOTHING_DONE in marks or (reads and _LOST in marks)",
        "return _NOTHING_DONE in marks",
        of("db/test_postgresql_sessions", "read_whose_session_is_cut"),
    ),
    # -- Pool --------------------------------------------------------------------------------------
    Mutation(
        "A dead session is seen before anything is sent on it",
        PG + "_pooling.py",
        "elif (session.watch() and is_dead(session)) or (",
        "elif (",
        of("faults/test_sessions", "lost_generation"),
    ),
    Mutation(
        "The dead are dropped together",
        PG + "_pooling.py",
        "            self.generation += 1\n",
        "",
        of("faults/test_sessions", "lost_generation"),
    ),
    Mutation(
        "A session that is not clean is not given back",
        PG + "_pooling.py",
        "if connection.pgconn.transaction_status or connection",
        "if connection",
        of("db/test_postgresql_sessions", "left_in_a_transaction"),
    ),
    Mutation(
        "Whoever makes a connection room is made for",
        DB + "pool.py",
        "            self.gone()\n            raise",
        "            raise",
        of("db/test_pool", "leaves_room"),
    ),
    Mutation(
        "The pool is not larger than its limit",
        DB + "pool.py",
        "if self.limit is None or self.size < self.limit:",
        "if True:",
        of("faults/test_sessions", "fifty_threads"),
    ),
    Mutation(
        "A wait for the pool ends",
        DB + "pool.py",
        "if waiter.bell.acquire(timeout=max(limit, 0.0)):",
        "if waiter.bell.acquire():",
        of("faults/test_sessions", "those_who_wait"),
        30,
    ),
    Mutation(
        "A full pool is not tried three times",
        DB + "pool.py",
        "class TaskPool(Pool[C]):",
        "from dorm.db.retry import nothing_done\n_error = PoolTimeout\n"
        "def PoolTimeout(*text): return nothing_done(_error(*text))\n\n\nclass TaskPool(Pool[C]):",
        of("db/test_postgresql_sessions", "full_pool_is_a_pool_timeout"),
    ),
    Mutation(
        "A cancelled statement ends on the server, and its session comes back",
        DB + "transactions.py",
        "EXIT_LIMIT = ",
        "EXIT_LIMIT = 0 * ",
        of("db/test_cancelling", "cancelled"),
    ),
    # -- Loops, fork, exit -------------------------------------------------------------------------
    Mutation(
        "Each loop has a pool of its own",
        DB + "per_loop.py",
        "        loop = asyncio.get_running_loop()\n        found = self._pools.get(loop)",
        "        loop = asyncio.get_running_loop()\n        found = next(iter(self._pools.values()), None)",
        of("faults/test_sessions", "two_loops"),
    ),
    Mutation(
        "A child forgets what it inherits",
        DB + "connection.py",
        "        executor.driver.forget()\n",
        "        pass\n",
        of("db/test_processes", "child"),
    ),
    Mutation(
        "An inherited block is the parent's",
        DB + "transactions.py",
        "    for transaction in living:\n",
        "    for transaction in ():\n",
        of("db/test_processes", "open_at_the_fork"),
    ),
    # -- SQLite ------------------------------------------------------------------------------------
    Mutation(
        "A block takes the lock when it begins",
        LITE + "_connection.py",
        'options.pop("transaction_mode", "IMMEDIATE")',
        'options.pop("transaction_mode", "DEFERRED")',
        of("faults/test_processes", "read_modify_write and sqlite"),
    ),
    Mutation(
        "A writer waits for the lock",
        LITE + "_connection.py",
        "timeout=self.database.busy_timeout,",
        "timeout=0,",
        of("faults/test_processes", "threads_of_several and sqlite"),
    ),
    Mutation(
        "A connection in a transaction is given to nobody",
        LITE + "_connection.py",
        "return not connection.in_transaction and not connection.read_only",
        "return True",
        of("db/test_sqlite", "begin_left_open"),
    ),
    Mutation(
        "Who came first to an SQLite file writes first",
        LITE + "_turns.py",
        "self.queue.popleft()",
        "self.queue.pop()",
        of("db/test_sqlite_turns", "in_the_order"),
    ),
    Mutation(
        "Whoever is cancelled gives the turn on",
        LITE + "_turns.py",
        "        if give:\n            self.give()\n",
        "",
        of("db/test_sqlite_turns", "cancelled"),
        70,
    ),
    Mutation(
        "A connection has one holder",
        DB + "pool.py",
        "            return self.idle.pop()\n",
        "            return self.idle[-1]\n",
        of("db/test_pool", "many_t"),
    ),
    Mutation(
        "A health check reads the file",
        LITE + "_connection.py",
        '        connection.execute("PRAGMA schema_version").fetchall()\n',
        "",
        of("faults/test_sqlite", "spoilt_at_its_beginning"),
    ),
    # -- Errors and secrets ------------------------------------------------------------------------
    Mutation(
        "No password in a repr",
        "dorm/conf/databases.py",
        'user = f"{self.user}@" if self.user else ""',
        'user = f"{self.user}:{self.password}@"',
        of("faults/test_secrets", "no_connection"),
    ),
    Mutation(
        "No password in the error of a wrong setting",
        "dorm/conf/databases.py",
        'secret=key in {"PASSWORD", "OPTIONS"}',
        "secret=False",
        of("faults/test_secrets", "wrong_configuration"),
    ),
    Mutation(
        "A health check is bounded",
        "dorm/health.py",
        "    thread.join(timeout)\n",
        "    thread.join()\n",
        of("faults/test_sessions", "health_check_of_a_session"),
        30,
    ),
    # -- Names and values --------------------------------------------------------------------------
    Mutation(
        "First wall: a computed column is named by an identifier",
        "dorm/models/naming.py",
        "    usable = name.isidentifier() and",
        "    usable =",
        of("security/test_matrix", "identifier"),
    ),
    Mutation(
        "Second wall: names are quoted",
        "dorm/sql/compiler.py",
        "name.replace('\"', '\"\"')",
        "name",
        of("security/test_walls", "second_wall"),
    ),
    Mutation(
        "Names that become Python are identifiers",
        "dorm/models/naming.py",
        "if not expression.default_alias.isidentifier():",
        "if False:",
        of("security/test_walls", "aggregate_of_a_key"),
    ),
    Mutation(
        "The generated loop takes identifiers only",
        "dorm/query/hydration.py",
        "if not annotation.name.isidentifier():",
        "if False:",
        of("security/test_walls", "slipped_through"),
    ),
    Mutation(
        "Keys of documents are in no column label",
        "dorm/query/columns.py",
        '    if "__" not in name:\n',
        "    if True:\n",
        of("security/test_values", "no_document_has"),
    ),
    Mutation(
        "LIKE's wild cards mean themselves",
        "dorm/sql/compiler.py",
        ".translate(_LIKE)",
        "",
        of("security/test_names", "whatever_it_contains"),
    ),
    Mutation(
        "A NUL byte ends no pattern",
        "dorm/sql/compiler.py",
        'if "\\x00" in text:',
        "if False:",
        of("security/test_values", "nul_byte"),
    ),
    Mutation(
        "The names of defaults are fields",
        "dorm/actions/upsert.py",
        "        if not known and not isinstance(getattr(model, name, None), property):",
        "        if False:",
        of("security/test_matrix", "defaults"),
    ),
]
