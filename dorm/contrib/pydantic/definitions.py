"""From a model to the fields of a schema: which there are, what each may hold, and what it is without a value."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Union

from pydantic import BaseModel, Field, PlainSerializer, create_model
from pydantic_core import MISSING

from dorm.contrib.pydantic.columns import ColumnType, Documented, column_type
from dorm.exceptions import FieldError, ImproperlyConfigured
from dorm.hints import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
Use = Literal["both", "read", "create", "update"]
"""What a schema is for: the user's own (in and out), or one side of a generated route."""

_PLAIN = (str, int, float, bool)


class Definitions(NamedTuple):
    """The generated part of a schema."""

    fields: dict[str, Any]
    """For ``pydantic.create_model``: name to (annotation, default)."""
    keys: dict[str, str]
    """The attribute of an instance that holds the value, where it has another name than the field of the schema."""


def built(name: str, bases: tuple[type, ...], module: str, fields: dict[str, Any]) -> Any:
    """A class of Pydantic's.  A column may be called as a method of ``BaseModel`` that was deprecated (``json``)."""
    make: Any = create_model
    if not any(hasattr(BaseModel, field) for field in fields):
        return make(name, __base__=bases, __module__=module, **fields)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message='Field name ".*" in ".*" shadows an attribute')
        return make(name, __base__=bases, __module__=module, **fields)


def field_names(model: Any) -> list[str]:
    """The names a schema may use: every column, then many-to-many."""
    meta = model._meta
    return [*(field.name for field in meta.fields), *(field.name for field in meta.many_to_many)]


def checked_names(where: str, model: Any, names: Iterable[str]) -> tuple[str, ...]:
    """*names*, each a field of *model* (``author_id`` means ``author``); else ``FieldError`` with the choices."""
    if isinstance(names, str):
        raise ImproperlyConfigured(f"{where} must be a tuple or list of names, not the text {names!r}.")
    known = field_names(model)
    found: list[str] = []
    for name in names:
        if name == "pk":
            name = model._meta.pk.name  # noqa: PLW2901 - the name it stands for
        elif name not in known and name in model._meta.by_attname:
            name = model._meta.by_attname[name].name  # noqa: PLW2901
        if name not in known:
            raise FieldError(
                f"{where} names {name!r}, which {model.__name__} does not have. {did_you_mean(name, known)}"
            )
        found.append(name)
    return tuple(dict.fromkeys(found))


def chosen_names(
    where: str, model: Any, fields: Iterable[str] | str | None, exclude: Iterable[str], nested: Mapping[str, Any]
) -> tuple[str, ...]:
    """What ``fields`` and ``exclude`` leave.  Many-to-many fields appear only when they are named."""
    if fields is not None and fields != "__all__":
        if exclude:
            raise ImproperlyConfigured(f"{where} has both fields and exclude: give one.")
        return checked_names(f"{where}.fields", model, fields)
    left_out = checked_names(f"{where}.exclude", model, exclude)
    inside = [name for name in nested if name not in {field.name for field in model._meta.fields}]
    return tuple(name for name in (*(field.name for field in model._meta.fields), *inside) if name not in left_out)


def define(
    model: Any,
    names: Collection[str],
    *,
    optional: Collection[str] = (),
    nested: Mapping[str, type[BaseModel]] | None = None,
    use: Use = "both",
) -> Definitions:
    """The fields *names* of a schema for *model*."""
    nested = nested or {}
    columns = {field.name: field for field in model._meta.fields}
    links = {field.name: field for field in model._meta.many_to_many}
    fields: dict[str, Any] = {}
    keys: dict[str, str] = {}
    for name in names:
        if name in links:
            fields[name] = _linked(links[name], nested.get(name), use)
        elif name in nested:
            fields[name] = _embedded(columns[name], nested[name])
        else:
            field = columns[name]
            fields[name] = _column(field, use, optional=name in optional)
            if field.attname != name:
                keys[name] = field.attname
    return Definitions(fields, keys)


def _annotated(column: ColumnType, *, null: bool) -> Any:
    annotation = column.type | None if null and column.type is not Any else column.type
    return Annotated[(annotation, *column.metadata)] if column.metadata else annotation


def _column(field: Any, use: Use, *, optional: bool) -> tuple[Any, Any]:
    described = {"description": field.help_text} if field.help_text else {}
    if use == "read":  # what the table holds is shown, whatever the rules of today
        found = column_type(field)
        shown = tuple(item for item in found.metadata if isinstance(item, (Documented, PlainSerializer)))
        return _annotated(ColumnType(found.type, shown), null=field.null), Field(**described)
    column = column_type(field, strict=use != "both")
    if use == "update":
        return _may_be_missing(_annotated(column, null=field.null)), Field(MISSING, **described)
    if optional:
        return _annotated(column, null=True), Field(None, **described)
    if _comes_by_itself(field):
        return _may_be_missing(_annotated(column, null=False)), Field(MISSING, **described)
    annotation = _annotated(column, null=field.null)
    if field.has_default():
        return annotation, _default(field, described)
    if field.null:
        return annotation, Field(None, **described)
    if field.blank and field.empty_strings_allowed:
        return annotation, Field("", **described)
    return annotation, Field(**described)


def _may_be_missing(annotation: Any) -> Any:
    """*annotation*, or nothing: such a field is left out of ``model_dump()`` when it was not sent."""
    return Union[annotation, MISSING]  # noqa: UP007 - `|` is not defined between all of these


def _comes_by_itself(field: Any) -> bool:
    """Numbered by the database, or set from the clock."""
    return bool(field.identity or getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False))


def _default(field: Any, described: dict[str, Any]) -> Any:
    default = field.default
    if default is None or type(default) in _PLAIN:
        return Field(default, **described)
    return Field(default_factory=field.get_default, **described)


def _embedded(field: Any, schema: type[BaseModel]) -> tuple[Any, Any]:
    if not field.is_relation:
        raise ImproperlyConfigured(f"{field} is no relation and cannot be nested.")
    return (schema | None, Field(None)) if field.null else (schema, Field())


def _linked(field: Any, schema: type[BaseModel] | None, use: Use) -> tuple[Any, Any]:
    item: Any = schema or _annotated(
        column_type(field.related_model._meta.pk, strict=use in ("create", "update")), null=False
    )
    if use == "update":
        return _may_be_missing(list.__class_getitem__(item)), Field(MISSING)
    return list.__class_getitem__(item), Field(default_factory=list)
