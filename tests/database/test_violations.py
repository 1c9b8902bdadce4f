"""What the database refuses: the kind of violation, its fields and its code, and that nothing is half written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import dorm
from dorm import F

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.testbed.colours import Call
    from tests.testbed.databases import Database

    Tables = Callable[..., None]


class Publisher(dorm.Model):
    name = dorm.CharField(max_length=20, unique=True)
    city = dorm.CharField(max_length=20)

    class Meta:
        app_label = "test_violations"


class Book(dorm.Model):
    title = dorm.CharField(max_length=20)
    pages = dorm.PositiveIntegerField(default=1)
    publisher = dorm.ForeignKey(Publisher, on_delete=dorm.CASCADE, null=True)

    class Meta:
        app_label = "test_violations"
        unique_together = (("title", "publisher"),)


async def test_a_unique_violation_is_also_a_validation_error_that_names_the_field(
    db: Database, tables: Tables, call: Call
) -> None:
    tables(Publisher)
    await call(Publisher.objects, "create", name="Faber")

    with pytest.raises(dorm.UniqueViolation) as caught:
        await call(Publisher(name="Faber", city="Paris"), "save")

    error = caught.value
    assert isinstance(error, dorm.IntegrityError)
    assert isinstance(error, dorm.ValidationError)
    assert ("name",) == error.fields
    assert {"name": ["Publisher with this Name already exists."]} == error.message_dict
    assert ("23505" if db.is_postgresql else None) == error.sqlstate
    assert 1 == await call(Publisher.objects, "count")


async def test_a_violated_pair_belongs_to_no_single_field(tables: Tables, call: Call) -> None:
    tables(Publisher, Book)
    faber = await call(Publisher.objects, "create", name="Faber")
    await call(Book.objects, "create", title="T", publisher=faber)

    with pytest.raises(dorm.UniqueViolation) as caught:
        await call(Book.objects, "create", title="T", publisher=faber)

    assert ("title", "publisher") == caught.value.fields
    assert [dorm.NON_FIELD_ERRORS] == list(caught.value.message_dict)


async def test_an_instance_that_was_refused_can_be_mended_and_saved(tables: Tables, call: Call) -> None:
    tables(Publisher)
    await call(Publisher.objects, "create", name="Faber")
    twin = Publisher(name="Faber")
    with pytest.raises(dorm.UniqueViolation):
        await call(twin, "save")

    twin.name = "Other"
    await call(twin, "save")

    assert 2 == await call(Publisher.objects, "count")


async def test_none_in_a_column_that_needs_a_value_is_a_violation_that_names_it(
    db: Database, tables: Tables, call: Call
) -> None:
    tables(Publisher)

    with pytest.raises(dorm.NotNullViolation) as caught:
        await call(Publisher.objects, "create", name=None)

    assert ("name",) == caught.value.fields
    assert ("23502" if db.is_postgresql else None) == caught.value.sqlstate
    assert 0 == await call(Publisher.objects, "count")


async def test_a_key_that_points_nowhere_is_a_violation(db: Database, tables: Tables, call: Call) -> None:
    tables(Publisher, Book)

    with pytest.raises(dorm.ForeignKeyViolation) as caught:
        await call(Book.objects, "create", title="T", publisher_id=999)

    assert db.is_postgresql is bool(caught.value.constraint)  # SQLite does not tell which key it is
    assert ("23503" if db.is_postgresql else None) == caught.value.sqlstate
    assert 0 == await call(Book.objects, "count")


async def test_what_the_columns_check_refuses_is_a_violation_with_its_name(
    db: Database, tables: Tables, call: Call
) -> None:
    tables(Publisher, Book)
    book = await call(Book.objects, "create", title="T", pages=1)
    book.pages = F("pages") - 10

    with pytest.raises(dorm.CheckViolation) as caught:
        await call(book, "save")

    assert caught.value.constraint
    assert "pages" in caught.value.constraint
    assert ("23514" if db.is_postgresql else None) == caught.value.sqlstate
    assert 1 == (await call(Book.objects, "get")).pages


async def test_saves_of_one_block_are_undone_together(tables: Tables, call: Call) -> None:
    tables(Publisher)

    with pytest.raises(dorm.UniqueViolation):
        async with call.atomic():
            await call(Publisher.objects, "create", name="one")
            await call(Publisher.objects, "create", name="one")

    assert 0 == await call(Publisher.objects, "count")


async def test_update_of_many_rows_is_all_or_nothing(tables: Tables, call: Call) -> None:
    tables(Publisher)
    for name in ("one", "two"):
        await call(Publisher.objects, "create", name=name)

    with pytest.raises(dorm.UniqueViolation) as caught:
        await call(Publisher.objects, "update", name="same")

    assert ("name",) == caught.value.fields
    assert ["one", "two"] == await call.list(Publisher.objects.order_by("name").values_list("name", flat=True))


class Draft(dorm.Model):
    title = dorm.CharField(max_length=20)
    version = dorm.IntegerField(default=1)

    class Meta:
        app_label = "test_violations"
        constraints = (
            dorm.UniqueConstraint(dorm.Lower("title"), name="one_live_title", condition=dorm.Q(version__gt=0)),
        )


async def test_a_computed_value_names_its_own_fields_not_those_of_the_condition(tables: Tables, call: Call) -> None:
    tables(Draft)
    await call(Draft.objects, "create", title="T")
    await call(Draft.objects, "create", title="t", version=0)
    with pytest.raises(dorm.UniqueViolation) as caught:
        await call(Draft.objects, "create", title="t")
    assert ("one_live_title", ("title",)) == (caught.value.constraint, caught.value.fields)
