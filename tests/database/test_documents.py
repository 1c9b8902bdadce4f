"""JSON documents: what stands at a path of keys is compared with what it is, on both databases alike."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

import dorm
from dorm import KT, F, KeyTextTransform, KeyTransform, Q, Value
from dorm.query.plan import Counter
from dorm.sql import sqlite_documents


class Moments(json.JSONEncoder):
    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime.date) else super().default(o)


class Box(dorm.Model):
    name = dorm.CharField(max_length=20)

    class Meta:
        app_label = "documents"


class Doc(dorm.Model):
    name = dorm.CharField(max_length=20)
    number = dorm.IntegerField(default=14)
    data = dorm.JSONField(null=True)
    dated = dorm.JSONField(default=dict, encoder=Moments)
    box = dorm.ForeignKey(Box, on_delete=dorm.CASCADE, null=True)

    class Meta:
        app_label = "documents"


ROWS: dict[str, Any] = {
    "none": None,
    "null": Value(None, dorm.JSONField()),
    "list": [1, [2], "x"],
    "small": {"a": "b", "c": 14},
    "big": {
        "a": "Bär", "c": 9, "d": ["e", {"f": "g"}], "h": True, "i": False, "j": None, "p": 4.5, "s": "14", "t": "true",
        "one": 1, "m": {"x": [1, {"y": "deep"}]}, "0": "zero",
    },
    "nested": {"foo": "bar", "baz": {"a": "b", "foo": "bar"}, "list": ["foo", "bar"], 'q"u\\o': 1, "é": 2, "c": 14.0},
    "text": "x",
}  # fmt: skip


@pytest.fixture
def docs(tables):
    tables(Box, Doc)


async def fill(call):
    for name, data in ROWS.items():
        await call(Doc.objects, "create", name=name, data=data)


async def found(call, *conditions, **lookups):
    query = Doc.objects.filter(*conditions, **lookups).order_by("pk")
    return [doc.name for doc in await call.list(query)]


CASES: list[tuple[dict[str, Any], list[str]]] = [
    ({"data__a": "b"}, ["small"]),
    ({"data__c": 14}, ["small", "nested"]),
    ({"data__c": 14.0}, ["small", "nested"]),
    ({"data__c": "14"}, []),
    ({"data__s": "14"}, ["big"]),
    ({"data__s": 14}, []),
    ({"data__h": True}, ["big"]),
    ({"data__i": False}, ["big"]),
    ({"data__h": 1}, []),
    ({"data__one": True}, []),
    ({"data__t": True}, []),
    ({"data__h": "true"}, []),
    ({"data__m__x__1__y": "deep"}, ["big"]),
    ({"data__d__1": {"f": "g"}}, ["big"]),
    ({"data__d__-1__f": "g"}, ["big"]),
    ({"data__0": 1}, ["list"]),
    ({"data__1__0": 2}, ["list"]),
    ({"data__99": 1}, []),
    ({'data__q"u\\o': 1}, ["nested"]),
    ({'data__q"u\\o__gt': 0}, ["nested"]),
    ({"data__é": 2}, ["nested"]),
    ({"data__x'; --": 2}, []),
    ({"data__c__gt": 9}, ["small", "nested"]),
    ({"data__c__gte": 9}, ["small", "big", "nested"]),
    ({"data__c__lt": 14}, ["big"]),
    ({"data__c__lte": 14}, ["small", "big", "nested"]),
    ({"data__c__gt": "0"}, []),
    ({"data__s__gt": 1}, []),
    ({"data__s__gt": "1"}, ["big"]),
    ({"data__h__gt": False}, ["big"]),
    ({"data__c__range": (10, 20)}, ["small", "nested"]),
    ({"data__a__range": ("a", "c")}, ["small"]),
    ({"data__c__in": [9, "14", None]}, ["big"]),
    ({"data__h__in": [1, True]}, ["big"]),
    ({"data__h__in": [1]}, []),
    ({"data__list__in": [["foo", "bar"], {}]}, ["nested"]),
    ({"data__c__in": []}, []),
    ({"data__j": None}, ["big"]),
    ({"data__j__iexact": None}, ["big"]),
    ({"data__j__isnull": False}, ["big"]),
    ({"data__c__isnull": True}, ["none", "null", "list", "text"]),
    ({"data": None}, ["null"]),
    ({"data__isnull": True}, ["none"]),
    ({"data": {"c": 14, "a": "b"}}, ["small"]),
    ({"data": "x"}, ["text"]),
    ({"data__in": ["x", [1, [2], "x"]]}, ["list", "text"]),
    ({"data__a__iexact": "bär"}, ["big"]),
    ({"data__a__icontains": "Ä"}, ["big"]),
    ({"data__a__startswith": "B"}, ["big"]),
    ({"data__a__istartswith": "b"}, ["small", "big"]),
    ({"data__a__endswith": "r"}, ["big"]),
    ({"data__a__iendswith": "R"}, ["big"]),
    ({"data__a__regex": "^B.r$"}, ["big"]),
    ({"data__a__iregex": "^b"}, ["small", "big"]),
    ({"data__s__regex": r"^\d+$"}, ["big"]),
    ({"data__h__icontains": "TRU"}, ["big"]),
    ({"data__j__icontains": "n"}, []),
    ({"data__c__startswith": "1"}, ["small", "nested"]),
    ({"data__icontains": "FOO"}, ["nested"]),
    ({"data__has_key": "a"}, ["small", "big"]),
    ({"data__has_key": "x"}, ["list", "text"]),
    ({"data__has_key": 0}, ["big"]),
    ({"data__baz__has_key": "foo"}, ["nested"]),
    ({"data__has_keys": ["a", "c"]}, ["small", "big"]),
    ({"data__has_keys": ["a", "h"]}, ["big"]),
    ({"data__has_any_keys": ["h", "foo"]}, ["big", "nested"]),
    ({"data__has_key": KeyTransform("f", KeyTransform(1, "data__d"))}, ["big"]),
    ({"data__has_key": F("data__j")}, ["big"]),
    ({"data__contains": {"a": "b"}}, ["small"]),
    ({"data__contains": {"c": 14}}, ["small", "nested"]),
    ({"data__contains": {"baz": {"a": "b"}, "list": ["bar"]}}, ["nested"]),
    ({"data__contains": {"h": 1}}, []),
    ({"data__contains": {}}, ["small", "big", "nested"]),
    ({"data__contains": [[2]]}, ["list"]),
    ({"data__contains": "x"}, ["list", "text"]),
    ({"data__d__contains": ["e"]}, ["big"]),
    ({"data__contained_by": {"a": "b", "c": 14, "z": None}}, ["small"]),
    ({"data__baz__contained_by": {"a": "b", "foo": "bar", "z": 1}}, ["nested"]),
    ({"data__foo": F("data__baz__foo")}, ["nested"]),
    ({"data__foo": F("data__list__1")}, ["nested"]),
    ({"data__c": F("number")}, ["small", "nested"]),
    ({"data__s": F("number")}, []),
    ({"name__startswith": KT("data__foo")}, []),
    ({"data__c__lt": F("number")}, ["big"]),
    ({"data__foo__in": [F("data__baz__foo"), "z"]}, ["nested"]),
    ({"data__c__range": (F("data__one"), 13)}, ["big"]),
]  # fmt: skip


@pytest.mark.usefixtures("docs")
async def test_what_is_found(call):
    await fill(call)
    assert [] == [(case, got) for case, want in CASES if (got := await found(call, **case)) != want]


@pytest.mark.usefixtures("docs")
async def test_what_an_exclusion_leaves(call):
    """As in Django: a document without the key is neither equal nor different, one that is not there is different."""
    await fill(call)
    wanted = {
        "data__c": (14, ["none", "big"]),
        "data__j": (None, []),
        "data__h": (False, ["none", "big"]),
        "data__c__gt": (10, ["none", "big"]),
        "data__has_key": ("a", ["none", "null", "list", "nested", "text"]),
        "data": (None, ["list", "small", "big", "nested", "text"]),
    }
    for name, (value, names) in wanted.items():
        query = Doc.objects.exclude(**{name: value}).order_by("pk")
        assert (name, names) == (name, [doc.name for doc in await call.list(query)])


@pytest.mark.usefixtures("docs")
async def test_conditions_combine_and_negate(call):
    await fill(call)
    assert ["small", "nested"] == await found(call, Q(data__a="b") | Q(data__baz__a="b"))
    assert ["nested"] == await found(call, ~Q(data__has_key="a"), data__c__gt=1)


@pytest.mark.usefixtures("docs")
async def test_none_is_stored_as_sql_null_and_a_value_as_json_null(call):
    doc = await call(Doc.objects, "create", name="x", data=None)
    assert ["x"] == await found(call, data__isnull=True)
    doc.data = Value(None, dorm.JSONField())
    await call(doc, "save")
    assert ["x"] == await found(call, data=None)
    assert [] == await found(call, data__isnull=True)
    assert (await call(Doc.objects, "get")).data is None
    await call(Doc.objects.all(), "update", data=None)
    assert ["x"] == await found(call, data__isnull=True)


@pytest.mark.usefixtures("docs")
async def test_parts_come_back_with_their_classes(call):
    await fill(call)
    query = Doc.objects.filter(name="big").values_list(
        "data__h", "data__j", "data__c", "data__s", "data__m__x", "data__0"
    )
    assert [(True, None, 9, "14", [1, {"y": "deep"}], None)] == await call.list(query)
    rows = await call.list(Doc.objects.filter(name="nested").values("data__foo", 'data__q"u\\o', "data__z y"))
    assert [{"data__foo": "bar", 'data__q"u\\o': 1, "data__z y": None}] == rows


@pytest.mark.usefixtures("docs")
async def test_parts_as_computed_columns(call):
    await fill(call)
    query = Doc.objects.annotate(
        baz=F("data__baz"),
        foo=KT("data__baz__foo"),
        same=KeyTextTransform("foo", "data__baz"),
        c=KeyTransform("c", "data"),
    )
    row = await call(query, "get", name="nested")
    assert ({"a": "b", "foo": "bar"}, "bar", "bar", 14) == (row.baz, row.foo, row.same, row.c)
    assert ["nested"] == [one.name for one in await call.list(query.filter(baz__a="b", foo__startswith="b"))]
    assert ["nested"] == [one.name for one in await call.list(query.filter(baz={"foo": "bar", "a": "b"}))]
    assert ["b"] == await call.list(query.filter(name="nested").values_list("baz__a", flat=True))
    shouted = query.annotate(loud=dorm.Upper(KT("data__foo"))).filter(loud="BAR")
    assert ["nested"] == [one.name for one in await call.list(shouted)]


@pytest.mark.usefixtures("docs")
async def test_order_by_a_part_goes_by_sort_and_value(call):
    for name, value in [
        ("t10", "10"),
        ("n10", 10),
        ("n9", 9),
        ("t9", "9"),
        ("yes", True),
        ("no", False),
        ("null", None),
    ]:
        await call(Doc.objects, "create", name=name, data={"k": value})
    wanted = ["null", "t10", "t9", "n9", "n10", "no", "yes"]
    for query in (Doc.objects.order_by("data__k"), Doc.objects.order_by(F("data__k").asc())):
        assert wanted == [doc.name for doc in await call.list(query)]
    assert wanted[::-1] == [doc.name for doc in await call.list(Doc.objects.order_by("-data__k"))]
    listed = Doc.objects.values_list("data__k", flat=True).order_by("data__k")
    assert [None, "10", "9", 9, 10, False, True] == await call.list(listed)


@pytest.mark.usefixtures("docs")
async def test_groups_by_a_part(call):
    for value in ("x", "y", "x"):
        await call(Doc.objects, "create", name=value, data={"k": value})
    query = Doc.objects.values("data__k").annotate(n=dorm.Count("pk")).order_by("data__k")
    assert [{"data__k": "x", "n": 2}, {"data__k": "y", "n": 1}] == await call.list(query)


@pytest.mark.usefixtures("docs")
async def test_keys_are_followed_across_relations(call):
    red, blue = [await call(Box.objects, "create", name=name) for name in ("red", "blue")]
    await call(Doc.objects, "create", name="1", data={"k": 1}, box=red)
    await call(Doc.objects, "create", name="2", data={"k": 2}, box=red)
    await call(Doc.objects, "create", name="3", data={"k": 1}, box=blue)
    boxes = Box.objects.order_by("pk")
    assert [red, blue] == await call.list(boxes.filter(doc__data__k=1))
    assert [] == await call.list(boxes.filter(doc__data__k=1, doc__name="2"))
    assert [red] == await call.list(boxes.filter(doc__data__k=1).filter(doc__data__k=2))
    assert [blue] == await call.list(boxes.exclude(doc__data__k=2))


@pytest.mark.usefixtures("docs")
async def test_a_part_can_be_written_and_compared_inside_a_query(call):
    await fill(call)
    await call(Doc.objects.filter(name="nested"), "update", data=F("data__baz"))
    assert ["nested"] == await found(call, data={"a": "b", "foo": "bar"})
    inner = Doc.objects.filter(name="nested").values("data__a")
    assert ["small", "nested"] == await found(call, data__a__in=inner)


@pytest.mark.usefixtures("docs")
async def test_the_encoder_of_the_field_says_what_is_compared(call):
    day = datetime.date(2024, 5, 6)
    await call(Doc.objects, "create", name="dated", dated={"day": day})
    assert ["dated"] == await found(call, dated__day=day)
    assert ["dated"] == await found(call, dated__day__lt=datetime.date(2025, 1, 1))
    assert ["dated"] == await found(call, dated__contains={"day": day})


class Upper(json.JSONDecoder):
    def decode(self, s: str, *args: Any) -> Any:
        return super().decode(s.upper())


class Loud(dorm.Model):
    data = dorm.JSONField(decoder=Upper)

    class Meta:
        app_label = "documents"


async def test_the_decoder_of_the_field_reads_documents_and_their_parts(call, tables):
    tables(Loud)
    await call(Loud.objects, "create", data={"a": "x"})
    await call(Loud.objects, "create", data="text")
    assert [{"A": "X"}, "TEXT"] == [one.data for one in await call.list(Loud.objects.order_by("pk"))]
    assert ["X", None] == await call.list(Loud.objects.order_by("pk").values_list("data__a", flat=True))
    assert "X" == (await call(Loud.objects.annotate(part=F("data__a")), "earliest", "pk")).part


def test_what_is_no_json_is_invalid():
    with pytest.raises(dorm.ValidationError) as caught:
        Doc(name="x", data={1, 2}, dated={"a": 1}).clean_fields()
    assert {"data": ["Value must be valid JSON."]} == caught.value.message_dict
    Doc(name="x", data=[1], dated={"day": datetime.date(2024, 1, 1)}).clean_fields()
    with pytest.raises(ValueError, match="encoder parameter must be a callable"):
        dorm.JSONField(encoder="json")  # type: ignore[arg-type]


@pytest.mark.usefixtures("docs")
async def test_other_keys_and_values_compile_nothing(call):
    names = [f"key{number}" for number in range(100)]
    await call.list(Doc.objects.filter(data__first__second=0, data__other__gt=0).order_by("data__z"))
    before, known = Counter.compiled, len(Doc._meta.conditions)
    for number, name in enumerate(names):
        conditions = {f"data__{name}__x{number}": number, f"data__{name}__gt": number}
        await call.list(Doc.objects.filter(**conditions).order_by(f"data__{name}"))
    assert (0, known) == (Counter.compiled - before, len(Doc._meta.conditions))
    assert not any("key7" in str(key) for key in (*Doc._meta.paths, *Doc._meta.conditions, *Doc._meta.orders))


@pytest.mark.usefixtures("docs")
async def test_get_by_a_key_leaves_no_plan_behind(call):
    await fill(call)
    assert "small" == (await call(Doc.objects, "get", data__a="b")).name
    with pytest.raises(Doc.DoesNotExist):
        await call(Doc.objects, "get", data__b="b")


def test_wrong_values_are_told_at_once():
    with pytest.raises(ValueError, match="cannot be said in JSON"):
        Doc.objects.filter(data__a=datetime.date(2024, 1, 1))
    with pytest.raises(ValueError, match="have an order"):
        Doc.objects.filter(data__a__gt=None)
    with pytest.raises(ValueError, match="have an order"):
        Doc.objects.filter(data__a__lt=[1])
    with pytest.raises(ValueError, match="of one sort"):
        Doc.objects.filter(data__a__range=(1, "2"))
    with pytest.raises(ValueError, match="True or False"):
        Doc.objects.filter(data__a__isnull=1)
    with pytest.raises(TypeError, match="one key"):
        Doc.objects.filter(data__has_key=["a"])
    with pytest.raises(TypeError, match="list of keys"):
        Doc.objects.filter(data__has_keys="a")
    with pytest.raises(TypeError, match="iterable"):
        Doc.objects.filter(data__a__in=3)
    with pytest.raises(dorm.FieldError):
        Doc.objects.filter(name__a="x")
    with pytest.raises(dorm.FieldError, match="no JSON"):
        Doc.objects.annotate(x=KeyTransform("a", "name"))
    with pytest.raises(ValueError, match="key or index transforms"):
        KT("data")


@pytest.mark.usefixtures("sqlite_db")
def test_an_older_sqlite_finds_the_same(monkeypatch):
    monkeypatch.setattr(sqlite_documents, "has_arrow", lambda: False)
    dorm.create_tables(Box, Doc)
    for name, data in ROWS.items():
        Doc.objects.create(name=name, data=data)
    query = Doc.objects.order_by("pk")
    assert [] == [(case, want) for case, want in CASES if [one.name for one in query.filter(**case)] != want]
    assert ["b", None] == list(query.filter(name__in=["small", "text"]).values_list("data__a", flat=True))
