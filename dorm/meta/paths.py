"""What a name in a query means: ``author__publisher__name__icontains`` to an interned path or condition.

Each is made once per model and name, so hash and equality are identity and a repeated filter costs a dictionary read.
A wrong name raises here, at the line that wrote it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from dorm.exceptions import FieldError
from dorm.expressions.documents import as_key, keyed, pattern_of
from dorm.hints import did_you_mean
from dorm.lookups import Lookup, Operand, Transform, Transformed, Verdict, chained
from dorm.meta.registry import registry
from dorm.meta.relations import Step, forward_step, reverse_step
from dorm.sql.kinds import Kind
from dorm.sql.record import Record

if TYPE_CHECKING:
    from dorm.meta.options import Options


class Path:
    """Steps through relations, and the field at their end."""

    __slots__ = ("field", "many", "model", "name", "nullable", "steps")

    def __init__(self, model: Any, name: str, steps: tuple[Step, ...], field: Any) -> None:
        self.model, self.name, self.steps, self.field = model, name, steps, field
        self.nullable: bool = field.null or any(step.nullable for step in steps)
        self.many: bool = any(step.many for step in steps)
        """Whether one row may lead to several."""

    def __reduce__(self) -> tuple[Any, ...]:
        if self.model._meta.paths.get(self.name) is self:
            return path_of, (self.model, self.name)
        return Path, (self.model, self.name, self.steps, self.field)

    def __repr__(self) -> str:
        return f"<Path {self.model.__name__}.{self.name}>"


class Condition:
    """A path, transforms, and a lookup: everything of ``field__lookup=value`` but the value.

    Keys in a JSON document come between transforms and lookup.  They are the first of the values; *pattern* says how
    many there are and of which kinds.
    """

    __slots__ = ("_variants", "lookup", "name", "operand", "path", "pattern", "plain", "transforms", "values")

    def __init__(
        self,
        path: Path,
        transforms: tuple[type[Transform], ...],
        lookup: type[Lookup],
        operand: Operand,
        name: str,
        pattern: str = "",
    ) -> None:
        self.path, self.transforms, self.lookup, self.operand, self.name = path, transforms, lookup, operand, name
        self.pattern = pattern
        self.values = lookup.values
        self.plain: frozenset[type] = lookup.plain_classes(operand)
        self._variants: dict[type[Lookup], Condition] = {}

    def accept(self, value: Any) -> tuple[Condition | Verdict, Any]:
        """The condition that is meant and the value for it, prepared; errors name the field."""
        try:
            lookup, prepared = self.lookup.prepare(self.operand, value)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{self.path.model.__name__}: {self.name}={value!r}: {error}") from error
        if isinstance(lookup, Verdict):
            return lookup, None
        return (self if lookup is self.lookup else self._variant(lookup)), prepared

    def _variant(self, lookup: type[Lookup]) -> Condition:
        found = self._variants.get(lookup)
        if found is None:
            made = Condition(self.path, self.transforms, lookup, self.operand, self.name, self.pattern)
            found = self._variants.setdefault(lookup, made)
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        model = self.path.model
        if model._meta.conditions.get(self.name) is self:
            return condition_of, (model, self.name)
        return Condition, (self.path, self.transforms, self.lookup, self.operand, self.name, self.pattern)

    def __repr__(self) -> str:
        return f"<Condition {self.path.model.__name__}.{self.name}>"


class WithKeys(Record):
    """A condition about what stands at *keys* in a document."""

    condition: Condition
    keys: tuple[str | int, ...]


def path_of(model: Any, name: str) -> Path:
    """The path that *name* spells from *model*; ``FieldError`` when something is left over."""
    meta: Options = model._meta
    found = meta.paths.get(name)
    if found is None:
        steps, field, rest, owner = _walk(model, name)
        if rest:
            _refuse_rest(model, name, field, rest, owner)
        found = meta.paths.setdefault(name, Path(model, name, steps, field))
    path: Path = found
    return path


def reference_of(model: Any, name: str, values: list[Any]) -> Any:
    """The shape that *name* spells from *model*: a path, and what transforms and keys of a document make of it."""
    known = model._meta.paths.get(name)
    if known is not None:
        return known
    _, field, rest, _ = _walk(model, name)
    if not rest:
        return path_of(model, name)
    transforms, operand, left = chained(field, rest)
    document = operand.sql_type.kind is Kind.JSON
    if (transforms and not left) or document:
        path = path_of(model, _without(name, rest))
        shape = (Transformed, transforms, path) if transforms else path
        return keyed(shape, tuple(map(as_key, left)), values) if left else shape
    if transforms:
        raise FieldError(
            f"{model.__name__}: {name!r}: {left[0]!r} is no transform of {rest[len(transforms) - 1]!r}. "
            f"{did_you_mean(left[0], _transforms(operand))}"
        )
    return path_of(model, name)  # which says what is wrong


def rows_named(model: Any, name: str) -> Any:
    """The model whose rows *name* leads to, when it ends on a relation; ``None`` when it ends on a value."""
    steps: tuple[Step, ...] = ()
    for part in name.split("__"):
        steps = _steps(model._meta, part)
        if not steps:
            return None
        model = steps[-1].target
    return model


def steps_of(model: Any, name: str) -> tuple[Step, ...]:
    """The steps of a path made of single-valued relations only, for ``select_related``."""
    steps: tuple[Step, ...] = ()
    current = model
    for part in name.split("__"):
        found = _steps(current._meta, part)
        step = found[0] if found else None
        if step is None or step.many:
            choices = [field.name for field in current._meta.fields if field.remote_field is not None]
            known = did_you_mean(part, choices) if choices else "It has no foreign key."
            reason = f"is no foreign key or one-to-one relation of {current.__name__}. {known}"
            if step is not None:
                reason = "leads to many rows: use prefetch_related."
            raise FieldError(f"select_related({name!r}): {part!r} {reason}")
        steps = (*steps, step)
        current = step.target
    return steps


def condition_of(model: Any, name: str) -> Condition | WithKeys:
    """The condition that a keyword of ``filter`` spells; ``FieldError`` with the choices when it spells none."""
    meta: Options = model._meta
    found: Condition | WithKeys | None = meta.conditions.get(name)
    if found is None:
        found = _make_condition(model, name)
        if isinstance(found, Condition):  # keys are not kept: there is no end to what they may be called
            found = meta.conditions.setdefault(name, found)
    assert found is not None, "made above"
    return found


def _make_condition(model: Any, name: str) -> Condition | WithKeys:
    steps, field, rest, owner = _walk(model, name)
    path = Path(model, name, steps, field)
    operand: Any = _Instances(field) if steps and not steps[-1].forward and field.primary_key else field
    transforms, operand, rest = chained(operand, rest)
    if len(transforms) == 1 and len(rest) < 2:
        replacement = transforms[0].replaces.get(rest[0] if rest else "exact")
        if replacement is not None:
            return Condition(path, (), replacement, _Compared(field, operand), name)
    if transforms:
        lookups = operand.lookups
    else:
        lookups = {key: lookup for key, lookup in field.get_lookups().items() if lookup.supports(operand)}
    keys, left = in_document(operand, rest, lookups)
    if keys:
        spelt = name.removesuffix("__" + left[0]) if left else name
        base = Path(model, _without(spelt, rest[: len(keys)]), steps, field)
        return _keyed(base, transforms, lookups, operand, keys, left)
    if len(rest) > 1 or (rest and rest[0] not in lookups):
        _refuse_lookup(model, name, field, rest, [*lookups, *_transforms(operand)], owner)
    return Condition(path, transforms, lookups[rest[0] if rest else "exact"], operand, name)


def _without(name: str, rest: list[str]) -> str:
    """*name* without the parts at its end."""
    return name.removesuffix("".join(f"__{part}" for part in rest))


def in_document(
    operand: Operand, rest: list[str], lookups: dict[str, type[Lookup]]
) -> tuple[tuple[str | int, ...], list[str]]:
    """The keys that *rest* spells when *operand* is a JSON document, and the lookup at its end, if there is one."""
    if operand.sql_type.kind is not Kind.JSON or not rest:
        return (), rest
    left = rest[-1:] if rest[-1] in lookups else []
    return tuple(map(as_key, rest[: len(rest) - len(left)])), left


def _keyed(
    path: Path,
    transforms: tuple[type[Transform], ...],
    lookups: dict[str, type[Lookup]],
    operand: Operand,
    keys: tuple[str | int, ...],
    left: list[str],
) -> WithKeys:
    """The condition at *keys*: one for all keys of the same kinds."""
    lookup = lookups[left[0] if left else "exact"]
    pattern = pattern_of(keys)
    known = path.model._meta.conditions
    key = (path.name, lookup, pattern)
    found = known.get(key)
    if found is None:
        found = Condition(path, transforms, lookup, operand, path.name, pattern)
        if len(pattern) <= DEEPEST:
            found = known.setdefault(key, found)
    return WithKeys(found, keys)


DEEPEST = 8
"""The longest path of keys whose condition is kept; whoever writes longer ones compiles them anew."""


class _Instances:
    """The key at the end of a way back: compared with keys, or with instances that have one."""

    def __init__(self, key: Any) -> None:
        self._key = key
        self.sql_type = key.sql_type
        self.transforms: dict[str, type[Transform]] = {}
        self.plain: frozenset[type] = key.plain
        self.binder = key.binder

    def prepare(self, value: Any) -> Any:
        if not hasattr(value, "_meta"):
            return self._key.prepare(value)
        model = self._key.model
        if not isinstance(value, model):
            raise ValueError(f"Must be {model.__name__!r} instances, not {value!r}.")
        if value.pk is None:
            raise ValueError(f"{value!r} was not saved: it has no key to compare with.")
        return value.pk


class _Compared:
    """A field that is bound as itself, while the user's value is what a transform yields."""

    def __init__(self, field: Any, given: Operand) -> None:
        self.sql_type = field.sql_type
        self.plain: frozenset[type] = frozenset()
        self.prepare = given.prepare
        self.binder = field.binder


