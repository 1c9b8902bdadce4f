"""``raw()``: instances from SQL that was written by hand."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm import Prefetch, SynchronousOnlyOperation
from dorm.signals import post_init
from dorm.test import assert_num_queries, capture_queries
from tests.library import Author, Book

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.testbed.colours import Call

A = Author.objects
JOINED = datetime.datetime(2020, 1, 31, 12, 30, tzinfo=datetime.UTC)
ALL = "SELECT * FROM library_author ORDER BY id"


async def fill(call: Call) -> None:
    """Ann (10) with two books, Bob (20) with one, Cid (30) without."""
    for name, age, books in (("Ann", 10, 2), ("Bob", 20, 1), ("Cid", 30, 0)):
        author = await call(
            A, "create", name=name, age=age, active=name != "Bob", joined=JOINED, salary=Decimal(age) / 4
        )
        for number in range(books):
            await call(Book.objects, "create", title=f"{name}{number}", author=author)


async def listed(call: Call, *args: Any, **kwargs: Any) -> list[Any]:
    return await call.list(A.raw(*args, **kwargs))


async def test_rows_are_instances(library: None, call: Call) -> None:
    await fill(call)
    found = await listed(call, ALL)
    assert await call.list(A.order_by("pk")) == found
    ann, bob = found[:2]
    assert (True, False, JOINED, Decimal("2.50")) == (ann.active, bob.active, ann.joined, ann.salary)
    assert (False, "default") == (ann._state.adding, ann._state.db)
    ann.age = 11
    await call(ann, "save")
    assert 11 == (await call(A, "get", pk=ann.pk)).age


@pytest.mark.parametrize(
    ("where", "params", "expected"),
    [
        ("age > %s", [15], "Bob Cid"),
        ("age > %s AND name <> %s", (15, "Bob"), "Cid"),
        ("age > %(least)s AND (name = %(name)s OR name <> %(name)s)", {"least": 15, "name": "Bob"}, "Bob Cid"),
        ("age %% 20 = %s", [0], "Bob"),
        ("name LIKE 'A%%' AND age = %s", [10], "Ann"),
        ("name LIKE 'A%'", None, "Ann"),
        ("name LIKE 'A%%' OR age > 20", [], "Ann Cid"),
        ("active = %s", [True], "Ann Cid"),
        ("joined = %s", [JOINED], "Ann Bob Cid"),
        ("salary = %s", [Decimal("2.50")], "Ann"),
        ("name = %s", ["'; DROP TABLE library_author; --"], ""),
    ],
)
async def test_parameters_are_bound(library: None, call: Call, where: str, params: Any, expected: str) -> None:
    await fill(call)
    found = await listed(call, f"SELECT * FROM library_author WHERE {where} ORDER BY name", params)
    assert expected == " ".join(one.name for one in found)
    assert 3 == await call(A, "count")


async def test_fields_that_are_missing_are_loaded_when_read(library: None, call: Call) -> None:
    await fill(call)
    (ann, *_) = await listed(call, "SELECT id, name FROM library_author ORDER BY id")
    assert {"age", "email", "active", "joined", "salary", "publisher_id", "mentor_id"} == ann.get_deferred_fields()
    with assert_num_queries(0):
        assert "Ann" == ann.name
    if call.is_async:
        await ann.arefresh_from_db(fields=["age"])
    assert 10 == ann.age


async def test_other_columns_become_attributes(library: None, call: Call) -> None:
    await fill(call)
    found = await listed(
        call,
        "SELECT a.*, COUNT(b.id) AS book_count FROM library_author a LEFT JOIN library_book b ON b.author_id = a.id "
        "GROUP BY a.id ORDER BY a.id",
    )
    assert [("Ann", 2), ("Bob", 1), ("Cid", 0)] == [(one.name, one.book_count) for one in found]


async def test_columns_are_translated(library: None, call: Call) -> None:
    await fill(call)
    sql = "SELECT id AS number, name AS called, 7 AS lucky FROM library_author ORDER BY id"
    query = A.raw(sql, translations={"number": "id", "called": "name", "unused": "age"})
    (ann, *_) = await call.list(query)
    assert (1, "Ann", 7) == (ann.pk, ann.name, ann.lucky)
    assert ["id", "name", "lucky"] == query.columns


async def test_it_is_asked_once(library: None, call: Call) -> None:
    await fill(call)
    query = A.raw(ALL)
    with capture_queries() as queries:
        assert "Ann" == (await call.list(query))[0].name
        assert ("Bob", ["Bob", "Cid"], 3, True) == (
            query[1].name,
            [one.name for one in query[1:]],
            len(query),
            bool(query),
        )
        assert 3 == len(await call.list(query))
    assert 1 == len(queries)
    assert f"<RawQuerySet: {ALL}>" == repr(query)
    assert (ALL, "default", Author) == (query.query, query.db, query.model)
    with assert_num_queries(1):
        assert 3 == len([one async for one in call.stream(query)])


async def test_the_list_is_the_result_of_awaiting(library: None, call: Call) -> None:
    await fill(call)
    if call.is_async:
        assert 3 == len(await A.araw(ALL))
        assert 2 == len(await A.raw("SELECT * FROM library_author WHERE age > %s", [10]))
    else:
        assert 3 == len(list(A.filter(age=1).raw(ALL)))


async def test_relations_are_prefetched(library: None, call: Call) -> None:
    await fill(call)
    with assert_num_queries(2):
        found = await call.list(A.raw(ALL).prefetch_related("book_set"))
        assert [2, 1, 0] == [len(one.book_set.all()._result_cache) for one in found]
    chosen = Prefetch("book_set", Book.objects.filter(title="Ann1"), to_attr="chosen")
    found = await call.list(A.raw(ALL).prefetch_related("book_set").prefetch_related(None).prefetch_related(chosen))
    assert [["Ann1"], [], []] == [[book.title for book in one.chosen] for one in found]


async def test_another_database_is_asked(library: None, other: str, call: Call) -> None:
    await fill(call)
    assert other == A.raw(ALL, using=other).db == A.raw(ALL).using(other).db == A.using(other).raw(ALL).db
    with pytest.raises(dorm.DatabaseError):
        await listed(call, ALL, using=other)


async def test_a_class_that_builds_itself_is_asked_to(library: None, call: Call) -> None:
    await fill(call)
    seen: list[Any] = []

    def receive(instance: Any, **_: Any) -> None:
        seen.append(instance.__dict__.get("name"))

    post_init.connect(receive, sender=Author)
    try:
        (ann, *_) = await listed(call, "SELECT id, name FROM library_author ORDER BY id")
    finally:
        post_init.disconnect(receive, sender=Author)
    assert ["Ann", "Bob", "Cid"] == seen
    assert "age" in ann.get_deferred_fields()


async def test_the_key_must_come_back(library: None, call: Call) -> None:
    with pytest.raises(dorm.FieldDoesNotExist, match="must include the primary key"):
        await listed(call, "SELECT name FROM library_author")


async def test_wrong_sql_is_our_error(library: None, call: Call) -> None:
    with pytest.raises(dorm.ProgrammingError):
        await listed(call, "SELEC 1")


class Token(dorm.Model):
    id = dorm.UUIDField(primary_key=True)
    odd = dorm.IntegerField(db_column="odd name", null=True)

    class Meta:
        app_label = "test_raw"


async def test_columns_with_names_of_their_own(tables: Callable[..., None], call: Call) -> None:
    tables(Token)
    key = uuid.uuid4()
    await call(Token.objects, "create", id=key, odd=3)
    (token,) = await call.list(Token.objects.raw("SELECT * FROM test_raw_token WHERE id = %s", [key]))
    assert (key, 3) == (token.pk, token.odd)
    (token,) = await call.list(Token.objects.raw('SELECT id, "odd name" AS "x"" y" FROM test_raw_token'))
    assert 3 == getattr(token, 'x" y')


@pytest.fixture
def strict() -> Iterator[None]:
    dorm.settings.SYNC_IN_ASYNC = "raise"
    yield
    dorm.settings.SYNC_IN_ASYNC = "warn"


@pytest.mark.usefixtures("library", "strict")
async def test_a_loop_is_not_blocked_by_it() -> None:
    for ask in (list, len, bool, lambda query: query[0], lambda query: query.columns):
        with pytest.raises(SynchronousOnlyOperation):
            ask(A.raw(ALL))


WRONG: list[tuple[Any, type[Exception], str]] = [
    (lambda: A.raw("SELECT %s", [1, 2]), ValueError, "1 parameters are written as %s, and 2 were given"),
    (lambda: A.raw("SELECT %s, %s", [1]), ValueError, "2 parameters are written as %s, and 1 were given"),
    (lambda: A.raw("SELECT %s", []), ValueError, "and 0 were given"),
    (lambda: A.raw("SELECT %(a)s", {"b": 1}), ValueError, "'a' is written in the SQL and was not given"),
    (lambda: A.raw("SELECT %(a)s", {"a": 1, "b": 2}), ValueError, "'b' was given and is not written"),
    (lambda: A.raw("SELECT %(a)s", [1]), ValueError, "a dict of parameters goes with"),
    (lambda: A.raw("SELECT %s", {"a": 1}), ValueError, "a dict of parameters goes with"),
    (lambda: A.raw("SELECT %s, %(a)s", [1]), ValueError, "a dict of parameters goes with"),
    (lambda: A.raw("SELECT '5%'", [1]), ValueError, "%% for a percent"),
    (lambda: A.raw("SELECT %s", "text"), TypeError, "a list or a dict"),
    (lambda: A.raw("SELECT %s", 3), TypeError, "a list or a dict"),
    (lambda: A.raw(3), TypeError, "SQL as text"),  # type: ignore[arg-type]  # what is tested
    (lambda: A.raw(ALL).prefetch_related("nope"), dorm.FieldError, "no relation"),
    (lambda: Prefetch("book_set", A.raw(ALL)), ValueError, r"cannot use raw\(\)"),  # type: ignore[arg-type]  # as above
    (lambda: A.extra(select={"n": "1"}), dorm.NotSupportedError, r"annotate\(name=RawSQL"),
]


@pytest.mark.parametrize(("wrong", "error", "match"), WRONG)
def test_mistakes_are_told_where_they_are_written(wrong: Any, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        wrong()
