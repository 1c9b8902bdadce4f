"""The faces of constraints: what a constraint's ``validate()`` and a model's ``validate_constraints()`` ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from dorm import actions, db
from dorm.exceptions import ValidationError
from dorm.run import run

if TYPE_CHECKING:
    from collections.abc import Collection

    from dorm.constraints import BaseConstraint
    from dorm.meta.options import Options


def validate(
    constraint: BaseConstraint, model: Any, instance: Any, exclude: Collection[str] | None, using: str
) -> None:
    """Ask the database *using* whether *instance* would violate *constraint*."""
    run(actions.constraints.validate(db.connection.blocking(using), constraint, model, instance, exclude))


async def avalidate(
    constraint: BaseConstraint, model: Any, instance: Any, exclude: Collection[str] | None, using: str
) -> None:
    """Asynchronous :func:`validate`."""
    await actions.constraints.validate(db.connection.suspending(using), constraint, model, instance, exclude)


class Constrained:
    """The part of a model that knows its constraints."""

    _meta: ClassVar[Options]

    def _alias_for_write(self, using: str | None = None) -> str:
        raise NotImplementedError

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Ask whether the constraints of ``Meta`` hold; one ``ValidationError`` with all that do not."""
        errors: dict[str, list[ValidationError]] = {}
        for constraint in self._meta.constraints:
            try:
                constraint.validate(type(self), self, exclude=exclude, using=self._alias_for_write())
            except ValidationError as error:
                _note(constraint, error, errors)
        if errors:
            raise ValidationError(errors)

    async def avalidate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Asynchronous :meth:`validate_constraints`."""
        errors: dict[str, list[ValidationError]] = {}
        for constraint in self._meta.constraints:
            try:
                await constraint.avalidate(type(self), self, exclude=exclude, using=self._alias_for_write())
            except ValidationError as error:
                _note(constraint, error, errors)
        if errors:
            raise ValidationError(errors)

    def unique_error_message(self, model_class: Any, unique_check: Collection[str]) -> ValidationError:
        """What is said when a row with the same values of these fields exists.  Override it to say something else."""
        return actions.errors.unique_error(model_class._meta, unique_check)

    def _get_FIELD_display(self, field: Any) -> Any:
        """The label of what *field* holds: what ``get_<field>_display()`` gives."""
        return field.label_of(getattr(self, field.attname))


def _note(constraint: BaseConstraint, error: ValidationError, errors: dict[str, list[ValidationError]]) -> None:
    if getattr(error, "code", None) == "unique" and len(constraint.fields) == 1:
        errors.setdefault(constraint.fields[0], []).append(error)
    else:
        error.update_error_dict(errors)
