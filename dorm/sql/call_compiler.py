"""How functions and windows are written, as far as the databases agree: the other half of the visitor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from dorm.sql import calls, nodes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dorm.sql.dialect import Dialect
    from dorm.sql.nodes import Node

    Pieces: TypeAlias = list[Any]


def separated(items: Iterable[Node], separator: str = ", ") -> Pieces:
    """The items with the separator between them."""
    pieces: Pieces = []
    for item in items:
        if pieces:
            pieces.append(separator)
        pieces.append(item)
    return pieces


class CallCompiler:
    """The methods of a compiler for functions, aggregates and windows."""

    spellings: ClassVar[dict[str, str | tuple[str | int, ...]]] = {}
    """Functions by their usual name: what they are called here, or text around the arguments, which are numbered."""

    dialect: Dialect

    def quote(self, name: str) -> str:
        """*name* as an identifier."""
        raise NotImplementedError

    # -- Functions -----------------------------------------------------------------------------

    def visit_call(self, node: nodes.Call) -> Pieces:
        spelling = self.spellings.get(node.name, node.name)
        if isinstance(spelling, tuple):
            return [node.arguments[piece] if isinstance(piece, int) else piece for piece in spelling]
        return [f"{spelling}(", *separated(node.arguments), ")"]

    def visit_cast(self, node: nodes.Cast) -> Pieces:
        return ["CAST(", node.operand, f" AS {self.dialect.cast_type(node.kind)})"]

    def visit_convert(self, node: calls.Convert) -> Pieces:
        return self.visit_cast(nodes.Cast(node.operand, node.type.kind))

    def visit_among(self, node: nodes.Among) -> Pieces:
        return [node.operand]

    def visit_stored(self, node: nodes.Stored) -> Pieces:
        return [node.operand]

    def visit_folded(self, node: nodes.Folded) -> Pieces:
        return [f"{node.how.upper()}(", node.operand, ")"]

    def visit_concatenation(self, node: nodes.Concatenation) -> Pieces:
        return ["CONCAT(", *separated(node.arguments), ")"]

    def visit_extreme(self, node: nodes.Extreme) -> Pieces:
        return [f"{node.how.upper()}(", *separated(node.arguments), ")"]

    def visit_present(self, node: nodes.Present) -> Pieces:
        return ["CURRENT_TIMESTAMP"]

    def visit_case(self, node: nodes.Case) -> Pieces:
        cases = [[" WHEN ", condition, " THEN ", value] for condition, value in node.cases]
        return ["CASE", *cases, " ELSE ", node.default, " END"]

    def visit_collated(self, node: calls.Collated) -> Pieces:
        return ["(", node.operand, f" COLLATE {self.quote(node.collation)})"]

    def visit_randomnumber(self, node: calls.RandomNumber) -> Pieces:
        return ["RANDOM()"]

    # -- Aggregates and windows ----------------------------------------------------------------

    def visit_aggregated(self, node: nodes.Aggregated) -> Pieces:
        name = self.spellings.get(node.function, node.function)
        distinct = "DISTINCT " if node.distinct else ""
        where: Pieces = [] if node.where is None else [" FILTER (WHERE ", node.where, ")"]
        over: Pieces = [] if node.over is None else [node.over]
        return [f"{name}({distinct}", node.argument, ")", *where, *over]

    def visit_over(self, node: calls.Over) -> Pieces:
        return [node.call, node.window]

    def visit_window(self, node: calls.Window) -> Pieces:
        clauses: list[Pieces] = []
        if node.partition:
            clauses.append(["PARTITION BY ", *separated(node.partition)])
        if node.order:
            clauses.append(["ORDER BY ", *separated(node.order)])
        if node.frame is not None:
            clauses.append([node.frame])
        return [" OVER (", *separated(clauses, " "), ")"]

    def visit_frame(self, node: calls.Frame) -> Pieces:
        exclusion = "" if node.exclusion is None else f" EXCLUDE {node.exclusion}"
        return [f"{node.unit} BETWEEN ", node.start, " AND ", node.end, exclusion]

    def visit_bound(self, node: calls.Bound) -> Pieces:
        return [node.distance, f" {node.direction}"]
