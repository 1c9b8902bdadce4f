"""What PostgreSQL says differently.  The driver converts most values itself, in C.

Placeholders are the server's own (``$1``), so that a value used twice is one parameter: GROUP BY and DISTINCT with
ORDER BY compare expressions, and two parameters are never equal.
"""

from __future__ import annotations

import datetime
import decimal
import json
import math
from typing import TYPE_CHECKING, Any, ClassVar

from dorm.conf import settings
from dorm.hints import did_you_mean
from dorm.sql.call_compiler import separated
from dorm.sql.compiler import like_pattern
from dorm.sql.converter import Converter, composed
from dorm.sql.ddl_compiler import DDLCompiler
from dorm.sql.dialect import Dialect, Features
from dorm.sql.kinds import INTEGERS, Kind, Type
from dorm.sql.literals import plain_literal, quoted_text, refused
from dorm.sql.moments import microseconds, moment_converter, zone_named
from dorm.sql.nodes import Call, Cast, Parenthesis, Slot
from dorm.sql.postgresql_calls import PostgreSQLCalls, tight
from dorm.sql.postgresql_documents import PostgreSQLDocuments

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dorm.conf import DatabaseSettings
    from dorm.sql import ddl, nodes
    from dorm.sql.compiler import Pieces
    from dorm.sql.nodes import Node


def dialect(database: DatabaseSettings) -> PostgreSQLDialect:
    """The dialect of one PostgreSQL alias."""
    return PostgreSQLDialect(database.alias)


EXPLAIN_FORMATS = ("TEXT", "JSON", "YAML", "XML")
EXPLAIN_OPTIONS = (
    "ANALYZE",
    "BUFFERS",
    "COSTS",
    "GENERIC_PLAN",
    "MEMORY",
    "SETTINGS",
    "SUMMARY",
    "TIMING",
    "VERBOSE",
    "WAL",
)


def each(convert: Callable[[Any], Any]) -> Callable[[Any], list[Any]]:
    """From a list of values to the list of the converted ones."""

    def converted(values: Any) -> list[Any]:
        return [convert(value) for value in values]

    return converted


