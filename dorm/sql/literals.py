"""SQL without placeholders, for what is defined once: conditions of constraints, expressions of indexes.

Statements about tables take no parameters, so here, and nowhere else, values are written into the text: each by
``Dialect.literal``, which knows every class of value that a converter gives and refuses all others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.exceptions import NotSupportedError
from dorm.sql.call_compiler import separated
from dorm.sql.nodes import Written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dorm.sql import nodes
    from dorm.sql.dialect import Dialect
    from dorm.sql.nodes import Node


class Literals:
    """The part of a compiler that writes values, and columns of the only table there is."""

    dialect: Dialect
    values: Sequence[Any]

    def visit_slot(self, node: nodes.Slot) -> list[Any]:
        """A value."""
        value = self.values[node.position]
        return [self.dialect.literal(value if node.convert is None else node.convert(value), node.cast)]

    def visit_column(self, node: nodes.Column) -> list[Any]:
        """A column, without its table."""
        return [self.dialect.quote(node.name)]

    def members_of_list(self, operand: Node, members: nodes.ListSlot) -> list[Any]:
        """A list, one by one."""
        convert = members.convert
        values = [value if convert is None else convert(value) for value in self.values[members.position]]
        literals = [Written(self.dialect.literal(value, None)) for value in values]
        return [operand, " IN (", *separated(literals), ")"]


def written(dialect: Dialect, node: Node, values: Sequence[Any]) -> str:
    """The text of *node* with *values* in it."""
    kind: Any = type("Literal", (Literals, dialect.compiler), {})
    compiler = kind(dialect)
    compiler.values = values
    text: str = compiler.compile(node)
    return text


def quoted_text(text: str) -> str:
    """A text as a literal (SQL:2016, 5.3): in quotes, and quotes in it twice."""
    if "\x00" in text:
        raise NotSupportedError(f"{text!r} cannot be written into SQL: it contains a NUL byte.")
    return "'" + text.replace("'", "''") + "'"


def plain_literal(value: Any) -> str | None:
    """What all databases write alike; ``None`` for another class of value."""
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return quoted_text(str.__str__(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return str(int(value))
    return None


def refused(value: Any) -> NotSupportedError:
    """The error for a value that has no literal."""
    return NotSupportedError(f"{value!r} cannot be written into the definition of a constraint or an index.")
