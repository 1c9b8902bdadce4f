"""``Index``: an index of a model, as ``Meta.indexes`` declares it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from dorm.constraints import names_of, terms_of
from dorm.expressions import Q
from dorm.sql.names import LONGEST, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from dorm.expressions import Combinable


class Index:
    """An index over the named fields (``-name`` for descending) or over expressions, of the rows that meet *condition*.

    With ``unique=True`` the values together occur once.  Without a name it is called ``idx_<model>_<fields>``, cut to
    what every database takes; expressions, a condition, *include* and *opclasses* need a name.  *include* (columns that
    are carried along) and *opclasses* are PostgreSQL's, and left out elsewhere.
    """

    suffix: ClassVar[str] = "idx"
    max_name_length: ClassVar[int] = LONGEST

    def __init__(
        self,
        *expressions: str | Combinable,
        fields: Sequence[str] = (),
        name: str | None = None,
        db_tablespace: str | None = None,
        opclasses: Sequence[str] = (),
        condition: Q | None = None,
        include: Sequence[str] | None = None,
        unique: bool = False,
    ) -> None:
        self.expressions: tuple[Combinable, ...] = terms_of(expressions)
        self.fields = names_of("Index.fields", fields)
        self.given_name = name
        self.db_tablespace = db_tablespace
        self.opclasses = names_of("Index.opclasses", opclasses)
        self.condition = condition
        self.include = names_of("Index.include", include or ())
        self.unique = unique
        self._check()

    def _check(self) -> None:
        if not self.expressions and not self.fields:
            raise ValueError("At least one field or expression is required to define an index.")
        if self.expressions and self.fields:
            raise ValueError("Index.fields and expressions are mutually exclusive.")
        if self.condition is not None and not isinstance(self.condition, Q):
            raise ValueError("Index.condition must be a Q instance.")
        if self.expressions and self.opclasses:
            raise ValueError("Index.opclasses cannot be used with expressions.")
        if self.opclasses and len(self.opclasses) != len(self.fields):
            raise ValueError("Index.fields and Index.opclasses must have the same number of elements.")
        if not self.given_name:
            needy = {"expressions": self.expressions, "condition": self.condition, "opclasses": self.opclasses}
            for what, given in {**needy, "include": self.include}.items():
                if given:
                    raise ValueError(f"An index must be named to use {what}.")

    @property
    def names(self) -> tuple[str, ...]:
        """The fields, without their direction."""
        return tuple(name.removeprefix("-") for name in self.fields)

    @property
    def fields_orders(self) -> list[tuple[str, str]]:
        """(field, ``""`` or ``"DESC"``) of each field."""
        return [(name.removeprefix("-"), "DESC" if name.startswith("-") else "") for name in self.fields]

    @property
    def name(self) -> str:
        """The name that was given or set, or ``""``."""
        return self.given_name or ""

    def name_for(self, model_name: str) -> str:
        """The name in the database."""
        return self.given_name or shortened("_".join(("idx", model_name, *self.names)))

    def set_name_with_model(self, model: Any) -> None:
        """Take the name that is made for *model*."""
        self.given_name = self.name_for(model._meta.model_name)

    def named(self, values: dict[str, str]) -> Self:
        """This index under its name for one model: ``%(app_label)s`` and ``%(class)s`` are filled in."""
        if "%" not in self.name:
            return self
        made = self.clone()
        made.given_name = self.name % values
        return made

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        """The import path and the arguments that make an equal index."""
        given: dict[str, Any] = {
            "fields": list(self.fields),
            "name": self.given_name,
            "db_tablespace": self.db_tablespace,
            "opclasses": self.opclasses,
            "condition": self.condition,
            "include": self.include,
            "unique": self.unique,
        }
        cls = type(self)
        module = "dorm" if cls.__module__ == "dorm.indexes" else cls.__module__
        arguments = {name: value for name, value in given.items() if value not in (None, (), [], False)}
        return f"{module}.{cls.__qualname__}", self.expressions, arguments

    def clone(self) -> Self:
        """An equal index."""
        _, args, kwargs = self.deconstruct()
        return type(self)(*args, **kwargs)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.deconstruct() == self.deconstruct()

    def __hash__(self) -> int:
        return hash((type(self), self.fields, self.given_name, self.unique))

    def __repr__(self) -> str:
        _, args, kwargs = self.deconstruct()
        shown = [*map(repr, args), *(f"{name}={value!r}" for name, value in kwargs.items())]
        return f"{type(self).__qualname__}({', '.join(shown)})"
