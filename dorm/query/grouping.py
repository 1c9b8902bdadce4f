"""The GROUP BY: what rows are grouped by, and all that is asked of a group outside of aggregates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.expressions import has_aggregate, has_window
from dorm.query.columns import label
from dorm.query.mentioned import mentioned
from dorm.query.ordering import terms_of
from dorm.query.qualified import conjuncts, is_mixed
from dorm.sql.nodes import Alias, Column, Constant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dorm.query.planner import Planner
    from dorm.query.query import Query
    from dorm.sql.nodes import Node, Order


def is_grouped(query: Query[Any]) -> bool:
    """Whether rows are grouped by what was annotated, or by what orders them."""
    return query.aggregated or any(has_aggregate(term[0]) for term in query.order or ())


def group_by(planner: Planner, chosen: tuple[Node, ...], order: tuple[Order, ...]) -> tuple[Node, ...]:
    """What ``values()`` named, or the row itself; and what must be the same within each group."""
    # A computed column is named by its place: its parameters would not be recognised as the same.
    places = {one.name: Constant(str(index)) for index, one in enumerate(chosen, 1) if isinstance(one, Alias)}
    named = _named(planner.query)
    keys: list[Node] = [*_keys(planner), *(node for name, node in places.items() if name in named)]
    own = planner.joins.table if planner.query.group is None else None
    """The table that is grouped by its key, so that all of its columns are the same within a group."""
    known = {(key.table, key.name) for key in keys if isinstance(key, Column)}
    operands = [term.operand for term in order]
    for column in (*_columns(planner, named), *chosen, *operands):
        if isinstance(column, Column) and column.table and column.table != own:
            place = (column.table, column.name)
            if place not in known:
                known.add(place)
                keys.append(column)
    return tuple(keys)


def _keys(planner: Planner) -> Iterator[Node]:
    query = planner.query
    if query.group is not None:
        yield from (planner.named(path) for path in query.group if not isinstance(path, str))
        return
    yield planner.key()
    for steps in query.related if query.columns is None else ():
        yield Column(planner.joins.alias(steps), steps[-1].target._meta.pk.column)


def _named(query: Query[Any]) -> set[str]:
    """The computed columns by which rows are grouped, as SQL calls them."""
    group = query.group
    return {
        label(one.name, query.annotations)
        for one in query.emitted()
        if not has_window(one.shape) and (not has_aggregate(one.shape) if group is None else one.name in group)
    }


def _columns(planner: Planner, named: set[str]) -> Iterator[Node]:
    """The columns that stand outside of aggregates in what is computed, in conditions on groups, and in the order."""
    query = planner.query
    emitted = [(label(one.name, query.annotations), one.shape) for one in query.emitted()]
    shapes = [shape for name, shape in emitted if name not in named]
    shapes += [part for part in conjuncts(query.where) if is_mixed((part,))]
    shapes += [term[0] for term in terms_of(query)]
    grouped = {shape for name, shape in emitted if name in named}
    for path, call, pin in mentioned(shapes, grouped):
        yield planner.column(path, call) if pin is None else planner.pinned(pin, path)
