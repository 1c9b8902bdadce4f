"""The tree of transaction blocks, and who may go next on its connection.

A context variable holds the innermost block.  Two things are handed out, never one: the *connection*, for one driver
call; and the *turn* of a block, to one nested block at a time.  A statement of a block waits while a nested block of
somebody else is open, for it would fall inside that savepoint.  Every wait for a turn is bounded.
"""

from __future__ import annotations

import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from dorm.conf import settings
from dorm.db import loops
from dorm.db.backends.base import bury
from dorm.db.observing import log
from dorm.exceptions import SynchronousOnlyOperation, TransactionManagementError
from dorm.run import load

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from dorm.db.backends.base import Driver
    from dorm.db.executor import Executor

EXIT_LIMIT = 10.0
"""Seconds that leaving a block may take after it was cancelled; then the connection is cut."""


class Node:
    """What the context variable holds: a block, or the scope of a request."""

    __slots__ = ()

    outer: Node | None
    read_only: bool
    """Whether its transaction refuses to write."""

    def serves(self, alias: str) -> bool:
        """Whether statements of *alias* belong here."""
        raise NotImplementedError


current: ContextVar[Node | None] = ContextVar("dorm_block", default=None)


def writes_to(alias: str) -> bool:
    """Whether statements of *alias* belong to a transaction that may write."""
    node = current.get()
    while node is not None:
        if node.serves(alias):
            return not node.read_only
        node = node.outer
    return False


class Hook:
    """A function to call after the commit."""

    __slots__ = ("function", "robust")

    def __init__(self, function: Callable[[], Any], robust: bool) -> None:
        self.function = function
        self.robust = robust


async def run_hooks(hooks: list[Hook], *, blocking: bool) -> None:
    """Call hooks in order.  A robust one's exception is logged; another's tells that the data is committed."""
    for hook in hooks:
        try:
            answer = hook.function()
            if not blocking and hasattr(answer, "__await__"):
                await answer
        except Exception as error:
            if hook.robust:
                log("dorm.db.transactions").exception(
                    "The on_commit hook %r failed; the transaction is committed", hook.function
                )
                continue
            error.add_note(f"The transaction is committed; this came from its on_commit hook {hook.function!r}.")
            raise


class Block(Node):
    """One ``atomic()``: the outermost is a transaction, the others savepoints."""

    __slots__ = (
        "alias",
        "cause",
        "child",
        "committed",
        "hooks",
        "line",
        "open",
        "outer",
        "parent",
        "read_only",
        "rollback_only",
        "savepoint",
        "thread",
        "transaction",
    )

    def __init__(self, transaction: Transaction, parent: Block | None, savepoint: str | None, line: loops.Line) -> None:
        self.transaction = transaction
        if parent is None:
            transaction.root = self
        self.alias = transaction.alias
        self.read_only = transaction.read_only
        self.parent = parent
        self.outer: Node | None = current.get()
        self.savepoint = savepoint
        self.open = True
        self.cause: BaseException | None = None
        self.rollback_only = False
        self.child: Block | None = None
        self.hooks: list[Hook] = []
        self.line = line
        self.committed = False
        self.thread = threading.get_ident()

    def __repr__(self) -> str:
        state = "closed" if not self.open else "broken" if self.cause is not None else "open"
        return f"<Block {self.alias!r} {state}, opened at {self.line}>"

    def serves(self, alias: str) -> bool:
        return self.alias == alias

    def spoil(self, cause: BaseException) -> None:
        """An error happened: the block can only be left."""
        if self.cause is None:
            self.cause = cause

    def check(self) -> None:
        """Raise unless a statement may run here."""
        if not self.open:
            raise self.refusal()
        if self.cause is not None:
            raise self.refusal() from self.cause

    def refusal(self) -> TransactionManagementError:
        """Why no statement may run here."""
        if self.transaction.forked:
            return TransactionManagementError(
                f"The transaction block on {self.alias!r} opened at {self.line} belongs to the parent process; "
                "a forked child cannot use it."
            )
        if not self.open:
            return TransactionManagementError(
                f"The transaction block on {self.alias!r} opened at {self.line} has ended. A task or thread that "
                "outlives its block opens one of its own; await it before the block ends otherwise."
            )
        return TransactionManagementError(
            f"An error ({type(self.cause).__name__}: {self.cause}) broke the transaction block on {self.alias!r} "
            f"opened at {self.line}; it can only be left. To go on after an error, catch it around a nested "
            "atomic() block."
        )

    def close(self) -> bool:
        """Mark this block and what is open inside it closed; whether something was."""
        self.open = False
        inner = self.child
        found = inner is not None
        while inner is not None:
            inner.open = False
            inner = inner.child
        return found


class Waiter:
    """Somebody who waits for a connection or a turn."""

    __slots__ = ("bell", "block", "child", "label", "leaving", "refused", "served")

    def __init__(self, bell: Any, block: Block, label: str, child: Block | None, leaving: bool) -> None:
        self.bell = bell
        self.block = block
        self.label = label
        self.child = child
        self.leaving = leaving
        self.served = False
        self.refused = False


