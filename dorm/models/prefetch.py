"""``Prefetch``: a lookup of ``prefetch_related`` with a query set and an attribute of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm import actions, db
from dorm.models.naming import check_attribute
from dorm.query.prefetching import Prefetching
from dorm.run import run

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from dorm.models.queryset import QuerySet


class Prefetch:
    """Prefetch *lookup*; with *queryset* only its rows, in its order; into the list *to_attr* of each instance.

    Of a sliced query set each instance gets a slice of its own.
    Raises ``ValueError`` when the query set gives no instances.
    """

    def __init__(self, lookup: str, queryset: QuerySet[Any] | None = None, to_attr: str | None = None) -> None:
        if queryset is not None and queryset.gives != "instances":
            raise ValueError("Prefetch query sets cannot use raw(), values(), and values_list().")
        if to_attr is not None and not to_attr.isidentifier():
            raise ValueError(f"to_attr is the name of an attribute, not {to_attr!r}.")
        self.lookup = lookup
        self.queryset = queryset
        self.to_attr = to_attr

    def __repr__(self) -> str:
        return f"Prefetch({self.lookup!r})"


def prefetching(model: Any, lookup: Any, earlier: Sequence[Prefetching] = ()) -> Prefetching:
    """What one argument of ``prefetch_related`` means after the *earlier* ones; its names are checked at once.

    ``ValueError`` when it has a query set for what is loaded already.
    """
    given = lookup if isinstance(lookup, Prefetch) else Prefetch(lookup)
    if not isinstance(given.lookup, str) or not given.lookup:
        raise TypeError(f"prefetch_related takes names and Prefetch objects, not {lookup!r}.")
    path = tuple(given.lookup.split("__"))
    _check_path(model, path, set(_filled(earlier)))
    if given.to_attr is not None and len(path) == 1:
        check_attribute(model, given.to_attr, f"to_attr={given.to_attr!r}")
    query = None if given.queryset is None else given.queryset.described
    made = Prefetching(path, query, given.to_attr)
    if query is not None and made.target in {target for one in earlier for target in one.targets()}:
        raise ValueError(
            f"{'__'.join(made.target)!r} was prefetched already, with another query set. Name it once, or give to_attr."
        )
    return made


def _filled(lookups: Iterable[Prefetching]) -> Iterator[str]:
    """The attributes that *lookups* fill, those of queries inside included."""
    for one in lookups:
        if one.to_attr:
            yield one.to_attr
        if one.query is not None:
            yield from _filled(one.query.prefetch)


def _check_path(model: Any, path: tuple[str, ...], filled: Collection[str]) -> None:
    """Raise ``FieldError`` unless *path* leads from relation to relation, as far as can be told beforehand."""
    at = model
    for name in path:
        if name in filled:
            return  # of which model its rows are is seen when they are there
        if name not in at._meta.relation_accessors():
            raise actions.select.unknown_relation(at, name)
        at = at._meta.reached_by(name)
        if at is None:
            return  # a model that is not made yet


def _lookups(instances: list[Any], lookups: Iterable[Any]) -> tuple[Prefetching, ...]:
    model: type[Any] = instances[0].__class__
    if any(one.__class__ is not model for one in instances):
        raise TypeError("prefetch_related_objects takes instances of one model.")
    found: tuple[Prefetching, ...] = ()
    for lookup in lookups:
        found += (prefetching(model, lookup, found),)
    return found


def _alias(instances: list[Any]) -> str:
    hints = {"instance": instances[0]}
    return instances[0].__dict__.get("_alias") or db.router.db_for_read(type(instances[0]), **hints)


def prefetch_related_objects(model_instances: Iterable[Any], *related_lookups: str | Prefetch) -> None:
    """Load relations of instances of one model that are there already; what is loaded is not loaded again.

    Raises ``FieldError`` for what is no relation.
    """
    found = list(model_instances)
    if found:
        lookups = _lookups(found, related_lookups)
        run(actions.select.prefetch(db.connection.blocking(_alias(found)), found, lookups))


async def aprefetch_related_objects(model_instances: Iterable[Any], *related_lookups: str | Prefetch) -> None:
    """Asynchronous :func:`prefetch_related_objects`."""
    found = list(model_instances)
    if found:
        lookups = _lookups(found, related_lookups)
        await actions.select.prefetch(db.connection.suspending(_alias(found)), found, lookups)
