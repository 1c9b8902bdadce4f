"""Signals: telling receivers that something happened, in both colours.

A sender is a model class (or its label, ``"shop.Book"``, before it exists); the query hooks send the vendor's name.
Receivers are held weakly unless told otherwise, run in the order of connecting, inside the caller's transaction.
``signal.receivers`` is empty while nobody listens: one attribute test is all that costs then.
"""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, TypeVar

from dorm.exceptions import SynchronousOnlyOperation

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable, Iterable, Iterator

    Receiver: TypeAlias = Callable[..., Any]

R = TypeVar("R", bound="Callable[..., Any]")

__all__ = [
    "Signal",
    "class_prepared",
    "m2m_changed",
    "post_delete",
    "post_init",
    "post_query",
    "post_save",
    "pre_delete",
    "pre_init",
    "pre_query",
    "pre_save",
    "receiver",
]

_CO_COROUTINE = 0x80  # inspect.CO_COROUTINE; importing inspect costs more than the rest of the package


class _Connection:
    """One receiver of one signal: how it is found, whom it listens to, and how to get at it."""

    __slots__ = ("identity", "is_async", "reference", "sender", "strong")

    def __init__(self, identity: Hashable, sender: Any, receiver: Receiver, *, strong: bool, gone: Any) -> None:
        self.identity = identity
        self.sender = sender
        self.is_async = is_asynchronous(receiver)
        self.strong = receiver if strong else None
        self.reference = None if strong else _weak(receiver, gone)

    def receiver(self) -> Receiver | None:
        """The receiver, or ``None`` when it has been collected."""
        return self.strong if self.reference is None else self.reference()

    def hears(self, sender: Any) -> bool:
        """Whether a message of *sender* is for this receiver."""
        mine = self.sender
        if mine is None or mine is sender or (type(mine) is str and mine == sender):
            return True
        return type(mine) is str and mine.lower() == _label(sender)


