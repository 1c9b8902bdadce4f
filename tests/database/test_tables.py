"""``create_tables`` and ``drop_tables``."""

from __future__ import annotations

import pytest

import dorm
from dorm.exceptions import CheckViolation, DatabaseError, ForeignKeyViolation, UniqueViolation
from dorm.test import capture_queries
from tests import library as models
from tests.library import Author, Book, Publisher


class Odd(dorm.Model):
    select = dorm.IntegerField(db_column='a "quoted" column')
    order = dorm.CharField(max_length=5, db_column="Group")

    class Meta:
        app_label = "test_tables"
        db_table = 'odd "table" name'


class First(dorm.Model):
    second = dorm.ForeignKey("Second", on_delete=dorm.CASCADE, null=True)

    class Meta:
        app_label = "test_tables"


class Second(dorm.Model):
    first = dorm.ForeignKey(First, on_delete=dorm.CASCADE)
    myself = dorm.ForeignKey("self", on_delete=dorm.CASCADE, null=True)

    class Meta:
        app_label = "test_tables"


class Rules(dorm.Model):
    positive = dorm.PositiveIntegerField(default=0)
    left = dorm.CharField(max_length=5, unique=True)
    right = dorm.CharField(max_length=5)
    slug = dorm.SlugField()

    class Meta:
        app_label = "test_tables"
        unique_together = (("left", "right"),)
        indexes = (dorm.Index(fields=["right", "-left"], name="rules_idx"), dorm.Index(fields=["right"]))


class Abstract(dorm.Model):
    class Meta:
        app_label = "test_tables"
        abstract = True


class Loose(dorm.Model):
    author = dorm.ForeignKey(Author, on_delete=dorm.DO_NOTHING, related_name="+", db_constraint=False)

    class Meta:
        app_label = "test_tables"


async def test_in_any_order(db, call):
    await call(dorm, "create_tables", *reversed(models.ALL))
    author = await call(Author.objects, "create", name="Ann")
    await call(Book.objects, "create", title="1", author=author)
    with pytest.raises(ForeignKeyViolation):
        await call(Book.objects, "create", title="2", author_id=99)


async def test_keys_in_a_circle_and_to_oneself(db, call):
    await call(dorm, "create_tables", First, Second)
    first = await call(First.objects, "create")
    second = await call(Second.objects, "create", first=first)
    first.second = second
    second.myself = second
    await call(first, "save")
    await call(second, "save")
    with pytest.raises(ForeignKeyViolation):
        await call(First.objects, "create", second_id=99)


async def test_names_may_be_anything(db, call):
    await call(dorm, "create_tables", Odd)
    await call(Odd.objects, "create", select=1, order="x")
    await call(Odd.objects.filter(select=1), "update", order="y")
    assert [(1, "y")] == await call.list(Odd.objects.order_by("order").values_list("select", "order"))
    await call(dorm, "drop_tables", Odd)


async def test_constraints_are_the_databases(db, call):
    await call(dorm, "create_tables", Rules)
    await call(Rules.objects, "create", left="a", right="b")
    with pytest.raises(UniqueViolation) as caught:
        await call(Rules.objects, "create", left="a", right="c")
    assert ("left",) == tuple(caught.value.fields)
    with pytest.raises(CheckViolation):
        await call(Rules.objects, "update", positive=dorm.F("positive") - 1)


async def test_a_table_that_exists_is_an_error(db, call):
    await call(dorm, "create_tables", Publisher)
    with pytest.raises(DatabaseError, match="exists"):
        await call(dorm, "create_tables", Publisher)


async def test_all_or_none(db, call):
    await call(dorm, "create_tables", Rules)
    with pytest.raises(DatabaseError):
        await call(dorm, "create_tables", Odd, Rules)
    await call(dorm, "create_tables", Odd)


async def test_drop_is_silent_about_what_is_not_there(db, call):
    await call(dorm, "drop_tables", *models.ALL)
    await call(dorm, "create_tables", *models.ALL)
    await call(dorm, "drop_tables", *models.ALL)
    await call(dorm, "create_tables", *models.ALL)


async def test_a_key_of_a_deleted_row_is_not_given_again(library, call):
    author = await call(Author.objects, "create", name="Ann")
    old = author.pk
    await call(author, "delete")
    assert old < (await call(Author.objects, "create", name="Bob")).pk


async def test_a_key_without_a_constraint(library, tables, call):
    tables(Loose)
    await call(Loose.objects, "create", author_id=99)
    assert 1 == await call(Loose.objects, "count")


@pytest.mark.parametrize("wrong", [Abstract, int, "Author", None])
async def test_what_has_no_table(db, call, wrong):
    with capture_queries() as queries, pytest.raises(TypeError, match="has no table"):
        await call(dorm, "create_tables", Publisher, wrong)
    assert 0 == len(queries)


async def test_on_another_alias(other, call):
    await call(dorm, "create_tables", *models.ALL, using=other)
    await call(Publisher.objects.using(other), "create", name="P")
    with pytest.raises(DatabaseError):
        await call(Publisher.objects, "count")
    found = await call(Publisher.objects.using(other), "get")
    assert other == found._state.db
    found.name = "Q"
    await call(found, "save")
    await call(found, "refresh_from_db")
    assert "Q" == found.name
    await call(found, "delete")
    assert 0 == await call(Publisher.objects.using(other), "count")
