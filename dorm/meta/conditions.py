"""Filters as they are written, to shape and values: ``Q`` trees and keywords become interned conditions.

The grammar of a part: a :class:`Condition`; ``(Condition, shape)`` when the right side is an expression;
``(connector, negated, parts, call)``, where *call* numbers the calls of ``filter`` that cross to-many relations, or is
``None``; a :class:`Compared`; a :class:`Held`; or a :class:`Verdict`.  Values are appended in the order of the
walk, which is the order in which a planner meets the parts again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias, TypeGuard

from dorm.exceptions import FieldError
from dorm.expressions import Combinable, Holds, Pinned, Q, is_pinned, outputs
from dorm.expressions.documents import as_key, keyed
from dorm.hints import did_you_mean
from dorm.lookups import Computed, Exact, In, Lookup, Range, Transformed, Verdict, chained
from dorm.meta.paths import Condition, Path, condition_of, in_document, reference_of
from dorm.sql.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dorm.expressions import Shape
    from dorm.lookups import Operand, Transform
    from dorm.sql.kinds import Type

Part: TypeAlias = "Condition | Verdict | Compared | Held | tuple[Any, ...]"


class Annotation(NamedTuple):
    """A computed column of a query: its name, shape and values, and whether it comes back."""

    name: str
    shape: Any
    values: tuple[Any, ...]
    selected: bool


class Compared(NamedTuple):
    """A comparison whose left side is computed: of a query's annotation, or of an expression."""

    lookup: type[Lookup]
    left: Any
    left_type: Type | None
    transforms: tuple[type[Transform], ...]
    right: Any
    """The shape of an expression, or ``None`` for a value."""


class Held(tuple[Any]):
    """An expression that is true or false, as a condition: its shape."""

    __slots__ = ()


class Scope(Protocol):
    """Where conditions are written: a model, and what was annotated."""

    model: Any
    annotations: tuple[Annotation, ...]

    def reference(self, name: str, values: list[Any]) -> Shape: ...
    def condition(self, condition: Any, values: list[Any]) -> Any: ...


class ModelScope:
    """Names mean the fields of one model, or one of the annotations."""

    annotations: tuple[Annotation, ...] = ()

    def __init__(self, model: Any, annotations: tuple[Annotation, ...] = ()) -> None:
        self.model = model
        if annotations:
            self.annotations = annotations

    def reference(self, name: str, values: list[Any]) -> Shape:
        """The shape of a path, or of an annotation, whose values are appended again."""
        found, rest = _annotation_at(self.annotations, name)
        shape: Shape
        if found is None:
            shape = reference_of(self.model, name, values)
        elif rest:
            shape = _transformed(found, rest, values)
        else:
            values.extend(found.values)
            shape = found.shape
        return shape

    def condition(self, condition: Any, values: list[Any]) -> Any:
        """The part of a WHERE that a ``Q`` means."""
        return _tree(self, condition, values)


def _transformed(annotation: Annotation, rest: str, values: list[Any]) -> Shape:
    """What transforms make of an annotation."""
    transforms, operand, left = chained(Computed(outputs.output(annotation.shape)), rest.split("__"))
    if left and operand.sql_type.kind is not Kind.JSON:
        raise FieldError(
            f"{left[0]!r} is no transform of the annotation {annotation.name!r}. "
            f"{did_you_mean(left[0], operand.transforms)}"
        )
    values.extend(annotation.values)
    shape = (Transformed, transforms, annotation.shape) if transforms else annotation.shape
    return keyed(shape, tuple(map(as_key, left)), values) if left else shape


def annotation_named(annotations: tuple[Annotation, ...], name: str) -> Annotation | None:
    """The annotation of that name."""
    for annotation in annotations:
        if annotation.name == name:
            return annotation
    return None


def _annotation_at(annotations: tuple[Annotation, ...], name: str) -> tuple[Annotation | None, str]:
    """The annotation that *name* begins with, of several the one with the longest name, and what follows it."""
    best = None
    for one in annotations:
        fits = name == one.name or name.startswith(f"{one.name}__")
        if fits and (best is None or len(one.name) > len(best.name)):
            best = one
    return best, "" if best is None else name[len(best.name) + 2 :]


