"""How outsiders make lookups and transforms known: for a class of fields, for one field, for what a transform gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.expressions import Expression
from dorm.lookups.applied import transform_of
from dorm.lookups.base import Lookup, Transform, kept

if TYPE_CHECKING:
    from collections.abc import Callable

ATTRIBUTES = ("class_lookups", "class_transforms")
"""Where a class, or a field, keeps its lookups and its transforms by name."""

listeners: list[Callable[[], object]] = []
"""Called when names have come to mean something else."""


def register(place: Any, lookup: Any, lookup_name: str | None) -> tuple[str, type[Lookup | Transform]]:
    """Make *lookup* known at *place*; its name there, and what it is there.

    ``ValueError`` without a name, ``TypeError`` unless it is a lookup, a transform or a function of one argument.
    """
    given, name = lookup, _name(lookup, lookup_name)
    if not isinstance(name, str) or not name.isidentifier() or "__" in name:
        raise ValueError(f"A lookup needs a name that is an identifier without '__', not {name!r}.")
    if not isinstance(given, type) or not issubclass(given, (Lookup, Transform, Expression)):
        raise TypeError(f"register_lookup takes a class: a Lookup, a Transform or a function, not {lookup!r}.")
    found: Any = given
    if not issubclass(given, (Lookup, Transform)):
        found = transform_of(given, name)
    elif not hasattr(given, "name"):
        given.name = name
    attribute = ATTRIBUTES[0 if issubclass(found, Lookup) else 1]
    setattr(place, attribute, {**kept(place, attribute), name: found})
    return name, found


def unregister(place: Any, lookup: Any, lookup_name: str | None) -> str:
    """Take back :func:`register`; the name."""
    name = str(_name(lookup, lookup_name))
    for attribute in ATTRIBUTES:
        setattr(place, attribute, {known: one for known, one in kept(place, attribute).items() if known != name})
    return name


def changed() -> None:
    """Tell that names mean something else now."""
    for listener in listeners:
        listener()


def _name(lookup: Any, lookup_name: str | None) -> Any:
    return lookup_name or getattr(lookup, "lookup_name", None) or getattr(lookup, "name", None)


def _register(place: Any, lookup: Any, lookup_name: str | None) -> None:
    register(place, lookup, lookup_name)
    changed()


def _unregister(place: Any, lookup: Any, lookup_name: str | None) -> None:
    unregister(place, lookup, lookup_name)
    changed()


Transform.registrars = (_register, _unregister)
