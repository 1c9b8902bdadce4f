"""Nodes of :mod:`dorm.sql.ddl` to statements: what both databases say alike.  A dialect overrides the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.exceptions import NotSupportedError

if TYPE_CHECKING:
    from dorm.sql import ddl
    from dorm.sql.dialect import Dialect


class DDLCompiler:
    """Writes the statements for one node: one ``visit_`` method per kind."""

    identity_key = "PRIMARY KEY"
    """What follows the type of a key that numbers rows by itself."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.quote = dialect.quote

    def statements(self, node: Any) -> list[str]:
        """The statements that carry out *node*, in order."""
        visit = getattr(self, "visit_" + type(node).__name__.lower(), None)
        if visit is None:
            raise NotSupportedError(f"{self.dialect.vendor} does not know how to carry out {type(node).__name__}.")
        found: list[str] = visit(node)
        return found

    def visit_createtable(self, node: ddl.CreateTable) -> list[str]:
        parts = [self.column(column) for column in node.columns]
        parts += [self.unique(one) for one in node.uniques]
        parts += [
            f"CONSTRAINT {self.quote(one.name)} CHECK ({one.condition.text(self.dialect)})" for one in node.checks
        ]
        parts += self.keys_in_table(node)
        return [f"CREATE TABLE {self.quote(node.name)} ({', '.join(parts)})"]

    def keys_in_table(self, node: ddl.CreateTable) -> list[str]:
        """The foreign keys that are written with the table itself."""
        return []

    def visit_createindex(self, node: ddl.CreateIndex) -> list[str]:
        unique = "UNIQUE " if node.unique else ""
        where = "" if node.where is None else f" WHERE {node.where.text(self.dialect)}"
        terms = ", ".join(self.index_terms(node)) + ")" + self.after_terms(node)
        return [f"CREATE {unique}INDEX {self.quote(node.name)} ON {self.quote(node.table)} ({terms}{where}"]

    def unique(self, node: ddl.UniqueDefinition) -> str:
        """A constraint of a table that columns together are unique."""
        later = f" DEFERRABLE INITIALLY {node.deferrable}" if node.deferrable else ""
        return f"CONSTRAINT {self.quote(node.name)} UNIQUE ({self.names(node.columns)}){later}"

    def index_terms(self, node: ddl.CreateIndex) -> list[str]:
        """What is indexed."""
        if node.expressions:
            return [f"({one.text(self.dialect)}){self.direction(one)}" for one in node.expressions]
        classes = node.opclasses or ("",) * len(node.columns)
        return [
            self.index_term(name, opclass, descending=down)
            for (name, down), opclass in zip(node.columns, classes, strict=True)
        ]

    def direction(self, term: ddl.Computed) -> str:
        """What follows an expression in an index."""
        return term.direction

    def index_term(self, name: str, opclass: str, *, descending: bool) -> str:
        """A column in an index."""
        return self.quote(name) + (" DESC" if descending else "")

    def after_terms(self, node: ddl.CreateIndex) -> str:
        """What stands between the columns of an index and its condition."""
        return ""

    def visit_droptable(self, node: ddl.DropTable) -> list[str]:
        return [f"DROP TABLE IF EXISTS {self.quote(node.name)}"]

    def column(self, column: ddl.ColumnDefinition) -> str:
        """A column with its type and what it demands."""
        text = f"{self.quote(column.name)} {self.dialect.column_type(column.type, identity=column.identity)}"
        text += "" if column.null else " NOT NULL"
        if column.primary_key:
            text += f" {self.identity_key if column.identity else 'PRIMARY KEY'}"
        elif column.unique:
            text += " UNIQUE"
        if column.minimum is not None:
            text += f" CHECK ({self.quote(column.name)} >= {column.minimum})"
        return text

    def foreign_key(self, key: ddl.ForeignKeyDefinition) -> str:
        """A foreign key, checked when the transaction ends."""
        on_delete = f" ON DELETE {key.on_delete}" if key.on_delete else ""
        return (
            f"CONSTRAINT {self.quote(key.name)} FOREIGN KEY ({self.quote(key.column)}) REFERENCES "
            f"{self.quote(key.table)} ({self.quote(key.target)}){on_delete} DEFERRABLE INITIALLY DEFERRED"
        )

    def names(self, columns: tuple[str, ...]) -> str:
        """Quoted names, separated by commas."""
        return ", ".join(self.quote(column) for column in columns)