def _transforms(operand: Any) -> dict[str, type[Transform]]:
    known: dict[str, type[Transform]] | None = getattr(operand, "transforms", None)
    return operand.get_transforms() if known is None else known


def _walk(model: Any, name: str) -> tuple[tuple[Step, ...], Any, list[str], Any]:
    """Steps, field, the parts that are neither, and the model whose field could have followed."""
    parts = name.split("__")
    steps: list[Step] = []
    field: Any = None
    current = model
    for index, part in enumerate(parts):
        meta: Options = current._meta
        joined = _steps(meta, part)
        if joined:
            steps += joined
            step = joined[-1]
            # Where the path ends on a relation, its value is the key itself.
            field, current = (step.relation.field if step.forward else step.target._meta.pk), step.target
            continue
        found = meta.pk if part == "pk" else meta.by_name.get(part) or meta.by_attname.get(part)
        if found is None:
            if field is None:
                raise FieldError(f"{meta.object_name} has no field {part!r}. {did_you_mean(part, meta.names())}")
            return _trimmed(steps, field), field, parts[index:], current
        if steps and steps[-1].forward and found is steps[-1].relation.target_field:
            found = steps[-1].relation.field
        return _trimmed(steps, found), found, parts[index + 1 :], None
    return _trimmed(steps, field), field, [], current


