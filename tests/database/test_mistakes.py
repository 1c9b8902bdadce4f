"""A mistake is told at the line that made it, with the choices and the nearest one, and without any SQL."""

from __future__ import annotations

import datetime
import traceback

import pytest

import dorm
from dorm import F, Q
from dorm.exceptions import FieldError
from dorm.test import assert_num_queries
from tests.library import Author, Book, Publisher

FIELD_ERRORS = [
    (lambda: Author.objects.filter(nmae="x"), r"Author has no field 'nmae'.*'name'"),
    (lambda: Author.objects.exclude(nmae="x"), r"Author has no field 'nmae'"),
    (lambda: Author.objects.filter(Q(name="x") | ~Q(nmae="x")), r"Author has no field 'nmae'"),
    (lambda: Book.objects.filter(author__nmae="x"), r"Author has no field or lookup 'nmae'|Author has no field 'nmae'"),
    (lambda: Book.objects.filter(author__publisher__ctiy="x"), r"Publisher has no field .*'ctiy'.*'city'"),
    (lambda: Author.objects.filter(age__gtt=1), r"'gtt' is no lookup of 'age'.*'gt"),
    (lambda: Author.objects.filter(name__year=1), r"'year' is no lookup of 'name'"),
    (lambda: Author.objects.filter(joined__yaer=1), r"'yaer' is no lookup of 'joined'.*'year'"),
    (lambda: Author.objects.filter(joined__year__foo=1), r"'foo'"),
    (lambda: Author.objects.filter(name__exact__exact=1), r"exact"),
    (lambda: Author.objects.order_by("nmae"), r"nmae.*name"),
    (lambda: Author.objects.order_by("-publisher__nmae"), r"Publisher has no field 'nmae'"),
    (lambda: Author.objects.order_by(F("nmae")), r"nmae"),
    (lambda: Author.objects.order_by(5), r"order_by takes names of fields and expressions, not 5"),
    (lambda: Author.objects.filter(age=F("aeg")), r"aeg.*age"),
    (lambda: Author.objects.values("nmae"), r"nmae"),
    (lambda: Author.objects.values_list("publisher__nmae"), r"nmae"),
    (lambda: Author.objects.select_related("publsher"), r"'publsher' is no foreign key.*'publisher'"),
]

VALUE_ERRORS = [
    (lambda: Author.objects.filter(age="many"), ValueError, r"Author: age='many'.*expected a number"),
    (lambda: Author.objects.filter(age__in=["many"]), ValueError, r"age__in"),
    (lambda: Author.objects.filter(age__in=5), TypeError, r"iterable of values, not 5"),
    (lambda: Author.objects.filter(age__in="12"), TypeError, r"iterable of values, not '12'"),
    (lambda: Author.objects.filter(age__range=5), ValueError, r"pair \(low, high\), not 5"),
    (lambda: Author.objects.filter(age__range=(1, 2, 3)), ValueError, r"pair"),
    (lambda: Author.objects.filter(age__range=(1, None)), ValueError, r"None"),
    (lambda: Author.objects.filter(age__gt=None), ValueError, r"isnull"),
    (lambda: Author.objects.filter(name__contains=None), ValueError, r"isnull"),
    (lambda: Author.objects.filter(age__isnull="yes"), ValueError, r"True or False, not 'yes'"),
    (lambda: Author.objects.filter(age__isnull=1), ValueError, r"True or False, not 1"),
    (lambda: Author.objects.filter(active="maybe"), ValueError, r"True or False"),
    (lambda: Author.objects.filter(joined="tomorrow"), ValueError, r"joined"),
    (lambda: Author.objects.filter(joined__year="x"), (ValueError, TypeError), r"joined__year"),
    (lambda: Author.objects.filter(salary="x"), ValueError, r"decimal number"),
    (lambda: Book.objects.filter(published=5), TypeError, r"expected a date"),
    (lambda: Book.objects.filter(author="Ann"), ValueError, r"author"),
    (lambda: Book.objects.filter(author=Publisher(id=1)), ValueError, r"Author"),
    (lambda: Book.objects.filter(author__in=[Publisher(id=1)]), ValueError, r"Author"),
    (lambda: Book.objects.filter(author=Author(name="x")), ValueError, r"saved|save"),
    (lambda: Author.objects.filter("name"), TypeError, r"Q objects and keyword lookups, not 'name'"),
    (lambda: Author.objects.filter(5), TypeError, r"not 5"),
    (lambda: Q(5), TypeError, r"5"),
    (lambda: Q(age=1) | 5, TypeError, r""),
]


