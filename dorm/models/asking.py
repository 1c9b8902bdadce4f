"""What terminal methods ask for, as queries: mistakes are told before anything is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.exceptions import FieldError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dorm.query.query import Query


def by_time(query: Query[Any], fields: tuple[str, ...], *, latest: bool) -> Query[Any]:
    """The first row by *fields*, or the last."""
    model: Any = query.model
    declared = model._meta.get_latest_by or ()
    chosen = fields or ((declared,) if isinstance(declared, str) else tuple(declared))
    if not chosen:
        raise ValueError(
            f"earliest() and latest() need the names of fields, or get_latest_by in the Meta of {model.__name__}."
        )
    if query.sliced:
        raise TypeError("Cannot reorder once a slice has been taken: call earliest() and latest() before slicing.")
    ordered = query.ordered_by(chosen)
    return (ordered.backwards() if latest else ordered).limited(1)


def keyed(query: Query[Any], keys: Iterable[Any] | None, field_name: str) -> tuple[Query[Any], str]:
    """The rows with these values of a unique field, and the attribute that holds it."""
    model: Any = query.model
    field = model._meta.own_field(field_name)
    total = any(one.fields == (field.name,) for one in model._meta.total_unique_constraints)
    if not field.unique and not total:
        raise ValueError(f"in_bulk(): field_name must be a unique field; {field_name!r} of {model.__name__} is not.")
    if query.sliced:
        raise TypeError("Cannot use in_bulk() once a slice has been taken: call it before slicing.")
    if query.result != "instances":
        raise TypeError("in_bulk() cannot be used after values() or values_list(): there are no instances.")
    found = query if keys is None else query.filtered((), {f"{field.attname}__in": list(keys)})
    return found, field.attname


def containing(query: Query[Any], obj: Any) -> Query[Any]:
    """The row of *obj*, if the query gives it."""
    model: Any = query.model
    if query.result != "instances":
        raise TypeError("Cannot call contains() after values() or values_list().")
    if not isinstance(obj, model):
        raise TypeError(f"contains() takes an instance of {model.__name__}, not {obj!r}.")
    if obj.pk is None:
        raise ValueError("contains() cannot be used with an instance that was not saved.")
    if query.sliced:
        raise TypeError("Cannot call contains() once a slice has been taken: call it before slicing.")
    return query.filtered((), {"pk": obj.pk})


def lock_words(*, nowait: bool, skip_locked: bool, no_key: bool, of: tuple[str, ...]) -> tuple[str, ...]:
    """What follows the beginning of ``FOR UPDATE``."""
    if nowait and skip_locked:
        raise ValueError("select_for_update(): nowait and skip_locked exclude each other; give one.")
    if of and of != ("self",):
        raise FieldError(f'select_for_update(of={of!r}): only the rows of the model itself are locked: of=("self",).')
    ending = ("NOWAIT",) if nowait else ("SKIP LOCKED",) if skip_locked else ()
    return ("NO KEY", *ending) if no_key else ("", *ending)
