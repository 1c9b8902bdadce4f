"""What SQLite says differently.  Storage is Django's, so that a file can be shared with it.

Booleans are 0 and 1, moments are text in UTC, UUIDs are 32 hexadecimal digits, durations are microseconds, JSON is
text.  Decimals of up to 15 digits are numbers (a double holds them exactly); wider ones are text under a collation
that orders them by value.
"""

from __future__ import annotations

import datetime
import decimal
import json
import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from dorm.exceptions import NotSupportedError
from dorm.sql import ddl, nodes, sqlite_functions
from dorm.sql.compiler import Compiler, composed
from dorm.sql.dialect import Converter, Dialect, Features, split_placeholders
from dorm.sql.kinds import Kind, Type
from dorm.sql.moments import microseconds, moment_converter, settings
from dorm.sql.nodes import Call, Constant, Slot

if TYPE_CHECKING:
    from collections.abc import Callable

    from dorm.conf import DatabaseSettings
    from dorm.sql.compiler import Pieces
    from dorm.sql.nodes import Node

EXACT_DIGITS = 15
"""Decimal digits that an IEEE 754 double holds exactly (DBL_DIG)."""


def dialect(database: DatabaseSettings) -> SQLiteDialect:
    """The dialect of one SQLite alias."""
    return SQLiteDialect(database.alias)


# -- Patterns ----------------------------------------------------------------------------------

_GLOB = str.maketrans({"*": "[*]", "?": "[?]", "[": "[[]"})
_LIKE = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})
_AROUND = {"exact": "{}", "contains": "*{}*", "startswith": "{}*", "endswith": "*{}"}


def glob_pattern(how: str) -> Callable[[str], str]:
    """From plain text to the GLOB pattern that finds it; GLOB tells upper from lower case and may use an index."""
    around = _AROUND[how]
    return lambda text: around.format(text.translate(_GLOB))


def like_pattern(how: str) -> Callable[[str], str]:
    """From plain text to the LIKE pattern that finds it, with ``\\`` as escape."""
    around = _AROUND[how].replace("*", "%")
    return lambda text: around.format(text.translate(_LIKE))


class SQLiteCompiler(Compiler):
    """Text for SQLite."""

    def members_of_list(self, operand: Node, members: nodes.ListSlot) -> Pieces:
        value = "DORM_UNHEX(value)" if members.kind is Kind.BINARY else "value"
        slot = Slot(members.index, json_list(members.convert))
        return [operand, f" IN (SELECT {value} FROM json_each(", slot, "))"]

    def visit_match(self, node: nodes.Match) -> Pieces:
        if not node.pattern:
            return self._find(node)
        assert isinstance(node.right, Slot), "a pattern is made from a value"
        if not node.insensitive:
            slot = node.right._replace(convert=composed(glob_pattern(node.how), node.right.convert))
            return [node.left, " GLOB ", slot]
        # LIKE folds ASCII only; the function folds everything, and LIKE then finds the rest.
        fold = composed(str.upper, node.right.convert)
        slot = node.right._replace(convert=composed(like_pattern(node.how), fold))
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
        kinds = (node.left_kind, node.right_kind)
        if Kind.DATETIME in kinds or Kind.DATE in kinds or Kind.TIME in kinds:
            sign = Constant(f"'{node.operator}'")
            names = tuple(Constant(f"'{kind.value if kind else ''}'") for kind in kinds)
            return [Call("DORM_MOMENT", (sign, *names, node.left, node.right))]
        if node.operator == "^":
            return [Call("POWER", (node.left, node.right))]
        if node.operator == "#":
            return ["((", node.left, " | ", node.right, ") - (", node.left, " & ", node.right, "))"]
        return super().visit_arithmetic(node)

    def visit_datepart(self, node: nodes.DatePart) -> Pieces:
        zone = f"'{node.zone}'" if node.zone else "NULL"
        return [f"DORM_DATE_PART('{node.part}', ", node.operand, f", {zone})"]

    def visit_datetrunc(self, node: nodes.DateTrunc) -> Pieces:
        zone = f"'{node.zone}'" if node.zone else "NULL"
        return [f"DORM_DATE_PART('{node.part}', ", node.operand, f", {zone})"]

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
        return json.dumps(items, allow_nan=False)

    return dump


def moment_text(convert: Callable[[Any], Any]) -> Callable[[Any], str]:
    """Moments as ``YYYY-MM-DD HH:MM:SS[.ffffff]``, UTC without offset."""
    return lambda value: convert(value).replace(tzinfo=None).isoformat(" ")


