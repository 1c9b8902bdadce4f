"""How a list of queries becomes tests."""

from __future__ import annotations

import ast
import functools
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.django.decided import DECIDED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Query = Callable[[Any], Any]


@functools.cache
def _lambdas(file: str) -> dict[tuple[int, int], str]:
    """The text of every lambda of a file, by the place of its body."""
    with open(file, encoding="utf-8") as source:
        nodes = ast.walk(ast.parse(source.read()))
    found = [node.body for node in nodes if isinstance(node, ast.Lambda)]
    return {(body.lineno, body.col_offset): ast.unparse(body) for body in found}


def text_of(query: Query) -> str:
    """The query as it is written, or the name of the function."""
    code = query.__code__
    if query.__name__ != "<lambda>":
        return query.__name__
    places = {(line, column) for line, _, column, _ in code.co_positions() if line is not None}
    lambdas = _lambdas(code.co_filename)
    # The body begins with the first instruction that has a place in the table.
    return re.sub(r"\bm\.", "", lambdas[min(place for place in places if place in lambdas)])


def each(queries: Sequence[Query]) -> Any:
    """Parametrise ``query``; a test's name is its query."""
    return pytest.mark.parametrize("query", queries, ids=[_readable(text_of(query)) for query in queries])


def _readable(text: str) -> str:
    return text.encode("ascii", "replace").decode().replace("::", ":")


def compare(worlds: Any, query: Query, whole: Query | None = None) -> None:
    """The answers are the same, unless it was decided that they are not; then they are not.

    *whole* is what is asked, when *query* is a part of it.
    """
    theirs, ours = worlds.django(whole or query), worlds.dorm(whole or query)
    reason, vendors = DECIDED.get(text_of(query), ("", ()))
    if worlds.vendor in vendors:
        assert not ours.same_as(theirs), f"No longer different, although: {reason}"
    elif not ours.same_as(theirs):
        raise AssertionError(f"\nDjango: {theirs}\ndorm:   {ours}") from ours.error or theirs.error
