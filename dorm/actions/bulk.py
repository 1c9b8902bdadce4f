"""Writing many instances in one statement per batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.actions.blocks import in_block
from dorm.actions.errors import explain
from dorm.actions.select import select
from dorm.actions.write import apply_clock, settle, update_rows
from dorm.exceptions import IntegrityError
from dorm.fields.base import ExpressionGiven
from dorm.query.query import Query
from dorm.query.writes import BulkPlan, bulk_insert_plan, bulk_update_plan, computed_insert

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from dorm.db.executor import Executor
    from dorm.meta.options import Options
    from dorm.sql.nodes import Conflict

BATCH = 1000
"""Rows per statement unless the caller says otherwise."""


IGNORE: Conflict = ((), ())
"""Rows that exist already are left out."""


def conflict(
    model: Any,
    update_fields: Collection[str] | None,
    unique_fields: Collection[str] | None,
    *,
    ignoring: bool,
    updating: bool,
) -> Conflict | None:
    """What becomes of rows that exist already.

    ``ValueError`` where the options contradict each other, or do not say enough; ``FieldDoesNotExist`` for a name.
    """
    if ignoring and updating:
        raise ValueError("ignore_conflicts and update_conflicts are mutually exclusive.")
    written = _columns(model, update_fields or (), "update_fields")
    target = _columns(model, unique_fields or (), "unique_fields")
    if not updating:
        return IGNORE if ignoring else None
    if not written:
        raise ValueError("update_conflicts=True needs update_fields: what is written into the row that is there.")
    if not target:
        raise ValueError("update_conflicts=True needs unique_fields: by which a row is one that is there.")
    if model._meta.pk.column in written:
        raise ValueError("bulk_create() cannot be used with primary keys in update_fields.")
    return target, written


def _columns(model: Any, names: Collection[str], what: str) -> tuple[str, ...]:
    meta: Options = model._meta
    for name in names:
        if name in meta.many:
            raise ValueError(f"bulk_create() can only be used with concrete fields in {what}; {name!r} has no column.")
    return tuple((meta.pk if name == "pk" else meta.own_field(name)).column for name in names)


async def bulk_create(
    db: Executor, model: Any, instances: Sequence[Any], batch_size: int | None, conflict: Conflict | None = None
) -> None:
    """Insert all instances or none; keys that the database gives are set on them.

    With *conflict*, rows that exist already are left out, and no key comes back, or they are written to.
    """
    meta: Options = model._meta
    for instance in instances:
        if not isinstance(instance, model):
            raise TypeError(f"bulk_create() of {meta.object_name} got {instance!r}.")
        if "_pending" in instance.__dict__:
            settle(instance)
        apply_clock(instance, meta, add=True)
    attname = meta.pk.attname
    keyless = [one for one in instances if one.__dict__.get(attname) is None] if meta.pk.identity else []
    keyed = [one for one in instances if one.__dict__.get(attname) is not None] if meta.pk.identity else list(instances)
    returning = () if conflict == IGNORE else (meta.pk.column,)
    batches = [
        *_batches(db, model, keyed, meta.fields, (), batch_size, conflict),
        *_batches(db, model, keyless, meta.fields_without_pk, returning, batch_size, conflict),
    ]
    if len(batches) == 1:
        await _insert(db, *batches[0])
    elif batches:
        await in_block(db, _insert_all(db, batches))
    for instance in keyed if conflict == IGNORE else instances:
        instance.__dict__.pop("_adding", None)
        instance._set_alias(db.alias)


def _batches(
    db: Executor,
    model: Any,
    instances: list[Any],
    fields: tuple[Any, ...],
    returning: tuple[str, ...],
    size: int | None,
    conflict: Conflict | None,
) -> list[tuple[Any, ...]]:
    """(plan, model, instances, their rows, whether keys come back, and in which order) per statement.

    All rows are made before anything is sent: a value that is refused is refused before any SQL.
    """
    if not instances:
        return []
    plan = bulk_insert_plan(model, fields, returning, db.dialect, conflict)
    step = min(size or BATCH, plan.largest)
    try:
        rows = [plan.row(instance) for instance in instances]
    except ExpressionGiven:
        return [_singly(db, model, instance, fields, returning, conflict) for instance in instances]
    return [
        (plan, model, instances[start : start + step], rows[start : start + step], returning, conflict)
        for start in range(0, len(instances), step)
    ]


def _singly(
    db: Executor,
    model: Any,
    instance: Any,
    fields: tuple[Any, ...],
    returning: tuple[str, ...],
    conflict: Conflict | None,
) -> tuple[Any, ...]:
    """The statement of one instance, where values of some are computed by the database."""
    statement, parameters = computed_insert(instance, fields, returning, db.dialect, conflict)
    plan = BulkPlan(1, lambda _: statement, lambda _: parameters, lambda rows: rows[0])
    return (plan, model, [instance], [parameters], returning, conflict)


async def _insert_all(db: Executor, batches: list[tuple[Any, ...]]) -> None:
    for batch in batches:
        await _insert(db, *batch)


async def _insert(
    db: Executor,
    plan: Any,
    model: Any,
    instances: list[Any],
    rows: list[tuple[Any, ...]],
    returning: tuple[str, ...],
    conflict: Conflict | None,
) -> None:
    statement, parameters = plan.statement(len(rows)), plan.parameters(rows)
    try:
        if not returning:
            await db.execute(statement, parameters)
            return
        found = await db.fetch(statement, parameters)
    except IntegrityError as error:
        explain(error, model._meta)
        raise
    attname = model._meta.pk.attname
    # The database numbers new rows in the order of the statement, but may give the numbers back in any order.
    for instance, (key,) in zip(instances, found if conflict else sorted(found), strict=True):
        setattr(instance, attname, key)


async def bulk_update(
    db: Executor, query: Query[Any], instances: Sequence[Any], names: Collection[str], batch_size: int | None
) -> int:
    """Write the named fields of all instances whose rows the query finds, or of none; the number of rows."""
    model: Any = query.model
    meta: Options = model._meta
    for name in names:
        if name in meta.many:
            raise ValueError(f"bulk_update() writes columns, and {name!r} has none: use set() of each instance.")
    fields = tuple(meta.own_field(name) for name in names)
    if not fields or meta.pk in fields:
        raise ValueError("bulk_update() needs the names of fields to write, and cannot write the primary key.")
    for instance in instances:
        if not isinstance(instance, model) or instance.pk is None:
            raise ValueError(f"bulk_update() of {meta.object_name}: {instance!r} has no row that could be updated.")
        if "_pending" in instance.__dict__:
            settle(instance)
    if query.where and instances:
        return await in_block(db, _update_found(db, query, instances, fields, batch_size))
    return await _update_batches(db, model, instances, fields, batch_size)


async def _update_found(
    db: Executor, query: Query[Any], instances: Sequence[Any], fields: tuple[Any, ...], batch_size: int | None
) -> int:
    narrowed = query.filtered((), {"pk__in": [one.pk for one in instances]}).unordered()
    found = set(await select(db, narrowed.yielding("flat", ("pk",))))
    those = [one for one in instances if one.pk in found]
    return await _update_batches(db, query.model, those, fields, batch_size)


async def _update_batches(
    db: Executor, model: Any, instances: Sequence[Any], fields: tuple[Any, ...], batch_size: int | None
) -> int:
    plan = bulk_update_plan(model, fields, db.dialect)
    step = min(batch_size or BATCH, plan.largest)
    batches = [instances[start : start + step] for start in range(0, len(instances), step)]
    if len(batches) == 1:
        return await _update(db, plan, model, fields, batches[0])
    return await in_block(db, _update_all(db, plan, model, fields, batches)) if batches else 0


async def _update_all(db: Executor, plan: Any, model: Any, fields: tuple[Any, ...], batches: list[Any]) -> int:
    return sum([await _update(db, plan, model, fields, batch) for batch in batches])


async def _update(db: Executor, plan: Any, model: Any, fields: tuple[Any, ...], instances: Sequence[Any]) -> int:
    try:
        rows = [plan.row(instance) for instance in instances]
    except ExpressionGiven:
        return await in_block(db, _update_singly(db, model, fields, instances))
    try:
        return await db.execute(plan.statement(len(rows)), plan.parameters(rows))
    except IntegrityError as error:
        explain(error, model._meta)
        raise


async def _update_singly(db: Executor, model: Any, fields: tuple[Any, ...], instances: Sequence[Any]) -> int:
    """Instances whose new values are expressions: one statement each."""
    changed = 0
    for instance in instances:
        query = Query[Any](model).filtered((), {"pk": instance.pk})
        changed += await update_rows(db, query, [(field, instance.__dict__[field.attname]) for field in fields])
    return changed


def checked(instances: Any, batch_size: int | None) -> list[Any]:
    """The instances as a list; ``ValueError`` for a batch size that is none."""
    if batch_size is not None and (isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1):
        raise ValueError(f"batch_size is a positive number of rows, not {batch_size!r}.")
    return list(instances)
