"""``Query``: everything a query set was told, as an immutable value.

Structure and values never mix.  ``shape`` is hashable and decides the SQL; ``values`` fill its slots.  Each clause
keeps the two side by side, in the order in which the planner walks them: where, order, limit, offset.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, Self, TypeAlias, TypeVar

from dorm.exceptions import FieldError
from dorm.expressions import Combinable, OrderBy
from dorm.meta.conditions import ModelScope, has_many, resolve
from dorm.meta.paths import Path, path_of, steps_of

if TYPE_CHECKING:
    from dorm.meta.conditions import Part
    from dorm.meta.paths import Condition
    from dorm.meta.relations import Step
    from dorm.query.loading import Loaded

M = TypeVar("M")

Result: TypeAlias = Literal["instances", "dicts", "tuples", "flat", "named"]
RANDOM = "?"


class Prefetching(NamedTuple):
    """One lookup of ``prefetch_related``: its path, the query to use instead of all rows, the attribute to fill."""

    path: tuple[str, ...]
    query: Query[Any] | None = None
    to_attr: str | None = None


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
    loaded: Loaded
    link: Path | None
    """A column of the join that leads here from elsewhere: results are then pairs (its value, instance)."""
    lock: tuple[str, ...] | None
    """Words after FOR UPDATE; ``None`` when rows are not locked."""
    prefetch: tuple[Prefetching, ...]
    """What is loaded afterwards by queries of its own; not part of the shape."""
    columns: tuple[Path, ...] | None
    names: tuple[str, ...]
    result: Result
    distinct: bool
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
            "loaded": (),
            "link": None,
            "lock": None,
            "prefetch": (),
            "columns": None,
            "names": (),
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
        parts = resolve(self.model, conditions, lookups, values)
        changes: dict[str, Any] = {"where_values": (*self.where_values, *values)}
        if has_many(parts):
            # Joins over to-many relations are shared within one call of filter() only.
            changes["calls"] = self.calls + 1
            parts = [("AND", False, tuple(parts), self.calls + 1)]
        if negated:
            parts = [("AND", True, tuple(parts), None)] if parts else []
        changes["where"] = (*self.where, *parts)
        return self._but(changes)

    def holding(self, condition: Condition, value: Any) -> Self:
        """With one further condition, made by hand, on a join that later calls of ``filter`` do not share."""
        call = self.calls + 1
        part = ("AND", False, (condition,), call)
        return self._but({"where": (*self.where, part), "where_values": (*self.where_values, value), "calls": call})

    def awaiting(self, conditions: tuple[Condition, ...]) -> Self:
        """Where these conditions hold, in no order, for values that are still to come."""
        values = (None,) * len(conditions)
        return self._but({"where": conditions, "where_values": values, "order": (), "order_values": ()})

    def ordered_by(self, terms: tuple[Any, ...]) -> Self:
        """In another order; without terms, in none."""
        values: list[Any] = []
        order = _order(self.model, terms, values)
        return self._but({"order": order, "order_values": tuple(values), "reversed": False})

    def unordered(self) -> Self:
        """In no order: for questions whose answer does not depend on it."""
        if self.order == ():
            return self
        return self._but({"order": (), "order_values": (), "reversed": False})

    def backwards(self) -> Self:
        """In the opposite order."""
        return self._but({"reversed": not self.reversed})

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

    def linked_through(self, link: Path, condition: Condition, keys: Any) -> Self:
        """The rows with a link to one of *keys*, each with the key: pairs, a row as often as it is linked."""
        return self.holding(condition, keys)._but({"link": link})

    def locked(self, *words: str) -> Self:
        """With its rows locked until the transaction ends, where the database locks rows."""
        return self._but({"lock": words})

    def prefetching(self, prefetch: tuple[Prefetching, ...]) -> Self:
        """With further relations loaded afterwards; an empty tuple takes all back."""
        return self._but({"prefetch": self.prefetch + prefetch if prefetch else ()})

    def yielding(self, result: Result, names: tuple[str, ...]) -> Self:
        """Giving dicts, tuples or single values of the named fields instead of instances."""
        names = names or tuple(field.attname for field in self.model._meta.fields)  # type: ignore[attr-defined]  # a model
        repeated = [name for index, name in enumerate(names) if name in names[:index]]
        if repeated and result == "dicts":
            names = tuple(dict.fromkeys(names))
        columns = tuple(path_of(self.model, name) for name in names)
        return self._but({"result": result, "columns": columns, "names": names, "related": (), "loaded": ()})

    def made_distinct(self) -> Self:
        """Without duplicate rows."""
        return self._but({"distinct": True})

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
        return bool(self.order) or (self.order is None and bool(self.model._meta.ordering))  # type: ignore[attr-defined]  # a model

    # -- Shape and values ----------------------------------------------------------------------

    def shape(self) -> tuple[Any, ...]:
        """What decides the SQL, without a value."""
        return (
            self.model,
            self.where,
            self.order,
            self.reversed,
            self.related,
            self.loaded,
            self.link,
            self.lock,
            self.columns,
            self.result,
            self.names,
            self.distinct,
            self.limit is None,
            self.offset == 0,
        )

    def values(self) -> tuple[Any, ...]:
        """What fills the slots."""
        values = self.where_values + self.order_values if self.order_values else self.where_values
        if self.limit is not None:
            values = (*values, self.limit)
        if self.offset:
            values = (*values, self.offset)
        return values


def _order(model: Any, terms: tuple[Any, ...], values: list[Any]) -> tuple[Any, ...]:
    """The terms of one ``order_by``; what names alone mean is remembered with the model."""
    known: dict[Any, Any] = model._meta.orders
    if all(term.__class__ is str for term in terms):
        found = known.get(terms)
        if found is None:
            found = tuple(shape for term in terms for shape in order_terms(model, term, values))
            if len(known) < _REMEMBERED:
                known[terms] = found
        order: tuple[Any, ...] = found
        return order
    return tuple(shape for term in terms for shape in order_terms(model, term, values))


_REMEMBERED = 1000
"""Orderings kept per model: a web client may ask for every combination of fields."""


def order_terms(model: Any, term: Any, values: list[Any]) -> list[Any]:
    """The terms that one argument of ``order_by`` means."""
    if isinstance(term, OrderBy):
        return [term.shape(ModelScope(model), values)]
    if isinstance(term, Combinable):
        return [(term.shape(ModelScope(model), values), False, None)]
    if not isinstance(term, str):
        raise FieldError(f"order_by takes names of fields and expressions, not {term!r}.")
    if term == RANDOM:
        return [(RANDOM, False, None)]
    descending, name = term.startswith("-"), term.removeprefix("-").removeprefix("+")
    path = path_of(model, name)
    if path.field.remote_field is None or name.endswith(("pk", path.field.attname)):
        return [(path, descending, None)]
    return _order_of_related(model, name, path, descending, values)


def _order_of_related(model: Any, name: str, path: Path, descending: bool, values: list[Any]) -> list[Any]:
    """A relation is ordered as its model is, or by key when that has no ordering."""
    ordering = path.field.remote_field.model._meta.ordering
    if not ordering or not all(isinstance(term, str) and term != RANDOM for term in ordering):
        return [(path, descending, None)]
    terms: list[Any] = []
    for term in ordering:
        inner = f"{name}__{term.removeprefix('-')}"
        flipped = term.startswith("-") is not descending
        terms += order_terms(model, f"-{inner}" if flipped else inner, values)
    return terms


def default_order(model: Any) -> tuple[Any, ...]:
    """The terms of ``Meta.ordering``; values in it are refused when the class is made."""
    terms: list[Any] = []
    for term in model._meta.ordering:
        terms += order_terms(model, term, [])
    return tuple(terms)
