"""The plan cache: a shape is compiled once per database, and nothing compiled under other circumstances is found again.

Nothing here connects: plans are texts.
"""

from __future__ import annotations

import datetime
import gc
import threading
import weakref
from decimal import Decimal
from typing import Any

import pytest

import dorm
from dorm import Count, F, Q
from dorm.conf import settings
from dorm.db.connection import dialect_of
from dorm.query import plan as cache
from dorm.query.plan import Counter, Windows
from dorm.query.reads import aggregate_plan, count_plan, exists_plan, lookup_plan, select_plan
from dorm.query.writes import assignments, delete_rows_plan, insert_plan, update_plan, update_rows_plan
from tests.library import Author, Book, Publisher

VENDORS = ("sqlite", "postgresql")
DATABASES = {
    "default": "sqlite:///never.sqlite3",
    "sqlite": "sqlite:///never.sqlite3",
    "twin": "sqlite:///never.sqlite3",
    "postgresql": "postgresql://never/never",
}


@pytest.fixture(autouse=True)
def _aliases():
    settings.configure(DATABASES=DATABASES)
    cache.forget_plans()
    yield
    settings.configure(DATABASES=DATABASES, USE_TZ=True, TIME_ZONE="UTC")


def statement(query: Any, alias: str) -> tuple[str, tuple[Any, ...]]:
    """Text and parameters, through the cache."""
    found = select_plan(query.described, dialect_of(alias))
    assert found.statement is not None
    return found.statement.sql, found.bind(query.described.values())


def compilations(make: Any, runs: int = 100) -> int:
    """How many plans a hundred turns of *make* need."""
    before = Counter.compiled
    for turn in range(runs):
        make(turn)
    return Counter.compiled - before


# -- Once per shape ----------------------------------------------------------------------------

QUERIES: dict[str, Any] = {
    "comparison": lambda n: Author.objects.filter(age=n),
    "two keywords": lambda n: Author.objects.filter(age__gt=n, name=str(n)),
    "two calls": lambda n: Author.objects.filter(age__gt=n).exclude(name=str(n)),
    "Q tree": lambda n: Author.objects.filter(Q(age=n) | ~Q(name=str(n)) & Q(email__startswith=str(n))),
    "list": lambda n: Author.objects.filter(age__in=range(n + 1)),
    "texts": lambda n: Author.objects.filter(name__in=[str(one) for one in range(n + 1)]),
    "range": lambda n: Author.objects.filter(age__range=(n, n + 1)),
    "pattern": lambda n: Author.objects.filter(name__icontains=f"%{n}_"),
    "moment": lambda n: Author.objects.filter(joined__gt=datetime.datetime(1900 + n, 1, 1, tzinfo=datetime.UTC)),
    "year": lambda n: Author.objects.filter(joined__year=1900 + n),
    "month": lambda n: Author.objects.filter(joined__month__in=[n % 12 + 1]),
    "decimal": lambda n: Author.objects.filter(salary__lte=Decimal(n)),
    "join": lambda n: Book.objects.filter(author__publisher__name=str(n)),
    "many rows": lambda n: Author.objects.filter(book__pages=n).distinct(),
    "no such rows": lambda n: Author.objects.exclude(book__pages=n),
    "instance": lambda n: Book.objects.filter(author=Author(pk=n)),
    "expression": lambda n: Author.objects.filter(age__gt=F("id") * n + n),
    "order": lambda n: Author.objects.order_by((F("age") + n).desc(), "name"),
    "window": lambda n: Author.objects.order_by("pk")[n + 1 : 2 * n + 2],
    "related": lambda n: Book.objects.select_related("author__publisher", "editor").filter(pages=n),
    "some fields": lambda n: Author.objects.only("name").filter(age=n),
    "dicts": lambda n: Author.objects.filter(age=n).values("name", "publisher__city"),
    "single values": lambda n: Author.objects.filter(age=n).values_list("name", flat=True),
    "computed": lambda n: Author.objects.annotate(more=F("age") + n).filter(more__gt=n),
    "groups": lambda n: Author.objects.values("name").annotate(count=Count("book")).filter(count__gt=n),
    "some groups": lambda n: Author.objects.annotate(count=Count("book", filter=Q(book__pages=n))),
    "subquery": lambda n: Author.objects.filter(pk__in=Book.objects.filter(pages=n).values("author")),
}


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("name", QUERIES)
def test_a_hundred_queries_with_other_values_are_compiled_once(name, vendor):
    assert 1 == compilations(lambda turn: statement(QUERIES[name](turn), vendor))