def _trimmed(steps: list[Step], field: Any) -> tuple[Step, ...]:
    """Without the last join when the key itself is all that is asked."""
    ends_on_key = bool(steps) and steps[-1].forward and field is steps[-1].relation.field
    return tuple(steps[:-1] if ends_on_key else steps)


def _steps(meta: Options, part: str) -> tuple[Step, ...]:
    """The joins that the name of a relation means: one, or two for many-to-many; none when it is no relation."""
    field = meta.by_name.get(part)
    if field is not None:
        relation = field.remote_field
        if relation is None:
            return ()
        registry.check_complete(relation)
        return (forward_step(relation),)
    many = meta.many.get(part)
    if many is not None:
        registry.check_complete(many.remote_field)
        both: tuple[Step, ...] = many.remote_field.steps(forward=True)
        return both
    for relation in meta.related.values():
        if not relation.hidden and part in (relation.query_name, relation.accessor):
            return (reverse_step(relation),)
    for back in meta.related_many.values():
        if part in (back.query_name, back.accessor):
            return back.steps(forward=False)
    return ()


def _refuse_rest(model: Any, name: str, field: Any, rest: list[str], owner: Any) -> NoReturn:
    if owner is not None:
        known = owner._meta.names()
        raise FieldError(f"{owner.__name__} has no field {rest[0]!r} (in {name!r}). {did_you_mean(rest[0], known)}")
    known = field.get_transforms()
    more = f" {did_you_mean(rest[0], known)}" if known else ""
    raise FieldError(
        f"{name!r}: {field.name!r} of {model.__name__} is no relation, so {rest[0]!r} cannot follow it.{more}"
    )


def _refuse_lookup(model: Any, name: str, field: Any, rest: list[str], choices: list[str], owner: Any) -> NoReturn:
    asked = next((part for part in rest if part not in choices), rest[0])
    if owner is not None:
        known = did_you_mean(asked, [*choices, *owner._meta.names()])
        raise FieldError(f"{name!r}: {owner.__name__} has no field or lookup {asked!r}. {known}")
    known = did_you_mean(asked, choices)
    raise FieldError(f"{model.__name__}: {name!r}: {asked!r} is no lookup of {field.name!r}. {known}")


__all__ = [
    "Condition",
    "Path",
    "WithKeys",
    "condition_of",
    "in_document",
    "path_of",
    "reference_of",
    "rows_named",
    "steps_of",
]
