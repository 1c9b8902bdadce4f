"""``Query``: everything a query set was told, as an immutable value.

Structure and values never mix.  ``shape`` is hashable and decides the SQL; ``values`` fill its slots.  Each clause
keeps the two side by side, in the order in which the planner walks them: where, order, limit, offset.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Literal, Self, TypeAlias, TypeVar

from dorm.exceptions import FieldError
from dorm.expressions import has_aggregate, has_window, is_pinned, outputs
from dorm.lookups import NONE
from dorm.meta.conditions import Annotation, ModelScope, has_many, pinned, resolve
from dorm.meta.paths import Path, path_of, steps_of
from dorm.query.columns import columns_of, grouping
from dorm.query.mentioned import joined_in
from dorm.query.ordering import ALIAS, order_of
from dorm.run import load

if TYPE_CHECKING:
    from dorm.expressions import Shape
    from dorm.meta.conditions import Part
    from dorm.meta.paths import Condition
    from dorm.meta.relations import Step
    from dorm.query.loading import Loaded
    from dorm.query.planner import Around, Planner
    from dorm.query.prefetching import Prefetching
    from dorm.sql.dialect import Dialect
    from dorm.sql.kinds import Type

M = TypeVar("M")

Result: TypeAlias = Literal["instances", "dicts", "tuples", "flat", "named"]


class Query(Generic[M]):
    """One query about the rows of one model.  Methods return new queries; nothing changes one."""

    model: type[M]
    where: tuple[Part, ...]
    where_values: tuple[Any, ...]
    order: tuple[Any, ...] | None
    """Terms (shape, descending, nulls); ``None`` is the model's own ordering."""
    order_values: tuple[Any, ...]
    reversed: bool
    related: tuple[tuple[Step, ...], ...]
    annotations: tuple[Annotation, ...]
    group: tuple[Any, ...] | None
    """What ``values()`` named before an aggregate was annotated: the rows are grouped by it."""
    loaded: Loaded
    link: tuple[Path, int] | None
    """The column that leads here from elsewhere, and the call of its join: results are pairs (its value, instance).

    A slice is one of the rows of each value.
    """
    lock: tuple[str, ...] | None
    """The strength of a row lock, then the words at its end; ``None`` when rows are not locked."""
    prefetch: tuple[Prefetching, ...]
    """What is loaded afterwards by queries of its own; not part of the shape."""
    columns: tuple[Path | str, ...] | None
    """Paths, and names of annotations."""
    names: tuple[str, ...]
    named_after: int
    """How many calls of ``filter`` crossed to-many relations before columns across them were named."""
    result: Result
    distinct: bool | tuple[Path, ...]
    """Without duplicate rows; or only the first of the rows that have the same values in these columns."""
    limit: int | None
    offset: int
    calls: int

    def __init__(self, model: type[M]) -> None:
        self.__dict__ = {
            "model": model,
            "where": (),
            "where_values": (),
            "order": None,
            "order_values": (),
            "reversed": False,
            "related": (),
            "annotations": (),
            "group": None,
            "loaded": (),
            "link": None,
            "lock": None,
            "prefetch": (),
            "columns": None,
            "names": (),
            "named_after": 0,
            "result": "instances",
            "distinct": False,
            "limit": None,
            "offset": 0,
            "calls": 0,
        }

    def _but(self, changes: dict[str, Any]) -> Self:
        made = object.__new__(type(self))
        made.__dict__ = self.__dict__ | changes
        return made

    # -- Clauses -------------------------------------------------------------------------------

    def filtered(self, conditions: tuple[Any, ...], lookups: dict[str, Any], *, negated: bool = False) -> Self:
        """With further conditions, all of which must hold (or, *negated*, must not hold together)."""
        values: list[Any] = []
        parts = resolve(self, conditions, lookups, values)
        changes: dict[str, Any] = {"where_values": (*self.where_values, *values)}
        if has_many(parts):
            # Joins over to-many relations are shared within one call of filter() only.
            changes["calls"] = call = self._next_call()
            parts = [("AND", False, tuple(parts), call)]
        if negated:
            parts = [("AND", True, tuple(parts), None)] if parts else []
        changes["where"] = (*self.where, *parts)
        return self._but(changes)

    def _next_call(self) -> int:
        return self.calls + 1

    def emptied(self) -> Self:
        """With a condition that nothing meets, so that no database is asked."""
        return self._but({"where": (*self.where, NONE)})

    @property
    def is_none(self) -> bool:
        """Whether :meth:`emptied` made sure that there are no rows."""
        return NONE in self.where

    def holding(self, condition: Condition, value: Any, call: int | None = None) -> Self:
        """With one further condition, made by hand, on the joins of *call*: by default of one that is not shared."""
        call = self.calls + 1 if call is None else call
        where = (*self.where, ("AND", False, (condition,), call))
        return self._but({"where": where, "where_values": (*self.where_values, value), "calls": max(call, self.calls)})

    def under(self, where: tuple[Part, ...], values: tuple[Any, ...], calls: int) -> Self:
        """Under these conditions instead, in which filters over to-many relations are numbered up to *calls*."""
        return self._but({"where": where, "where_values": values, "calls": calls})

    def ordered_as(self, other: Query[Any]) -> Self:
        """In the order of *other*, which is about the same model."""
        return self._but({"order": other.order, "order_values": other.order_values, "reversed": other.reversed})

    def giving_as(self, other: Query[Any]) -> Self:
        """Giving what *other* gives, which is about the same model."""
        changes = {"columns": other.columns, "names": other.names, "named_after": other.named_after}
        return self._but({**changes, "result": other.result})

    def awaiting(self, conditions: tuple[Condition, ...]) -> Self:
        """Where these conditions hold, in no order, for values that are still to come."""
        values = (None,) * len(conditions)
        return self._but({"where": conditions, "where_values": values, "order": (), "order_values": ()})

    def ordered_by(self, terms: tuple[Any, ...]) -> Self:
        """In another order; without terms, in none."""
        values: list[Any] = []
        order = order_of(self, terms, values)
        return self._but({"order": order, "order_values": tuple(values), "reversed": False})

    def unordered(self) -> Self:
        """In no order: for questions whose answer does not depend on it."""
        if self.order == ():
            return self
        return self._but({"order": (), "order_values": (), "reversed": False})

    def backwards(self) -> Self:
        """In the opposite order."""
        return self._but({"reversed": not self.reversed})

    # -- Computed columns ----------------------------------------------------------------------

    def reference(self, name: str, values: list[Any]) -> Shape:
        """What *name* means here: a path of the model, or an annotation."""
        return ModelScope(self.model, self.annotations).reference(name, values)

    def condition(self, condition: Any, values: list[Any]) -> Any:
        """What a ``Q`` means here."""
        return ModelScope(self.model, self.annotations).condition(condition, values)

    def annotated(self, expressions: dict[str, Any], *, selected: bool) -> Self:
        """With computed columns; those that are not *selected* can only be referred to."""
        query = self
        for name, expression in expressions.items():
            query = query._with_annotation(name, expression, selected=selected)
        return query

    def _with_annotation(self, name: str, expression: Any, *, selected: bool) -> Self:
        values: list[Any] = []
        shape = expression.shape(self, values)
        made = Annotation(name, pinned(shape, self.calls), tuple(values), selected)
        others = tuple(one for one in self.annotations if one.name != name)
        changes: dict[str, Any] = {"annotations": (*others, made)}
        if self.columns is not None:
            if has_aggregate(shape) and self.group is None:
                changes["group"] = grouping(self.columns, self.annotations)
            if selected and name not in self.names:
                changes |= {"columns": (*self.columns, name), "names": (*self.names, name)}
        return self._but(changes)

    def emitted(self) -> tuple[Annotation, ...]:
        """The annotations that stand in the SELECT: those that come back, and those that order it."""
        ordering = {term[0][1] for term in self.order or () if term[0].__class__ is tuple and term[0][0] == ALIAS}
        if self.columns is not None:
            wanted = {name for name in self.columns if isinstance(name, str)}
        else:
            wanted = {one.name for one in self.annotations if one.selected}
        if self.group is not None:
            wanted |= {name for name in self.group if isinstance(name, str)}
        return tuple(one for one in self.annotations if one.name in wanted or one.name in ordering)

    @property
    def aggregated(self) -> bool:
        """Whether rows are grouped."""
        return self.group is not None or any(has_aggregate(one.shape) for one in self.annotations)

    @property
    def windowed(self) -> bool:
        """Whether something is computed over windows of its rows."""
        return any(has_window(one.shape) for one in self.annotations)

    def hollow(self) -> Self:
        """The same structure without the values, which a plan must not keep."""
        empty = tuple(one._replace(values=()) for one in self.annotations)
        window = {"limit": None if self.limit is None else 0, "offset": 1 if self.offset else 0}
        return self._but({"where_values": (), "order_values": (), "annotations": empty, **window})

    def unannotated(self) -> Self:
        """Without computed columns, where they only come back."""
        return self._but({"annotations": ()}) if self.annotations else self

    def bare(self) -> Self:
        """Without what does not change how many rows there are."""
        unordered = self.unordered()
        return unordered if self.group is not None or self.distinct or self.spread else unordered.unannotated()

    @property
    def spread(self) -> bool:
        """Whether it selects rows of to-many relations, or groups what its filters found there.

        Then there are not as many rows as those that the filters find.
        """
        if any(isinstance(one, Path) and one.many for one in self.columns or ()):
            return True
        if self.calls and self.aggregated:
            return True
        return any(is_pinned(one.shape) and not has_aggregate(one.shape) for one in self.annotations)

    def tested(self) -> Self:
        """Without what does not change whether there is any row."""
        if self.sliced or self.group is not None:
            return self.bare()
        return self._but({"distinct": False}).unordered().unannotated()

    def type_given(self) -> Type | None:
        """The type of the first of the named columns."""
        assert self.columns, "columns were named"
        column = self.columns[0]
        if isinstance(column, str):
            return next(outputs.output(one.shape) for one in self.annotations if one.name == column)
        type_: Type = column.field.sql_type
        return type_

    # -- What comes with each row --------------------------------------------------------------

    def with_related(self, names: tuple[str, ...]) -> Self:
        """With the instances at the end of these paths, loaded by joins."""
        paths = dict.fromkeys(self.related)
        for name in names:
            if not isinstance(name, str):
                raise FieldError(f"select_related takes names of relations, not {name!r}.")
            steps = steps_of(self.model, name)
            for length in range(1, len(steps) + 1):
                paths[steps[:length]] = None
        return self._but({"related": tuple(paths)})

    def without_related(self) -> Self:
        """Without the joins of :meth:`with_related`."""
        return self._but({"related": ()})

    def loading(self, loaded: Loaded) -> Self:
        """With some of the fields only; the others are loaded when they are read."""
        return self._but({"loaded": loaded})

    def keyed(self, link: Path) -> Self:
        """With the value of *link* beside each instance: pairs, and a slice is one of the rows of each value."""
        return self._but({"link": (link, 0)})

    def linked_through(self, link: Path, condition: Condition, keys: Any) -> Self:
        """The rows with a link to one of *keys*, each with the key: pairs, a row as often as it is linked."""
        call = joined_in(self, link.steps)
        return self.holding(condition, keys, call)._but({"link": (link, call)})

    def locked(self, *words: str) -> Self:
        """With its rows locked until the transaction ends, where the database locks rows."""
        return self._but({"lock": words or ("",)})

    def prefetching(self, prefetch: tuple[Prefetching, ...]) -> Self:
        """With further relations loaded afterwards; an empty tuple takes all back."""
        return self._but({"prefetch": self.prefetch + prefetch if prefetch else ()})

    def yielding(self, result: Result, names: tuple[str, ...]) -> Self:
        """Giving dicts, tuples or single values of the named fields instead of instances."""
        if not names:
            names = tuple(field.attname for field in self.model._meta.fields)  # type: ignore[attr-defined]  # a model
            names += tuple(annotation.name for annotation in self.annotations if annotation.selected)
        repeated = [name for index, name in enumerate(names) if name in names[:index]]
        if repeated and result == "dicts":
            names = tuple(dict.fromkeys(names))
        changes = {"result": result, "names": names, "related": (), "loaded": ()}
        return self._but(changes | columns_of(self, names))

    def made_distinct(self, names: tuple[str, ...] = ()) -> Self:
        """Without duplicate rows; with *names*, only the first of the rows that have the same values there."""
        return self._but({"distinct": tuple(path_of(self.model, name) for name in names) or True})

    @property
    def picks(self) -> bool:
        """Whether the order decides which rows there are."""
        return self.distinct.__class__ is tuple

    def window(self, start: int | None, stop: int | None) -> Self:
        """The rows *start* to *stop* of those that it gave before."""
        offset, limit = self.offset + (start or 0), self.limit
        if limit is not None:
            limit = max(limit - (start or 0), 0)
        if stop is not None:
            wanted = max(stop - (start or 0), 0)
            limit = wanted if limit is None else min(limit, wanted)
        return self._but({"limit": limit, "offset": offset})

    def limited(self, count: int) -> Self:
        """At most *count* rows."""
        if self.limit is not None and self.limit < count:
            return self
        return self._but({"limit": count})

    @property
    def sliced(self) -> bool:
        """Whether a window was cut out."""
        return self.limit is not None or self.offset > 0

    @property
    def ordered(self) -> bool:
        """Whether the rows come in a defined order."""
        if self.order is not None:
            return bool(self.order) or self.is_none
        own: Any = self.model
        return (bool(own._meta.ordering) and self.group is None) or self.is_none

    def planner(self, dialect: Dialect, around: Around | None = None) -> Planner:
        """What plans it, alone or inside another."""
        planner: Planner = load("dorm.query.planner").Planner(self, dialect, around)
        return planner

    def face(self) -> Query[Any]:
        """The query that says what the rows come back as."""
        return self

    # -- Shape and values ----------------------------------------------------------------------

    def shape(self) -> tuple[Any, ...]:
        """What decides the SQL, without a value."""
        return (
            self.model,
            self.where,
            self.order,
            self.reversed,
            self.related,
            self.annotations and annotation_shapes(self.annotations),
            self.group,
            self.loaded,
            self.link,
            self.lock,
            self.columns,
            self.result,
            self.names,
            self.named_after,
            self.distinct,
            self.limit is None,
            self.offset == 0,
        )

    def values(self) -> tuple[Any, ...]:
        """What fills the slots."""
        values = self.where_values + self.order_values if self.order_values else self.where_values
        if self.annotations:
            values = tuple(value for one in self.emitted() for value in one.values) + values
        if self.limit is not None:
            values = (*values, self.limit)
        if self.offset:
            values = (*values, self.offset)
        return values


def annotation_shapes(annotations: tuple[Annotation, ...]) -> tuple[Any, ...]:
    """What decides the SQL of computed columns, without their values."""
    return tuple((one.name, one.shape, one.selected) for one in annotations)
