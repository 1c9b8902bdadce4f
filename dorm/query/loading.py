"""Which fields are loaded: ``only()`` and ``defer()``, for the model itself and for what ``select_related`` joins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from dorm.exceptions import FieldDoesNotExist, FieldError
from dorm.meta.paths import path_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dorm.meta.relations import Step

Steps: TypeAlias = "tuple[Step, ...]"


class Chosen(NamedTuple):
    """Fields and the steps to them: those that are left out, or the only ones of their place."""

    named: frozenset[tuple[Steps, Any]]
    left_out: bool


Loaded: TypeAlias = "Chosen | tuple[()]"
"""What was chosen; nothing when all fields are loaded."""


def only(model: Any, names: tuple[str, ...], before: Loaded) -> Loaded:
    """Just the named fields, without those that were left out *before*, and the keys; of no name it is all."""
    named = _named_fields(model, names)
    if before and before.left_out:
        named -= before.named
    return Chosen(named, left_out=False) if named else ()


def defer(model: Any, names: tuple[str, ...], before: Loaded) -> Loaded:
    """What was loaded before, without the named fields; keys stay.

    Where no field is left of those that were the only ones, all are loaded again, as in Django.
    """
    named = _named_fields(model, names)
    if before and not before.left_out:
        left = before.named - named
        if left:
            return Chosen(left, left_out=False)
        named -= before.named
    elif before:
        named |= before.named
    return Chosen(named, left_out=True) if named else ()


def _named_fields(model: Any, names: Iterable[str]) -> frozenset[tuple[Steps, Any]]:
    """The fields that *names* spell, each with the steps to it."""
    found: set[tuple[Steps, Any]] = set()
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
        found.add((path.steps, path.field))
    return frozenset(found)


def fields_at(loaded: Loaded, steps: Steps, model: Any) -> tuple[Any, ...]:
    """The fields of *model*, reached by *steps*, that are loaded, in the order of the model."""
    fields: tuple[Any, ...] = model._meta.fields
    if not loaded:
        return fields
    key, depth = model._meta.pk, len(steps)
    named = {field for place, field in loaded.named if place == steps}
    if loaded.left_out:
        return tuple(field for field in fields if field is key or field not in named)
    # A related row is reached through its key, which must be there.
    named |= {place[depth].relation.field for place, _ in loaded.named if len(place) > depth and place[:depth] == steps}
    if steps and not named:
        return fields
    return tuple(field for field in fields if field is key or field in named)
