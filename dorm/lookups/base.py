"""What every lookup is: it prepares a value when the filter is written, and builds SQL when a plan is made."""

from __future__ import annotations

import datetime
import decimal
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol, TypeVar

from dorm.expressions import Conditional, Holds, Q, Several, expression
from dorm.lookups.numbers import as_kind, as_truth, number_in
from dorm.run import load
from dorm.sql.converter import composed
from dorm.sql.kinds import Kind, Type, text_of
from dorm.sql.moments import as_date, as_moment, as_time
from dorm.sql.nodes import ListSlot, RawText, Slot, Written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dorm.expressions import Combinable, Expression, Scope, Shape
    from dorm.sql.dialect import Dialect
    from dorm.sql.nodes import Node


R = TypeVar("R", bound=type[Any])


class Verdict:
    """The answer of a comparison that needs no database."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> str:
        return self.name  # there is one of each, in this module


NOTHING: Final = Verdict("NOTHING")
EVERYTHING: Final = Verdict("EVERYTHING")
NONE: Final = Verdict("NONE")
"""The verdict of ``none()``: nothing, and no matter what else is asked."""


class Operand(Protocol):
    """The left side, as far as a lookup needs it: a field, or the output of a transform."""

    @property
    def sql_type(self) -> Type: ...
    @property
    def plain(self) -> frozenset[type]:
        """Classes whose instances can be compared as they are."""
        ...

    def prepare(self, value: Any) -> Any:
        """*value* in the right class; ``ValueError`` or ``TypeError`` when that cannot be."""
        ...

    def binder(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """From a prepared value to what the driver takes, for comparisons."""
        ...


class Computed:
    """The operand that a transform or an expression yields; ``None`` when nothing is known of its type."""

    def __init__(self, type_: Type | None, made_by: type[Transform] | None = None) -> None:
        self.sql_type = type_ or Type(Kind.TEXT)
        self._made_by = made_by
        self._known = type_ is not None
        self._classes = _classes(self.sql_type.kind) if self._known else (object,)
        self.plain: frozenset[type] = frozenset(self._classes)

    @property
    def transforms(self) -> dict[str, type[Transform]]:
        """The transforms of this kind of value, and those of the transform that made it."""
        known = TRANSFORMS.get(self.sql_type.kind, {}) if self._known else {}
        return known if self._made_by is None else {**known, **self._made_by.registered("class_transforms")}

    @property
    def lookups(self) -> dict[str, type[Lookup]]:
        """The lookups of this kind of value, and those of the transform that made it."""
        known = {**BUILT_IN, **REGISTERED.get(self.sql_type.kind, {})} if self._known else BUILT_IN
        if self._made_by is not None:
            known = {**known, **self._made_by.registered("class_lookups")}
        return {name: lookup for name, lookup in known.items() if lookup.supports(self)}

    def prepare(self, value: Any) -> Any:
        if isinstance(value, bool) and self._known and self.sql_type.kind is not Kind.BOOLEAN:
            return int(value)
        kind = self.sql_type.kind
        if isinstance(value, self._classes) and not (kind is Kind.DATE and isinstance(value, datetime.datetime)):
            return as_kind(kind, value)
        if kind.is_text:
            return text_of(value)
        found = _read(kind, value)
        if found is None:
            raise ValueError(f"Expected {'an' if kind.value[0] in 'aeio' else 'a'} {kind.value}, got {value!r}.")
        return as_kind(kind, found)

    def binder(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        return dialect.to_db(self.sql_type) if self._known else None


def _read(kind: Kind, value: Any) -> Any:
    """What *value*, of another class, means as one of *kind*; ``None`` when it means nothing."""
    if kind in _CONVERTED:
        return _CONVERTED[kind](value)
    if not isinstance(value, str):
        return None
    return load("uuid").UUID(value) if kind is Kind.UUID else number_in(kind, value) if kind in _WRITTEN else None


_NUMBERS = (int, float, decimal.Decimal)
_WRITTEN = {Kind.SMALLINT, Kind.INTEGER, Kind.BIGINT, Kind.FLOAT, Kind.DECIMAL}
_CONVERTED: dict[Kind, Callable[[Any], Any]] = {
    Kind.BOOLEAN: as_truth,
    Kind.DATE: as_date,
    Kind.TIME: as_time,
    Kind.DATETIME: as_moment,
}
_CLASSES: dict[Kind, tuple[type, ...]] = {
    Kind.BOOLEAN: (bool,),
    **dict.fromkeys((Kind.SMALLINT, Kind.INTEGER, Kind.BIGINT, Kind.FLOAT, Kind.DECIMAL), _NUMBERS),
    **dict.fromkeys((Kind.CHAR, Kind.TEXT, Kind.INET), (str,)),
    Kind.DATE: (datetime.date,),
    Kind.TIME: (datetime.time,),
    Kind.DATETIME: (datetime.datetime,),
    Kind.DURATION: (datetime.timedelta,),
    Kind.JSON: (object,),
    Kind.BINARY: (bytes,),
}


def _classes(kind: Kind) -> tuple[type, ...]:
    """The classes of values of this kind."""
    return (load("uuid").UUID,) if kind is Kind.UUID else _CLASSES[kind]


TRANSFORMS: dict[Kind, dict[str, type[Transform]]] = {}
"""Transforms by the kind of value they take; each family adds its own."""

BUILT_IN: dict[str, type[Lookup]] = {}
"""The lookups that every value has, by name."""

REGISTERED: dict[Kind, dict[str, type[Lookup]]] = {}
"""The lookups that outsiders added, by the kind of value they take."""


def register_computed(kinds: Iterable[Kind], name: str, found: type[Lookup | Transform]) -> None:
    """Make a lookup or a transform known for computed values of some kinds."""
    for kind in kinds:
        if issubclass(found, Lookup):
            REGISTERED.setdefault(kind, {})[name] = found
        else:
            TRANSFORMS.setdefault(kind, {})[name] = found


def forget(kinds: Iterable[Kind], name: str) -> None:
    """Take back :func:`register_computed`."""
    for kind in kinds:
        REGISTERED.get(kind, {}).pop(name, None)
        TRANSFORMS.get(kind, {}).pop(name, None)


class Right:
    """The right side while SQL is built: the value at *index* of the query's values, or the *node* of an expression."""

    __slots__ = ("dialect", "index", "kind", "node", "operand")

    def __init__(
        self, operand: Operand, dialect: Dialect, index: int, node: Node | None = None, type_: Type | None = None
    ) -> None:
        self.operand, self.dialect, self.index, self.node = operand, dialect, index, node
        self.kind = None if type_ is None else type_.kind
        """The kind of value that an expression yields, if it is known."""

    def value(self, adapt: Callable[[Any], Any] | None = None) -> Node:
        """The value, after *adapt*, as the operand is bound; the expression itself when it is one."""
        if self.node is not None:
            return self.node
        binder = self.operand.binder(self.dialect)
        return Slot(self.index, binder if adapt is None else adapt if binder is None else composed(binder, adapt))

    def text(self) -> Node:
        """The value as plain text."""
        return Slot(self.index) if self.node is None else self.node

    def list(self) -> Node:
        """The list of values as one parameter."""
        if self.node is not None:
            return self.node
        return ListSlot(self.index, self.operand.binder(self.dialect), self.operand.sql_type.kind)


