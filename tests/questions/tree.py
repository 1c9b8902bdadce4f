"""A tree of categories, articles in several of them and related to each other, tags, and authors who teach authors."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import dorm

SINCE = dt.date(2021, 1, 1)


class Tree(dorm.Model):
    """What the models have in common."""

    class Meta:
        abstract = True
        app_label = "tree"


class Category(Tree):
    name = dorm.CharField(max_length=30)
    parent = dorm.ForeignKey("self", on_delete=dorm.CASCADE, null=True, related_name="children")


class Tag(Tree):
    name = dorm.CharField(max_length=20, unique=True)


class Author(Tree):
    name = dorm.CharField(max_length=30)
    born = dorm.IntegerField()
    mentor = dorm.ForeignKey("self", on_delete=dorm.SET_NULL, null=True, related_name="pupils")
    follows = dorm.ManyToManyField("self", symmetrical=False, related_name="followers")


class Profile(Tree):
    author = dorm.OneToOneField(Author, on_delete=dorm.CASCADE, primary_key=True, related_name="profile")
    motto = dorm.CharField(max_length=40)
    favourite = dorm.ForeignKey(Category, on_delete=dorm.SET_NULL, null=True, related_name="fans")


class Article(Tree):
    title = dorm.CharField(max_length=40)
    author = dorm.ForeignKey(Author, on_delete=dorm.CASCADE, related_name="articles")
    published = dorm.DateField(null=True)
    words = dorm.IntegerField()
    score = dorm.FloatField(null=True)
    categories = dorm.ManyToManyField(Category, related_name="articles")
    tags = dorm.ManyToManyField(Tag, related_name="articles")
    related = dorm.ManyToManyField("self")


ALL = (Category, Tag, Author, Profile, Article)


def fill() -> None:
    """Store some thirty thousand rows, the same every time."""
    chance = random.Random(13)
    Category.objects.bulk_create(
        Category(id=key, name=f"Category {key:02d}", parent_id=None if key < 5 else (key + 3) // 4)
        for key in range(1, 86)
    )
    Tag.objects.bulk_create(Tag(id=key, name=f"tag{key:02d}") for key in range(1, 61))
    Author.objects.bulk_create(
        Author(
            id=key,
            name=f"Author {key:03d}",
            born=1930 + chance.randrange(70),
            mentor_id=None if key < 8 or key % 10 == 0 else chance.randrange(1, key),
        )
        for key in range(1, 201)
    )
    Profile.objects.bulk_create(
        Profile(
            author_id=key, motto=f"motto {key % 13}", favourite_id=None if key % 4 == 0 else chance.randrange(1, 86)
        )
        for key in range(3, 200, 3)
    )
    Article.objects.bulk_create(articles(chance))
    join(Article.categories, "article", "category", pairs(chance, 6000, (1, 3901), (3, 81)))
    join(Article.tags, "article", "tag", pairs(chance, 9000, (1, 3801), (1, 56)))
    join(Author.follows, "from_author", "to_author", pairs(chance, 1200, (1, 181), (1, 191)))
    related = {(min(pair), max(pair)) for pair in pairs(chance, 2500, (1, 1501), (1, 1501)) if pair[0] != pair[1]}
    both = sorted(related | {(there, here) for here, there in related})
    join(Article.related, "from_article", "to_article", both)


def articles(chance: random.Random) -> list[Article]:
    return [
        Article(
            id=key,
            title=f"{chance.choice(['On', 'Against', 'Beyond'])} {chance.choice(['trees', 'cities', 'rain'])} {key}",
            author_id=min(chance.randrange(1, 191), chance.randrange(1, 191)),
            published=None if key % 8 == 0 else SINCE + dt.timedelta(days=chance.randrange(1300)),
            words=chance.randrange(100, 5000),
            score=None if key % 7 == 0 else chance.randrange(0, 41) / 8,
        )
        for key in range(1, 4001)
    ]


def pairs(chance: random.Random, count: int, ours: tuple[int, int], theirs: tuple[int, int]) -> list[tuple[int, int]]:
    """Different pairs of keys."""
    return sorted({(chance.randrange(*ours), chance.randrange(*theirs)) for _ in range(count)})


def join(relation: Any, ours: str, theirs: str, keys: list[tuple[int, int]]) -> None:
    through = relation.through
    through.objects.bulk_create(through(**{f"{ours}_id": one, f"{theirs}_id": other}) for one, other in keys)
