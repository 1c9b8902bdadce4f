"""The lookups and transforms of a class of fields, or of one field, and how outsiders add theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from dorm.lookups import LOOKUPS, Lookup, Transform, forget, kept, register_computed, registering
from dorm.meta.registry import registry
from dorm.sql.kinds import INTEGERS, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

R = TypeVar("R", bound=type[Any])
T = TypeVar("T")

registering.listeners.append(registry.reinterpret)

_ALIKE: dict[Kind, tuple[Kind, ...]] = {Kind.CHAR: (Kind.CHAR, Kind.TEXT), Kind.INTEGER: INTEGERS}
"""Kinds of computed values for which the lookups of another kind's field hold too."""


class OfClassOrField(Generic[T]):
    """A method of a class of fields and of one field: what it is called on is given to *make*."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __get__(self, instance: Any, owner: Any) -> T:
        return self._make(owner if instance is None else instance)


class RegisterLookup:
    """Make a lookup, a transform or a function of one argument known for a class of fields, or for one field only.

    It is called by *lookup_name*, or by the ``lookup_name`` or ``name`` of the class; usable as a decorator, which
    gives the class back.  What is registered for one of our classes holds for its subclasses and for computed values
    of its kind, too.
    """

    def __init__(self, place: Any) -> None:
        self._place = place

    def __call__(self, lookup: R, lookup_name: str | None = None) -> R:
        name, found = registering.register(self._place, lookup, lookup_name)
        register_computed(_kinds(self._place), name, found)
        registering.changed()
        return lookup


class UnregisterLookup:
    """Take back ``register_lookup``, as tests do."""

    def __init__(self, place: Any) -> None:
        self._place = place

    def __call__(self, lookup: type[Any], lookup_name: str | None = None) -> None:
        forget(_kinds(self._place), registering.unregister(self._place, lookup, lookup_name))
        registering.changed()


class Known(Generic[T]):
    """Every lookup, or every transform, by name."""

    attribute: ClassVar[str]

    def __init__(self, place: Any) -> None:
        self._place = place

    def __call__(self) -> dict[str, T]:
        place = self._place
        of_class = place if isinstance(place, type) else type(place)
        found: dict[str, T] = {}
        for base in reversed(of_class.__mro__):
            found.update(kept(base, self.attribute))
        return found if place is of_class else {**found, **kept(place, self.attribute)}


class KnownLookups(Known[type[Lookup]]):
    """Every lookup by name."""

    attribute = "class_lookups"


class KnownTransforms(Known[type[Transform]]):
    """Every transform by name."""

    attribute = "class_transforms"


class Registering:
    """The part of a field that knows its lookups."""

    kind: ClassVar[Kind]
    class_lookups: ClassVar[dict[str, type[Lookup]]] = {lookup.name: lookup for lookup in LOOKUPS}
    class_transforms: ClassVar[dict[str, type[Transform]]] = {}

    register_lookup = OfClassOrField(RegisterLookup)
    _unregister_lookup = OfClassOrField(UnregisterLookup)
    get_lookups = OfClassOrField(KnownLookups)
    get_transforms: OfClassOrField[Callable[[], dict[str, type[Transform]]]] = OfClassOrField(KnownTransforms)
    get_lookup: OfClassOrField[Callable[[str], type[Lookup] | None]] = OfClassOrField(lambda at: at.get_lookups().get)
    """The lookup of that name, or ``None``."""
    get_transform: OfClassOrField[Callable[[str], type[Transform] | None]] = OfClassOrField(
        lambda at: at.get_transforms().get
    )
    """The transform of that name, or ``None``."""


def _kinds(place: Any) -> Iterable[Kind]:
    """The kinds of computed values that a class of fields speaks for; one field speaks for itself only."""
    if not isinstance(place, type):
        return ()
    kind: Kind | None = getattr(place, "kind", None)
    if kind is not None and "kind" in vars(place) and place.__module__.startswith("dorm.fields."):
        return _ALIKE.get(kind, (kind,))
    return Kind if kind is None else ()
