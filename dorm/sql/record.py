"""Immutable records, cheap to define: dozens of kinds of node must not make ``import dorm`` slow.

``dataclasses`` and ``NamedTuple`` write and compile source for every class; here one constructor serves all.  Type
checkers see the same as of a frozen dataclass.
"""

from __future__ import annotations

from typing import Any, Self, dataclass_transform


@dataclass_transform(frozen_default=True)
class Record:
    """Base of records: the annotations of a subclass are its fields, in order; class attributes are defaults."""

    _fields: tuple[str, ...]

    def __init_subclass__(cls) -> None:
        cls._fields = tuple(cls.__dict__.get("__annotations__", ()))  # noqa: RUF063 - names only, and no inspect

    def __init__(self, *values: Any, **named: Any) -> None:
        state = vars(self)
        for name, value in zip(self._fields, values, strict=False):
            state[name] = value
        state.update(named)
        for name in self._fields:
            if name not in state:
                state[name] = getattr(type(self), name)

    def replaced(self, **changes: Any) -> Self:
        """A record like this one, with other values in the named fields."""
        return type(self)(**{**vars(self), **changes})

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable: make another with replaced({name}=…).")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"
