"""Runs as a process of its own, beside a throw-away PostgreSQL: when the tests' process is gone, however it ended,
it stops the server and deletes its folder.

It knows that from the end of its standard input, which the tests' process holds open.  It is started by its path,
not as a module, and needs nothing but the standard library.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import Any


def main() -> None:
    """Wait for the end of the other process, then clean up after it."""
    task: dict[str, Any] = json.loads(sys.argv[1])
    while sys.stdin.buffer.read(1):
        pass
    if os.path.exists(os.path.join(task["data"], "postmaster.pid")):
        subprocess.run(
            task["stop"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=60,
            cwd=task["root"],
            **task["identity"],
        )
    shutil.rmtree(task["root"], ignore_errors=True)


if __name__ == "__main__":
    main()
