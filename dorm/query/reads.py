"""Plans for questions: select, count, exists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.query import hydration
from dorm.query.plan import Plan, binder, find, nothing
from dorm.query.planner import Planner
from dorm.sql.statement import Statement

if TYPE_CHECKING:
    from dorm.query.query import Query
    from dorm.sql.dialect import Dialect
    from dorm.sql.nodes import Select


def select_plan(query: Query[Any], dialect: Dialect) -> Plan:
    """The plan that gives the query's rows as what it yields."""
    key = query.shape()
    plan: Plan | None = dialect.plans.get(key)
    return plan if plan is not None else find(dialect, key, lambda: _select(query, dialect))


def count_plan(query: Query[Any], dialect: Dialect) -> Plan:
    """The plan that gives one row with the number of rows; *query* is unordered."""
    return find(dialect, ("count", query.shape()), lambda: _counted(query, dialect))


def exists_plan(query: Query[Any], dialect: Dialect) -> Plan:
    """The plan that gives a row when there is any; *query* is unordered."""
    return find(dialect, ("exists", query.shape()), lambda: _tested(query, dialect))


def sql_of(query: Query[Any], dialect: Dialect) -> str:
    """The SELECT as text, for people."""
    text, _ = dialect.compile(Planner(query, dialect).select())
    return text


def _select(query: Query[Any], dialect: Dialect) -> Plan:
    planner = Planner(query, dialect)
    make = hydration.instances if query.result == "instances" else hydration.values
    return _plan(planner, planner.select(), make(query, dialect))


def _counted(query: Query[Any], dialect: Dialect) -> Plan:
    planner = Planner(query, dialect)
    return _plan(planner, planner.count())


def _tested(query: Query[Any], dialect: Dialect) -> Plan:
    planner = Planner(query, dialect)
    return _plan(planner, planner.exists())


def _plan(planner: Planner, select: Select, hydrate: Any = list) -> Plan:
    if planner.impossible:
        return Plan(None, nothing, hydrate)
    text, slots = planner.dialect.compile(select)
    return Plan(Statement(text, reads=True), binder(slots), hydrate)
