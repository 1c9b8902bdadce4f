"""The schemas of generated routes: what is read, what creates, what updates.  Strict about types and unknown names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import BaseModel, ConfigDict

from dorm.contrib.pydantic.definitions import built, checked_names, chosen_names, define
from dorm.contrib.pydantic.schema import DormSchema

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from dorm.contrib.pydantic.definitions import Use


class Schemas(NamedTuple):
    """The schemas of one model's routes."""

    read: type[BaseModel]
    create: type[BaseModel]
    update: type[BaseModel]


class _Input(DormSchema):
    model_config = ConfigDict(extra="forbid")


def schemas_for(
    model: Any, *, fields: Iterable[str] | None = None, exclude: Iterable[str] = (), read_only: Iterable[str] = ()
) -> Schemas:
    """Schemas for *fields* (all but *exclude*); *read_only* ones are shown and never taken.

    What is not editable is read-only; so is the key, unless it has no default and is not automatic: then it is taken
    when the row is created.
    """
    where = f"The routes of {model.__name__}"
    name = model.__name__
    names = chosen_names(where, model, fields, exclude, {})
    fixed = set(checked_names(f"{where} read_only", model, read_only))
    pk = model._meta.pk
    fixed |= {field.name for field in model._meta.fields if not field.editable}
    if pk.identity or pk.has_default():
        fixed.add(pk.name)
    written = [each for each in names if each not in fixed]
    updated = [each for each in written if each != pk.name]
    return Schemas(
        _built(model, name, names, "read"),
        _built(model, f"{name}Create", written, "create"),
        _built(model, f"{name}Update", updated, "update"),
    )


def _built(model: Any, name: str, names: Collection[str], use: Use) -> type[BaseModel]:
    made = define(model, names, use=use)
    base = DormSchema if use == "read" else _Input
    schema: Any = built(name, (base,), model.__module__, made.fields)
    schema.__dorm_keys__ = made.keys
    finished: type[BaseModel] = schema
    return finished
