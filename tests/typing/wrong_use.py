"""Mistakes that a type checker must find: each line marked ``# wrong``, and no other.  See test_checkers.py."""

from __future__ import annotations

import dorm
from tests.typing.models_and_queries import Author, Book


def wrong(author: Author) -> None:
    author.name = 3  # wrong
    author.age = None  # wrong
    author.bio = None
    print(author.nmae)  # wrong
    print(Author.age >= "x")  # wrong
    print(Author.age >= 18)
    print(Author.age.icontains("x"))  # wrong
    print(Author.bio.icontains("x"))
    print(Book.author.nmae)  # wrong
    print(Book.author.name)
    print(Author.objects.first().name)  # wrong
    print(Author.objects.get().name.nmae)  # wrong
    Author.objects.filter(3)  # wrong
    Author.objects.filter(age=3)


async def wrong_colour() -> None:
    print(Author.objects.afirst().name)  # wrong
    for _ in Author.objects.aiterator():  # wrong
        break


class Mistaken(dorm.Model):
    name = dorm.CharField(max_lenght=3)  # wrong
    size = dorm.DecimalField(max_digits=3)  # wrong
    other = dorm.ForeignKey(Author)  # wrong
