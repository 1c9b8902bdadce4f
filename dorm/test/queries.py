"""Counting statements.  Loading is tested by the number of queries *and* their SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dorm.signals import post_query

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self


class CapturedQuery(NamedTuple):
    """One statement that was sent."""

    sql: str
    parameters: Any
    vendor: str
    error: BaseException | None

    def __str__(self) -> str:
        return self.sql


class CapturedQueries:
    """The statements sent while the block is open, in order; of both colours, and of every thread."""

    def __init__(self) -> None:
        self._found: list[CapturedQuery] = []

    def _note(self, sender: str, *, sql: str, params: Any, error: BaseException | None, **_: Any) -> None:
        self._found.append(CapturedQuery(sql, params, sender, error))

    def __enter__(self) -> Self:
        post_query.connect(self._note, weak=False, dispatch_uid=id(self))
        return self

    def __exit__(self, kind: type[BaseException] | None, *exception: object) -> None:
        post_query.disconnect(dispatch_uid=id(self))

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(self, kind: type[BaseException] | None, *exception: object) -> None:
        self.__exit__(kind, *exception)

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[CapturedQuery]:
        return iter(self._found)

    def __getitem__(self, index: int) -> CapturedQuery:
        return self._found[index]

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self)}>"

    def clear(self) -> None:
        """Forget what was captured so far."""
        self._found.clear()

    @property
    def sql(self) -> list[str]:
        """The texts."""
        return [query.sql for query in self]


class ExpectedQueries(CapturedQueries):
    """:class:`CapturedQueries` that fails when the block ends with another number of them."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def __exit__(self, kind: type[BaseException] | None, *exception: object) -> None:
        super().__exit__(kind, *exception)
        if kind is None and len(self) != self.number:
            listed = "".join(f"\n{place}. {query.sql}" for place, query in enumerate(self, 1))
            raise AssertionError(
                f"Expected {self.number} queries, {len(self)} were sent{':' if listed else '.'}{listed}"
            )


def capture_queries() -> CapturedQueries:
    """``with capture_queries() as queries:`` (or ``async with``) collects the statements; see ``queries.sql``."""
    return CapturedQueries()


def assert_num_queries(number: int) -> ExpectedQueries:
    """``with assert_num_queries(2):`` (or ``async with``) fails, listing the SQL, when other than *number* are sent."""
    return ExpectedQueries(number)
