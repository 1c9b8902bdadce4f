"""The query of a many-to-many manager, whose first filter is about the links that led to it."""

from __future__ import annotations

from typing import Any, TypeVar

from dorm.query.query import Query

M = TypeVar("M")


class Linked(Query[M]):
    """The rows that are linked to one other.

    A filter over the same relation that comes next is about the same links.  Whatever comes next makes a plain query,
    so that the filters after it are about any links, as in Django.
    """

    def __init__(self, query: Query[M]) -> None:
        self.__dict__ = query.__dict__

    def _but(self, changes: dict[str, Any]) -> Any:
        plain: Any = Query
        made: Any = object.__new__(plain)
        made.__dict__ = self.__dict__ | changes
        return made

    def _next_call(self) -> int:
        return self.calls
