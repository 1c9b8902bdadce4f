"""What the raw contestants do with the rows of two queries, without a library: parents with lists of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.contestants.plain import Item, Owner, Score, Tag, new
from benchmarks.records import SCORES

if TYPE_CHECKING:
    from collections.abc import Iterable

OWNERS = "SELECT id, name, email, active FROM bench_owner ORDER BY id"


def owners(rows: Iterable[tuple[Any, ...]]) -> list[Owner]:
    """The rows as objects."""
    found: list[Owner] = []
    for key, name, email, active in rows:
        owner = new(Owner)
        owner.id = key
        owner.name = name
        owner.email = email
        owner.active = active == 1
        found.append(owner)
    return found


def with_children(parents: list[Owner], items: list[Item]) -> list[Owner]:
    """Each owner with its items as a list ``chosen``."""
    by_key: dict[int, list[Item]] = {owner.id: [] for owner in parents}
    for item in items:
        by_key[item.owner_id].append(item)
    for owner in parents:
        owner.chosen = by_key[owner.id]
    return parents


def with_tags(parents: list[Owner], rows: Iterable[tuple[int, int, str]]) -> list[Owner]:
    """Each owner with its tags as a list ``labels``; a tag of several owners is one object."""
    by_key: dict[int, list[Tag]] = {owner.id: [] for owner in parents}
    tags: dict[int, Tag] = {}
    for owner_key, key, name in rows:
        tag = tags.get(key)
        if tag is None:
            tag = tags[key] = new(Tag)
            tag.id = key
            tag.name = name
        by_key[owner_key].append(tag)
    for owner in parents:
        owner.labels = by_key[owner.id]
    return parents


def kept_scores() -> list[Score]:
    """Objects for all scores, by key."""
    found: list[Score] = []
    for number in range(1, SCORES + 1):
        score = new(Score)
        score.id = number
        found.append(score)
    return found
