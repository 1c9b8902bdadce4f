"""The lookups and transforms of a class of fields, and how outsiders add theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from dorm.expressions import Expression
from dorm.lookups import LOOKUPS, Lookup, Transform, forget, register_computed, transform_of
from dorm.meta.registry import registry
from dorm.sql.kinds import INTEGERS, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

R = TypeVar("R", bound=type[Any])

_ALIKE: dict[Kind, tuple[Kind, ...]] = {Kind.CHAR: (Kind.CHAR, Kind.TEXT), Kind.INTEGER: INTEGERS}
"""Kinds of computed values for which the lookups of another kind's field hold too."""


class Registering:
    """The part of a field that knows its lookups."""

    kind: ClassVar[Kind]
    class_lookups: ClassVar[dict[str, type[Lookup]]] = {lookup.name: lookup for lookup in LOOKUPS}
    class_transforms: ClassVar[dict[str, type[Transform]]] = {}

    @classmethod
    def register_lookup(cls, lookup: R, lookup_name: str | None = None) -> R:
        """Make a lookup, a transform or a function of one argument known for this class of fields and its subclasses.

        It is called by *lookup_name*, or by the ``lookup_name`` or ``name`` of the class; usable as a decorator, which
        gives the class back.  What is registered for one of our classes holds for computed values of its kind, too.
        """
        given: Any = lookup
        name = lookup_name or getattr(lookup, "lookup_name", None) or getattr(lookup, "name", None)
        if not isinstance(name, str) or not name.isidentifier() or "__" in name:
            raise ValueError(f"A lookup needs a name that is an identifier without '__', not {name!r}.")
        if not isinstance(given, type) or not issubclass(given, (Lookup, Transform, Expression)):
            raise TypeError(f"register_lookup takes a class: a Lookup, a Transform or a function, not {lookup!r}.")
        if issubclass(given, (Lookup, Transform)):
            if "name" not in vars(given) and not hasattr(given, "name"):
                given.name = name
        else:
            given = transform_of(given, name)
        attribute = "class_lookups" if issubclass(given, Lookup) else "class_transforms"
        setattr(cls, attribute, {**cls.__dict__.get(attribute, {}), name: given})
        register_computed(cls._kinds(), name, given)
        registry.reinterpret()
        return lookup

    @classmethod
    def _unregister_lookup(cls, lookup: type[Any], lookup_name: str | None = None) -> None:
        """Take back :meth:`register_lookup`, as tests do."""
        name = lookup_name or getattr(lookup, "lookup_name", None) or getattr(lookup, "name", None)
        for attribute in ("class_lookups", "class_transforms"):
            setattr(cls, attribute, {k: v for k, v in cls.__dict__.get(attribute, {}).items() if k != name})
        forget(cls._kinds(), str(name))
        registry.reinterpret()

    @classmethod
    def _kinds(cls) -> Iterable[Kind]:
        """The kinds of computed values that this class of fields speaks for."""
        if "kind" in cls.__dict__ and cls.__module__.startswith("dorm.fields."):
            return _ALIKE.get(cls.kind, (cls.kind,))
        return () if hasattr(cls, "kind") else Kind

    @classmethod
    def _gathered(cls, attribute: str) -> dict[str, Any]:
        return {k: v for base in reversed(cls.__mro__) for k, v in base.__dict__.get(attribute, {}).items()}

    @classmethod
    def get_lookups(cls) -> dict[str, type[Lookup]]:
        """Every lookup by name."""
        return cls._gathered("class_lookups")

    @classmethod
    def get_transforms(cls) -> dict[str, type[Transform]]:
        """Every transform by name."""
        return cls._gathered("class_transforms")

    @classmethod
    def get_lookup(cls, lookup_name: str) -> type[Lookup] | None:
        """The lookup of that name, or ``None``."""
        return cls.get_lookups().get(lookup_name)

    @classmethod
    def get_transform(cls, lookup_name: str) -> type[Transform] | None:
        """The transform of that name, or ``None``."""
        return cls.get_transforms().get(lookup_name)
