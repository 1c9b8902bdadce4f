"""Every entry point that takes a name, an alias, an option or a kind: ``ENTRIES[family][entry](payload, call)``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dorm
from dorm import Case, Count, Exists, F, Max, OuterRef, Prefetch, Q, Subquery, Sum, Value, When, Window
from dorm.db.connection import get_async_connection, get_connection
from dorm.functions.window import RowNumber
from tests.security.models import Folder, Paper

if TYPE_CHECKING:
    from collections.abc import Callable

P = Paper.objects
KNOWN = {"name": "known", "age": 1}

Entry = Any


def rows(query: Callable[[str], Any]) -> Entry:
    """An entry whose query is iterated over."""
    return lambda name, call: call.list(query(name))


def ends(query: Callable[[str], Any], method: str = "count", *arguments: Any) -> Entry:
    """An entry whose query ends in *method*."""
    return lambda name, call: call(query(name), method, *arguments)


async def in_block(name: str, call: Any) -> None:
    async with call.atomic(using=name):
        await call(P, "count")


async def handle(name: str, call: Any) -> Any:
    return (get_async_connection if call.is_async else get_connection)(name)


async def through(name: str, call: Any, method: str) -> Any:
    paper = Paper(pk=1, name="one")
    folders: Any = [1] if method == "add" else [Folder(pk=1)]
    if method == "set":
        return await call(paper.folders, "set", folders, through_defaults={name: 1})
    if method == "create":
        return await call(paper.folders, "create", title="x", through_defaults={name: 1})
    return await call(paper.folders, "add", *folders, through_defaults={name: 1})


def asked(question: Callable[[str], Any]) -> Entry:
    """An entry that is no query."""

    async def entry(name: str, call: Any) -> Any:
        return question(name)

    return entry


FILTERS: dict[str, Entry] = {
    "filter": ends(lambda name: P.filter(**{name: 1})),
    "filter beside another": ends(lambda name: P.filter(age=1, **{name: 1})),
    "filter()._connector": ends(lambda name: P.filter(age=1, _connector=name)),
    "filter()._negated": ends(lambda name: P.filter(age=1, _negated=name)),
    "exclude()._connector": ends(lambda name: P.exclude(age=1, _connector=name)),
    "get()._connector": lambda name, call: call(P, "get", age=1, _connector=name),
    "get()._negated": lambda name, call: call(P, "get", age=1, _negated=name),
    "Q()._connector": ends(lambda name: P.filter(Q(age=1, _connector=name))),
    "Q()._negated": ends(lambda name: P.filter(Q(age=1, _negated=name))),
    "When()._connector": rows(lambda name: P.annotate(x=Case(When(age=1, _connector=name, then=1)))),
    "exclude": ends(lambda name: P.exclude(**{name: 1})),
    "exclude().delete()": ends(lambda name: P.exclude(**{name: 1}), "delete"),
    "filter().update()": lambda name, call: call(P.filter(**{name: 1}), "update", age=1),
    "lookup": ends(lambda name: P.filter(**{f"age__{name}": 1})),
    "lookup of text": ends(lambda name: P.filter(**{f"name__{name}": "x"})),
    "lookup of a date": ends(lambda name: P.filter(**{f"born__{name}": 1})),
    "part of a moment": ends(lambda name: P.filter(**{f"joined__{name}__gte": 1})),
    "part of a date of a moment": ends(lambda name: P.filter(**{f"joined__date__{name}": 1})),
    "beyond a relation": ends(lambda name: P.filter(**{f"folder__{name}": 1})),
    "beyond a many-to-many": ends(lambda name: P.filter(**{f"folders__{name}": 1})),
    "backwards": ends(lambda name: Folder.objects.filter(**{f"paper__{name}": 1})),
    "Q": ends(lambda name: P.filter(Q((name, 1)))),
    "Q, deep": ends(lambda name: P.filter(~(Q(age=1) | (Q(age=2) & Q(**{name: 1}))))),
    "filter(F)": ends(lambda name: P.filter(age=F(name))),
    "filter(F + 1)": ends(lambda name: P.filter(age__gt=F(name) + 1)),
    "Exists": ends(lambda name: P.filter(Exists(Folder.objects.filter(**{name: OuterRef("pk")})))),
    "OuterRef": ends(lambda name: P.filter(Exists(Folder.objects.filter(pk=OuterRef(name))))),
    "in a subquery": ends(lambda name: P.filter(pk__in=P.values(name))),
    "get": lambda name, call: call(P, "get", **{name: 1}),
    "get_or_none": lambda name, call: call(P, "get_or_none", **{name: 1}),
    "first": ends(lambda name: P.filter(**{name: 1}), "first"),
    "related manager": ends(lambda name: Folder(pk=1).paper_set.filter(**{name: 1})),
    "many-to-many manager": ends(lambda name: Paper(pk=1).folders.filter(**{name: 1})),
}

CHOICES: dict[str, Entry] = {
    "order_by": ends(P.order_by, "first"),
    "order_by -": ends(lambda name: P.order_by(f"-{name}"), "first"),
    "order_by beyond": ends(lambda name: P.order_by(f"folder__{name}"), "first"),
    "order_by F": ends(lambda name: P.order_by(F(name).desc(nulls_last=True)), "first"),
    "order_by of a union": rows(lambda name: P.filter(age=1).union(P.filter(age=2)).order_by(name)),
    "order_by of values": rows(lambda name: P.values("age").order_by(name)),
    "earliest": lambda name, call: call(P, "earliest", name),
    "latest": lambda name, call: call(P, "latest", name),
    "distinct": rows(P.distinct),
    "distinct beyond": rows(lambda name: P.order_by("folder").distinct(f"folder__{name}")),
    "values": rows(P.values),
    "values beyond": rows(lambda name: P.values(f"folder__{name}")),
    "values F": rows(lambda name: P.values(F(name))),
    "values of a union": rows(lambda name: P.filter(age=1).union(P.filter(age=2)).values(name)),
    "values_list": rows(lambda name: P.values_list("age", name)),
    "values_list flat": rows(lambda name: P.values_list(name, flat=True)),
    "values_list named": rows(lambda name: P.values_list(name, named=True)),
    "only": rows(P.only),
    "only beyond": rows(lambda name: P.select_related("folder").only(f"folder__{name}")),
    "defer": rows(P.defer),
    "select_related": rows(P.select_related),
    "select_related beyond": rows(lambda name: P.select_related(f"folder__{name}")),
    "prefetch_related": rows(P.prefetch_related),
    "prefetch_related beyond": rows(lambda name: P.prefetch_related(f"folders__{name}")),
    "Prefetch": rows(lambda name: P.prefetch_related(Prefetch(name))),
    "Prefetch(to_attr)": rows(lambda name: P.prefetch_related(Prefetch("folders", to_attr=f"{name}-"))),
    "in_bulk": lambda name, call: call(P, "in_bulk", [1], field_name=name),
    "dates": rows(lambda name: P.dates(name, "day")),
    "dates(kind)": rows(lambda name: P.dates("born", name)),
    "dates(order)": rows(lambda name: P.dates("born", "day", name)),
    "datetimes": rows(lambda name: P.datetimes(name, "day")),
    "datetimes(kind)": rows(lambda name: P.datetimes("joined", name)),
    "datetimes(order)": rows(lambda name: P.datetimes("joined", "day", name)),
    "select_for_update(of)": rows(lambda name: P.select_for_update(of=(name,))),
    "slice to": rows(lambda name: P.all()[:name]),
    "slice from": rows(lambda name: P.all()[name:]),
    "slice step": rows(lambda name: P.all()[::name]),
    "index": rows(lambda name: P.all()[name]),
    "iterator(chunk_size)": lambda name, call: call.list(call.stream(P.all(), chunk_size=name)),
    "using": ends(P.using),
    "raw(using)": rows(lambda name: P.raw("SELECT * FROM security_paper", using=name)),
    "atomic(using)": in_block,
    "get_connection": handle,
    "explain(format)": lambda name, call: call(P.all(), "explain", format=name),
    "explain(**{})": lambda name, call: call(P.all(), "explain", **{name: True}),
    "explain(option)": lambda name, call: call(P.all(), "explain", costs=name),
    "explain(analyze)": lambda name, call: call(P.all(), "explain", analyze=name),
    "extra": asked(lambda name: P.extra(where=[name])),
}

ALIASES: dict[str, Entry] = {
    "annotate": rows(lambda name: P.annotate(**{name: F("age")})),
    "annotate an aggregate": rows(lambda name: P.annotate(**{name: Count("folders")})),
    "annotate values": rows(lambda name: P.values("age").annotate(**{name: Count("pk")})),
    "alias": rows(lambda name: P.alias(**{name: F("age")}).filter(**{name: 1})),
    "aggregate": lambda name, call: call(P, "aggregate", **{name: Max("age")}),
    "values(**{})": rows(lambda name: P.values(**{name: F("age")})),
    "annotate, a condition": rows(lambda name: P.annotate(**{name: Q(age=1)})),
    "annotate, then order": rows(lambda name: P.annotate(**{name: F("age")}).order_by(name)),
    "annotate a subquery": rows(lambda name: P.annotate(**{name: Subquery(Folder.objects.values("title")[:1])})),
}

EXPRESSIONS: dict[str, Entry] = {
    "annotate(F)": rows(lambda name: P.annotate(x=F(name))),
    "F, sliced": rows(lambda name: P.annotate(x=F(name)[0:2])),
    "annotate(Count)": rows(lambda name: P.annotate(x=Count(name))),
    "annotate(Max) without a name": rows(lambda name: P.annotate(Max(name))),
    "aggregate(Sum)": lambda name, call: call(P, "aggregate", x=Sum(name)),
    "an aggregate's filter": rows(lambda name: P.annotate(x=Count("pk", filter=Q(**{name: 1})))),
    "Lower": rows(lambda name: P.annotate(x=dorm.Lower(name))),
    "Concat": rows(lambda name: P.annotate(x=dorm.Concat("name", F(name)))),
    "Coalesce": rows(lambda name: P.annotate(x=dorm.Coalesce(name, Value(1)))),
    "When": rows(lambda name: P.annotate(x=Case(When(**{name: 1}, then=Value(1))))),
    "When(then)": rows(lambda name: P.annotate(x=Case(When(age=1, then=name)))),
    "Window(partition_by)": rows(lambda name: P.annotate(x=Window(RowNumber(), partition_by=name))),
    "Window(order_by)": rows(lambda name: P.annotate(x=Window(RowNumber(), order_by=name))),
    "Subquery": rows(lambda name: P.annotate(x=Subquery(Folder.objects.values(name)[:1]))),
    "Extract": rows(lambda name: P.annotate(x=dorm.Extract(name, "year"))),
    "Extract(kind)": rows(lambda name: P.annotate(x=dorm.Extract("born", name))),
    "Extract(tzinfo)": rows(lambda name: P.annotate(x=dorm.Extract("joined", "year", tzinfo=name))),
    "Trunc": rows(lambda name: P.annotate(x=dorm.Trunc(name, "year"))),
    "Trunc(kind)": rows(lambda name: P.annotate(x=dorm.Trunc("born", name))),
    "Trunc(tzinfo)": rows(lambda name: P.annotate(x=dorm.Trunc("joined", "year", tzinfo=name))),
    "Trunc(output_field)": rows(lambda name: P.annotate(x=dorm.Trunc("joined", "year", output_field=name))),
    "Cast": rows(lambda name: P.annotate(x=dorm.Cast("age", name))),
    "Value(output_field)": rows(lambda name: P.annotate(x=Value("1", output_field=name))),
    "KT": rows(lambda name: P.annotate(x=dorm.KT(name))),
    "KT beyond": rows(lambda name: P.annotate(x=dorm.KT(f"folder__{name}"))),
    "KeyTransform(source)": rows(lambda name: P.annotate(x=dorm.KeyTransform("key", name))),
    "Left": rows(lambda name: P.annotate(x=dorm.Left("name", F(name)))),
    "JSONObject": rows(lambda name: P.annotate(x=dorm.JSONObject(key=name))),
    "RowRange": rows(
        lambda name: P.annotate(x=Window(RowNumber(), order_by="age", frame=dorm.RowRange(start=name, end=0)))
    ),
}

WRITES: dict[str, Entry] = {
    "create": lambda name, call: call(P, "create", **{**KNOWN, name: 1}),
    "construction": asked(lambda name: Paper(**{**KNOWN, name: 1})),
    "update": lambda name, call: call(P, "update", **{name: 1}),
    "update beside another": lambda name, call: call(P.filter(pk=1), "update", age=1, **{name: 1}),
    "update(F)": lambda name, call: call(P, "update", age=F(name)),
    "bulk_create(batch_size)": lambda name, call: call(P, "bulk_create", [Paper(name="new")], batch_size=name),
    "bulk_update": lambda name, call: call(P, "bulk_update", [Paper(pk=1, name="a")], [name]),
    "bulk_update(batch_size)": lambda name, call: call(P, "bulk_update", [Paper(pk=1)], ["age"], batch_size=name),
    "save(update_fields)": lambda name, call: call(Paper(pk=1, name="a"), "save", update_fields=[name]),
    "save(using)": lambda name, call: call(Paper(name="a"), "save", using=name),
    "delete(using)": lambda name, call: call(Paper(pk=1, name="a"), "delete", using=name),
    "refresh_from_db": lambda name, call: call(Paper(pk=1), "refresh_from_db", fields=[name]),
    "refresh_from_db(using)": lambda name, call: call(Paper(pk=1), "refresh_from_db", using=name),
    "get_or_create": lambda name, call: call(P, "get_or_create", **{name: 1}),
    "update_or_create": lambda name, call: call(P, "update_or_create", **{name: 1}),
    "related create": lambda name, call: call(Folder(pk=1).paper_set, "create", **{**KNOWN, name: 1}),
    "related get_or_create": lambda name, call: call(Folder(pk=1).paper_set, "get_or_create", **{name: 1}),
    "many-to-many create": lambda name, call: call(Paper(pk=1).folders, "create", **{"title": "x", name: 1}),
    "add(through_defaults)": lambda name, call: through(name, call, "add"),
    "set(through_defaults)": lambda name, call: through(name, call, "set"),
    "create(through_defaults)": lambda name, call: through(name, call, "create"),
    "Q with both words": ends(lambda name: P.filter(Q((name, 1), _connector="OR", _negated=True))),
}

AFTER_READING: dict[str, Entry] = {
    "get_or_create(defaults)": lambda name, call: call(P, "get_or_create", name="new", defaults={name: 1}),
    "update_or_create(defaults)": lambda name, call: call(P, "update_or_create", name="one", defaults={name: 1}),
    "update_or_create(create_defaults)": lambda name, call: call(
        P, "update_or_create", name="new", defaults={"age": 1}, create_defaults={name: 1}
    ),
}
"""A row may be looked for before the mistake is seen; nothing is written."""

ENTRIES: dict[str, dict[str, Entry]] = {  # without ALIASES, some of which may be chosen
    "filters": FILTERS,
    "choices": CHOICES,
    "expressions": EXPRESSIONS,
    "writes": WRITES,
}
