"""What orders a query: names, expressions and the model's own ordering, as terms (shape, descending, nulls)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.exceptions import FieldError
from dorm.expressions import Combinable, F, OrderBy, Q, expression
from dorm.meta.conditions import ModelScope, annotation_named
from dorm.meta.paths import Path, reference_of, rows_named

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dorm.meta.conditions import Scope
    from dorm.query.query import Query

RANDOM = "?"
ALIAS = "alias"
"""Head of the shape of an ordering by an annotation's name."""
ROWS = "rows"
"""Head of the shape of an ordering by a relation: its path, and the terms that order the rows it leads to."""


def order_of(query: Query[Any], terms: tuple[Any, ...], values: list[Any]) -> tuple[Any, ...]:
    """The terms of one ``order_by``; what names alone mean is remembered with the model."""
    known: dict[Any, tuple[Any, ...]] = query.model._meta.orders
    plain = not query.annotations
    for term in terms:
        plain = plain and term.__class__ is str
    found = known.get(terms) if plain else None
    if found is None:
        found = tuple(shape for term in terms for shape in order_terms(query, term, values))
        if plain and not values:
            if len(known) >= _REMEMBERED:
                known.clear()  # those that are in use come back at once
            known[terms] = found
    return found


_REMEMBERED = 1000
"""Orderings kept per model: a web client may ask for every combination of fields."""


def order_terms(scope: Scope, term: Any, values: list[Any]) -> list[Any]:
    """The terms that one argument of ``order_by`` means."""
    if isinstance(term, OrderBy):
        inner = term.expression
        if isinstance(inner, F) and annotation_named(scope.annotations, inner.name):
            return [((ALIAS, inner.name), term.descending, term.nulls)]
        return [term.shape(scope, values)]
    if isinstance(term, (Combinable, Q)):
        return order_terms(scope, OrderBy(expression(term)), values)
    if not isinstance(term, str):
        raise FieldError(f"order_by takes names of fields and expressions, not {term!r}.")
    if term == RANDOM:
        return [(RANDOM, False, None)]
    descending, name = term.startswith("-"), term.removeprefix("-").removeprefix("+")
    if annotation_named(scope.annotations, name):
        return [((ALIAS, name), descending, None)]
    path = reference_of(scope.model, name, values)
    if path.__class__ is tuple:
        return [(path, descending, None)]
    related = rows_named(scope.model, name)
    if related is None:
        return [(path, descending, None)]
    return _order_of_related(scope.model, related, name, path, descending, values)


def _order_of_related(
    model: Any, related: Any, name: str, path: Path, descending: bool, values: list[Any]
) -> list[Any]:
    """A relation is ordered as its model is, or by key when that has no ordering."""
    ordering = related._meta.ordering
    if not ordering or not all(isinstance(term, str) and term != RANDOM for term in ordering):
        return [(path, descending, None)]
    terms: list[Any] = []
    for term in ordering:
        inner = f"{name}__{term.removeprefix('-')}"
        flipped = term.startswith("-") is not descending
        terms += order_terms(ModelScope(model), f"-{inner}" if flipped else inner, values)
    return [((ROWS, path, tuple(_flat(terms))), descending, None)]


def _flat(terms: Iterable[Any], columns: tuple[Any, ...] = ()) -> Iterator[Any]:
    """The terms, with those of relations in their place; a relation among the *columns* is that column."""
    for term in terms:
        shape = term[0]
        if shape.__class__ is not tuple or shape[0] != ROWS:
            yield term
        elif shape[1] in columns:
            yield (shape[1], *term[1:])
        else:
            yield from shape[2]


def terms_of(query: Query[Any]) -> tuple[Any, ...]:
    """What orders the rows: the terms as they were written, or those of the model, which groups do not have."""
    terms = query.order
    if terms is None:
        terms = () if query.group is not None else _default_order(query.model)
    return tuple(_flat(terms, query.columns or ()))


def _default_order(model: Any) -> tuple[Any, ...]:
    """The terms of ``Meta.ordering``; values in it are refused when the class is made."""
    terms: list[Any] = []
    for term in model._meta.ordering:
        terms += order_terms(ModelScope(model), term, [])
    return tuple(terms)
