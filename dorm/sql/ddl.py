"""Tables, indexes and constraints as data: what the schema is to become, without a word of SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from dorm.sql.record import Record

if TYPE_CHECKING:
    from dorm.sql.dialect import Dialect
    from dorm.sql.kinds import Type


class ColumnDefinition(Record):
    """One column of a table; ``identity`` numbers rows by itself."""

    name: str
    type: Type
    null: bool = False
    primary_key: bool = False
    unique: bool = False
    identity: bool = False
    minimum: int | None = None


class ForeignKeyDefinition(Record):
    """A real foreign key, checked when the transaction ends; *on_delete* is what the column says, if anything."""

    name: str
    column: str
    table: str
    target: str
    on_delete: str = ""


class Computed(Protocol):
    """A condition or an expression on the columns of one table, which each dialect writes for itself."""

    direction: str
    """What follows it in an index: nothing, ``DESC``, where NULLs go."""

    def text(self, dialect: Dialect) -> str:
        """The SQL, with values as literals."""
        ...


class UniqueDefinition(Record):
    """Several columns whose values together occur once; *deferrable* is when it is checked, if that can be put off."""

    name: str
    columns: tuple[str, ...]
    deferrable: str = ""


class CheckDefinition(Record):
    """A condition that is false for no row."""

    name: str
    condition: Computed


class CreateTable(Record):
    """A table with its columns, keys and constraints."""

    name: str
    columns: tuple[ColumnDefinition, ...]
    foreign_keys: tuple[ForeignKeyDefinition, ...] = ()
    uniques: tuple[UniqueDefinition, ...] = ()
    checks: tuple[CheckDefinition, ...] = ()


class AddForeignKey(Record):
    """A foreign key added to a table that exists: how circles of tables are closed."""

    table: str
    key: ForeignKeyDefinition


class CreateIndex(Record):
    """An index over columns, which are (name, descending), or over expressions, of the rows that meet *where*."""

    name: str
    table: str
    columns: tuple[tuple[str, bool], ...]
    unique: bool = False
    expressions: tuple[Computed, ...] = ()
    where: Computed | None = None
    include: tuple[str, ...] = ()
    opclasses: tuple[str, ...] = ()
    nulls_distinct: bool | None = None


class DropTable(Record):
    """The end of a table and of what points at it by constraint."""

    name: str
