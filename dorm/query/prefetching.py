"""What ``prefetch_related`` was told: which relations are loaded afterwards, from which queries, into what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dorm.query.query import Query


class Prefetching(NamedTuple):
    """One lookup of ``prefetch_related``: its path, the query to use instead of all rows, the attribute to fill."""

    path: tuple[str, ...]
    query: Query[Any] | None = None
    to_attr: str | None = None

    @property
    def target(self) -> tuple[str, ...]:
        """The way to what is filled."""
        return self.path if self.to_attr is None else (*self.path[:-1], self.to_attr)

    def targets(self) -> Iterator[tuple[str, ...]]:
        """The ways to all that is filled on the way to it, and to itself."""
        for length in range(1, len(self.path)):
            yield self.path[:length]
        yield self.target
