"""Transactions: ``atomic`` and ``aatomic``, as context managers and as decorators.

Blocks nest: the outermost is a transaction, the others savepoints.  Any exception rolls a block back.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast, overload

from dorm.db.backends.base import isolation_level
from dorm.db.connection import blocking, suspending
from dorm.db.scope import RequestScope
from dorm.db.transactions import Block, Hook, Node, current
from dorm.exceptions import TransactionManagementError
from dorm.run import run
from dorm.signals import is_asynchronous

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from types import TracebackType

__all__ = ["aatomic", "atomic", "get_rollback", "on_commit", "set_rollback"]

P = ParamSpec("P")
R = TypeVar("R")


_CO_GENERATOR = 0x20 | 0x200  # inspect's CO_GENERATOR and CO_ASYNC_GENERATOR


class _Options:
    """What a block is opened with, and the blocks that are open."""

    __slots__ = ("_open", "alias", "options")

    def __init__(self, alias: str | None, options: dict[str, Any]) -> None:
        self.alias = alias or "default"
        self.options = options
        self._open: list[Block] = []
        isolation_level(options["isolation"])

    def _opened(self) -> Block:
        """The block to leave: an object that is entered in several threads or tasks has several."""
        for index in reversed(range(len(self._open))):
            if _is_around(self._open[index]):
                return self._open.pop(index)
        return self._open.pop()


def _is_around(block: Block) -> bool:
    node: Node | None = current.get()
    while node is not None:
        if node is block:
            return True
        node = node.outer
    return False


def _check_wrapped(name: str, function: Any) -> None:
    flags = getattr(getattr(function, "__code__", None), "co_flags", 0)
    if flags & _CO_GENERATOR:
        raise TypeError(
            f"{name} cannot wrap the generator {function!r}: its body runs after the call; open the block in it."
        )


class Atomic(_Options):
    """A synchronous block; also the decorator that wraps each call in one."""

    __slots__ = ()

    def __enter__(self) -> None:
        self._open.append(run(blocking(self.alias).begin(**self.options)))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        run(blocking(self.alias).end(self._opened(), failed=kind is not None))

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        if is_asynchronous(function):
            raise TypeError(f"atomic cannot wrap the asynchronous {function!r}: use aatomic.")

        _check_wrapped("atomic", function)

        @wraps(function)
        def within(*args: P.args, **kwargs: P.kwargs) -> R:
            with type(self)(self.alias, self.options):
                return function(*args, **kwargs)

        return within


class AsyncAtomic(_Options):
    """An asynchronous block; also the decorator that wraps each call in one."""

    __slots__ = ()

    async def __aenter__(self) -> None:
        self._open.append(await suspending(self.alias).begin(**self.options))

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await suspending(self.alias).end(self._opened(), failed=kind is not None)

    def __call__(self, function: Callable[P, Awaitable[R]]) -> Callable[P, Coroutine[Any, Any, R]]:
        _check_wrapped("aatomic", function)
        if not is_asynchronous(function):
            raise TypeError(f"aatomic cannot wrap the synchronous {function!r}: use atomic.")

        @wraps(function)
        async def within(*args: P.args, **kwargs: P.kwargs) -> R:
            async with type(self)(self.alias, self.options):
                return await function(*args, **kwargs)

        return within


@overload
def atomic(using: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def atomic(
    using: str | None = None,
    savepoint: bool = True,
    durable: bool = False,
    *,
    read_only: bool = False,
    isolation: str | None = None,
    deferrable: bool = False,
) -> Atomic: ...
def atomic(
    using: Any = None,
    savepoint: bool = True,
    durable: bool = False,
    *,
    read_only: bool = False,
    isolation: str | None = None,
    deferrable: bool = False,
) -> Any:
    """A transaction block: ``with atomic():``, ``@atomic``, ``@atomic("replica")``.

    *using* is the alias.  A nested block is a savepoint, unless *savepoint* is false: then it fails with the block
    around it.  *durable* refuses to be nested.  *read_only*, *isolation* (such as ``"serializable"``) and *deferrable*
    belong to the outermost block.
    """
    options = _options(savepoint, durable, read_only, isolation, deferrable)
    return Atomic(None, options)(using) if callable(using) else Atomic(using, options)


@overload
def aatomic(using: Callable[P, Awaitable[R]], /) -> Callable[P, Coroutine[Any, Any, R]]: ...
@overload
def aatomic(
    using: str | None = None,
    savepoint: bool = True,
    durable: bool = False,
    *,
    read_only: bool = False,
    isolation: str | None = None,
    deferrable: bool = False,
) -> AsyncAtomic: ...
def aatomic(
    using: Any = None,
    savepoint: bool = True,
    durable: bool = False,
    *,
    read_only: bool = False,
    isolation: str | None = None,
    deferrable: bool = False,
) -> Any:
    """Asynchronous :func:`atomic`: ``async with aatomic():``, ``@aatomic``, ``@aatomic("replica")``.

    Tasks started inside it take part, one statement or nested block at a time.
    """
    options = _options(savepoint, durable, read_only, isolation, deferrable)
    if callable(using):
        function = cast("Callable[..., Awaitable[Any]]", using)  # checked when it is wrapped
        return AsyncAtomic(None, options)(function)
    return AsyncAtomic(using, options)


def _options(
    savepoint: bool, durable: bool, read_only: bool, isolation: str | None, deferrable: bool
) -> dict[str, Any]:
    return {
        "savepoint": savepoint,
        "durable": durable,
        "read_only": read_only,
        "isolation": isolation,
        "deferrable": deferrable,
    }


# -- Inside a block ----------------------------------------------------------------------------


def on_commit(function: Callable[[], Any], using: str | None = None, robust: bool = False) -> None:
    """Call *function* after the transaction on *using* has committed; at once when none is open.

    It is dropped when the block it was registered in rolls back.  In an asynchronous block it may be ``async def``.
    An exception of a *robust* one is logged; that of another reaches whoever left the block, and later ones are not
    called.
    """
    node = _serving(using or "default")
    if node is None:
        if is_asynchronous(function):
            raise TypeError(f"No transaction is open, so that {function!r} would be called now: await it instead.")
        function()
        return
    if isinstance(node, Block):
        node.check()
        blocking_block = node.transaction.blocking
    else:
        blocking_block = node.loop is None
    if blocking_block and is_asynchronous(function):
        raise TypeError(f"{function!r} is asynchronous and the block is not: register a plain function.")
    node.hooks.append(Hook(function, robust))


def set_rollback(rollback: bool, using: str | None = None) -> None:
    """Make the innermost block on *using* roll back, in silence, when it is left normally (or no longer do so)."""
    _inside(using).rollback_only = rollback


def get_rollback(using: str | None = None) -> bool:
    """Whether the innermost block on *using* will roll back when it is left normally."""
    node = _inside(using)
    return node.rollback_only or (isinstance(node, Block) and node.cause is not None)


def _serving(alias: str) -> Block | RequestScope | None:
    """The innermost block of *alias*, or the request whose transaction is still to be opened."""
    node = current.get()
    while node is not None:
        if node.serves(alias):
            if isinstance(node, RequestScope):
                return node.opened_block(alias) or node
            return node if isinstance(node, Block) else None
        node = node.outer
    return None


def _inside(using: str | None) -> Block | RequestScope:
    alias = using or "default"
    node = _serving(alias)
    if node is None:
        raise TransactionManagementError(f"No transaction block is open on {alias!r}.")
    return node
