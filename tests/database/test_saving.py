"""One row at a time: create and save."""

from __future__ import annotations

import datetime
import uuid

import pytest

import dorm
from dorm import F
from dorm.exceptions import DatabaseError, ForeignKeyViolation, NotNullViolation, UniqueViolation
from dorm.test import assert_num_queries, capture_queries
from tests.library import Author, Book, Profile, Publisher


class Note(dorm.Model):
    text = dorm.TextField()
    made = dorm.DateTimeField(auto_now_add=True)
    changed = dorm.DateTimeField(auto_now=True)
    token = dorm.UUIDField(default=uuid.uuid4)

    class Meta:
        app_label = "test_saving"


class Keyed(dorm.Model):
    code = dorm.CharField(max_length=10, primary_key=True)
    label = dorm.CharField(max_length=10)

    class Meta:
        app_label = "test_saving"


class Token(dorm.Model):
    key = dorm.UUIDField(primary_key=True, default=uuid.uuid4)
    label = dorm.CharField(max_length=10)

    class Meta:
        app_label = "test_saving"


class Bare(dorm.Model):
    class Meta:
        app_label = "test_saving"


class Overriding(dorm.Model):
    name = dorm.CharField(max_length=10)

    class Meta:
        app_label = "test_saving"

    def save(self, *args, **kwargs):
        self.name = self.name.upper()
        super().save(*args, **kwargs)

    async def asave(self, *args, **kwargs):
        self.name = self.name.upper()
        await super().asave(*args, **kwargs)


class HalfOverriding(dorm.Model):
    class Meta:
        app_label = "test_saving"

    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)


# -- Insert ------------------------------------------------------------------------------------


async def test_create_gives_a_stored_instance_with_its_key(library, call):
    with assert_num_queries(1) as queries:
        author = await call(Author.objects, "create", name="Ann", age=30)
    assert queries[0].sql.startswith('INSERT INTO "library_author" ("name", "age", ')
    assert queries[0].sql.endswith('RETURNING "id"')
    assert author.pk == author.id == 1
    assert not author._state.adding
    assert author == await call(Author.objects, "get", pk=1)


async def test_save_inserts_a_new_instance(library, call):
    author = Author(name="Ann")
    assert author._state.adding
    assert author.pk is None
    await call(author, "save")
    assert not author._state.adding
    assert ["Ann"] == [one.name for one in await call.list(Author.objects.all())]


async def test_defaults_are_stored(library, call):
    author = await call(Author.objects, "create", name="Ann")
    found = await call(Author.objects, "get", pk=author.pk)
    assert (30, None, True) == (found.age, found.email, found.active)


async def test_a_text_field_without_a_value_is_empty(library, call):
    await call(Author(), "save")
    assert "" == (await call(Author.objects, "get")).name


async def test_a_given_key_is_kept(library, call):
    await call(Author(id=7, name="Ann"), "save")
    assert [7] == await call.list(Author.objects.values_list("pk", flat=True))


async def test_a_new_instance_with_a_key_updates_the_row_with_it(library, call):
    await call(Author.objects, "create", id=7, name="Ann")
    with assert_num_queries(1) as queries:
        await call(Author(id=7, name="Bob"), "save")
    assert queries[0].sql.startswith("UPDATE")
    assert ["Bob"] == await call.list(Author.objects.values_list("name", flat=True))


async def test_a_new_instance_with_an_unknown_key_is_inserted_after_all(library, call):
    with capture_queries() as queries:
        await call(Author(id=7, name="Ann"), "save")
    assert ["UPDATE", "INSERT"] == [sql.split()[0] for sql in queries.sql]


async def test_a_key_with_a_default_is_inserted_at_once(tables, call):
    tables(Token)
    token = Token(label="a")
    with capture_queries() as queries:
        await call(token, "save")
    assert ["INSERT"] == [sql.split()[0] for sql in queries.sql]
    assert token.key == (await call(Token.objects, "get")).key


async def test_a_key_that_is_no_number(tables, call):
    tables(Keyed)
    await call(Keyed.objects, "create", code="x", label="one")
    found = await call(Keyed.objects, "get", pk="x")
    found.label = "two"
    await call(found, "save")
    assert [("x", "two")] == await call.list(Keyed.objects.values_list("code", "label"))


async def test_a_model_with_nothing_but_a_key_can_be_inserted(tables, call):
    tables(Bare)
    for key in (1, 2):
        assert key == (await call(Bare.objects, "create")).pk
    assert 2 == await call(Bare.objects, "count")


