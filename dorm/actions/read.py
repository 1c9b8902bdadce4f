"""Questions: rows, one row, how many, whether any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from dorm.actions.select import select
from dorm.meta.paths import Path
from dorm.query.outer import is_closed
from dorm.query.query import Query
from dorm.query.reads import aggregate_plan, count_plan, exists_plan, lookup_plan

if TYPE_CHECKING:
    from dorm.db.executor import Executor
    from dorm.meta.conditions import Annotation
    from dorm.query.reads import Lookup

M = TypeVar("M")


async def first(db: Executor, query: Query[M]) -> Any:
    """The first row or ``None``; by key when the query has no order."""
    ordered = query if query.ordered or query.sliced else _by_key(query, "first")
    found = await select(db, ordered.limited(1))
    return found[0] if found else None


async def last(db: Executor, query: Query[M]) -> Any:
    """The last row or ``None``; by key when the query has no order."""
    if query.sliced:
        raise TypeError("Cannot reverse a query once a slice has been taken: call last() before slicing.")
    backwards = query.backwards() if query.ordered else _by_key(query, "last").backwards()
    found = await select(db, backwards.limited(1))
    return found[0] if found else None


def _by_key(query: Query[M], method: str) -> Query[M]:
    """In the order of the key, which groups have only if they are grouped by it."""
    key = query.model._meta.pk  # type: ignore[attr-defined]  # a model
    if query.group is not None and not any(isinstance(one, Path) and one.field is key for one in query.group):
        raise TypeError(f"{method}() cannot be asked of groups in no order: call order_by() first.")
    return query.ordered_by(("pk",))


async def get_by(db: Executor, model: Any, lookups: dict[str, Any]) -> list[Any]:
    """The instances that ``get(**lookups)`` finds among all rows: at most two.  The hot path of reading one row."""
    dialect = db.dialect
    found: Lookup = dialect.plans.get((model, *lookups)) or lookup_plan(model, lookups, dialect)
    plan = found.plan
    if plan is not None and plan.statement is not None:
        parameters = found.bind(lookups.values())
        if parameters is not None:
            return plan.hydrate(await db.fetch(plan.statement, parameters))
    return await select(db, Query[Any](model).filtered((), lookups).unordered().limited(2))


def only(found: list[M], model: Any, asked: object) -> M:
    """The one instance that was found; ``DoesNotExist`` or ``MultipleObjectsReturned`` of the model otherwise."""
    if len(found) == 1:
        return found[0]
    if found:
        raise model.MultipleObjectsReturned(f"get() found more than one {model.__name__}{asked}.")
    raise model.DoesNotExist(f"No {model.__name__} matches{asked or ' the query'}.")


async def get_or_none(db: Executor, query: Query[Any], asked: object = "") -> Any:
    """The only row or ``None``; ``MultipleObjectsReturned`` when there are more."""
    found = await _two(db, query)
    return only(found, query.model, asked) if found else None


async def _two(db: Executor, query: Query[Any]) -> list[Any]:
    """The first two rows: enough to know whether there is exactly one."""
    return await select(db, query.limited(2) if query.distinct or query.sliced else query.unordered().limited(2))


async def get(db: Executor, query: Query[Any], asked: object = "") -> Any:
    """The only row; ``DoesNotExist`` or ``MultipleObjectsReturned`` of the model otherwise."""
    return only(await _two(db, query), query.model, asked)


async def count(db: Executor, query: Query[Any]) -> int:
    """How many rows."""
    if query.limit == 0:
        return 0
    unordered = query.bare()
    plan = count_plan(unordered, db.dialect)
    if plan.statement is None:
        return 0
    rows = await db.fetch(plan.statement, plan.bind(unordered.values()))
    total: int = rows[0][0]
    return total


async def aggregate(db: Executor, query: Query[Any], computed: tuple[Annotation, ...]) -> dict[str, Any]:
    """One value per aggregate over all rows of the query."""
    if not computed:
        return {}
    plan = aggregate_plan(query, computed, db.dialect)
    assert plan.statement is not None, "aggregates of no row are asked too"
    own = tuple(value for one in computed for value in one.values)
    values = query.values() + own if is_closed(query) else own + query.where_values
    found: dict[str, Any] = plan.hydrate(await db.fetch(plan.statement, plan.bind(values)))[0]
    return found


async def exists(db: Executor, query: Query[Any]) -> bool:
    """Whether there is any row."""
    if query.limit == 0:
        return False
    unordered = query.tested()
    plan = exists_plan(unordered, db.dialect)
    if plan.statement is None:
        return False
    return bool(await db.fetch(plan.statement, plan.bind(unordered.values())))
