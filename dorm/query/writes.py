"""Plans for changes: insert, update and delete, of one instance and of many rows.

For instances a function is generated that takes the values out of one, each through its field's storer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from dorm.exceptions import FieldError
from dorm.expressions import Combinable, Q, has_aggregate, has_window, operand
from dorm.meta.conditions import ModelScope
from dorm.query.plan import Plan, binder, find, nothing
from dorm.query.planner import Planner
from dorm.query.query import Query
from dorm.query.source import generate
from dorm.sql.compiler import ROWS
from dorm.sql.nodes import (
    Column,
    Delete,
    Infix,
    Insert,
    InsertArrays,
    Membership,
    Node,
    Slot,
    Stored,
    Update,
    UpdateFrom,
)
from dorm.sql.record import Record
from dorm.sql.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dorm.expressions import Shape
    from dorm.sql.dialect import Dialect
    from dorm.sql.nodes import Conflict


Extractor: TypeAlias = "Callable[[Any], tuple[Any, ...]]"
"""From an instance to the values that are stored for it."""


class RowPlan(Record):
    """A statement about instances, and how its parameters are taken out of one."""

    statement: Statement
    row: Callable[[Any], tuple[Any, ...]]


# -- Instances ---------------------------------------------------------------------------------


def extractor(model: Any, fields: Sequence[Any], dialect: Dialect) -> Callable[[Any], tuple[Any, ...]]:
    """A generated function from an instance to the tuple of what is stored for *fields*."""
    if not fields:
        return nothing
    names: dict[str, Any] = {}
    items: list[str] = []
    for position, field in enumerate(fields):
        names[f"store{position}"] = field.storer(dialect).convert
        items.append(f"store{position}(o.{field.attname})")
    lines = ["def row(o):", f"    return ({', '.join(items)},)"]
    function: Callable[[Any], tuple[Any, ...]] = generate(f"row {model.__name__}", "row", lines, names)
    return function


def insert_plan(model: Any, fields: tuple[Any, ...], returning: tuple[str, ...], dialect: Dialect) -> RowPlan:
    """An INSERT of one instance's *fields*, giving the columns *returning*."""

    def make() -> RowPlan:
        row = tuple(Slot(index) for index in range(len(fields)))
        columns = tuple(field.column for field in fields)
        text, _ = dialect.compile(Insert(model._meta.db_table, columns, (row,), returning))
        return RowPlan(Statement(text), extractor(model, fields, dialect))

    return find(dialect, ("insert", model, fields, returning), make)


def update_plan(model: Any, fields: tuple[Any, ...], dialect: Dialect) -> RowPlan:
    """An UPDATE of one instance's *fields* where the key is its own."""

    def make() -> RowPlan:
        pk = model._meta.pk
        assignments = tuple((field.column, Slot(index)) for index, field in enumerate(fields))
        where = Infix("=", Column(model._meta.db_table, pk.column), Slot(len(fields)))
        text, _ = dialect.compile(Update(model._meta.db_table, assignments, where))
        return RowPlan(Statement(text), extractor(model, (*fields, pk), dialect))

    return find(dialect, ("update", model, fields), make)


class NewRow(ModelScope):
    """Where the values of a row that is inserted are written: there is no row yet that they could refer to."""

    def reference(self, name: str, values: list[Any]) -> Shape:
        raise ValueError(
            f"{self.model.__name__} is inserted, so its values cannot be expressions over the row: F({name!r}) refers "
            "to a stored row. Use F() in save() of a stored instance and in update()."
        )

    def condition(self, condition: Any, values: list[Any]) -> Any:
        given: Q = condition
        for child in given.flatten():
            if not isinstance(child, Combinable):
                self.reference(child[0], values)
        return super().condition(condition, values)


