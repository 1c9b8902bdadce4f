"""How SQLite asks about JSON documents, which are text there: by its own functions where they tell sorts apart."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dorm.run import load
from dorm.sql.compiler import Compiler
from dorm.sql.converter import composed
from dorm.sql.documents import JSONAt
from dorm.sql.nodes import Call, Constant, Slot

if TYPE_CHECKING:
    from collections.abc import Callable

    from dorm.sql import documents, nodes
    from dorm.sql.compiler import Pieces
    from dorm.sql.nodes import Node


def json_path(keys: tuple[str | int, ...]) -> str:
    """A path as SQLite writes it; a negative position counts from the end."""
    return "$" + "".join(map(_step, keys))


def _step(key: str | int) -> str:
    if isinstance(key, str):
        return "." + json.dumps(key)
    return f"[{key}]" if key >= 0 else f"[#{key}]"


def canonical(value: Any) -> str:
    """One text for all documents that are equal: keys in order, whole numbers without a fraction."""
    return json.dumps(_plain(value), sort_keys=True)


def is_object(value: Any) -> bool:
    """Whether a value as :mod:`json` gives it is an object."""
    return isinstance(value, dict)


def is_array(value: Any) -> bool:
    """Whether it is an array."""
    return isinstance(value, (list, tuple))


def _plain(value: Any) -> Any:
    if value.__class__ is float and value.is_integer():
        return int(value)
    if is_object(value):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if is_array(value) else value


def canonical_each(values: Any) -> str:
    """The canonical texts of several values, as a JSON array."""
    return json.dumps([canonical(value) for value in values])


def number(value: Any) -> int | float:
    """A number as SQLite can bind it."""
    return value if isinstance(value, float) or -(2**63) <= value < 2**63 else float(value)


def truth(value: Any) -> str:
    """What ``JSON_TYPE`` says of true and of false."""
    return "true" if value else "false"


_TYPES = {"number": "'integer', 'real'", "text": "'text'", "boolean": "'true', 'false'"}
_BINDERS: dict[str, Callable[[Any], Any]] = {"number": number, "boolean": int}
_RANKS = {"null": 0, "text": 1, "integer": 2, "real": 2, "true": 3, "false": 3, "array": 4, "object": 5}
_RANKED = " ".join(f"WHEN '{name}' THEN {rank}" for name, rank in _RANKS.items())


def has_arrow() -> bool:
    """Whether there is an operator that takes a part out of a document as it is written."""
    return bool(load("sqlite3").sqlite_version_info >= (3, 38))


class SQLiteDocuments(Compiler):
    """Documents for SQLite."""

    def _split(self, node: Node) -> tuple[Node, tuple[Node, ...]]:
        """The document and the path that SQLite's functions take."""
        if isinstance(node, JSONAt):
            if not node.pattern:
                return node.operand, ()
            if "q" not in node.pattern:
                return node.operand, (node.keys.replaced(convert=json_path),)
        return node, ()

    def visit_jsonat(self, node: documents.JSONAt) -> Pieces:
        operand, path = self._split(node)
        if not node.pattern:
            return [operand]
        if path and has_arrow():
            return ["(", operand, " -> ", path[0], ")"]
        return ["DORM_JSON_AT(", node.operand, ", ", node.keys.replaced(convert=json.dumps), ")"]

    def _type(self, node: Node) -> Node:
        operand, path = self._split(node)
        return Call("JSON_TYPE", (operand, *path))

    def _value(self, node: Node) -> Node:
        operand, path = self._split(node)
        return Call("JSON_EXTRACT", (operand, *(path or (Constant("'$'"),))))

    def _rank(self, node: Node) -> Node:
        return ["CASE ", self._type(node), f" {_RANKED} END"]

    def visit_jsontext(self, node: documents.JSONText) -> Pieces:
        inner = node.operand
        cases = " WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE CAST("
        return ["CASE ", self._type(inner), cases, self._value(inner), " AS text) END"]

    def visit_jsonof(self, node: documents.JSONOf) -> Pieces:
        in_json: Any = getattr(self, "_in_json")  # noqa: B009 - what JSONObject makes of its values
        return ["JSON_QUOTE(", in_json(node.operand, node.kind), ")"]

    def visit_jsoncompared(self, node: documents.JSONCompared) -> Pieces:
        type_, operator = self._type(node.left), f" {node.operator} "
        match node.sort:
            case "null":
                return [type_, " = 'null'"]
            case "container":
                return ["DORM_JSON_CANONICAL(", node.left, ") = ", self._bound(node.right, canonical)]
            case "boolean" if node.operator == "=":
                return [type_, " = ", self._bound(node.right, truth)]
            case None:
                return self._documents_compared(node)
            case sort:
                right = self._bound(node.right, _BINDERS.get(sort))
                return ["(", type_, f" IN ({_TYPES[sort]}) AND ", self._value(node.left), operator, right, ")"]

    def _documents_compared(self, node: documents.JSONCompared) -> Pieces:
        left, right = node.left, node.right
        if node.operator == "=":
            return ["DORM_JSON_CANONICAL(", left, ") = DORM_JSON_CANONICAL(", right, ")"]
        same = [self._rank(left), " = ", self._rank(right)]
        return ["(", *same, " AND ", self._value(left), f" {node.operator} ", self._value(right), ")"]

    @staticmethod
    def _bound(right: Node, convert: Callable[[Any], Any] | None) -> Node:
        if not isinstance(right, Slot) or convert is None:
            return right
        return right.replaced(convert=composed(convert, right.convert))

    def visit_jsonlisted(self, node: documents.JSONListed) -> Pieces:
        members = node.members.replaced(convert=canonical_each)
        return ["DORM_JSON_CANONICAL(", node.left, ") IN (SELECT value FROM json_each(", members, "))"]

    def visit_jsoncontains(self, node: documents.JSONContains) -> Pieces:
        sides = (self._bound(side, json.dumps) for side in (node.left, node.right))
        return [Call("DORM_JSON_CONTAINS", tuple(sides))]

    def visit_jsonhas(self, node: documents.JSONHas) -> Pieces:
        keys = self._bound(node.keys, None if node.how == "one" else json.dumps)
        return [Call("DORM_JSON_HAS", (node.left, keys, Constant(f"'{node.how}'")))]

    def visit_order(self, node: nodes.Order) -> Pieces:
        if not isinstance(node.operand, JSONAt):
            return super().visit_order(node)
        # Sorts one after the other, each in its own order.
        terms = [super(SQLiteDocuments, self).visit_order(node.replaced(operand=one)) for one in self._sorted(node)]
        return [*terms[0], ", ", *terms[1]]

    def _sorted(self, node: nodes.Order) -> tuple[Node, Node]:
        return self._rank(node.operand), self._value(node.operand)


