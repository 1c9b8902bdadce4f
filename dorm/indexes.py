"""``Index``: an index of a model, as ``Meta.indexes`` declares it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dorm.sql.names import shortened

if TYPE_CHECKING:
    from collections.abc import Sequence


class Index:
    """An index over the named fields (``-name`` for descending); with ``unique=True`` their values together occur once.

    Without a name it is called ``idx_<model>_<fields>``, cut to what every database takes.
    """

    def __init__(self, *, fields: Sequence[str], name: str | None = None, unique: bool = False) -> None:
        if isinstance(fields, str) or not fields:
            raise TypeError(f"Index(fields=…) is a non-empty list of field names, not {fields!r}.")
        self.fields = tuple(fields)
        self.given_name = name
        self.unique = unique

    @property
    def names(self) -> tuple[str, ...]:
        """The fields, without their direction."""
        return tuple(name.removeprefix("-") for name in self.fields)

    def name_for(self, model_name: str) -> str:
        """The name in the database."""
        return self.given_name or shortened("_".join(("idx", model_name, *self.names)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Index):
            return NotImplemented
        return (self.fields, self.given_name, self.unique) == (other.fields, other.given_name, other.unique)

    def __hash__(self) -> int:
        return hash((self.fields, self.given_name, self.unique))

    def __repr__(self) -> str:
        name = f", name={self.given_name!r}" if self.given_name else ""
        return f"Index(fields={list(self.fields)!r}{name}{', unique=True' if self.unique else ''})"