def decimal_reader(places: int | None) -> Callable[[Any], Any]:
    """From a stored number to a Decimal with the column's places; remembers the last few hundred."""
    known: dict[Any, decimal.Decimal] = {}
    exponent = None if places is None else decimal.Decimal(1).scaleb(-places)

    def read(value: Any) -> Any:
        found = known.get(value)
        if found is None:
            found = decimal.Decimal(repr(value) if isinstance(value, float) else value)
            if exponent is not None:
                found = found.quantize(exponent, context=_WIDE)
            if len(known) >= 512:
                known.clear()
            known[value] = found
        return found

    return read


_WIDE = decimal.Context(prec=1000)


def wide_decimal(places: int | None) -> Callable[[Any], str]:
    """A wide Decimal as text with all its places, so that equal numbers are equal texts."""
    exponent = None if places is None else decimal.Decimal(1).scaleb(-places)
    return lambda value: format(value if exponent is None else value.quantize(exponent, context=_WIDE), "f")


def comparable_integer(value: int | float) -> int | float:
    """An integer as SQLite can bind it.  One beyond 64 bits becomes a double, which compares right with every stored one."""
    if -(2**63) <= value < 2**63:
        return value
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _is_wide(type_: Type) -> bool:
    return type_.digits is not None and type_.digits > EXACT_DIGITS


class SQLiteDialect(Dialect):
    """SQLite 3.37 or later."""

    vendor = "sqlite"
    # SQLITE_MAX_VARIABLE_NUMBER since 3.32 (https://sqlite.org/limits.html).
    features: ClassVar[Features] = Features(parameter_limit=32_766, row_locks=False)
    compiler = SQLiteCompiler
    functions = sqlite_functions.FUNCTIONS
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
        if _is_wide(type_):
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
                return wide_decimal(type_.places) if _is_wide(type_) else float
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
                return Converter(decimal_reader(type_.places))
            case Kind.DATETIME:
                parse = datetime.datetime.fromisoformat
                return Converter(lambda text: parse(text + "+00:00")) if settings.USE_TZ else Converter(parse)
            case Kind.DATE:
                return Converter(datetime.date.fromisoformat)
            case Kind.TIME:
                return Converter(datetime.time.fromisoformat)
            case Kind.DURATION:
                return Converter(lambda value: datetime.timedelta(microseconds=value))
            case Kind.UUID:
                return Converter(uuid.UUID)
            case Kind.JSON:
                return Converter(json.loads)
            case _:
                return None

    def placeholders(self, sql: str) -> str:
        return "?".join(split_placeholders(sql))

    # -- Schema --------------------------------------------------------------------------------

    def ddl(self, node: Any) -> list[str]:
        match node:
            case ddl.CreateTable():
                parts = [self._column(column) for column in node.columns]
                parts += [f"CONSTRAINT {self.quote(u.name)} UNIQUE ({self._names(u.columns)})" for u in node.uniques]
                parts += [self._foreign_key(key) for key in node.foreign_keys]
                return [f"CREATE TABLE {self.quote(node.name)} ({', '.join(parts)})"]
            case ddl.CreateIndex():
                columns = ", ".join(self.quote(name) + (" DESC" if down else "") for name, down in node.columns)
                unique = "UNIQUE " if node.unique else ""
                return [f"CREATE {unique}INDEX {self.quote(node.name)} ON {self.quote(node.table)} ({columns})"]
            case ddl.DropTable():
                return [f"DROP TABLE IF EXISTS {self.quote(node.name)}"]
            case ddl.AddForeignKey():
                return []  # part of CREATE TABLE: a table may point to one that is made later
            case _:
                raise NotSupportedError(f"SQLite cannot carry out {type(node).__name__} on a table that exists.")

    def _column(self, column: ddl.ColumnDefinition) -> str:
        text = f"{self.quote(column.name)} {self.column_type(column.type, identity=column.identity)}"
        text += "" if column.null else " NOT NULL"
        if column.primary_key:
            text += " PRIMARY KEY AUTOINCREMENT" if column.identity else " PRIMARY KEY"
        elif column.unique:
            text += " UNIQUE"
        if column.minimum is not None:
            text += f" CHECK ({self.quote(column.name)} >= {column.minimum})"
        if column.type.kind is Kind.JSON:
            text += f" CHECK ((JSON_VALID({self.quote(column.name)}) OR {self.quote(column.name)} IS NULL))"
        return text

    def _foreign_key(self, key: ddl.ForeignKeyDefinition) -> str:
        on_delete = f" ON DELETE {key.on_delete}" if key.on_delete else ""
        return (
            f"CONSTRAINT {self.quote(key.name)} FOREIGN KEY ({self.quote(key.column)}) REFERENCES "
            f"{self.quote(key.table)} ({self.quote(key.target)}){on_delete} DEFERRABLE INITIALLY DEFERRED"
        )

    def _names(self, columns: tuple[str, ...]) -> str:
        return ", ".join(self.quote(column) for column in columns)