# -- Functions that every connection gets ------------------------------------------------------


def at(document: Any, keys: Any) -> Any:
    """The part of a document at a path of keys, as JSON; NULL where there is none."""
    found: Any = json.loads(document)
    for key in json.loads(keys):
        if isinstance(key, str):
            if not is_object(found) or key not in found:
                return None
        elif not is_array(found) or not -len(found) <= key < len(found):
            return None
        found = found[key]
    return json.dumps(found)


def canonical_text(document: Any) -> Any:
    """:func:`canonical` of a stored document."""
    return canonical(json.loads(document))


def contains(left: Any, right: Any) -> Any:
    """Whether one document contains the other, as PostgreSQL's ``@>`` says it."""
    outer: Any = _plain(json.loads(left))
    inner: Any = _plain(json.loads(right))
    if is_array(outer) and not (is_object(inner) or is_array(inner)):
        return any(_same(item, inner) for item in outer)  # an array contains a scalar, at the top only
    return _contains(outer, inner)


def _contains(outer: Any, inner: Any) -> bool:
    if is_object(inner):
        return is_object(outer) and all(key in outer and _contains(outer[key], item) for key, item in inner.items())
    if is_array(inner):
        return is_array(outer) and all(any(_contains(one, item) for one in outer) for item in inner)
    return _same(outer, inner)


def _same(left: Any, right: Any) -> bool:
    """Equal, where true is no number."""
    return isinstance(left, bool) is isinstance(right, bool) and bool(left == right)


def has(document: Any, keys: Any, how: str) -> Any:
    """Whether a document has a key (or an array a text), as PostgreSQL's ``?``, ``?&`` and ``?|`` say it."""
    found: Any = json.loads(document)
    known: Any = found if is_object(found) or is_array(found) else [found]
    if how == "one":
        return keys in known
    return (all if how == "all" else any)(key in known for key in json.loads(keys))


FUNCTIONS: tuple[tuple[str, int, Callable[..., Any]], ...] = (
    ("DORM_JSON_AT", 2, at),
    ("DORM_JSON_CANONICAL", 1, canonical_text),
    ("DORM_JSON_CONTAINS", 2, contains),
    ("DORM_JSON_HAS", 3, has),
)
