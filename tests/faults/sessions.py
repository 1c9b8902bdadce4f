"""What the server knows about the sessions of a test, and how they are ended."""

from __future__ import annotations

import time
from typing import Any

import psycopg

PATIENCE = 60.0
"""Seconds in which what must happen happens, on the slowest of machines."""


def name_of(url: str) -> str:
    """What the sessions of a test call themselves."""
    return url.rpartition("application_name=")[2]


def asked(url: str, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """The rows of a statement, on a session of its own."""
    with psycopg.connect(url, autocommit=True, application_name="the one who looks") as connection:
        cursor = connection.execute(sql, parameters)  # type: ignore[arg-type]  # of the tests
        return cursor.fetchall() if cursor.description else []


def cut_all(url: str) -> int:
    """End every session of the test, and wait until the server has; how many there were."""
    ended = asked(
        url,
        "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE application_name = %s",
        name_of(url),
    )
    return len(ended)


def left_in_transaction(url: str) -> list[tuple[Any, ...]]:
    """The sessions of the test that are in a transaction, and stay so."""
    left: list[tuple[Any, ...]] = [("not asked",)]
    until = time.monotonic() + PATIENCE
    while left and time.monotonic() < until:
        left = asked(
            url,
            "SELECT state, query FROM pg_stat_activity WHERE application_name = %s AND state <> 'idle'",
            name_of(url),
        )
        if left:
            time.sleep(0.05)
    return left


def wait_until(condition: Any, what: str) -> None:
    """Wait for something that must come true."""
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, f"{what} never came"
        time.sleep(0.01)
