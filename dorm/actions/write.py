"""Writing one instance: save, and reading it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.actions import read
from dorm.actions.errors import explain_keys
from dorm.exceptions import DatabaseError, FieldDoesNotExist, IntegrityError
from dorm.fields.base import ExpressionGiven
from dorm.hints import did_you_mean
from dorm.meta.conditions import ModelScope
from dorm.query.query import Query
from dorm.query.writes import assignments, computed_insert, insert_plan, update_plan, update_rows_plan
from dorm.signals import post_save, pre_save

if TYPE_CHECKING:
    from collections.abc import Collection

    from dorm.db.executor import Executor
    from dorm.meta.options import Options


async def save(
    db: Executor,
    instance: Any,
    *,
    force_insert: bool = False,
    force_update: bool = False,
    update_fields: Collection[str] | None = None,
    raw: bool = False,
) -> None:
    """Write *instance*; *raw* as it is, without the fields that change themselves.

    As Django: a new instance without a key is inserted; one with a key is updated, and inserted when no row matched.
    """
    if force_insert and (force_update or update_fields is not None):
        raise ValueError(
            "Cannot force both insert and updating in model saving: give one of force_insert and force_update."
        )
    meta: Options = instance._meta
    if update_fields is not None:
        update_fields = checked_names(meta, update_fields)
        if not update_fields:
            return
    state = instance.__dict__
    adding = state.get("_adding", False)
    if pre_save.receivers:
        # `created` is what is going to happen, as far as can be known before the database was asked.
        await db.notify(pre_save, instance.__class__, **_context(db, instance, adding, update_fields, raw=raw))
    if "_pending" in state:
        settle(instance)
    try:
        created = await _write(db, instance, meta, adding, force_insert, force_update, update_fields, raw=raw)
    except IntegrityError as error:
        await explain_keys(db, error, meta, _written(instance, meta, update_fields))
        raise
    state.pop("_adding", None)
    instance._set_alias(db.alias)
    if post_save.receivers:
        await db.notify(post_save, instance.__class__, **_context(db, instance, created, update_fields, raw=raw))


def _context(db: Executor, instance: Any, created: bool, update_fields: Any, *, raw: bool) -> dict[str, Any]:
    return {"instance": instance, "created": created, "raw": raw, "using": db.alias, "update_fields": update_fields}


async def _write(
    db: Executor,
    instance: Any,
    meta: Options,
    adding: bool,
    force_insert: bool,
    force_update: bool,
    names: Any,
    *,
    raw: bool,
) -> bool:
    """Insert or update; whether it was inserted."""
    pk = meta.pk
    key = instance.__dict__.get(pk.attname)
    if names is None and not force_update:
        if key is None or force_insert or (adding and pk.has_default()):
            await insert(db, instance, meta, raw=raw)
            return True
    elif key is None:
        raise ValueError(f"Cannot force an update in save() of {meta.object_name}: it has no primary key.")
    changed = await update(db, instance, meta, names, raw=raw)
    if changed:
        return False
    if force_update or names is not None:
        asked = "Forced update" if force_update else "Save with update_fields"
        raise DatabaseError(f"{asked} did not affect any rows: no {meta.object_name} has the key {key!r}.")
    await insert(db, instance, meta, raw=raw)
    return True


async def insert(db: Executor, instance: Any, meta: Options, *, raw: bool) -> None:
    """INSERT, taking a key that the database gives."""
    if not raw:
        apply_clock(instance, meta, add=True)
    pk = meta.pk
    state = instance.__dict__
    generated = pk.identity and state.get(pk.attname) is None
    fields = meta.fields_without_pk if generated else meta.fields
    returning = (pk.column,) if generated else ()
    plan = insert_plan(instance.__class__, fields, returning, db.dialect)
    statement = plan.statement
    try:
        row = plan.row(instance)
    except ExpressionGiven:
        statement, row = computed_insert(instance, fields, returning, db.dialect)
    if generated:
        rows = await db.fetch(statement, row)
        setattr(instance, pk.attname, rows[0][0])
    else:
        await db.execute(statement, row)


async def update(db: Executor, instance: Any, meta: Options, names: Collection[str] | None, *, raw: bool) -> int:
    """UPDATE of the fields that are loaded, or of the named ones; the number of rows."""
    state = instance.__dict__
    if names is None:
        fields = meta.fields_without_pk
        if not all(field.attname in state for field in fields):
            fields = tuple(field for field in fields if field.attname in state)
    else:
        fields = tuple(field for field in meta.fields_without_pk if field.name in names or field.attname in names)
    if not raw:
        apply_clock(instance, meta, add=False, fields=fields)
    if not fields:
        return int(await read.exists(db, Query[Any](instance.__class__).filtered((), {"pk": state[meta.pk.attname]})))
    plan = update_plan(instance.__class__, fields, db.dialect)
    try:
        row = plan.row(instance)
    except ExpressionGiven:
        return await _update_with_expressions(db, instance, meta, fields)
    return await db.execute(plan.statement, row)


async def _update_with_expressions(db: Executor, instance: Any, meta: Options, fields: tuple[Any, ...]) -> int:
    """An UPDATE in which values are computed by the database; they are not read back."""
    state = instance.__dict__
    query = Query[Any](instance.__class__).filtered((), {"pk": state[meta.pk.attname]})
    return await update_rows(db, query, [(field, state[field.attname]) for field in fields])


def _written(instance: Any, meta: Options, names: Collection[str] | None) -> list[tuple[Any, Any]]:
    """The fields that a save writes, with their values."""
    state = instance.__dict__
    return [
        (field, state[field.attname])
        for field in meta.fields
        if field.attname in state and (names is None or field.name in names or field.attname in names)
    ]


async def update_rows(db: Executor, query: Query[Any], given: list[tuple[Any, Any]]) -> int:
    """Set fields of all rows of *query* to values or expressions; the number of rows."""
    sets = assignments(query.model, given, ModelScope(query.model, query.annotations))
    unordered = query.unordered()
    plan = update_rows_plan(unordered, sets.parts, db.dialect)
    if plan.statement is None:
        return 0
    try:
        return await db.execute(plan.statement, plan.bind(sets.values + unordered.where_values))
    except IntegrityError as error:
        await explain_keys(db, error, query.model._meta, given)
        raise


def apply_clock(instance: Any, meta: Options, *, add: bool, fields: Collection[Any] | None = None) -> None:
    """Let the fields that change themselves do so: ``auto_now`` and custom ``pre_save`` hooks."""
    for field in meta.changing_fields:
        if fields is None or field in fields:
            instance.__dict__[field.attname] = field.pre_save(instance, add)


def settle(instance: Any) -> None:
    """Take the keys of related instances that were assigned before they were saved; refuse those without one."""
    state = instance.__dict__
    for name in state["_pending"]:
        field = instance._meta.by_name[name]
        related = state.get(field.remote_field.cache)
        key = None if related is None or related.pk is None else getattr(related, field.target_field.attname)
        if key is None:
            raise ValueError(
                f"save() prohibited to prevent data loss due to unsaved related object {name!r}: save it first, then "
                f"this {instance._meta.object_name}."
            )
        state[field.attname] = key
    del state["_pending"]


def checked_names(meta: Options, names: Collection[str]) -> frozenset[str]:
    """The names of *update_fields*, each a field that can be updated; ``ValueError`` otherwise."""
    if isinstance(names, str):
        raise TypeError(f"update_fields is a list of field names, not the text {names!r}.")
    known = {name for field in meta.fields_without_pk for name in (field.name, field.attname)}
    for name in names:
        if name not in known:
            raise ValueError(
                f"update_fields: {name!r} is no field of {meta.object_name} that can be updated. "
                f"{did_you_mean(name, known)}"
            )
    return frozenset(names)


async def refresh(db: Executor, instance: Any, names: Collection[str] | None, rows: Query[Any] | None = None) -> None:
    """Read the row again, from *rows* if given, all of it or the named fields; related instances are dropped."""
    meta: Options = instance._meta
    if isinstance(names, str):
        raise TypeError(f"fields is a list of field names, not the text {names!r}.")
    wanted = meta.fields if names is None else tuple(meta.own_field(name) for name in names)
    if not wanted:
        return
    base = meta.base_rows if rows is None else rows
    query = base.filtered((), {"pk": instance.__dict__[meta.pk.attname]})
    columns = tuple(field.attname for field in wanted)
    row = await read.get(db, query.yielding("tuples", columns), f" with the key {instance.__dict__[meta.pk.attname]!r}")
    state = instance.__dict__
    for field, value in zip(wanted, row, strict=True):
        state[field.attname] = value
        if field.remote_field is not None:
            state.pop(field.remote_field.cache, None)
    if names is None:
        for relation in meta.related_objects:
            state.pop(relation.reverse_cache, None)
        state.pop("_pending", None)
    instance._set_alias(db.alias)


def changes(model: Any, values: dict[str, Any]) -> list[tuple[Any, Any]]:
    """(field, value) for the keywords of ``update``; ``FieldDoesNotExist`` for a name that is none of the model."""
    meta: Options = model._meta
    if not values:
        raise ValueError(f"update() of {meta.object_name} needs at least one field=value.")
    pairs: list[tuple[Any, Any]] = []
    for name, value in values.items():
        field = meta.pk if name == "pk" else meta.by_name.get(name) or meta.by_attname.get(name)
        if field is None:
            raise FieldDoesNotExist(
                f"{meta.object_name} has no field {name!r} to update. {did_you_mean(name, meta.by_name)}"
            )
        key = field.key_of(value) if field.remote_field is not None else value
        pairs.append((field, key))
    return pairs
