"""Signals: who is told what, in which colour, and for how long a receiver is remembered."""

from __future__ import annotations

import asyncio
import functools
import gc
import threading
from typing import TYPE_CHECKING, Any

import pytest

from dorm import signals
from dorm.exceptions import SynchronousOnlyOperation
from dorm.signals import Signal, receiver

if TYPE_CHECKING:
    from collections.abc import Callable


class Meta:
    def __init__(self, label: str) -> None:
        self.label_lower = label


class Author:
    _meta = Meta("shop.author")


class Book:
    _meta = Meta("shop.book")


@pytest.fixture
def signal() -> Signal:
    return Signal("saved")


class Log:
    """Receivers that write down what they were told."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def plain(self, sender: Any, **context: Any) -> str:
        self.heard.append((sender, context))
        return "plain"

    async def suspending(self, sender: Any, **context: Any) -> str:
        await asyncio.sleep(0)
        self.heard.append((sender, context))
        return "suspending"


def append(log: list[Any], what: Any, **context: Any) -> None:
    log.append(what)


# -- Connecting --------------------------------------------------------------------------------


def test_connect_is_a_decorator_that_leaves_the_function(signal: Signal) -> None:
    @signal.connect
    def told(sender: Any, **context: Any) -> str:
        return "heard"

    assert told(None) == "heard"
    assert signal.send(Author) == [(told, "heard")]


def test_a_receiver_gets_the_signal_the_sender_and_the_context(signal: Signal) -> None:
    log = Log()
    signal.connect(log.plain)
    signal.send(Author, instance="it", created=True)
    assert log.heard == [(Author, {"signal": signal, "instance": "it", "created": True})]


def test_receivers_run_in_the_order_of_connecting(signal: Signal) -> None:
    order: list[int] = []
    for number in range(5):
        signal.connect(functools.partial(append, order, number), weak=False)
    signal.send(Author)
    assert order == [0, 1, 2, 3, 4]


def test_connect_for_hears_one_sender_only(signal: Signal) -> None:
    log = Log()
    signal.connect_for(Author)(log.plain)
    signal.send(Book)
    signal.send(Author)
    assert [sender for sender, _ in log.heard] == [Author]


@pytest.mark.parametrize("label", ["shop.Author", "SHOP.author"])
def test_a_sender_may_be_a_label(signal: Signal, label: str) -> None:
    log = Log()
    signal.connect(log.plain, label)
    signal.send(Book)
    signal.send(Author)
    assert [sender for sender, _ in log.heard] == [Author]


def test_a_sender_may_be_a_plain_name(signal: Signal) -> None:
    log = Log()
    signal.connect(log.plain, "sqlite")
    signal.send("postgresql")
    signal.send("sqlite")
    assert [sender for sender, _ in log.heard] == ["sqlite"]


def test_connecting_twice_connects_once(signal: Signal) -> None:
    log = Log()
    signal.connect(log.plain)
    signal.connect(log.plain)
    signal.connect(functools.partial(append, log.heard, 1), weak=False, dispatch_uid="x")
    signal.connect(functools.partial(append, log.heard, 2), weak=False, dispatch_uid="x")
    signal.send(Author)
    assert len(log.heard) == 2


def test_one_receiver_may_listen_to_several_senders(signal: Signal) -> None:
    log = Log()
    signal.connect(log.plain, Author)
    signal.connect(log.plain, Book)
    signal.send(Author)
    signal.send(Book)
    assert [sender for sender, _ in log.heard] == [Author, Book]


def test_the_receiver_decorator_takes_several_signals() -> None:
    first, second = Signal("first"), Signal("second")
    heard: list[str] = []

    @receiver([first, second], sender=Author)
    def told(signal: Signal, **context: Any) -> None:
        heard.append(signal.name)

    first.send(Author)
    second.send(Author)
    second.send(Book)
    assert heard == ["first", "second"]


def test_what_cannot_be_called_is_refused(signal: Signal) -> None:
    with pytest.raises(TypeError, match="A receiver of saved must be callable, not 5"):
        signal.connect(5)  # type: ignore[type-var]  # pyright: ignore[reportArgumentType] - the test
    with pytest.raises(ValueError, match="not an empty string"):
        signal.connect(print, "")


# -- Disconnecting -----------------------------------------------------------------------------


def test_disconnect_undoes_connect(signal: Signal) -> None:
    log = Log()
    signal.connect(log.plain, Author)
    assert not signal.disconnect(log.plain)
    assert signal.disconnect(log.plain, Author)
    assert not signal.disconnect(log.plain, Author)
    assert not signal.receivers


def test_disconnect_by_uid(signal: Signal) -> None:
    signal.connect(functools.partial(append, [], 1), weak=False, dispatch_uid="x")
    assert signal.disconnect(dispatch_uid="x")
    with pytest.raises(TypeError, match="needs the receiver or its dispatch_uid"):
        signal.disconnect()


def test_receivers_are_forgotten_with_their_owner(signal: Signal) -> None:
    log = Log()
    signal.connect(log.plain)
    assert signal.receivers
    del log
    gc.collect()
    assert not signal.receivers
    assert signal.send(Author) == []


def test_a_strong_receiver_stays(signal: Signal) -> None:
    signal.connect(Log().plain, weak=False)
    gc.collect()
    assert [answer for _, answer in signal.send(Author)] == ["plain"]


def test_nobody_listening_is_one_false_attribute(signal: Signal) -> None:
    assert not signal.receivers
    log = Log()
    signal.connect(log.plain, Author)
    assert signal.receivers
    assert signal.has_listeners(Author)
    assert not signal.has_listeners(Book)


def test_a_receiver_may_disconnect_itself_while_it_is_called(signal: Signal) -> None:
    heard: list[str] = []

    def once(**context: Any) -> None:
        heard.append("once")
        signal.disconnect(once)

    log = Log()
    signal.connect(once)
    signal.connect(log.plain)
    signal.send(Author)
    signal.send(Author)
    assert heard == ["once"]
    assert len(log.heard) == 2


# -- Errors ------------------------------------------------------------------------------------


def fails(**context: Any) -> None:
    raise ValueError("no")


def test_an_exception_of_a_receiver_reaches_the_sender_and_ends_the_round(signal: Signal) -> None:
    log = Log()
    signal.connect(fails)
    signal.connect(log.plain)
    with pytest.raises(ValueError, match="no"):
        signal.send(Author)
    assert log.heard == []


def test_send_robust_collects_exceptions(signal: Signal) -> None:
    log = Log()
    signal.connect(fails)
    signal.connect(log.plain)
    (_, error), (_, answer) = signal.send_robust(Author)
    assert (repr(error), answer) == ("ValueError('no')", "plain")


async def test_asend_robust_collects_exceptions(signal: Signal) -> None:
    log = Log()
    signal.connect(fails)
    signal.connect(log.suspending)
    (_, error), (_, answer) = await signal.asend_robust(Author)
    assert (repr(error), answer) == ("ValueError('no')", "suspending")


# -- Colours -----------------------------------------------------------------------------------


class AsynchronousCall:
    async def __call__(self, **context: Any) -> None:
        raise AssertionError


@pytest.mark.parametrize("way", ["method", "partial", "object"])
@pytest.mark.parametrize("send", ["send", "send_robust"])
def test_send_refuses_an_asynchronous_receiver_before_any_has_run(signal: Signal, way: str, send: str) -> None:
    log = Log()
    ways: dict[str, Callable[..., Any]] = {
        "method": log.suspending,
        "partial": functools.partial(log.suspending, extra=1),
        "object": AsynchronousCall(),
    }
    slow = ways[way]  # held here: a receiver is connected weakly
    signal.connect(log.plain)
    signal.connect(slow)
    with pytest.raises(SynchronousOnlyOperation, match=r"is an asynchronous receiver of saved .*asave for save"):
        getattr(signal, send)(Author)
    assert log.heard == []


def test_the_refusal_names_the_receiver(signal: Signal) -> None:
    log = Log()
    signal.connect(log.suspending)
    with pytest.raises(SynchronousOnlyOperation, match=r"test_signals\.Log\.suspending"):
        signal.send(Author)


def test_an_asynchronous_receiver_of_another_sender_is_no_obstacle(signal: Signal) -> None:
    log = Log()
    signal.connect(log.suspending, Book)
    assert signal.send(Author) == []


async def test_asend_awaits_and_calls_in_order(signal: Signal) -> None:
    log = Log()
    signal.connect(log.suspending)
    signal.connect(log.plain)
    assert [answer for _, answer in await signal.asend(Author, instance=1)] == ["suspending", "plain"]
    assert log.heard == [(Author, {"signal": signal, "instance": 1})] * 2


async def test_asend_hands_synchronous_receivers_to_the_worker(signal: Signal, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []

    def told(**context: Any) -> None:
        threads.append(threading.get_ident())

    async def in_thread(call: Callable[[], Any]) -> Any:
        return await asyncio.to_thread(call)

    signal.connect(told)
    monkeypatch.setattr(Signal, "worker", in_thread)
    await signal.asend(Author)
    assert threads != [threading.get_ident()]


# -- The query hooks ---------------------------------------------------------------------------


async def test_query_hooks_get_exactly_the_documented_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[Any, ...]] = []

    def trace(sender: Any, sql: str, params: Any, elapsed_ms: float, error: Any) -> None:
        heard.append((sender, sql, params, elapsed_ms, error))

    monkeypatch.setattr(Signal, "worker", None)
    signals.post_query.connect(trace)
    try:
        signals.post_query.send("sqlite", sql="SELECT 1", params=(), elapsed_ms=0.1, error=None)
        await signals.post_query.asend("sqlite", sql="SELECT 1", params=(), elapsed_ms=0.1, error=None)
    finally:
        signals.post_query.disconnect(trace)
    assert heard == [("sqlite", "SELECT 1", (), 0.1, None)] * 2


# -- Threads -----------------------------------------------------------------------------------


def test_connecting_and_sending_from_many_threads(signal: Signal) -> None:
    barrier = threading.Barrier(8)
    errors: list[BaseException] = []

    def work() -> None:
        try:
            barrier.wait()
            for _ in range(200):
                log = Log()
                signal.connect(log.plain)
                signal.send(Author)
                assert log.heard
                signal.disconnect(log.plain)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert not signal.receivers
