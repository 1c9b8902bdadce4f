"""Errors that keep their own words, and mistakes that are told before anything happens."""

from __future__ import annotations

import pytest

import dorm
from dorm.test import assert_num_queries
from tests.library import Author


def test_a_missing_reverse_one_to_one_is_a_missing_attribute(library):
    """Django's RelatedObjectDoesNotExist is an AttributeError too."""
    author = Author.objects.create(name="Ann")
    assert not hasattr(author, "profile")
    assert None is getattr(author, "profile", None)


async def test_a_wrong_value_of_a_later_batch_is_refused_before_any_sql(library, call):
    with assert_num_queries(0), pytest.raises(ValueError, match="many"):
        await call(Author.objects, "bulk_create", [Author(name="a"), Author(name="b", age="many")], batch_size=1)


def test_a_manager_is_not_reached_through_an_instance():
    with pytest.raises(AttributeError, match="through the class Author"):
        _ = Author(name="x").objects


class Target(dorm.Model):
    class Meta:
        app_label = "test_own_words"

    @property
    def broken(self):
        raise AttributeError("the original words")


def test_the_attribute_error_of_a_property_is_the_propertys():
    with pytest.raises(AttributeError, match="the original words"):
        _ = Target().broken


def test_two_ways_back_of_one_name():
    with pytest.raises(TypeError, match="related_name"):

        class Clash(dorm.Model):
            first = dorm.ForeignKey(Target, on_delete=dorm.CASCADE)
            second = dorm.ForeignKey(Target, on_delete=dorm.CASCADE)

            class Meta:
                app_label = "test_own_words"
