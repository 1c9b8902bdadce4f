"""Window functions: computed over rows, over groups, and what is filtered by them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm import (
    Avg,
    Case,
    Count,
    CumeDist,
    DenseRank,
    F,
    FirstValue,
    Func,
    Lag,
    LastValue,
    Lead,
    Length,
    Lower,
    Max,
    NthValue,
    Ntile,
    PercentRank,
    Q,
    Rank,
    RowNumber,
    RowRange,
    StdDev,
    Sum,
    Value,
    ValueRange,
    When,
    Window,
    WindowFrameExclusion,
)
from dorm.test import assert_num_queries

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.testbed.colours import Call

    Tables = Callable[..., None]


class Team(dorm.Model):
    name = dorm.CharField(max_length=10)

    class Meta:
        app_label = "windows"


class Worker(dorm.Model):
    name = dorm.CharField(max_length=10)
    team = dorm.ForeignKey(Team, on_delete=dorm.CASCADE, null=True)
    pay = dorm.IntegerField()
    since = dorm.DateField(default=dt.date(2020, 1, 1))

    class Meta:
        app_label = "windows"


ROWS = [("Ann", 0, 10), ("Bob", 0, 20), ("Cid", 0, 20), ("Dan", 1, 30), ("Eva", 1, 5), ("Fay", None, 40)]
PAY = ("pay", "name")


async def fill(tables: Tables, call: Call) -> None:
    tables(Team, Worker)
    teams = [await call(Team.objects, "create", name=name) for name in ("red", "blue")]
    workers = [Worker(name=n, team=None if t is None else teams[t], pay=pay) for n, t, pay in ROWS]
    await call(Worker.objects, "bulk_create", workers)


async def column(call: Call, query: Any, name: str = "x") -> list[Any]:
    return await call.list(query.order_by("name").values_list(name, flat=True))


# By name: Ann 10, Bob 20, Cid 20, Dan 30, Eva 5, Fay 40.
FUNCTIONS = [
    (Window(RowNumber(), order_by=PAY), [2, 3, 4, 5, 1, 6]),
    (Window(RowNumber(), order_by=["-pay", "name"]), [5, 3, 4, 2, 6, 1]),
    (Window(Rank(), order_by="pay"), [2, 3, 3, 5, 1, 6]),
    (Window(DenseRank(), order_by=F("pay")), [2, 3, 3, 4, 1, 5]),
    (Window(Rank(), order_by=F("pay").desc()), [5, 3, 3, 2, 6, 1]),
    (Window(PercentRank(), order_by="pay"), [0.2, 0.4, 0.4, 0.8, 0.0, 1.0]),
    (Window(CumeDist(), order_by="pay"), [2 / 6, 4 / 6, 4 / 6, 5 / 6, 1 / 6, 1.0]),
    (Window(Ntile(num_buckets=2), order_by=PAY), [1, 1, 2, 2, 1, 2]),
    (Window(Lag("pay"), order_by=PAY), [5, 10, 20, 20, None, 30]),
    (Window(Lag("pay", 2, default=-1), order_by=PAY), [-1, 5, 10, 20, -1, 20]),
    (Window(Lag("pay", default=F("pay")), order_by=PAY), [5, 10, 20, 20, 5, 30]),
    (Window(Lead("name"), order_by=PAY), ["Bob", "Cid", "Dan", "Fay", "Ann", None]),
    (Window(Lead("name", default="none"), order_by=PAY), ["Bob", "Cid", "Dan", "Fay", "Ann", "none"]),
    (Window(FirstValue("name"), partition_by="team", order_by="pay"), ["Ann", "Ann", "Ann", "Eva", "Eva", "Fay"]),
    (Window(LastValue("name"), partition_by=[F("team")], order_by=PAY), ["Ann", "Bob", "Cid", "Dan", "Eva", "Fay"]),
    (
        Window(LastValue("name"), partition_by="team", order_by=PAY, frame=RowRange()),
        ["Cid", "Cid", "Cid", "Dan", "Dan", "Fay"],
    ),
    (
        Window(NthValue("name", 2), partition_by="team", order_by=PAY, frame=RowRange()),
        ["Bob", "Bob", "Bob", "Dan", "Dan", None],
    ),
    (Window(RowNumber(), partition_by=["team", "pay"], order_by="name"), [1, 1, 2, 1, 1, 1]),
    (Window(RowNumber(), partition_by=Length("name"), order_by=Lower("name").desc()), [6, 5, 4, 3, 2, 1]),
]

AGGREGATES = [
    (Window(Sum("pay")), [125] * 6),
    (Window(Sum("pay"), order_by="name"), [10, 30, 50, 80, 85, 125]),
    (Window(Sum("pay"), partition_by="team"), [50, 50, 50, 35, 35, 40]),
    (Window(Avg("pay"), partition_by="team__name"), [50 / 3, 50 / 3, 50 / 3, 17.5, 17.5, 40.0]),
    (Window(Count("*"), partition_by="team"), [3, 3, 3, 2, 2, 1]),
    (Window(Max("name")), ["Fay"] * 6),
    (Window(Count("id", filter=Q(pay__gt=10)), partition_by="team"), [2, 2, 2, 1, 1, 1]),
    (Window(Sum("pay", filter=Q(pay__gt=99), default=0)), [0] * 6),
    (Window(Sum(F("pay") * 2), order_by="name", frame=RowRange(start=-1, end=0)), [20, 60, 80, 100, 70, 90]),
    (Window(Sum("pay"), order_by="name", frame=RowRange(-1, 1)), [30, 50, 70, 55, 75, 45]),
    (Window(Sum("pay"), order_by="name", frame=RowRange(1, 2)), [40, 50, 35, 45, 40, None]),
    (Window(Sum("pay"), order_by="name", frame=RowRange(0)), [125, 115, 95, 75, 45, 40]),
    (Window(Sum("pay"), order_by="pay", frame=ValueRange(-10, 0)), [15, 50, 50, 70, 5, 70]),
    (Window(Sum("pay"), order_by="pay", frame=ValueRange(end=0)), [15, 55, 55, 85, 5, 125]),
    (Window(Sum("pay"), order_by="pay", frame=ValueRange(-5, 5)), [15, 40, 40, 30, 15, 40]),
    (
        Window(Sum("pay"), partition_by="team", frame=RowRange(exclusion=WindowFrameExclusion.CURRENT_ROW)),
        [40, 30, 30, 5, 30, None],
    ),
    (
        Window(Sum("pay"), order_by="pay", frame=RowRange(exclusion=WindowFrameExclusion.TIES)),
        [125, 105, 105, 125, 125, 125],
    ),
]


@pytest.mark.parametrize(("window", "expected"), FUNCTIONS + AGGREGATES, ids=lambda one: repr(one)[:70])
async def test_a_window(tables: Tables, call: Call, window: Window, expected: list[Any]) -> None:
    await fill(tables, call)

    found = await column(call, Worker.objects.annotate(x=window))

    assert pytest.approx(expected) == found if isinstance(expected[0], float) else expected == found
    assert [type(value) for value in expected] == [type(value) for value in found]


async def test_deviation_over_a_window_that_moves(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    moving = Window(StdDev("pay"), order_by="name", frame=RowRange(-1, 0))

    assert pytest.approx([0, 5, 0, 5, 12.5, 17.5]) == await column(call, Worker.objects.annotate(x=moving))


async def test_a_window_is_part_of_other_expressions(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    share = F("pay") * 1.0 / Window(Sum("pay"), partition_by="team")
    first = Case(When(n=1, then=Value("first")), default=Value("later"))

    found = Worker.objects.annotate(n=Window(RowNumber(), order_by=PAY), x=share, y=first)

    assert pytest.approx([0.2, 0.4, 0.4, 30 / 35, 5 / 35, 1.0]) == await column(call, found)
    assert ["later"] * 4 + ["first", "later"] == await column(call, found, "y")


async def test_a_window_orders_rows(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    query = Worker.objects.order_by(Window(Max("pay"), partition_by="team"), "name")

    assert ["Ann", "Bob", "Cid", "Dan", "Eva", "Fay"] == await call.list(query.values_list("name", flat=True))
    by_name = Worker.objects.annotate(n=Window(RowNumber(), order_by=PAY)).order_by("-n")
    assert ["Fay", "Dan", "Cid", "Bob", "Ann", "Eva"] == [one.name for one in await call.list(by_name)]


# -- Over groups -------------------------------------------------------------------------------


async def test_a_window_over_groups(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    groups = Worker.objects.values("team__name").annotate(total=Sum("pay"))
    ranked = groups.annotate(rank=Window(Rank(), order_by=F("total").desc())).order_by("rank")

    assert [("red", 50, 1), (None, 40, 2), ("blue", 35, 3)] == [tuple(row.values()) for row in await call.list(ranked)]
    running = groups.annotate(x=Window(Sum(F("total")), order_by="total")).order_by("total")
    assert [35, 75, 125] == [row["x"] for row in await call.list(running)]
    assert [(None, 2)] == [(row["team__name"], row["rank"]) for row in await call.list(ranked.filter(rank=2))]
    assert 2 == await call(ranked.filter(rank__lte=2), "count")


async def test_a_window_over_instances_that_count(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    teams = Team.objects.annotate(n=Count("worker"), rank=Window(Rank(), order_by=F("n").desc()))

    assert [("red", 3, 1), ("blue", 2, 2)] == [(t.name, t.n, t.rank) for t in await call.list(teams.order_by("rank"))]
    lettered = Team.objects.annotate(n=Count("worker"), x=Window(RowNumber(), order_by="name"))
    assert [1, 2] == await column(call, lettered)


# -- Filtered ----------------------------------------------------------------------------------


def best(**lookups: Any) -> Any:
    """Workers with their rank within the team."""
    rank = Window(RowNumber(), partition_by="team", order_by=["-pay", "name"])
    return Worker.objects.annotate(rank=rank).filter(**lookups)


async def test_rows_are_filtered_by_what_was_computed_over_all(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    query = best(rank=1).order_by("name")

    with assert_num_queries(1):
        found = await call.list(query)

    assert [("Bob", 1), ("Dan", 1), ("Fay", 1)] == [(one.name, one.rank) for one in found]
    assert 3 == await call(query, "count")
    assert await call(query, "exists")
    assert not await call(best(rank=9), "exists")
    assert "Fay" == (await call(query, "last")).name
    assert ["Dan", "Fay"] == [one.name for one in await call.list(query.all()[1:])]
    assert [("Bob", 1)] == await call.list(query.values_list("name", "rank")[:1])
    assert ["Ann", "Cid", "Eva"] == await column(call, best().exclude(rank=1), "name")


async def test_other_conditions_come_before_the_window(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    expected = ["Cid", "Dan", "Fay"]

    assert expected == await column(call, best(rank=1, name__gt="Bob"), "name")
    assert expected == await column(call, best().filter(Q(rank=1) & Q(name__gt="Bob")), "name")
    assert expected == await column(call, best(rank=1).filter(name__gt="Bob"), "name")
    assert expected == await column(call, Worker.objects.filter(name__gt="Bob") & best(rank=1), "name")


async def test_windows_and_rows_are_joined_by_or(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    assert ["Ann", "Bob", "Dan", "Fay"] == await column(call, best().filter(Q(rank=1) | Q(name="Ann")), "name")
    assert ["Ann", "Eva"] == await column(call, best().exclude(Q(rank=1) | Q(name="Cid")), "name")
    related = best().filter(Q(rank=1) | Q(team__name="blue"))
    assert ["Bob", "Dan", "Eva", "Fay"] == await column(call, related, "name")


async def test_a_window_that_does_not_come_back_is_filtered_by(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    query = Worker.objects.alias(n=Window(RowNumber(), order_by=PAY)).filter(n__range=(2, 3)).order_by("-pay")

    found = await call.list(query.select_related("team"))

    assert [("Bob", "red", False), ("Ann", "red", False)] == [(w.name, w.team.name, hasattr(w, "n")) for w in found]
    assert ["red"] == await call.list(query.order_by("team__name").values_list("team__name", flat=True).distinct())


async def test_two_windows_are_compared(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    query = Worker.objects.annotate(mean=Window(Avg("pay"), partition_by="team")).filter(pay__gt=F("mean"))

    assert ["Bob", "Cid", "Dan"] == await column(call, query, "name")


async def test_rows_filtered_by_a_window_are_nested_aggregated_changed_and_deleted(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    assert 2 == await call(Team.objects.filter(worker__in=best(rank=1)), "count")
    assert {"s": 90} == await call(best(rank=1), "aggregate", s=Sum("pay"))
    assert {"m": 3} == await call(best(), "aggregate", m=Max("rank"))
    assert 3 == await call(best(rank=1), "update", pay=0)
    assert (3, {"windows.Worker": 3}) == await call(best(rank=1), "delete")
    assert ["Ann", "Bob", "Dan"] == await column(call, Worker.objects.all(), "name")


MISTAKES: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: Window(Lower("name")), ValueError, "isn't compatible with OVER"),
    (lambda: Window("name"), ValueError, "isn't compatible with OVER"),
    (lambda: Window(Func("name", function="SUM")), ValueError, "isn't compatible with OVER"),
    (lambda: Window(Count("name", distinct=True)), dorm.NotSupportedError, "distinct"),
    (lambda: Window(Rank(), order_by=3), ValueError, "order_by must be"),
    (lambda: Window(Rank(), frame="ROWS"), TypeError, "RowRange"),
    (lambda: Window(Sum("pay"), frame=ValueRange(-1, 1)), ValueError, "exactly one"),
    (lambda: RowRange(start="a"), ValueError, "start argument"),
    (lambda: RowRange(end=1.5), ValueError, "end argument"),
    (lambda: RowRange(start=2, end=1), ValueError, "greater than end"),
    (lambda: RowRange(exclusion="TIES"), TypeError, "WindowFrameExclusion"),
    (lambda: Ntile(0), ValueError, "num_buckets"),
    (lambda: Lag("pay", 0), ValueError, "positive integer for the offset"),
    (lambda: Lag(None), ValueError, "non-null source"),
    (lambda: Lead("pay", offset=-1), ValueError, "positive integer for the offset"),
    (lambda: NthValue("pay", 0), ValueError, "positive integer as for nth"),
    (lambda: NthValue(None), ValueError, "non-null source"),
    (lambda: Rank("pay"), TypeError, "takes 0"),
    (lambda: Worker.objects.annotate(x=Rank()), dorm.FieldError, "Window"),
    (lambda: Worker.objects.annotate(x=Sum(Window(Rank()))), dorm.FieldError, "window"),
    (lambda: Worker.objects.annotate(x=Window(Rank(), order_by="nope")), dorm.FieldError, "nope"),
    (lambda: Worker.objects.annotate(x=Window(Rank(), partition_by="nope")), dorm.FieldError, "nope"),
]


@pytest.mark.parametrize(("make", "kind", "words"), MISTAKES)
def test_mistakes_are_told_at_the_line_that_made_them(
    make: Callable[[], Any], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        make()


async def test_a_window_cannot_be_stored(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    with pytest.raises(dorm.FieldError, match="window expressions"):
        await call(Worker.objects.all(), "update", pay=Window(RowNumber(), order_by="name"))
    with pytest.raises(dorm.NotSupportedError, match="numbers"):
        await call.list(Worker.objects.annotate(x=Window(Sum("pay"), order_by="since", frame=ValueRange(-1, 1))))
