"""Queries written as SQL: the statement with its parameters, and instances from rows by the names of their columns.

The names of columns are whatever the SQL says: they choose fields, or become attributes; no text is made of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.exceptions import FieldDoesNotExist
from dorm.query.hydration import DEFAULT_ALIAS, Namespace, builds_itself
from dorm.query.plan import find
from dorm.query.source import generate
from dorm.sql.kinds import Type, kind_of
from dorm.sql.placeholders import split_parameters
from dorm.sql.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dorm.query.prefetching import Prefetching
    from dorm.sql.dialect import Dialect


class RawQuery:
    """SQL for instances of *model*, as it was written.  Immutable.

    Without *params* the text goes to the database as it stands; with a list each ``%s`` is the next of them, with a
    dict each ``%(name)s`` is the one of that name, and ``%%`` is a percent sign.  Raises ``ValueError`` when there
    are more or fewer parameters than the text has places.
    """

    def __init__(
        self,
        model: Any,
        sql: str,
        params: Sequence[Any] | Mapping[str, Any] | None = None,
        translations: Mapping[str, str] | None = None,
        prefetch: tuple[Prefetching, ...] = (),
    ) -> None:
        if not isinstance(sql, str):
            raise TypeError(f"raw() takes SQL as text, not {sql!r}.")
        self.model, self.sql, self.params, self.prefetch = model, sql, params, prefetch
        self.translations = dict(translations or {})
        self._texts, self.values = _taken_apart(sql, params)

    def prefetching(self, prefetch: tuple[Prefetching, ...]) -> RawQuery:
        """With further relations loaded afterwards; an empty tuple takes all back."""
        lookups = self.prefetch + prefetch if prefetch else ()
        return RawQuery(self.model, self.sql, self.params, self.translations, lookups)

    def statement(self, dialect: Dialect) -> tuple[Statement, tuple[Any, ...]]:
        """The text and the parameters for the driver."""
        text = dialect.placeholders(self._texts)
        return Statement(text), tuple(_bound(value, dialect) for value in self.values)

    def translated(self, columns: Sequence[str]) -> list[str]:
        """The names of the columns after *translations*."""
        return [self.translations.get(column, column) for column in columns]

    def hydrator(self, columns: Sequence[str], dialect: Dialect) -> Callable[[Sequence[Any]], Any]:
        """From a row with these columns to an instance; ``FieldDoesNotExist`` when the key is not among them."""
        meta = self.model._meta
        by_column = {field.column: field for field in meta.fields}
        fields: dict[Any, int] = {}
        others: list[tuple[str, int]] = []
        for position, name in enumerate(self.translated(columns)):
            field = by_column.get(name) or meta.by_attname.get(name)
            if field is None:
                others.append((name, position))
            else:
                fields[field] = position
        if meta.pk not in fields:
            raise FieldDoesNotExist(
                f"Raw query must include the primary key: no column {meta.pk.column!r} of {meta.object_name} came "
                f"back, only {', '.join(map(repr, columns)) or 'none'}."
            )
        return _made(self.model, [(field, fields[field]) for field in meta.fields if field in fields], others, dialect)


def _made(
    model: Any, fields: list[tuple[Any, int]], others: list[tuple[str, int]], dialect: Dialect
) -> Callable[[Sequence[Any]], Any]:
    names = tuple(field.attname for field, _ in fields)
    key = ("raw", model, tuple(fields))
    stored: Callable[[Sequence[Any]], tuple[Any, ...]] = find(dialect, key, lambda: _stored(model, fields, dialect))
    alias, own_way = dialect.alias, builds_itself(model)

    def make(row: Sequence[Any]) -> Any:
        if own_way:
            instance = model.from_db(alias, names, stored(row))
        else:
            instance = object.__new__(model)
            instance.__dict__.update(zip(names, stored(row), strict=True))
            if alias != DEFAULT_ALIAS:
                instance._alias = alias
        for name, position in others:
            setattr(instance, name, row[position])
        return instance

    return make


def _stored(model: Any, fields: list[tuple[Any, int]], dialect: Dialect) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    """A generated function from a row to the values of *fields*, which stand at the given positions."""
    names = Namespace()
    values = [
        names.converted(f"{field.attname}_{position}", field.from_db(dialect), f"row[{position}]", null=True)
        for field, position in fields
    ]
    lines = ["def stored(row):", f"    return ({', '.join(values)},)"]
    function: Callable[[Sequence[Any]], tuple[Any, ...]] = generate(f"raw {model.__name__}", "stored", lines, names)
    return function


def _taken_apart(sql: str, params: Any) -> tuple[list[str], tuple[Any, ...]]:
    """The texts around the parameters, and these in order."""
    if params is None:
        return [sql], ()
    if isinstance(params, (str, bytes)) or not hasattr(params, "__iter__"):
        raise TypeError(f"raw() takes a list or a dict of parameters, not {params!r}.")
    texts, names = split_parameters(sql)
    named = hasattr(params, "keys")
    if (None in names) if named else any(names):
        raise ValueError(f"raw(): a dict of parameters goes with %(name)s, and a list with %s: {sql!r}, {params!r}.")
    if not named:
        values = tuple(params)
        if len(values) != len(names):
            raise ValueError(f"raw(): {len(names)} parameters are written as %s, and {len(values)} were given: {sql!r}")
        return texts, values
    missing = [name for name in names if name not in params]
    if missing:
        raise ValueError(f"raw(): the parameter {missing[0]!r} is written in the SQL and was not given.")
    unused = [name for name in params if name not in names]
    if unused:
        raise ValueError(f"raw(): the parameter {unused[0]!r} was given and is not written in the SQL.")
    return texts, tuple(params[name] for name in names)


def _bound(value: Any, dialect: Dialect) -> Any:
    """A parameter as the driver takes it."""
    kind = None if value.__class__ is list and dialect.features.binds_arrays else kind_of(value)
    convert = None if kind is None else dialect.to_db(Type(kind))
    return value if convert is None else convert(value)
