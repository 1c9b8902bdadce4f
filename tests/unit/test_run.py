"""Finishing a coroutine without a loop."""

from __future__ import annotations

import asyncio

import pytest

from dorm.run import load, run


async def answer() -> int:
    return 42


async def nested() -> int:
    return await answer() + 1


async def fails() -> None:
    raise LookupError("no")


def test_run_gives_the_result() -> None:
    assert run(nested()) == 43


def test_run_lets_an_exception_through() -> None:
    with pytest.raises(LookupError, match="no"):
        run(fails())


def test_run_refuses_a_coroutine_that_waits_and_closes_it() -> None:
    closed = False

    async def waits() -> None:
        nonlocal closed
        try:
            await asyncio.Future[None](loop=loop)
        finally:
            closed = True

    loop = asyncio.new_event_loop()
    with pytest.raises(RuntimeError, match="waited for the event loop inside a synchronous call"):
        run(waits())
    loop.close()
    assert closed


def test_load_imports() -> None:
    assert load("json") is __import__("json")
