"""Random calls of a query set, each with two sets of values: what is compiled for one serves the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from hypothesis import strategies as st

from dorm import F, Q
from tests.plans import shelf

if TYPE_CHECKING:
    from collections.abc import Callable

numbers = st.integers(-2, 4)
texts = st.text("aAb%_É'\"\\*[?", max_size=3)
days = st.sampled_from([day for day in shelf.DAYS if day])
amounts = st.one_of(st.sampled_from([one for one in shelf.AMOUNTS if one is not None]), numbers)

OF_NUMBERS = ["exact", "gt", "gte", "lt", "lte"]
OF_TEXTS = ["exact", "contains", "icontains", "startswith", "istartswith", "endswith", "iexact"]

LEAVES: list[tuple[list[str], list[str], st.SearchStrategy[Any]]] = [
    (["number", "other", "box__rank", "pk", "box"], OF_NUMBERS, numbers),
    (["text", "box__label"], OF_TEXTS, texts),
    (["amount"], OF_NUMBERS, amounts),
    (["day"], OF_NUMBERS, days),
    (["day"], ["year"], st.integers(2022, 2025)),
    (["day"], ["month__gte"], st.integers(1, 12)),
    (["flag"], ["exact"], st.booleans()),
    (["number", "text", "day", "box", "box__label", "box__rank", "amount"], ["isnull"], st.booleans()),
    (["number", "text", "box__label", "box"], ["exact"], st.none()),
    (["number", "box__rank", "box"], ["in"], st.lists(numbers, max_size=4)),
    (["text", "box__label"], ["in"], st.lists(texts, max_size=4)),
    (["number", "box__rank", "pk"], ["range"], st.tuples(numbers, numbers)),
    (["day"], ["range"], st.tuples(days, days)),
]


class Leaf(NamedTuple):
    """One comparison, with a value for each turn."""

    path: str
    lookup: str
    values: tuple[Any, Any]

    def q(self, turn: int) -> Q:
        return Q(**self.keyword(turn))

    def keyword(self, turn: int) -> dict[str, Any]:
        name = self.path if self.lookup == "exact" else f"{self.path}__{self.lookup}"
        return {name: self.values[turn]}

    def holds(self, row: dict[str, Any], turn: int) -> bool:
        return shelf.holds(row, self.path, self.lookup, self.values[turn])


class Tree(NamedTuple):
    """Conditions that are combined."""

    word: str
    parts: tuple[Any, ...]

    def q(self, turn: int) -> Q:
        first, *rest = (part.q(turn) for part in self.parts)
        for part in rest:
            first = first & part if self.word == "and" else first | part
        return ~first if self.word == "not" else first

    def holds(self, row: dict[str, Any], turn: int) -> bool:
        found = [part.holds(row, turn) for part in self.parts]
        return {"and": all(found), "or": any(found), "not": not found[0]}[self.word]


@st.composite
def leaves(draw: st.DrawFn) -> Leaf:
    paths, lookups, values = draw(st.sampled_from(LEAVES))
    return Leaf(draw(st.sampled_from(paths)), draw(st.sampled_from(lookups)), (draw(values), draw(values)))


def columns() -> st.SearchStrategy[Leaf]:
    """Comparisons of two columns."""
    names = ["number", "other", "box__rank", "pk"]
    return st.builds(
        lambda path, lookup, other: Leaf(path, lookup, (F(other), F(other))),
        st.sampled_from(names),
        st.sampled_from(OF_NUMBERS),
        st.sampled_from(names),
    )


def trees(leaf: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaf,
        lambda parts: st.one_of(
            st.builds(
                lambda word, some: Tree(word, tuple(some)),
                st.sampled_from(["and", "or"]),
                st.lists(parts, min_size=2, max_size=3),
            ),
            st.builds(lambda part: Tree("not", (part,)), parts),
        ),
        max_leaves=6,
    )


class Asked(NamedTuple):
    """A query set that is made in a random order of calls."""

    calls: tuple[tuple[str, Any], ...]
    terms: tuple[str, ...]
    backwards: bool
    window: tuple[int, int | None] | None

    def query(self, turn: int, calls: Any = None) -> Any:
        found: Any = shelf.Item.objects.all()
        for method, argument in self.calls if calls is None else calls:
            found = self._called(found, method, argument, turn)
        if self.window is not None:
            start, stop = self.window
            found = found[start + turn : None if stop is None else stop + turn]
        return found

    def _called(self, found: Any, method: str, argument: Any, turn: int) -> Any:
        match method:
            case "order_by":
                return found.order_by(*argument)
            case "reverse" | "distinct":
                return getattr(found, method)()
            case _ if isinstance(argument, Leaf):
                return getattr(found, method)(**argument.keyword(turn))
            case _:
                return getattr(found, method)(argument.q(turn))

    def expected(self, turn: int, vendor: str) -> list[int]:
        rows = shelf.ROWS
        for method, argument in self.calls:
            if method in {"filter", "exclude"}:
                wanted = method == "filter"
                rows = [row for row in rows if argument.holds(row, turn) is wanted]
        rows = shelf.sort(rows, list(self.terms), vendor)
        if self.backwards:
            rows = rows[::-1]  # the order is total: it ends with the key
        keys = [row["id"] for row in rows]
        if self.window is not None:
            start, stop = self.window
            keys = keys[start + turn : None if stop is None else stop + turn]
        return keys


@st.composite
def queries(draw: st.DrawFn, leaf: Callable[[], st.SearchStrategy[Any]] = leaves) -> Asked:
    conditions = st.tuples(st.sampled_from(["filter", "exclude"]), trees(leaf()))
    calls: list[tuple[str, Any]] = draw(st.lists(conditions, max_size=4))
    names = draw(
        st.lists(st.sampled_from(["number", "text", "-amount", "-day", "box__rank", "-box__label"]), max_size=2)
    )
    terms = [*names, draw(st.sampled_from(["pk", "-pk"]))]
    backwards = draw(st.booleans())
    ordering: list[tuple[str, Any]] = [("order_by", terms), *([("reverse", None)] if backwards else [])]
    if draw(st.booleans()):
        calls.append(("distinct", None))
    for call in ordering:  # in this order, anywhere among the others
        place = draw(st.integers(0 if call[0] == "order_by" else 1 + calls.index(ordering[0]), len(calls)))
        calls.insert(place, call)
    window = draw(st.none() | st.tuples(st.integers(0, 5), st.none() | st.integers(0, 20)))
    return Asked(tuple(calls), tuple(terms), backwards, window)