def resolve(scope: Scope, conditions: tuple[Any, ...], lookups: dict[str, Any], values: list[Any]) -> list[Part]:
    """The parts of one call of ``filter``; their values are appended to *values*."""
    parts: list[Part] = [_tree(scope, condition, values) for condition in conditions]
    known: dict[str, Condition] = {} if scope.annotations else scope.model._meta.conditions
    for name, value in lookups.items():
        condition = known.get(name)
        if condition is not None and value.__class__ in condition.plain:
            # The common case: a value of the column's own class.
            parts.append(condition)
            values.append(value)
        else:
            parts.append(_leaf(scope, name, value, values))
    return parts


def _leaf(scope: Scope, name: str, value: Any, values: list[Any]) -> Part:
    if scope.annotations:
        found, rest = _annotation_at(scope.annotations, name)
        if found is not None:
            return _computed(scope, found, rest, name, value, values)
    condition = condition_of(scope.model, name)
    if isinstance(condition, Condition):
        return _beside(scope, condition, value, values)
    mark = len(values)
    values.append(condition.keys)
    part = _beside(scope, condition.condition, value, values)
    if isinstance(part, Verdict):
        del values[mark:]
    return part


def _beside(scope: Scope, condition: Condition, value: Any, values: list[Any]) -> Part:
    """*condition* with its right side."""
    if hasattr(value, "as_value_for"):
        value = _query_as_value(condition.lookup, value, condition.path.field)
    if isinstance(value, (Combinable, Q)):
        if not condition.values:
            raise ValueError(f"{condition.name} takes True or False, not an expression.")
        return (condition, _shape(value, scope, values))
    try:
        part, prepared = condition.accept(value)
    except (TypeError, ValueError):
        if not _mentions_expressions(condition.lookup, value):
            raise
        return (condition, condition.lookup.several(value).shape(scope, values))
    if isinstance(part, Condition) and part.values:
        values.append(prepared)
    return part


def _query_as_value(lookup: type[Lookup], value: Any, operand: Any) -> Any:
    """*value*, or the subquery that it means when it is a query set, which no error message may print: it would ask."""
    if not hasattr(value, "as_value_for"):
        return value
    if lookup is Exact and value.described.limit != 1:
        raise ValueError("A query set is one value when it is cut to one row: [:1]. Use __in for all its rows.")
    if lookup not in (Exact, In) and value.gives == "instances":
        raise ValueError(f"{lookup.name!r} compares with one column: name it in the query set with values().")
    if issubclass(lookup, Range):
        raise ValueError("A range is a pair (low, high), not a query set.")
    return value.as_value_for(operand)


def _shape(value: Combinable | Q, scope: Scope, values: list[Any]) -> Shape:
    return (Holds(value) if isinstance(value, Q) else value).shape(scope, values)


def _mentions_expressions(lookup: type[Lookup], value: Any) -> bool:
    """Whether *value* is a list or the ends of a range with expressions among them."""
    if not issubclass(lookup, (In, Range)) or value.__class__ not in (list, tuple):
        return False
    return any(isinstance(item, Combinable) for item in value)


def _computed(scope: Scope, left: Annotation, rest: str, name: str, value: Any, values: list[Any]) -> Part:
    """A comparison with an annotation; its own values come first."""
    parts = rest.split("__") if rest else []
    type_ = outputs.output(left.shape)
    transforms, operand, parts = chained(Computed(type_), parts)
    lookups = operand.lookups
    keys, parts = in_document(operand, parts, lookups)
    if len(parts) > 1 or (parts and parts[0] not in lookups):
        raise FieldError(
            f"{name!r}: {parts[0]!r} is no lookup of the annotation {left.name!r}. {did_you_mean(parts[0], lookups)}"
        )
    lookup = lookups[parts[0] if parts else "exact"]
    mark = len(values)
    values.extend(left.values)
    shape = left.shape
    if keys:
        shape, transforms = (Transformed, transforms, shape) if transforms else shape, ()
        shape, type_ = keyed(shape, keys, values), operand.sql_type
    value = _query_as_value(lookup, value, operand)
    try:
        part = _against(scope, Compared(lookup, shape, type_, transforms, None), operand, value, values)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name}={value!r}: {error}") from error
    if isinstance(part, Verdict):
        del values[mark:]
    return part


