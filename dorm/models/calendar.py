"""The calendar of a query: ``dates()`` and ``datetimes()``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.expressions import F
from dorm.meta.paths import path_of
from dorm.run import load
from dorm.sql.kinds import Kind

if TYPE_CHECKING:
    import datetime

    from dorm.query.query import Query

DATES = ("year", "month", "week", "day")
TIMES = ("hour", "minute", "second")


def beginnings(
    query: Query[Any],
    name: str,
    kind: str,
    order: str,
    *,
    tzinfo: datetime.tzinfo | None = None,
    moments: bool = False,
) -> Query[Any]:
    """The beginnings of the parts of time in which rows lie.  ``ValueError`` for an unknown kind or order."""
    kinds = (*DATES, *TIMES) if moments else DATES
    if kind not in kinds:
        raise ValueError(f"'kind' must be one of {', '.join(map(repr, kinds[:-1]))}, or {kinds[-1]!r}, not {kind!r}.")
    if order not in ("ASC", "DESC"):
        raise ValueError(f"'order' must be either 'ASC' or 'DESC', not {order!r}.")
    field = path_of(query.model, name).field
    known = (Kind.DATETIME,) if moments else (Kind.DATE, Kind.DATETIME)
    if field.kind not in known:
        kind_of_error = ValueError if field.kind is Kind.DATE else TypeError
        wanted = "moments" if moments else "dates or moments"
        raise kind_of_error(f"{name!r} is no field of {wanted}: it is a {field!r}.")
    functions = load("dorm.functions.datetime")
    truncated = (functions.Trunc if moments else functions.TruncToDate)(name, kind, tzinfo=tzinfo)
    column = "datetimefield" if moments else "datefield"
    while column in query.model._meta.by_name:
        column += "_"
    found = query.filtered((), {f"{name}__isnull": False}).annotated({column: truncated}, selected=True)
    found = found.yielding("flat", (column,)).made_distinct()
    return found.ordered_by((F(column).desc() if order == "DESC" else column,))
