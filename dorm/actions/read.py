"""Questions: rows, one row, how many, whether any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from dorm.query.reads import count_plan, exists_plan, select_plan

if TYPE_CHECKING:
    from dorm.db.executor import Executor
    from dorm.query.query import Query

M = TypeVar("M")


async def select(db: Executor, query: Query[Any]) -> list[Any]:
    """Everything the query yields."""
    if query.limit == 0:
        return []
    plan = select_plan(query, db.dialect)
    if plan.statement is None:
        return []
    return plan.hydrate(await db.fetch(plan.statement, plan.bind(query.values())))


async def first(db: Executor, query: Query[M]) -> Any:
    """The first row or ``None``; by key when the query has no order."""
    ordered = query if query.ordered or query.sliced else query.ordered_by(("pk",))
    found = await select(db, ordered.limited(1))
    return found[0] if found else None


async def last(db: Executor, query: Query[M]) -> Any:
    """The last row or ``None``; by key when the query has no order."""
    if query.sliced:
        raise TypeError("Cannot reverse a query once a slice has been taken: call last() before slicing.")
    backwards = query.backwards() if query.ordered else query.ordered_by(("-pk",))
    found = await select(db, backwards.limited(1))
    return found[0] if found else None


async def get_or_none(db: Executor, query: Query[Any], asked: object = "") -> Any:
    """The only row or ``None``; ``MultipleObjectsReturned`` when there are more."""
    found = await select(db, query.limited(2) if query.distinct or query.sliced else query.unordered().limited(2))
    if len(found) > 1:
        model = query.model
        raise model.MultipleObjectsReturned(f"get() found more than one {model.__name__}{asked}.")
    return found[0] if found else None


async def get(db: Executor, query: Query[Any], asked: object = "") -> Any:
    """The only row; ``DoesNotExist`` or ``MultipleObjectsReturned`` of the model otherwise."""
    found = await get_or_none(db, query, asked)
    if found is None:
        raise query.model.DoesNotExist(f"No {query.model.__name__} matches{asked or ' the query'}.")
    return found


async def count(db: Executor, query: Query[Any]) -> int:
    """How many rows."""
    if query.limit == 0:
        return 0
    unordered = query.unordered()
    plan = count_plan(unordered, db.dialect)
    if plan.statement is None:
        return 0
    rows = await db.fetch(plan.statement, plan.bind(unordered.values()))
    total: int = rows[0][0]
    return total


async def exists(db: Executor, query: Query[Any]) -> bool:
    """Whether there is any row."""
    if query.limit == 0:
        return False
    unordered = query.unordered()
    plan = exists_plan(unordered, db.dialect)
    if plan.statement is None:
        return False
    return bool(await db.fetch(plan.statement, plan.bind(unordered.values())))
