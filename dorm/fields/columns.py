"""Typed columns: what ``Author.age`` is.  An expression whose operators and lookup methods give ``Q`` objects.

``Author.age >= 18`` is ``Q(age__gte=18)`` that the type checker has read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from dorm.exceptions import FieldError
from dorm.expressions import Combinable, Q

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dorm.expressions import Scope, Shape

T = TypeVar("T")


class ColumnName(str):
    """A lookup's name that knows the model it was written for."""

    __slots__ = ("model",)
    model: Any


class Column(Combinable, Generic[T]):
    """A field reached through its class, or through relations of it: ``Book.author.name``."""

    __hash__ = object.__hash__

    def __init__(self, model: Any, name: str) -> None:
        self._model, self._name = model, name

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        model = getattr(scope, "model", None)
        if model is not self._model:
            raise FieldError(f"{self!r} is a column of {self._model.__name__}, and this query is about {model}.")
        return scope.reference(self._name, values)

    def _q(self, lookup: str, value: Any) -> Q:
        name = ColumnName(f"{self._name}__{lookup}")
        name.model = self._model
        return Q((name, value))

    def __eq__(self, other: object) -> Q:  # type: ignore[override]  # a condition, as in SQL
        return self._q("exact", other)

    def __ne__(self, other: object) -> Q:  # type: ignore[override]  # a condition, as in SQL
        return ~self._q("exact", other)

    def __lt__(self, other: T | Combinable) -> Q:
        return self._q("lt", other)

    def __le__(self, other: T | Combinable) -> Q:
        return self._q("lte", other)

    def __gt__(self, other: T | Combinable) -> Q:
        return self._q("gt", other)

    def __ge__(self, other: T | Combinable) -> Q:
        return self._q("gte", other)

    def in_(self, values: Iterable[T]) -> Q:
        """Equal to one of the values."""
        return self._q("in", values)

    def between(self, low: T, high: T) -> Q:
        """From *low* to *high*, both included."""
        return self._q("range", (low, high))

    def isnull(self, value: bool = True) -> Q:
        """Is NULL, or with ``False`` is not."""
        return self._q("isnull", value)

    def iexact(self: Column[str] | Column[str | None], text: str) -> Q:
        """Equal, whatever the case."""
        return self._q("iexact", text)

    def contains(self: Column[str] | Column[str | None], text: str) -> Q:
        """The text occurs."""
        return self._q("contains", text)

    def icontains(self: Column[str] | Column[str | None], text: str) -> Q:
        """The text occurs, whatever the case."""
        return self._q("icontains", text)

    def startswith(self: Column[str] | Column[str | None], text: str) -> Q:
        """The text stands at the beginning."""
        return self._q("startswith", text)

    def endswith(self: Column[str] | Column[str | None], text: str) -> Q:
        """The text stands at the end."""
        return self._q("endswith", text)

    def __repr__(self) -> str:
        return f"<Column {self._model.__name__}.{self._name.replace('__', '.')}>"


class RelatedColumn(Column[Any]):
    """A foreign key reached through its class; its attributes are the columns of the model it points to.

    A column comes before a method of the same name, so ``Book.author.contains`` is the author's when it has such one.
    """

    def __init__(self, model: Any, name: str, relation: Any) -> None:
        super().__init__(model, name)
        self._relation = relation

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("_") or name == "shape":
            return super().__getattribute__(name)
        try:
            return column_of(self._model, f"{self._name}__", self._relation.model, name)
        except AttributeError:
            if hasattr(Column, name):
                return super().__getattribute__(name)
            raise


def column_of(model: Any, prefix: str, owner: Any, name: str) -> Column[Any]:
    """The column *name* of *owner*, reached from *model* by *prefix*; ``AttributeError`` when there is none."""
    meta = owner._meta
    field = meta.pk if name == "pk" else meta.by_name.get(name) or meta.by_attname.get(name)
    if field is None:
        raise AttributeError(f"{owner.__name__} has no attribute {name!r}")
    if field.remote_field is not None and name == field.name:
        return RelatedColumn(model, prefix + name, field.remote_field)
    return Column(model, prefix + name)
