"""Generated code: readable source, compiled, and registered so that tracebacks show it.

No user's data ever reaches the text: only positions, and attribute names that were checked to be identifiers.
"""

from __future__ import annotations

from typing import Any

from dorm.run import load


def generate(title: str, name: str, lines: list[str], namespace: dict[str, Any]) -> Any:
    """The function *name* that the lines define; *title* is what a traceback shows as its file."""
    text = "\n".join(lines) + "\n"
    filename = f"<dorm {title}>"
    load("linecache").cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    exec(compile(text, filename, "exec"), namespace)  # noqa: S102 - our own text, see above
    return namespace[name]
