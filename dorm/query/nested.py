"""A query inside another: in the place of a value, its shape in the outer shape and its values among the outer's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.exceptions import FieldError
from dorm.expressions import Expression
from dorm.meta.conditions import outputs
from dorm.meta.paths import Path, path_of
from dorm.sql import nodes

if TYPE_CHECKING:
    from dorm.expressions import Builder, Scope, Shape
    from dorm.query.query import Query
    from dorm.sql.kinds import Type
    from dorm.sql.nodes import Node


class Structure:
    """What a query looks like, without its values: equal and hashed by shape."""

    __slots__ = ("_shape", "query")

    def __init__(self, query: Query[Any]) -> None:
        self.query = query.hollow()
        self._shape = query.shape()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Structure) and self._shape == other._shape

    def __hash__(self) -> int:
        return hash(self._shape)


class Nested(Expression):
    """The values of one column of a query: the target of ``IN``, or one value."""

    def __init__(self, query: Query[Any]) -> None:
        self.query = query

    def parts(self) -> tuple[Any, ...]:
        return (Structure(self.query), self.query.values())

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        values.extend(self.query.values())
        return (Nested, Structure(self.query))

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        return nodes.Scalar(builder.subselect(parts[0].query))

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        column = parts[0].query.columns[0]
        if isinstance(column, Path):
            type_: Type = column.field.sql_type
            return type_
        return next(outputs.output(one.shape) for one in parts[0].query.annotations if one.name == column)


def nested(query: Query[Any], field: Any) -> Nested:
    """*query* as the right side of a comparison with *field*: of instances it is their key that is compared."""
    if query.columns is not None:
        if len(query.columns) != 1:
            raise FieldError(f"A query on the right side of a lookup must give one column, not {len(query.columns)}.")
        return Nested(query)
    relation = getattr(field, "remote_field", None)
    model: Any = query.model
    if relation is not None and not issubclass(model, relation.model):
        raise ValueError(
            f'Cannot use a query set of "{model.__name__}" for {field}: use one of "{relation.model.__name__}".'
        )
    name = model._meta.pk.attname if relation is None else relation.target_field.attname
    path_of(model, name)
    return Nested(query.yielding("flat", (name,)))
