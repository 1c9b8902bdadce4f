"""Asking whether an instance would violate a constraint, before the database has to refuse it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.actions import read
from dorm.actions.errors import unique_error
from dorm.constraints import CheckConstraint, UniqueConstraint
from dorm.exceptions import ValidationError
from dorm.expressions import Combinable, Q
from dorm.query.instances import InstanceQuery, fields_in, held_plan
from dorm.query.query import Query

if TYPE_CHECKING:
    from collections.abc import Collection

    from dorm.constraints import BaseConstraint
    from dorm.db.executor import Executor
    from dorm.meta.options import Options


async def validate(
    db: Executor, constraint: BaseConstraint, model: Any, instance: Any, exclude: Collection[str] | None
) -> None:
    """Raise ``ValidationError`` when *instance* would violate *constraint*."""
    if isinstance(constraint, CheckConstraint):
        violated = await _check(db, constraint, model, instance, frozenset(exclude or ()))
    elif isinstance(constraint, UniqueConstraint):
        violated = await _unique(db, constraint, model, instance, frozenset(exclude or ()))
    else:
        raise NotImplementedError(f"{type(constraint).__name__} must define validate() and avalidate().")
    if not violated:
        return
    own = constraint.violation_error_message != constraint.default_violation_error_message
    if constraint.fields and not own and getattr(constraint, "condition", None) is None:
        raise unique_error(model._meta, constraint.fields)
    raise ValidationError(constraint.get_violation_error_message(), code=constraint.violation_error_code)


async def _check(db: Executor, constraint: CheckConstraint, model: Any, instance: Any, exclude: frozenset[str]) -> bool:
    stored = _stored(db, model, instance, _mentioned(model, constraint.condition), exclude)
    if stored is None:
        return False
    query = InstanceQuery.about(model, stored).holding_of_instance(constraint.condition)
    plan = held_plan(query, db.dialect)
    assert plan.statement is not None, "it can be asked"
    ((held,),) = await db.fetch(plan.statement, plan.bind(query.values()))
    return not held


async def _unique(
    db: Executor, constraint: UniqueConstraint, model: Any, instance: Any, exclude: frozenset[str]
) -> bool:
    meta: Options = model._meta
    mentioned = {meta.own_field(name) for name in constraint.fields}
    for given in (*constraint.expressions, *([constraint.condition] if constraint.condition is not None else ())):
        mentioned |= _mentioned(model, given)
    stored = _stored(db, model, instance, mentioned, exclude)
    if stored is None:
        return False
    query = InstanceQuery.about(model, stored)
    for name in constraint.fields:
        field = meta.own_field(name)
        value = instance.__dict__[field.attname]
        if value is None and constraint.nulls_distinct is not False:
            return False
        lookup = {f"{field.attname}__isnull": True} if value is None else {field.attname: value}
        query = query.filtered((), lookup)
    for expression in constraint.expressions:
        inner = getattr(expression, "expression", expression) if hasattr(expression, "nulls") else expression
        query = query.same_as_instance(inner, or_both_null=constraint.nulls_distinct is False)
    if constraint.condition is not None:
        query = query.filtered((constraint.condition,), {}).holding_of_instance(constraint.condition)
    key = instance.__dict__.get(meta.pk.attname)
    if not instance.__dict__.get("_adding", False) and key is not None:
        query = query.filtered((), {"pk": key}, negated=True)
    return await read.exists(db, query)


def _mentioned(model: Any, given: Any) -> set[Any]:
    """The fields of the model that a condition or an expression mentions."""
    if isinstance(given, Q):
        return set(fields_in(Query[Any](model).filtered((given,), {}).where))
    return set(fields_in(given.shape(Query[Any](model), [])))


def _stored(
    db: Executor, model: Any, instance: Any, mentioned: set[Any], exclude: frozenset[str]
) -> tuple[Any, ...] | None:
    """The values of the instance as they are stored; ``None`` when one that matters is not to be looked at.

    That is one that was excluded, one that was not loaded (so it did not change), and one that the database computes.
    """
    found: list[Any] = []
    for field in model._meta.fields:
        value = instance.__dict__.get(field.attname)
        if field not in mentioned:
            found.append(None)
            continue
        if field.name in exclude or field.attname not in instance.__dict__ or isinstance(value, (Combinable, Q)):
            return None
        found.append(None if value is None else field.storer(db.dialect).convert(value))
    return tuple(found)
