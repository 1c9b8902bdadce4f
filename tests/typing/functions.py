"""What a user's type checker sees of functions, windows, dates() and registered lookups.  Never run."""

from __future__ import annotations

import datetime
from typing import assert_type

import dorm
from dorm import F, Length, Lookup, Rank, StdDev, Sum, Transform, TruncMonth, Upper, Value, Window


class Author(dorm.Model):
    name = dorm.CharField(max_length=100)
    age = dorm.IntegerField()
    born = dorm.DateField()
    joined = dorm.DateTimeField()


class Longer(Lookup):
    name = "longer"
    template = "LENGTH({left}) > {right}"


@dorm.CharField.register_lookup
class Shouted(Transform):
    name = "shouted"
    template = "UPPER({left})"


def functions() -> None:
    assert_type(Author.objects.annotate(n=Length("name"), u=Upper(F("name")[0:3])).get(), Author)
    assert_type(Author.objects.annotate(r=Window(Rank(), order_by="-age")).filter(r=1).first(), Author | None)
    assert_type(Author.objects.annotate(s=Window(Sum("age"), partition_by=[F("joined__year")])).get(), Author)
    assert_type(Author.objects.order_by(TruncMonth("joined").desc(), Length("name")).get(), Author)
    assert_type(Author.objects.alias(d=StdDev("age", sample=True), v=Value(1) + F("age")).get(), Author)


def calendars() -> None:
    assert_type(list(Author.objects.dates("born", "month")), list[datetime.date])
    assert_type(Author.objects.datetimes("joined", "hour", "DESC").first(), datetime.datetime | None)


def registered() -> None:
    assert_type(dorm.CharField.register_lookup(Longer), type[Longer])
    assert_type(Shouted, type[Shouted])
    assert_type(Shouted.register_lookup(Longer), type[Longer])
    assert_type(dorm.CharField(max_length=5).register_lookup(Longer, "more"), type[Longer])
    assert_type(dorm.CharField.get_lookup("longer"), type[Lookup] | None)
    assert_type(dorm.CharField.get_transforms(), dict[str, type[Transform]])