@pytest.mark.parametrize("vendor", VENDORS)
def test_each_kind_of_question_is_compiled_once(vendor):
    dialect = dialect_of(vendor)

    def ask(turn: int) -> None:
        query = Author.objects.filter(age=turn).order_by().described
        count_plan(query, dialect)
        exists_plan(query, dialect)
        delete_rows_plan(query, dialect)
        update_rows_plan(query, assignments(Author, [(Author._meta.get_field("age"), turn)]).parts, dialect)
        lookup_plan(Author, ("age",), dialect)
        fields = tuple(Author._meta.fields)
        insert_plan(Author, fields, (), dialect)
        update_plan(Author, fields[1:], dialect)

    assert 7 == compilations(ask)


@pytest.mark.parametrize("vendor", VENDORS)
def test_aggregates_with_other_values_are_compiled_once(vendor):
    def ask(turn: int) -> None:
        query = Author.objects.filter(age=turn)
        computed = query._computed((), {"count": Count("book", filter=Q(book__pages=turn))})
        aggregate_plan(query.described, computed, dialect_of(vendor))

    assert 1 == compilations(ask)


def test_another_structure_is_another_plan():
    shapes = [
        Author.objects.all(),
        Author.objects.filter(age=1),
        Author.objects.filter(age__gt=1),
        Author.objects.filter(age=None),
        Author.objects.exclude(age=1),
        Author.objects.filter(age=1, name="a"),
        Author.objects.filter(name="a", age=1),
        Author.objects.filter(Q(age=1) | Q(name="a")),
        Author.objects.filter(age=1).order_by("age"),
        Author.objects.filter(age=1).order_by("-age"),
        Author.objects.filter(age=1).distinct(),
        Author.objects.filter(age=1)[:1],
        Author.objects.filter(age=1)[1:],
        Author.objects.filter(age=1).values("name"),
        Author.objects.filter(age=1).values_list("name"),
        Author.objects.filter(age=1).values_list("name", flat=True),
        Author.objects.filter(age=1).only("name"),
        Author.objects.filter(age=1).select_related("publisher"),
        Author.objects.annotate(x=F("age")).filter(age=1),
        Author.objects.annotate(y=F("age")).filter(age=1),
    ]
    assert len(shapes) == compilations(lambda turn: statement(shapes[turn], "sqlite"), len(shapes))
    assert 0 == compilations(lambda turn: statement(shapes[turn], "sqlite"), len(shapes))


def test_the_first_few_numbers_of_rows_are_written_out_where_the_server_plans_by_them():
    def window(limit: int) -> tuple[str, tuple[Any, ...]]:
        return statement(Author.objects.filter(age=7).order_by("pk")[3 : 3 + limit], "postgresql")

    few = [window(limit) for limit in range(1, Windows.MOST + 1)]
    assert [f"LIMIT {limit} OFFSET $2" for limit in range(1, Windows.MOST + 1)] == [
        text[text.index("LIMIT") :] for text, _ in few
    ]
    assert {(7, 3)} == {parameters for _, parameters in few}
    for limit in (99, 100):
        text, parameters = window(limit)
        assert ("LIMIT $3 OFFSET $2", (7, 3, limit)) == (text[text.index("LIMIT") :], parameters)
    assert few[0] == window(1)


# -- Values that compare equal -----------------------------------------------------------------

EQUAL = [1, True, 1.0, Decimal(1), Decimal("1.00")]


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("first", EQUAL, ids=repr)
@pytest.mark.parametrize("second", EQUAL, ids=repr)
def test_expressions_with_equal_values_of_other_classes_do_not_share_a_plan(first, second, vendor):
    def asked(value: Any) -> Any:
        return Author.objects.filter(salary__gt=dorm.Value(value)).annotate(x=dorm.Value(value))

    warm = [statement(asked(value), vendor) for value in (first, second)]
    cold = []
    for value in (first, second):
        cache.forget_plans()
        cold.append(statement(asked(value), vendor))
    assert repr(cold) == repr(warm)


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("field", ["age", "active", "salary", "id"])
def test_equal_values_are_sent_in_the_class_of_their_column(field, vendor):
    sent = {
        (parameter.__class__, parameter)
        for value in (1, True)
        for parameter in statement(Author.objects.filter(**{field: value}), vendor)[1]
    }
    assert 1 == len(sent)
    expected = {"age": int, "id": int, "active": bool if vendor == "postgresql" else int}
    assert expected.get(field, Decimal if vendor == "postgresql" else float) is next(iter(sent))[0]


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_list_keeps_the_class_of_its_members(vendor):
    for members in ([1, 2], [True, 2], [1, True]):
        (parameter,) = statement(Author.objects.filter(age__in=members), vendor)[1]
        if vendor == "postgresql":
            assert {int} == {member.__class__ for member in parameter}
        else:
            assert "rue" not in parameter


