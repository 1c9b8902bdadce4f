"""Which fields are loaded: ``only()`` and ``defer()``, for the model itself and for what ``select_related`` joins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from dorm.exceptions import FieldDoesNotExist, FieldError
from dorm.meta.paths import path_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dorm.meta.relations import Step

Steps: TypeAlias = "tuple[Step, ...]"
Loaded: TypeAlias = "tuple[tuple[Steps, frozenset[Any]], ...]"
"""Fields to load by place; a place that is not named loads all of its fields."""


def named_fields(model: Any, names: Iterable[str]) -> dict[Steps, set[Any]]:
    """The fields that *names* spell, by place."""
    found: dict[Steps, set[Any]] = {}
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"only() and defer() take names of fields, not {name!r}.")
        try:
            path = path_of(model, name)
        except FieldError as error:
            raise FieldDoesNotExist(str(error)) from error
        if path.many:
            raise FieldError(
                f"{name!r} leads to many rows: only() and defer() take own columns and relations to one row."
            )
        found.setdefault(path.steps, set()).add(path.field)
    return found


def only(model: Any, names: tuple[str, ...]) -> Loaded:
    """Just the named fields, and the keys."""
    places = named_fields(model, names)
    places.setdefault((), set())
    # A related row is reached through its key, which must be there.
    for steps in list(places):
        if steps:
            places.setdefault(steps[:-1], set()).add(steps[-1].relation.field)
    return tuple((steps, frozenset({*fields, _model_at(model, steps)._meta.pk})) for steps, fields in places.items())


def defer(model: Any, names: tuple[str, ...], loaded: Loaded) -> Loaded:
    """What was loaded before, without the named fields; keys stay."""
    places = dict(loaded)
    for steps, fields in named_fields(model, names).items():
        meta = _model_at(model, steps)._meta
        places[steps] = frozenset((places.get(steps) or frozenset(meta.fields)) - fields | {meta.pk})
    return tuple(places.items())


def _model_at(model: Any, steps: Steps) -> Any:
    return steps[-1].target if steps else model


def fields_at(loaded: Loaded, steps: Steps, model: Any) -> tuple[Any, ...]:
    """The fields of *model*, reached by *steps*, that are loaded, in the order of the model."""
    fields: tuple[Any, ...] = model._meta.fields
    for place, chosen in loaded:
        if place == steps:
            return tuple(field for field in fields if field in chosen)
    return fields
