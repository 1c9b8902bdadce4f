"""What names mean in ``values()``: paths, annotations, and what transforms make of either."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.exceptions import FieldError
from dorm.expressions import has_aggregate
from dorm.meta.conditions import Annotation, annotation_named, pinned
from dorm.meta.paths import Path
from dorm.query.loading import fields_at
from dorm.query.ordering import terms_of

if TYPE_CHECKING:
    from dorm.query.query import Query


def label(name: str, annotations: tuple[Annotation, ...]) -> str:
    """What the computed column *name* is called in SQL.

    Only a name without ``__`` was checked; others hold paths, and so keys of documents, which a stranger may choose.
    """
    if "__" not in name:
        return name
    return f"column__{next(index for index, one in enumerate(annotations) if one.name == name)}"


def grouping(columns: tuple[Any, ...], annotations: tuple[Annotation, ...]) -> tuple[Any, ...]:
    """By which of the named *columns* rows are grouped: not by aggregates.  ``FieldError`` when there is no other."""
    aggregates = {one.name for one in annotations if has_aggregate(one.shape)}
    keys = tuple(column for column in columns if not (isinstance(column, str) and column in aggregates))
    if columns and not keys:
        raise FieldError(f"values() named only aggregates ({', '.join(aggregates)}): there is nothing to group by.")
    return keys


def columns_of(query: Query[Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The columns with these names, and the annotations of *query* with those that transforms demand."""
    annotations = query.annotations
    known: dict[str, Any] = query.model._meta.paths
    columns: list[Any] = []
    many = False
    for name in names:
        if annotations and annotation_named(annotations, name):
            columns.append(name)
            continue
        column = known.get(name)
        if column is None:
            values: list[Any] = []
            column = query.reference(name, values)
            if not isinstance(column, Path):
                made = Annotation(name, pinned(column, query.calls), tuple(values), selected=False)
                annotations = (*annotations, made)
                columns.append(name)
                continue
        many = many or column.many
        columns.append(column)
    # Columns of groups are about the rows that were grouped.
    after = query.named_after if query.group is not None else query.calls if many else 0
    return {"columns": tuple(columns), "annotations": annotations, "named_after": after}


def ordering_columns(query: Query[Any]) -> tuple[Path, ...]:
    """What orders distinct rows must be among their columns: the paths that are not, selected for that only."""
    if query.distinct is not True:
        return ()
    if query.columns is not None:
        chosen = {(one.steps, one.field) for one in query.columns if isinstance(one, Path)}
    else:
        chosen = {((), field) for field in fields_at(query.loaded, (), query.model)}
    paths = [term[0] for term in terms_of(query) if isinstance(term[0], Path)]
    return tuple(one for one in paths if (one.steps, one.field) not in chosen)
