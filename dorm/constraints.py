"""Constraints of a model, as ``Meta.constraints`` declares them: the database holds them, ``full_clean()`` tells them.

They are data: what they say in SQL is written by :mod:`dorm.schema`, and asked by :mod:`dorm.models.constraining`.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, ClassVar

from dorm.expressions import Combinable, F, OrderBy, Q
from dorm.run import load

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from typing import Self


class Deferrable(enum.Enum):
    """When a unique constraint is checked that may be checked late (PostgreSQL)."""

    DEFERRED = "deferred"
    """At the end of the transaction."""
    IMMEDIATE = "immediate"
    """After each statement, unless the transaction says otherwise."""

    def __repr__(self) -> str:
        return f"{type(self).__qualname__}.{self.name}"


class BaseConstraint:
    """Base of constraints.  ``%(app_label)s`` and ``%(class)s`` in a name are filled in for each model."""

    default_violation_error_message: ClassVar[str] = "Constraint “%(name)s” is violated."
    fields: tuple[str, ...] = ()

    def __init__(
        self, *, name: str, violation_error_code: str | None = None, violation_error_message: str | None = None
    ) -> None:
        if not isinstance(name, str) or not name:
            raise TypeError(f"{type(self).__name__} needs a name, which is text: name=…")
        self.name = name
        self.violation_error_code = violation_error_code
        self.violation_error_message = violation_error_message or self.default_violation_error_message

    def options(self) -> dict[str, Any]:
        """What makes the constraint again, beside name and error message: only what was given."""
        return {}

    def get_violation_error_message(self) -> str:
        """What is said of a row that violates it."""
        return self.violation_error_message % {"name": self.name}

    def validate(
        self, model: Any, instance: Any, exclude: Collection[str] | None = None, using: str = "default"
    ) -> None:
        """Ask the database whether *instance* would violate it; ``ValidationError`` when it would.

        Nothing is asked when a field in *exclude* matters.
        """
        load("dorm.models.constraining").validate(self, model, instance, exclude, using)

    async def avalidate(
        self, model: Any, instance: Any, exclude: Collection[str] | None = None, using: str = "default"
    ) -> None:
        """Asynchronous :meth:`validate`."""
        if type(self).validate not in (BaseConstraint.validate, CheckConstraint.validate, UniqueConstraint.validate):
            raise TypeError(f"{type(self).__name__} overrides validate() but not avalidate(): override that too.")
        await load("dorm.models.constraining").avalidate(self, model, instance, exclude, using)

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        """The import path and the arguments that make an equal constraint."""
        cls = type(self)
        module = "dorm" if cls.__module__ == "dorm.constraints" else cls.__module__
        arguments: dict[str, Any] = {"name": self.name, **self.options()}
        if self.violation_error_message != self.default_violation_error_message:
            arguments["violation_error_message"] = self.violation_error_message
        if self.violation_error_code is not None:
            arguments["violation_error_code"] = self.violation_error_code
        return f"{module}.{cls.__qualname__}", (), arguments

    def clone(self) -> Self:
        """An equal constraint."""
        _, args, kwargs = self.deconstruct()
        return type(self)(*args, **kwargs)

    def named(self, values: dict[str, str]) -> Self:
        """This constraint under its name for one model."""
        if "%" not in self.name:
            return self
        made = self.clone()
        made.name = self.name % values
        return made

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.deconstruct() == self.deconstruct()

    def __hash__(self) -> int:
        return hash((type(self), self.name))

    def __repr__(self) -> str:
        _, args, kwargs = self.deconstruct()
        shown = [*map(repr, args), *(f"{name}={value!r}" for name, value in kwargs.items())]
        return f"<{type(self).__qualname__}: {' '.join(shown)}>"


class CheckConstraint(BaseConstraint):
    """That *condition* (a ``Q`` or a conditional expression) is not false for any row."""

    def __init__(
        self,
        *,
        condition: Q | Combinable,
        name: str,
        violation_error_code: str | None = None,
        violation_error_message: str | None = None,
    ) -> None:
        if not getattr(condition, "conditional", False):
            raise TypeError("CheckConstraint.condition must be a Q instance or boolean expression.")
        self.condition = condition
        super().__init__(
            name=name, violation_error_code=violation_error_code, violation_error_message=violation_error_message
        )

    def options(self) -> dict[str, Any]:
        return {"condition": self.condition}


class UniqueConstraint(BaseConstraint):
    """That no two rows (of those that meet *condition*) have the same values of *fields*, or of the expressions.

    *include* names columns that the index carries along, *opclasses* its operator classes (both PostgreSQL's, and left
    out elsewhere); ``nulls_distinct=False`` lets NULL occur once.
    """

    def __init__(
        self,
        *expressions: str | Combinable,
        fields: Sequence[str] = (),
        name: str | None = None,
        condition: Q | None = None,
        deferrable: Deferrable | None = None,
        include: Sequence[str] | None = None,
        opclasses: Sequence[str] = (),
        nulls_distinct: bool | None = None,
        violation_error_code: str | None = None,
        violation_error_message: str | None = None,
    ) -> None:
        if not name:
            raise ValueError("A unique constraint must be named.")
        self.expressions: tuple[Combinable, ...] = terms_of(expressions)
        self.fields = names_of("UniqueConstraint.fields", fields)
        self.condition = condition
        self.deferrable = deferrable
        self.include = names_of("UniqueConstraint.include", include or ())
        self.opclasses = names_of("UniqueConstraint.opclasses", opclasses)
        self.nulls_distinct = nulls_distinct
        self._check()
        super().__init__(
            name=name, violation_error_code=violation_error_code, violation_error_message=violation_error_message
        )

    def _check(self) -> None:
        if not self.expressions and not self.fields:
            raise ValueError("At least one field or expression is required to define a unique constraint.")
        if self.expressions and self.fields:
            raise ValueError("UniqueConstraint.fields and expressions are mutually exclusive.")
        if self.condition is not None and not isinstance(self.condition, Q):
            raise ValueError("UniqueConstraint.condition must be a Q instance.")
        if self.deferrable is not None and not isinstance(self.deferrable, Deferrable):
            raise TypeError("UniqueConstraint.deferrable must be a Deferrable instance.")
        if self.nulls_distinct is not None and not isinstance(self.nulls_distinct, bool):
            raise TypeError("UniqueConstraint.nulls_distinct must be a bool.")
        if self.expressions and self.opclasses:
            raise ValueError("UniqueConstraint.opclasses cannot be used with expressions.")
        if self.opclasses and len(self.opclasses) != len(self.fields):
            raise ValueError(
                "UniqueConstraint.fields and UniqueConstraint.opclasses must have the same number of elements."
            )
        if self.deferrable is not None:
            others = {"conditions": self.condition, "include fields": self.include, "opclasses": self.opclasses}
            for what, given in {**others, "expressions": self.expressions}.items():
                if given:
                    raise ValueError(f"UniqueConstraint with {what} cannot be deferred.")

    @property
    def is_plain(self) -> bool:
        """Whether it is about columns only, so that a constraint of the table says it all."""
        others = (self.condition, self.include, self.opclasses, self.expressions)
        return not any(others) and self.nulls_distinct is None

    def options(self) -> dict[str, Any]:
        given: dict[str, Any] = {
            "fields": self.fields,
            "condition": self.condition,
            "deferrable": self.deferrable,
            "include": self.include,
            "opclasses": self.opclasses,
            "nulls_distinct": self.nulls_distinct,
        }
        return {name: value for name, value in given.items() if value not in (None, ())}

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        path, _, arguments = super().deconstruct()
        return path, self.expressions, arguments


def names_of(what: str, given: Any) -> tuple[str, ...]:
    """A list of names; ``TypeError`` for anything else."""
    if isinstance(given, str) or not hasattr(given, "__iter__"):
        raise TypeError(f"{what} must be a list or tuple, not {given!r}.")
    names = tuple(given)
    if not all(isinstance(name, str) for name in names):
        raise TypeError(f"{what} must contain only strings with names, not {names!r}.")
    return names


def terms_of(expressions: tuple[Any, ...]) -> tuple[Combinable, ...]:
    """The terms of an index: text names a field, ``-name`` one in descending order."""
    found: list[Combinable] = []
    for given in expressions:
        if isinstance(given, str):
            found.append(OrderBy(F(given[1:]), descending=True) if given.startswith("-") else F(given))
        elif isinstance(given, Combinable):
            found.append(given)
        else:
            raise TypeError(f"An index is made of expressions and names of fields, not of {given!r}.")
    return tuple(found)


__all__ = ["BaseConstraint", "CheckConstraint", "Deferrable", "UniqueConstraint"]
