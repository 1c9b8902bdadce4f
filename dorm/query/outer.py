"""Names as seen from around a query: the columns that its SELECT gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.exceptions import FieldError
from dorm.expressions import Expression, outputs
from dorm.meta.conditions import annotation_named
from dorm.meta.paths import path_of
from dorm.query.columns import label
from dorm.sql.nodes import Column

if TYPE_CHECKING:
    from dorm.expressions import Builder, Shape
    from dorm.meta.conditions import Annotation
    from dorm.query.query import Query
    from dorm.sql.kinds import Type
    from dorm.sql.nodes import Node

AROUND = "subquery"
"""The name of a query inside another."""


class Outer(Expression):
    """A column of the query inside."""

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        return Column(AROUND, parts[0])

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        type_: Type | None = parts[1]
        return type_


class OuterScope:
    """Where aggregates over a window, over distinct rows or over groups are written."""

    annotations: tuple[Annotation, ...] = ()

    def __init__(self, query: Query[Any]) -> None:
        self.query, self.model = query, query.model

    def reference(self, name: str, values: list[Any]) -> Shape:
        """A column that the query inside gives."""
        found = annotation_named(self.query.annotations, name)
        if found is not None and found in self.query.emitted():
            return (Outer, label(name, self.query.annotations), outputs.output(found.shape))
        path = path_of(self.model, name)
        given = path.field.column if self.query.columns is None else name
        if path.steps or (self.query.columns is not None and name not in self.query.names):
            raise FieldError(
                f"{name!r} cannot be aggregated over a slice, distinct rows or groups: only the columns that the query "
                "itself gives can. Annotate it first, or name it in values()."
            )
        return (Outer, given, path.field.sql_type)

    def condition(self, condition: Any, values: list[Any]) -> Any:
        """Filters inside an aggregate refer to the model's rows, which are not at hand here."""
        raise FieldError("An aggregate over a slice, distinct rows or groups takes no filter=. Filter before.")


def is_closed(query: Query[Any]) -> bool:
    """Whether aggregates are about what the query gives, not about the rows it is made of."""
    return query.sliced or bool(query.distinct) or query.aggregated or query.windowed
