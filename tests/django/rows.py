"""The rows of the comparison: few enough to reckon with, and with something missing everywhere."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import Any

UTC = datetime.UTC


def moment(*parts: int) -> datetime.datetime:
    return datetime.datetime(*parts, tzinfo=UTC)


PUBLISHERS = (
    ("North", "Oslo", datetime.date(1950, 1, 1)),
    ("South", "Rome", datetime.date(1999, 12, 31)),
    ("East", None, None),
    ("Nobody's", "", datetime.date(2020, 2, 29)),
)

TAGS = (("fiction", None), ("crime", 1), ("poetry", 1), ("science", None), ("maths", 4), ("unused", None))

AUTHORS = (
    # name, age, email, active, verified, joined, born, wakes, salary, score, pause, publisher, mentor
    (
        "Ann", 30, "ann@example.com", True, True, moment(2024, 1, 31, 23, 59, 59, 999999), datetime.date(1994, 2, 28),
        datetime.time(6, 30), Decimal("1000.50"), 1.5, datetime.timedelta(hours=1), 1, None,
    ),
    (
        "Bob", 45, None, True, False, moment(2024, 2, 29, 12, 0), datetime.date(1979, 12, 31),
        datetime.time(23, 59, 59), Decimal("2000.00"), -2.5, datetime.timedelta(days=2, microseconds=5), 1, 1,
    ),
    (
        "Cid", 45, "CID@EXAMPLE.COM", False, None, moment(2023, 12, 31, 23, 30), None, None, Decimal("0.10"), 0.0, None,
        2, 1,
    ),
    ("dee", 17, "", True, True, None, datetime.date(2007, 1, 1), datetime.time(0, 0), None, None, None, None, 2),
    (
        "Éve", 62, "eve%x_y@example.org", False, False, moment(2020, 7, 4, 5, 6, 7, 80000), datetime.date(1962, 6, 15),
        datetime.time(12, 0, 0, 500), Decimal("1000.50"), 3.25, datetime.timedelta(0), 3, None,
    ),
    (
        "O'Neil \\ %", 30, "100%_sure@example.com", True, None, moment(2024, 1, 31, 0, 0), datetime.date(1994, 2, 28),
        datetime.time(6, 30), Decimal("-5.25"), 1e10, datetime.timedelta(days=-1), 2, 5,
    ),
)  # fmt: skip

PROFILES = ((1, "https://ann.example", "Writes."), (3, "cid.example", ""), (5, "", "Reads. And reads."))

BOOKS = (
    # title, pages, price, published, added, author, editor, publisher, tags
    ("Alpha", 100, "9.99", datetime.date(2020, 1, 1), moment(2020, 1, 1, 8, 0), 1, 2, 1, (1, 2)),
    ("Beta", 250, "19.90", datetime.date(2021, 12, 31), moment(2021, 12, 31, 23, 59, 59), 1, None, 1, (1, 2, 3)),
    ("Gamma", None, "0.00", None, moment(2022, 6, 15, 12, 0, 0, 1), 2, 1, None, ()),
    ("Delta", 333, "100.00", datetime.date(2024, 2, 29), moment(2024, 2, 29, 0, 0), 3, 3, 2, (4, 5)),
    ("alpha", 100, "9.99", datetime.date(2020, 1, 1), moment(2020, 1, 1, 20, 0), 5, 2, 3, (1,)),
    ("100% Zeta_", 7, "5.55", datetime.date(2019, 7, 4), moment(2019, 7, 4, 4, 4, 4), 5, None, None, (3, 4)),
    ("Éta", -1, "42.42", datetime.date(2024, 12, 30), moment(2024, 12, 30, 10, 0), 6, 5, 2, ()),
    ("", 250, "19.90", None, moment(2021, 3, 28, 2, 30), 1, 6, 2, (2,)),
)

REVIEWS = (
    # book, reviewer, stars, text, posted
    (1, 2, 5, "Great", moment(2020, 2, 1, 10, 0)),
    (1, 3, 3, "", moment(2020, 2, 2, 11, 0)),
    (1, None, 1, "Bad\nbad", moment(2020, 3, 1, 0, 0)),
    (2, 1, 5, "great!", moment(2022, 1, 1, 0, 0)),
    (2, 2, 4, "Good", moment(2022, 1, 1, 0, 0)),
    (4, 5, 2, "Dull", moment(2024, 3, 1, 12, 30)),
    (6, 5, 4, "Fine", moment(2019, 8, 1, 12, 30)),
    (8, None, 3, "", moment(2021, 4, 1, 23, 0)),
)

CLUBS = ("Chess", "Rowing", "Empty")

MEMBERSHIPS = ((1, 1, 2019, "10.00"), (1, 2, 2020, "12.50"), (2, 1, 2021, "7.25"), (2, 5, 2018, "0.00"))

FRIENDS = ((1, 2), (1, 3), (5, 6))
FOLLOWS = ((1, 2), (2, 1), (3, 1), (4, 4), (6, 1))


def code(number: int) -> uuid.UUID:
    """The code of a book, by its number from one."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"book/{number}")


def fill(m: Any) -> None:
    """Write the rows with the models *m*, whose tables are empty."""
    for name, city, founded in PUBLISHERS:
        m.Publisher.objects.create(name=name, city=city, founded=founded)
    for name, parent in TAGS:
        m.Tag.objects.create(name=name, parent_id=parent)
    fields = [
        "name",
        "age",
        "email",
        "active",
        "verified",
        "joined",
        "born",
        "wakes",
        "salary",
        "score",
        "pause",
        "publisher_id",
        "mentor_id",
    ]
    authors = [m.Author.objects.create(**dict(zip(fields, values, strict=True))) for values in AUTHORS]
    for author, site, bio in PROFILES:
        m.Profile.objects.create(author_id=author, site=site, bio=bio)
    fields = ["title", "pages", "price", "published", "added", "author_id", "editor_id", "publisher_id"]
    for number, (*values, tags) in enumerate(BOOKS, 1):
        given = dict(zip(fields, values, strict=True))
        book = m.Book.objects.create(code=code(number), **{**given, "price": Decimal(given["price"])})
        book.tags.add(*tags)
    for book, reviewer, stars, text, posted in REVIEWS:
        m.Review.objects.create(book_id=book, reviewer_id=reviewer, stars=stars, text=text, posted=posted)
    for name in CLUBS:
        m.Club.objects.create(name=name)
    for club, author, year, fee in MEMBERSHIPS:
        since = datetime.date(year, 5, 1)
        m.Membership.objects.create(club_id=club, author_id=author, since=since, fee=Decimal(fee))
    for one, other in FRIENDS:
        authors[one - 1].friends.add(authors[other - 1])
    for one, other in FOLLOWS:
        authors[one - 1].follows.add(authors[other - 1])
