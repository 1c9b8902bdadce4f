"""Several queries as one: UNION, INTERSECT and EXCEPT, which may be nested, ordered and cut.

A part is a query of its own.  What is asked of all (columns, order, window) stands here; a part that is cut, or is
itself made of several, is put into a select of its own, which both databases take.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NoReturn, Self, TypeAlias

from dorm.exceptions import FieldError, NotSupportedError
from dorm.expressions import F, OrderBy
from dorm.hints import did_you_mean
from dorm.query.loading import fields_at
from dorm.query.query import Query
from dorm.run import load

if TYPE_CHECKING:
    from dorm.expressions import Shape
    from dorm.query.planner import Around, Planner
    from dorm.query.query import Result
    from dorm.sql.dialect import Dialect
    from dorm.sql.kinds import Type

Operator: TypeAlias = Literal["UNION", "UNION ALL", "INTERSECT", "EXCEPT"]
WORDS = {"UNION": "union", "UNION ALL": "union", "INTERSECT": "intersection", "EXCEPT": "difference"}
"""The methods that make them."""


class CombinedQuery(Query[Any]):
    """The rows that several queries give together.  The first says what they come back as.

    Terms of ``order`` are (name of a column, descending, nulls).
    """

    operator: Operator
    whole: tuple[Query[Any], ...]
    """The parts as they were given."""
    parts: tuple[Query[Any], ...]
    """The parts, giving the columns that are asked of all of them."""
    chosen: tuple[int, ...] | None
    """The columns that come back, by number, when not all that the parts give."""

    def __init__(self, operator: Operator, parts: tuple[Query[Any], ...]) -> None:
        first = parts[0]
        super().__init__(first.model)
        if first.columns is not None:
            # A part of instances gives what the first part gives.
            parts = tuple(part if part.columns else part.yielding(first.result, first.names) for part in parts)
        parts = tuple(part if part.sliced or part.picks else part.unordered() for part in parts)
        widths = [len(column_names(part)) for part in parts]
        if len(set(widths)) > 1:
            raise FieldError(
                f"{WORDS[operator]}() needs queries of as many columns each; these have {', '.join(map(str, widths))}: "
                "name the same columns with values()."
            )
        self.__dict__ |= {
            "operator": operator,
            "whole": parts,
            "parts": parts,
            "chosen": None,
            "order": (),
            "prefetch": first.prefetch,
            "columns": first.columns,
            "names": first.names,
            "result": first.result,
        }

    @property
    def leading(self) -> Query[Any]:
        """The plain query whose columns come back first."""
        first = self.parts[0]
        return first.leading if isinstance(first, CombinedQuery) else first

    def face(self) -> Query[Any]:
        leading = self.leading
        if self.columns is None:
            return leading._but({"order": (), "group": None, "distinct": False})
        assert leading.columns is not None, "what was asked of all was asked of it"
        given = leading.columns if self.chosen is None else tuple(leading.columns[index] for index in self.chosen)
        columns = {"columns": given, "names": self.names, "result": self.result}
        return leading._but({"order": (), "group": None, "distinct": False, **columns})

    def planner(self, dialect: Dialect, around: Around | None = None) -> Planner:
        planner: Planner = load("dorm.query.compound").CombinedPlanner(self, dialect, around)
        return planner

    # -- What can be asked of all --------------------------------------------------------------

    def ordered_by(self, terms: tuple[Any, ...]) -> Self:
        """In this order of columns: ``name``, ``-name``, ``F("name").desc(nulls_last=True)``."""
        return self._but({"order": tuple(map(self._term, terms)), "reversed": False})._arranged()

    def _term(self, term: Any) -> tuple[str, bool, Any]:
        if isinstance(term, str):
            return self._column(term.removeprefix("-").removeprefix("+")), term.startswith("-"), None
        ordering = term if isinstance(term, OrderBy) else OrderBy(term) if isinstance(term, F) else None
        if ordering is None or not isinstance(ordering.expression, F):
            self.refuse(f"order_by({term!r})", "Its columns order it: annotate the queries with what orders it")
        return self._column(ordering.expression.name), ordering.descending, ordering.nulls

    def _column(self, name: str) -> str:
        """The column that *name* means."""
        meta = self.leading.model._meta
        field: Any = meta.pk if name == "pk" else meta.by_name.get(name) or meta.by_attname.get(name)
        known = column_names(self.whole[0])
        spellings: tuple[str, ...] = (
            (name,) if field is None else (name, field.attname, field.name, *(["pk"] if field is meta.pk else []))
        )
        for spelling in spellings:
            if spelling in known:
                return spelling
        raise FieldError(
            f"{name!r} is no column of this {WORDS[self.operator]}(), so it cannot order it. "
            f"{did_you_mean(name, known)}"
        )

    def yielding(self, result: Result, names: tuple[str, ...]) -> Self:
        """Giving dicts, tuples or single values: of columns of the parts where these name some, else from the parts."""
        first = self.whole[0]
        if not names:
            names = tuple(column_names(first)) if first.columns is not None else first.yielding(result, ()).names
        return self._but({"result": result, "names": tuple(dict.fromkeys(names)), "columns": ()})._arranged()

    def _arranged(self) -> Self:
        """With the parts giving what is asked of all, and what orders them."""
        if self.columns is None:
            return self
        first, names = self.whole[0], self.names
        if first.columns is None:
            ordering = tuple(name for name, *_ in self.order or () if name not in names)
            parts = tuple(part if part.columns else part.yielding("tuples", names + ordering) for part in self.whole)
            chosen = tuple(range(len(names)))
            partly = chosen if ordering else None
            return self._but({"parts": parts, "chosen": partly, "columns": parts[0].columns})
        known = column_names(first)
        wrong = next((name for name in names if name not in known), None)
        if wrong is not None:
            raise FieldError(f"{wrong!r} is no column of this {WORDS[self.operator]}(). {did_you_mean(wrong, known)}")
        chosen = tuple(known.index(name) for name in names)
        return self._but(
            {"chosen": None if len(chosen) == len(known) == chosen[-1] + 1 else chosen, "columns": first.columns}
        )

    def bare(self) -> Self:
        return self.unordered()

    @property
    def ordered(self) -> bool:
        return bool(self.order)

    def type_given(self) -> Type | None:
        return self.face().type_given()

    # -- What cannot ---------------------------------------------------------------------------

    def refuse(self, call: str, reason: str = "Do it before") -> NoReturn:
        """Raise ``NotSupportedError`` for what the parts must be asked."""
        raise NotSupportedError(
            f"Calling QuerySet.{call} after {WORDS[self.operator]}() is not supported. {reason}, or filter other rows "
            "by pk__in=<this query set>."
        )

    def filtered(self, conditions: tuple[Any, ...], lookups: dict[str, Any], *, negated: bool = False) -> Self:
        self.refuse("exclude()" if negated else "filter()")

    def reference(self, name: str, values: list[Any]) -> Shape:
        self.refuse("annotate()")

    # -- Shape and values ----------------------------------------------------------------------

    def hollow(self) -> Self:
        window = {"limit": None if self.limit is None else 0, "offset": 1 if self.offset else 0}
        parts = tuple(part.hollow() for part in self.parts)
        return self._but({"whole": parts, "parts": parts, **window})

    def shape(self) -> tuple[Any, ...]:
        return (
            self.operator,
            tuple(part.shape() for part in self.parts),
            self.order,
            self.reversed,
            self.chosen,
            self.result,
            self.names,
            self.limit is None,
            self.offset == 0,
        )

    def values(self) -> tuple[Any, ...]:
        values = tuple(value for part in self.parts for value in part.values())
        if self.limit is not None:
            values = (*values, self.limit)
        return (*values, self.offset) if self.offset else values


def column_names(query: Query[Any]) -> list[str]:
    """The names of the columns that come back, those of related instances with their paths."""
    if query.columns is not None:
        return list(query.names)
    if isinstance(query, CombinedQuery):
        return column_names(query.parts[0])
    names = [field.attname for field in fields_at(query.loaded, (), query.model)]
    for steps in query.related:
        path = "__".join(step.relation.field.name if step.forward else step.relation.query_name for step in steps)
        names += [f"{path}__{field.attname}" for field in fields_at(query.loaded, steps, steps[-1].target)]
    return names + [one.name for one in query.annotations if one.selected]
