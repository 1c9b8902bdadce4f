"""Filters as they are written, to shape and values: ``Q`` trees and keywords become interned conditions.

The grammar of a part: a :class:`Condition`; ``(Condition, shape)`` when the right side is an expression;
``(connector, negated, parts, call)``, where *call* numbers the calls of ``filter`` that cross to-many relations, or is
``None``; or a :class:`Verdict`.  Values are appended in the order of the walk, which is the
order in which a planner meets the parts again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard

from dorm.exceptions import FieldError
from dorm.expressions import Combinable, Q
from dorm.meta.paths import Condition, condition_of, path_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dorm.expressions import Shape
    from dorm.lookups import Verdict

Part: TypeAlias = "Condition | Verdict | tuple[Any, ...]"


class ModelScope:
    """Names mean the fields of one model."""

    __slots__ = ("model",)

    def __init__(self, model: Any) -> None:
        self.model = model

    def reference(self, name: str) -> Shape:
        return path_of(self.model, name)


def resolve(model: Any, conditions: tuple[Any, ...], lookups: dict[str, Any], values: list[Any]) -> list[Part]:
    """The parts of one call of ``filter``; their values are appended to *values*."""
    parts: list[Part] = [_tree(model, condition, values) for condition in conditions]
    known = model._meta.conditions
    for name, value in lookups.items():
        condition: Condition = known.get(name) or condition_of(model, name)
        if value.__class__ in condition.plain:
            # The common case: a value of the column's own class.
            parts.append(condition)
            values.append(value)
        else:
            parts.append(_leaf(model, condition, value, values))
    return parts


def _leaf(model: Any, condition: Condition, value: Any, values: list[Any]) -> Part:
    if isinstance(value, Combinable):
        if not condition.values:
            raise ValueError(f"{condition.name} takes True or False, not an expression.")
        return (condition, value.shape(ModelScope(model), values))
    part, prepared = condition.accept(value)
    if isinstance(part, Condition) and part.values:
        values.append(prepared)
    return part


def _own(model: Any, child: tuple[Any, Any]) -> tuple[Any, Any]:
    """The lookup of a Q; one that was written with a typed column must be about this model."""
    written_for = getattr(child[0], "model", model)
    if written_for is not model:
        raise FieldError(
            f"{child[0]!r} was written with a column of {written_for.__name__}, and this query is about "
            f"{model.__name__}."
        )
    return child


class _Frame:
    """A Q whose children are being resolved."""

    __slots__ = ("parts", "q", "remaining")

    def __init__(self, q: Q) -> None:
        self.q = q
        self.remaining: Iterator[Any] = iter(q.children)
        self.parts: list[Part] = []


def _tree(model: Any, condition: Any, values: list[Any]) -> Part:
    """One Q, without recursion: it may be nested deeper than Python's stack."""
    if not isinstance(condition, Q):
        raise TypeError(f"filter() takes Q objects and keyword lookups, not {condition!r}.")
    frames = [_Frame(condition)]
    while True:
        frame = frames[-1]
        for child in frame.remaining:
            if isinstance(child, Q):
                frames.append(_Frame(child))
                break
            name, value = _own(model, child)
            if not isinstance(name, str):
                raise FieldError(f"A lookup's name is text, not {name!r}.")
            frame.parts.append(_leaf(model, condition_of(model, name), value, values))
        else:
            frames.pop()
            part = (frame.q.connector, frame.q.negated, tuple(frame.parts), None)
            if not frames:
                return part
            frames[-1].parts.append(part)


def is_group(part: Any) -> TypeGuard[tuple[str, bool, tuple[Part, ...], int | None]]:
    """Whether *part* joins further parts."""
    return part.__class__ is tuple and len(part) == 4


def has_many(parts: list[Part]) -> bool:
    """Whether any part crosses a to-many relation."""
    stack: list[Any] = parts.copy()
    while stack:
        current = stack.pop()
        if current.__class__ is Condition:
            if current.path.many:
                return True
        elif current.__class__ is tuple:
            stack.extend(current[2] if is_group(current) else current[:1])
    return False