class Lookup(Conditional):
    """Base of lookups.  ``values`` is how many values it takes from the query: one, or none.

    A lookup of your own has a ``name`` (or ``lookup_name``) and a ``template`` with ``{left}`` and ``{right}``, for
    instance ``"{left} <> {right}"``, and is made known by ``register_lookup`` of a class of fields.

    An instance is a condition: ``GreaterThan(F("age"), 18)``; text on the left side names a field.
    """

    name: ClassVar[str]
    template: ClassVar[str]
    values: ClassVar[int] = 1
    takes_plain: ClassVar[bool] = True
    """A value whose class the operand calls plain needs no ``prepare``."""
    true_on_null: ClassVar[bool] = False
    """It may hold although the left side is NULL."""

    def __init__(self, lhs: Any, rhs: Any) -> None:
        self.lhs: Combinable = expression(lhs)
        self.rhs: Any = rhs

    def parts(self) -> tuple[Any, ...]:
        return (self.lhs, self.rhs)

    def shape(self, scope: Scope, values: list[Any]) -> Shape:
        return (Holds, scope.condition(Q(self), values))

    @classmethod
    def prepare(cls, operand: Operand, value: Any) -> tuple[type[Lookup] | Verdict, Any]:
        """The lookup that is really meant, and the value for it."""
        if value is None:
            raise ValueError(f"Cannot compare with None by {cls.name!r}. Use isnull=True, or an exact lookup.")
        return cls, operand.prepare(value)

    @classmethod
    def several(cls, value: Any) -> Expression:
        """A list of values with expressions among them, as one expression."""
        return Several(*value)

    @classmethod
    def plain_classes(cls, operand: Operand) -> frozenset[type]:
        """The classes whose instances need no ``prepare``."""
        return operand.plain if cls.takes_plain else frozenset()

    @classmethod
    def node(cls, left: Node, right: Right) -> Node:
        """The comparison as SQL."""
        return filled(cls.template, left, right.value())

    @classmethod
    def supports(cls, operand: Operand) -> bool:
        """Whether the comparison makes sense for this operand."""
        return True


