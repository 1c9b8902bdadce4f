"""Plans for questions: select, count, exists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.lookups import Exact
from dorm.meta.paths import Condition, condition_of
from dorm.query import hydration
from dorm.query.outer import is_closed
from dorm.query.plan import LIMIT, Plan, Windows, binder, checked_binder, find, nothing
from dorm.query.query import Query
from dorm.sql.nodes import Constant, Slot
from dorm.sql.record import Record
from dorm.sql.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dorm.meta.conditions import Annotation
    from dorm.query.planner import Planner
    from dorm.sql.dialect import Dialect
    from dorm.sql.nodes import Select


def select_plan(query: Query[Any], dialect: Dialect) -> Plan:
    """The plan that gives the query's rows as what it yields."""
    key = query.shape()
    plan: Plan | None = dialect.plans.get(key)
    if plan is None:
        plan = find(dialect, key, lambda: _select(query, dialect))
    return plan if plan.windows is None or query.limit is None else plan.windows[query.limit]


def count_plan(query: Query[Any], dialect: Dialect) -> Plan:
    """The plan that gives one row with the number of rows; *query* is unordered."""
    return find(dialect, ("count", query.shape()), lambda: _counted(query, dialect))


def exists_plan(query: Query[Any], dialect: Dialect) -> Plan:
    """The plan that gives a row when there is any; *query* is unordered."""
    return find(dialect, ("exists", query.shape()), lambda: _tested(query, dialect))


class Lookup(Record):
    """The plan of ``get(name=value, …)`` on all rows of a model, for values of their columns' own classes."""

    plan: Plan | None
    bind: Callable[[Iterable[Any]], tuple[Any, ...] | None] = nothing
    """From the values to the parameters; ``None`` when a value is of another class and the general way is taken."""


def lookup_plan(model: Any, names: Iterable[str], dialect: Dialect) -> Lookup:
    """The plan for these names; ``FieldError`` when one means nothing."""
    key = (model, *names)
    found: Lookup | None = dialect.plans.get(key)
    if found is None:
        conditions = tuple(condition_of(model, name) for name in names)
        plain = tuple(one for one in conditions if isinstance(one, Condition))
        if len(plain) < len(conditions):
            return Lookup(None)  # keys of documents are values, by which no plan is found
        found = find(dialect, key, lambda: _lookup(model, plain, dialect))
    return found


def _lookup(model: Any, conditions: tuple[Condition, ...], dialect: Dialect) -> Lookup:
    plain = tuple(condition.plain for condition in conditions)
    if not all(plain) or any(condition.path.many for condition in conditions):
        return Lookup(None)
    unique = any(one.lookup is Exact and not one.path.steps and one.path.field.unique for one in conditions)
    query = Query[Any](model).awaiting(conditions)
    # A unique column makes a LIMIT needless.
    select = query.planner(dialect).select().replaced(limit=None if unique else Constant("2"))
    text, slots = dialect.compile(select)
    plan = Plan(Statement(text, reads=True), binder(slots), hydration.instances(query, dialect))
    return Lookup(plan, checked_binder(slots, plain))


def aggregate_plan(query: Query[Any], computed: tuple[Annotation, ...], dialect: Dialect) -> Plan:
    """The plan that gives one row of aggregates, converted, over the rows of *query*."""
    key = ("aggregate", tuple((one.name, one.shape) for one in computed), query.shape())
    return find(dialect, key, lambda: _aggregate(query, computed, dialect))


def _aggregate(query: Query[Any], computed: tuple[Annotation, ...], dialect: Dialect) -> Plan:
    planner = query.planner(dialect)
    hydrate = hydration.computed(computed, dialect)
    if is_closed(query):
        return _plan(planner, planner.aggregate_around(computed), hydrate)
    planner.reserve()
    return _plan(planner, planner.aggregate(computed), hydrate)


def sql_of(query: Query[Any], dialect: Dialect) -> str:
    """The SELECT as text, for people."""
    text, _ = dialect.compile(query.planner(dialect).select())
    return text


def _select(query: Query[Any], dialect: Dialect) -> Plan:
    planner = query.planner(dialect)
    make = hydration.instances if query.result == "instances" else hydration.values
    return _plan(planner, planner.select(), make(query.face(), dialect))


def _counted(query: Query[Any], dialect: Dialect) -> Plan:
    planner = query.planner(dialect)
    return _plan(planner, planner.count())


def _tested(query: Query[Any], dialect: Dialect) -> Plan:
    planner = query.planner(dialect)
    return _plan(planner, planner.exists())


def _plan(planner: Planner, select: Select, hydrate: Any = list) -> Plan:
    if planner.impossible:
        return Plan(None, nothing, hydrate)
    if isinstance(select.limit, Slot) and planner.dialect.features.plans_by_limit:
        return _by_limit(planner.dialect, select, select.limit, hydrate)
    text, slots = planner.dialect.compile(select)
    return Plan(Statement(text, reads=True), binder(slots), hydrate)


def _by_limit(dialect: Dialect, select: Select, limit: Slot, hydrate: Any) -> Plan:
    """One compilation for every number of rows, with the number in the text or, as the last parameter, outside."""
    compiler = dialect.compiler(dialect)
    text = compiler.compile(select.replaced(limit=Constant(LIMIT)))
    literal = Plan(None, binder(compiler.slots), hydrate)
    general = text.replace(LIMIT, compiler.placeholder(limit))
    plan = Plan(Statement(general, reads=True), binder(compiler.slots), hydrate)
    return plan.replaced(windows=Windows(text, literal, plan))