def _against(scope: Scope, part: Compared, operand: Operand, value: Any, values: list[Any]) -> Part:
    """*part*, whose left side and its values are known, with its right side."""
    if isinstance(value, (Combinable, Q)):
        return part._replace(right=_shape(value, scope, values))
    try:
        chosen, prepared = part.lookup.prepare(operand, value)
    except (TypeError, ValueError):
        if not _mentions_expressions(part.lookup, value):
            raise
        return part._replace(right=part.lookup.several(value).shape(scope, values))
    if isinstance(chosen, Verdict):
        return chosen
    if chosen.values:
        values.append(prepared)
    return part._replace(lookup=chosen)


def _held(scope: Scope, given: Combinable, values: list[Any]) -> Part:
    """An expression as a condition; ``TypeError`` unless it is true or false."""
    mark = len(values)
    if isinstance(given, Lookup):
        part = _object(scope, given, values)
        if isinstance(part, Verdict):
            del values[mark:]
        return part
    shape: Any = given.shape(scope, values)
    if shape.__class__ is tuple and shape[0] is Holds:
        held: Part = shape[1]
        return held
    type_ = outputs.output(shape)
    if type_ is None or type_.kind is not Kind.BOOLEAN:
        raise TypeError(
            f"Cannot filter against a non-conditional expression: {given!r} is neither true nor false. Compare it, or "
            "say output_field=BooleanField()."
        )
    return Held((shape,))


def _object(scope: Scope, given: Lookup, values: list[Any]) -> Part:
    """A lookup that was written as an object."""
    lookup = type(given)
    left = given.lhs.shape(scope, values)
    type_ = outputs.output(left)
    operand: Operand = left.field if isinstance(left, Path) else Computed(type_)
    if operand.sql_type.kind is Kind.JSON and not lookup.supports(operand):
        lookup = Computed(type_).lookups.get(lookup.name, lookup)
    if not lookup.supports(operand):
        raise FieldError(f"{lookup.__name__} cannot compare {given.lhs!r}: its values are of another kind.")
    right = _query_as_value(lookup, given.rhs, operand)
    try:
        return _against(scope, Compared(lookup, left, type_, (), None), operand, right, values)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{given!r}: {error}") from error


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


def _tree(scope: Scope, condition: Any, values: list[Any]) -> Part:
    """One Q, without recursion: it may be nested deeper than Python's stack."""
    if isinstance(condition, Combinable):
        return _held(scope, condition, values)
    if not isinstance(condition, Q):
        raise TypeError(f"filter() takes conditions, Q objects and keyword lookups, not {condition!r}.")
    frames = [_Frame(condition)]
    while True:
        frame = frames[-1]
        for child in frame.remaining:
            if isinstance(child, Q):
                frames.append(_Frame(child))
                break
            if isinstance(child, Combinable):
                frame.parts.append(_held(scope, child, values))
                continue
            name, value = _own(scope.model, child)
            if not isinstance(name, str):
                raise FieldError(f"A lookup's name is text, not {name!r}.")
            frame.parts.append(_leaf(scope, name, value, values))
        else:
            frames.pop()
            part = (frame.q.connector, frame.q.negated, tuple(frame.parts), None)
            if not frames:
                return part
            frames[-1].parts.append(part)


def is_group(part: Any) -> TypeGuard[tuple[str, bool, tuple[Part, ...], int | None]]:
    """Whether *part* joins further parts."""
    return part.__class__ is tuple and len(part) == 4


def has_many(parts: list[Any]) -> bool:
    """Whether a part, or an expression, crosses a to-many relation; what was annotated before does not count."""
    stack = parts.copy()
    while stack:
        current = stack.pop()
        kind = current.__class__
        if kind is Condition:
            if current.path.many:
                return True
        elif kind is Path:
            if current.many:
                return True
        elif issubclass(kind, tuple) and not is_pinned(current):
            stack.extend(current)
    return False


def pinned(shape: Any, calls: int) -> Shape:
    """*shape*, which keeps to the joins of the first *calls* calls of ``filter`` if it crosses a to-many relation."""
    return (Pinned, calls, shape) if has_many([shape]) else shape
