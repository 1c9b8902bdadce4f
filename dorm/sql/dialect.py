"""A dialect: one database's features, column types, converters and compiler, for one configured alias.

The plans compiled for a dialect are kept on it, so nothing compiled under other settings is ever found again.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, ClassVar

from dorm.exceptions import ImproperlyConfigured
from dorm.run import load
from dorm.sql.compiler import Compiler, quoted
from dorm.sql.ddl_compiler import DDLCompiler
from dorm.sql.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from dorm.conf import DatabaseSettings
    from dorm.sql.converter import Converter
    from dorm.sql.kinds import Kind, Type
    from dorm.sql.nodes import Node, Slot


class Features(Record):
    """What a database can do, where dialects differ."""

    parameter_limit: int = 65_535
    """Largest number of placeholders in one statement; batches are cut to fit."""
    binds_arrays: bool = False
    """A column of values may be bound as one array."""
    row_locks: bool = True
    """SELECT … FOR UPDATE locks rows."""
    plans_by_limit: bool = False
    """A statement is planned once for many executions only when the number after LIMIT is known."""


class Dialect:
    """Base of the dialects; one instance per alias and configuration."""

    vendor: ClassVar[str]
    features: ClassVar[Features]
    compiler: ClassVar[type[Compiler]] = Compiler
    ddl_compiler: ClassVar[type[DDLCompiler]] = DDLCompiler

    functions: ClassVar[tuple[tuple[str, int, Callable[..., Any]], ...]] = ()
    """SQL functions written in Python that every connection must have: name, number of arguments, function."""
    aggregates: ClassVar[tuple[tuple[str, int, type[Any]], ...]] = ()
    """Aggregates written in Python that every connection must have, usable over windows too."""
    collations: ClassVar[tuple[tuple[str, Callable[[str, str], int]], ...]] = ()
    """Collations written in Python that every connection must have."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self.plans: dict[Hashable, Any] = {}
        DIALECTS.add(self)

    def compile(self, node: Node) -> tuple[str, list[Slot]]:
        """The text of *node* and its slots, in the order of their placeholders."""
        compiler = self.compiler(self)
        return compiler.compile(node), compiler.slots

    def quote(self, name: str) -> str:
        """*name* as an identifier."""
        return quoted(name)

    def column_type(self, type_: Type, *, identity: bool = False) -> str:
        """The type of a column in a CREATE TABLE."""
        raise NotImplementedError

    def cast_type(self, kind: Kind) -> str:
        """The type's name in a CAST."""
        raise NotImplementedError

    def to_db(self, type_: Type) -> Callable[[Any], Any] | None:
        """From a Python value of the right class to what the driver stores; ``None`` when it is the same."""
        raise NotImplementedError

    def from_db(self, type_: Type) -> Converter | None:
        """From what the driver yields to the Python value; ``None`` when it is the same."""
        raise NotImplementedError

    def literal(self, value: Any, cast: Kind | None) -> str:
        """A value, as a converter gives it, as SQL: for definitions, which take no parameters."""
        raise NotImplementedError

    def ddl(self, node: Any) -> list[str]:
        """The statements that carry out a node of :mod:`dorm.sql.ddl`."""
        return self.ddl_compiler(self).statements(node)

    def placeholders(self, texts: Sequence[str]) -> str:
        """The texts with the driver's placeholders between them."""
        raise NotImplementedError

    def explain(self, style: str | None, options: dict[str, Any]) -> str:
        """What precedes a statement that is to be explained; ``ValueError`` for what the database does not know."""
        raise NotImplementedError

    def explained(self, rows: Sequence[tuple[Any, ...]]) -> str:
        """The answer to :meth:`explain` as text."""
        raise NotImplementedError


DIALECTS: weakref.WeakSet[Dialect] = weakref.WeakSet()
"""Every dialect in use."""

_MODULES = {"sqlite": "dorm.sql.sqlite", "postgresql": "dorm.sql.postgresql"}


def register(engine: str, module: str) -> None:
    """Make *module* (which defines ``dialect(database)``) the dialect of *engine*."""
    _MODULES[engine] = module


def dialect_for(database: DatabaseSettings) -> Dialect:
    """A new dialect for one configured database; ``ImproperlyConfigured`` when its engine is unknown."""
    try:
        module = _MODULES[database.engine]
    except KeyError:
        known = ", ".join(sorted(_MODULES))
        raise ImproperlyConfigured(f"No dialect for engine {database.engine!r}. Choices: {known}.") from None
    dialect: Dialect = load(module).dialect(database)
    return dialect
