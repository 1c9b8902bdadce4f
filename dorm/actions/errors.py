"""Telling a violated constraint in the model's words: columns become fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.exceptions import NON_FIELD_ERRORS, IntegrityError, UniqueViolation

if TYPE_CHECKING:
    from dorm.meta.options import Options


def explain(error: IntegrityError, meta: Options) -> None:
    """Give *error* the names of the model's fields, when it is about the model's own table."""
    if error.table not in (None, meta.db_table):
        return
    by_column = {field.column: field for field in meta.fields}
    fields = [by_column[column] for column in error.columns if column in by_column]
    error.fields = tuple(field.name for field in fields)
    if isinstance(error, UniqueViolation) and fields:
        error.name_fields(error.fields, unique_messages(meta, fields))


def unique_messages(meta: Options, fields: list[Any]) -> dict[str, str]:
    """What to say, by field, when a row with these fields' values exists."""
    name = meta.verbose_name[:1].upper() + meta.verbose_name[1:]
    labels = " and ".join(str(field.verbose_name)[:1].upper() + str(field.verbose_name)[1:] for field in fields)
    if len(fields) > 1:
        return {NON_FIELD_ERRORS: f"{name} with this {labels} already exists."}
    field = fields[0]
    return {field.name: field.error_messages["unique"] % {"model_name": name, "field_label": labels}}
