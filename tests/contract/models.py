"""The models of these tests: who writes what, and the rows that every test finds."""

from __future__ import annotations

import dorm

APP = "magazine"


class Publisher(dorm.Model):
    name = dorm.CharField(max_length=50)

    class Meta:
        app_label = APP


class Author(dorm.Model):
    name = dorm.CharField(max_length=100)
    email = dorm.EmailField(unique=True)
    age = dorm.IntegerField()
    bio = dorm.TextField(null=True, blank=True)
    active = dorm.BooleanField(default=True)
    joined = dorm.DateTimeField(auto_now_add=True)
    updated_at = dorm.DateTimeField(null=True, blank=True)
    rank = dorm.IntegerField(default=0)
    balance = dorm.IntegerField(default=0)
    publisher = dorm.ForeignKey(Publisher, on_delete=dorm.SET_NULL, null=True, blank=True)

    class Meta:
        app_label = APP
        db_table = "authors"
        ordering = ["name"]  # noqa: RUF012 - as everybody writes it


class Book(dorm.Model):
    title = dorm.CharField(max_length=200)
    author = dorm.ForeignKey(Author, on_delete=dorm.CASCADE)
    pages = dorm.IntegerField(default=0)
    published = dorm.BooleanField(default=False)
    year = dorm.IntegerField(default=2020)

    class Meta:
        app_label = APP
        db_table = "books"


class Tag(dorm.Model):
    name = dorm.CharField(max_length=50, unique=True)

    class Meta:
        app_label = APP
        ordering = ["name"]  # noqa: RUF012 - as everybody writes it


class Article(dorm.Model):
    title = dorm.CharField(max_length=200)
    tags = dorm.ManyToManyField(Tag, related_name="articles")

    class Meta:
        app_label = APP
        ordering = ["title"]  # noqa: RUF012 - as everybody writes it


ALL = (Publisher, Author, Book, Tag, Article)


def fill() -> None:
    """Four authors, of whom two have a publisher and books; two articles with tags."""
    zeta, alpha = (Publisher.objects.create(name=name) for name in ("Zeta", "Alpha"))
    for name, age, bio, active, rank, balance, publisher in (
        ("Alice", 30, "Writes.", True, 5, -10, zeta),
        ("Bob", 25, None, True, 3, 20, alpha),
        ("Carol", 70, None, False, 9, 0, None),
        ("Dave", 16, "", True, 1, -5, None),
    ):
        Author.objects.create(
            name=name,
            email=f"{name.lower()}@example.com",
            age=age,
            bio=bio,
            active=active,
            rank=rank,
            balance=balance,
            publisher=publisher,
        )
    alice, bob = Author.objects.order_by("name")[:2]
    Book.objects.create(title="Winter", author=alice, pages=100, published=True, year=2020)
    Book.objects.create(title="Spring", author=alice, pages=200, published=True, year=2021)
    Book.objects.create(title="Autumn", author=bob, pages=300, year=2019)
    python, sql = (Tag.objects.create(name=name) for name in ("python", "sql"))
    Article.objects.create(title="Joins").tags.add(python, sql)
    Article.objects.create(title="Loops").tags.add(python)
