"""Creating, finding, changing and deleting rows, in the words of every day."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm import F, Q
from dorm.test import assert_num_queries, capture_queries
from tests.contract.models import Author, Book

if TYPE_CHECKING:
    from tests.testbed.colours import Call

A = Author.objects


async def names(call: Call, query: Any) -> str:
    """The first letters of the authors that *query* gives."""
    return "".join([author.name[0] for author in await call.list(query.all())])


# -- Create ---------------------------------------------------------------------------------------


async def test_created_or_saved_is_the_same(magazine: None, call: Call) -> None:
    created = await call(A, "create", name="Alice", email="alice@example.com", age=30)
    saved = Author(name="Bob", email="bob@example.com", age=25)
    assert None is saved.pk
    await call(saved, "save")
    assert [created, saved] == await call.list(A.all())


async def test_get_or_create(magazine: None, call: Call) -> None:
    wanted = {"email": "carol@example.com", "defaults": {"name": "Carol", "age": 28}}
    first, made = await call(A, "get_or_create", **wanted)
    second, again = await call(A, "get_or_create", **wanted)
    assert (True, False) == (made, again)
    assert ("Carol", 28, first) == (second.name, second.age, second)


async def test_update_or_create(magazine: None, call: Call) -> None:
    author, made = await call(
        A, "update_or_create", email="carol@example.com", defaults={"age": 29}, create_defaults={"name": "C", "age": 28}
    )
    assert (True, 28) == (made, author.age)
    author, made = await call(A, "update_or_create", email="carol@example.com", defaults={"age": 29})
    assert (False, 29, "C") == (made, author.age, author.name)


async def test_many_are_created_with_one_statement(magazine: None, call: Call) -> None:
    new = [Author(name=name, email=f"{name}@example.com", age=age) for name, age in (("Dave", 22), ("Eve", 31))]
    with capture_queries() as queries:
        made = await call(A, "bulk_create", new)
    assert 1 == len(queries)
    assert queries[0].sql.startswith("INSERT")
    assert made == await call.list(A.all())
    assert all(author.pk for author in new)


async def test_many_are_updated_with_one_statement(filled: None, call: Call) -> None:
    authors = await call.list(A.all())
    for author in authors:
        author.age += 1
    with capture_queries() as queries:
        assert 4 == await call(A, "bulk_update", authors, fields=["age"])
    assert 1 == len(queries)
    assert queries[0].sql.startswith("UPDATE")
    assert [31, 26, 71, 17] == await call.list(A.values_list("age", flat=True))


# -- Find -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (A.all(), "ABCD"),
        (A.filter(age__gte=18), "ABC"),
        (A.filter(name="Alice"), "A"),
        (A.filter(bio__isnull=True), "BC"),
        (A.filter(active=True).filter(age__gte=20).order_by("-age"), "AB"),
        (A.exclude(active=True), "C"),
        (A.order_by("-age")[:3], "CAB"),
        (A.order_by("name")[1:3], "BC"),
        (A.order_by("name")[10:20], ""),
    ],
)
async def test_rows_are_found(filled: None, call: Call, query: Any, expected: str) -> None:
    assert expected == await names(call, query)


async def test_one_row(filled: None, call: Call) -> None:
    assert "Alice" == (await call(A, "get", email="alice@example.com")).name
    assert "Alice" == (await call(A, "get_or_none", email="alice@example.com")).name
    assert None is await call(A, "get_or_none", email="nobody@example.com")


async def test_no_row_and_too_many(filled: None, call: Call) -> None:
    with pytest.raises(Author.DoesNotExist):
        await call(A, "get", email="nobody@example.com")
    with pytest.raises(Author.MultipleObjectsReturned):
        await call(A, "get", active=True)
    with pytest.raises(Author.MultipleObjectsReturned):
        await call(A, "get_or_none", active=True)


async def test_first_and_last(filled: None, call: Call) -> None:
    by_age = A.order_by("age")
    assert ("Dave", "Carol") == ((await call(by_age, "first")).name, (await call(by_age, "last")).name)
    assert None is await call(A.filter(age=0), "first")


@pytest.mark.parametrize("use", [lambda query: query.filter(age=1), lambda query: query.order_by("age")])
def test_a_slice_is_not_narrowed_or_ordered(use: Any) -> None:
    with pytest.raises(TypeError, match="slice"):
        use(A.all()[:3])


@pytest.mark.parametrize(("method", "values"), [("update", {"age": 1}), ("delete", {})])
async def test_a_slice_is_not_changed(filled: None, call: Call, method: str, values: dict[str, int]) -> None:
    with assert_num_queries(0), pytest.raises(TypeError, match="slice"):
        await call(A.all()[:3], method, **values)


@pytest.mark.parametrize("cut", [slice(-1, None), slice(None, -1), -1])
def test_a_slice_does_not_count_from_the_end(cut: Any) -> None:
    with pytest.raises(ValueError, match=r"(?i)negative"):
        _ = A.all()[cut]


# -- Lookups --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lookup", "expected"),
    [
        ({"age__exact": 30}, "A"),
        ({"age__gt": 30}, "C"),
        ({"age__gte": 30}, "AC"),
        ({"age__lt": 30}, "BD"),
        ({"age__lte": 30}, "ABD"),
        ({"age__range": (20, 30)}, "AB"),
        ({"name__contains": "li"}, "A"),
        ({"name__contains": "LI"}, ""),
        ({"name__icontains": "LI"}, "A"),
        ({"name__startswith": "Al"}, "A"),
        ({"name__startswith": "al"}, ""),
        ({"name__endswith": "ce"}, "A"),
        ({"name__iexact": "alice"}, "A"),
        ({"bio__isnull": True}, "BC"),
        ({"bio__isnull": False}, "AD"),
        ({"name__in": ["Alice", "Bob"]}, "AB"),
        ({"name__in": []}, ""),
        ({"book__title": "Winter"}, "A"),
        ({"book_set__title": "Autumn"}, "B"),
        ({"publisher__name__startswith": "Z"}, "A"),
    ],
    ids=str,
)
async def test_a_lookup(filled: None, call: Call, lookup: dict[str, Any], expected: str) -> None:
    assert expected == await names(call, A.filter(**lookup))


@pytest.mark.parametrize(("lookup", "expected"), [({"joined__year": 2024}, "AB"), ({"joined__month": 6}, "BC")])
async def test_a_lookup_of_a_part_of_a_moment(filled: None, call: Call, lookup: dict[str, Any], expected: str) -> None:
    for name, year, month in (("Alice", 2024, 1), ("Bob", 2024, 6), ("Carol", 2023, 6), ("Dave", 2023, 12)):
        moment = datetime.datetime(year, month, 15, tzinfo=datetime.UTC)
        await call(A.filter(name=name), "update", joined=moment)
    assert expected == await names(call, A.filter(**lookup))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Q(age__lt=18) | Q(age__gt=65), "CD"),
        (Q(active=True) & Q(age__gte=18), "AB"),
        (~Q(name="Alice"), "BCD"),
        (Q(active=True) & (Q(age__lt=18) | Q(age__gt=65)), "D"),
    ],
    ids=str,
)
async def test_conditions_are_combined(filled: None, call: Call, condition: Q, expected: str) -> None:
    assert expected == await names(call, A.filter(condition))


# -- Count, values, parts of rows -----------------------------------------------------------------


async def test_count_and_existence(filled: None, call: Call) -> None:
    assert 4 == await call(A, "count")
    assert 3 == await call(A.filter(active=True), "count")
    assert await call(A.filter(email="alice@example.com"), "exists")
    assert not await call(A.filter(email="nobody@example.com"), "exists")


async def test_values(filled: None, call: Call) -> None:
    young = A.filter(age__lt=30)
    assert [{"name": "Bob", "age": 25}, {"name": "Dave", "age": 16}] == await call.list(young.values("name", "age"))
    assert [("Bob", 25), ("Dave", 16)] == await call.list(young.values_list("name", "age"))
    assert ["Bob", "Dave"] == await call.list(young.values_list("name", flat=True))


@pytest.mark.parametrize(
    ("query", "loaded"),
    [
        (A.only("name", "email"), {"id", "name", "email"}),
        (A.defer("bio"), {field.attname for field in Author._meta.fields} - {"bio"}),
    ],
    ids=["only", "defer"],
)
async def test_parts_of_rows(filled: None, call: Call, query: Any, loaded: set[str]) -> None:
    with assert_num_queries(1):
        author = await call(query, "first")
        assert "Alice" == author.name
    missing = {field.attname for field in Author._meta.fields} - loaded
    assert missing == author.get_deferred_fields()
    if call.is_async:
        await author.arefresh_from_db(fields=["bio"])
    assert "Writes." == author.bio


# -- Update and delete ----------------------------------------------------------------------------


async def test_what_a_filter_finds_is_updated_with_one_statement(filled: None, call: Call) -> None:
    with assert_num_queries(1):
        assert 1 == await call(A.filter(active=False), "update", active=True)
    assert not await call(A.filter(active=False), "exists")


async def test_a_column_counts_up_in_the_database(filled: None, call: Call) -> None:
    assert 3 == await call(A.filter(active=True), "update", age=F("age") + 1)
    assert [31, 26, 70, 17] == await call.list(A.values_list("age", flat=True))


async def test_what_a_filter_finds_is_deleted(filled: None, call: Call) -> None:
    assert (1, {"magazine.Author": 1}) == await call(A.filter(age__lt=18), "delete")
    assert (0, {}) == await call(A.filter(age__lt=18), "delete")


async def test_a_save_writes_everything_or_what_is_named(filled: None, call: Call) -> None:
    author = await call(A, "get", name="Alice")
    author.age, author.bio = 31, "Sleeps."
    await call(author, "save", update_fields=["age"])
    assert (31, "Writes.") == await call(A.filter(pk=author.pk).values_list("age", "bio"), "get")
    await call(author, "save")
    assert (31, "Sleeps.") == await call(A.filter(pk=author.pk).values_list("age", "bio"), "get")


async def test_an_instance_is_deleted_and_cannot_be_read_again(filled: None, call: Call) -> None:
    dave = await call(A, "get", name="Dave")
    copy = await call(A, "get", name="Dave")
    await call(dave, "delete")
    assert None is dave.pk
    with pytest.raises(Author.DoesNotExist):
        await call(copy, "refresh_from_db")


async def test_a_key_stands_for_its_instance(filled: None, call: Call) -> None:
    alice = await call(A, "get", name="Alice")
    book = await call(Book.objects, "create", title="Summer", author_id=alice.pk)
    assert alice.pk == book.author_id
    assert 3 == await call(Book.objects.filter(author=alice), "count")
    assert 3 == await call(alice.book_set, "count")


async def test_a_key_may_be_given_under_the_name_of_the_field(filled: None, call: Call) -> None:
    book = Book(title="Summer", author=1)
    await call(book, "save")
    assert 1 == book.author_id
    assert "Alice" == (await call(Book.objects.select_related("author"), "get", title="Summer")).author.name


async def test_a_text_without_a_value_is_empty(magazine: None, call: Call) -> None:
    await call(Author(email="a@example.com", age=1), "save")
    assert "" == (await call(A, "get")).name


def test_a_wrong_keyword_is_told_where_it_is_written() -> None:
    with pytest.raises(TypeError, match="name"):
        Author(nmae="Alice")


def test_a_wrong_name_is_told_where_it_is_written() -> None:
    with pytest.raises(dorm.FieldError, match="name"):
        A.filter(nmae="Alice")