class PostgreSQLCompiler(PostgreSQLCalls, PostgreSQLDocuments):
    """Text for PostgreSQL."""

    def __init__(self, dialect: Dialect) -> None:
        super().__init__(dialect)
        self._numbers: dict[tuple[Any, ...], int] = {}

    def placeholder(self, slot: Slot) -> str:
        key = (slot.position, slot.convert)
        number = self._numbers.get(key)
        if number is None:
            self.slots.append(slot)
            number = self._numbers[key] = len(self.slots)
        return f"${number}::{self.dialect.cast_type(slot.cast)}" if slot.cast else f"${number}"

    def members_of_list(self, operand: Node, members: nodes.ListSlot) -> Pieces:
        convert = members.convert
        slot = Slot(members.position, list if convert is None else each(convert))
        # A list may hold what the column cannot: a whole number of any size fits here, and an index still serves.
        kind = Kind.BIGINT if members.kind in INTEGERS else members.kind
        return [operand, " = ANY(", slot, f"::{self.dialect.cast_type(kind)}[])"]

    def visit_match(self, node: nodes.Match) -> Pieces:
        if not node.pattern:
            return self._find(node)
        assert isinstance(node.right, Slot), "a pattern is made from a value"
        if node.how == "exact":
            return ["UPPER(", node.left, ") = UPPER(", node.right, ")"]
        slot = node.right.replaced(convert=composed(like_pattern(node.how), node.right.convert))
        return [node.left, " ILIKE " if node.insensitive else " LIKE ", slot]

    def _find(self, node: nodes.Match) -> Pieces:
        left, right = ((Call("UPPER", (side,)) if node.insensitive else side) for side in (node.left, node.right))
        match node.how:
            case "exact":
                return [left, " = ", right]
            case "contains":
                return ["STRPOS(", left, ", ", right, ") > 0"]
            case "startswith":
                return ["STARTS_WITH(", left, ", ", right, ")"]
            case "endswith":
                return ["RIGHT(", left, ", LENGTH(", right, ")) = ", right]

    def visit_regex(self, node: nodes.Regex) -> Pieces:
        return [node.left, " ~* " if node.insensitive else " ~ ", node.right]

    def visit_arithmetic(self, node: nodes.Arithmetic) -> Pieces:
        if node.operator in ("<<", ">>"):
            node = node.replaced(right=Cast(Parenthesis(node.right), Kind.INTEGER))
        if node.operator == "%" and node.kind is Kind.FLOAT:
            left, right = (Cast(Parenthesis(side), Kind.DECIMAL) for side in (node.left, node.right))
            return ["(", left, " % ", right, ")::double precision"]
        kinds = {node.left_kind, node.right_kind}
        if kinds == {Kind.DATE, Kind.DATETIME}:
            both = ((node.left, node.left_kind), (node.right, node.right_kind))
            moments = [_in_utc([tight(side), "::timestamp"]) if kind is Kind.DATE else [side] for side, kind in both]
            return ["(", *separated(moments, f" {node.operator} "), ")"]
        pieces = super().visit_arithmetic(node)
        if node.operator == "^" and node.kind in INTEGERS:
            return [*pieces, "::bigint"]  # the server computes powers of integers in floating point
        if node.kind is Kind.DATE:
            return [*pieces, "::date"]
        if Kind.DATE in kinds and node.kind is Kind.DURATION:
            return ["(", *pieces, " * interval '1 day')"]
        return _in_utc(pieces) if Kind.DATE in kinds and node.kind is Kind.DATETIME else pieces

    def new_values(self, node: nodes.UpdateFrom, names: list[str]) -> str:
        arrays = [
            f"{self.placeholder(Slot(index))}::{self.dialect.cast_type(kind)}[]"
            for index, kind in enumerate(node.kinds)
        ]
        return f"UNNEST({', '.join(arrays)}) AS {self.quote('new')}({', '.join(names)})"

    def first_of_each(self, columns: tuple[Node, ...]) -> Pieces:
        return ["DISTINCT ON (", *separated(columns), ") "]

    def visit_insertarrays(self, node: nodes.InsertArrays) -> Pieces:
        arrays = ([slot, f"::{self.dialect.cast_type(kind)}[]"] for slot, kind in node.arrays)
        pieces: Pieces = [f"INSERT INTO {self.quote(node.table)} ({self.names(node.columns)}) SELECT * FROM UNNEST("]
        return [*pieces, *separated(arrays), ")", *self.tail(node)]


def _in_utc(pieces: Pieces) -> Pieces:
    """A day and a time as the moment that they are in UTC, as on SQLite; without USE_TZ as they are."""
    return ["(", *pieces, " AT TIME ZONE 'UTC')"] if settings.USE_TZ else pieces


class PostgreSQLDDL(DDLCompiler):
    """Statements about tables for PostgreSQL, where a foreign key needs the table it points to."""

    def visit_addforeignkey(self, node: ddl.AddForeignKey) -> list[str]:
        return [f"ALTER TABLE {self.quote(node.table)} ADD {self.foreign_key(node.key)}"]

    def index_term(self, name: str, opclass: str, *, descending: bool) -> str:
        middle = f" {self.quote(opclass)}" if opclass else ""
        return f"{self.quote(name)}{middle}{' DESC' if descending else ''}"

    def after_terms(self, node: ddl.CreateIndex) -> str:
        include = f" INCLUDE ({self.names(node.include)})" if node.include else ""
        if node.nulls_distinct is None:
            return include
        return f"{include} NULLS {'' if node.nulls_distinct else 'NOT '}DISTINCT"

    def visit_droptable(self, node: ddl.DropTable) -> list[str]:
        return [f"{statement} CASCADE" for statement in super().visit_droptable(node)]


