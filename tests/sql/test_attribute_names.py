"""Names that become attributes of instances: they hide neither fields nor what an instance is."""

from __future__ import annotations

import pytest

from dorm import F, FieldError, Prefetch
from tests.library import Author, Publisher

INTERNAL = ["_alias", "_adding", "_pending", "_prefetched", "_meta", "save", "delete", "objects", "book_set"]


def test_a_computed_column_cannot_take_the_name_of_a_field_in_other_letters() -> None:
    wide = "\uff4eame"
    with pytest.raises(ValueError, match="cannot be used"):
        Author.objects.annotate(**{wide: F("age")})


@pytest.mark.parametrize("name", INTERNAL)
def test_a_computed_column_does_not_hide_what_an_instance_is(name: str) -> None:
    with pytest.raises(ValueError, match="conflicts"):
        Author.objects.annotate(**{name: F("age")})


@pytest.mark.parametrize("name", ["name", "_alias", "author_set"])
def test_a_prefetch_does_not_overwrite_what_an_instance_has(name: str) -> None:
    with pytest.raises(ValueError, match="conflicts"):
        Publisher.objects.prefetch_related(Prefetch("author_set", to_attr=name))


def test_prefetch_related_refuses_a_wrong_name_at_the_line_that_wrote_it() -> None:
    with pytest.raises(FieldError, match="is no relation of Author"):
        Author.objects.prefetch_related("nonsense")


def test_a_list_that_was_filled_before_can_be_prefetched_from() -> None:
    Publisher.objects.prefetch_related(Prefetch("author_set", to_attr="staff"), "staff__book_set")
