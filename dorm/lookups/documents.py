"""Comparisons of JSON documents and of what stands in them.  A value is compared with what it is: 1 is not "1".

``None`` is JSON's ``null``; a document that is not there is asked for by ``isnull``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from dorm.expressions import Several
from dorm.expressions.documents import JSONValue, as_key
from dorm.lookups.base import NOTHING, REGISTERED, Lookup, Operand, Right, Verdict
from dorm.lookups.comparisons import In, Range
from dorm.lookups.text import (
    EndsWith,
    IContains,
    IEndsWith,
    IExact,
    IRegex,
    IStartsWith,
    Regex,
    StartsWith,
    Text,
)
from dorm.run import load
from dorm.sql import nodes
from dorm.sql.documents import (
    JSONAt,
    JSONCompared,
    JSONContains,
    JSONHas,
    JSONListed,
    JSONOf,
    JSONText,
    Sort,
    sort_of,
)
from dorm.sql.kinds import Kind
from dorm.sql.nodes import Slot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dorm.expressions import Expression
    from dorm.sql.nodes import Node


def normalized(operand: Operand, value: Any) -> Any:
    """*value* as JSON gives it back; ``ValueError`` when it cannot be said in JSON."""
    encoder = getattr(operand, "encoder", None)
    if value is None or (encoder is None and value.__class__ in (str, int, bool)):
        return value
    json = load("json")
    try:
        return json.loads(json.dumps(value, cls=encoder, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{value!r} cannot be said in JSON: {error}.") from error


def other(right: Right) -> Node:
    """The right side as a document, when it is an expression."""
    return right.node if right.kind is Kind.JSON else JSONOf(right.node, right.kind)


class Document(Lookup):
    """Base of comparisons of documents."""

    takes_plain = False

    @classmethod
    def supports(cls, operand: Operand) -> bool:
        return operand.sql_type.kind is Kind.JSON


class JSONExact(Document):
    """Equal documents, whatever the order of their keys; ``None`` is JSON's ``null``."""

    name = "exact"
    sort: ClassVar[Sort | None] = None
    by_sort: ClassVar[dict[Sort, type[JSONExact]]] = {}

    @classmethod
    def prepare(cls, operand: Operand, value: Any) -> tuple[type[Lookup] | Verdict, Any]:
        given = normalized(operand, value)
        return cls.by_sort[sort_of(given)], given

    @classmethod
    def node(cls, left: Node, right: Right) -> Node:
        if right.node is not None:
            return JSONCompared("=", left, other(right), None)
        return JSONCompared("=", left, Slot(right.index), cls.sort)


class JSONComparison(Document):
    """Base of comparisons by order, among values of one sort."""

    operator: ClassVar[str]
    sort: ClassVar[Sort | None] = None
    by_sort: ClassVar[dict[Sort, Any]]

    @classmethod
    def prepare(cls, operand: Operand, value: Any) -> tuple[type[Lookup] | Verdict, Any]:
        given = normalized(operand, value)
        return cls.by_sort[comparable(given)], given

    @classmethod
    def node(cls, left: Node, right: Right) -> Node:
        if right.node is not None:
            return JSONCompared(cls.operator, left, other(right), None)
        return JSONCompared(cls.operator, left, Slot(right.index), cls.sort)


def comparable(value: Any) -> Sort:
    """The sort of a value that has a place in an order; ``ValueError`` for another."""
    sort = sort_of(value)
    if sort in ("null", "container"):
        raise ValueError("Numbers, texts and truth values have an order; None, lists and dicts have none.")
    return sort


def _sorted(base: Any, sorts: Iterable[Sort]) -> Any:
    """*base*, which has a class of its own for each sort of value."""
    base.by_sort = {
        sort: type(f"{base.__name__}_{sort}", (base,), {"sort": sort, "values": 0 if sort == "null" else 1})
        for sort in sorts
    }
    return base


def _comparison(name: str, operator: str) -> Any:
    made = type(f"JSON{name.title()}", (JSONComparison,), {"name": name, "operator": operator})
    return _sorted(made, ("boolean", "number", "text"))


def low(pair: Any) -> Any:
    """The lower end of a range."""
    return pair[0]


def high(pair: Any) -> Any:
    """The upper end of a range."""
    return pair[1]


class JSONRange(Range, Document):
    """From one value to another of the same sort, both included."""

    sort: ClassVar[Sort | None] = None
    by_sort: ClassVar[dict[Sort, Any]]

    @classmethod
    def prepare(cls, operand: Operand, value: Any) -> tuple[type[Lookup] | Verdict, Any]:
        try:
            given = tuple(normalized(operand, end) for end in value)
            first, last = map(comparable, given)
        except TypeError:
            raise ValueError(f"A range is a pair (low, high), not {value!r}.") from None
        if first != last:
            raise ValueError("The ends of a range of JSON values are of one sort: two numbers, or two texts.")
        return cls.by_sort[first], given

    @classmethod
    def several(cls, value: Any) -> Expression:
        return JSONIn.several(value)

    @classmethod
    def node(cls, left: Node, right: Right) -> Node:
        if right.node is not None:
            ends = [JSONCompared(sign, left, end, None) for sign, end in zip((">=", "<="), right.node, strict=True)]
        else:
            ends = [
                JSONCompared(sign, left, Slot(right.index, end), cls.sort) for sign, end in ((">=", low), ("<=", high))
            ]
        return nodes.Boolean("AND", tuple(ends))


