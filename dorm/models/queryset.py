"""``QuerySet``, the chainable half: methods that describe a query and ask no database.

Every method returns a new query set.  The terminal half, which asks, is in :mod:`dorm.models.execution`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar, overload

from dorm import actions, db
from dorm.exceptions import NotSupportedError
from dorm.models.asking import lock_words
from dorm.models.calendar import beginnings
from dorm.models.changes import Changing
from dorm.models.naming import named_columns, named_expressions
from dorm.models.prefetch import Prefetch, prefetching
from dorm.models.printed import PrintedQuery
from dorm.query import loading
from dorm.query.combined import CombinedQuery
from dorm.query.linked import Linked
from dorm.query.merged import merged
from dorm.query.nested import nested

if TYPE_CHECKING:
    import datetime
    from collections.abc import Sequence
    from typing import Self

    from dorm.aggregates import Aggregate
    from dorm.expressions import Combinable, Nested, Q
    from dorm.meta.paths import Condition
    from dorm.query.combined import Operator
    from dorm.query.query import Query

M = TypeVar("M")
TEXTS = frozenset({str})


class QuerySet(Changing[M]):
    """A query about the rows of one model, asked when it is iterated, awaited or told to by a terminal method."""

    manager_class: ClassVar[Any]
    """What :meth:`as_manager` makes; set by the module above this one."""
    combined_class: ClassVar[Any]
    """What :meth:`union` and its like make; set by the module above this one."""

    def __init__(self, model: Any = None, query: Query[Any] | None = None, using: str | None = None) -> None:
        self.model = model
        self._query: Query[Any] = query if query is not None else model._meta.all_rows
        self._using = using
        self._result_cache: list[Any] | None = None
        self._known: tuple[str, Any] | None = None

    def _with(self, query: Query[Any]) -> Self:
        made = object.__new__(self.__class__)
        made.__dict__ = self.__dict__ | {"_query": query, "_result_cache": None}
        return made

    def _unsliced(self, method: str) -> Query[Any]:
        query = self._query
        if query.limit is not None or query.offset:
            raise TypeError(f"Cannot use {method}() once a slice has been taken: call it before slicing.")
        return query

    # -- Which rows ----------------------------------------------------------------------------

    def all(self) -> Self:
        """The same rows, to be asked for anew."""
        return self._with(self._query)

    def none(self) -> Self:
        """No rows, without asking."""
        return self._with(self._query.emptied())

    def filter(self, *conditions: Q | Combinable, **lookups: Any) -> Self:
        """The rows for which all conditions hold.  ``FieldError`` for a name that means nothing."""
        return self._with(self._unsliced("filter").filtered(conditions, lookups))

    def exclude(self, *conditions: Q | Combinable, **lookups: Any) -> Self:
        """The rows for which the conditions do not all hold."""
        return self._with(self._unsliced("exclude").filtered(conditions, lookups, negated=True))

    def distinct(self, *fields: str) -> Self:
        """Without duplicate rows; with *fields* (PostgreSQL) only the first of the rows with the same values there."""
        return self._with(self._unsliced("distinct").made_distinct(fields))

    def union(self, *other_qs: QuerySet[Any], all: bool = False) -> QuerySet[M]:
        """The rows of this and of the others, without duplicates unless *all*.  Their columns must match."""
        return self._combined("UNION ALL" if all else "UNION", other_qs)

    def intersection(self, *other_qs: QuerySet[Any]) -> QuerySet[M]:
        """The rows that this and all the others give."""
        return self._combined("INTERSECT", other_qs)

    def difference(self, *other_qs: QuerySet[Any]) -> QuerySet[M]:
        """The rows of this that none of the others gives."""
        return self._combined("EXCEPT", other_qs)

    def _combined(self, operator: Operator, others: tuple[Any, ...]) -> QuerySet[M]:
        for other in others:
            if not isinstance(other, QuerySet):
                raise TypeError(f"Query sets are combined with query sets, not with {other!r}.")
        full = [other for other in others if not other.described.is_none]
        if operator.startswith("UNION") and self._query.is_none and full:
            first: QuerySet[M] = full[0]
            return first._combined(operator, tuple(full[1:]))
        if operator == "INTERSECT" and len(full) < len(others):
            return self.none()
        if not full or self._query.is_none:
            return self
        query = CombinedQuery(operator, (self._query, *(other.described for other in full)))
        made: QuerySet[M] = object.__new__(self.combined_class)
        made.__dict__ = self.__dict__ | {"_query": query, "_result_cache": None, "_known": None}
        return made

    def using(self, alias: str) -> Self:
        """On another database."""
        made = self._with(self._query)
        made._using = alias
        return made

    # -- In which order ------------------------------------------------------------------------

    def order_by(self, *terms: str | Combinable | Q) -> Self:
        """In this order: names, ``-name`` for descending, ``"?"`` for random, expressions.  Without terms, in none."""
        return self._with(self._unsliced("order_by").ordered_by(terms))

    def reverse(self) -> Self:
        """In the opposite order."""
        return self._with(self._unsliced("reverse").backwards())

    @property
    def ordered(self) -> bool:
        """Whether the rows come in a defined order."""
        return self._query.ordered

    # -- What comes back -----------------------------------------------------------------------

    def select_related(self, *names: str | None) -> Self:
        """With related instances loaded by joins; ``None`` takes that back, no argument follows every non-null key."""
        query = self._query
        if query.result != "instances":
            raise TypeError("Cannot use select_related() after values() or values_list(): there are no instances.")
        if names == (None,):
            return self._with(query.without_related())
        chosen = names or tuple(field.name for field in self.model._meta.fields if field.is_relation and not field.null)
        return self._with(query.with_related(chosen))  # type: ignore[arg-type]  # names are checked there

    def annotate(self, *args: Aggregate, **named: Combinable | Q) -> Self:
        """With a computed column per name: an attribute of each instance, usable in later calls.

        An aggregate groups the rows: by the instance, or by what ``values()`` named before.
        """
        return self._with(self._annotated(args, named, "annotate", selected=True))

    def alias(self, *args: Aggregate, **named: Combinable | Q) -> Self:
        """With computed columns that later calls can refer to, and that do not come back."""
        return self._with(self._annotated(args, named, "alias", selected=False))

    def _annotated(self, args: tuple[Any, ...], named: dict[str, Any], method: str, *, selected: bool) -> Query[M]:
        made = self._query.annotated(named_expressions(self._query, args, named, method), selected=selected)
        if made.sliced and made.aggregated:
            self._unsliced(method)  # which refuses: groups are made before a slice is cut
        return made

    def select_for_update(
        self, nowait: bool = False, skip_locked: bool = False, of: Sequence[str] = (), no_key: bool = False
    ) -> Self:
        """With its rows locked until the block ends.  ``NotSupportedError`` where rows cannot be locked (SQLite)."""
        dialect = db.connection.dialect_of(self._write_alias())
        if not dialect.features.row_locks:
            raise NotSupportedError(
                f"{dialect.vendor} locks no rows: a writing atomic() block has the whole database for itself already."
            )
        words = lock_words(nowait=nowait, skip_locked=skip_locked, no_key=no_key, of=tuple(of))
        made = self._with(self._unsliced("select_for_update").locked(*words))
        made._using = self._write_alias()
        return made

    def prefetch_related(self, *lookups: str | Prefetch | None) -> Self:
        """With relations of any kind loaded afterwards, one query each; ``None`` takes all of that back."""
        query = self._query
        if lookups == (None,):
            return self._with(query.prefetching(()))
        if query.result != "instances":
            raise TypeError("Cannot use prefetch_related() after values() or values_list(): there are no instances.")
        for lookup in lookups:
            query = query.prefetching((prefetching(self.model, lookup, query.prefetch),))
        return self._with(query)

    def only(self, *names: str) -> Self:
        """With the named fields (and the key) only; another field is loaded when it is read.  Without names, with all.

        What was deferred before stays so; of an earlier ``only()`` nothing is left.
        """
        self._check_loadable("only")
        return self._with(self._query.loading(loading.only(self.model, names, self._query.loaded) if names else ()))

    def defer(self, *names: str | None) -> Self:
        """Without the named fields, which are loaded when they are read; ``None`` takes that back."""
        self._check_loadable("defer")
        if names == (None,):
            return self._with(self._query.loading(()))
        chosen = tuple(name for name in names if name is not None)
        return self._with(self._query.loading(loading.defer(self.model, chosen, self._query.loaded)))

    def _check_loadable(self, method: str) -> None:
        if self._query.result != "instances":
            raise TypeError(f"Cannot call {method}() after values() or values_list(): name the fields there.")

    def values(self, *names: str | Combinable, **expressions: Combinable | Q) -> QuerySet[dict[str, Any]]:
        """Dicts of the named fields, or of all, and of what is computed by name, instead of instances."""
        query: Query[Any] = self._query
        if expressions or not TEXTS.issuperset(map(type, names)):
            query, names = named_columns(query, names, expressions, "values")
        return self._with(query.yielding("dicts", names))  # type: ignore[arg-type,return-value]  # names by now; rows are dicts from here

    @overload
    def values_list(
        self, *names: str | Combinable, flat: Literal[False] = False, named: bool = False
    ) -> QuerySet[tuple[Any, ...]]: ...
    @overload
    def values_list(self, *names: str | Combinable, flat: Literal[True], named: bool = False) -> QuerySet[Any]: ...
    def values_list(self, *names: str | Combinable, flat: bool = False, named: bool = False) -> QuerySet[Any]:
        """Tuples of the named fields and of expressions; with ``flat`` single values; with ``named`` named tuples."""
        if flat and named:
            raise TypeError("'flat' and 'named' can't be used together.")
        if flat and len(names) > 1:
            raise TypeError("'flat' is not valid when values_list is called with more than one field.")
        query: Query[Any] = self._query
        if not TEXTS.issuperset(map(type, names)):
            query, names = named_columns(query, names, {}, "values_list")
        chosen: Any = names or ((self.model._meta.pk.attname,) if flat else ())
        return self._with(query.yielding("flat" if flat else "named" if named else "tuples", chosen))

    def dates(
        self, field_name: str, kind: Literal["year", "month", "week", "day"], order: Literal["ASC", "DESC"] = "ASC"
    ) -> QuerySet[datetime.date]:
        """The beginnings of the years, months, weeks or days in which there is a row, each once, as dates."""
        return self._with(beginnings(self._unsliced("dates"), field_name, kind, order))  # type: ignore[return-value]  # rows are dates from here

    def datetimes(
        self,
        field_name: str,
        kind: Literal["year", "month", "week", "day", "hour", "minute", "second"],
        order: Literal["ASC", "DESC"] = "ASC",
        tzinfo: datetime.tzinfo | None = None,
    ) -> QuerySet[datetime.datetime]:
        """The beginnings of the years, …, seconds in which there is a row, each once, in *tzinfo* or ``TIME_ZONE``."""
        query = beginnings(self._unsliced("datetimes"), field_name, kind, order, tzinfo=tzinfo, moments=True)
        return self._with(query)  # type: ignore[return-value]  # rows are moments from here

    # -- Python's own ways ---------------------------------------------------------------------

    def __and__(self, other: QuerySet[M]) -> Self:
        return self._with(merged(self._query, other, "AND"))

    def __or__(self, other: QuerySet[M]) -> Self:
        return self._merged(other, "OR")

    def __xor__(self, other: QuerySet[M]) -> Self:
        return self._merged(other, "XOR")

    def _merged(self, other: QuerySet[M], connector: str) -> Self:
        made = self._with(merged(self._query, other, connector))
        made._known = None  # the other's rows may belong to another instance
        return made

    @overload
    def __getitem__(self, key: int) -> M: ...
    @overload
    def __getitem__(self, key: slice) -> Self: ...
    def __getitem__(self, key: int | slice) -> Any:
        if isinstance(key, slice):
            stop = key.stop
            if stop.__class__ is int and stop >= 0 and key.start is key.step is self._result_cache is None:
                return self._with(self._query.window(0, stop))
            return self._slice(key)
        if isinstance(key, bool) or not isinstance(key, int):
            raise TypeError(f"A query set is indexed by whole numbers and slices, not by {key!r}.")
        if key < 0:
            raise ValueError("Negative indexing is not supported. Reverse the order and index from the front.")
        if self._result_cache is not None:
            return self._result_cache[key]
        found = list(self._with(self._query.window(key, key + 1)))
        if not found:
            raise IndexError(f"There is no row number {key} in this query set of {self.model.__name__}.")
        return found[0]

    def _slice(self, key: slice) -> Any:
        for end in (key.start, key.stop, key.step):
            if end is not None and (isinstance(end, bool) or not isinstance(end, int)):
                raise TypeError(f"The ends of a slice are whole numbers, not {end!r}.")
            if end is not None and end < 0:
                raise ValueError("Negative slicing is not supported. Reverse the order and slice from the front.")
        if self._result_cache is not None:
            return self._result_cache[key]
        window = self._with(self._query.window(key.start, key.stop))
        return list(window)[:: key.step] if key.step is not None else window

    def as_value_for(self, field: Any) -> Nested:
        """This query as the value of a lookup of *field*: a subquery, of keys unless ``values()`` says otherwise."""
        return nested(self._query, field)

    @property
    def gives(self) -> str:
        """What the rows come back as: ``instances``, ``dicts``, ``tuples``, ``flat`` or ``named``."""
        return self._query.result

    @property
    def is_sliced(self) -> bool:
        """Whether a slice was taken."""
        return self._query.sliced

    @property
    def described(self) -> Query[Any]:
        """The query as a value, for the package's own use."""
        return self._query

    @property
    def query(self) -> PrintedQuery:
        """The SQL, for people: ``str(queryset.query)``."""
        return PrintedQuery(self._query, self.db)

    @query.setter
    def query(self, given: PrintedQuery) -> None:
        self._query, self._result_cache = given.described, None

    def linked_by(self, condition: Condition, key: Any, instance: Any) -> Self:
        """The rows that have a link to *key*, and live where its *instance* does."""
        made = self._with(Linked(self._query.holding(condition, key)))
        if made._using is None:
            made._using = instance.__dict__.get("_alias")
        return made

    def already(self, instance: Any, accessor: str) -> Self:
        """These rows, known without asking when they were prefetched for *instance*."""
        self._result_cache = instance.__dict__.get(actions.select.PREFETCHED, {}).get(accessor)
        return self

    def reached_from(self, cache: str, instance: Any) -> Self:
        """These rows, as those that point at *instance*: each will hold it under *cache*, and lives where it does."""
        made = self._with(self._query)
        made._known = (cache, instance)
        if made._using is None:
            made._using = instance.__dict__.get("_alias")
        return made

    @property
    def db(self) -> str:
        """The alias that would be asked."""
        return self._read_alias()

    @classmethod
    def as_manager(cls) -> Self:
        """A manager with this query set's own methods."""
        kind = cls.manager_class.from_queryset(cls)
        kind.built_with_as_manager = True
        made: Self = kind()  # statically a manager is its query set
        return made

    as_manager.__func__.queryset_only = True  # type: ignore[attr-defined]  # a manager makes no manager

    @classmethod
    def __class_getitem__(cls, _: Any) -> type[Self]:
        return cls

    def __copy__(self) -> Self:
        made = self._with(self._query)
        made._result_cache = self._result_cache
        return made

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self._with(self._query)

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled: the rows, which are asked for if they were not yet."""
        self._fetched()
        return self.__dict__
