"""``queryset.query``: a query as people read it, and as it is carried from one query set to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm import db
from dorm.run import load

if TYPE_CHECKING:
    from dorm.query.query import Query


class PrintedQuery:
    """A query as people read it."""

    def __init__(self, query: Query[Any], alias: str) -> None:
        self._query, self._alias = query, alias

    def __str__(self) -> str:
        """The SQL, with placeholders where values go."""
        return str(load("dorm.query.reads").sql_of(self._query, db.connection.dialect_of(self._alias)))

    @property
    def described(self) -> Query[Any]:
        """The query as a value, for the package's own use."""
        return self._query

    @property
    def parameters(self) -> tuple[Any, ...]:
        """The values, in the order of the query's clauses."""
        return self._query.values()

    def __repr__(self) -> str:
        return f"<SQL: {self}>"
