"""``Q ^ Q``: an odd number of the conditions holds."""

from __future__ import annotations

import itertools
from functools import reduce
from operator import xor

import pytest

import dorm
from dorm import Count, Q
from tests.library import Author, Book, Publisher

CONDITIONS = [Q(age__gt=20), Q(active=True), Q(email__contains="a")]


async def people(call):
    publisher = await call(Publisher.objects, "create", name="Faber")
    rows = list(itertools.product((10, 30), (True, False), ("a@b.example", "x@y.example", None)))
    for age, active, email in rows:
        owner = {"publisher": publisher} if age > 20 else {}
        await call(Author.objects, "create", name="", age=age, active=active, email=email, **owner)
    return rows


def holds(age, active, email):
    return [age > 20, active, email is not None and "a" in email]


@pytest.mark.parametrize("number", [2, 3])
@pytest.mark.parametrize("negated", [False, True])
async def test_an_odd_number_holds_and_the_unknown_does_not(library, call, number, negated):
    rows = await people(call)
    condition = reduce(xor, CONDITIONS[:number])
    expected = [row for row in rows if (sum(holds(*row)[:number]) % 2 == 1) is not negated]
    query = Author.objects.exclude(condition) if negated else Author.objects.filter(condition)
    assert expected == await call.list(query.order_by("pk").values_list("age", "active", "email"))


async def test_a_negated_condition_inside_is_true_of_what_is_unknown(library, call):
    rows = await people(call)
    query = Author.objects.filter(Q(age=10) ^ ~Q(email="a@b.example"))
    expected = [row for row in rows if (row[0] == 10) is not (row[2] != "a@b.example")]
    assert expected == await call.list(query.order_by("pk").values_list("age", "active", "email"))


async def test_rows_without_a_related_one_are_kept(library, call):
    rows = await people(call)
    query = Author.objects.filter(Q(publisher__city="Rome") ^ Q(active=True))
    assert len([row for row in rows if row[1]]) == await call(query, "count")
    assert 6 == await call(Author.objects.exclude(Q(publisher__name="Faber") ^ Q(active=True)), "count")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Q(pk__in=[]) ^ Q(age=10), 6),
        (~Q(pk__in=[]) ^ Q(age=10), 6),
        (~Q(pk__in=[]) ^ Q(pk__in=[]), 12),
        (~Q(pk__in=[]) ^ ~Q(pk__in=[]), 0),
        (~(~Q(pk__in=[]) ^ Q(age=10) ^ Q(active=True)), 6),
        (Q() ^ Q(age=10), 6),
        (Q(age=10) ^ Q(), 6),
        (reduce(xor, [Q(age=10)] * 1001), 6),
        (reduce(xor, [Q(age=10)] * 1002), 0),
    ],
)
async def test_what_needs_no_database_is_counted_too(library, call, condition, expected):
    await people(call)
    assert expected == await call(Author.objects.filter(condition), "count")


async def test_conditions_on_groups(library, call):
    await people(call)
    author = await call(Author.objects, "create", name="", age=10)
    await call(Book.objects, "create", title="one", author=author)
    query = Author.objects.annotate(books=Count("book")).filter(Q(books=1) ^ Q(books__gte=1) ^ Q(age=10))
    assert 7 == await call(query, "count")


async def test_it_is_also_a_condition_inside_an_expression(library, call):
    await people(call)
    found = await call(Author.objects.all(), "aggregate", n=Count("pk", filter=Q(age=10) ^ Q(active=True)))
    assert {"n": 6} == found


def test_it_is_written_like_the_others():
    a, b, c = Q(age=1), Q(age=2), Q(age=3)
    assert Q(*(a ^ b).children, _connector=Q.XOR) == a ^ b
    assert "Q(age=1, age=2, _connector='XOR')" == repr(a ^ b)
    assert a ^ b ^ c == (a ^ b) ^ c
    assert 3 == len((a ^ b ^ c).children)
    assert 2 == len(((a & b) ^ c).children)
    with pytest.raises(TypeError, match="Cannot combine"):
        a ^ 1
    with pytest.raises(ValueError, match="'XOR'"):
        dorm.Q(a, _connector="NAND")
