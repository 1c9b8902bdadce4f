"""What an operation gave, as text that can be compared across processes: values with their types, exactly."""

from __future__ import annotations

import datetime
import hashlib
from typing import Any

ATTRIBUTES = {
    "Item": ("id", "name", "active", "quantity", "weight", "price", "created", "note", "owner_id"),
    "ItemWithOwner": ("id", "name", "active", "quantity", "weight", "price", "created", "note", "owner_id", "owner"),
    "Owner": ("id", "name", "email", "active"),
    "OwnerWithItems": ("id", "name", "email", "active", "chosen"),
    "OwnerWithTags": ("id", "name", "email", "active", "labels"),
    "Tag": ("id", "name"),
}
"""What is compared of an object: by its class, or by what a task says that its objects are."""


def written(answer: Any, of: str = "") -> str:
    """*answer* as text: rows of values, each with the name of its type.  Objects are those *of* a kind above."""
    match answer:
        case list():
            return "\n".join(written(one, of) for one in answer)  # pyright: ignore[reportUnknownVariableType] - of anything
        case tuple():
            return f"({', '.join(map(_value, answer))})"  # pyright: ignore[reportUnknownArgumentType] - of anything
        case dict():
            return f"{{{', '.join(f'{_value(name)}: {_value(answer[name])}' for name in answer)}}}"  # pyright: ignore[reportUnknownVariableType] - of anything
        case int() | float() | str() | bytes() | None:
            return _value(answer)
        case _:
            return ", ".join(
                f"{name}={_value(getattr(answer, name))}" for name in ATTRIBUTES[of or type(answer).__name__]
            )


def _value(value: Any) -> str:
    if isinstance(value, list) or type(value).__name__ in ATTRIBUTES:
        return f"[{written(value)}]"
    # Drivers give the same moment with different classes of UTC; everything else must be the same to the letter.
    text = value.isoformat() if isinstance(value, datetime.datetime) else repr(value)
    return f"{type(value).__name__} {text}"


def digest(text: str) -> str:
    """A short text in the place of a long one."""
    return hashlib.sha256(text.encode()).hexdigest()
