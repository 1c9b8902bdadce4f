"""Values that are compared with each other, or chosen among each other, in one form: decimals may have several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dorm.sql.kinds import NUMBERS, Kind
from dorm.sql.nodes import Among, Column, Constant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dorm.sql.kinds import Type
    from dorm.sql.nodes import Node


def alike(pairs: Sequence[tuple[Node, Type | None]]) -> tuple[Node, ...]:
    """Nodes, each with its type, in forms that compare with each other."""
    types = tuple(type_ for _, type_ in pairs)
    kinds = {type_.kind for type_ in types if type_ is not None}
    if Kind.DECIMAL not in kinds or not kinds <= set(NUMBERS):
        return tuple(node for node, _ in pairs)
    return tuple(node if _is_null(node) else Among(node, type_, types) for node, type_ in pairs)


def comparable(node: Node, type_: Type | None) -> Node:
    """What is computed, in the form in which all such values are compared, ordered and grouped."""
    return node if isinstance(node, Column) else alike([(node, type_)])[0]


def _is_null(node: Node) -> bool:
    return isinstance(node, Constant) and node.text == "NULL"
