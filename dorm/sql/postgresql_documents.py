"""How PostgreSQL asks about JSON documents."""

from __future__ import annotations

import json
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from dorm.sql.call_compiler import separated
from dorm.sql.compiler import Compiler
from dorm.sql.converter import composed
from dorm.sql.documents import JSONAt
from dorm.sql.kinds import Kind
from dorm.sql.nodes import Slot

if TYPE_CHECKING:
    from collections.abc import Callable

    from dorm.sql import documents
    from dorm.sql.compiler import Pieces
    from dorm.sql.nodes import Node

_TYPES = {"boolean": "boolean", "number": "number", "text": "string"}
"""What ``jsonb_typeof`` says."""

_getters: dict[int, Callable[[Any], Any]] = {}


def _key(index: int) -> Callable[[Any], Any]:
    """What picks one key of a path; the same function each time, so that a key is one parameter."""
    found = _getters.get(index)
    return found if found is not None else _getters.setdefault(index, itemgetter(index))


def dumped_each(values: Any) -> list[str]:
    """Each of the values as JSON."""
    return [json.dumps(value) for value in values]


def document(right: Node) -> Node:
    """The right side of a comparison as ``jsonb``: a value is bound as one."""
    if not isinstance(right, Slot) or right.cast is Kind.JSON:
        return right
    dumps = json.dumps if right.convert is None else composed(json.dumps, right.convert)
    return right.replaced(convert=dumps, cast=Kind.JSON)


class PostgreSQLDocuments(Compiler):
    """Documents for PostgreSQL."""

    def visit_jsonat(self, node: documents.JSONAt) -> Pieces:
        return ["(", node.operand, *self._steps(node, "->"), ")"] if node.pattern else [node.operand]

    def _steps(self, node: documents.JSONAt, last: str) -> Pieces:
        pieces: Pieces = []
        for index, letter in enumerate(node.pattern):
            arrow = last if index == len(node.pattern) - 1 else "->"
            key = node.keys.replaced(convert=_key(index), cast=Kind.INTEGER if letter == "i" else Kind.TEXT)
            pieces += [f" {arrow} ", key]
        return pieces

    def visit_jsontext(self, node: documents.JSONText) -> Pieces:
        if isinstance(node.operand, JSONAt) and node.operand.pattern:
            return ["(", node.operand.operand, *self._steps(node.operand, "->>"), ")"]
        return ["(", node.operand, " #>> '{}')"]

    def visit_jsonof(self, node: documents.JSONOf) -> Pieces:
        return ["to_jsonb(", node.operand, ")"]

    def visit_jsoncompared(self, node: documents.JSONCompared) -> Pieces:
        if node.sort == "null":
            return [node.left, " = 'null'::jsonb"]
        right = document(node.right)
        compared = [node.left, f" {node.operator} ", right]
        if node.operator == "=":
            return compared
        # Among documents any sort has its place; among values there is none for another sort.
        wanted: Pieces = ["jsonb_typeof(", right, ")"] if node.sort is None else [f"'{_TYPES[node.sort]}'"]
        return ["(jsonb_typeof(", node.left, ") = ", *wanted, " AND ", *compared, ")"]

    def visit_jsonlisted(self, node: documents.JSONListed) -> Pieces:
        return [node.left, " = ANY(", node.members.replaced(convert=dumped_each), "::jsonb[])"]

    def visit_jsoncontains(self, node: documents.JSONContains) -> Pieces:
        return [document(node.left), " @> ", document(node.right)]

    def visit_jsonhas(self, node: documents.JSONHas) -> Pieces:
        operator, cast = {"one": ("?", "text"), "all": ("?&", "text[]"), "any": ("?|", "text[]")}[node.how]
        return separated((node.left, [node.keys, f"::{cast}"]), f" {operator} ")
