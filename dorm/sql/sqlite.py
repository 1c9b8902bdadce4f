"""What SQLite says differently.  Storage is Django's, so that a file can be shared with it.

Booleans are 0 and 1, moments are text in UTC, UUIDs are 32 hexadecimal digits, durations are microseconds, JSON is
text.  Decimals are what :mod:`dorm.sql.sqlite_decimals` says.
"""

from __future__ import annotations

import datetime
import json
import math
import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from dorm.conf import settings
from dorm.exceptions import NotSupportedError
from dorm.sql import nodes, sqlite_functions
from dorm.sql.compiler import AROUND, like_pattern, searchable
from dorm.sql.converter import Converter, composed
from dorm.sql.ddl_compiler import DDLCompiler
from dorm.sql.dialect import Dialect, Features
from dorm.sql.kinds import INTEGERS, Kind, Type
from dorm.sql.literals import plain_literal, refused
from dorm.sql.moments import microseconds, moment_converter, zone_named
from dorm.sql.nodes import Call, Cast, Constant, Slot
from dorm.sql.sqlite_calls import SQLiteCalls, is_text
from dorm.sql.sqlite_decimals import Decimals, wide_decimal
from dorm.sql.sqlite_documents import SQLiteDocuments

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dorm.conf import DatabaseSettings
    from dorm.sql import ddl
    from dorm.sql.compiler import Pieces
    from dorm.sql.nodes import Node


def dialect(database: DatabaseSettings) -> SQLiteDialect:
    """The dialect of one SQLite alias."""
    return SQLiteDialect(database.alias)


# -- Patterns ----------------------------------------------------------------------------------

_GLOB = str.maketrans({"*": "[*]", "?": "[?]", "[": "[[]"})


def glob_pattern(how: str) -> Callable[[str], str]:
    """From plain text to the GLOB pattern that finds it; GLOB tells upper from lower case and may use an index."""
    around = AROUND[how].replace("%", "*")
    return lambda text: around.format(searchable(text).translate(_GLOB))


class SQLiteCompiler(SQLiteCalls, SQLiteDocuments):
    """Text for SQLite."""

    def members_of_list(self, operand: Node, members: nodes.ListSlot) -> Pieces:
        value = "DORM_UNHEX(value)" if members.kind is Kind.BINARY else "value"
        slot = Slot(members.position, json_list(members.convert))
        return [operand, f" IN (SELECT {value} FROM json_each(", slot, "))"]

    def visit_match(self, node: nodes.Match) -> Pieces:
        if not node.pattern:
            return self._find(node)
        assert isinstance(node.right, Slot), "a pattern is made from a value"
        if not node.insensitive:
            slot = node.right.replaced(convert=composed(glob_pattern(node.how), node.right.convert))
            return [node.left, " GLOB ", slot]
        # LIKE folds ASCII only; the function folds everything, and LIKE then finds the rest.
        fold = composed(str.upper, composed(searchable, node.right.convert))
        slot = node.right.replaced(convert=composed(like_pattern(node.how), fold))
        return ["DORM_UPPER(", node.left, ") LIKE ", slot, " ESCAPE '\\'"]

    def _find(self, node: nodes.Match) -> Pieces:
        left, right = ((Call("DORM_UPPER", (side,)) if node.insensitive else side) for side in (node.left, node.right))
        match node.how:
            case "exact":
                return [left, " = ", right]
            case "contains":
                return ["INSTR(", left, ", ", right, ") > 0"]
            case "startswith":
                return ["SUBSTR(", left, ", 1, LENGTH(", right, ")) = ", right]
            case "endswith":
                return ["SUBSTR(", left, ", LENGTH(", left, ") - LENGTH(", right, ") + 1) = ", right]

    def visit_regex(self, node: nodes.Regex) -> Pieces:
        return [f"DORM_{'I' if node.insensitive else ''}REGEX(", node.right, ", ", node.left, ")"]

    def visit_arithmetic(self, node: nodes.Arithmetic) -> Pieces:
        kinds: tuple[Kind | None, ...] = (node.left_kind, node.right_kind)
        if Kind.DATETIME in kinds or Kind.DATE in kinds or Kind.TIME in kinds:
            if node.kind is Kind.DATETIME:
                kinds = tuple(Kind.DATETIME if kind is Kind.DATE else kind for kind in kinds)
            sign = Constant(f"'{node.operator}'")
            names = tuple(Constant(f"'{kind.value if kind else ''}'") for kind in kinds)
            return [Call("DORM_MOMENT", (sign, *names, node.left, node.right))]
        if node.kind is Kind.DECIMAL:
            return self.exact_arithmetic(node)
        if node.operator == "^":
            found = Call("POWER", (node.left, node.right))
            return [Cast(found, node.kind) if node.kind in INTEGERS else found]
        if node.operator == "%" and node.kind not in INTEGERS:
            return [Call("MOD", (node.left, node.right))]  # the operator cuts both sides to integers
        if node.operator == "#":
            return ["((", node.left, " | ", node.right, ") - (", node.left, " & ", node.right, "))"]
        return super().visit_arithmetic(node)

    def lock(self, node: nodes.Select) -> Pieces:
        # A writing block holds the whole file: there is no row to lock.
        return []

    def window(self, limit: Node | None, offset: Node | None) -> Pieces:
        # An OFFSET needs a LIMIT here; -1 is none.
        return super().window(Constant("-1") if limit is None else limit, offset)


