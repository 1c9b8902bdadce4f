"""``QuerySet``, the terminal half: pairs of ``x`` and ``ax`` over one action each.

``x`` runs the action to its end in this thread; ``ax`` awaits the very same action.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from dorm import actions, db
from dorm.models import showing
from dorm.models.asking import by_time, containing, keyed
from dorm.models.naming import computed
from dorm.run import run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Generator, Iterable, Iterator

    from dorm.aggregates import Aggregate
    from dorm.db.executor import Executor
    from dorm.expressions import Combinable, Q
    from dorm.query.query import Query

M = TypeVar("M")
SHOWN = 20
"""Rows that ``repr`` shows before it says that there are more."""


class Execution(Generic[M]):
    """What asks the database."""

    model: Any
    _query: Query[Any]
    _using: str | None
    _result_cache: list[Any] | None
    _known: tuple[str, Any] | None

    # -- Where ---------------------------------------------------------------------------------

    def _read_alias(self) -> str:
        return self._using or db.router.db_for_read(self.model)

    def _write_alias(self) -> str:
        """The alias for a change, which makes untrue what was prefetched for the instance that this came from."""
        if self._known is not None:
            cache, instance = self._known
            meta = self.model._meta
            actions.select.forget_prefetched(instance, meta.by_name[meta.by_cache[cache]].remote_field.accessor)
        return self._using or db.router.db_for_write(self.model)

    def _reader(self) -> Executor:
        return db.connection.blocking(self._using or db.router.db_for_read(self.model))

    def _areader(self) -> Executor:
        return db.connection.suspending(self._using or db.router.db_for_read(self.model))

    def _writer(self) -> Executor:
        return db.connection.blocking(self._write_alias())

    def _awriter(self) -> Executor:
        return db.connection.suspending(self._write_alias())

    def _narrowed(self, method: str, conditions: tuple[Any, ...], lookups: dict[str, Any]) -> Query[Any]:
        query = self._query
        if not conditions and not lookups:
            return query
        if query.sliced:
            raise TypeError(f"Cannot filter in {method}() once a slice has been taken: call it before slicing.")
        return query.filtered(conditions, lookups)

    def _adopt(self, found: list[Any]) -> list[Any]:
        """Give the instances the related one through which they were reached."""
        if self._known is not None and self._query.result == "instances":
            name, instance = self._known
            for one in found:
                one.__dict__[name] = instance
        return found

    # -- Rows ----------------------------------------------------------------------------------

    def _fetched(self) -> list[Any]:
        if self._result_cache is None:
            self._result_cache = self._adopt(run(actions.select.select(self._reader(), self._query)))
        return self._result_cache

    async def _afetched(self) -> list[Any]:
        if self._result_cache is None:
            self._result_cache = self._adopt(await actions.select.select(self._areader(), self._query))
        return self._result_cache

    def __iter__(self) -> Iterator[M]:
        return iter(self._fetched())

    def __aiter__(self) -> AsyncIterator[M]:
        return Rows(self._afetched)

    def __await__(self) -> Generator[Any, None, list[M]]:
        return self._afetched().__await__()

    def __len__(self) -> int:
        return len(self._fetched())

    def __bool__(self) -> bool:
        return bool(self._fetched())

    def iterator(self, chunk_size: int | None = None) -> Iterator[M]:
        """The rows one after the other, *chunk_size* (2000) at a time in memory, without keeping them.

        After ``prefetch_related`` the size must be given: each chunk prefetches for itself.
        """
        rows = actions.stream.Stream(self._reader(), self._query, chunk_size)
        try:
            while found := run(rows.fetch()):
                yield from self._adopt(found)
        finally:
            run(rows.close())

    async def aiterator(self, chunk_size: int | None = None) -> AsyncIterator[M]:
        """Asynchronous :meth:`iterator`."""
        rows = actions.stream.Stream(self._areader(), self._query, chunk_size)
        try:
            while found := await rows.fetch():
                for one in self._adopt(found):
                    yield one
        finally:
            await rows.close()

    def get(self, *conditions: Q | Combinable, **lookups: Any) -> M:
        """The only row that matches; raises the model's ``DoesNotExist`` or ``MultipleObjectsReturned``."""
        if lookups and not conditions and self._query is self.model._meta.all_rows and self._known is None:
            rows: list[M] = run(actions.read.get_by(self._reader(), self.model, lookups))
            return rows[0] if len(rows) == 1 else actions.read.only(rows, self.model, Asked((), lookups))
        query = self._narrowed("get", conditions, lookups)
        found: M = run(actions.read.get(self._reader(), query, Asked(conditions, lookups)))
        return found if self._known is None else self._adopt([found])[0]

    async def aget(self, *conditions: Q | Combinable, **lookups: Any) -> M:
        """Asynchronous :meth:`get`."""
        if lookups and not conditions and self._query is self.model._meta.all_rows and self._known is None:
            rows: list[M] = await actions.read.get_by(self._areader(), self.model, lookups)
            return rows[0] if len(rows) == 1 else actions.read.only(rows, self.model, Asked((), lookups))
        query = self._narrowed("aget", conditions, lookups)
        found: M = await actions.read.get(self._areader(), query, Asked(conditions, lookups))
        return found if self._known is None else self._adopt([found])[0]

    def get_or_none(self, *conditions: Q | Combinable, **lookups: Any) -> M | None:
        """The only row that matches, or ``None``; raises ``MultipleObjectsReturned``."""
        query = self._narrowed("get_or_none", conditions, lookups)
        found: M | None = run(actions.read.get_or_none(self._reader(), query))
        return found if self._known is None or found is None else self._adopt([found])[0]

    async def aget_or_none(self, *conditions: Q | Combinable, **lookups: Any) -> M | None:
        """Asynchronous :meth:`get_or_none`."""
        query = self._narrowed("aget_or_none", conditions, lookups)
        found: M | None = await actions.read.get_or_none(self._areader(), query)
        return found if self._known is None or found is None else self._adopt([found])[0]

    def first(self) -> M | None:
        """The first row, or ``None``.  Ordered by primary key unless the query is ordered."""
        found: M | None = run(actions.read.first(self._reader(), self._query))
        return found if self._known is None or found is None else self._adopt([found])[0]

    async def afirst(self) -> M | None:
        """Asynchronous :meth:`first`."""
        found: M | None = await actions.read.first(self._areader(), self._query)
        return found if self._known is None or found is None else self._adopt([found])[0]

    def last(self) -> M | None:
        """The last row, or ``None``.  Ordered by primary key unless the query is ordered."""
        found: M | None = run(actions.read.last(self._reader(), self._query))
        return found if self._known is None or found is None else self._adopt([found])[0]

    async def alast(self) -> M | None:
        """Asynchronous :meth:`last`."""
        found: M | None = await actions.read.last(self._areader(), self._query)
        return found if self._known is None or found is None else self._adopt([found])[0]

    def _by_time(self, fields: tuple[str, ...], *, latest: bool) -> Query[Any]:
        return by_time(self._query, fields, latest=latest)

    def earliest(self, *fields: str) -> M:
        """The row that comes first by *fields*, or by ``Meta.get_latest_by``; raises ``DoesNotExist``."""
        query = self._by_time(fields, latest=False)
        found: M = actions.read.only(run(actions.select.select(self._reader(), query)), self.model, "")
        return found

    async def aearliest(self, *fields: str) -> M:
        """Asynchronous :meth:`earliest`."""
        query = self._by_time(fields, latest=False)
        found: M = actions.read.only(await actions.select.select(self._areader(), query), self.model, "")
        return found

    def latest(self, *fields: str) -> M:
        """The row that comes last by *fields*, or by ``Meta.get_latest_by``; raises ``DoesNotExist``."""
        query = self._by_time(fields, latest=True)
        found: M = actions.read.only(run(actions.select.select(self._reader(), query)), self.model, "")
        return found

    async def alatest(self, *fields: str) -> M:
        """Asynchronous :meth:`latest`."""
        query = self._by_time(fields, latest=True)
        found: M = actions.read.only(await actions.select.select(self._areader(), query), self.model, "")
        return found

    def in_bulk(self, id_list: Iterable[Any] | None = None, *, field_name: str = "pk") -> dict[Any, M]:
        """The rows with these keys (or all), by key; *field_name* is another unique field to go by."""
        query, attname = keyed(self._query, id_list, field_name)
        return {getattr(one, attname): one for one in run(actions.select.select(self._reader(), query))}

    async def ain_bulk(self, id_list: Iterable[Any] | None = None, *, field_name: str = "pk") -> dict[Any, M]:
        """Asynchronous :meth:`in_bulk`."""
        query, attname = keyed(self._query, id_list, field_name)
        return {getattr(one, attname): one for one in await actions.select.select(self._areader(), query)}

    def contains(self, obj: M) -> bool:
        """Whether *obj* is one of the rows; asks nothing when they are loaded."""
        query = containing(self._query, obj)
        if self._result_cache is not None:
            return obj in self._result_cache
        return run(actions.read.exists(self._reader(), query))

    async def acontains(self, obj: M) -> bool:
        """Asynchronous :meth:`contains`."""
        query = containing(self._query, obj)
        if self._result_cache is not None:
            return obj in self._result_cache
        return await actions.read.exists(self._areader(), query)

    async def avalues(self, *names: str | Combinable, **expressions: Combinable | Q) -> list[dict[str, Any]]:
        """What ``values()`` gives, as a list."""
        return await self.values(*names, **expressions)  # type: ignore[attr-defined,no-any-return]  # the chainable half has it

    async def avalues_list(self, *names: str | Combinable, flat: bool = False, named: bool = False) -> list[Any]:
        """What ``values_list()`` gives, as a list."""
        return await self.values_list(*names, flat=flat, named=named)  # type: ignore[attr-defined,no-any-return]  # as above

    def _computed(self, args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        return computed(self._query, args, named)

    # -- Numbers -------------------------------------------------------------------------------

    def count(self) -> int:
        """How many rows; asks nothing when they are loaded."""
        if self._result_cache is not None:
            return len(self._result_cache)
        return run(actions.read.count(self._reader(), self._query))

    async def acount(self) -> int:
        """Asynchronous :meth:`count`."""
        if self._result_cache is not None:
            return len(self._result_cache)
        return await actions.read.count(self._areader(), self._query)

    def aggregate(self, *args: Aggregate, **named: Combinable) -> dict[str, Any]:
        """One value per aggregate over all rows: ``{"age__avg": 29.5}``, or under the given names."""
        return run(actions.read.aggregate(self._reader(), self._query, self._computed(args, named)))

    async def aaggregate(self, *args: Aggregate, **named: Combinable) -> dict[str, Any]:
        """Asynchronous :meth:`aggregate`."""
        return await actions.read.aggregate(self._areader(), self._query, self._computed(args, named))

    def exists(self) -> bool:
        """Whether there is any row; asks nothing when they are loaded."""
        if self._result_cache is not None:
            return bool(self._result_cache)
        return run(actions.read.exists(self._reader(), self._query))

    async def aexists(self) -> bool:
        """Asynchronous :meth:`exists`."""
        if self._result_cache is not None:
            return bool(self._result_cache)
        return await actions.read.exists(self._areader(), self._query)

    # -- For people ----------------------------------------------------------------------------

    def __repr__(self) -> str:
        if self._result_cache is None and db.loops.running() is not None:
            # Showing rows would block the loop; the SQL tells what would be asked.
            return f"<{type(self).__name__} {self.query}>"  # type: ignore[attr-defined]  # the chainable half has it
        rows = self._result_cache
        if rows is None:
            window = self._query.window(None, SHOWN + 1)
            rows = run(actions.select.select(self._reader(), window))
        shown = [repr(row) for row in rows[:SHOWN]]
        if len(rows) > SHOWN:
            shown.append("...(remaining elements truncated)...")
        return f"<{type(self).__name__} [{', '.join(shown)}]>"

    def _repr_html_(self) -> str:
        """A table for notebooks: the first rows; in a running event loop, which this would block, the SQL."""
        rows = self._result_cache
        if rows is None:
            if db.loops.running() is not None:
                return showing.text(repr(self))
            rows = run(actions.select.select(self._reader(), self._query.window(None, SHOWN + 1)))
        return showing.table(self._query, rows[:SHOWN], more=len(rows) > SHOWN)


class Rows(Generic[M]):
    """The asynchronous iterator of a query set: everything is fetched at the first step."""

    def __init__(self, fetch: Callable[[], Awaitable[list[M]]]) -> None:
        self._fetch = fetch
        self._rows: Iterator[M] | None = None

    def __aiter__(self) -> AsyncIterator[M]:
        return self

    async def __anext__(self) -> M:
        if self._rows is None:
            self._rows = iter(await self._fetch())
        for row in self._rows:
            return row
        raise StopAsyncIteration


class Asked:
    """What ``get`` was asked for, put into words only when an error needs them."""

    __slots__ = ("_conditions", "_lookups")

    def __init__(self, conditions: Collection[Any], lookups: dict[str, Any]) -> None:
        self._conditions, self._lookups = conditions, lookups

    def __bool__(self) -> bool:
        return bool(self._conditions or self._lookups)

    def __str__(self) -> str:
        parts = [repr(condition) for condition in self._conditions]
        parts += [f"{name}={value!r}" for name, value in self._lookups.items()]
        return f" {', '.join(parts)}" if parts else ""