# -- Models, aliases, settings -----------------------------------------------------------------


def define(column: str) -> Any:
    class Redefined(dorm.Model):
        name = dorm.CharField(max_length=10, db_column=column)

        class Meta:
            app_label = "plans_again"

    return Redefined


def test_a_model_that_is_made_again_is_compiled_again():
    texts = [statement(define(column).objects.filter(name="x"), "sqlite")[0] for column in ("old", "new")]
    assert ('"old"' in texts[0], '"new"' in texts[0]) == (True, False)
    assert ('"old"' in texts[1], '"new"' in texts[1]) == (False, True)


def test_a_model_that_is_gone_is_not_kept_by_its_plans():
    old = define("old")
    statement(old.objects.filter(name="x"), "sqlite")
    assert any(old in key for key in dialect_of("sqlite").plans)
    define("new")
    assert not dialect_of("sqlite").plans


def test_two_aliases_of_one_kind_keep_their_plans_apart():
    queries = [Author.objects.filter(age=1).using(alias) for alias in ("sqlite", "twin", "postgresql")]
    assert 3 == compilations(lambda turn: statement(queries[turn], queries[turn].db), 3)
    assert dialect_of("sqlite") is not dialect_of("twin")


def test_an_instance_knows_the_alias_whose_plan_made_it():
    row = (1, "Ann", "Rome")
    made = {
        alias: select_plan(Publisher.objects.all().described, dialect_of(alias)).hydrate([row])[0]
        for alias in ("sqlite", "twin", "default")
    }
    assert {alias: alias for alias in made} == {alias: one._state.db for alias, one in made.items()}


@pytest.mark.parametrize("vendor", VENDORS)
def test_another_time_zone_is_compiled_anew(vendor):
    texts = []
    for zone in ("UTC", "Europe/Rome", "UTC"):
        settings.TIME_ZONE = zone
        texts.append(statement(Author.objects.filter(joined__hour=3), vendor)[0])
    assert ("'UTC'" in texts[0], "'Europe/Rome'" in texts[1]) == (True, True)
    assert texts[0] == texts[2] != texts[1]


def test_moments_with_and_without_time_zones_are_read_by_plans_of_their_own():
    def read() -> datetime.datetime:
        query = Author.objects.values_list("joined", flat=True)
        return select_plan(query.described, dialect_of("sqlite")).hydrate([("2024-01-01 00:00:00",)])[0]

    found = []
    for aware in (True, False, True):
        settings.USE_TZ = aware
        found.append(read().tzinfo)
    assert [datetime.UTC, None, datetime.UTC] == found


def test_lists_of_moments_with_and_without_time_zones_are_bound_by_plans_of_their_own():
    aware, naive = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC), datetime.datetime(2024, 1, 1)  # noqa: DTZ001
    texts = []
    for uses, moment in ((True, aware), (False, naive), (True, aware)):
        settings.USE_TZ = uses
        texts.append(statement(Author.objects.filter(joined__in=[moment]), "postgresql")[0])
    assert texts[0] == texts[2]
    assert ("with time zone[]" in texts[0], "with time zone[]" in texts[1]) == (True, False)


@pytest.mark.parametrize("vendor", VENDORS)
def test_any_setting_drops_what_was_compiled(vendor):
    statement(Author.objects.filter(age=1), vendor)
    assert dialect_of(vendor).plans
    settings.DEBUG = not settings.DEBUG
    settings.DEBUG = not settings.DEBUG
    assert not dialect_of(vendor).plans


def test_the_plans_of_a_dialect_that_is_replaced_go_with_it():
    statement(Author.objects.filter(age=1), "twin")
    old = weakref.ref(dialect_of("twin"))
    settings.configure(DATABASES={**DATABASES, "twin": "sqlite:///other.sqlite3"})
    gc.collect()
    assert old() is None


# -- Bounds ------------------------------------------------------------------------------------


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