class Signal:
    """A kind of event.  ``connect`` a receiver, ``send`` (or ``await asend``) a message."""

    __slots__ = ("_by_sender", "_connections", "_inline", "_lock", "name", "receivers")

    receivers: tuple[_Connection, ...]
    """The connections; empty, and so false, while nobody listens."""

    worker: ClassVar[Callable[[Callable[[], Any]], Awaitable[Any]] | None] = None
    """How :meth:`asend` calls a synchronous receiver: in a thread, once the database floor has put that here, so that
    the loop is free to answer the receiver's own queries.  ``None``: at once."""

    def __init__(self, name: str = "signal", *, inline: bool = False) -> None:
        self.name = name
        self._inline = inline  # per statement: receivers are called at once, with exactly the documented arguments
        self.receivers = ()
        self._connections: dict[Hashable, _Connection] = {}
        self._by_sender: dict[Any, tuple[_Connection, ...]] = {}
        self._lock = threading.RLock()  # a receiver may be collected, and its callback run, while we hold it

    def __repr__(self) -> str:
        return f"<Signal {self.name}: {len(self.receivers)} receivers>"

    # -- Connecting ----------------------------------------------------------------------------

    def connect(self, receiver: R, sender: Any = None, weak: bool = True, dispatch_uid: Hashable | None = None) -> R:
        """Call *receiver* at every message (of *sender*: a class, or a label such as ``"shop.Book"``); returns it.

        With *weak* the receiver is forgotten when nobody else holds it: a lambda or a local function needs
        ``weak=False``.  The same receiver, or the same *dispatch_uid*, connects once per sender.
        """
        if not callable(receiver):
            raise TypeError(f"A receiver of {self.name} must be callable, not {receiver!r}.")
        _check_sender(sender)
        key = (dispatch_uid if dispatch_uid is not None else _identity(receiver), _key(sender))

        def gone(reference: object) -> None:
            self._forget(key, reference)

        with self._lock:
            if key not in self._connections:
                self._connections[key] = _Connection(key, sender, receiver, strong=not weak, gone=gone)
                self._publish()
        return receiver

    def connect_for(self, sender: Any, *, weak: bool = True, dispatch_uid: Hashable | None = None) -> Callable[[R], R]:
        """The decorator that connects a receiver to one sender: ``@post_save.connect_for(Author)``."""
        _check_sender(sender)

        def decorate(receiver: R) -> R:
            return self.connect(receiver, sender, weak, dispatch_uid)

        return decorate

    def disconnect(
        self, receiver: Receiver | None = None, sender: Any = None, dispatch_uid: Hashable | None = None
    ) -> bool:
        """Undo ``connect`` with the same arguments; whether there was anything to undo."""
        if receiver is None and dispatch_uid is None:
            raise TypeError("disconnect() needs the receiver or its dispatch_uid.")
        identity = dispatch_uid if dispatch_uid is not None else _identity(receiver)
        with self._lock:
            found = self._connections.pop((identity, _key(sender)), None)
            if found is not None:
                self._publish()
        return found is not None

    def has_listeners(self, sender: Any = None) -> bool:
        """Whether a message of *sender* would reach anybody."""
        return any(True for _ in _living(self._listening(sender)))

    def _forget(self, key: Hashable, reference: object) -> None:
        with self._lock:
            found = self._connections.get(key)
            if found is not None and found.reference is reference:
                del self._connections[key]
                self._publish()

    def _publish(self) -> None:
        """Show the change to the senders; the tuples they are walking through stay as they are."""
        self.receivers = tuple(self._connections.values())
        self._by_sender = {}

    def _listening(self, sender: Any) -> tuple[_Connection, ...]:
        known = self._by_sender
        try:
            return known[sender]
        except KeyError:
            pass
        except TypeError:  # a sender that cannot be hashed
            return tuple(connection for connection in self.receivers if connection.hears(sender))
        with self._lock:
            found = tuple(connection for connection in self.receivers if connection.hears(sender))
            if sender is None or isinstance(sender, (type, str)):  # instances as senders are not kept alive
                self._by_sender[sender] = found
        return found

    # -- Sending -------------------------------------------------------------------------------

    def send(self, sender: Any, **context: Any) -> list[tuple[Receiver, Any]]:
        """Call the receivers now; each with what it returned.  An exception goes to the caller and ends the round.

        An asynchronous receiver is refused, by name and before any receiver has run.
        """
        answers: list[tuple[Receiver, Any]] = []
        if self.receivers:
            context = self._arguments(sender, context)
            for _, receiver in _living(self._blocking(sender)):
                answers.append((receiver, receiver(**context)))
        return answers

    def send_robust(self, sender: Any, **context: Any) -> list[tuple[Receiver, Any]]:
        """:meth:`send`, but an exception of a receiver becomes its answer, and the others still run."""
        answers: list[tuple[Receiver, Any]] = []
        if self.receivers:
            context = self._arguments(sender, context)
            for _, receiver in _living(self._blocking(sender)):
                try:
                    answers.append((receiver, receiver(**context)))
                except Exception as error:  # noqa: BLE001 - collecting any error is what this method is for
                    answers.append((receiver, error))
        return answers

    async def asend(self, sender: Any, **context: Any) -> list[tuple[Receiver, Any]]:
        """Await the asynchronous receivers and call the synchronous ones, in the order of connecting."""
        answers: list[tuple[Receiver, Any]] = []
        if self.receivers:
            context = self._arguments(sender, context)
            for connection, receiver in _living(self._listening(sender)):
                answers.append((receiver, await self._answer(connection, receiver, context)))
        return answers

    async def asend_robust(self, sender: Any, **context: Any) -> list[tuple[Receiver, Any]]:
        """:meth:`asend`, but an exception of a receiver becomes its answer, and the others still run."""
        answers: list[tuple[Receiver, Any]] = []
        if self.receivers:
            context = self._arguments(sender, context)
            for connection, receiver in _living(self._listening(sender)):
                try:
                    answers.append((receiver, await self._answer(connection, receiver, context)))
                except Exception as error:  # noqa: BLE001 - collecting any error is what this method is for
                    answers.append((receiver, error))
        return answers

    async def _answer(self, connection: _Connection, receiver: Receiver, context: dict[str, Any]) -> Any:
        if connection.is_async:
            return await receiver(**context)
        worker = None if self._inline else type(self).worker
        return receiver(**context) if worker is None else await worker(lambda: receiver(**context))

    def _arguments(self, sender: Any, context: dict[str, Any]) -> dict[str, Any]:
        context["sender"] = sender
        if not self._inline:
            context["signal"] = self
        return context

    def _blocking(self, sender: Any) -> tuple[_Connection, ...]:
        listening = self._listening(sender)
        for connection, receiver in _living(listening):
            if connection.is_async:
                raise SynchronousOnlyOperation(
                    f"{_name(receiver)} is an asynchronous receiver of {self.name} and cannot be called here: use the "
                    "method that is awaited (asave for save, adelete for delete), or connect a plain function."
                )
        return listening


