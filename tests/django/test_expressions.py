"""Arithmetic, functions, cases, subqueries, windows."""

from __future__ import annotations

import datetime
from decimal import Decimal

from tests.django.comparing import compare, each
from tests.django.rows import moment

COMPUTED = (
    lambda m: m.F("age") + 1,
    lambda m: m.F("age") - m.F("pk"),
    lambda m: m.F("age") * 2,
    lambda m: m.F("age") / 2,
    lambda m: m.F("age") / 2.0,
    lambda m: -m.F("age"),
    lambda m: m.F("age") % 7,
    lambda m: m.F("age") ** 2,
    lambda m: (m.F("age") + 1) * (m.F("age") - 1),
    lambda m: 1 + m.F("age"),
    lambda m: 100 - m.F("age"),
    lambda m: m.F("age") * 1.5,
    lambda m: m.F("salary") * 2,
    lambda m: m.F("salary") / 2,
    lambda m: m.F("salary") + Decimal("0.05"),
    lambda m: m.F("score") / 2,
    lambda m: m.F("score") * 3,
    lambda m: m.F("score") + 1,
    lambda m: m.F("age").bitand(12),
    lambda m: m.F("age").bitor(3),
    lambda m: m.F("age").bitleftshift(2),
    lambda m: m.F("joined") + datetime.timedelta(days=1),
    lambda m: m.F("joined") - datetime.timedelta(seconds=1),
    lambda m: m.F("pause") + datetime.timedelta(hours=1),
    lambda m: m.F("joined") + m.F("pause"),
    lambda m: m.ExpressionWrapper(m.F("joined") - moment(2024, 1, 1), m.DurationField()),
    lambda m: m.ExpressionWrapper(m.F("born") + datetime.timedelta(days=1), m.DateTimeField()),
    lambda m: m.F("mentor__age") + m.F("age"),
    lambda m: m.F("name")[0:3],
    lambda m: m.F("joined__year"),
    lambda m: m.Value(1),
    lambda m: m.Value("a"),
    lambda m: m.Value(Decimal("1.5")),
    lambda m: m.Value(datetime.date(2024, 1, 2)),
    lambda m: m.Upper("name"),
    lambda m: m.Length("name"),
    lambda m: m.Length("email"),
    lambda m: m.Concat("name", m.Value(" <"), "email", m.Value(">")),
    lambda m: m.Concat("name", "age", output_field=m.CharField()),
    lambda m: m.Substr("name", 2),
    lambda m: m.Substr("name", 1, 2),
    lambda m: m.Left("name", 2),
    lambda m: m.Right("name", 2),
    lambda m: m.LPad("name", 5, m.Value("*")),
    lambda m: m.RPad("name", 4),
    lambda m: m.Trim(m.Value("  x ")),
    lambda m: m.LTrim(m.Value("  x ")),
    lambda m: m.RTrim(m.Value("  x ")),
    lambda m: m.Replace("name", m.Value("n"), m.Value("m")),
    lambda m: m.Replace("name", m.Value("n")),
    lambda m: m.Reverse("name"),
    lambda m: m.Repeat("name", 2),
    lambda m: m.StrIndex("name", m.Value("n")),
    lambda m: m.Chr(m.F("age") + 48),
    lambda m: m.Ord("name"),
    lambda m: m.MD5("name"),
    lambda m: m.SHA1("name"),
    lambda m: m.SHA256("email"),
    lambda m: m.Coalesce("email", "name"),
    lambda m: m.Coalesce("email", m.Value("none")),
    lambda m: m.Coalesce(m.Sum("book__pages"), 0),
    lambda m: m.NullIf("email", m.Value("")),
    lambda m: m.Greatest("age", "pk"),
    lambda m: m.Least("age", m.Value(40)),
    lambda m: m.Cast("age", m.CharField()),
    lambda m: m.Cast("age", m.FloatField()),
    lambda m: m.Cast("score", m.IntegerField()),
    lambda m: m.Cast("salary", m.FloatField()),
    lambda m: m.Cast("age", m.DecimalField(max_digits=6, decimal_places=2)),
    lambda m: m.Cast("joined", m.DateField()),
    lambda m: m.Cast("joined", m.TimeField()),
    lambda m: m.Cast("active", m.IntegerField()),
    lambda m: m.Abs("score"),
    lambda m: m.Ceil("score"),
    lambda m: m.Floor("score"),
    lambda m: m.Round("score"),
    lambda m: m.Round("salary", precision=1),
    lambda m: m.Round("score", precision=-1),
    lambda m: m.Sign("score"),
    lambda m: m.Sqrt("age"),
    lambda m: m.Power("age", 2),
    lambda m: m.Mod("age", 7),
    lambda m: m.Exp(m.Value(1.0)),
    lambda m: m.Ln("age"),
    lambda m: m.Log(10, "age"),
    lambda m: m.Sin("age"),
    lambda m: m.Pi(),
    lambda m: m.Degrees(m.Value(1.0)),
    lambda m: m.Radians("age"),
    lambda m: m.ATan2("age", "pk"),
    lambda m: m.ExtractYear("joined"),
    lambda m: m.ExtractMonth("born"),
    lambda m: m.ExtractDay("born"),
    lambda m: m.ExtractHour("joined"),
    lambda m: m.ExtractMinute("wakes"),
    lambda m: m.ExtractSecond("joined"),
    lambda m: m.ExtractWeek("born"),
    lambda m: m.ExtractIsoYear("born"),
    lambda m: m.ExtractWeekDay("born"),
    lambda m: m.ExtractIsoWeekDay("born"),
    lambda m: m.ExtractQuarter("joined"),
    lambda m: m.Extract("joined", "month"),
    lambda m: m.TruncYear("joined"),
    lambda m: m.TruncMonth("born"),
    lambda m: m.TruncQuarter("joined"),
    lambda m: m.TruncWeek("joined"),
    lambda m: m.TruncDay("joined"),
    lambda m: m.TruncHour("joined"),
    lambda m: m.TruncMinute("joined"),
    lambda m: m.TruncSecond("joined"),
    lambda m: m.TruncDate("joined"),
    lambda m: m.TruncTime("joined"),
    lambda m: m.Trunc("joined", "month", output_field=m.DateField()),
    lambda m: m.TruncHour("wakes"),
    lambda m: m.ExtractYear("joined", tzinfo=datetime.timezone(datetime.timedelta(hours=2))),
    lambda m: m.TruncDay("joined", tzinfo=datetime.timezone(datetime.timedelta(hours=2))),
    lambda m: m.Case(
        m.When(age__lt=20, then=m.Value("young")), m.When(age__lt=50, then=m.Value("middle")), default=m.Value("old")
    ),
    lambda m: m.Case(m.When(active=True, then="age")),
    lambda m: m.Case(m.When(m.Q(active=True) & ~m.Q(age=30), then=m.F("age") * 2), default=0),
    lambda m: m.Case(m.When(mentor__age=30, then=m.Value("x")), default="name"),
    lambda m: m.Case(default=m.Value(3)),
    lambda m: m.Count(m.Case(m.When(book__pages__gt=100, then=1))),
    lambda m: m.Sum(m.Case(m.When(book__pages__gt=100, then=1), default=0)),
    lambda m: m.Exists(m.Book.objects.filter(author=m.OuterRef("pk"))),
    lambda m: ~m.Exists(m.Book.objects.filter(author=m.OuterRef("pk"), pages=100)),
    lambda m: m.Subquery(m.Book.objects.filter(author=m.OuterRef("pk")).order_by("-price", "pk").values("title")[:1]),
    lambda m: m.Subquery(
        m.Book.objects.filter(author=m.OuterRef("pk")).values("author").annotate(n=m.Count("pk")).values("n")
    ),
    lambda m: m.Subquery(m.Profile.objects.filter(author=m.OuterRef("pk")).values("site")),
    lambda m: m.Subquery(m.Book.objects.filter(pages__gt=m.OuterRef("age") * 5).order_by("pk").values("pk")[:1]),
    lambda m: m.Subquery(m.Author.objects.filter(pk=m.OuterRef("mentor__mentor")).values("name")[:1]),
    lambda m: m.Coalesce(
        m.Subquery(m.Book.objects.filter(author=m.OuterRef("pk")).order_by("pk").values("pages")[:1]), 0
    ),
    lambda m: m.Window(m.RowNumber(), order_by=m.F("pk").asc()),
    lambda m: m.Window(m.RowNumber(), partition_by="age", order_by="-pk"),
    lambda m: m.Window(m.Rank(), order_by="age"),
    lambda m: m.Window(m.DenseRank(), order_by=m.F("age").desc()),
    lambda m: m.Window(m.PercentRank(), order_by="age"),
    lambda m: m.Window(m.CumeDist(), order_by="age"),
    lambda m: m.Window(m.Ntile(2), order_by="pk"),
    lambda m: m.Window(m.Lag("name"), order_by="pk"),
    lambda m: m.Window(m.Lead("name", 2, "none"), order_by="pk"),
    lambda m: m.Window(m.FirstValue("name"), partition_by="age", order_by="pk"),
    lambda m: m.Window(m.LastValue("name"), partition_by="age", order_by="pk"),
    lambda m: m.Window(m.NthValue("name", 2), order_by="pk"),
    lambda m: m.Window(m.Sum("age"), order_by="pk"),
    lambda m: m.Window(m.Sum("age"), order_by="pk", frame=m.RowRange(start=-1, end=1)),
    lambda m: m.Window(m.Avg("age"), partition_by=["active"]),
    lambda m: m.Window(m.Count("*"), partition_by="publisher__name"),
    lambda m: m.Window(m.Max("salary"), partition_by=[m.F("active")]),
    lambda m: m.Func("name", function="upper", output_field=m.CharField()),
)

