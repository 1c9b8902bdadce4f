"""``first | second``, ``&`` and ``^``: one query whose conditions are those of two, joined."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.exceptions import NotSupportedError
from dorm.meta.conditions import is_group
from dorm.query.combined import CombinedQuery
from dorm.query.nested import nested
from dorm.query.query import Query

if TYPE_CHECKING:
    from dorm.meta.conditions import Part

OPERATORS = {"AND": "&", "OR": "|", "XOR": "^"}


def merged(first: Query[Any], other: Any, connector: str) -> Query[Any]:
    """The rows for which the conditions of both hold (of either, of just one), as the first gives them.

    ``TypeError`` when *other* is no query set, when the two are about different models, or not both without duplicates.
    """
    if not hasattr(other, "described"):
        raise TypeError(f"Cannot use {OPERATORS[connector]} between a query set and {other!r}.")
    second: Query[Any] = other.described
    _check(first, second, OPERATORS[connector])
    if first.is_none or second.is_none:
        return first if first.is_none is (connector == "AND") else second
    first, second = (_whole(query) for query in (first, second))
    if connector == "AND":
        # Rows of a to-many relation that one of them speaks of are not those of the other.
        where = (*first.where, *(_shifted(part, first.calls) for part in second.where))
        calls = first.calls + second.calls
    elif first.where and second.where:
        sides = (("AND", False, first.where, None), ("AND", False, second.where, None))
        where, calls = ((connector, False, sides, None),), max(first.calls, second.calls)
    else:
        where, calls = _with_everything(first, second, connector)
    values = first.where_values + second.where_values if where else ()
    found = first.under(where, values, calls)
    return found.ordered_as(second) if second.order else found


def _with_everything(first: Query[Any], second: Query[Any], connector: str) -> tuple[tuple[Any, ...], int]:
    """One of them gives all rows: so do both together, and just one gives what the other does not."""
    if connector == "OR":
        return (), 0
    where = first.where or second.where
    if not where:
        return first.emptied().where, 0
    return (("AND", True, where, None),), max(first.calls, second.calls)


def _check(first: Query[Any], second: Query[Any], operator: str) -> None:
    for query in (first, second):
        if isinstance(query, CombinedQuery):
            raise NotSupportedError(f"Cannot use {operator} with a query set that union() and its like made.")
    if first.model is not second.model:
        raise TypeError(f"Cannot use {operator} with queries about two models: {first.model} and {second.model}.")
    if first.distinct != second.distinct:
        raise TypeError(f"Cannot use {operator} with a query of distinct rows and one that is not.")
    if (first.result, first.names) != (second.result, second.names):
        raise TypeError(f"Cannot use {operator} with queries that give different values: values() must be the same.")


def _whole(query: Query[Any]) -> Query[Any]:
    """*query* by its conditions alone: a slice becomes a condition on keys."""
    if not query.sliced:
        return query
    model: Any = query.model
    keys = query.yielding("flat", (model._meta.pk.attname,))
    made = Query[Any](model).filtered((), {"pk__in": nested(keys, model._meta.pk)})
    return made.giving_as(query)


def _shifted(part: Part, by: int) -> Any:
    """*part* with its calls of ``filter`` numbered after *by* others."""
    if not by or not is_group(part):
        return part
    connector, negated, parts, call = part
    return (connector, negated, tuple(_shifted(one, by) for one in parts), None if call is None else call + by)
