"""Details in which an answer or an error is Django's."""

from __future__ import annotations

import uuid

import pytest

import dorm
from dorm import Case, Count, F, Max, Q, Sum, Value, When
from dorm.exceptions import FieldError
from dorm.test import assert_num_queries
from tests.library import Author, Book, Publisher


class Parcel(dorm.Model):
    code = dorm.UUIDField()

    class Meta:
        app_label = "test_as_in_django"


async def test_text_names_a_field_in_the_cases_of_case(library, call):
    await call(Author.objects, "create", name="Ann", email="a@example.com")
    await call(Author.objects, "create", name="Bob")
    known = Case(When(email__isnull=False, then="email"), default="name")
    named = Case(When(email=None, then=Value("none")), default=Value("some"))
    found = Author.objects.annotate(known=known, named=named).order_by("pk").values_list("known", "named")
    assert [("a@example.com", "some"), ("Bob", "none")] == await call.list(found)


async def test_a_case_without_cases_is_its_default(library, call):
    await call(Author.objects, "create", name="Ann", age=7)
    found = Author.objects.annotate(x=Case(default=Value(3)), y=Case(default="age")).values_list("x", "y")
    assert [(3, 7)] == await call.list(found)


async def test_nothing_is_computed_of_nothing(library, call):
    with assert_num_queries(0):
        assert {} == await call(Author.objects, "aggregate")


async def test_an_aggregate_may_name_those_before_it(library, call):
    for age in (10, 20, 30):
        await call(Author.objects, "create", name="x", age=age)
    expected = {"total": 60, "half": 30, "most": 50}
    computed = {"total": Sum("age"), "half": F("total") / 2, "most": Max("age", filter=Q(age__gt=10)) + 20}
    assert expected == await call(Author.objects, "aggregate", **computed)
    assert {"total": 30, "half": 15} == await call(
        Author.objects.order_by("age")[:2], "aggregate", total=Sum("age"), half=F("total") / 2
    )


async def test_groups_in_no_order_have_no_first(library, call):
    await call(Author.objects, "create", name="x", age=1)
    groups = Author.objects.values("age").annotate(n=Count("pk"))
    for method in ("first", "last"):
        with assert_num_queries(0), pytest.raises(TypeError, match="order_by"):
            await call(groups, method)
    assert {"age": 1, "n": 1} == await call(groups.order_by("age"), "first")
    by_key = Author.objects.values("pk").annotate(n=Count("book"))
    assert 0 == (await call(by_key, "last"))["n"]


async def test_an_aggregate_among_the_values_groups_nothing(library, call):
    await call(Author.objects, "create", name="x", age=1)
    found = Author.objects.annotate(n=Count("book")).values("age", "n").annotate(m=Count("pk"))
    assert [{"age": 1, "n": 0, "m": 1}] == await call.list(found)


async def test_what_is_computed_of_a_slice_keeps_its_rows(library, call):
    for name in "abc":
        await call(Author.objects, "create", name=name, age=1)
    found = Author.objects.order_by("name")[1:2].annotate(older=F("age") + 1).alias(x=F("age"))
    assert [("b", 2)] == await call.list(found.values_list("name", "older"))


async def test_a_uuid_is_found_by_a_part_with_or_without_hyphens(tables, call):
    tables(Parcel)
    code = uuid.UUID("12345678-9abc-def0-1234-56789abcdef0")
    await call(Parcel.objects, "create", code=code)
    for lookup, text in (
        ("contains", "5678-9abc"),
        ("contains", "56789abc"),
        ("startswith", str(code)[:15]),
        ("iendswith", "6789ABCDEF0"),
        ("iexact", str(code).upper()),
    ):
        assert await call(Parcel.objects.filter(**{f"code__{lookup}": text}), "exists"), text
    assert not await call(Parcel.objects.filter(code__startswith="5678"), "exists")


async def test_dates_and_times_of_moments_may_be_written_as_text(library, call):
    await call(Author.objects, "create", name="Ann", joined="2024-02-29T12:30:00+00:00")
    assert await call(Author.objects.filter(joined__date="2024-02-29"), "exists")
    assert await call(Author.objects.filter(joined__time__lt="12:30:01"), "exists")
    assert not await call(Author.objects.filter(joined__date__gt="2024-02-29"), "exists")


def test_which_query_sets_are_ordered():
    assert Author.objects.none().ordered
    assert Publisher.objects.all().ordered
    assert not Publisher.objects.values("city").annotate(n=Count("pk")).ordered
    assert Publisher.objects.values("city").annotate(n=Count("pk")).order_by("n").ordered


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda: Author.objects.annotate(x=Sum(Count("book"))), FieldError, "of an aggregate"),
        (lambda: Author.objects.annotate(n=Count("book"), m=Max("n")), FieldError, "of an aggregate"),
        (
            lambda: Author.objects.annotate(n=Count("book")).values("n").annotate(m=Count("pk")),
            dorm.FieldError,
            "group",
        ),
        (lambda: Author.objects.annotate(book=Count("pk")), ValueError, "book"),
        (lambda: Author.objects.annotate(Count("book"), book__count=Max("pk")), ValueError, "book__count"),
        (lambda: Author.objects.update(nmae=1), dorm.FieldDoesNotExist, "nmae"),
        (lambda: Author.objects.only("nmae"), dorm.FieldDoesNotExist, "nmae"),
        (lambda: Author.objects.defer("nmae"), dorm.FieldDoesNotExist, "nmae"),
        (lambda: Author.objects.only(None), TypeError, "None"),
        (lambda: Author.objects.filter(publisher__contains="x"), FieldError, "contains"),
        (lambda: Author.objects.filter(age=Author.objects.values("age")), ValueError, r"\[:1\]"),
        (lambda: Author.objects.filter(publisher=Publisher.objects.all()), ValueError, r"\[:1\]"),
        (lambda: Author.objects.annotate(x=F("age")).filter(x=Author.objects.values("age")), ValueError, r"\[:1\]"),
        (lambda: list(Author.objects.only("name").select_related("publisher")), FieldError, "publisher"),
        (lambda: list(Author.objects.defer("mentor").select_related("mentor")), FieldError, "mentor"),
        (lambda: Book.objects.datetimes("published", "year"), ValueError, "published"),
    ],
)
def test_what_django_refuses_is_refused_in_the_same_way(sqlite_db, make, kind, words):
    with assert_num_queries(0), pytest.raises(kind, match=words):
        make()


async def test_defaults_must_be_fields(library, call):
    for method in ("get_or_create", "update_or_create"):
        with pytest.raises(FieldError, match="Did you mean 'name'"):
            await call(Author.objects, method, age=1, defaults={"nmae": "x"})
