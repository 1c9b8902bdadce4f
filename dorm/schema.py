"""Tables of models without migrations: for scripts, tests and notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.actions.blocks import in_block
from dorm.constraints import CheckConstraint, UniqueConstraint
from dorm.db import connection
from dorm.exceptions import FieldError
from dorm.expressions import OrderBy, Q
from dorm.meta.registry import registry
from dorm.query.query import Query
from dorm.run import run
from dorm.sql import ddl
from dorm.sql.literals import written
from dorm.sql.names import shortened
from dorm.sql.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dorm.db.executor import Executor
    from dorm.indexes import Index
    from dorm.meta.options import Options
    from dorm.sql.dialect import Dialect


def create_tables(*models: type, using: str = "default") -> None:
    """Create the tables, constraints and indexes of *models*, in any order, all or none."""
    run(_carry_out(connection.blocking(using), creation(models)))


async def acreate_tables(*models: type, using: str = "default") -> None:
    """Asynchronous :func:`create_tables`."""
    await _carry_out(connection.suspending(using), creation(models))


def drop_tables(*models: type, using: str = "default") -> None:
    """Drop the tables of *models*, where they exist."""
    run(_carry_out(connection.blocking(using), removal(models)))


async def adrop_tables(*models: type, using: str = "default") -> None:
    """Asynchronous :func:`drop_tables`."""
    await _carry_out(connection.suspending(using), removal(models))


async def _carry_out(db: Executor, changes: list[Any]) -> None:
    statements = [Statement(text) for change in changes for text in db.dialect.ddl(change)]
    if statements:
        await in_block(db, db.script(statements))


def creation(models: Iterable[Any]) -> list[Any]:
    """What creates the tables of *models*."""
    metas = [_concrete(model) for model in with_links(models)]
    tables = [table(meta) for meta in metas]
    keys = [ddl.AddForeignKey(made.name, key) for made in tables for key in made.foreign_keys]
    return [*tables, *keys, *(index for meta in metas for index in indexes(meta))]


def removal(models: Iterable[Any]) -> list[Any]:
    """What drops the tables of *models*, the last first."""
    return [ddl.DropTable(_concrete(model).db_table) for model in reversed(with_links(models))]


def with_links(models: Iterable[Any]) -> list[Any]:
    """The models, and those that were made to keep the links of their many-to-many fields."""
    found = list(dict.fromkeys(models))
    for model in list(found):
        for field in _concrete(model).many_to_many:
            registry.check_complete(field.remote_field)
            if field.remote_field.automatic and field.remote_field.through not in found:
                found.append(field.remote_field.through)
    return found


def _concrete(model: Any) -> Options:
    meta: Options | None = getattr(model, "_meta", None)
    if meta is None or meta.abstract:
        raise TypeError(f"{model!r} has no table: pass concrete models.")
    return meta


def table(meta: Options) -> ddl.CreateTable:
    """The table of a model."""
    columns = tuple(
        ddl.ColumnDefinition(
            field.column,
            field.sql_type,
            null=field.null,
            primary_key=field.primary_key,
            unique=field.unique,
            identity=field.identity,
            minimum=field.minimum,
        )
        for field in map(_ready, meta.fields)
    )
    keys = tuple(
        foreign_key(meta, field) for field in meta.fields if field.remote_field is not None and field.db_constraint
    )
    uniques = tuple(
        ddl.UniqueDefinition(
            shortened(f"{meta.db_table}_{'_'.join(group)}_uniq"), tuple(meta.own_field(name).column for name in group)
        )
        for group in meta.unique_together
    )
    plain = tuple(one for one in meta.constraints if isinstance(one, UniqueConstraint) and one.is_plain)
    uniques += tuple(
        ddl.UniqueDefinition(
            one.name, _columns(meta, one.fields), one.deferrable.name if one.deferrable is not None else ""
        )
        for one in plain
    )
    checks = tuple(
        ddl.CheckDefinition(one.name, Written(meta.model, one.condition))
        for one in meta.constraints
        if isinstance(one, CheckConstraint)
    )
    return ddl.CreateTable(meta.db_table, columns, keys, uniques, checks)


def _columns(meta: Options, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(meta.own_field(name).column for name in names)


def _ready(field: Any) -> Any:
    if field.remote_field is not None:
        registry.check_complete(field.remote_field)
    return field


def foreign_key(meta: Options, field: Any) -> ddl.ForeignKeyDefinition:
    """The constraint of a foreign key."""
    relation = field.remote_field
    target = relation.model._meta
    name = shortened(f"{meta.db_table}_{field.column}_fk_{target.db_table}_{relation.target_field.column}")
    return ddl.ForeignKeyDefinition(name, field.column, target.db_table, relation.target_field.column)


def indexes(meta: Options) -> list[ddl.CreateIndex]:
    """The indexes of a model: those of fields, and those of ``Meta.indexes``."""
    found = [
        ddl.CreateIndex(shortened(f"idx_{meta.db_table}_{field.column}"), meta.db_table, ((field.column, False),))
        for field in meta.fields
        if field.db_index and not field.unique
    ]
    found += [_index(meta, index, index.name_for(meta.model_name), unique=index.unique) for index in meta.indexes]
    found += [
        _index(meta, one, one.name, unique=True)
        for one in meta.constraints
        if isinstance(one, UniqueConstraint) and not one.is_plain
    ]
    return found


def _index(meta: Options, one: Index | UniqueConstraint, name: str, *, unique: bool) -> ddl.CreateIndex:
    columns = tuple((meta.own_field(term.removeprefix("-")).column, term.startswith("-")) for term in one.fields)
    return ddl.CreateIndex(
        name,
        meta.db_table,
        columns,
        unique,
        tuple(Written(meta.model, term) for term in one.expressions),
        None if one.condition is None else Written(meta.model, one.condition),
        _columns(meta, one.include),
        one.opclasses,
        getattr(one, "nulls_distinct", None),
    )


class Written:
    """A condition on the rows of one table, or an expression, as each dialect writes it."""

    def __init__(self, model: Any, given: Any) -> None:
        self.direction = ""
        query: Query[Any] = Query(model)
        if isinstance(given, OrderBy):
            self.direction = " DESC" if given.descending else ""
            self.direction += f" NULLS {given.nulls}" if given.nulls else ""
            given = given.expression
        if isinstance(given, Q):
            query = query.filtered((given,), {})
            self.shape, self.values = None, query.where_values
        else:
            values: list[Any] = []
            self.shape = given.shape(query, values)
            self.values = tuple(values)
        self.query, self._given = query, given

    def text(self, dialect: Dialect) -> str:
        """The SQL, with values as literals.  ``FieldError`` when it reaches beyond the table."""
        planner = self.query.planner(dialect)
        if self.shape is None:
            node = planner.condition(("AND", False, self.query.where, None))
        else:
            node = planner.node(self.shape)
        if planner.joins.nodes():
            raise FieldError(f"{self._given!r}: a constraint or an index is about the columns of its own table only.")
        return written(dialect, node, self.values)