def _living(connections: Iterable[_Connection]) -> Iterator[tuple[_Connection, Receiver]]:
    """The connections whose receiver still lives, each with it; one that dies meanwhile is left out."""
    for connection in connections:
        receiver = connection.receiver()
        if receiver is not None:
            yield connection, receiver


def receiver(signal: Signal | Iterable[Signal], sender: Any = None, **options: Any) -> Callable[[R], R]:
    """The decorator that connects a receiver to signals: ``@receiver([pre_save, post_save], sender=Book)``."""
    signals = [signal] if isinstance(signal, Signal) else list(signal)

    def decorate(function: R) -> R:
        for each in signals:
            each.connect(function, sender=sender, **options)
        return function

    return decorate


def is_asynchronous(receiver: Receiver) -> bool:
    """Whether calling *receiver* gives a coroutine: ``async def``, a partial of one, an asynchronous ``__call__``."""
    target: Any = receiver
    while type(target).__name__ == "partial" and hasattr(target, "func"):
        target = target.func
    if hasattr(target, "_is_coroutine_mark") or hasattr(target, "_is_coroutine_marker"):  # inspect's and asyncio's
        return True
    if _is_coroutine_function(target):
        return True
    call = next((vars(cls)["__call__"] for cls in type(target).__mro__ if "__call__" in vars(cls)), None)
    return _is_coroutine_function(call)


def _is_coroutine_function(candidate: Any) -> bool:
    code = getattr(getattr(candidate, "__func__", candidate), "__code__", None)
    return code is not None and bool(code.co_flags & _CO_COROUTINE)


def _weak(receiver: Receiver, gone: Callable[[object], None]) -> Any:
    """A weak reference; bound methods, which die at once, are followed through their object."""
    if hasattr(receiver, "__self__") and hasattr(receiver, "__func__"):
        return weakref.WeakMethod(receiver, gone)
    return weakref.ref(receiver, gone)


def _identity(receiver: Any) -> Hashable:
    if hasattr(receiver, "__self__") and hasattr(receiver, "__func__"):
        return id(receiver.__self__), id(receiver.__func__)
    return id(receiver)


def _check_sender(sender: Any) -> None:
    if isinstance(sender, str) and not sender:
        raise ValueError("A sender is a class or a label such as 'shop.Book', not an empty string.")


def _key(sender: Any) -> Hashable:
    return sender.lower() if isinstance(sender, str) else id(sender)


def _label(sender: Any) -> str | None:
    """``shop.book`` for a model class or an instance of one."""
    meta = getattr(sender, "_meta", None)
    label = getattr(meta, "label_lower", None)
    return label if isinstance(label, str) else None


def _name(receiver: Any) -> str:
    module = getattr(receiver, "__module__", None)
    name = getattr(receiver, "__qualname__", None) or repr(receiver)
    return f"{module}.{name}" if module else name


pre_init = Signal("pre_init")
"""Before ``Model.__init__``: ``sender, args, kwargs``."""
post_init = Signal("post_init")
"""After ``Model.__init__``: ``sender, instance``."""
pre_save = Signal("pre_save")
"""Before a row is written: ``sender, instance, created, raw, using, update_fields``."""
post_save = Signal("post_save")
"""After a row was written: ``sender, instance, created, raw, using, update_fields``."""
pre_delete = Signal("pre_delete")
"""Before a row is deleted: ``sender, instance, using, origin``."""
post_delete = Signal("post_delete")
"""After a row was deleted: ``sender, instance, using, origin``."""
m2m_changed = Signal("m2m_changed")
"""Links changed: ``sender`` (the through model), ``instance, action, reverse, model, pk_set, using``."""
class_prepared = Signal("class_prepared")
"""A model class is complete: ``sender``."""
pre_query = Signal("pre_query", inline=True)
"""Before a statement is sent: ``sender`` (the vendor), ``sql, params``."""
post_query = Signal("post_query", inline=True)
"""After a statement: ``sender`` (the vendor), ``sql, params, elapsed_ms, error``."""