class JSONIn(In, Document):
    """Equal to one of several documents; ``None`` among them is ignored."""

    name = "in"

    @classmethod
    def prepare(cls, operand: Operand, value: Any) -> tuple[type[Lookup] | Verdict, Any]:
        if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
            raise TypeError(f"The value of an `in` lookup is a list or another iterable of values, not {value!r}.")
        members = tuple(normalized(operand, item) for item in value if item is not None)
        return (cls, members) if members else (NOTHING, None)

    @classmethod
    def several(cls, value: Any) -> Expression:
        return Several(*(item if hasattr(item, "shape") else JSONValue(item) for item in value))

    @classmethod
    def node(cls, left: Node, right: Right) -> Node:
        if right.node is not None:
            return nodes.Membership(left, right.node)
        return JSONListed(left, Slot(right.index))


class DataContains(Document):
    """The document contains the other: all its keys with such values, all its members."""

    name = "contains"

    @classmethod
    def prepare(cls, operand: Operand, value: Any) -> tuple[type[Lookup] | Verdict, Any]:
        return cls, normalized(operand, value)

    @classmethod
    def node(cls, left: Node, right: Right) -> Node:
        return JSONContains(left, Slot(right.index) if right.node is None else other(right))


class ContainedBy(DataContains):
    """The document is contained in the other."""

    name = "contained_by"

    @classmethod
    def node(cls, left: Node, right: Right) -> Node:
        return JSONContains(Slot(right.index) if right.node is None else other(right), left)


class HasKey(Document):
    """The object has the key, or the array the text; or the path leads somewhere (``F("data__a__b")``)."""

    name = "has_key"
    how: ClassVar[Literal["one", "all", "any"]] = "one"

    @classmethod
    def prepare(cls, operand: Operand, value: Any) -> tuple[type[Lookup] | Verdict, Any]:
        if isinstance(value, (list, tuple, dict, set)) or value is None:
            raise TypeError(f"The value of has_key is one key, not {value!r}. Use has_keys or has_any_keys.")
        return cls, str(value)

    @classmethod
    def node(cls, left: Node, right: Right) -> Node:
        if isinstance(right.node, JSONAt):
            return nodes.IsNull(right.node, negated=True)
        return JSONHas(left, right.text(), cls.how)


class HasKeys(HasKey):
    """The object has all the keys."""

    name = "has_keys"
    how: ClassVar[Literal["one", "all", "any"]] = "all"

    @classmethod
    def prepare(cls, operand: Operand, value: Any) -> tuple[type[Lookup] | Verdict, Any]:
        if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
            raise TypeError(f"The value of {cls.name} is a list of keys, not {value!r}.")
        return cls, [str(key) for key in value]


class HasAnyKeys(HasKeys):
    """The object has one of the keys, or more."""

    name = "has_any_keys"
    how = "any"


class InText(Text):
    """Base of searches in the text of a document."""

    @classmethod
    def supports(cls, operand: Operand) -> bool:
        return operand.sql_type.kind is Kind.JSON

    @classmethod
    def node(cls, left: Node, right: Right) -> Node:
        return super().node(JSONText(left), right)


def _searching(lookup: type[Text]) -> type[Lookup]:
    """*lookup* in the text of a document."""
    return type(f"JSON{lookup.__name__}", (InText, lookup), {"__doc__": lookup.__doc__})


class JSONIExact(InText, IExact):
    """Equal as text, whatever the case; ``None`` is JSON's ``null``."""

    @classmethod
    def prepare(cls, operand: Operand, value: Any) -> tuple[type[Lookup] | Verdict, Any]:
        if value is None:
            return JSONExact.prepare(operand, None)
        return super().prepare(operand, value)


DOCUMENT_LOOKUPS: Final[tuple[type[Lookup], ...]] = (
    _sorted(JSONExact, ("null", "boolean", "number", "text", "container")), JSONIExact,
    _comparison("gt", ">"), _comparison("gte", ">="), _comparison("lt", "<"), _comparison("lte", "<="),
    _sorted(JSONRange, ("boolean", "number", "text")), JSONIn, DataContains, ContainedBy, HasKey, HasKeys, HasAnyKeys,
    *map(_searching, (IContains, StartsWith, IStartsWith, EndsWith, IEndsWith, Regex, IRegex)),
)  # fmt: skip
# Where pickle looks for them.
for _made in DOCUMENT_LOOKUPS:
    for _variant in (_made, *getattr(_made, "by_sort", {}).values()):
        _variant.__module__, _variant.__qualname__ = __name__, _variant.__name__
        globals()[_variant.__name__] = _variant

REGISTERED[Kind.JSON] = {lookup.name: lookup for lookup in DOCUMENT_LOOKUPS}

__all__ = ["DOCUMENT_LOOKUPS", "HasAnyKeys", "HasKey", "HasKeys", "as_key"]