# -- Converters --------------------------------------------------------------------------------


def json_list(convert: Callable[[Any], Any] | None) -> Callable[[Any], str]:
    """From a list of values to the JSON array that ``json_each`` takes apart again."""

    def dump(values: Any) -> str:
        items = [convert(value) for value in values] if convert else list(values)
        items = [item.hex() if isinstance(item, bytes) else item for item in items]
        if any(isinstance(item, str) and "\x00" in item for item in items):
            raise ValueError(
                "A text with a NUL byte cannot be searched for in a list. Compare it with `exact` instead."
            )
        return _encode(items)

    return dump


_encode = json.JSONEncoder(allow_nan=False).encode


def moment_text(convert: Callable[[Any], Any]) -> Callable[[Any], str]:
    """Moments as ``YYYY-MM-DD HH:MM:SS[.ffffff]``, UTC without offset."""
    return lambda value: convert(value).replace(tzinfo=None).isoformat(" ")


def moment_reader(zone: datetime.tzinfo) -> Callable[[str], datetime.datetime]:
    """From a stored moment to an aware one in *zone*."""
    parse = datetime.datetime.fromisoformat
    return lambda value: parse(value + "+00:00").astimezone(zone)


def duration(value: int) -> datetime.timedelta:
    """A stored duration."""
    return datetime.timedelta(microseconds=value)


def comparable_integer(value: Any) -> int | float:
    """An integer as SQLite can bind it: beyond 64 bits a double, which compares right with every stored one."""
    if -(2**63) <= value < 2**63:
        return value if isinstance(value, (int, float)) else float(value)
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


class SQLiteDDL(DDLCompiler):
    """Statements about tables for SQLite, which declares foreign keys with the table and checks JSON itself."""

    def unique(self, node: ddl.UniqueDefinition) -> str:
        if node.deferrable:
            raise NotSupportedError(
                f"{node.name}: SQLite checks unique constraints at once; it knows none that are deferrable."
            )
        return super().unique(node)

    def direction(self, term: ddl.Computed) -> str:
        return term.direction.partition(" NULLS")[0]  # an index here has NULLs where it has them

    def index_terms(self, node: ddl.CreateIndex) -> list[str]:
        terms = super().index_terms(node)
        if node.nulls_distinct is not False:
            return terms
        # NULLs are distinct here.  What they are not is whether there is one.
        plain = [self.quote(name) for name, _ in node.columns] or [
            f"({one.text(self.dialect)})" for one in node.expressions
        ]
        return [term for one in plain for term in (f"{one} IS NULL", f"IFNULL({one}, 0)")]

    # Without AUTOINCREMENT the key of a deleted last row would be given again.
    identity_key = "PRIMARY KEY AUTOINCREMENT"

    def keys_in_table(self, node: ddl.CreateTable) -> list[str]:
        return [self.foreign_key(key) for key in node.foreign_keys]

    def visit_addforeignkey(self, node: ddl.AddForeignKey) -> list[str]:
        return []  # it is in the table, which may point to one that is made later

    def column(self, column: ddl.ColumnDefinition) -> str:
        text = super().column(column)
        if column.type.kind is Kind.JSON:
            name = self.quote(column.name)
            text += f" CHECK ((JSON_VALID({name}) OR {name} IS NULL))"
        return text