class Transaction:
    """What all blocks on one connection share."""

    blocking: bool

    def __init__(self, executor: Executor, driver: Driver, connection: Any, *, read_only: bool) -> None:
        self.read_only = read_only
        self.executor = executor
        self.alias = executor.alias
        self.driver = driver
        self.connection = connection
        self.loop: asyncio.AbstractEventLoop | None = None
        self.root: Block | None = None
        self.busy: str | None = None
        self.statements = 0
        self.savepoints = 0
        self.forked = False
        self._queue: list[Waiter] = []
        self._guard = threading.Lock()
        living.add(self)

    def next_savepoint(self) -> str:
        """A name that no other savepoint of this transaction had."""
        self.savepoints += 1
        return f"dorm_{self.savepoints}"

    def enter_now(self, block: Block, label: str) -> bool:
        """Take the connection for a statement in *block*, if nobody has to be waited for."""
        with self._guard:
            if self.busy is not None or block.child is not None or not block.open or block.cause is not None:
                return False
            self.busy = label
            self.statements += 1
            return True

    async def enter(self, block: Block, label: str, child: Block | None = None) -> None:
        """Take the connection for a statement in *block*, and the turn for *child* if one is to be opened."""
        with self._guard:
            block.check()
            if self.busy is None and block.child is None:
                self.busy = label
                self.statements += child is None
                block.child = child
                return
            self.statements += child is None
            waiter = Waiter(self._bell(), block, label, child, False)
            self._queue.append(waiter)
        await self._stand(waiter, settings.BLOCK_WAIT)

    async def enter_to_leave(self, block: Block) -> None:
        """Take the connection to end *block*, which is closed already; whatever still runs is made to end."""
        with self._guard:
            self._serve_next()  # those who waited for the closed block get their refusal
            if self.busy is None:
                self.busy = "the end of the block"
                return
            waiter = Waiter(self._bell(), block, "the end of the block", None, True)
            self._queue.append(waiter)
        await self._stand(waiter, EXIT_LIMIT)

    def leave(self) -> None:
        """Give the connection to the next."""
        with self._guard:
            self.busy = None
            if self._queue:
                self._serve_next()

    def give_turn(self, block: Block) -> None:
        """The block nested in *block* has ended."""
        with self._guard:
            block.child = None
            if self._queue:
                self._serve_next()

    def _serve_next(self) -> None:
        for waiter in list(self._queue):
            block = waiter.block
            if not waiter.leaving and (not block.open or block.cause is not None):
                waiter.refused = True
            elif self.busy is None and (waiter.leaving or block.child is None):
                self.busy = waiter.label
                if waiter.child is not None:
                    block.child = waiter.child
            else:
                continue
            self._queue.remove(waiter)
            waiter.served = True
            self._ring(waiter)

    async def _stand(self, waiter: Waiter, limit: float) -> None:
        holder = waiter.block.child
        rings = 0
        try:
            while not await self._wait(waiter, limit):
                with self._guard:
                    if waiter.served:
                        break
                    rings += 1
                    if waiter.leaving:
                        self.driver.abort(self.connection)
                        if rings > 1:
                            raise TransactionManagementError(
                                f"{self.busy} on {self.alias!r} did not end within {limit:g} s; its connection is cut."
                            )
                        continue
                    now = waiter.block.child
                    if now is None or now is not holder:
                        holder = now  # somebody else's turn, or only a long statement: there is progress
                        continue
                    raise TransactionManagementError(self._overdue(waiter, now, limit))
        except BaseException:
            self._withdraw(waiter)
            raise
        if waiter.refused:
            raise waiter.block.refusal() from waiter.block.cause

    def _overdue(self, waiter: Waiter, holder: Block, limit: float) -> str:
        return (
            f"Waited {limit:g} s (BLOCK_WAIT) on {self.alias!r} for a turn in the block opened at {waiter.block.line}: "
            f"the nested block opened at {holder.line} is still open. If that one waits for this one, neither can end: "
            "open the nested block inside the task that uses it."
        )

    def _withdraw(self, waiter: Waiter) -> None:
        with self._guard:
            if not waiter.served:
                self._queue.remove(waiter)
            elif not waiter.refused:
                self.busy = None
                if waiter.child is not None:
                    waiter.block.child = None
                self._serve_next()

    def _bell(self) -> Any:
        raise NotImplementedError

    async def _wait(self, waiter: Waiter, limit: float) -> bool:
        raise NotImplementedError

    def _ring(self, waiter: Waiter) -> None:
        raise NotImplementedError


class ThreadTransaction(Transaction):
    """A transaction of blocking code.  Threads that share its context take turns."""

    blocking = True

    def _bell(self) -> threading.Lock:
        if loops.running() is not None:
            raise SynchronousOnlyOperation(
                f"A synchronous call on {self.alias!r} would wait for another thread's statement inside a running "
                "event loop. Use aatomic() and the methods that begin with 'a'."
            )
        bell = threading.Lock()
        bell.acquire()
        return bell

    async def _wait(self, waiter: Waiter, limit: float) -> bool:
        found: bool = waiter.bell.acquire(timeout=limit)
        return found

    def _ring(self, waiter: Waiter) -> None:
        waiter.bell.release()


class TaskTransaction(Transaction):
    """A transaction of one event loop.  Tasks that share its context take turns."""

    blocking = False

    def __init__(self, executor: Executor, driver: Driver, connection: Any, *, read_only: bool) -> None:
        super().__init__(executor, driver, connection, read_only=read_only)
        self.loop = loops.running()

    def _bell(self) -> asyncio.Future[None]:
        found: asyncio.Future[None] = load("asyncio").get_running_loop().create_future()
        return found

    async def _wait(self, waiter: Waiter, limit: float) -> bool:
        await load("asyncio").wait((waiter.bell,), timeout=limit)
        return waiter.served

    def _ring(self, waiter: Waiter) -> None:
        waiter.bell.set_result(None)


living: set[Transaction] = set()
"""The open transactions of this process."""


def after_fork() -> None:
    """In the child: no inherited transaction is ours."""
    for transaction in living:
        transaction.forked = True
        if transaction.root is not None:
            transaction.root.close()
        bury(transaction.connection)
    living.clear()
