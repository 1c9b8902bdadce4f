"""The names of computed columns, as ``annotate()`` and ``aggregate()`` are given them."""

from __future__ import annotations

import keyword
from typing import TYPE_CHECKING, Any

from dorm.aggregates import Aggregate
from dorm.expressions import Combinable, F, Holds, Q, has_aggregate
from dorm.meta.conditions import Annotation, annotation_named
from dorm.query.outer import OuterScope, is_closed
from dorm.run import load
from dorm.sql.names import LONGEST

if TYPE_CHECKING:
    from dorm.query.query import Query


def named_expressions(query: Query[Any], args: tuple[Any, ...], named: dict[str, Any], method: str) -> dict[str, Any]:
    """The expressions by name; ``ValueError`` or ``TypeError`` for a name or a value that cannot be one."""
    found: dict[str, Any] = {}
    for expression in args:
        if not isinstance(expression, Aggregate):
            raise TypeError(f"{method}() takes expressions by name, and aggregates without; got {expression!r}.")
        if expression.default_alias in named:
            raise ValueError(
                f"{method}(): the name {expression.default_alias!r} is given and also the default of another."
            )
        if not expression.default_alias.isidentifier():  # it would become Python: see dorm.query.hydration
            raise ValueError(f"{method}() needs a name for {expression!r}: {method}(name=…).")
        found[expression.default_alias] = expression
    for name, given in named.items():
        check_alias(name)
        expression = Holds(given) if isinstance(given, Q) else given
        if not isinstance(expression, Combinable):
            raise TypeError(f"{method}({name}=…) takes an expression, not {expression!r}. Wrap a value in Value().")
        found[name] = expression
    if method != "aggregate":
        for name in found:
            _check_free(query, name)
    return found


def _check_free(query: Query[Any], name: str) -> None:
    """Raise ``ValueError`` when a computed column of that name would hide another; rows of values have those named."""
    if query.columns is None or name == "pk":
        check_attribute(query.model, name, f"The annotation {name!r}")
    elif name in query.names and annotation_named(query.annotations, name) is None:
        raise ValueError(f"The annotation {name!r} conflicts with a column that values() named.")


def named_columns(
    query: Query[Any], columns: tuple[Any, ...], named: dict[str, Any], method: str
) -> tuple[Query[Any], tuple[str, ...]]:
    """*query* with what the columns of ``values()`` compute, and the names of all of them, in order."""
    names: list[str] = []
    found = dict(named)
    for given in columns:
        column = Holds(given) if isinstance(given, Q) else given
        if isinstance(column, str):
            names.append(column)
            continue
        if not isinstance(column, Combinable):
            raise TypeError(f"{method}() takes names of fields and expressions, not {column!r}.")
        if isinstance(column, F):
            names.append(column.name)
            continue
        stem, number = type(column).__name__.lower(), 1
        while f"{stem}{number}" in found or query.model._meta.by_name.get(f"{stem}{number}"):
            number += 1
        names.append(f"{stem}{number}")
        found[names[-1]] = column
    if not found:
        return query, tuple(names)
    return query.annotated(named_expressions(query, (), found, method), selected=True), (*names, *named)


INTERNAL = frozenset({"_adding", "_alias", "_pending", "_prefetched"})
"""The attributes in which an instance keeps what it knows about its row."""


def check_attribute(model: Any, name: str, what: str) -> None:
    """Raise ``ValueError`` when setting *name* on instances would hide a field or something else they have."""
    meta = model._meta
    back = any(name == relation.query_name for relation in (*meta.related.values(), *meta.related_many.values()))
    if back or name in meta.by_name or name in meta.by_attname or name == "pk":
        raise ValueError(f"{what} conflicts with a field on the model {meta.object_name}.")
    caches = {relation.reverse_cache for relation in meta.related_objects}
    if name in INTERNAL or name in meta.by_cache or name in caches or hasattr(model, name):
        raise ValueError(f"{what} conflicts with an attribute of {meta.object_name} instances. Choose another name.")


def check_alias(name: str) -> None:
    """Raise ``ValueError`` unless *name* can name a column: it becomes part of SQL, of lookups and of Python."""
    # Python reads an identifier in its NFKC form: another spelling would be another name there.
    spelt = name if name.isascii() else load("unicodedata").normalize("NFKC", name)
    usable = name.isidentifier() and not keyword.iskeyword(name) and "__" not in name and name == spelt
    if not usable or len(name.encode()) > LONGEST:
        raise ValueError(
            f"The name {name!r} cannot be used: a computed column is named by a Python identifier without '__', of at "
            f"most {LONGEST} bytes."
        )


class Together:
    """Where the expressions of one ``aggregate()`` are written: each may name those before it."""

    def __init__(self, around: Any, found: list[Annotation]) -> None:
        self._around, self._found = around, found
        self.model = around.model

    @property
    def annotations(self) -> tuple[Annotation, ...]:
        """What can be named beside the fields."""
        return (*self._found, *self._around.annotations)

    def reference(self, name: str, values: list[Any]) -> Any:
        """One of the aggregates before, or what the query means."""
        found = annotation_named(tuple(self._found), name)
        if found is None:
            return self._around.reference(name, values)
        values.extend(found.values)
        return found.shape

    def condition(self, condition: Any, values: list[Any]) -> Any:
        """What a ``Q`` means in the query."""
        return self._around.condition(condition, values)


def computed(query: Query[Any], args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Annotation, ...]:
    """What ``aggregate()`` is to compute over *query*."""
    scope: Any = OuterScope(query) if is_closed(query) else query
    found: list[Annotation] = []
    scope = Together(scope, found)
    for name, expression in named_expressions(query, args, named, "aggregate").items():
        values: list[Any] = []
        shape = expression.shape(scope, values)
        if not has_aggregate(shape):
            raise TypeError(f"aggregate({name}=…): {expression!r} is no aggregate expression.")
        found.append(Annotation(name, shape, tuple(values), selected=True))
    return tuple(found)
