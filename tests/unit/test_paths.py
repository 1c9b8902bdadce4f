"""What a name in a query means."""

from __future__ import annotations

import pytest

from dorm import lookups
from dorm.exceptions import FieldError
from dorm.meta.paths import condition_of, path_of, steps_of
from tests.library import Author, Book, Publisher


@pytest.mark.parametrize(
    ("model", "name", "steps", "field"),
    [
        (Author, "name", 0, "name"),
        (Author, "pk", 0, "id"),
        (Author, "publisher", 0, "publisher"),
        (Author, "publisher_id", 0, "publisher"),
        (Author, "publisher__pk", 0, "publisher"),
        (Author, "publisher__id", 0, "publisher"),
        (Author, "publisher__name", 1, "name"),
        (Book, "author__publisher__city", 2, "city"),
        (Book, "author__publisher", 1, "publisher"),
        (Author, "book", 1, "id"),
        (Author, "book_set", 1, "id"),
        (Author, "book__author__book__title", 3, "title"),
        (Author, "profile__site", 1, "site"),
        (Author, "students__mentor__name", 2, "name"),
    ],
)
def test_steps_and_the_field_at_their_end(model, name, steps, field):
    path = path_of(model, name)
    assert (steps, field) == (len(path.steps), path.field.name)


@pytest.mark.parametrize(
    ("model", "name", "nullable", "many"),
    [
        (Author, "name", False, False),
        (Author, "email", True, False),
        (Author, "publisher__name", True, False),
        (Book, "author__name", False, False),
        (Author, "book__title", True, True),
        (Author, "profile__site", True, False),
    ],
)
def test_what_may_be_null_and_what_may_be_many(model, name, nullable, many):
    path = path_of(model, name)
    assert (nullable, many) == (path.nullable, path.many)


def test_paths_and_conditions_are_made_once():
    assert path_of(Book, "author__name") is path_of(Book, "author__name")
    assert condition_of(Author, "age__gte") is condition_of(Author, "age__gte")
    assert condition_of(Author, "age__gte") is not condition_of(Author, "age__gt")


@pytest.mark.parametrize(
    ("name", "lookup"),
    [
        ("age", lookups.Exact),
        ("age__exact", lookups.Exact),
        ("age__gte", lookups.GreaterThanOrEqual),
        ("name__icontains", lookups.IContains),
        ("publisher__name__in", lookups.In),
        ("publisher__isnull", lookups.Null),
    ],
)
def test_the_lookup(name, lookup):
    assert lookup is condition_of(Author, name).lookup


def test_a_value_may_choose_another_lookup():
    condition = condition_of(Author, "email")
    chosen, _ = condition.accept(None)
    again, _ = condition.accept(None)
    assert chosen is again
    assert lookups.Null is chosen.lookup
    assert (lookups.NOTHING, None) == condition_of(Author, "age__in").accept([])


@pytest.mark.parametrize(
    ("model", "name", "match"),
    [
        (Author, "nmae", "Author has no field 'nmae'.*'name'"),
        (Author, "publisher__nmae", "Publisher has no field 'nmae'"),
        (Author, "name__x", "is no relation"),
        (Author, "", "has no field ''"),
        (Author, "__", "has no field ''"),
        (Author, "age__", "''"),
        (Author, "_meta", "has no field '_meta'"),
    ],
)
def test_a_path_that_leads_nowhere(model, name, match):
    with pytest.raises(FieldError, match=match):
        path_of(model, name)


def test_a_wrong_name_is_not_remembered():
    before = dict(Author._meta.paths), dict(Author._meta.conditions)
    for _ in range(3):
        with pytest.raises(FieldError):
            condition_of(Author, "nothing__like__it")
    assert before == (Author._meta.paths, Author._meta.conditions)


@pytest.mark.parametrize(
    ("model", "name", "length"), [(Book, "author", 1), (Book, "author__publisher", 2), (Author, "profile__author", 2)]
)
def test_steps_of_single_relations(model, name, length):
    assert length == len(steps_of(model, name))


@pytest.mark.parametrize("name", ["book_set", "book", "name", "author", "publisher__author"])
def test_steps_that_are_no_single_relations(name):
    with pytest.raises(FieldError, match="select_related"):
        steps_of(Author, name)


def test_a_model_without_relations_says_so():
    with pytest.raises(FieldError, match="It has no foreign key"):
        steps_of(Publisher, "name")
