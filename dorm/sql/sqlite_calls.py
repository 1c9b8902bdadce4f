"""How SQLite writes functions: many are those of :mod:`dorm.sql.sqlite_functions`, which every connection gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from dorm.sql import calls, nodes
from dorm.sql.call_compiler import CallCompiler, separated
from dorm.sql.kinds import Kind
from dorm.sql.nodes import Call, Constant

if TYPE_CHECKING:
    from dorm.sql.call_compiler import Pieces
    from dorm.sql.nodes import Node

EXACT_DIGITS = 15
"""Decimal digits that an IEEE 754 double holds exactly (DBL_DIG)."""


def text(value: str | None) -> Constant:
    """A word of our own, or the name of a time zone, as a literal."""
    return Constant("NULL" if value is None else "'" + value.replace("'", "''") + "'")


class SQLiteCalls(CallCompiler):
    """Functions and aggregates for SQLite."""

    spellings: ClassVar[dict[str, str | tuple[str | int, ...]]] = {
        **{
            name: f"DORM_{name}"
            for name in (
                "LPAD", "RPAD", "REPEAT", "REVERSE", "CHR", "ORD", "MD5", "SHA1", "SHA224", "SHA256", "SHA384",
                "SHA512", "STDDEV_POP", "STDDEV_SAMP", "VAR_POP", "VAR_SAMP",
            )
        },
        "STRPOS": "INSTR",
        "LEFT": ("SUBSTR(", 0, ", 1, ", 1, ")"),
        "RIGHT": ("SUBSTR(", 0, ", -(", 1, "), ", 1, ")"),
    }  # fmt: skip

    def visit_datepart(self, node: nodes.DatePart) -> Pieces:
        return [Call("DORM_DATE_PART", (text(node.part), node.operand, text(node.zone)))]

    def visit_datetrunc(self, node: nodes.DateTrunc) -> Pieces:
        return [Call("DORM_DATE_PART", (text(node.part), node.operand, text(node.zone)))]

    def visit_truncated(self, node: calls.Truncated) -> Pieces:
        kinds = text(node.source.value), text(node.result.value)
        return [Call("DORM_TRUNCATED", (text(node.part), *kinds, node.operand, text(node.zone)))]

    def visit_durationpart(self, node: calls.DurationPart) -> Pieces:
        return [Call("DORM_DURATION_PART", (text(node.part), node.operand))]

    def visit_folded(self, node: nodes.Folded) -> Pieces:
        return [f"DORM_{node.how.upper()}(", node.operand, ")"]

    def visit_concatenation(self, node: nodes.Concatenation) -> Pieces:
        parts = [["COALESCE(", argument, ", '')"] for argument in node.arguments]
        return ["(", *separated(parts, " || "), ")"]

    def visit_extreme(self, node: nodes.Extreme) -> Pieces:
        return ["MAX(" if node.how == "greatest" else "MIN(", *separated(node.arguments), ")"]

    def visit_present(self, node: nodes.Present) -> Pieces:
        return ["STRFTIME('%Y-%m-%d %H:%M:%f', 'NOW')"]

    def visit_convert(self, node: calls.Convert) -> Pieces:
        type_ = node.type
        match type_.kind:
            case Kind.DATE | Kind.TIME | Kind.DATETIME | Kind.BOOLEAN:
                return [Call("DORM_CONVERTED", (text(type_.kind.value), node.operand))]
            case Kind.DECIMAL if type_.places is not None and (type_.digits or 0) <= EXACT_DIGITS:
                return [Call("DORM_ROUND", (self._plain_cast(node), Constant(str(int(type_.places)))))]
            case Kind.CHAR if type_.length is not None:
                return [Call("SUBSTR", (self._plain_cast(node), Constant("1"), Constant(str(int(type_.length)))))]
            case _:
                return [self._plain_cast(node)]

    def _plain_cast(self, node: calls.Convert) -> Node:
        return nodes.Cast(node.operand, node.type.kind)

    def visit_numeric(self, node: calls.Numeric) -> Pieces:
        if node.name == "ABS" and node.arguments[0][1] is not Kind.DECIMAL:
            return ["ABS(", node.arguments[0][0], ")"]
        call = Call(f"DORM_{node.name}", tuple(argument for argument, _ in node.arguments))
        # As many digits as the other databases give when they make a decimal of a double.
        return [Call("DORM_DIGITS", (call,)) if node.kind is Kind.DECIMAL and node.via is Kind.FLOAT else call]

    def visit_rounded(self, node: calls.Rounded) -> Pieces:
        return [Call("DORM_ROUND", (node.operand, node.places))]

    def visit_randomnumber(self, node: calls.RandomNumber) -> Pieces:
        # 53 random bits, as many as a double holds.
        return ["(ABS(RANDOM() % 9007199254740992) / 9007199254740992.0)"]

    def visit_jsonbuilt(self, node: calls.JSONBuilt) -> Pieces:
        arguments = [self._in_json(*argument) for argument in node.arguments]
        return [f"JSON_{node.how.upper()}(", *separated(arguments), ")"]

    @staticmethod
    def _in_json(node: Node, kind: Kind | None) -> Node:
        if kind is Kind.JSON:
            return Call("JSON", (node,))
        if kind is Kind.BOOLEAN:
            return Call("JSON", (["CASE WHEN ", node, " THEN 'true' WHEN NOT ", node, " THEN 'false' END"],))
        if kind in (Kind.DATETIME, Kind.TIME, Kind.UUID):
            return Call("DORM_JSON_TEXT", (text(kind.value), node))
        return node
