"""Telling a violated constraint in the model's words: columns become fields, a constraint says what it declares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.actions import read
from dorm.exceptions import (
    NON_FIELD_ERRORS,
    Error,
    ForeignKeyViolation,
    IntegrityError,
    UniqueViolation,
    ValidationError,
)
from dorm.expressions import Q
from dorm.expressions.base import Combinable
from dorm.query.instances import fields_in
from dorm.query.query import Query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dorm.constraints import BaseConstraint
    from dorm.db.executor import Executor
    from dorm.meta.options import Options


def explain(error: IntegrityError, meta: Options) -> None:
    """Give *error* the fields and the words of the model, when it is about the model's own table."""
    if error.table not in (None, meta.db_table):
        return
    by_column = {field.column: field.name for field in meta.fields}
    names = tuple(by_column[column] for column in error.columns if column in by_column)
    declared = _declared(error, meta, names)
    if declared is not None:
        error.constraint = declared.name
        if declared.violation_error_message != declared.default_violation_error_message:
            error.violation_error_message = declared.get_violation_error_message()
            error.violation_error_code = declared.violation_error_code
        names = _fields_of(meta, declared)
    error.fields = names or _indexed(error, meta)
    if isinstance(error, UniqueViolation):
        if error.violation_error_message:
            error.name_fields(error.fields, {NON_FIELD_ERRORS: error.violation_error_message})
        elif error.fields:
            found = unique_error(meta, error.fields)
            place = error.fields[0] if len(error.fields) == 1 else NON_FIELD_ERRORS
            error.name_fields(error.fields, {place: found.message})


async def explain_keys(db: Executor, error: IntegrityError, meta: Options, written: Iterable[tuple[Any, Any]]) -> None:
    """:func:`explain`, and where the database does not tell which key leads nowhere, ask it.

    *written* are the fields of the statement that failed, with their values.  Inside a block nothing can be asked: it
    is broken.
    """
    if isinstance(error, ForeignKeyViolation) and error.table is None and not db.in_block:
        for field, key in written:
            if await _leads_nowhere(db, field, key):
                error.table, error.columns = meta.db_table, (field.column,)
                break
    explain(error, meta)


async def _leads_nowhere(db: Executor, field: Any, key: Any) -> bool:
    if field.remote_field is None or not field.db_constraint:
        return False
    if key is None or isinstance(key, (Combinable, Q)) or hasattr(key, "as_value_for"):
        return False  # nothing, or computed by the database
    query = Query[Any](field.remote_field.model).filtered((), {field.target_field.attname: key})
    try:
        return not await read.exists(db, query)
    except Error:  # the first error is to be told, not that it could not be explained
        return False


def _declared(error: IntegrityError, meta: Options, names: tuple[str, ...]) -> BaseConstraint | None:
    """The constraint of ``Meta`` that was violated: SQLite tells the columns of one, PostgreSQL its name."""
    found: BaseConstraint
    for found in meta.constraints:
        if error.constraint == found.name:
            return found
    if error.constraint is None and isinstance(error, UniqueViolation):
        partial = [one for one in meta.constraints if one.fields and one not in meta.total_unique_constraints]
        for found in (*meta.total_unique_constraints, *partial):
            if sorted(found.fields) == sorted(names):
                return found
    return None


def _fields_of(meta: Options, declared: BaseConstraint) -> tuple[str, ...]:
    if declared.fields:
        return declared.fields
    query: Query[Any] = Query(meta.model)
    # The condition of a unique constraint says which rows it is about, not what must differ.
    given: list[Any] = [*getattr(declared, "expressions", ())] or [getattr(declared, "condition", None)]
    mentioned: set[str] = set()
    for one in given:
        if isinstance(one, Q):
            mentioned |= {field.name for field in fields_in(query.filtered((one,), {}).where)}
        elif one is not None:
            mentioned |= {field.name for field in fields_in(one.shape(query, []))}
    return tuple(field.name for field in meta.fields if field.name in mentioned)


def _indexed(error: IntegrityError, meta: Options) -> tuple[str, ...]:
    """The fields of the unique index that was violated."""
    for index in meta.indexes:
        if index.name_for(meta.model_name) == error.constraint:
            names: tuple[str, ...] = index.names
            return names
    return ()


def unique_error(meta: Options, names: Iterable[str]) -> ValidationError:
    """What to say when a row with the values of these fields exists."""
    fields = [meta.own_field(name) for name in names]
    labels = [_capital(field.verbose_name) for field in fields]
    params: dict[str, Any] = {
        "model": meta.model,
        "model_class": meta.model,
        "model_name": _capital(meta.verbose_name),
        "unique_check": tuple(field.name for field in fields),
    }
    if len(fields) == 1:
        params["field_label"] = labels[0]
        return ValidationError(fields[0].error_messages["unique"], code="unique", params=params)
    params["field_labels"] = f"{', '.join(labels[:-1])} and {labels[-1]}"
    text = "%(model_name)s with this %(field_labels)s already exists."
    return ValidationError(text, code="unique_together", params=params)


def _capital(text: Any) -> str:
    return str(text)[:1].upper() + str(text)[1:]
