"""Find a row or make it, safe against somebody who makes it at the same time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.actions import read
from dorm.actions.blocks import in_block
from dorm.exceptions import FieldError, IntegrityError
from dorm.hints import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable

    from dorm.db.executor import Executor
    from dorm.meta.options import Options
    from dorm.query.query import Query


async def get_or_create(
    db: Executor, found_by: Query[Any], make: Callable[[], Coroutine[Any, Any, Any]]
) -> tuple[Any, bool]:
    """The only row of *found_by* and ``False``, or what *make* creates and ``True``.

    The creation stands behind a savepoint: when somebody else was faster, the row they made is given.
    """
    found = await read.get_or_none(db, found_by)
    if found is not None:
        return found, False
    try:
        return await in_block(db, make()), True
    except IntegrityError:
        found = await read.get_or_none(db, found_by)
        if found is None:
            raise
        return found, False


async def update_or_create(
    db: Executor,
    found_by: Query[Any],
    make: Callable[[], Coroutine[Any, Any, Any]],
    change: Callable[[Any], Coroutine[Any, Any, None]],
) -> tuple[Any, bool]:
    """The only row of *found_by* after *change* and ``False``, or what *make* creates and ``True``; one unit."""
    return await in_block(db, _update_or_create(db, found_by, make, change))


async def _update_or_create(db: Executor, found_by: Query[Any], make: Any, change: Any) -> tuple[Any, bool]:
    instance, created = await get_or_create(db, found_by.locked(), make)
    if not created:
        await change(instance)
    return instance, created


def assign(instance: Any, values: dict[str, Any] | None) -> list[str]:
    """Set *values* on *instance*, calling those that are callable; the names, for ``update_fields``.

    Fields that change themselves on save are among them.  ``FieldError`` when *values* name what is no field.
    """
    check_names(type(instance), values)
    for name, value in (values or {}).items():
        setattr(instance, name, value() if callable(value) else value)
    meta = instance._meta
    own = [name for name in (values or {}) if name in meta.by_name or name in meta.by_attname]
    return [*own, *(field.name for field in meta.changing_fields)]


def new_values(model: Any, lookups: dict[str, Any], defaults: dict[str, Any] | None) -> dict[str, Any]:
    """What a row is made with: exact lookups on own fields, then *defaults*; callables there are called.

    ``FieldError`` when *defaults* name what is no field.
    """
    values = {
        name.removesuffix("__exact"): value
        for name, value in lookups.items()
        if "__" not in name.removesuffix("__exact")
    }
    check_names(model, defaults)
    for name, value in (defaults or {}).items():
        values[name] = value() if callable(value) else value
    return values


def check_names(model: Any, values: Iterable[str] | None) -> None:
    """Raise ``FieldError`` when a name in *values* is neither a field of *model* nor a property."""
    meta: Options = model._meta
    for name in values or ():
        known = name == "pk" or name in meta.by_name or name in meta.by_attname
        if not known and not isinstance(getattr(model, name, None), property):
            raise FieldError(f"{meta.object_name} has no field {name!r}. {did_you_mean(name, meta.by_name)}")
