"""Rows of SQL that was written by hand, as instances; and what the database says about a query of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.actions.select import prefetch
from dorm.query.reads import select_plan
from dorm.sql.statement import Statement

if TYPE_CHECKING:
    from dorm.db.executor import Executor
    from dorm.query.query import Query
    from dorm.query.raw import RawQuery


async def fetch_raw(db: Executor, query: RawQuery) -> tuple[list[str], list[Any]]:
    """The names of the columns, and the instances, with the relations that are prefetched."""
    statement, parameters = query.statement(db.dialect)
    columns, rows = await db.fetch_named(statement, parameters)
    make = query.hydrator(columns, db.dialect)
    found = [make(row) for row in rows]
    if query.prefetch:
        await prefetch(db, found, query.prefetch)
    return query.translated(columns), found


async def explain(db: Executor, query: Query[Any], style: str | None, options: dict[str, Any]) -> str:
    """How the database would carry out the query, in its words."""
    prefix = db.dialect.explain(style, options)
    plan = select_plan(query, db.dialect)
    if plan.statement is None:
        return "Nothing can match these conditions, so that the database is not asked."
    rows = await db.fetch(Statement(f"{prefix} {plan.statement.sql}"), plan.bind(query.values()))
    return db.dialect.explained(rows)
