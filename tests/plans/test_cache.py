"""The plan cache: a shape is compiled once per database, and nothing compiled under other circumstances is found again.

Nothing here connects: plans are texts.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest

import dorm
from dorm import Count, F, Q
from dorm.db.connection import dialect_of
from dorm.query import plan as cache
from dorm.query.plan import Windows
from dorm.query.reads import aggregate_plan, count_plan, exists_plan, lookup_plan
from dorm.query.writes import assignments, delete_rows_plan, insert_plan, update_plan, update_rows_plan
from tests.library import Author, Book
from tests.plans.compiled import VENDORS, compilations, statement

pytestmark = pytest.mark.usefixtures("aliases")

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