ASKED = (
    lambda m: m.Author.objects.filter(m.Exists(m.Book.objects.filter(author=m.OuterRef("pk")))).order_by("pk"),
    lambda m: m.Author.objects.filter(~m.Exists(m.Book.objects.filter(author=m.OuterRef("pk")))).order_by("pk"),
    lambda m: m.Author.objects.exclude(m.Exists(m.Book.objects.filter(author=m.OuterRef("pk")))).order_by("pk"),
    lambda m: m.Author.objects.filter(m.Exists(m.Book.objects.filter(author=m.OuterRef("pk"))) | m.Q(age=17)).order_by(
        "pk"
    ),
    lambda m: m.Author.objects.filter(age=m.Subquery(m.Author.objects.filter(pk=1).values("age"))).order_by("pk"),
    lambda m: m.Author.objects.filter(pk__in=m.Subquery(m.Book.objects.filter(pages=100).values("author"))).order_by(
        "pk"
    ),
    lambda m: (
        m.Author.objects.annotate(r=m.Window(m.RowNumber(), partition_by="age", order_by="pk"))
        .filter(r=1)
        .order_by("pk")
    ),
    lambda m: (
        m.Author.objects.annotate(r=m.Window(m.Rank(), order_by="age"))
        .filter(r__lte=3)
        .order_by("pk")
        .values("pk", "r")
    ),
    lambda m: (
        m.Author.objects.annotate(r=m.Window(m.Rank(), order_by="age")).order_by("r", "pk").values_list("pk", flat=True)
    ),
    lambda m: m.Author.objects.annotate(n=m.Length("name")).filter(n__gt=3).order_by("pk").values("n"),
    lambda m: m.Author.objects.annotate(low=m.Lower("name")).filter(low__startswith="a").values("low"),
    lambda m: m.Author.objects.filter(age__gt=m.F("pk") * 10).order_by("pk").values("pk"),
    lambda m: m.Author.objects.filter(age=m.F("mentor__age") + 15).order_by("pk").values("pk"),
    lambda m: m.Author.objects.filter(joined__gt=m.F("joined") - datetime.timedelta(1)).order_by("pk").values("pk"),
    lambda m: m.Author.objects.filter(salary__gt=m.F("age") * 20).order_by("pk").values("pk"),
    lambda m: m.Book.objects.annotate(x=m.F("price") * m.F("pages")).order_by("pk").values("x"),
    lambda m: m.Book.objects.annotate(x=m.F("price") * 2).filter(x__gt=20).order_by("pk").values("x"),
    lambda m: m.Book.objects.annotate(x=m.F("pages") / m.F("author__age")).order_by("pk").values("x"),
    lambda m: m.Book.objects.annotate(x=m.F("published") - m.F("author__born")).order_by("pk").values("x"),
    lambda m: m.Book.objects.annotate(x=m.F("added") - m.F("author__joined")).order_by("pk").values("x"),
    lambda m: m.Book.objects.annotate(y=m.TruncYear("added")).values("y").annotate(n=m.Count("pk")).order_by("y"),
    lambda m: m.Book.objects.annotate(y=m.TruncMonth("published")).values("y").annotate(s=m.Sum("price")).order_by("y"),
    lambda m: m.Book.objects.aggregate(n=m.Sum(m.Case(m.When(pages__gt=100, then=1), default=0))),
    lambda m: (
        m.Book.objects.annotate(best=m.Max("review__stars")).filter(best__gte=4).order_by("pk").values("pk", "best")
    ),
)


@each(COMPUTED)
def test_what_is_computed_of_authors_is_the_same(worlds, query):
    compare(worlds, query, lambda m: m.Author.objects.annotate(x=query(m)).order_by("pk").values_list("pk", "x"))


@each(ASKED)
def test_what_is_asked_with_expressions_is_the_same(worlds, query):
    compare(worlds, query)
