"""Conditions on one instance, which need not have a row: its values stand where columns would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from dorm.exceptions import FieldError
from dorm.expressions import outputs
from dorm.expressions.q import Conditional
from dorm.lookups import Exact, Null
from dorm.meta.conditions import Compared, Held
from dorm.meta.paths import Condition, Path
from dorm.query.plan import Plan, binder, find
from dorm.query.planner import Planner
from dorm.query.query import Query
from dorm.sql.nodes import Slot
from dorm.sql.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dorm.expressions import Builder
    from dorm.query.planner import Around
    from dorm.sql.dialect import Dialect
    from dorm.sql.kinds import Type
    from dorm.sql.nodes import Node


class OfInstance(Conditional):
    """An expression or a condition whose columns are the values of the instance that is asked about."""

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        assert isinstance(builder, InstancePlanner), "only such a planner meets it"
        return builder.of_instance(*parts)

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        return super().output(builder) if parts[1] else builder.output(parts[0])


class InstancePlanner(Planner):
    """A planner that knows an instance beside the rows: its values are the last of all."""

    def __init__(self, query: InstanceQuery, dialect: Dialect, around: Around | None = None) -> None:
        super().__init__(query, dialect, around)
        self._first = len(query.values()) - len(self.meta.fields)
        self._instead = False

    def of_instance(self, shape: Any, condition: bool) -> Node:
        """The node of *shape*, an expression or a condition, about the instance."""
        before, self._instead = self._instead, True
        node = self.condition(shape) if condition else self.node(shape)
        self._instead = before
        return node

    def column(self, path: Path, call: int | None = None) -> Any:
        if not self._instead:
            return super().column(path, call)
        if path.steps:
            raise FieldError(f"{path!r}: a constraint is about the columns of its own table only.")
        return Slot(self._first + self.meta.fields.index(path.field), None, path.field.sql_type.kind)


class InstanceQuery(Query[Any]):
    """A query about the rows that an instance would collide with; *stored* are the instance's values, as stored."""

    stored: tuple[Any, ...]

    @classmethod
    def about(cls, model: Any, stored: tuple[Any, ...]) -> Self:
        """Every row of *model*, beside an instance with these values."""
        query = cls(model)
        query.__dict__["stored"] = stored
        return query

    def values(self) -> tuple[Any, ...]:
        return super().values() + self.stored

    def planner(self, dialect: Dialect, around: Around | None = None) -> Planner:
        return InstancePlanner(self, dialect, around)

    def holding_of_instance(self, condition: Any) -> Self:
        """Where *condition* holds of the instance; its values follow those of earlier conditions."""
        added = Query[Any](self.model).filtered((condition,), {})
        part = Held(((OfInstance, ("AND", False, added.where, None), True),))
        return self._but({"where": (*self.where, part), "where_values": (*self.where_values, *added.where_values)})

    def same_as_instance(self, expression: Any, *, or_both_null: bool) -> Self:
        """Where *expression* yields for the row what it yields for the instance."""
        values: list[Any] = []
        shape: Any = expression.shape(self, values)
        expression.shape(self, values)
        type_ = outputs.output(shape)
        part: Any = Compared(Exact, shape, type_, (), (OfInstance, shape, False))
        if or_both_null:
            more: list[Any] = []
            expression.shape(self, more)
            expression.shape(self, more)
            values += more
            other = Compared(Null, (OfInstance, shape, False), type_, (), None)
            null = ("AND", False, (Compared(Null, shape, type_, (), None), other), None)
            part = ("OR", False, (part, null), None)
        return self._but({"where": (*self.where, part), "where_values": (*self.where_values, *values)})


def held_plan(query: InstanceQuery, dialect: Dialect) -> Plan:
    """The plan that gives one row: whether the conditions of *query* hold of the instance, unknown counting as held."""
    return find(dialect, ("held", query.shape()), lambda: _held(query, dialect))


def _held(query: InstanceQuery, dialect: Dialect) -> Plan:
    planner = query.planner(dialect)
    node = planner.condition(("AND", False, query.where, None))
    text, slots = dialect.compile(["SELECT COALESCE(", node, ", TRUE)"])
    return Plan(Statement(text, reads=True), binder(slots), list)


def fields_in(shape: Any) -> Iterator[Any]:
    """The fields that a shape or the parts of a WHERE mention."""
    stack = [shape]
    while stack:
        current = stack.pop()
        if isinstance(current, Condition):
            yield current.path.field
        elif isinstance(current, Path):
            yield current.field
        elif issubclass(current.__class__, tuple):
            stack.extend(current)


__all__ = ["InstanceQuery", "fields_in", "held_plan"]