class SQLiteDialect(Dialect):
    """SQLite 3.37 or later."""

    vendor = "sqlite"
    # SQLITE_MAX_VARIABLE_NUMBER since 3.32 (https://sqlite.org/limits.html).
    features: ClassVar[Features] = Features(parameter_limit=32_766, row_locks=False)
    compiler = SQLiteCompiler
    ddl_compiler = SQLiteDDL
    functions = sqlite_functions.FUNCTIONS
    aggregates = sqlite_functions.AGGREGATES
    collations = sqlite_functions.COLLATIONS

    _types: ClassVar[dict[Kind, str]] = {
        Kind.BOOLEAN: "bool",
        Kind.SMALLINT: "smallint",
        Kind.INTEGER: "integer",
        Kind.BIGINT: "bigint",
        Kind.FLOAT: "real",
        Kind.DECIMAL: "decimal",
        Kind.CHAR: "varchar",
        Kind.TEXT: "text",
        Kind.DATE: "date",
        Kind.TIME: "time",
        Kind.DATETIME: "datetime",
        Kind.DURATION: "bigint",
        Kind.UUID: "char(32)",
        Kind.JSON: "text",
        Kind.BINARY: "BLOB",
        Kind.INET: "char(39)",
    }
    _casts: ClassVar[dict[Kind, str]] = {
        Kind.FLOAT: "real",
        Kind.DECIMAL: "numeric",
        Kind.BINARY: "blob",
        **dict.fromkeys((Kind.BOOLEAN, Kind.SMALLINT, Kind.INTEGER, Kind.BIGINT, Kind.DURATION), "integer"),
    }

    def column_type(self, type_: Type, *, identity: bool = False) -> str:
        if identity:
            return "integer"
        if is_text(type_):
            return "text COLLATE DORM_DECIMAL"
        name = self._types[type_.kind]
        if type_.length is not None and type_.kind is Kind.CHAR:
            name += f"({type_.length})"
        return name + (f" COLLATE {self.quote(type_.collation)}" if type_.collation else "")

    def cast_type(self, kind: Kind) -> str:
        return self._casts.get(kind, "text")

    def to_db(self, type_: Type) -> Callable[[Any], Any] | None:
        match type_.kind:
            case Kind.BOOLEAN:
                return int
            case Kind.SMALLINT | Kind.INTEGER | Kind.BIGINT:
                return comparable_integer
            case Kind.DECIMAL:
                return wide_decimal(type_.places) if is_text(type_) else float
            case Kind.DATETIME:
                return moment_text(moment_converter())
            case Kind.DATE | Kind.TIME:
                return lambda value: value.isoformat()
            case Kind.DURATION:
                return microseconds
            case Kind.UUID:
                return lambda value: value.hex
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
            case Kind.BOOLEAN:
                return Converter(bool, "{0} == 1")
            case Kind.DECIMAL:
                return Converter(Decimals(type_.places), "{1}[{0}]")
            case Kind.DATETIME:
                parse = datetime.datetime.fromisoformat
                if type_.zone is not None and settings.USE_TZ:
                    return Converter(moment_reader(zone_named(type_.zone)))
                return Converter(parse, "{1}({0} + '+00:00')") if settings.USE_TZ else Converter(parse)
            case Kind.DATE:
                return Converter(datetime.date.fromisoformat)
            case Kind.TIME:
                return Converter(datetime.time.fromisoformat)
            case Kind.DURATION:
                return Converter(duration)
            case Kind.UUID:
                return Converter(uuid.UUID)
            case Kind.JSON:
                return Converter(json.loads)
            case _:
                return None

    def literal(self, value: Any, cast: Kind | None) -> str:
        if isinstance(value, bool):
            return "1" if value else "0"
        if isinstance(value, float):
            return repr(value) if math.isfinite(value) else "9e999" if value > 0 else "-9e999"
        if isinstance(value, (bytes, bytearray)):
            return f"X'{value.hex()}'"
        found = plain_literal(value)
        if found is None:
            raise refused(value)
        return found

    def placeholders(self, texts: Sequence[str]) -> str:
        return "?".join(texts)

    def explain(self, style: str | None, options: dict[str, Any]) -> str:
        if style is not None and style.upper() != "TEXT":
            raise ValueError(f"{style!r} is not a recognized format: SQLite explains as text only.")
        if options:
            raise ValueError(f"Unknown options: {', '.join(sorted(options))}. SQLite takes none to explain a query.")
        return "EXPLAIN QUERY PLAN"

    def explained(self, rows: Sequence[tuple[Any, ...]]) -> str:
        depths: dict[int, int] = {}
        lines: list[str] = []
        for number, parent, _, detail in rows:
            depths[number] = depths.get(parent, -1) + 1
            lines.append("  " * depths[number] + detail)
        return "\n".join(lines)
