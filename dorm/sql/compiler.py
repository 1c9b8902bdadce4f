"""The visitor: nodes to SQL text, and the slots in the order of their placeholders.

One short ``visit_`` method per node gives the pieces it is made of, text and further nodes; the loop below writes
them out.  There is no recursion, so a condition may be nested as deep as memory allows.  Identifiers are quoted in
one place, :meth:`Compiler.quote`; values never appear in the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from dorm.exceptions import DataError, NotSupportedError
from dorm.sql import nodes
from dorm.sql.call_compiler import CallCompiler, separated

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dorm.sql.dialect import Dialect
    from dorm.sql.nodes import Constant, Node, Slot

    Pieces: TypeAlias = list[Any]


def quoted(name: str) -> str:
    """*name* as an SQL identifier, whatever it contains (SQL:2016, 5.2 <delimited identifier>).

    The one place where a name becomes SQL.  ``NotSupportedError`` for a NUL byte, which no database takes.
    """
    if "\x00" in name:
        raise NotSupportedError(f"{name!r} cannot be the name of anything in a database: it contains a NUL byte.")
    return '"' + name.replace('"', '""') + '"'


ROWS = "\0rows\0"
"""Where the rows of a statement go whose number is known later.  No SQL contains a NUL byte."""

AROUND = {"exact": "{}", "contains": "%{}%", "startswith": "{}%", "endswith": "%{}"}
"""Where the wild cards of LIKE stand."""

_LIKE = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


def like_pattern(how: str) -> Callable[[str], str]:
    """From plain text to the LIKE pattern that finds it, with a backslash as escape."""
    around = AROUND[how]
    return lambda text: around.format(searchable(text).translate(_LIKE))


def searchable(text: str) -> str:
    """*text*; ``DataError`` for a NUL byte, which would end the pattern and so find everything."""
    if "\x00" in text:
        raise DataError(f"{text!r} cannot be searched for: it contains a NUL byte.")
    return text


class Compiler(CallCompiler):
    """Compiles one tree.  A dialect overrides what it says differently."""

    # Boolean groups longer than this are written as balanced halves: databases limit the depth of a chain of ANDs.
    longest_chain: ClassVar[int] = 200

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.slots: list[Slot] = []
        self._text: list[str] = []

    def compile(self, node: Node) -> str:
        """The SQL text of *node*; afterwards ``slots`` holds one entry per placeholder, in order."""
        stack: Pieces = [node]
        while stack:
            piece = stack.pop()
            if type(piece) is str:
                self._text.append(piece)
            else:
                pieces = getattr(self, "visit_" + type(piece).__name__.lower())(piece)
                stack.extend(reversed(pieces))
        return "".join(self._text)

    def quote(self, name: str) -> str:
        """*name* as an identifier."""
        return quoted(name)

    def placeholder(self, slot: Slot) -> str:
        """The text that stands for *slot*; registers it."""
        self.slots.append(slot)
        return "?"

    # -- Leaves --------------------------------------------------------------------------------

    def visit_column(self, node: nodes.Column) -> Pieces:
        name = self.quote(node.name)
        return [f"{self.quote(node.table)}.{name}" if node.table else name]

    def visit_slot(self, node: Slot) -> Pieces:
        return [self.placeholder(node)]

    def visit_constant(self, node: Constant) -> Pieces:
        return [node.text]

    def visit_written(self, node: nodes.Written) -> Pieces:
        return [node.text]

    def visit_rawtext(self, node: nodes.RawText) -> Pieces:
        return ["(", *node.pieces, ")"]

    # -- Expressions ---------------------------------------------------------------------------

    def visit_infix(self, node: nodes.Infix) -> Pieces:
        return [node.left, f" {node.operator} ", node.right]

    def visit_arithmetic(self, node: nodes.Arithmetic) -> Pieces:
        return ["(", node.left, f" {node.operator} ", node.right, ")"]

    def visit_isnull(self, node: nodes.IsNull) -> Pieces:
        return [node.operand, " IS NOT NULL" if node.negated else " IS NULL"]

    def visit_between(self, node: nodes.Between) -> Pieces:
        return [node.operand, " BETWEEN ", node.low, " AND ", node.high]

    def visit_membership(self, node: nodes.Membership) -> Pieces:
        match node.members:
            case nodes.ListSlot():
                return self.members_of_list(node.operand, node.members)
            case nodes.Scalar():
                return [node.operand, " IN (", node.members.select, ")"]
            case nodes.Select():
                return [node.operand, " IN (", node.members, ")"]
            case nodes.RawText():
                return [node.operand, " IN ", node.members]
            case _:
                return [node.operand, " IN (", *separated(node.members), ")"]

    def members_of_list(self, operand: Node, members: nodes.ListSlot) -> Pieces:
        """``operand IN (a list bound as one value)``: one text for every length."""
        raise NotSupportedError(f"{self.dialect.vendor} does not say how a list is bound")

    def visit_boolean(self, node: nodes.Boolean) -> Pieces:
        children = node.children
        if len(children) > self.longest_chain:
            middle = len(children) // 2
            halves = (nodes.Boolean(node.connector, half) for half in (children[:middle], children[middle:]))
            return separated((["(", half, ")"] for half in halves), f" {node.connector} ")
        return separated((self._grouped(child, node.connector) for child in children), f" {node.connector} ")

    def _grouped(self, child: Node, connector: str) -> Node:
        if type(child) is nodes.Boolean and child.connector != connector:
            return ["(", child, ")"]
        return child

    def visit_list(self, pieces: Pieces) -> Pieces:
        """Pieces that were put together already."""
        return pieces

    def visit_not(self, node: nodes.Not) -> Pieces:
        return ["NOT (", node.operand, ")"]

    def visit_odd(self, node: nodes.Odd) -> Pieces:
        ones: list[Node] = [["CASE WHEN ", condition, " THEN 1 ELSE 0 END"] for condition in node.conditions]
        while len(ones) > self.longest_chain:
            ones = [["(", *separated(ones[at : at + 2], " + "), ")"] for at in range(0, len(ones), 2)]
        return ["(", *separated([*ones, str(node.plus)] if node.plus else ones, " + "), ") % 2 = 1"]

    def visit_parenthesis(self, node: nodes.Parenthesis) -> Pieces:
        return ["(", node.operand, ")"]

    def visit_exists(self, node: nodes.Exists) -> Pieces:
        return ["EXISTS (", node.select, ")"]

    def visit_scalar(self, node: nodes.Scalar) -> Pieces:
        return ["(", node.select, ")"]

    def visit_alias(self, node: nodes.Alias) -> Pieces:
        return [node.node, f" AS {self.quote(node.name)}"]

    # -- Statements ----------------------------------------------------------------------------

    def visit_table(self, node: nodes.Table) -> Pieces:
        alias = "" if node.alias == node.name else f" AS {self.quote(node.alias)}"
        return [self.quote(node.name) + alias]

    def visit_join(self, node: nodes.Join) -> Pieces:
        return [f" {node.kind} ", node.table, " ON ", node.condition]

    def visit_order(self, node: nodes.Order) -> Pieces:
        return [node.operand, " DESC" if node.descending else "", f" NULLS {node.nulls}" if node.nulls else ""]

    def visit_select(self, node: nodes.Select) -> Pieces:
        source = (
            ["(", node.source.node, f") AS {self.quote(node.source.name)}"] if self._nested(node) else [node.source]
        )
        pieces: Pieces = ["SELECT ", *self.distinct(node), *separated(node.columns)]
        pieces += [" FROM ", *source, *node.joins]
        if node.where is not None:
            pieces += [" WHERE ", node.where]
        if node.group:
            pieces += [" GROUP BY ", *separated(node.group)]
        if node.having is not None:
            pieces += [" HAVING ", node.having]
        pieces += self._ending(node)
        return pieces if node.lock is None else [*pieces, *self.lock(node)]

    def visit_compound(self, node: nodes.Compound) -> Pieces:
        return [*separated(node.parts, f" {node.operator} "), *self._ending(node)]

    def _ending(self, node: nodes.Select | nodes.Compound) -> Pieces:
        pieces: Pieces = [" ORDER BY ", *separated(node.order)] if node.order else []
        if node.limit is not None or node.offset is not None:
            pieces += self.window(node.limit, node.offset)
        return pieces

    def distinct(self, node: nodes.Select) -> Pieces:
        """What follows SELECT when not every row comes back."""
        if isinstance(node.distinct, tuple):
            return self.first_of_each(node.distinct)
        return ["DISTINCT "] if node.distinct else []

    def first_of_each(self, columns: tuple[Node, ...]) -> Pieces:
        """That only the first of the rows with the same values in *columns* comes back."""
        raise NotSupportedError(
            f"{self.dialect.vendor} has no DISTINCT ON: distinct() takes no fields there. Use values() of the fields "
            "and distinct(), or filter by a Subquery that picks a row of each."
        )

    def lock(self, node: nodes.Select) -> Pieces:
        """What locks the rows of the selected table."""
        strength, *ending = node.lock or ("",)
        words = " ".join(["FOR", *filter(None, [strength]), "UPDATE OF", self.quote(node.source.alias), *ending])
        return [f" {words}"]

    @staticmethod
    def _nested(node: nodes.Select) -> bool:
        return type(node.source) is nodes.Alias

    def window(self, limit: Node | None, offset: Node | None) -> Pieces:
        """``LIMIT`` and ``OFFSET``."""
        return [
            *([" LIMIT ", limit] if limit is not None else []),
            *([" OFFSET ", offset] if offset is not None else []),
        ]

    def visit_insert(self, node: nodes.Insert) -> Pieces:
        pieces: Pieces = [f"INSERT INTO {self.quote(node.table)}"]
        if node.columns:
            rows = separated(["(", *separated(row), ")"] for row in node.rows)
            pieces += [f" ({self.names(node.columns)}) VALUES ", *rows]
        else:
            pieces.append(" DEFAULT VALUES")
        return [*pieces, *self.tail(node)]

    def tail(self, node: nodes.Insert | nodes.InsertArrays) -> Pieces:
        """What follows the rows of an INSERT."""
        return [self.conflict(*node.conflict) if node.conflict else "", *self.returning(node.returning)]

    def conflict(self, target: tuple[str, ...], written: tuple[str, ...]) -> str:
        """What becomes of rows that would violate a unique constraint."""
        if not written:
            return " ON CONFLICT DO NOTHING"
        sets = ", ".join(f"{self.quote(column)} = EXCLUDED.{self.quote(column)}" for column in written)
        return f" ON CONFLICT ({self.names(target)}) DO UPDATE SET {sets}"

    def visit_insertarrays(self, node: nodes.InsertArrays) -> Pieces:
        raise NotSupportedError(f"{self.dialect.vendor} binds no arrays")

    def visit_update(self, node: nodes.Update) -> Pieces:
        assignments = separated([f"{self.quote(column)} = ", value] for column, value in node.assignments)
        return [f"UPDATE {self.quote(node.table)} SET ", *assignments, *self._filtered(node.where)]

    def visit_updatefrom(self, node: nodes.UpdateFrom) -> Pieces:
        names = [f"column{number}" for number in range(1, len(node.kinds) + 1)]
        sets = ", ".join(
            f"{self.quote(c)} = {self.quote('new')}.{n}" for c, n in zip(node.columns, names[1:], strict=True)
        )
        key = f"{self.quote(node.table)}.{self.quote(node.key)}"
        source = self.new_values(node, names)
        return [f"UPDATE {self.quote(node.table)} SET {sets} FROM {source} WHERE {key} = {self.quote('new')}.column1"]

    def new_values(self, node: nodes.UpdateFrom, names: list[str]) -> str:
        """The new values as a table named ``new`` with these columns; ``ROWS`` stands for rows of slots."""
        return f"(VALUES {ROWS}) AS {self.quote('new')}"

    def visit_delete(self, node: nodes.Delete) -> Pieces:
        return [f"DELETE FROM {self.quote(node.table)}", *self._filtered(node.where)]

    def _filtered(self, where: Node | None) -> Pieces:
        return [] if where is None else [" WHERE ", where]

    def names(self, columns: Sequence[str]) -> str:
        """Quoted names, separated by commas."""
        return ", ".join(self.quote(column) for column in columns)

    def returning(self, columns: Sequence[str]) -> Pieces:
        """The RETURNING clause, or nothing."""
        return [f" RETURNING {self.names(columns)}"] if columns else []
