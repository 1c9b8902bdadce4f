"""Every entry point where a hostile text is a value: what stands in data, a key of JSON, a pattern, a parameter.

``VALUES[entry](payload, call)`` gives what matches; nothing stored does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dorm
from dorm import Case, Count, Exists, F, OuterRef, Q, Value, When
from dorm.expressions import RawSQL
from tests.security.models import Folder, Paper

if TYPE_CHECKING:
    from collections.abc import Callable

P = Paper.objects
LOOKUPS = (
    *("exact", "iexact", "contains", "icontains", "startswith", "istartswith", "endswith", "iendswith"),
    *("gt", "gte", "regex", "iregex"),
)


def rows(query: Callable[[str], Any]) -> Any:
    """An entry whose query is iterated over."""

    async def entry(text: str, call: Any) -> Any:
        return await call.list(query(text))

    return entry


def keys(rows_of: Callable[[Any], Any]) -> dict[str, Any]:
    """The entries of a key of a document."""
    return {
        "filter(data__key)": rows(lambda key: rows_of(P).filter(**{f"data__{key}": 1})),
        "filter(data__key__isnull)": rows(lambda key: rows_of(P).filter(**{f"data__{key}__isnull": False})),
        "filter(data__k__key__gt)": rows(lambda key: rows_of(P).filter(**{f"data__k__{key}__gt": 1})),
        "filter(data__key__icontains)": rows(lambda key: rows_of(P).filter(**{f"data__{key}__icontains": key})),
        "filter(F)": rows(lambda key: rows_of(P).filter(data=F(f"data__{key}"))),
        "Q": rows(lambda key: rows_of(P).filter(Q((f"data__{key}", key)) | Q(**{f"data__{key}__k": 1}))),
        "has_key": rows(lambda key: rows_of(P).filter(data__has_key=key)),
        "has_keys": rows(lambda key: rows_of(P).filter(data__has_keys=["k", key])),
        "has_any_keys": rows(lambda key: rows_of(P).filter(data__has_any_keys=[key, key * 2])),
        "has_key below": rows(lambda key: rows_of(P).filter(data__k__has_key=key)),
        "contains": rows(lambda key: rows_of(P).filter(data__contains={key: key})),
        "contained_by": rows(lambda key: rows_of(P).filter(data__contained_by={key: key})),
        "exact": rows(lambda key: rows_of(P).filter(data={key: [key]})),
        "in": rows(lambda key: rows_of(P).filter(**{f"data__{key}__in": [key, 1]})),
        "KT": rows(lambda key: rows_of(P).annotate(x=dorm.KT(f"data__{key}")).filter(x=key)),
        "KeyTransform": rows(lambda key: rows_of(P).annotate(x=dorm.KeyTransform(key, "data")).filter(x=1)),
        "KeyTextTransform": rows(lambda key: rows_of(P).filter(Q(dorm.KeyTextTransform(key, "data") == key))),
        "When": rows(lambda key: rows_of(P).annotate(x=Case(When(**{f"data__{key}": 1}, then=1))).filter(x=1)),
        "Count(filter)": rows(
            lambda key: rows_of(P).annotate(x=Count("pk", filter=Q(**{f"data__{key}": 1}))).filter(x=1)
        ),
        "Exists": rows(
            lambda key: Folder.objects.filter(Exists(P.filter(**{"folder": OuterRef("pk"), f"data__{key}": 1})))
        ),
        "backwards": rows(lambda key: Folder.objects.filter(**{f"paper__data__{key}": 1})),
    }


KEYS = keys(lambda manager: manager.all())

NULLS: dict[str, Any] = {
    "values": rows(lambda key: P.values(f"data__{key}")),
    "values_list": rows(lambda key: P.values_list(f"data__{key}", "age")),
    "values_list flat": rows(lambda key: P.values_list(f"data__{key}", flat=True)),
    "values beyond a relation": rows(lambda key: Folder.objects.values(f"paper__data__{key}")),
    "values F": rows(lambda key: P.values(F(f"data__{key}"))),
    "values KT": rows(lambda key: P.values(x=dorm.KT(f"data__{key}"))),
    "order_by": rows(lambda key: P.order_by(f"data__{key}", f"-data__k__{key}").values(f"data__{key}")),
    "order_by F": rows(lambda key: P.order_by(F(f"data__{key}").desc(nulls_last=True)).values(f"data__{key}")),
    "annotate F": rows(lambda key: P.annotate(x=F(f"data__{key}")).values("x")),
    "group by": rows(lambda key: P.values(f"data__{key}").annotate(n=Count("pk")).values(f"data__{key}")),
    "distinct": rows(lambda key: P.values(f"data__{key}").distinct()),
    "union": rows(lambda key: P.values(f"data__{key}").union(P.values(f"data__k__{key}"))),
}
"""Keys that no document has: whatever comes back of them is ``None``."""

VALUES: dict[str, Any] = {
    **{lookup: rows(lambda text, name=lookup: P.filter(**{f"name__{name}": text * 2})) for lookup in LOOKUPS[:8]},
    "in": rows(lambda text: P.filter(name__in=[text, text * 2])),
    "exclude": rows(lambda text: P.filter(name="one").exclude(name__in=["one", text])),
    "range": rows(lambda text: P.filter(name__range=(text, text))),
    "integer": rows(lambda text: P.filter(age=text)),
    "date": rows(lambda text: P.filter(born=text)),
    "moment": rows(lambda text: P.filter(joined__gt=text)),
    "year": rows(lambda text: P.filter(born__year=text)),
    "key": rows(lambda text: P.filter(folder=text)),
    "key in": rows(lambda text: P.filter(folder__in=[text])),
    "many": rows(lambda text: P.filter(folders=text)),
    "isnull": rows(lambda text: P.filter(age__isnull=text)),
    "Value": rows(lambda text: P.annotate(x=Value(text)).filter(x="one")),
    "Concat": rows(lambda text: P.annotate(x=dorm.Concat("name", Value(text))).filter(x="one")),
    "Replace": rows(lambda text: P.annotate(x=dorm.Replace("name", Value(text), Value("x"))).filter(x=text)),
    "StrIndex": rows(lambda text: P.annotate(x=dorm.StrIndex("name", Value(text))).filter(x__gt=0)),
    "LPad": rows(lambda text: P.annotate(x=dorm.LPad("name", 9, Value(text))).filter(x="one")),
    "Case": rows(lambda text: P.annotate(x=Case(When(name=text, then=Value(text)), default=Value("-"))).filter(x=text)),
    "Coalesce": rows(lambda text: P.annotate(x=dorm.Coalesce("name", Value(text))).filter(x=text)),
    "JSONObject": rows(lambda text: P.annotate(x=dorm.JSONObject(**{text: "age"})).filter(x={})),
    "JSONArray": rows(lambda text: P.annotate(x=dorm.JSONArray(Value(text))).filter(x=[])),
    "Value, JSON": rows(lambda text: P.filter(data=Value({text: text}, output_field=dorm.JSONField()))),
    "order_by Value": rows(lambda text: P.order_by(Value(text)).filter(name="none")),
    "RawSQL": rows(lambda text: P.annotate(x=RawSQL("%s", (text,))).filter(x="one")),
    "raw": rows(lambda text: P.raw("SELECT * FROM security_paper WHERE name = %s", [text])),
    "raw, by name": rows(lambda text: P.raw("SELECT * FROM security_paper WHERE name = %(a)s", {"a": text})),
    "get_or_none": lambda text, call: call(P, "get_or_none", name=text),
    "in_bulk": lambda text, call: call(P, "in_bulk", [text], field_name="name"),
    "update": lambda text, call: call(P.filter(name=text), "update", name=text),
    "update of JSON": lambda text, call: call(P.filter(name=text), "update", data={text: text}),
    "delete": lambda text, call: call(P.filter(name=text), "delete"),
    "count": lambda text, call: call(P.filter(name=text), "count"),
    "full_clean": lambda text, call: call(Paper(name="new", data={}), "full_clean", exclude=[text, "data"]),
}
EMPTY: tuple[Any, ...] = ([], {}, None, 0, (0, {}))
"""What says that nothing was found."""

PATTERNS = {lookup: rows(lambda text, name=lookup: P.filter(**{f"name__{name}": text})) for lookup in LOOKUPS[-2:]}
