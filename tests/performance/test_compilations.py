"""A query is compiled once for its shape, whatever its values are."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from dorm import F, Q
from dorm.query.plan import Counter
from tests.library import Author, Book, Publisher

MOMENTS = [datetime.datetime(2024, 1, day, tzinfo=datetime.UTC) for day in range(1, 10)]
WORDS = ["a", "b%", "", "c", "d_", "é", "f", "g", "h"]


def six_conditions(turn: int):
    return Author.objects.filter(
        age__gte=turn,
        age__lt=turn + 10,
        name__startswith=WORDS[turn],
        active=turn % 2 == 0,
        publisher__name=WORDS[turn],
        salary__gt=Decimal(turn),
    ).order_by("-age")[: turn + 1]


QUERIES = {
    "one condition": lambda turn: Author.objects.filter(age=turn),
    "six conditions and a join": six_conditions,
    "one condition after the other": lambda turn: Author.objects.filter(age__gt=turn).filter(name=WORDS[turn]),
    "Q": lambda turn: Author.objects.filter(Q(age=turn) | ~Q(name=WORDS[turn])),
    "F": lambda turn: Author.objects.filter(age__gt=F("id") + turn),
    "a window": lambda turn: Author.objects.order_by("name")[turn + 1 : 2 * turn + 5],
    "a list of any length": lambda turn: Author.objects.filter(age__in=list(range(turn + 1))),
    "a moment": lambda turn: Author.objects.filter(joined__gte=MOMENTS[turn]),
    "a part of a moment": lambda turn: Author.objects.filter(joined__year=2020 + turn),
    "related instances": lambda turn: Book.objects.select_related("author__publisher").filter(pages=turn),
    "dicts of filtered books": lambda turn: Author.objects.filter(book__pages=turn).values("book__title"),
    "dicts": lambda turn: Author.objects.filter(age=turn).values("name", "publisher__name"),
}
ACTIONS = {
    "get": lambda turn: (Author.objects, "get_or_none", {"age": turn}),
    "get by key": lambda turn: (Author.objects, "get_or_none", {"pk": turn}),
    "count": lambda turn: (Author.objects.filter(age=turn), "count", {}),
    "exists": lambda turn: (Author.objects.filter(name=WORDS[turn]), "exists", {}),
    "first": lambda turn: (Author.objects.filter(age=turn), "first", {}),
    "last": lambda turn: (Author.objects.filter(age=turn).order_by("name"), "last", {}),
    "create": lambda turn: (Author.objects, "create", {"name": WORDS[turn], "age": turn, "salary": Decimal(turn)}),
    "update": lambda turn: (Author.objects.filter(age=turn), "update", {"name": WORDS[turn], "age": turn + 1}),
    "update by itself": lambda turn: (Author.objects.filter(age=turn), "update", {"age": F("age") + turn}),
    "delete": lambda turn: (Publisher.objects.filter(name=WORDS[turn]), "delete", {}),
}


@pytest.mark.parametrize("name", QUERIES)
async def test_rows_with_other_values_need_no_compilation(name, library, call):
    await call.list(QUERIES[name](0))
    compiled = Counter.compiled
    for turn in range(1, 9):
        await call.list(QUERIES[name](turn))
    assert compiled == Counter.compiled


@pytest.mark.parametrize("name", ACTIONS)
async def test_an_action_with_other_values_needs_no_compilation(name, library, call):
    for turn in range(9):
        target, method, arguments = ACTIONS[name](turn)
        await call(target, method, **arguments)
        if turn == 0:
            compiled = Counter.compiled
    assert compiled == Counter.compiled


async def test_an_instance_is_saved_read_and_deleted_without_further_compilation(library, call):
    compiled = 0
    for turn in range(5):
        author = await call(Author.objects, "create", name=WORDS[turn])
        author.age = turn
        await call(author, "save")
        await call(author, "save", update_fields=["name"])
        await call(author, "refresh_from_db")
        await call(author, "delete")
        if turn == 0:
            compiled = Counter.compiled
    assert compiled == Counter.compiled


async def test_more_shapes_than_the_cache_holds_cost_a_few_compilations_each(library, call, monkeypatch):
    monkeypatch.setattr("dorm.query.plan.CAPACITY", 16)
    shapes = [Author.objects.filter(Q(*[Q(age=number)] * (number + 1))) for number in range(20)]
    for query in shapes:
        await call.list(query)
    compiled = Counter.compiled
    for _ in range(5):
        for query in shapes:
            await call.list(query)
    # A cache that drops the oldest would miss each of these 100 times.
    assert 75 > Counter.compiled - compiled
