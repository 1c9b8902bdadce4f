"""A query set as the value of a lookup: a subquery, of keys unless ``values()`` says otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.expressions import Nested
from dorm.meta.paths import path_of

if TYPE_CHECKING:
    from dorm.query.query import Query


def nested(query: Query[Any], field: Any) -> Nested:
    """*query* as the right side of a comparison with *field*: of instances it is their key that is compared."""
    if query.columns is not None:
        if len(query.columns) != 1:
            raise ValueError(f"A query on the right side of a lookup must give one column, not {len(query.columns)}.")
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