def computed_insert(
    instance: Any,
    fields: tuple[Any, ...],
    returning: tuple[str, ...],
    dialect: Dialect,
    conflict: Conflict | None = None,
) -> tuple[Statement, tuple[Any, ...]]:
    """An INSERT of one instance some of whose values the database computes, and its parameters."""
    model = instance.__class__
    pairs = ((field, instance.__dict__[field.attname]) for field in fields)
    given = assignments(model, pairs, NewRow(model))

    def make() -> Plan:
        sets = _assigned(Planner(Query(model), dialect), given.parts)
        columns, row = tuple(column for column, _ in sets), tuple(node for _, node in sets)
        text, slots = dialect.compile(Insert(model._meta.db_table, columns, (row,), returning, conflict))
        return Plan(Statement(text), binder(slots), list)

    plan = find(dialect, ("computed insert", model, given.parts, returning, conflict), make)
    assert plan.statement is not None, "an INSERT has no WHERE"
    return plan.statement, plan.bind(given.values)


class BulkPlan(Record):
    """An INSERT of many rows: how many fit, the statement for a number of them, and their parameters."""

    largest: int
    statement: Callable[[int], Statement]
    row: Callable[[Any], tuple[Any, ...]]
    parameters: Callable[[list[tuple[Any, ...]]], tuple[Any, ...]]


def bulk_insert_plan(
    model: Any, fields: tuple[Any, ...], returning: tuple[str, ...], dialect: Dialect, conflict: Conflict | None = None
) -> BulkPlan:
    """INSERTs of many instances: one array per column where the database binds arrays, else many rows of slots."""

    def make() -> BulkPlan:
        columns = tuple(field.column for field in fields)
        if dialect.features.binds_arrays and fields:
            arrays = tuple((Slot(index), field.kind) for index, field in enumerate(fields))
            return _arrays(
                InsertArrays(model._meta.db_table, columns, arrays, returning, conflict),
                extractor(model, fields, dialect),
                dialect,
            )
        row = tuple(Slot(index) for index in range(len(fields)))
        insert = Insert(model._meta.db_table, columns, (row,), returning, conflict)
        return _rows(insert, extractor(model, fields, dialect), dialect)

    return find(dialect, ("bulk", model, fields, returning, conflict), make)


def _arrays(insert: InsertArrays, row: Extractor, dialect: Dialect) -> BulkPlan:
    text, _ = dialect.compile(insert)
    statement = Statement(text)

    def same(count: int) -> Statement:
        return statement

    return BulkPlan(1_000_000, same, row, _by_column)


def _by_column(rows: list[tuple[Any, ...]]) -> tuple[Any, ...]:
    return tuple(map(list, zip(*rows, strict=True)))


def _flat(rows: list[tuple[Any, ...]]) -> tuple[Any, ...]:
    return tuple(value for values in rows for value in values)


