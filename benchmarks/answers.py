"""What an operation gave, as text that can be compared across processes: values with their types, exactly."""

from __future__ import annotations

import datetime
import hashlib
from typing import Any

from benchmarks.records import ITEM_COLUMNS


def written(answer: Any) -> str:
    """*answer* as text: rows of values, each with the name of its type."""
    match answer:
        case list():
            return "\n".join(map(written, answer))  # pyright: ignore[reportUnknownArgumentType] - of anything
        case tuple():
            return f"({', '.join(map(_value, answer))})"  # pyright: ignore[reportUnknownArgumentType] - of anything
        case dict():
            return f"{{{', '.join(f'{_value(name)}: {_value(answer[name])}' for name in answer)}}}"  # pyright: ignore[reportUnknownVariableType] - of anything
        case int() | float() | str() | bytes() | None:
            return _value(answer)
        case _:
            return ", ".join(f"{name}={_value(getattr(answer, name))}" for name in ITEM_COLUMNS)


def _value(value: Any) -> str:
    # Drivers give the same moment with different classes of UTC; everything else must be the same to the letter.
    text = value.isoformat() if isinstance(value, datetime.datetime) else repr(value)
    return f"{type(value).__name__} {text}"


def digest(text: str) -> str:
    """A short text in the place of a long one."""
    return hashlib.sha256(text.encode()).hexdigest()
