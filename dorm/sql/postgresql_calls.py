"""How PostgreSQL writes functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from dorm.sql import calls, nodes
from dorm.sql.call_compiler import CallCompiler, separated
from dorm.sql.kinds import Kind

if TYPE_CHECKING:
    from dorm.sql.call_compiler import Pieces
    from dorm.sql.nodes import Node

_EXTRACT = {"week_day": "DOW", "iso_week_day": "ISODOW", "iso_year": "ISOYEAR"}
_WIDENED = ("AVG", "STDDEV_POP", "STDDEV_SAMP", "VAR_POP", "VAR_SAMP")
"""Aggregates of integers that the server computes as numeric."""

_FLIPPED = str.maketrans("+-", "-+")


def zone_text(zone: str) -> str:
    """A time zone as the server reads it: an offset without a name counts westwards there, as in POSIX."""
    name = zone.translate(_FLIPPED) if zone[0] in "+-" else zone
    return "'" + name.replace("'", "''") + "'"


def _hashed(algorithm: str) -> tuple[str | int, ...]:
    return (f"ENCODE({algorithm}(CONVERT_TO(", 0, ", 'UTF8')), 'hex')")


_LOOSE = (list, nodes.Infix, nodes.Boolean, nodes.Not, nodes.IsNull, nodes.Between, nodes.Membership, nodes.Match)


def tight(node: Node) -> Node:
    """*node*, in parentheses unless it holds together by itself."""
    return ["(", node, ")"] if isinstance(node, _LOOSE) else node


class PostgreSQLCalls(CallCompiler):
    """Functions and aggregates for PostgreSQL."""

    spellings: ClassVar[dict[str, str | tuple[str | int, ...]]] = {
        "ORD": "ASCII",
        # Of the extension pgcrypto; the others are the server's own.
        "SHA1": ("ENCODE(DIGEST(CONVERT_TO(", 0, ", 'UTF8'), 'sha1'), 'hex')"),
        **{name: _hashed(name) for name in ("SHA224", "SHA256", "SHA384", "SHA512")},
    }

    def visit_datepart(self, node: nodes.DatePart) -> Pieces:
        part = _EXTRACT.get(node.part, node.part.upper())
        pieces = [f"EXTRACT({part} FROM ", *self._in_zone(node.operand, node.zone), ")"]
        if node.part == "second":
            return ["FLOOR(", *pieces, ")::integer"]
        return ["(", *pieces, " + 1)::integer"] if node.part == "week_day" else [*pieces, "::integer"]

    def visit_datetrunc(self, node: nodes.DateTrunc) -> Pieces:
        return ["(", *self._in_zone(node.operand, node.zone), f")::{node.part}"]

    def _in_zone(self, operand: Node, zone: str | None) -> Pieces:
        return [operand, f" AT TIME ZONE {zone_text(zone)}"] if zone else [operand]

    def visit_truncated(self, node: calls.Truncated) -> Pieces:
        if node.result is Kind.DATETIME:
            zone = f", {zone_text(node.zone)}" if node.zone else ""
            return [f"DATE_TRUNC('{node.part}', ", node.operand, f"{zone})"]
        operand = [node.operand, "::timestamp"] if node.source is Kind.DATE else self._in_zone(node.operand, node.zone)
        return [f"DATE_TRUNC('{node.part}', ", *operand, f")::{self.dialect.cast_type(node.result)}"]

    def visit_durationpart(self, node: calls.DurationPart) -> Pieces:
        seconds = ["EXTRACT(EPOCH FROM ", node.operand, ")"]
        of_day = ["(", *seconds, " - 86400 * FLOOR(", *seconds, " / 86400))"]
        match node.part:
            case "day":
                return ["FLOOR(", *seconds, " / 86400)::integer"]
            case "hour":
                return ["FLOOR(", *of_day, " / 3600)::integer"]
            case "minute":
                return ["FLOOR(MOD(", *of_day, ", 3600) / 60)::integer"]
            case _:
                return ["FLOOR(MOD(", *of_day, ", 60))::integer"]

    def visit_aggregated(self, node: nodes.Aggregated) -> Pieces:
        pieces = super().visit_aggregated(node)
        # The server widens: SUM of bigint is numeric, AVG of integers too.
        if node.type is not None and (node.function in _WIDENED or node.type.kind is Kind.BIGINT):
            return [*pieces, f"::{self.dialect.cast_type(node.type.kind)}"] if node.function != "COUNT" else pieces
        return pieces

    def visit_extreme(self, node: nodes.Extreme) -> Pieces:
        nulls = [[argument, " IS NULL"] for argument in node.arguments]
        found = super().visit_extreme(node)
        return ["CASE WHEN ", *separated(nulls, " OR "), " THEN NULL ELSE ", *found, " END"]

    def visit_cast(self, node: nodes.Cast) -> Pieces:
        return [tight(node.operand), f"::{self.dialect.cast_type(node.kind)}"]

    def visit_convert(self, node: calls.Convert) -> Pieces:
        type_ = node.type
        name = self.dialect.cast_type(type_.kind)
        if type_.kind is Kind.CHAR and type_.length is not None:
            name = f"varchar({int(type_.length)})"
        if type_.kind is Kind.DECIMAL and type_.digits is not None and type_.places is not None:
            name = f"numeric({int(type_.digits)}, {int(type_.places)})"
        return [tight(node.operand), f"::{name}"]

    def visit_numeric(self, node: calls.Numeric) -> Pieces:
        arguments = [self._as(argument, kind, node.via) for argument, kind in node.arguments]
        return self._result([f"{node.name}(", *separated(arguments), ")"], node.kind)

    def visit_rounded(self, node: calls.Rounded) -> Pieces:
        return self._result(["ROUND(", tight(node.operand), "::numeric, ", node.places, ")"], node.kind)

    def _as(self, node: Node, kind: Kind | None, wanted: Kind | None) -> Node:
        """*node* in the kind in which it is computed."""
        return node if wanted is None or kind is wanted else [tight(node), f"::{self.dialect.cast_type(wanted)}"]

    def _result(self, pieces: Pieces, kind: Kind | None) -> Pieces:
        return pieces if kind is None else [*pieces, f"::{self.dialect.cast_type(kind)}"]

    def visit_jsonbuilt(self, node: calls.JSONBuilt) -> Pieces:
        return [f"JSONB_BUILD_{node.how.upper()}(", *separated(argument for argument, _ in node.arguments), ")"]
