"""Opening and closing transaction blocks: the half of an executor that owns transactions.

The context variable is set in :meth:`Blocks.begin` and :meth:`Blocks.end`, which run in the caller's own task; what
ends a block on the connection may run in another one, shielded from cancellation.
"""

from __future__ import annotations

import threading
import warnings
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from dorm.conf import settings
from dorm.db import loops
from dorm.db.backends.base import Begin
from dorm.db.observing import Observer, log
from dorm.db.retry import is_transient, pause
from dorm.db.scope import RequestScope
from dorm.db.transactions import (
    EXIT_LIMIT,
    Block,
    TaskTransaction,
    ThreadTransaction,
    current,
    living,
    run_hooks,
)
from dorm.exceptions import (
    DurableBlockError,
    Error,
    SynchronousOnlyOperation,
    TransactionAborted,
    TransactionManagementError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from dorm.db.backends.base import Driver
    from dorm.db.executor import Executor
    from dorm.sql.dialect import Dialect

T = TypeVar("T")


class Blocks:
    """Finds, opens and closes the blocks of one alias."""

    blocking: ClassVar[bool]

    def __init__(self, alias: str, dialect: Dialect, driver: Driver, other: Callable[[], Executor]) -> None:
        self.alias = alias
        self.dialect = dialect
        self.driver = driver
        self.observer = Observer(driver.vendor, alias)
        self.other = other
        """Gives the executor of the other colour."""

    # -- Finding -------------------------------------------------------------------------------

    async def block(self) -> Block | None:
        """The innermost block of this alias; a request's scope opens one."""
        node = current.get()
        while node is not None:
            if node.serves(self.alias):
                if isinstance(node, Block):
                    return node
                if isinstance(node, RequestScope):
                    return await node.block_for(self._executor())
            node = node.outer
        return None

    @property
    def in_block(self) -> bool:
        """Whether statements belong to a transaction now."""
        node = current.get()
        while node is not None:
            if node.serves(self.alias):
                return isinstance(node, Block) or (isinstance(node, RequestScope) and self.alias in node.opened)
            node = node.outer
        return False

    def refuse_in_block(self) -> None:
        """Raise when a synchronous call in a running loop would miss an asynchronous block."""
        node = current.get()
        while node is not None:
            if node.serves(self.alias):
                if isinstance(node, Block):
                    where, loop = f"the asynchronous block opened at {node.line}", node.transaction.loop
                else:
                    where, loop = "a request's transaction", getattr(node, "loop", None)
                if loop is not None:
                    raise SynchronousOnlyOperation(
                        f"A synchronous call on {self.alias!r} inside {where} would use another connection, which does "
                        "not see its rows. Await the method that begins with 'a' (or load the relation beforehand with "
                        "select_related() or prefetch_related())."
                    )
                return
            node = node.outer

    def _executor(self) -> Executor:
        raise NotImplementedError

    def check_colour(self) -> None:
        """Whether this thread may carry out a statement of this colour."""

    async def across(self, block: Block, action: Coroutine[Any, Any, T]) -> T:
        """Carry out *action* where *block*, which is of the other colour, lives."""
        raise NotImplementedError

    async def where_it_lives(self, block: Block, action: Coroutine[Any, Any, T]) -> T:
        """Carry out *action*, a coroutine of the executor that opened *block*."""
        if block.transaction.blocking == self.blocking:
            return await action
        return await self.across(block, action)

    def check_place(self, block: Block) -> None:
        """Raise unless *block* belongs to the running loop."""
        if not self.blocking and loops.running() is not block.transaction.loop:
            raise TransactionManagementError(
                f"The transaction block on {self.alias!r} opened at {block.line} belongs to another event loop."
            )

    async def within(self, block: Block, label: str, action: Coroutine[Any, Any, T]) -> T:
        """Do *action* on the block's connection, in its turn."""
        try:
            self.check_place(block)
            await block.transaction.enter(block, label)
        except BaseException:
            action.close()
            raise
        try:
            return await action
        except BaseException as error:
            self.spoil(block, error)
            raise
        finally:
            block.transaction.leave()

    def spoil(self, block: Block, error: BaseException) -> None:
        """Mark *block* broken, and all around it when the connection is lost."""
        block.spoil(error)
        if self.driver.is_lost(block.transaction.connection):
            outer = block.parent
            while outer is not None:
                outer.spoil(error)
                outer = outer.parent

    # -- Opening -------------------------------------------------------------------------------

    async def begin(
        self,
        *,
        savepoint: bool = True,
        durable: bool = False,
        read_only: bool = False,
        isolation: str | None = None,
        deferrable: bool = False,
    ) -> Block:
        """Open a block and make it the innermost: a transaction, or inside one a savepoint."""
        self.check_colour()
        line = loops.caller()
        parent = await self.block()
        if parent is None:
            block = await self.open_transaction(Begin(read_only, isolation, deferrable), line)
        else:
            if durable:
                raise DurableBlockError(
                    f"A durable block on {self.alias!r} cannot be nested in the block opened at {parent.line}."
                )
            if isolation is not None or deferrable or (read_only and not parent.transaction.read_only):
                raise TransactionManagementError(
                    "read_only, isolation and deferrable belong to the outermost block, here the one opened at "
                    f"{parent.line}."
                )
            owner = parent.transaction.executor
            block = await self.where_it_lives(parent, owner.open_nested(parent, line, savepoint=savepoint))
        block.outer = current.get()
        block.thread = threading.get_ident()
        current.set(block)
        return block

    async def open_transaction(self, how: Begin | None = None, line: loops.Line | None = None) -> Block:
        """Begin a transaction on a connection of its own; repeated while the connection fails, for nothing is done."""
        how = how or Begin()
        attempt = 1
        connection = None
        while connection is None:
            try:
                connection = await self._begin(how)
            except Error as error:
                if attempt >= settings.RETRY_ATTEMPTS or not is_transient(error):
                    raise
                await self.driver.sleep(pause(attempt))
                attempt += 1
        self.observer.told("BEGIN")
        kind = ThreadTransaction if self.blocking else TaskTransaction
        transaction = kind(self._executor(), self.driver, connection, read_only=how.read_only)
        return Block(transaction, None, None, line or loops.caller())

    async def _begin(self, how: Begin) -> Any:
        connection = await self.driver.take()
        try:
            await self.driver.begin(connection, how)
        except BaseException:
            await self.driver.after_failure(connection)
            raise
        return connection

    async def open_nested(self, parent: Block, line: loops.Line, *, savepoint: bool) -> Block:
        """Take the turn of *parent* and set a savepoint in it."""
        transaction = parent.transaction
        self.check_place(parent)
        name = transaction.next_savepoint() if savepoint else None
        block = Block(transaction, parent, name, line)
        await transaction.enter(parent, "SAVEPOINT", child=block)
        try:
            if name is not None:
                self.observer.told(f"SAVEPOINT {name}")
                await transaction.driver.command(transaction.connection, f"SAVEPOINT {name}")
        except BaseException as error:
            block.open = False
            self.spoil(parent, error)
            transaction.give_turn(parent)
            raise
        finally:
            transaction.leave()
        return block

    # -- Closing -------------------------------------------------------------------------------

    async def end(self, block: Block, failed: bool) -> None:
        """Leave *block*: commit it, or roll it back when it *failed*; then call the hooks of what is committed."""
        _leave_context(block)
        owner = block.transaction.executor
        try:
            await self.where_it_lives(block, owner.close_block(block, failed=failed))
        except BaseException:
            if block.committed:
                await owner.call_hooks(block)
            raise
        if block.parent is None:
            await owner.call_hooks(block)

    async def close_block(self, block: Block, *, failed: bool) -> None:
        """End *block* on its connection, whatever happens to this task."""
        transaction = block.transaction
        if transaction.forked or not block.open:
            if failed:
                return
            raise block.refusal()
        stranger = self.blocking and block.thread != threading.get_ident()
        stragglers = block.close()
        commit = not (failed or stranger or stragglers or block.rollback_only or block.cause is not None)
        if self.blocking:
            await self._close(block, commit=commit)
        else:
            self.check_place(block)
            await loops.shielded(
                self._close(block, commit=commit), EXIT_LIMIT, lambda: transaction.driver.abort(transaction.connection)
            )
        if failed:
            return
        if stranger:
            raise TransactionManagementError(
                f"The block on {self.alias!r} opened at {block.line} was entered in one thread and left in another; it "
                "was rolled back."
            )
        if stragglers:
            raise TransactionManagementError(
                f"The block on {self.alias!r} opened at {block.line} was left while a block nested in it was open; it "
                "was rolled back. Await the tasks that use it before it ends."
            )
        if block.cause is not None and not block.rollback_only:
            raise TransactionAborted(
                f"The block on {self.alias!r} opened at {block.line} was rolled back: an error in it was caught "
                f"({type(block.cause).__name__}: {block.cause}). Catch it around a nested atomic() block, or call "
                "set_rollback(True) to roll back in silence."
            ) from block.cause
        if block.parent is None and not transaction.statements and self.alias != "default" and commit:
            warnings.warn_explicit(
                f"The transaction block on {self.alias!r} ended and nothing ran in it: a block does not reroute "
                f"queries; write using({self.alias!r}).",
                RuntimeWarning,
                block.line.filename,
                block.line.number,
            )

    async def _close(self, block: Block, *, commit: bool) -> None:
        transaction = block.transaction
        parent = block.parent
        try:
            await transaction.enter_to_leave(block)
            try:
                if commit:
                    await self._commit(block)
                else:
                    await self._roll_back(block)
            finally:
                transaction.leave()
        except BaseException as error:
            if parent is not None:
                self.spoil(parent, error)
            raise
        finally:
            if parent is not None:
                transaction.give_turn(parent)
            else:
                living.discard(transaction)
                await transaction.driver.after_failure(transaction.connection)

    async def _commit(self, block: Block) -> None:
        transaction = block.transaction
        if block.parent is None:
            self.observer.told("COMMIT")
            await transaction.driver.commit(transaction.connection)
            block.committed = True
            return
        if block.savepoint is not None:
            self.observer.told(f"RELEASE SAVEPOINT {block.savepoint}")
            await transaction.driver.command(transaction.connection, f"RELEASE SAVEPOINT {block.savepoint}")
        block.parent.hooks.extend(block.hooks)

    async def _roll_back(self, block: Block) -> None:
        """Roll back.  A failure is logged: whatever the reason, the server undoes what was not committed."""
        transaction = block.transaction
        driver = transaction.driver
        try:
            if block.parent is None:
                self.observer.told("ROLLBACK")
                await driver.rollback(transaction.connection)
            elif block.savepoint is not None:
                self.observer.told(f"ROLLBACK TO SAVEPOINT {block.savepoint}")
                await driver.command(transaction.connection, f"ROLLBACK TO SAVEPOINT {block.savepoint}")
                await driver.command(transaction.connection, f"RELEASE SAVEPOINT {block.savepoint}")
            else:
                block.parent.spoil(
                    block.cause or TransactionManagementError("a nested block without a savepoint was rolled back")
                )
        except Error as error:
            log("dorm.db.transactions").warning("Rolling back on %r failed: %s", self.alias, error)
            if block.parent is not None:
                self.spoil(block.parent, error)

    # -- Hooks ---------------------------------------------------------------------------------

    async def call_hooks(self, block: Block) -> None:
        """Call what ``on_commit`` registered."""
        hooks, block.hooks = block.hooks, []
        if block.committed:
            await run_hooks(hooks, blocking=self.blocking)


def _leave_context(block: Block) -> None:
    """Make the block around *block* the innermost, if *block* is in this context at all."""
    node = current.get()
    while node is not None:
        if node is block:
            current.set(block.outer)
            return
        node = node.outer
