"""What a user's type checker sees of conditions, subqueries and combined query sets.  Never run."""

from __future__ import annotations

from typing import Any, assert_type

import dorm
from dorm import Exists, F, OuterRef, Q, RawSQL, Subquery
from dorm.lookups import GreaterThan, IsNull


class Author(dorm.Model):
    name = dorm.CharField(max_length=100)
    age = dorm.IntegerField()


class Book(dorm.Model):
    author = dorm.ForeignKey(Author, on_delete=dorm.CASCADE)


def conditions() -> None:
    own = Book.objects.filter(author=OuterRef("pk"))
    assert_type(~Exists(own), Q)
    assert_type(Exists(own) & Q(age=1), Q)
    assert_type(Q(age=1) | Exists(own), Q)
    assert_type(GreaterThan(F("age"), 1) ^ IsNull("name", True), Q)
    assert_type(Author.objects.filter(Exists(own), GreaterThan("age", 1), name="x").first(), Author | None)
    assert_type(Author.objects.annotate(old=Q(age__gt=1), one=Subquery(own.values("pk"))).get(), Author)
    assert_type(Author.objects.order_by(Q(age=1), Exists(own).desc()).get(), Author)
    assert_type(list(Author.objects.values("name", old=Q(age__gt=1))), list[dict[str, Any]])
    assert_type(list(Author.objects.values_list("name", RawSQL("1", []))), list[tuple[Any, ...]])


def combined() -> None:
    both = Author.objects.filter(age=1).union(Author.objects.all(), all=True)
    assert_type(both, dorm.QuerySet[Author])
    assert_type(both.order_by("name").first(), Author | None)
    assert_type(both[0], Author)
    assert_type(list(both.values("name")), list[dict[str, Any]])
    assert_type(both.difference(Author.objects.all()).count(), int)
    assert_type((Author.objects.filter(age=1) | Author.objects.filter(age=2)).get(), Author)


async def written() -> None:
    raw = Author.objects.raw("SELECT * FROM author WHERE age > %s", [1])
    assert_type(raw, dorm.RawQuerySet[Author])
    assert_type(raw[0], Author)
    assert_type(await Author.objects.araw("SELECT * FROM author"), list[Author])
    assert_type(await raw, list[Author])
    async for author in raw.prefetch_related("book_set"):
        assert_type(author, Author)
    assert_type(Author.objects.explain(format="json"), str)
    assert_type(await Author.objects.aexplain(analyze=True), str)
