"""What dorm and Django are asked alike: the same query sets, and the same synchronous methods.

An adapter names its models and what stands beside them (``Prefetch``, ``Count``, ``Sum``).  Its asynchronous methods
are its own: each library has another way to wait for rows.
"""

from __future__ import annotations

from typing import Any


class QuerySets:
    """The query sets of the larger tasks."""

    Item: Any
    Line: Any
    Owner: Any
    Score: Any
    Tag: Any
    names: Any
    """What has ``Prefetch``, ``Count`` and ``Sum``."""

    _scores: list[Any]

    def with_children(self, last: int) -> Any:
        """All owners, with their items up to a key."""
        chosen = self.names.Prefetch("item_set", self.Item.objects.filter(pk__lte=last), to_attr="chosen")
        return self.Owner.objects.order_by("pk").prefetch_related(chosen)

    def with_tags(self) -> Any:
        """All owners, with their tags."""
        labels = self.names.Prefetch("tags", self.Tag.objects.order_by("pk"), to_attr="labels")
        return self.Owner.objects.order_by("pk").prefetch_related(labels)

    def groups(self) -> Any:
        """How many items an owner has, and the sum of their quantities."""
        numbers = {"count": self.names.Count("pk"), "sum": self.names.Sum("quantity")}
        found = self.Item.objects.values("owner_id").annotate(**numbers).order_by("owner_id")
        return found.values_list("owner_id", "count", "sum")

    def found_by(self, values: dict[str, Any]) -> Any:
        """The items that meet six conditions, one over a join."""
        return self.Item.objects.filter(
            quantity__gte=values["least"],
            quantity__lt=values["most"],
            name__startswith=values["beginning"],
            active=values["active"],
            owner__name=values["owner"],
            price__gt=values["price"],
        ).order_by("-quantity")[:20]


class Blocking(QuerySets):
    """The methods without ``a``."""

    def open(self) -> None:
        self._scores = list(self.Score.objects.order_by("pk"))

    def insert(self, record: dict[str, Any]) -> Any:
        return self.Item.objects.create(**record)

    def scan(self, least: float) -> list[Any]:
        return list(self.Item.objects.filter(weight__gte=least))

    def page(self, least: int) -> list[Any]:
        return list(self.Item.objects.filter(quantity__gte=least).order_by("quantity")[:20])

    def get(self, key: int) -> Any:
        return self.Item.objects.get(pk=key)

    def dicts(self, least: float) -> list[dict[str, Any]]:
        return list(self.Item.objects.filter(weight__gte=least).values())

    def tuples(self, least: float) -> list[tuple[Any, ...]]:
        return list(self.Item.objects.filter(weight__gte=least).values_list())

    def joined(self, last: int) -> list[Any]:
        return list(self.Item.objects.filter(pk__lte=last).select_related("owner"))

    def children(self, last: int) -> list[Any]:
        return list(self.with_children(last))

    def tagged(self, _: int) -> list[Any]:
        return list(self.with_tags())

    def grouped(self, _: int) -> list[tuple[Any, ...]]:
        return list(self.groups())

    def update(self, scores: list[tuple[int, int, str]]) -> int:
        count: int = self.Score.objects.bulk_update(changed(self._scores, scores), ["points", "remark"])
        return count

    def stream(self, _: int) -> tuple[int, int]:
        count = total = 0
        for line in self.Line.objects.iterator():
            count += 1
            total += line.pk
        return count, total

    def find(self, values: dict[str, Any]) -> list[Any]:
        return list(self.found_by(values))


def changed(kept: list[Any], scores: list[tuple[int, int, str]]) -> list[Any]:
    """The objects with new values."""
    for score, (_, points, remark) in zip(kept, scores, strict=True):
        score.points = points
        score.remark = remark
    return kept
