"""What a user's type checker sees.  Read by pyright and mypy in strict mode, never run."""

from __future__ import annotations

import datetime
import decimal
import uuid
from typing import Any, assert_type

import dorm
from dorm.fields import Column


class Publisher(dorm.Model):
    name = dorm.CharField(max_length=50)


class Author(dorm.Model):
    name = dorm.CharField(max_length=100)
    bio = dorm.TextField(null=True)
    email = dorm.EmailField(unique=True)
    homepage = dorm.URLField(null=True)
    age = dorm.IntegerField()
    rank = dorm.BigIntegerField(null=True)
    score = dorm.FloatField()
    height = dorm.FloatField(null=True)
    salary = dorm.DecimalField(max_digits=8, decimal_places=2)
    bonus = dorm.DecimalField(max_digits=8, decimal_places=2, null=True)
    active = dorm.BooleanField(default=True)
    vip = dorm.BooleanField(null=True)
    born = dorm.DateField()
    died = dorm.DateField(null=True)
    wakes = dorm.TimeField()
    joined = dorm.DateTimeField(auto_now_add=True)
    left = dorm.DateTimeField(null=True)
    shift = dorm.DurationField()
    token = dorm.UUIDField(default=uuid.uuid4)
    old_token = dorm.UUIDField(null=True)
    photo = dorm.BinaryField()
    host = dorm.GenericIPAddressField(null=True)
    settings = dorm.JSONField(default=dict)
    publisher = dorm.ForeignKey(Publisher, on_delete=dorm.SET_NULL, null=True)


class Tag(dorm.Model):
    name = dorm.CharField(max_length=20)


class Book(dorm.Model):
    title = dorm.CharField(max_length=200)
    tags = dorm.ManyToManyField(Tag)
    author = dorm.ForeignKey(Author, on_delete=dorm.CASCADE)
    sequel_of = dorm.ForeignKey("self", on_delete=dorm.CASCADE, null=True)


class Profile(dorm.Model):
    author = dorm.OneToOneField(Author, on_delete=dorm.CASCADE)


def values(author: Author, book: Book, profile: Profile) -> None:
    assert_type(author.name, str)
    assert_type(author.bio, str | None)
    assert_type(author.email, str)
    assert_type(author.homepage, str | None)
    assert_type(author.age, int)
    assert_type(author.rank, int | None)
    assert_type(author.score, float)
    assert_type(author.height, float | None)
    assert_type(author.salary, decimal.Decimal)
    assert_type(author.bonus, decimal.Decimal | None)
    assert_type(author.active, bool)
    assert_type(author.vip, bool | None)
    assert_type(author.born, datetime.date)
    assert_type(author.died, datetime.date | None)
    assert_type(author.wakes, datetime.time)
    assert_type(author.joined, datetime.datetime)
    assert_type(author.left, datetime.datetime | None)
    assert_type(author.shift, datetime.timedelta)
    assert_type(author.token, uuid.UUID)
    assert_type(author.old_token, uuid.UUID | None)
    assert_type(author.photo, bytes)
    assert_type(author.host, str | None)
    assert_type(author.settings, Any)
    assert_type(author.publisher, Publisher | None)
    assert_type(book.author, Author)
    assert_type(book.author.name, str)
    assert_type(profile.author, Author)
    assert_type(book.tags.first(), Tag | None)
    assert_type(book.tags.create(name="new"), Tag)
    assert_type(book.tags.filter(name="new").get(), Tag)
    assert_type(book.tags.add(Tag(), 3), None)
    author.age = 31
    author.bio = None
    author.publisher = Publisher()
    author.age = dorm.F("age") + 1


def columns() -> None:
    assert_type(Author.name, Column[str])
    assert_type(Author.bio, Column[str | None])
    assert_type(Author.age, Column[int])
    assert_type(Author.age >= 18, dorm.Q)
    assert_type(Author.bio.icontains("a"), dorm.Q)
    assert_type(Book.author, type[Author])
    assert_type(Book.author.name, Column[str])
    assert_type(Book.author.name == "Ann", dorm.Q)
    assert_type(Book.objects.filter(Book.author.age > 3).first(), Book | None)


def synchronous() -> None:
    assert_type(Author.objects.get(name="Ann"), Author)
    assert_type(Author.objects.get_or_none(name="Ann"), Author | None)
    assert_type(Author.objects.filter(age__gte=18).first(), Author | None)
    assert_type(Author.objects.exclude(age=1).order_by("-age").last(), Author | None)
    assert_type(Author.objects.create(name="Ann"), Author)
    assert_type(Author.objects.get_or_create(name="Ann"), tuple[Author, bool])
    assert_type(Author.objects.bulk_create([Author()]), list[Author])
    assert_type(Author.objects.count(), int)
    assert_type(Author.objects.all().exists(), bool)
    assert_type(Author.objects.update(age=1), int)
    assert_type(Author.objects.all()[0], Author)
    assert_type(Book.objects.select_related("author").get().author, Author)
    for author in Author.objects.filter(active=True):
        assert_type(author, Author)
    for author in Author.objects.iterator():
        assert_type(author.name, str)
    for row in Author.objects.values("name"):
        assert_type(row, dict[str, Any])
    assert_type(list(Author.objects.values_list("name", "age")), list[tuple[Any, ...]])
    assert_type(Author().save(), None)
    assert_type(Author().delete(), tuple[int, dict[str, int]])


async def asynchronous() -> None:
    assert_type(await Author.objects.aget(name="Ann"), Author)
    assert_type(await Author.objects.aget_or_none(name="Ann"), Author | None)
    assert_type(await Author.objects.filter(age__gte=18).afirst(), Author | None)
    assert_type(await Author.objects.alast(), Author | None)
    assert_type(await Author.objects.acreate(name="Ann"), Author)
    assert_type(await Author.objects.aget_or_create(name="Ann"), tuple[Author, bool])
    assert_type(await Author.objects.abulk_create([Author()]), list[Author])
    assert_type(await Author.objects.acount(), int)
    assert_type(await Author.objects.aexists(), bool)
    assert_type(await Author.objects.filter(age=1), list[Author])
    assert_type(await Author.objects.values("name"), list[dict[str, Any]])
    async for author in Author.objects.all():
        assert_type(author, Author)
    async for author in Author.objects.aiterator():
        assert_type(author.bio, str | None)


class LiveBooks(dorm.QuerySet["Work"]):
    def live(self) -> LiveBooks:
        return self.filter(title__gt="")


class WorkManager(dorm.Manager["Work"]):
    def titled(self, title: str) -> dorm.QuerySet[Work]:
        return self.filter(title=title)


class Work(dorm.Model):
    title = dorm.CharField(max_length=10)

    objects = WorkManager()
    live = LiveBooks.as_manager()


def managers() -> None:
    assert_type(Work.objects.titled("x").first(), Work | None)
    assert_type(Work.live.live().filter(title="x").live().first(), Work | None)


def transactions() -> None:
    with dorm.transaction.atomic():
        pass

    @dorm.transaction.atomic
    def transfer(amount: int) -> str:
        return str(amount)

    @dorm.transaction.aatomic("replica")
    async def report() -> int:
        return await Author.objects.acount()

    assert_type(transfer(1), str)
    del report
