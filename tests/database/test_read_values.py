"""What is compared with computed values: of another class, or as text; and annotations whose names are made."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm import Avg, Count, Exists, F, Max, OuterRef, Q, Sum
from dorm.test import assert_num_queries

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.testbed.colours import Call

    Tables = Callable[..., None]

UTC = datetime.UTC
KEY = uuid.UUID(int=7)


class Shelf(dorm.Model):
    label = dorm.CharField(max_length=10)
    made = dorm.DateTimeField(null=True)
    day = dorm.DateField(null=True)
    hour = dorm.TimeField(null=True)
    open = dorm.BooleanField(default=True)
    code = dorm.UUIDField(null=True)

    class Meta:
        app_label = "test_read_values"


class Volume(dorm.Model):
    shelf = dorm.ForeignKey(Shelf, on_delete=dorm.CASCADE)
    pages = dorm.IntegerField()
    price = dorm.DecimalField(max_digits=6, decimal_places=2)

    class Meta:
        app_label = "test_read_values"


S = Shelf.objects
COUNTED = S.annotate(Count("volume"), Max("volume__price"))

FOUND: list[tuple[Any, str]] = [
    (COUNTED.filter(volume__count=2), "a"),
    (COUNTED.filter(volume__count__gt=0), "ab"),
    (COUNTED.exclude(volume__count__in=[1, 2]), "c"),
    (COUNTED.filter(Q(volume__count=0) | Q(volume__price__max="2.50")), "ac"),
    (COUNTED.filter(volume__count=F("volume__price__max") - Decimal("0.5")), "a"),
    (S.annotate(Max("made")).filter(made__max__year=2023), "b"),
    (S.annotate(n=Count("volume")).filter(n="2"), "a"),
    (S.annotate(n=Count("volume")).filter(n__in=["0", 1]), "bc"),
    (S.annotate(n=Avg("volume__pages")).filter(n__gte="15"), "ab"),
    (S.annotate(n=Sum("volume__price")).filter(n="3.75"), "a"),
    (S.annotate(n=F("made")).filter(n="2024-02-29T12:00:00+00:00"), "a"),
    (S.annotate(n=Max("made")).filter(n__gte=datetime.date(2024, 1, 1)), "a"),
    (S.annotate(n=F("day")).filter(n=datetime.datetime(2024, 2, 29, 23, tzinfo=UTC)), "a"),
    (S.annotate(n=F("hour")).filter(n__lt="12:00"), "b"),
    (S.annotate(n=F("open")).filter(n=1), "ac"),
    (S.annotate(n=Exists(Volume.objects.filter(shelf=OuterRef("pk")))).filter(n="False"), "c"),
    (S.annotate(n=F("code")).filter(n=str(KEY)), "b"),
    (S.annotate(n=F("code")).filter(n__in=[str(KEY), KEY]), "b"),
    (S.filter(made__date=datetime.datetime(2024, 2, 29, 12, tzinfo=UTC)), "a"),
    (S.filter(made__date__in=["2024-02-29", datetime.date(2023, 1, 1)]), "ab"),
    (S.filter(made__time=datetime.datetime(2000, 1, 1, 12)), "a"),  # noqa: DTZ001 - only its time matters
    (S.filter(made__year="2024"), "a"),
    (S.filter(made__year__in=["2024", 2023]), "ab"),
    (S.filter(made__year__range=("2022", "2023")), "b"),
    (S.filter(made__month="2"), "a"),
    (S.filter(made__year=None), "c"),
    (S.filter(made__year=2024.0), "a"),
    (S.filter(made__year=2023.5), ""),
    (S.filter(made__year__gt=2023.5), "a"),
    (S.filter(made__year__lt=Decimal("2023.5")), "b"),
]


@pytest.mark.parametrize(("query", "expected"), FOUND)
async def test_values_are_read_as_those_of_a_field_are(tables: Tables, call: Call, query: Any, expected: str) -> None:
    tables(Shelf, Volume)
    noon = datetime.datetime(2024, 2, 29, 12, tzinfo=UTC)
    first = await call(S, "create", label="a", made=noon, day=noon.date(), hour=noon.time())
    early = datetime.datetime(2023, 1, 1, 6, 30, tzinfo=UTC)
    second = await call(S, "create", label="b", made=early, hour=early.time(), open=False, code=KEY)
    await call(S, "create", label="c")
    for shelf, pages, price in ((first, 10, "2.50"), (first, 20, "1.25"), (second, 30, "9.99")):
        await call(Volume.objects, "create", shelf=shelf, pages=pages, price=Decimal(price))
    assert list(expected) == [one.label for one in await call.list(query.order_by("label"))]


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda: S.filter(made__year="soon"), "made__year='soon': Expected an integer, got 'soon'"),
        (lambda: S.filter(made__year__gt=None), "Cannot compare with None by 'gt'"),
        (lambda: S.annotate(n=Count("volume")).filter(n="many"), "n='many': Expected a bigint, got 'many'"),
        (lambda: S.annotate(n=Sum("volume__price")).filter(n="x"), "n='x': Expected a decimal, got 'x'"),
        (lambda: S.annotate(n=Sum("volume__price")).filter(n="NaN"), "it is not a number"),
        (lambda: S.annotate(n=F("code")).filter(n="x"), "n='x'"),
        (lambda: S.annotate(n=F("open")).filter(n="maybe"), "n='maybe': Expected a boolean, got 'maybe'"),
        (lambda: S.annotate(n=F("day")).filter(n="2024-02-30"), "n='2024-02-30'"),
        (lambda: Volume.objects.filter(pages__gt=Volume.objects.all()), "'gt' compares with one column: name it"),
        (lambda: S.filter(label__contains=S.all()[:1]), "'contains' compares with one column: name it"),
        (lambda: Volume.objects.filter(pages__range=Volume.objects.values("pages")), "A range is a pair"),
    ],
)
def test_what_says_no_value_of_that_kind_is_refused(write: Any, message: str) -> None:
    with assert_num_queries(0), pytest.raises(ValueError, match=message.replace("(", r"\(")):
        write()


@pytest.mark.parametrize("lookup", ["contains", "icontains", "startswith", "istartswith", "endswith", "iexact"])
@pytest.mark.parametrize("text", ["\x00", "a\x00b"])
async def test_a_text_with_a_nul_byte_is_refused_where_it_cannot_be_searched_for(
    tables: Tables, call: Call, lookup: str, text: str
) -> None:
    tables(Shelf)
    await call(S, "create", label="a")
    with pytest.raises((ValueError, dorm.DataError), match=r"NUL"):
        await call(S.filter(**{f"label__{lookup}": text}), "count")
