"""How SQLite writes functions: many are those of :mod:`dorm.sql.sqlite_functions`, which every connection gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from dorm.sql import calls, nodes
from dorm.sql.call_compiler import CallCompiler, separated
from dorm.sql.kinds import Kind
from dorm.sql.nodes import Call, Constant
from dorm.sql.sqlite_decimals import EXACT_DIGITS

if TYPE_CHECKING:
    from dorm.sql.call_compiler import Pieces
    from dorm.sql.kinds import Type
    from dorm.sql.nodes import Node

SCALED_DIGITS = 12
"""Digits of decimals that are summed as whole numbers: nine million of the greatest fit into 64 bits."""


def is_text(type_: Type | None) -> bool:
    """Whether a value of this type is a decimal written as text."""
    return type_ is not None and type_.kind is Kind.DECIMAL and (type_.digits is None or type_.digits > EXACT_DIGITS)


def by_value(node: Node) -> Pieces:
    """A decimal as text, which is compared by its value."""
    return ["(", node, " COLLATE DORM_DECIMAL)"]


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
            case Kind.DECIMAL if type_.digits is None:
                return by_value(Call("DORM_DECIMAL", (node.operand,)))
            case Kind.DECIMAL:
                return self.visit_stored(nodes.Stored(node.operand, type_))
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

    # -- Decimals ------------------------------------------------------------------------------

    def visit_among(self, node: nodes.Among) -> Pieces:
        known = [type_ for type_ in node.types if type_ is not None]
        if any(type_.kind is Kind.FLOAT for type_ in known):
            return [nodes.Cast(node.operand, Kind.FLOAT) if is_text(node.type) else node.operand]
        if not any(is_text(type_) for type_ in known) or self._compares_by_value(node):
            return [node.operand]
        return by_value(Call("DORM_DECIMAL", (node.operand,)))

    @staticmethod
    def _compares_by_value(node: nodes.Among) -> bool:
        """Whether it is a decimal as text under the collation anyway."""
        match node.operand:
            case nodes.Column():
                return is_text(node.type)
            case nodes.Arithmetic():
                return node.operand.kind is Kind.DECIMAL
            case nodes.Aggregated():
                return node.operand.function in ("SUM", "AVG") and is_text(node.operand.type)
            case _:
                return False

    def visit_stored(self, node: nodes.Stored) -> Pieces:
        type_ = node.type
        if type_.kind is not Kind.DECIMAL:
            return [node.operand]
        sizes = (Constant(str(int(size or 0))) for size in (type_.digits, type_.places))
        found = Call("DORM_FITTED", (node.operand, *sizes))
        return by_value(found) if is_text(type_) else [found]

    def exact_arithmetic(self, node: nodes.Arithmetic) -> Pieces:
        """Arithmetic that yields a decimal."""
        return by_value(Call("DORM_ARITHMETIC", (text(node.operator), node.left, node.right)))

    def visit_aggregated(self, node: nodes.Aggregated) -> Pieces:
        if not is_text(node.type) or node.function not in ("SUM", "AVG", "MIN", "MAX"):
            return super().visit_aggregated(node)
        if node.function in ("MIN", "MAX"):
            return by_value(super().visit_aggregated(node.replaced(argument=by_value(node.argument))))
        given = node.argument_type
        digits, places = (None, None) if given is None else (given.digits, given.places)
        if node.function == "SUM" and digits is not None and digits <= SCALED_DIGITS and places is not None:
            return by_value(Call("DORM_UNSCALED", (self._scaled(node, places), Constant(str(places)))))
        return by_value(super().visit_aggregated(node.replaced(function=f"DORM_{node.function}")))

    def _scaled(self, node: nodes.Aggregated, places: int) -> Pieces:
        """The sum of the numbers without their point, each a whole number that a double holds."""
        whole = Call("ROUND", (["(", node.argument, f" * 1{'0' * places})"],))
        return super().visit_aggregated(node.replaced(argument=nodes.Cast(whole, Kind.BIGINT)))

    def visit_jsonbuilt(self, node: calls.JSONBuilt) -> Pieces:
        arguments = [self._in_json(*argument) for argument in node.arguments]
        return [f"JSON_{node.how.upper()}(", *separated(arguments), ")"]

    @staticmethod
    def _in_json(node: Node, kind: Kind | None) -> Node:
        if kind in (Kind.JSON, Kind.DECIMAL):
            return Call("JSON", (node,))
        if kind is Kind.BOOLEAN:
            return Call("JSON", (["CASE WHEN ", node, " THEN 'true' WHEN NOT ", node, " THEN 'false' END"],))
        if kind in (Kind.DATETIME, Kind.TIME, Kind.UUID):
            return Call("DORM_JSON_TEXT", (text(kind.value), node))
        return node
