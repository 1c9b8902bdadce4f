"""The scope of a web request: a cell in the context that opens a block at the first statement and is empty again.

While it is active, the first statement of an alias opens a transaction, which every colour joins.  After
:meth:`RequestScope.commit` or :meth:`~RequestScope.rollback` the cell is empty for good: streaming bodies and
background tasks, which copied the context, run in autocommit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from dorm.db import loops
from dorm.db.observing import log
from dorm.db.transactions import Node, current, run_hooks
from dorm.exceptions import (
    SynchronousOnlyOperation,
    TransactionAborted,
    TransactionManagementError,
)
from dorm.run import load, run

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Collection
    from typing import Self

    from dorm.db.executor import Executor
    from dorm.db.transactions import Block, Hook

Mode = Literal["writes", "all", "off"]


class RequestScope(Node):
    """One request's transactions, one per alias, opened when needed and ended together.

    *mode* ``"writes"`` opens them when *unsafe* is true (the method may write), ``"all"`` always, ``"off"`` never.
    *aliases* limits them to these databases.  Enter it as a context manager in the task (or thread) that runs the
    application, then ``await scope.commit()`` or ``await scope.rollback()`` (synchronously :meth:`commit_now` and
    :meth:`rollback_now`); leaving without either rolls back.
    """

    read_only = False

    def __init__(self, mode: Mode = "writes", aliases: Collection[str] | None = None, *, unsafe: bool = True) -> None:
        if mode not in {"writes", "all", "off"}:
            raise ValueError(f"mode must be 'writes', 'all' or 'off', not {mode!r}.")
        self.active = mode == "all" or (mode == "writes" and unsafe)
        self.aliases = aliases
        self.outer: Node | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self._blocks: dict[str, Block] = {}
        self.hooks: list[Hook] = []
        self.rollback_only = False
        self._opening: dict[str, asyncio.Future[None]] = {}

    # -- As a part of the context --------------------------------------------------------------

    def __enter__(self) -> Self:
        self.outer = current.get()
        self.loop = loops.running()
        current.set(self)
        return self

    def __exit__(self, *exception: object) -> None:
        self.leave()
        if self._blocks and self.loop is None:
            self.rollback_now()

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(self, *exception: object) -> None:
        self.leave()
        if self._blocks:
            await self.rollback()

    def leave(self) -> None:
        """Take the scope out of this context; what was opened stays open until it is ended."""
        if current.get() is self:
            current.set(self.outer)

    def serves(self, alias: str) -> bool:
        """Whether a statement of *alias* belongs to a transaction of this request."""
        return self.active and (self.aliases is None or alias in self.aliases)

    @property
    def opened(self) -> tuple[str, ...]:
        """The aliases with an open transaction, in the order of opening."""
        return tuple(self._blocks)

    @property
    def broken(self) -> BaseException | None:
        """The error that broke a transaction of this request, if one did (and was swallowed)."""
        return next((block.cause for block in self._blocks.values() if block.cause is not None), None)

    def opened_block(self, alias: str) -> Block | None:
        """The transaction of *alias*, if it is open already."""
        return self._blocks.get(alias)

    async def block_for(self, executor: Executor) -> Block | None:
        """The open block of the executor's alias; opens it.  ``None`` when the request's transactions have ended."""
        alias = executor.alias
        found = self._blocks.get(alias)
        if found is not None or not self.active:
            return found
        if executor.blocking:
            return await self._open_from_thread(executor)
        if self.loop is None:
            raise TransactionManagementError(
                f"An asynchronous call on {alias!r} inside a synchronous request scope. Use the synchronous method."
            )
        opening = self._opening.get(alias)
        if opening is not None:
            await load("asyncio").wait((opening,))
            return await self.block_for(executor)
        opening = self._opening[alias] = self.loop.create_future()
        try:
            return await self._open(executor)
        finally:
            del self._opening[alias]
            opening.set_result(None)

    async def _open_from_thread(self, executor: Executor) -> Block | None:
        if self.loop is None:
            return await self._open(executor)
        if loops.running() is not None:
            raise SynchronousOnlyOperation(
                f"A synchronous call on {executor.alias!r} inside a request whose transaction is asynchronous: it "
                "would not be part of it. Await the method that begins with 'a', or make the endpoint a plain `def`."
            )
        return loops.finish_there(self.loop, self.block_for(executor.other()))

    async def _open(self, executor: Executor) -> Block | None:
        block = await executor.open_transaction()
        if not self.active:  # the request ended while the connection was on its way
            await executor.close_block(block, failed=True)
            return None
        self._blocks[executor.alias] = block
        return block

    # -- The end -------------------------------------------------------------------------------

    async def commit(self) -> None:
        """Commit every transaction in the order of opening, then call the ``on_commit`` hooks.

        When one of them is broken, all are rolled back and ``TransactionAborted`` is raised.  When a commit fails, the
        remaining ones are rolled back, and the error tells what was committed before.
        """
        if self.rollback_only:
            await self.rollback()
            return
        blocks = self._empty()
        broken = next((block for block in blocks if block.cause is not None), None)
        if broken is not None:
            await self._roll_back(blocks)
            raise TransactionAborted(f"The request was rolled back: {broken.refusal()}") from broken.cause
        done: list[Block] = []
        try:
            for block in blocks:
                await block.transaction.executor.close_block(block, failed=False)
                done.append(block)
        except BaseException as error:
            await self._roll_back(blocks[len(done) + 1 :])
            if done:
                names = ", ".join(block.alias for block in done)
                error.add_note(f"Already committed, and not undone: {names}.")
                log("dorm.db.requests").critical("A request was committed in part: %s. Rolled back: the others.", names)
            raise
        hooks, self.hooks = self.hooks, []
        for block in done:
            await block.transaction.executor.call_hooks(block)
        await run_hooks(hooks, blocking=self.loop is None)

    async def rollback(self) -> None:
        """Roll every transaction back."""
        await self._roll_back(self._empty())

    def commit_now(self) -> None:
        """:meth:`commit` of a synchronous scope."""
        run(self.commit())

    def rollback_now(self) -> None:
        """:meth:`rollback` of a synchronous scope."""
        run(self.rollback())

    def _empty(self) -> list[Block]:
        self.active = False
        blocks = list(self._blocks.values())
        self._blocks.clear()
        return blocks

    async def _roll_back(self, blocks: list[Block]) -> None:
        failure: BaseException | None = None
        for block in blocks:
            try:
                await block.transaction.executor.close_block(block, failed=True)
            except BaseException as error:  # noqa: BLE001 - the others must be rolled back first; raised below
                failure = failure or error
        if failure is not None:
            raise failure