class PostgreSQLDialect(Dialect):
    """PostgreSQL 14 or later."""

    vendor = "postgresql"
    # The wire protocol counts parameters in 16 bits.
    features: ClassVar[Features] = Features(parameter_limit=65_535, binds_arrays=True, plans_by_limit=True)
    compiler = PostgreSQLCompiler
    ddl_compiler = PostgreSQLDDL

    _types: ClassVar[dict[Kind, str]] = {
        Kind.BOOLEAN: "boolean",
        Kind.SMALLINT: "smallint",
        Kind.INTEGER: "integer",
        Kind.BIGINT: "bigint",
        Kind.FLOAT: "double precision",
        Kind.DECIMAL: "numeric",
        Kind.CHAR: "varchar",
        Kind.TEXT: "text",
        Kind.DATE: "date",
        Kind.TIME: "time",
        Kind.DURATION: "interval",
        Kind.UUID: "uuid",
        Kind.JSON: "jsonb",
        Kind.BINARY: "bytea",
        Kind.INET: "inet",
    }

    def column_type(self, type_: Type, *, identity: bool = False) -> str:
        name = self._types.get(type_.kind) or self.cast_type(type_.kind)
        if type_.kind is Kind.CHAR and type_.length is not None:
            name += f"({type_.length})"
        if type_.kind is Kind.DECIMAL and type_.digits is not None:
            name += f"({type_.digits}, {type_.places})"
        if type_.collation:
            name += f" COLLATE {self.quote(type_.collation)}"
        return name + (" GENERATED BY DEFAULT AS IDENTITY" if identity else "")

    def cast_type(self, kind: Kind) -> str:
        if kind is Kind.DATETIME:
            return "timestamp with time zone" if settings.USE_TZ else "timestamp"
        # A cast to varchar(n) would cut in silence; the column's own length refuses.
        return "text" if kind is Kind.CHAR else self._types[kind]

    def to_db(self, type_: Type) -> Callable[[Any], Any] | None:
        match type_.kind:
            case Kind.DATETIME:
                return moment_converter()
            case Kind.JSON:
                return json.dumps
            case Kind.INET:
                return str
            case Kind.BINARY:
                return bytes
            case _:
                return None

    def from_db(self, type_: Type) -> Converter | None:
        match type_.kind:
            case Kind.BINARY | Kind.INET:
                return Converter(bytes if type_.kind is Kind.BINARY else str)
            case Kind.DATETIME if type_.zone is not None and settings.USE_TZ:
                zone = zone_named(type_.zone)
                return Converter(lambda moment: moment.astimezone(zone))
            case _:
                return None

    def explain(self, style: str | None, options: dict[str, Any]) -> str:
        if style is not None and style.upper() not in EXPLAIN_FORMATS:
            raise ValueError(f"{style!r} is not a recognized format. {did_you_mean(style.upper(), EXPLAIN_FORMATS)}")
        words = [] if style is None else [f"FORMAT {style.upper()}"]
        for name, value in options.items():
            word = name.upper()
            if word not in EXPLAIN_OPTIONS:
                raise ValueError(f"Unknown option: {name!r} is none of EXPLAIN. {did_you_mean(word, EXPLAIN_OPTIONS)}")
            if not isinstance(value, bool):
                raise ValueError(f"explain({name}={value!r}): an option of EXPLAIN is True or False.")
            words.append(f"{word} {'true' if value else 'false'}")
        return f"EXPLAIN ({', '.join(words)})" if words else "EXPLAIN"

    def explained(self, rows: Sequence[tuple[Any, ...]]) -> str:
        return "\n".join(line if isinstance(line, str) else json.dumps(line, indent=2) for (line,) in rows)

    def literal(self, value: Any, cast: Kind | None) -> str:
        found = self._literal(value)
        return found if cast is None else f"{found}::{self.cast_type(cast)}"

    @staticmethod
    def _literal(value: Any) -> str:
        match value:
            case bool():
                return "true" if value else "false"
            case float():
                return repr(value) if math.isfinite(value) else f"'{value}'::double precision"
            case decimal.Decimal():
                return format(value, "f") if value.is_finite() else f"'{value}'::numeric"
            case datetime.datetime():
                zone = "timestamp" if value.tzinfo is None else "timestamp with time zone"
                return f"'{value.isoformat(' ')}'::{zone}"
            case datetime.date() | datetime.time():
                return f"'{value.isoformat()}'::{'date' if isinstance(value, datetime.date) else 'time'}"
            case datetime.timedelta():
                return f"'{microseconds(value)} microseconds'::interval"
            case bytes() | bytearray():
                return f"'\\x{value.hex()}'::bytea"
            case _:
                found = plain_literal(value)
                if found is None and type(value).__name__ == "UUID":
                    return f"{quoted_text(str(value))}::uuid"
                if found is None:
                    raise refused(value)
                return found

    def placeholders(self, texts: Sequence[str]) -> str:
        first, *rest = texts
        return first + "".join(f"${number}{text}" for number, text in enumerate(rest, 1))
