"""Query sets made of several: what ``union()``, ``intersection()`` and ``difference()`` give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from dorm.models.queryset import QuerySet

if TYPE_CHECKING:
    from collections.abc import Callable

M = TypeVar("M")


class CombinedQuerySet(QuerySet[M]):
    """The rows of several query sets together.

    It is ordered by its columns, sliced, counted, iterated, and combined again; ``values()`` names its columns.  What
    must be asked of each of them (``filter``, ``annotate``, …) raises ``NotSupportedError``: ask before combining.
    """


REFUSED = (
    "aggregate", "alias", "annotate", "bulk_update", "contains", "defer", "delete", "distinct", "exclude", "extra",
    "filter", "only", "prefetch_related", "select_for_update", "select_related", "update",
)  # fmt: skip
"""What is asked of each query before they are combined."""


def _refused(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    def refuse(self: Any, *arguments: Any, **keywords: Any) -> Any:
        self.described.refuse(f"{name}()")

    refuse.__name__, refuse.__doc__ = name, method.__doc__
    refuse.__qualname__, refuse.__wrapped__ = f"CombinedQuerySet.{name}", method  # type: ignore[attr-defined]  # as functools.wraps does
    return refuse


for _name in REFUSED:
    for _one in (_name, f"a{_name}"):
        if hasattr(QuerySet, _one):
            setattr(CombinedQuerySet, _one, _refused(_one, getattr(QuerySet, _one)))


QuerySet.combined_class = CombinedQuerySet