@pytest.mark.parametrize(("wrong", "match"), FIELD_ERRORS)
def test_names_that_mean_nothing(library, wrong, match):
    with assert_num_queries(0), pytest.raises(FieldError, match=f"(?s){match}") as caught:
        wrong()
    assert "\n" not in str(caught.value)
    assert 1 <= sum(
        frame.filename == __file__ and frame.name == "<lambda>" for frame in traceback.extract_tb(caught.tb)
    )


@pytest.mark.parametrize(("wrong", "error", "match"), VALUE_ERRORS)
def test_values_that_cannot_be_compared(library, wrong, error, match):
    with assert_num_queries(0), pytest.raises(error, match=f"(?s){match}"):
        wrong()


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: Author(nmae="x"), r"Author\(\) has no field 'nmae'.*'name'"),
        (lambda: Author(1, id=2), r"both positional and keyword"),
        (lambda: dorm.CharField(max_lenght=5), r"CharField has no option 'max_lenght'.*'max_length'"),
        (lambda: dorm.IntegerField(nul=True), r"IntegerField has no option 'nul'.*'null'"),
        (lambda: dorm.ForeignKey(Author), r"on_delete"),
        (lambda: dorm.CharField(max_length=0), r"positive number"),
        (lambda: dorm.CharField(max_length="5"), r"positive number"),
        (dorm.AutoField, r"must be the primary key"),
        (lambda: dorm.CharField(max_length=5, primary_key=True, null=True), r"primary key cannot be null"),
        (lambda: dorm.DateField(auto_now=True, auto_now_add=True), r"exclude each other"),
    ],
)
def test_unknown_keywords(make, match):
    with pytest.raises(TypeError, match=f"(?s){match}"):
        make()


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("get", {"nmae": "x"}),
        ("get_or_none", {"nmae": "x"}),
        ("get_or_create", {"nmae": "x"}),
        ("update", {"nmae": "x"}),
    ],
)
async def test_terminal_methods_tell_too(library, call, method, arguments):
    with assert_num_queries(0), pytest.raises(FieldError, match=r"nmae.*name"):
        await call(Author.objects, method, **arguments)


async def test_create_tells_unknown_keywords(library, call):
    with assert_num_queries(0), pytest.raises(TypeError, match=r"has no field 'nmae'.*'name'"):
        await call(Author.objects, "create", nmae="x")


async def test_an_alias_that_is_not_configured(library, call):
    with assert_num_queries(0), pytest.raises(dorm.ImproperlyConfigured, match=r"'defualt'.*'default'"):
        await call(Author.objects.using("defualt"), "count")


def test_a_relation_whose_target_never_came():
    class Orphan(dorm.Model):
        parent = dorm.ForeignKey("test_mistakes.Missing", on_delete=dorm.CASCADE)

        class Meta:
            app_label = "test_mistakes"

    with pytest.raises(Exception, match=r"test_mistakes\.Missing"):
        Orphan.objects.filter(parent__name="x")


@pytest.mark.parametrize(
    ("body", "match"),
    [
        ({"Meta": {"verbose_nmae": "x"}}, "verbose_nmae"),
        ({"a": dorm.AutoField(primary_key=True), "b": dorm.AutoField(primary_key=True)}, "primary"),
        ({"save": dorm.CharField(max_length=5)}, "save"),
        ({"a__b": dorm.CharField(max_length=5)}, "__"),
    ],
)
def test_a_class_that_cannot_be_a_model(body, match):
    meta = {"app_label": "test_mistakes", **body.pop("Meta", {})}
    with pytest.raises((TypeError, FieldError, dorm.ImproperlyConfigured), match=match):
        type(dorm.Model)("Wrong", (dorm.Model,), {"__module__": __name__, "Meta": type("Meta", (), meta), **body})


def test_an_ordering_by_nothing_is_told_by_the_first_query():
    class Unordered(dorm.Model):
        class Meta:
            app_label = "test_mistakes"
            ordering = ("nothing",)

    with pytest.raises(FieldError, match="nothing"):
        str(Unordered.objects.all().query)


async def test_validation_collects_every_mistake(library, call):
    author = Author(name="x" * 51, age="many", email="nobody", joined=datetime.date(2020, 1, 1))
    with pytest.raises(dorm.ValidationError) as caught:
        await call(author, "full_clean")
    assert {"name", "age", "email"} <= set(caught.value.message_dict)


async def test_validation_asks_whether_a_value_is_taken(library, call):
    author = await call(Author.objects, "create", name="Ann")
    await call(Book.objects, "create", title="1", author=author)
    with pytest.raises(dorm.ValidationError) as caught:
        await call(Book(title="1", author=author, pages=1, published=datetime.date(2020, 1, 1)), "full_clean")
    assert ["Book with this Title already exists."] == [
        text.replace("title", "Title") for text in caught.value.message_dict["title"]
    ]
    assert 1 == await call(Book.objects, "count")
