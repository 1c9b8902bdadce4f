"""The plan cache has room for so many plans and no more, and for many threads at once."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from dorm.conf import settings
from dorm.db.connection import dialect_of
from dorm.query import plan as cache
from dorm.query.plan import Counter
from dorm.query.reads import select_plan
from tests.library import Author, Book
from tests.plans.compiled import VENDORS, compilations, statement

pytestmark = pytest.mark.usefixtures("aliases")


def many_shapes(number: int) -> Any:
    """A query whose shape is the binary form of *number*."""
    names = ["age", "name", "email", "active", "joined", "salary", "publisher", "mentor", "id", "age__gt", "name__lt"]
    found = Author.objects.all()
    for bit, name in enumerate(names):
        if number >> bit & 1:
            found = found.filter(**{name: 1 if "__" in name else None})
    return found.exclude(pk=1)


def test_more_shapes_than_there_is_room_for_stay_bounded():
    dialect = dialect_of("sqlite")
    total = cache.CAPACITY + 300
    before = Counter.compiled
    for number in range(total):
        select_plan(many_shapes(number).described, dialect)
        assert cache.CAPACITY >= len(dialect.plans)
    assert total == Counter.compiled - before
    assert cache.CAPACITY == len(dialect.plans)


def test_a_plan_that_was_evicted_is_made_again_and_is_the_same(monkeypatch):
    monkeypatch.setattr(cache, "CAPACITY", 4)
    texts = [[statement(many_shapes(number), "sqlite")[0] for number in range(20)] for _ in range(3)]
    assert texts[0] == texts[1] == texts[2]
    assert 20 == len(set(texts[0]))


def test_eviction_is_spread(monkeypatch):
    """A cache that always drops the same place, or the oldest, keeps nothing of a cycle that is a little too long."""
    monkeypatch.setattr(cache, "CAPACITY", 50)
    shapes = [many_shapes(number) for number in range(60)]
    for query in shapes:
        statement(query, "sqlite")
    rounds = 10
    needed = compilations(lambda turn: statement(shapes[turn % 60], "sqlite"), 60 * rounds)
    assert 60 * rounds * 0.75 > needed


def test_what_a_web_client_may_name_does_not_fill_memory():
    """Orderings are remembered per model, up to a bound."""
    names = [field.name for field in Author._meta.fields]
    for number in range(1500):
        terms = [names[number // 9**place % 9] for place in range(4)]
        Author.objects.order_by(*terms)
        assert 1000 >= len(Author._meta.orders)
        assert tuple(terms) in Author._meta.orders


# -- Threads -----------------------------------------------------------------------------------


def together(count: int, work: Any) -> None:
    """Run *work* in threads that begin at the same moment."""
    gate = threading.Barrier(count)
    failed: list[BaseException] = []

    def one(number: int) -> None:
        gate.wait()
        try:
            work(number)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [] == failed


@pytest.mark.parametrize("vendor", VENDORS)
def test_threads_that_compile_one_shape_at_once_get_the_same(vendor):
    found: list[tuple[str, tuple[Any, ...]]] = []
    together(8, lambda number: found.append(statement(Book.objects.filter(author__age=number, pages=-1), vendor)))
    assert 1 == len({text for text, _ in found})
    assert sorted((number, -1) for number in range(8)) == sorted(parameters for _, parameters in found)
    assert 1 == len(dialect_of(vendor).plans)


def test_threads_may_fill_the_cache_beyond_its_room_at_once(monkeypatch):
    monkeypatch.setattr(cache, "CAPACITY", 8)

    def work(number: int) -> None:
        for turn in range(200):
            statement(many_shapes((turn * 7 + number) % 40), "sqlite")

    together(8, work)
    # Each thread may add one more than it saw room for.
    assert 16 >= len(dialect_of("sqlite").plans)


def test_settings_may_change_while_threads_compile():
    def work(number: int) -> None:
        for turn in range(50):
            if number == 0:
                settings.TIME_ZONE = ("Europe/Rome", "UTC")[turn % 2]
            else:
                statement(Author.objects.filter(joined__hour=turn), "sqlite")

    together(6, work)
    assert "'UTC'" in statement(Author.objects.filter(joined__hour=1), "sqlite")[0]