async def test_force_insert_refuses_a_taken_key(library, call):
    await call(Author.objects, "create", id=7, name="Ann")
    with pytest.raises(UniqueViolation):
        await call(Author(id=7, name="Bob"), "save", force_insert=True)
    assert ["Ann"] == await call.list(Author.objects.values_list("name", flat=True))


async def test_create_refuses_a_taken_key(library, call):
    await call(Author.objects, "create", id=7, name="Ann")
    with pytest.raises(UniqueViolation):
        await call(Author.objects, "create", id=7, name="Bob")


# -- Update ------------------------------------------------------------------------------------


async def test_save_updates_the_row(library, call):
    author = await call(Author.objects, "create", name="Ann", age=30)
    author.name = "Bob"
    with assert_num_queries(1) as queries:
        await call(author, "save")
    assert queries[0].sql.startswith('UPDATE "library_author" SET "name" = ')
    assert [("Bob", 30)] == await call.list(Author.objects.values_list("name", "age"))


async def test_save_inserts_again_when_the_row_is_gone(library, call):
    author = await call(Author.objects, "create", name="Ann")
    await call(Author.objects.all(), "delete")
    await call(author, "save")
    assert [author.pk] == await call.list(Author.objects.values_list("pk", flat=True))


async def test_update_fields_writes_these_columns_only(library, call, db):
    author = await call(Author.objects, "create", name="Ann", age=30)
    author.name, author.age = "Bob", 31
    with assert_num_queries(1) as queries:
        await call(author, "save", update_fields=["age"])
    slots = ("?", "?") if db.vendor == "sqlite" else ("$1", "$2")
    assert 'UPDATE "library_author" SET "age" = {} WHERE "id" = {}'.format(*slots) == queries[0].sql.replace(
        '"library_author"."id"', '"id"'
    )
    assert [("Ann", 31)] == await call.list(Author.objects.values_list("name", "age"))


async def test_update_fields_takes_the_name_of_a_relation_or_of_its_column(library, call):
    publisher = await call(Publisher.objects, "create", name="P")
    author = await call(Author.objects, "create", name="Ann")
    author.publisher = publisher
    await call(author, "save", update_fields=["publisher"])
    assert [publisher.pk] == await call.list(Author.objects.values_list("publisher", flat=True))
    author.publisher = None
    await call(author, "save", update_fields=["publisher_id"])
    assert [None] == await call.list(Author.objects.values_list("publisher", flat=True))


async def test_empty_update_fields_ask_nothing(library, call):
    author = await call(Author.objects, "create", name="Ann")
    with assert_num_queries(0):
        await call(author, "save", update_fields=[])


@pytest.mark.parametrize("options", [{"force_update": True}, {"update_fields": ["name"]}])
async def test_what_must_update_fails_when_the_row_is_gone(library, call, options):
    author = await call(Author.objects, "create", name="Ann")
    await call(Author.objects.all(), "delete")
    with pytest.raises(DatabaseError, match="did not affect any rows"):
        await call(author, "save", **options)
    assert 0 == await call(Author.objects, "count")


async def test_force_update_needs_a_key(library, call):
    with pytest.raises(ValueError, match="has no primary key"):
        await call(Author(name="Ann"), "save", force_update=True)


async def test_insert_and_update_cannot_both_be_forced(library, call):
    with assert_num_queries(0), pytest.raises(ValueError, match="force both"):
        await call(Author(name="Ann"), "save", force_insert=True, force_update=True)


async def test_an_unknown_update_field_is_named(library, call):
    author = await call(Author.objects, "create", name="Ann")
    with assert_num_queries(0), pytest.raises(ValueError, match=r"'nmae' is no field of Author.*name"):
        await call(author, "save", update_fields=["nmae"])


async def test_a_key_cannot_be_updated(library, call):
    author = await call(Author.objects, "create", name="Ann")
    with pytest.raises(ValueError, match="'id' is no field of Author that can be updated"):
        await call(author, "save", update_fields=["id"])


async def test_saving_under_another_key_makes_another_row(library, call):
    author = await call(Author.objects, "create", name="Ann")
    author.pk = None
    await call(author, "save")
    assert 2 == await call(Author.objects, "count")


async def test_an_expression_is_computed_by_the_database(library, call):
    author = await call(Author.objects, "create", name="Ann", age=30)
    author.age = F("age") + 1
    await call(author, "save")
    await call(author, "refresh_from_db")
    assert 31 == author.age


