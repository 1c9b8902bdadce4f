"""Tables and columns may be called anything: names are quoted exactly, in every statement."""

from __future__ import annotations

import pytest

import dorm
from dorm import Count, F, NotSupportedError, Q

NAMES = [
    'with "quotes"',
    "with 'quotes'",
    "; DROP TABLE x; --",
    "/* comment */",
    " VALUES ",
    "?",
    "$1",
    "%s",
    "%(name)s",
    "a.b",
    "back\\slash",
    "new\nline",
    "\x07\x1b",
    "select",
    "größe 名前",
    "UPPER lower",
    "{0} {name}",
    "[x]",
    "`x`",
]


def models(odd):
    class Author(dorm.Model):
        name = dorm.CharField(max_length=20, db_column=f"n{odd}", unique=True)
        age = dorm.IntegerField(db_column=f"a{odd}", db_index=True, default=1)
        friends = dorm.ManyToManyField("self", db_table=f"f{odd}")

        class Meta:
            app_label = "identifiers"
            db_table = f"t{odd}"

    class Book(dorm.Model):
        title = dorm.CharField(max_length=20, db_column=odd)
        author = dorm.ForeignKey(Author, on_delete=dorm.CASCADE, db_column=f"k{odd}")

        class Meta:
            app_label = "identifiers"
            db_table = f"b{odd}"
            unique_together = ("title", "author")
            indexes = (dorm.Index(fields=["-title"]),)

    return Author, Book


@pytest.mark.parametrize("name", NAMES)
async def test_every_statement_quotes_the_names_of_tables_and_columns(name, db, call):
    author, book = models(name)
    await call(dorm, "create_tables", author, book)

    ann = await call(author.objects, "create", name="Ann", age=5)
    bob, cid = await call(author.objects, "bulk_create", [author(name="Bob"), author(name="Cid")])
    await call(book.objects, "create", title="One", author=ann)
    await call(ann.friends, "add", bob, cid)

    assert "Ann" == (await call(book.objects.select_related("author"), "get", author__name="Ann")).author.name
    assert ["Cid", "Bob"] == [one.name for one in await call.list(ann.friends.order_by("-name"))]
    assert [{"author__age": 5}] == await call.list(book.objects.values("author__age"))
    assert 3 == await call(author.objects.filter(Q(name__in=["Ann", "Bob"]) | Q(name__icontains="c")), "count")
    assert {"Ann": 1, "Bob": 0, "Cid": 0} == {
        one.name: one.books for one in await call.list(author.objects.annotate(books=Count("book")))
    }

    bob.age, cid.age = 8, 9
    await call(author.objects, "bulk_update", [bob, cid], ["age"])
    await call(author.objects.filter(name="Bob"), "update", age=F("age") + 1)
    await call(bob, "refresh_from_db")
    assert 9 == bob.age
    bob.name = "Rob"
    await call(bob, "save")
    with pytest.raises(dorm.UniqueViolation):
        await call(author.objects, "create", name="Rob")

    assert 2 == len(await call.list(author.objects.exclude(book__title="One")))
    await call(ann, "delete")
    assert (0, 2) == (await call(book.objects, "count"), await call(author.objects, "count"))
    await call(dorm, "drop_tables", author, book)


@pytest.mark.parametrize("vendor", ["sqlite", "postgresql"])
def test_a_nul_byte_cannot_be_part_of_a_name(vendor):
    author, book = models("\x00")
    for query in (author.objects.all(), book.objects.filter(author__name="x")):
        with pytest.raises(NotSupportedError, match="NUL"):
            str(query.using(vendor).query)


async def test_no_table_is_made_whose_name_holds_a_nul_byte(db, call):
    with pytest.raises(NotSupportedError, match="NUL"):
        await call(dorm, "create_tables", *models("\x00"))
