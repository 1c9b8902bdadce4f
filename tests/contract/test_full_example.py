"""A whole program in one file: its models stand in ``__main__``, it works in one colour and then in the other."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.testbed.databases import Database

ROOT = pathlib.Path(__file__).parents[2]

PROGRAM = """
import asyncio
import json
import sys

import dorm
from dorm import Case, Upper, Value, When
from dorm.signals import post_save

dorm.configure(DATABASES={"default": json.loads(sys.argv[1])})


class Dated(dorm.Model):
    created_at = dorm.DateTimeField(auto_now_add=True, null=True)
    updated_at = dorm.DateTimeField(auto_now=True, null=True)

    class Meta:
        abstract = True


class Topic(dorm.Model):
    name = dorm.CharField(max_length=50, unique=True)

    class Meta:
        db_table = "topics"
        ordering = ["name"]


class Writer(dorm.Model):
    name = dorm.CharField(max_length=100)
    email = dorm.EmailField(unique=True)
    age = dorm.IntegerField()

    class Meta:
        db_table = "writers"
        ordering = ["name"]


class Entry(Dated):
    title = dorm.CharField(max_length=200)
    body = dorm.TextField()
    writer = dorm.ForeignKey(Writer, on_delete=dorm.CASCADE)
    published = dorm.BooleanField(default=False)
    views = dorm.IntegerField(default=0)
    topics = dorm.ManyToManyField(Topic, related_name="entries")

    class Meta:
        db_table = "entries"
        ordering = ["-created_at"]


@post_save.connect_for(Writer)
def greet(sender, instance, created, **kwargs):
    if created:
        print("hello", instance.name)


def with_blocking_calls():
    ann = Writer.objects.create(name="Ann", email="ann@example.com", age=41)
    ben = Writer.objects.create(name="Ben", email="ben@example.com", age=19)
    ann.save()  # not created: nobody is greeted again

    first = Entry.objects.create(title="First", body="...", writer=ann, published=True)
    Entry.objects.create(title="Second", body="...", writer=ann)
    Entry.objects.create(title="Third", body="...", writer=ben, published=True)
    first.topics.add(Topic.objects.create(name="sea"))

    joined = list(Entry.objects.select_related("writer").filter(published=True))
    print("writers", [entry.writer.name for entry in joined])

    fetched = list(Entry.objects.prefetch_related("topics"))
    print("topics", [[topic.name for topic in entry.topics.all()] for entry in fetched])

    computed = list(
        Writer.objects.annotate(
            loud=Upper(dorm.F("name")),
            kind=Case(When(age__lt=30, then=Value("young")), default=Value("grown")),
        )
    )
    print("computed", [(writer.loud, writer.kind) for writer in computed])

    both = list(Writer.objects.filter(age__lt=30).union(Writer.objects.filter(age__gte=65)))
    print("union", [writer.name for writer in both])

    for entry in Entry.objects.iterator():
        print("streamed", entry.title)

    print("statistics", Entry.objects.aggregate(total=dorm.Count("id"), views=dorm.Avg("views")))

    Entry.objects.filter(published=True).update(views=dorm.F("views") + 1)
    print("views", list(Entry.objects.order_by("title").values_list("views", flat=True)))


async def with_awaited_calls():
    ann = await Writer.objects.aget(email="ann@example.com")
    await Entry.objects.acreate(title="Fourth", body="...", writer=ann, published=True)

    async for entry in Entry.objects.filter(writer=ann).order_by("title"):
        print("of ann", entry.title)

    async for entry in Entry.objects.all().aiterator():
        print("streamed", entry.title)

    print("statistics", await Entry.objects.aaggregate(total=dorm.Count("id")))


dorm.create_tables(Topic, Writer, Entry)
with_blocking_calls()
asyncio.run(with_awaited_calls())
"""

PRINTED = """
hello Ann
hello Ben
writers ['Ben', 'Ann']
topics [[], [], ['sea']]
computed [('ANN', 'grown'), ('BEN', 'young')]
union ['Ben']
streamed Third
streamed Second
streamed First
statistics {'total': 3, 'views': 0.0}
views [1, 0, 1]
of ann First
of ann Fourth
of ann Second
streamed Fourth
streamed Third
streamed Second
streamed First
statistics {'total': 4}
"""


def test_one_program_works_in_both_colours(db: Database, tmp_path: pathlib.Path) -> None:
    program = tmp_path / "diary.py"
    program.write_text(PROGRAM, encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-W", "error", str(program), json.dumps(db.entry)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert "" == done.stderr
    assert PRINTED.split("\n")[1:-1] == done.stdout.splitlines()