async def test_an_expression_cannot_be_inserted(library, call):
    with assert_num_queries(0), pytest.raises(ValueError, match="values cannot be expressions over the row"):
        await call(Author.objects, "create", name="Ann", age=F("age") + 1)


async def test_the_clock_fields(tables, call):
    tables(Note)
    before = datetime.datetime.now(datetime.UTC)
    note = await call(Note.objects, "create", text="a")
    assert before <= note.made <= note.changed <= datetime.datetime.now(datetime.UTC)
    made, changed = note.made, note.changed
    await call(note, "save")
    assert made == note.made
    assert changed < note.changed
    found = await call(Note.objects, "get")
    assert (note.made, note.changed, note.token) == (found.made, found.changed, found.token)
    assert found.made.tzinfo is datetime.UTC or found.made.utcoffset() == datetime.timedelta(0)


async def test_update_fields_leave_the_clock_alone_unless_named(tables, call):
    tables(Note)
    note = await call(Note.objects, "create", text="a")
    changed = note.changed
    await call(note, "save", update_fields=["text"])
    assert changed == (await call(Note.objects, "get")).changed


async def test_the_users_own_save_is_never_bypassed(tables, call):
    tables(Overriding)
    created = await call(Overriding.objects, "create", name="a")
    other, _ = await call(Overriding.objects, "get_or_create", name="b")
    assert ["A", "B"] == [created.name, other.name]


async def test_only_one_of_two_overridden_is_an_error_when_the_other_is_called(tables, call):
    tables(HalfOverriding)
    if call.is_async:
        with pytest.raises(TypeError, match=r"overrides save.*asave"):
            await HalfOverriding.objects.acreate()
    else:
        assert HalfOverriding.objects.create().pk


# -- Related instances -------------------------------------------------------------------------


async def test_a_related_instance_or_its_key(library, call):
    author = await call(Author.objects, "create", name="Ann")
    by_instance = await call(Book.objects, "create", title="1", author=author)
    by_column = await call(Book.objects, "create", title="2", author_id=author.pk)
    by_key = await call(Book.objects, "create", title="3", author=author.pk)
    assert [author.pk] * 3 == [by_instance.author_id, by_column.author_id, by_key.author_id]
    assert by_instance.author is author


async def test_an_unsaved_related_instance_is_refused(library, call):
    with assert_num_queries(0), pytest.raises(ValueError, match="unsaved related object 'author'"):
        await call(Book(title="1", author=Author(name="Ann")), "save")


async def test_a_related_instance_saved_in_the_meantime_gives_its_key(library, call):
    author = Author(name="Ann")
    book = Book(title="1", author=author)
    await call(author, "save")
    await call(book, "save")
    assert author.pk == book.author_id


async def test_an_instance_of_another_model_is_refused(library, call):
    publisher = await call(Publisher.objects, "create", name="P")
    with pytest.raises(ValueError, match=r'"Book.author" must be a "Author" instance'):
        Book(title="1", author=publisher)


# -- Violations --------------------------------------------------------------------------------


async def test_a_unique_violation_names_the_field(library, call):
    author = await call(Author.objects, "create", name="Ann")
    await call(Book.objects, "create", title="1", author=author)
    with pytest.raises(UniqueViolation) as caught:
        await call(Book.objects, "create", title="1", author=author)
    assert ("title",) == tuple(caught.value.fields)
    assert isinstance(caught.value, dorm.IntegrityError)
    assert isinstance(caught.value, dorm.ValidationError)
    assert ["title"] == list(caught.value.message_dict)
    assert 1 == await call(Book.objects, "count")


async def test_a_one_to_one_key_is_unique(library, call):
    author = await call(Author.objects, "create", name="Ann")
    await call(Profile.objects, "create", author=author, site="a")
    with pytest.raises(UniqueViolation) as caught:
        await call(Profile.objects, "create", author=author, site="b")
    assert ("author",) == tuple(caught.value.fields)


async def test_none_in_a_column_that_takes_none_is_a_violation(library, call):
    with pytest.raises(NotNullViolation) as caught:
        await call(Author.objects, "create", name=None)
    assert ("name",) == tuple(caught.value.fields)


async def test_a_key_that_leads_nowhere_is_a_violation(library, call):
    with pytest.raises(ForeignKeyViolation):
        await call(Book.objects, "create", title="1", author_id=99)
    assert 0 == await call(Book.objects, "count")
