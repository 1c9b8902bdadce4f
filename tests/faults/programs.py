"""Processes of their own that write into the database of a test, and tell each acknowledgement as a line."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

from tests.faults.sessions import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Sequence

PROLOGUE = """
import os, sys, threading
from dorm.conf import settings, database_url
from dorm.db.connection import blocking, suspending
from dorm.exceptions import Error
from dorm.run import run
from dorm.sql.statement import Statement
from dorm.transaction import atomic, aatomic
url, me = sys.argv[1], int(sys.argv[2])
settings.configure(DATABASES={"default": {**database_url(url), **LIMITS}}, SLOW_QUERY_MS=1e9)
POSTGRESQL = blocking().driver.vendor == "postgresql"
def fetch(sql, *values):
    return run(blocking().fetch(Statement(spelt(sql), reads=True), values))
def execute(sql, *values):
    return run(blocking().execute(Statement(spelt(sql)), values))
def spelt(sql):
    parts = sql.split("?")
    return parts[0] + "".join(f"${n}{part}" if POSTGRESQL else "?" + part for n, part in enumerate(parts[1:], 1))
def tell(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())
"""


def start(url: str, body: str, number: int = 0) -> subprocess.Popen[str]:
    """Run *body* in an interpreter of its own; ``me`` is its *number* there."""
    limits = f'{{"BUSY_TIMEOUT": {PATIENCE}, "POOL_TIMEOUT": {PATIENCE}}}'
    program = PROLOGUE.replace("LIMITS", limits) + textwrap.dedent(body)
    folder = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", program, url, str(number)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": folder},
    )


def finish(programs: Sequence[subprocess.Popen[str]]) -> list[str]:
    """Wait for all; the lines they told.  One that failed fails the test with what it said."""
    lines: list[str] = []
    for program in programs:
        try:
            told, complaint = program.communicate(timeout=2 * PATIENCE)
        except subprocess.TimeoutExpired:
            program.kill()
            raise
        assert (0, "") == (program.returncode, complaint)
        lines += told.splitlines()
    return lines
