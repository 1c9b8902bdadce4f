"""Query sets as SQL: ``raw()``, where the user writes it, and ``explain()``, where the database comments on ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar, overload

from dorm import actions, db
from dorm.exceptions import NotSupportedError
from dorm.models.execution import Execution, Rows
from dorm.models.prefetch import prefetching
from dorm.run import load, run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Iterator, Mapping, Sequence

    from dorm.models.prefetch import Prefetch
    from dorm.query.raw import RawQuery

M = TypeVar("M")


class RawQuerySet(Generic[M]):
    """Instances of a model from SQL that was written by hand.  Asked when it is iterated or awaited, once."""

    gives = "raw"

    def __init__(self, query: RawQuery, using: str | None = None) -> None:
        self.model: Any = query.model
        self._query, self._using = query, using
        self._found: tuple[list[str], list[Any]] | None = None

    @property
    def db(self) -> str:
        """The alias that is asked."""
        return self._using or db.router.db_for_read(self.model)

    @property
    def query(self) -> str:
        """The SQL as it was written."""
        return self._query.sql

    @property
    def columns(self) -> list[str]:
        """The names of the columns that come back, after *translations*; asks, unless it was asked already."""
        return self._asked()[0]

    def using(self, alias: str) -> RawQuerySet[M]:
        """On another database."""
        return RawQuerySet(self._query, alias)

    def prefetch_related(self, *lookups: str | Prefetch | None) -> RawQuerySet[M]:
        """With relations loaded afterwards, one query each; ``None`` takes all of that back."""
        query = self._query.prefetching(()) if lookups == (None,) else self._query
        for lookup in lookups if lookups != (None,) else ():
            query = query.prefetching((prefetching(self.model, lookup, query.prefetch),))
        return RawQuerySet(query, self._using)

    def _asked(self) -> tuple[list[str], list[Any]]:
        if self._found is None:
            self._found = run(actions.raw.fetch_raw(db.connection.blocking(self.db), self._query))
        return self._found

    async def _aasked(self) -> list[Any]:
        if self._found is None:
            self._found = await actions.raw.fetch_raw(db.connection.suspending(self.db), self._query)
        return self._found[1]

    def __iter__(self) -> Iterator[M]:
        return iter(self._asked()[1])

    def __aiter__(self) -> AsyncIterator[M]:
        return Rows(self._aasked)

    def __await__(self) -> Generator[Any, None, list[M]]:
        return self._aasked().__await__()

    def __len__(self) -> int:
        return len(self._asked()[1])

    def __bool__(self) -> bool:
        return bool(self._asked()[1])

    @overload
    def __getitem__(self, key: int) -> M: ...
    @overload
    def __getitem__(self, key: slice) -> list[M]: ...
    def __getitem__(self, key: int | slice) -> Any:
        return self._asked()[1][key]

    def iterator(self) -> Iterator[M]:
        """The rows, asked for anew and not kept."""
        return iter(RawQuerySet[M](self._query, self._using))

    async def aiterator(self) -> AsyncIterator[M]:
        """Asynchronous :meth:`iterator`."""
        for one in await RawQuerySet[M](self._query, self._using):
            yield one

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self._query.sql}>"


class Worded(Execution[M]):
    """What of a query set has to do with SQL as text."""

    def raw(
        self,
        raw_query: str,
        params: Sequence[Any] | Mapping[str, Any] | None = None,
        translations: Mapping[str, str] | None = None,
        using: str | None = None,
    ) -> RawQuerySet[M]:
        """Instances from SQL that selects the primary key at least.

        *params* fill ``%s`` (a list) or ``%(name)s`` (a dict).  Columns are fields by name, after *translations* (from
        column to field); fields that are missing are loaded when they are read, other columns become attributes.
        """
        query: RawQuery = load("dorm.query.raw").RawQuery(self.model, raw_query, params, translations)
        return RawQuerySet(query, using or self._using)

    async def araw(
        self,
        raw_query: str,
        params: Sequence[Any] | Mapping[str, Any] | None = None,
        translations: Mapping[str, str] | None = None,
        using: str | None = None,
    ) -> list[M]:
        """What :meth:`raw` gives, as a list."""
        return await self.raw(raw_query, params, translations, using)

    def explain(self, *, format: str | None = None, **options: Any) -> str:
        """How the database would carry out the query: a text for people.

        PostgreSQL knows the formats ``text``, ``json``, ``yaml`` and ``xml``, and options such as ``analyze=True``,
        which carries it out.  ``ValueError`` for what the database does not know.
        """
        return run(actions.raw.explain(self._reader(), self._query, format, options))

    async def aexplain(self, *, format: str | None = None, **options: Any) -> str:
        """Asynchronous :meth:`explain`."""
        return await actions.raw.explain(self._areader(), self._query, format, options)

    def extra(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Not built: raises ``NotSupportedError``, which names the replacements."""
        raise NotSupportedError(
            "extra() is not built. Instead of select= use annotate(name=RawSQL(sql, params)), instead of where= "
            "filter(RawSQL(sql, params, output_field=BooleanField())), instead of order_by= order_by(RawSQL(sql, "
            "params)), and instead of tables= a Subquery, an Exists or raw()."
        )
