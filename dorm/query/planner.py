"""From a query to nodes: the FROM with its joins, the columns, the WHERE, the order, the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.lookups import EVERYTHING, NOTHING
from dorm.meta.paths import Path
from dorm.query import filters
from dorm.query.joins import Joins
from dorm.query.loading import fields_at
from dorm.query.query import RANDOM, default_order
from dorm.sql.kinds import Kind, Type
from dorm.sql.nodes import Alias, Call, Column, Constant, Node, Order, Select, Slot, Table

if TYPE_CHECKING:
    from dorm.query.query import Query
    from dorm.sql.dialect import Dialect

FLIPPED: dict[Any, Any] = {"FIRST": "LAST", "LAST": "FIRST", None: None}


class Planner:
    """Plans one query for one dialect.  It is the builder that expressions see."""

    def __init__(self, query: Query[Any], dialect: Dialect) -> None:
        self.query, self.dialect = query, dialect
        self.meta = query.model._meta
        self.joins = Joins(self.meta.db_table)
        self.index = 0
        self._where: Node | None = None
        self.impossible = False

    # -- The builder ---------------------------------------------------------------------------

    def column(self, path: Path, call: int | None = None) -> Column:
        """The column at the end of *path*."""
        return Column(self.joins.alias(path.steps, call), path.field.column)

    def node(self, shape: Any) -> Node:
        """The node of an expression's shape."""
        if isinstance(shape, Path):
            return self.column(shape)
        return shape[0].build(self, *shape[1:])

    def kind(self, shape: Any) -> Kind | None:
        """The kind of value that a shape yields."""
        if isinstance(shape, Path):
            kind: Kind = shape.field.kind
            return kind
        found: Kind | None = shape[0].kind(self, *shape[1:])
        return found

    def value(self, kind: Kind | None) -> Node:
        """A slot for the next value."""
        index, self.index = self.index, self.index + 1
        if kind is None:
            return Slot(index)
        return Slot(index, self.dialect.to_db(Type(kind)), kind)

    # -- Clauses -------------------------------------------------------------------------------

    def filter(self) -> Node | None:
        """The WHERE; ``impossible`` is set when nothing can match."""
        found = filters.build(self, self.query.where)
        self.joins.require(found.needs)
        self.impossible = found.node is NOTHING
        self._where = None if found.node in (EVERYTHING, NOTHING) else found.node
        return self._where

    def order(self) -> tuple[Order, ...]:
        """The ORDER BY."""
        query = self.query
        terms = default_order(query.model) if query.order is None else query.order
        return tuple(self._order(*term, backwards=query.reversed) for term in terms)

    def _order(self, shape: Any, descending: bool, nulls: Any, *, backwards: bool) -> Order:
        operand = Call("RANDOM", ()) if shape == RANDOM else self.node(shape)
        return Order(operand, descending is not backwards, FLIPPED[nulls] if backwards else nulls)

    def window(self) -> tuple[Slot | None, Slot | None]:
        """LIMIT and OFFSET as slots: their numbers are values."""
        limit = self.value(None) if self.query.limit is not None else None
        offset = self.value(None) if self.query.offset else None
        return limit, offset

    def columns(self) -> tuple[Node, ...]:
        """What is selected: the fields of the model and of what is joined for it, or the named columns."""
        query = self.query
        if query.columns is not None:
            return tuple(self.column(path) for path in query.columns)
        own = [Column(self.joins.table, field.column) for field in fields_at(query.loaded, (), query.model)]
        for steps in query.related:
            alias = self.joins.alias(steps)
            own += [Column(alias, field.column) for field in fields_at(query.loaded, steps, steps[-1].target)]
        if query.link is not None:
            own.append(self.column(query.link, query.calls))
        return tuple(own)

    # -- Whole statements ----------------------------------------------------------------------

    def select(self, columns: tuple[Node, ...] | None = None) -> Select:
        """The SELECT.  Clauses are walked in the order of the query's values."""
        where = self.filter()
        order = self.order()
        limit, offset = self.window()
        chosen = self.columns() if columns is None else columns
        table = Table(self.meta.db_table, self.joins.table)
        query = self.query
        return Select(chosen, table, self.joins.nodes(), where, order, limit, offset, query.distinct, query.lock)

    def keys(self) -> Select:
        """The keys of the rows that :meth:`filter` found, as a subquery."""
        return Select((self._key(),), Table(self.meta.db_table, self.joins.table), self.joins.nodes(), self._where)

    def count(self) -> Select:
        """How many rows; of a window or of distinct rows, counted around them."""
        query = self.query
        if not query.sliced and not query.distinct:
            return self.select((Constant("COUNT(*)"),))
        inner = self.select() if query.distinct else self.select((self._key(),))
        if query.distinct:
            inner = inner.replaced(columns=tuple(Alias(c, f"col{i}") for i, c in enumerate(inner.columns, 1)))
        return Select((Constant("COUNT(*)"),), Alias(inner, "subquery"))

    def exists(self) -> Select:
        """One row, if there is any."""
        if self.query.distinct and self.query.sliced:
            return Select((Constant("1"),), Alias(self.select(), "subquery"), limit=Constant("1"))
        found = self.select((Constant("1"),)).replaced(distinct=False)
        return found if found.limit is not None else found.replaced(limit=Constant("1"))

    def _key(self) -> Column:
        return Column(self.joins.table, self.meta.pk.column)
