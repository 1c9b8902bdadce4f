"""What orders a query: names, expressions and the model's own ordering, as terms (shape, descending, nulls)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.exceptions import FieldError
from dorm.expressions import Combinable, F, OrderBy, Q, expression
from dorm.meta.conditions import ModelScope, annotation_named
from dorm.meta.paths import Path, reference_of

if TYPE_CHECKING:
    from dorm.meta.conditions import Scope
    from dorm.query.query import Query

RANDOM = "?"
ALIAS = "alias"
"""Head of the shape of an ordering by an annotation's name."""


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
    related = _related_model(scope.model, name, path)
    if related is None:
        return [(path, descending, None)]
    return _order_of_related(scope.model, related, name, path, descending, values)


def _related_model(model: Any, name: str, path: Path) -> Any:
    """The model whose rows *name* leads to, when it names a relation; ``None`` when the value itself is named.

    The field of a many-to-many relation names the keys, as in Django; its other end names the rows.
    """
    last = name.rpartition("__")[2]
    if last in ("pk", path.field.attname):
        return None
    steps, far = path.steps, path.field.remote_field
    if not steps or steps[-1].forward or last in steps[-1].target._meta.by_name:
        return None if far is None else far.model
    if far is None:
        return steps[-1].target
    owner = steps[-2].target if len(steps) > 1 else model
    return None if last in owner._meta.many else far.model


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
    return terms


def default_order(model: Any) -> tuple[Any, ...]:
    """The terms of ``Meta.ordering``; values in it are refused when the class is made."""
    terms: list[Any] = []
    for term in model._meta.ordering:
        terms += order_terms(ModelScope(model), term, [])
    return tuple(terms)
