"""Tables of models without migrations: for scripts, tests and notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.actions.blocks import in_block
from dorm.db import connection
from dorm.meta.registry import registry
from dorm.run import run
from dorm.sql import ddl
from dorm.sql.names import shortened
from dorm.sql.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dorm.db.executor import Executor
    from dorm.meta.options import Options


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
    return ddl.CreateTable(meta.db_table, columns, keys, uniques)


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
    for index in meta.indexes:
        columns = tuple((meta.own_field(name.removeprefix("-")).column, name.startswith("-")) for name in index.fields)
        found.append(ddl.CreateIndex(index.name_for(meta.model_name), meta.db_table, columns, index.unique))
    return found
