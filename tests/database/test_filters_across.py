"""Which rows a condition across foreign keys finds, in both directions, and what NULL means there."""

from __future__ import annotations

import pytest

from dorm import F, Q
from tests.library import Author, Book, Profile, Publisher


async def fill(call):
    faber = await call(Publisher.objects, "create", name="Faber", city="London")
    quiet = await call(Publisher.objects, "create", name="Quiet")
    ann = await call(Author.objects, "create", name="Ann", age=50, publisher=faber)
    bob = await call(Author.objects, "create", name="Bob", age=40, publisher=quiet, mentor=ann)
    cid = await call(Author.objects, "create", name="Cid", age=30, mentor=bob)
    await call(Profile.objects, "create", author=ann, site="ann.org")
    for title, pages, author, editor in [
        ("A1", 10, ann, None),
        ("A2", 20, ann, bob),
        ("B1", 10, bob, ann),
        ("C1", None, cid, None),
    ]:
        await call(Book.objects, "create", title=title, pages=pages, author=author, editor=editor)
    return ann, bob, cid, faber, quiet


BOOKS: list[tuple[Q, str]] = [
    (Q(author__name="Ann"), "A1 A2"),
    (Q(author__name__in=["Ann", "Cid"]), "A1 A2 C1"),
    (Q(author__name__istartswith="b"), "B1"),
    (Q(author=1), "A1 A2"),
    (Q(author__id=1), "A1 A2"),
    (Q(author__pk__in=[2, 3]), "B1 C1"),
    (Q(author_id=3), "C1"),
    (Q(author__publisher__name="Faber"), "A1 A2"),
    (Q(author__publisher__city=None), "B1 C1"),
    (Q(author__publisher__city__isnull=False), "A1 A2"),
    (Q(author__publisher=None), "C1"),
    (Q(author__publisher__isnull=False), "A1 A2 B1"),
    (Q(author__mentor__mentor__name="Ann"), "C1"),
    (Q(author__mentor__publisher__city="London"), "B1"),
    (Q(editor__name="Ann"), "B1"),
    (Q(editor=None), "A1 C1"),
    (Q(author__name="Ann", editor__name="Bob"), "A2"),
    (Q(author__name="Ann") | Q(editor__name="Ann"), "A1 A2 B1"),
    (~Q(editor__name="Ann"), "A1 A2 C1"),
    (~Q(author__publisher__name="Faber"), "B1 C1"),
    (~Q(author__publisher__city="London"), "B1 C1"),
    (~Q(author__publisher=None), "A1 A2 B1"),
    (~Q(author__mentor__mentor__name="Ann"), "A1 A2 B1"),
    (~(Q(editor__name="Ann") | Q(author__publisher__name="Faber")), "C1"),
    (~Q(editor__age__gt=45, author__name="Bob"), "A1 A2 C1"),
    (Q(author__profile__site__contains="ann"), "A1 A2"),
    (Q(author__profile=None), "B1 C1"),
    (Q(author__age__gt=F("editor__age")), "A2"),
    (Q(author__age__lt=F("editor__age")), "B1"),
    (Q(author__mentor__age=F("author__age") + 10), "B1 C1"),
    (Q(author__publisher__name__isnull=True), "C1"),
    (Q(author__publisher__id__gt=1), "B1"),
]


@pytest.mark.parametrize(("condition", "expected"), BOOKS, ids=repr)
async def test_across_foreign_keys(library, call, condition, expected):
    await fill(call)
    query = Book.objects.order_by("title").values_list("title", flat=True)
    assert expected == " ".join(await call.list(query.filter(condition)))
    others = " ".join(title for title in ("A1", "A2", "B1", "C1") if title not in expected.split())
    if "F(" not in repr(condition):
        assert others == " ".join(await call.list(query.exclude(condition)))


AUTHORS: list[tuple[Q, str]] = [
    (Q(book__title="A1"), "Ann"),
    (Q(book__pages=10), "Ann Bob"),
    (Q(book__pages__gte=10), "Ann Ann Bob"),
    (Q(book__pages=20, book__title="A1"), ""),
    (Q(book_set__title="A1"), "Ann"),
    (Q(book=1), "Ann"),
    (Q(book__isnull=False), "Ann Ann Bob Cid"),
    (Q(edited__isnull=True), "Cid"),
    (Q(edited__author__name="Bob"), "Ann"),
    (Q(students__name="Bob"), "Ann"),
    (Q(students=None), "Cid"),
    (Q(profile__site="ann.org"), "Ann"),
    (Q(profile=None), "Bob Cid"),
    (Q(profile__isnull=False), "Ann"),
    (~Q(book__pages=20), "Bob Cid"),
    (~Q(book__title__startswith="A"), "Bob Cid"),
    (~Q(profile__site="ann.org"), "Bob Cid"),
    (~Q(students__name="Bob"), "Bob Cid"),
    (Q(book__title="A1") | Q(name="Cid"), "Ann Cid"),
]


@pytest.mark.parametrize(("condition", "expected"), AUTHORS, ids=repr)
async def test_backwards(library, call, condition, expected):
    await fill(call)
    query = Author.objects.filter(condition).order_by("name")
    assert expected == " ".join(await call.list(query.values_list("name", flat=True)))


async def test_two_calls_may_find_two_rows(library, call):
    await fill(call)
    query = Author.objects.filter(book__pages=20).filter(book__title="A1")
    assert ["Ann"] == await call.list(query.values_list("name", flat=True))


async def test_instances_as_values(library, call):
    ann, bob, _, faber, _ = await fill(call)
    titles = Book.objects.order_by("title").values_list("title", flat=True)
    assert ["A1", "A2"] == await call.list(titles.filter(author=ann))
    assert ["A1", "A2", "B1"] == await call.list(titles.filter(author__in=[ann, bob]))
    assert ["A1", "A2"] == await call.list(titles.filter(author__publisher=faber))
    book = await call(Book.objects, "get", title="B1")
    assert [bob] == await call.list(Author.objects.filter(book=book))


async def test_exclude_keeps_rows_whose_right_side_is_null(library, call):
    # Django adds IS NOT NULL for the right side too.
    await call(Author.objects, "create", name="Ann", age=30, salary=None)
    assert 1 == await call(Author.objects.exclude(age=F("salary")), "count")


async def test_expressions_inside_ranges_and_lists(library, call):
    await call(Author.objects, "create", name="Ann", age=1)
    assert 1 == await call(Author.objects.filter(age__range=(F("id"), 5)), "count")
    assert 1 == await call(Author.objects.filter(age__in=[F("id"), 5]), "count")
