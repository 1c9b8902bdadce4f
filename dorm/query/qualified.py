"""Conditions on windows, and slices of each of several groups of rows.

SQL computes windows after WHERE, so such a condition is tested around the select.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.exceptions import NotSupportedError
from dorm.expressions import has_aggregate, has_window
from dorm.meta.conditions import is_group
from dorm.sql.calls import Over, Window
from dorm.sql.nodes import Alias, Boolean, Call, Column, Infix, Node, Select

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dorm.meta.conditions import Part

QUALIFIED = "qualified"
"""The name of the select inside."""
HOLDS = "holds"
"""The column that tells whether the condition on windows holds."""
PLACE = "place"
"""The column that numbers the rows of each group."""


def is_mixed(parts: Sequence[Part]) -> bool:
    """Whether some of the parts are about groups of rows or about windows, and not about each row."""
    return has_aggregate(tuple(parts)) or has_window(tuple(parts))


def conjuncts(parts: Sequence[Part], call: int | None = None) -> Iterator[Part]:
    """The parts that must all hold, each by itself: those about groups or windows are tested later than the others."""
    for part in parts:
        if is_group(part) and part[0] == "AND" and not part[1]:
            yield from conjuncts(part[2], call if part[3] is None else part[3])
        else:
            yield part if call is None else ("AND", False, (part,), call)


def qualified(select: Select, condition: Node) -> Select:
    """The rows of *select* for which *condition* holds: it is computed inside, as a column, and tested around."""
    if select.lock is not None:
        raise NotSupportedError("select_for_update() cannot be used together with a condition on a window.")
    return _around(select, Alias(condition, HOLDS), Column(QUALIFIED, HOLDS))


def sliced_per(select: Select, key: Node, limit: Node | None, offset: Node | None) -> Select:
    """Of the rows of *select* that have the same *key*, one of its columns, those after *offset*, at most *limit*."""
    if select.lock is not None:
        raise NotSupportedError("select_for_update() cannot be used together with a slice of each of several rows.")
    computed = {one.name: one.node for one in select.columns if isinstance(one, Alias)}
    order = tuple(
        term.replaced(operand=computed[term.operand.name])
        if isinstance(term.operand, Column) and not term.operand.table
        else term
        for term in select.order
    )
    place = Column(QUALIFIED, PLACE)
    tests: list[Node] = []
    if offset is not None:
        tests.append(Infix(">", place, offset))
    if limit is not None:
        tests.append(Infix("<=", place, limit if offset is None else Infix("+", offset, limit)))
    number = Over(Call("ROW_NUMBER", ()), Window((key,), order, None))
    return _around(select, Alias(number, PLACE), tests[0] if len(tests) == 1 else Boolean("AND", tuple(tests)))


def _around(select: Select, tested: Alias, where: Node) -> Select:
    """The rows of *select* where *where* holds around it, a condition on the column *tested* of the select inside."""
    inside: list[Node] = []

    def outside(node: Node) -> Column:
        """The column by which *node* is known around the select."""
        for index, known in enumerate(inside):
            if _same(node, known):
                return Column(QUALIFIED, f"col{index}")
        inside.append(node)
        return Column(QUALIFIED, f"col{len(inside) - 1}")

    columns: list[Node] = []
    for one in select.columns:
        inside.append(one)
        column = Column(QUALIFIED, f"col{len(inside) - 1}")
        columns.append(Alias(column, one.name) if isinstance(one, Alias) else column)
    order = tuple(term.replaced(operand=outside(term.operand)) for term in select.order)
    distinct: Any = select.distinct
    if distinct.__class__ is tuple:
        keys: tuple[Node, ...] = distinct
        distinct = tuple(map(outside, keys))
    computed = [Alias(one.node if isinstance(one, Alias) else one, f"col{index}") for index, one in enumerate(inside)]
    inner = select.replaced(columns=(*computed, tested), order=(), limit=None, offset=None, distinct=False)
    return Select(
        tuple(columns),
        Alias(inner, QUALIFIED),
        where=where,
        order=order,
        limit=select.limit,
        offset=select.offset,
        distinct=distinct,
    )


def _same(node: Node, known: Node) -> bool:
    """Whether *known*, a column of the select, is what *node* names."""
    if not isinstance(node, Column):
        return False
    if isinstance(known, Alias):
        return not node.table and known.name == node.name
    return isinstance(known, Column) and (known.table, known.name) == (node.table, node.name)
