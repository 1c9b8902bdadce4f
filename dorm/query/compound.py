"""From combined queries to nodes: UNION, INTERSECT and EXCEPT of the selects of their parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.query.combined import column_names
from dorm.query.outer import AROUND
from dorm.query.planner import FLIPPED, Planner, narrowed, numbered
from dorm.sql.nodes import Alias, Column, Compound, Constant, Order, Select

if TYPE_CHECKING:
    from dorm.query.combined import Operator
    from dorm.query.query import Query
    from dorm.sql.nodes import Node


class CombinedPlanner(Planner):
    """Plans a combined query: each part by a planner of its own."""

    numbers = False
    """Whether its columns are to be named ``col1``, ``col2``, …"""

    def select(self, columns: tuple[Node, ...] | None = None) -> Any:
        """The whole: a :class:`Compound`, within a select of the chosen columns when these are not all."""
        query: Any = self.query
        numbers = self.numbers or query.chosen is not None
        selects: list[Select] = []
        impossible: list[bool] = []
        for part in query.parts:
            inner = part.planner(self.dialect, self.around)
            inner.index = self.index
            selects.append(_part(part, inner, numbers=numbers))
            self.index = inner.index
            impossible.append(inner.impossible)
        self.impossible = _nothing(query.operator, impossible)
        names = column_names(query.parts[0])
        limit, offset = self.window()
        if query.chosen is None:
            order = tuple(self._term(Constant(str(names.index(name) + 1)), *rest) for name, *rest in query.order)
            return Compound(query.operator, tuple(selects), order, limit, offset)
        order = tuple(self._term(_numbered_column(names.index(name)), *rest) for name, *rest in query.order)
        chosen = tuple(_numbered_column(index) for index in query.chosen)
        around = Alias(Compound(query.operator, tuple(selects)), AROUND)
        return Select(numbered(chosen) if self.numbers else chosen, around, (), None, order, limit, offset)

    def _term(self, operand: Node, descending: bool, nulls: Any) -> Order:
        backwards = self.query.reversed
        return Order(operand, descending is not backwards, FLIPPED[nulls] if backwards else nulls)

    def inside(self) -> Any:
        return self.select()

    def count(self) -> Select:
        return Select((Constant("COUNT(*)"),), Alias(self.select(), AROUND))

    def exists(self) -> Select:
        return Select((Constant("1"),), Alias(self.select(), AROUND), limit=Constant("1"))


def _part(part: Query[Any], planner: Planner, *, numbers: bool) -> Select:
    """One part as a select that may stand beside others."""
    if isinstance(planner, CombinedPlanner):
        planner.numbers = numbers
        return Select((Constant("*"),), Alias(planner.select(), AROUND))
    found = planner.select()
    width = len(column_names(part))
    if not part.sliced and not part.picks and len(found.columns) == width:
        return found.replaced(columns=numbered(found.columns)) if numbers else found
    # Its own order and window, and columns that only order it, stay inside.
    around = narrowed(found, width)
    return around.replaced(columns=numbered(around.columns)) if numbers else around


def _nothing(operator: Operator, impossible: list[bool]) -> bool:
    """Whether no row can come back, when some of the parts cannot give any."""
    if operator == "INTERSECT":
        return any(impossible)
    return impossible[0] if operator == "EXCEPT" else all(impossible)


def _numbered_column(index: int) -> Column:
    return Column(AROUND, f"col{index + 1}")
