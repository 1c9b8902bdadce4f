"""``EmptyQuerySet``: what ``none()`` gives is an instance of it."""

from __future__ import annotations

from typing import Any

from dorm.models.queryset import QuerySet


class _Empty(type):
    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, QuerySet) and instance.described.is_none


class EmptyQuerySet(metaclass=_Empty):
    """``isinstance(queryset, EmptyQuerySet)`` tells whether *queryset* is one of ``none()``, without asking."""

    def __init__(self) -> None:
        raise TypeError("EmptyQuerySet can't be instantiated: use none().")
