"""From a query to nodes: the columns, the FROM with its joins, the WHERE, groups, the order, the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.exceptions import FieldError, NotSupportedError
from dorm.expressions import has_aggregate, has_window, outputs
from dorm.lookups import NOTHING, Verdict
from dorm.meta.conditions import annotation_named
from dorm.meta.paths import Path
from dorm.query import filters
from dorm.query.columns import label, ordering_columns
from dorm.query.grouping import group_by, is_grouped
from dorm.query.joins import Joins
from dorm.query.loading import fields_at
from dorm.query.mentioned import mentioned
from dorm.query.ordering import ALIAS, RANDOM, terms_of
from dorm.query.outer import AROUND
from dorm.query.qualified import qualified, sliced_per
from dorm.sql.alike import comparable
from dorm.sql.documents import JSONAt
from dorm.sql.kinds import Kind, Type
from dorm.sql.nodes import Alias, Call, Column, Constant, Node, Order, Select, Slot, Table
from dorm.sql.record import Record

if TYPE_CHECKING:
    from dorm.meta.conditions import Annotation
    from dorm.meta.relations import Step
    from dorm.query.query import Query
    from dorm.sql.dialect import Dialect

FLIPPED: dict[Any, Any] = {"FIRST": "LAST", "LAST": "FIRST", None: None}


class Around(Record):
    """The query around the one that is planned, and the nodes of what is referred to there."""

    planner: Planner
    nodes: dict[Any, Node]


class Planner:
    """Plans one query for one dialect.  It is the builder that expressions see."""

    def __init__(self, query: Query[Any], dialect: Dialect, around: Around | None = None) -> None:
        self.query, self.dialect, self.around = query, dialect, around
        self.meta = query.model._meta
        # A table that is referred to from inside must not be hidden by another of the same name.
        self.joins = Joins(self.meta.db_table, around.planner.fresh_alias if around and around.nodes else None)
        self.index: int = 0 if around is None else around.planner.index
        self.impossible = False
        self._inside = 0
        self._link = 0
        """The number of the column that leads here from elsewhere."""
        self._keys: dict[Any, tuple[Node, int]] = {}
        """What groups the rows, and how many values it has: with others in their place it would not be the same."""
        self._where: Node | None = None
        self._having: Node | None = None
        self._qualify: Node | None = None

    # -- The builder ---------------------------------------------------------------------------

    def column(self, path: Path, call: int | None = None) -> Column:
        """The column at the end of *path*."""
        return Column(self.joins.alias(path.steps, call), path.field.column)

    def node(self, shape: Any) -> Node:
        """The node of an expression's shape."""
        if isinstance(shape, Path):
            return self.column(shape)
        if self._keys and shape in self._keys:
            node, values = self._keys[shape]
            self.index += values
            return node
        built: Node = shape[0].build(self, *shape[1:])
        return built

    def output(self, shape: Any) -> Type | None:
        """The type of value that a shape yields."""
        return outputs.output(shape)

    def condition(self, part: Any) -> Node:
        """The node of a condition inside an expression: it is about each row, also of a to-many relation."""
        found = filters.build(self, (part,), splits=False).node
        if isinstance(found, Verdict):
            return Constant("1 = 0" if found is NOTHING else "1 = 1")
        return found

    def pinned(self, calls: int, shape: Any) -> Node:
        """The node of *shape*, whose to-many joins are those of the first *calls* calls of ``filter``."""
        joins = self.joins
        before = joins.current, joins.shared
        joins.current, joins.shared = None, calls
        node = self.node(shape)
        joins.current, joins.shared = before
        return node

    def fresh_alias(self) -> str:
        """A name for the table of a query inside."""
        if self.around is not None:
            return self.around.planner.fresh_alias()
        self._inside += 1
        return f"U{self._inside}"

    def subselect(self, query: Query[Any], outer: dict[Any, Node], *, exists: bool = False) -> Select:
        """The SELECT of a query inside, whose values follow those met so far."""
        inner = query.planner(self.dialect, Around(self, outer))
        found: Select = inner.exists() if exists else inner.inside()
        self.index = inner.index
        return found

    def outer(self, name: Any) -> Node:
        """What ``OuterRef`` names."""
        if self.around is None:
            raise ValueError(
                f"OuterRef({name!r}) refers to an outer query: this query can only be asked inside another, as the "
                "query set of a Subquery, an Exists or a lookup."
            )
        return self.around.nodes[name]

    def value(self, kind: Kind | None) -> Node:
        """A slot for the next value."""
        index, self.index = self.index, self.index + 1
        if kind is None:
            return Slot(index)
        return Slot(index, self.dialect.to_db(Type(kind)), kind)

    # -- Clauses -------------------------------------------------------------------------------

    def filter(self) -> Node | None:
        """The WHERE, and the rest on the side; ``impossible`` is set when nothing can match."""
        found = filters.split(self, self.query.where)
        self.joins.require(found.needs)
        kinds = (found.where, found.having, found.qualify)
        self.impossible = NOTHING in kinds
        self._where, self._having, self._qualify = (None if isinstance(one, Verdict) else one for one in kinds)
        return self._where

    def order(self) -> tuple[Order, ...]:
        """The ORDER BY.  A grouped query has no default order: it would split the groups."""
        backwards = self.query.reversed
        return tuple(self._order(*term, backwards=backwards) for term in terms_of(self.query))

    def _order(self, shape: Any, descending: bool, nulls: Any, *, backwards: bool) -> Order:
        if shape == RANDOM:
            operand: Node = Call("RANDOM", ())
        elif shape.__class__ is tuple and shape[0] == ALIAS:
            operand = Column("", label(shape[1], self.query.annotations))
            annotation = annotation_named(self.query.annotations, shape[1])
            shape = None if annotation is None else annotation.shape
        else:
            operand = comparable(self.node(shape), self.output(shape))
        if shape is not None and shape != RANDOM and not isinstance(operand, JSONAt):
            type_ = self.output(shape)
            if type_ is not None and type_.kind is Kind.JSON:
                operand = JSONAt(operand, Slot(-1), "")
        return Order(operand, descending is not backwards, FLIPPED[nulls] if backwards else nulls)

    def window(self, kind: Kind | None = None) -> tuple[Node | None, Node | None]:
        """LIMIT and OFFSET as slots: their numbers are values."""
        limit = self.value(kind) if self.query.limit is not None else None
        offset = self.value(kind) if self.query.offset else None
        return limit, offset

    def reserve(self) -> None:
        """Join what filters demand, so that computed columns find those joins and share them."""
        for path, call, pin in mentioned(self.query.where):
            if pin is None:
                self.joins.alias(path.steps, call)

    def columns(self) -> tuple[Node, ...]:
        """What is selected: fields, or the named columns, and what is computed for them."""
        query = self.query
        emitted = query.emitted()
        ordering = ordering_columns(query)
        if emitted or query.named_after or any(path.many for path in ordering):
            self.reserve()
        computed = {one.name: self._computed(one, query.annotations) for one in emitted}
        if query.columns is not None:
            own: list[Node] = [
                computed.pop(column) if isinstance(column, str) else self.named(column) for column in query.columns
            ]
            return (*own, *computed.values(), *map(self.column, ordering))
        own = [Column(self.joins.table, field.column) for field in fields_at(query.loaded, (), query.model)]
        for steps in query.related:
            self._check_key_loaded(steps)
            alias = self.joins.alias(steps)
            own += [Column(alias, field.column) for field in fields_at(query.loaded, steps, steps[-1].target)]
        own += computed.values()
        if query.link is not None:
            self._link = len(own)
            own.append(self.column(*query.link))
        return (*own, *map(self.column, ordering))

    def _check_key_loaded(self, steps: tuple[Step, ...]) -> None:
        step, before = steps[-1], steps[:-1]
        owner = before[-1].target if before else self.query.model
        if step.forward and step.relation.field not in fields_at(self.query.loaded, before, owner):
            raise FieldError(
                f"{step.relation.field} cannot be both left out by only() or defer() and followed by select_related()."
            )

    def named(self, path: Path) -> Node:
        """A column of ``values()``: across a to-many relation, of the rows that earlier filters are about."""
        return self.pinned(self.query.named_after, path)

    def _computed(self, annotation: Annotation, among: tuple[Annotation, ...]) -> Alias:
        shape, first = annotation.shape, self.index
        node = self.node(shape)
        if self.index > first and self.query.aggregated and not (has_aggregate(shape) or has_window(shape)):
            self._keys[shape] = (node, self.index - first)
        return Alias(comparable(node, self.output(shape)), label(annotation.name, among))

    # -- Whole statements ----------------------------------------------------------------------

    def select(self, columns: tuple[Node, ...] | None = None) -> Select:
        """The SELECT.  Clauses are walked in the order of the query's values: columns, where, order, window."""
        query = self.query
        chosen = self.columns() if columns is None else columns
        where = self.filter()
        if self.impossible:
            where = Constant("1 = 0")  # it is never sent, but people read it
        order = self.order()
        per = columns is None and query.link is not None and query.sliced
        limit, offset = self.window(Kind.BIGINT if per else None)
        group = group_by(self, chosen, order) if self._having is not None or is_grouped(query) else ()
        picked = query.distinct if isinstance(query.distinct, bool) else tuple(map(self.column, query.distinct))
        table = Table(self.meta.db_table, self.joins.table)
        joins = self.joins.nodes()
        cut = (None, None) if per else (limit, offset)
        found = Select(chosen, table, joins, where, order, *cut, picked, group, self._having, query.lock)
        if self._qualify is not None:
            found = qualified(found, self._qualify)
        return sliced_per(found, found.columns[self._link], limit, offset) if per else found

    def inside(self) -> Select:
        """The SELECT as the values of another, which has no columns that only order it."""
        found, named = self.select(), self.query.columns
        return found if named is None or len(named) == len(found.columns) else narrowed(found, len(named))

    def keys(self) -> Select:
        """The keys of the rows that :meth:`filter` found, as a subquery."""
        table = Table(self.meta.db_table, self.joins.table)
        group = () if self._having is None else group_by(self, (), ())
        joins = self.joins.nodes()
        found = Select((self.key(),), table, joins, self._where, group=group, having=self._having)
        return found if self._qualify is None else qualified(found, self._qualify)

    @property
    def grouped(self) -> bool:
        """Whether :meth:`filter` found conditions on groups, or on windows."""
        return self._having is not None or self._qualify is not None

    def count(self) -> Select:
        """How many rows; of a window, of distinct rows or of groups, counted around them."""
        query = self.query
        plain = query.group is None and not query.distinct and not query.spread
        if plain and not query.sliced and not has_window(query.where):
            found = self.select((Constant("COUNT(*)"),))
            if self._having is None:
                return found
            return around(found.replaced(columns=(Alias(self.key(), "col1"),)))
        inner = self.select((self.key(),)) if plain else self.select()
        return around(inner.replaced(columns=numbered(inner.columns)))

    def exists(self) -> Select:
        """One row, if there is any."""
        query = self.query
        if query.group is not None or (query.sliced and (query.distinct or query.spread)):
            inner = self.select()
            inner = inner.replaced(columns=numbered(inner.columns))
            return Select((Constant("1"),), Alias(inner, AROUND), limit=Constant("1"))
        found = self.select((Constant("1"),)).replaced(distinct=False)
        return found if found.limit is not None else found.replaced(limit=Constant("1"))

    def aggregate(self, computed: tuple[Annotation, ...]) -> Select:
        """One row of aggregates over all rows."""
        nodes = tuple(self._computed(one, computed) for one in computed)
        where = self.filter()
        if self.impossible:
            # No row can match; the database still knows which aggregates are 0 then, and which NULL.
            where, self.impossible = Constant("1 = 0"), False
        if self._qualify is not None:
            raise NotSupportedError(
                "aggregate() after a condition on a window: annotate() the window and filter by it."
            )
        return Select(nodes, Table(self.meta.db_table, self.joins.table), self.joins.nodes(), where)

    def aggregate_around(self, computed: tuple[Annotation, ...]) -> Select:
        """One row of aggregates over the rows that the query gives: of a window, of distinct rows or of groups."""
        query = self.query
        inner = self.select()
        if self.impossible:
            inner, self.impossible = inner.replaced(where=Constant("1 = 0")), False
        if query.columns is None:
            names = [field.column for field in fields_at(query.loaded, (), query.model)]
        else:
            names = list(query.names)
        names += [f"related{number}" for number in range(len(inner.columns) - len(names))]
        columns = tuple(
            one if isinstance(one, Alias) else Alias(one, name) for one, name in zip(inner.columns, names, strict=True)
        )
        return Select(
            tuple(self._computed(one, computed) for one in computed), Alias(inner.replaced(columns=columns), AROUND)
        )

    def key(self) -> Column:
        """The column of the key."""
        return Column(self.joins.table, self.meta.pk.column)


def around(inner: Select) -> Select:
    """How many rows *inner* gives."""
    return Select((Constant("COUNT(*)"),), Alias(inner, AROUND))


def narrowed(inner: Select, width: int) -> Select:
    """The first columns of *inner*, whose own order and window stay inside."""
    columns = tuple(
        one if isinstance(one, Alias) else Alias(one, f"col{number}") for number, one in enumerate(inner.columns, 1)
    )
    return Select(
        tuple(Column(AROUND, one.name) for one in columns[:width]), Alias(inner.replaced(columns=columns), AROUND)
    )


def numbered(columns: tuple[Node, ...]) -> tuple[Node, ...]:
    """The columns under names that are surely different."""
    return tuple(
        Alias(one.node if isinstance(one, Alias) else one, f"col{number}") for number, one in enumerate(columns, 1)
    )


__all__ = ["Planner"]
