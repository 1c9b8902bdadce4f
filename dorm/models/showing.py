"""Query sets as notebooks show them: a table of the first rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.run import load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dorm.query.query import Query


def table(query: Query[Any], rows: Sequence[Any], *, more: bool) -> str:
    """An HTML table of *rows*, which *query* gave; *more* says that it has others.  Everything is escaped."""
    escape = load("html").escape
    names = _names(query, rows)
    head = "".join(f"<th>{escape(str(name))}</th>" for name in names)
    lines = [f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in _cells(row, names))}</tr>" for row in rows]
    if more:
        lines.append(f'<tr><td colspan="{max(len(names), 1)}">…</td></tr>')
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def text(shown: str) -> str:
    """Text as HTML."""
    escaped: str = load("html").escape(shown)
    return f"<pre>{escaped}</pre>"


def _names(query: Query[Any], rows: Sequence[Any]) -> tuple[str, ...]:
    if query.result != "instances":
        return tuple(query.names)
    computed = [one.name for one in query.annotations if one.selected]
    meta = query.model._meta
    loaded = [field.attname for field in meta.fields if not rows or field.attname in rows[0].__dict__]
    return (*loaded, *computed)


def _cells(row: Any, names: tuple[str, ...]) -> list[Any]:
    """The values of a row.  What was not loaded stays empty: showing a row asks nothing."""
    if row.__class__ is dict:
        return list(row.values())
    if hasattr(row, "_meta"):
        state = row.__dict__
        return [state.get(name, "") for name in names]
    return list(row) if issubclass(row.__class__, tuple) and len(names) > 1 else [row]
