"""Smaller questions: earliest and latest, rows by key, membership, locks."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest

import dorm
from dorm.test import capture_queries

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.testbed.colours import Call
    from tests.testbed.databases import Database

    Tables = Callable[..., None]


class Note(dorm.Model):
    slug = dorm.SlugField(unique=True)
    day = dorm.DateField()

    class Meta:
        app_label = "test_asking"
        get_latest_by = "day"


async def make(tables: Tables, call: Call) -> list[Note]:
    tables(Note)
    days = [datetime.date(2026, 3, day) for day in (2, 1, 3)]
    return [await call(Note.objects, "create", slug=f"n{day.day}", day=day) for day in days]


async def test_earliest_and_latest_go_by_meta_or_by_the_named_fields(tables: Tables, call: Call) -> None:
    await make(tables, call)
    assert "n1" == (await call(Note.objects, "earliest")).slug
    assert "n3" == (await call(Note.objects, "latest")).slug
    assert "n3" == (await call(Note.objects, "earliest", "-slug")).slug
    with pytest.raises(Note.DoesNotExist):
        await call(Note.objects.filter(slug="none"), "latest")


async def test_rows_by_key_or_by_another_unique_field(tables: Tables, call: Call) -> None:
    first, second, third = await make(tables, call)
    assert {first.pk: first, third.pk: third} == await call(Note.objects, "in_bulk", [first.pk, third.pk])
    assert {"n1": second} == await call(Note.objects, "in_bulk", ["n1"], field_name="slug")
    assert 3 == len(await call(Note.objects, "in_bulk"))
    assert {} == await call(Note.objects, "in_bulk", [])


async def test_membership_is_one_exists(tables: Tables, call: Call) -> None:
    first, second, _ = await make(tables, call)
    with capture_queries() as queries:
        assert await call(Note.objects.filter(slug="n2"), "contains", first)
        assert not await call(Note.objects.filter(slug="n2"), "contains", second)
    assert 2 == len(queries)


async def test_rows_are_locked_inside_a_block_only(tables: Tables, call: Call, db: Database) -> None:
    await make(tables, call)
    if not db.is_postgresql:
        with pytest.raises(dorm.NotSupportedError, match="locks no rows"):
            Note.objects.select_for_update()
        return
    with pytest.raises(dorm.TransactionManagementError, match="inside a block only"):
        await call(Note.objects.select_for_update(), "first")
    async with call.atomic():
        with capture_queries() as queries:
            await call.list(Note.objects.select_for_update(skip_locked=True, no_key=True).filter(slug="n1"))
    (query,) = queries
    assert query.sql.endswith(' FOR NO KEY UPDATE OF "test_asking_note" SKIP LOCKED')


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (lambda: Note.objects.in_bulk([1], field_name="day"), "must be a unique field"),
        (Note.objects.all()[:2].in_bulk, "before slicing"),
        (lambda: Note.objects.contains(Note(slug="x")), "not saved"),
        (lambda: Note.objects.contains("x"), "takes an instance of Note"),
        (Note.objects.all()[:2].latest, "before slicing"),
    ],
)
def test_mistakes_are_told_before_anything_is_asked(wrong: Callable[[], object], error: str) -> None:
    with pytest.raises((ValueError, TypeError), match=error):
        wrong()
