"""Asking what only the database knows, before it has to refuse: are values unique, do the rows of keys exist?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.actions import read
from dorm.exceptions import NON_FIELD_ERRORS, ValidationError
from dorm.query.query import Query

if TYPE_CHECKING:
    from collections.abc import Collection

    from dorm.db.executor import Executor
    from dorm.meta.options import Options


async def unique(db: Executor, instance: Any, exclude: Collection[str] | None) -> None:
    """Raise ``ValidationError`` when another row has the values of a unique field or group of *instance*."""
    meta: Options = instance._meta
    errors: dict[str, list[ValidationError]] = {}
    for group in _groups(meta):
        if not any(field.name in (exclude or ()) for field in group) and await _taken(db, instance, meta, group):
            place = group[0].name if len(group) == 1 else NON_FIELD_ERRORS
            found = instance.unique_error_message(instance.__class__, tuple(field.name for field in group))
            errors.setdefault(place, []).append(found)
    if errors:
        raise ValidationError(errors)


async def related(db: Executor, instance: Any, exclude: Collection[str]) -> dict[str, list[ValidationError]]:
    """What to say, by field, about keys of *instance* that lead to no row; one query for each key."""
    errors: dict[str, list[ValidationError]] = {}
    for field in instance._meta.fields:
        if field.remote_field is None or field.name in exclude:
            continue
        key = instance.__dict__.get(field.attname)
        if key is not None and not await read.exists(db, _row_of(field, key)):
            errors[field.name] = [field.leads_nowhere(key)]
    return errors


def _row_of(field: Any, key: Any) -> Query[Any]:
    return Query[Any](field.remote_field.model).filtered((), {field.target_field.attname: key})


def _groups(meta: Options) -> list[list[Any]]:
    single = [[field] for field in meta.fields if field.unique]
    together = [[meta.own_field(name) for name in names] for names in meta.unique_together]
    by_index = [
        [meta.own_field(name) for name in index.names]
        for index in meta.indexes
        if index.unique and index.names and index.condition is None
    ]
    return [*single, *together, *by_index]


async def _taken(db: Executor, instance: Any, meta: Options, group: list[Any]) -> bool:
    state = instance.__dict__
    values = {field.attname: state.get(field.attname) for field in group}
    adding = state.get("_adding", False)
    if any(value is None for value in values.values()) or (not adding and group == [meta.pk]):
        return False
    query = Query[Any](instance.__class__).filtered((), values)
    if not adding and state.get(meta.pk.attname) is not None:
        query = query.filtered((), {"pk": state[meta.pk.attname]}, negated=True)
    return await read.exists(db, query)