def kept(place: Any, attribute: str) -> dict[str, Any]:
    """What a class, or a field, itself keeps under *attribute*: the lookups or transforms that it brought."""
    found: dict[str, Any] = place.__dict__.get(attribute, {})
    return found


class Transform:
    """Base of transforms: ``node`` computes something from the left side, of the ``output`` type.

    A transform of your own has a ``name`` (or ``lookup_name``), a ``template`` with ``{left}``, for instance
    ``"ABS({left})"``, and, unless it yields what it is given, an ``output_field``.
    """

    name: ClassVar[str]
    template: ClassVar[str]
    output_field: ClassVar[Any] = None
    output: ClassVar[Type]
    replaces: ClassVar[dict[str, type[Lookup]]] = {}
    """Lookups that compare the untransformed side in another way, so that an index serves; by lookup name."""
    registrars: ClassVar[tuple[Any, Any]]
    """What registers a lookup and takes it back; set by the module above this one."""

    @classmethod
    def register_lookup(cls, lookup: R, lookup_name: str | None = None) -> R:
        """Make a lookup, a transform or a function known for what this transform yields; the class is given back.

        Its lookups come before those of its ``output_field``.
        """
        cls.registrars[0](cls, lookup, lookup_name)
        return lookup

    @classmethod
    def _unregister_lookup(cls, lookup: type[Any], lookup_name: str | None = None) -> None:
        """Take back :meth:`register_lookup`, as tests do."""
        cls.registrars[1](cls, lookup, lookup_name)

    @classmethod
    def registered(cls, attribute: str) -> dict[str, Any]:
        """What was registered for this transform or those it is made of, and for its ``output_field``, by name."""
        found = {name: one for base in reversed(cls.__mro__) for name, one in kept(base, attribute).items()}
        return found if cls.output_field is None else {**kept(cls.output_field, attribute), **found}

    @classmethod
    def result(cls, operand: Operand) -> Type:
        """The type that it yields for *operand*."""
        declared: Type | None = getattr(cls.output_field, "sql_type", None)
        return declared or getattr(cls, "output", None) or operand.sql_type

    @classmethod
    def node(cls, left: Node, operand: Operand) -> Node:
        """The computation as SQL."""
        return filled(cls.template, left)


def filled(template: str, left: Node, right: Node = None) -> Node:
    """SQL that a user wrote around the sides of a comparison."""
    pieces: list[Node] = []
    for number, text in enumerate(template.split("{left}")):
        if number:
            pieces.append(left)
        for position, part in enumerate(text.split("{right}")):
            if position:
                pieces.append(right)
            pieces.append(Written(part))
    return RawText(tuple(pieces))