def _rows(insert: Insert, row: Extractor, dialect: Dialect) -> BulkPlan:
    one, _ = dialect.compile(insert.replaced(returning=(), conflict=None))
    tail = "".join(dialect.compiler(dialect).tail(insert))
    head, _, slots = one.rpartition(" VALUES ")
    sizes: dict[int, Statement] = {}

    def statement(count: int) -> Statement:
        if not insert.columns:
            return Statement(one + tail)  # DEFAULT VALUES, one row at a time
        found = sizes.get(count)
        if found is None:
            # The text of the last few sizes is kept: a full batch, and the rest.
            if len(sizes) > 3:
                sizes.clear()
            found = sizes[count] = Statement(f"{head} VALUES {', '.join([slots] * count)}{tail}")
        return found

    width = len(insert.columns)
    return BulkPlan(dialect.features.parameter_limit // width if width else 1, statement, row, _flat)


def bulk_update_plan(model: Any, fields: tuple[Any, ...], dialect: Dialect) -> BulkPlan:
    """``UPDATE … FROM`` the new values, joined by key: arrays where the database binds them, else rows of slots."""

    def make() -> BulkPlan:
        meta = model._meta
        whole = (meta.pk, *fields)
        row = extractor(model, whole, dialect)
        kinds = tuple(field.kind for field in whole)
        update = UpdateFrom(meta.db_table, meta.pk.column, tuple(field.column for field in fields), kinds)
        text, _ = dialect.compile(update)
        if dialect.features.binds_arrays:
            statement = Statement(text)

            def same(count: int) -> Statement:
                return statement

            return BulkPlan(1_000_000, same, row, _by_column)
        head, tail = text.split(ROWS)
        slots = f"({', '.join(['?'] * len(whole))})"

        def of_size(count: int) -> Statement:
            return Statement(f"{head}{', '.join([slots] * count)}{tail}")

        return BulkPlan(dialect.features.parameter_limit // len(whole), of_size, row, _flat)

    return find(dialect, ("bulk update", model, fields), make)


# -- Rows of a query ---------------------------------------------------------------------------


class Assignments(NamedTuple):
    """What an UPDATE sets: fields with ``None`` (a value) or an expression's shape, and the values."""

    parts: tuple[tuple[Any, Any], ...]
    values: tuple[Any, ...]


def assignments(model: Any, given: Iterable[tuple[Any, Any]], scope: ModelScope | None = None) -> Assignments:
    """Split (field, value or expression) pairs into shape and values."""
    scope = scope or ModelScope(model)
    parts: list[tuple[Any, Any]] = []
    values: list[Any] = []
    for field, one in given:
        value = one.as_value_for(field) if hasattr(one, "as_value_for") else one
        if not isinstance(value, (Combinable, Q)):
            parts.append((field, None))
            values.append(value)
            continue
        shape = operand(value).shape(scope, values)
        if has_aggregate(shape):
            raise FieldError(f"{field}: an aggregate cannot be stored: {value!r}. Use a Subquery that computes it.")
        if has_window(shape):
            raise FieldError(f"{field}: window expressions are not allowed in this query: {value!r}.")
        parts.append((field, shape))
    return Assignments(tuple(parts), tuple(values))


def update_rows_plan(query: Query[Any], parts: tuple[tuple[Any, Any], ...], dialect: Dialect) -> Plan:
    """An UPDATE of the query's rows; the assignments' values come before the query's own."""
    return find(dialect, ("update rows", parts, query.shape()), lambda: _update_rows(query, parts, dialect))


def _update_rows(query: Query[Any], parts: tuple[tuple[Any, Any], ...], dialect: Dialect) -> Plan:
    planner = Planner(query, dialect)
    sets = _assigned(planner, parts)
    if planner.joins.nodes():
        raise FieldError("An UPDATE sets a column from columns of its own row only, not of another: use a Subquery.")
    return _of_rows(planner, lambda where: Update(planner.meta.db_table, tuple(sets), where))


def _assigned(planner: Planner, parts: tuple[tuple[Any, Any], ...]) -> list[tuple[str, Node]]:
    """Each column with its value: a slot, or what is computed."""
    sets: list[tuple[str, Node]] = []
    for field, shape in parts:
        if shape is None:
            sets.append((field.column, Slot(planner.index, field.storer(planner.dialect).convert)))
            planner.index += 1
        else:
            sets.append((field.column, Stored(planner.node(shape), field.sql_type)))
    return sets


def delete_rows_plan(query: Query[Any], dialect: Dialect) -> Plan:
    """A DELETE of the query's rows."""

    def make() -> Plan:
        planner = Planner(query, dialect)
        return _of_rows(planner, lambda where: Delete(planner.meta.db_table, where))

    return find(dialect, ("delete rows", query.shape()), make)


def _of_rows(planner: Planner, change: Callable[[Node | None], Node]) -> Plan:
    where = planner.filter()
    if planner.impossible:
        return Plan(None, nothing, list)
    if planner.joins.nodes() or planner.grouped:
        # A change is about one table: the rows are named by a subquery.
        key = Column(planner.meta.db_table, planner.meta.pk.column)
        where = Membership(key, planner.keys())
    text, slots = planner.dialect.compile(change(where))
    return Plan(Statement(text), binder(slots), list)
