"""Ordering, slices, distinct, and the rows at the ends."""

from __future__ import annotations

from tests.django.comparing import compare, each


def _names(queryset):
    return queryset.values_list("name", flat=True)


ORDERS = (
    lambda m: m.Author.objects.order_by("age", "name"),
    lambda m: _names(m.Author.objects.order_by("-age", "pk")),
    lambda m: _names(m.Author.objects.order_by("age", "-pk").reverse()),
    lambda m: _names(m.Author.objects.order_by("age", "pk").reverse().reverse()),
    lambda m: _names(m.Author.objects.order_by("-active", "id")),
    lambda m: _names(m.Author.objects.order_by(m.F("salary").asc(nulls_first=True), "pk")),
    lambda m: _names(m.Author.objects.order_by(m.F("salary").asc(nulls_last=True), "pk")),
    lambda m: _names(m.Author.objects.order_by(m.F("salary").desc(nulls_first=True), "-pk")),
    lambda m: _names(m.Author.objects.order_by(m.F("salary").desc(nulls_last=True), "-pk").reverse()),
    lambda m: _names(m.Author.objects.order_by(m.OrderBy(m.F("age"), descending=True), "pk")),
    lambda m: _names(m.Author.objects.order_by("salary", "pk")),
    lambda m: _names(m.Author.objects.order_by("-salary", "pk")),
    lambda m: _names(m.Author.objects.order_by(m.F("age") * -1, "pk")),
    lambda m: _names(m.Author.objects.order_by(m.Length("name"), "pk")),
    lambda m: _names(m.Author.objects.order_by(m.Length("name").desc(), "pk")),
    lambda m: _names(m.Author.objects.order_by(m.Lower("name"))),
    lambda m: _names(m.Author.objects.order_by(m.Coalesce("email", "name"))),
    lambda m: _names(m.Author.objects.order_by("joined__year", "pk").exclude(joined=None)),
    lambda m: _names(m.Author.objects.order_by("mentor", "pk")),
    lambda m: _names(m.Author.objects.order_by("mentor_id", "pk")),
    lambda m: _names(m.Author.objects.order_by("-mentor__name", "pk").filter(mentor__isnull=False)),
    lambda m: _names(m.Author.objects.order_by("publisher__name", "pk")),
    lambda m: _names(m.Author.objects.order_by("profile__site", "pk")),
    lambda m: _names(m.Author.objects.order_by("book__title", "pk")),
    lambda m: _names(m.Author.objects.order_by("pk").order_by("-pk")),
    lambda m: _names(m.Author.objects.filter(book__pages=100).order_by("book__title")),
    lambda m: _names(m.Author.objects.annotate(n=m.Count("book")).order_by("-n", "pk")),
    lambda m: _names(m.Author.objects.order_by(m.Count("book"), "pk")),
    lambda m: _names(m.Author.objects.alias(n=m.Count("book")).order_by("n", "-pk")),
    lambda m: _names(m.Author.objects.order_by(m.Case(m.When(age=45, then=0), default=1), "pk")),
    lambda m: _names(m.Tag.objects.all()),
    lambda m: _names(m.Tag.objects.reverse()),
    lambda m: _names(m.Tag.objects.order_by("parent", "name")),
    lambda m: _names(m.Tag.objects.order_by("-parent", "-name")),
    lambda m: _names(m.Tag.objects.order_by("parent_id", "pk")),
    lambda m: m.Review.objects.values_list("pk", flat=True),
    lambda m: m.Review.objects.reverse().values_list("pk", flat=True),
    lambda m: m.Review.objects.order_by("book", "-pk").values_list("pk", flat=True),
    lambda m: m.Book.objects.order_by("review", "pk").values_list("pk", flat=True),
    lambda m: m.Book.objects.order_by("-review__posted", "pk").filter(review__isnull=False).values_list("pk"),
    lambda m: m.Book.objects.order_by("tags", "pk").values_list("pk", "tags"),
    lambda m: m.Book.objects.order_by("tags", "pk").values_list("pk"),
    lambda m: m.Book.objects.order_by("-tags__id", "pk").values_list("pk"),
    lambda m: m.Book.objects.order_by("-tags__parent", "pk").values_list("pk"),
    lambda m: m.Tag.objects.order_by("-parent", "pk").values_list("parent", "name"),
    lambda m: m.Tag.objects.order_by("parent__id", "pk").values_list("parent__id", "name"),
    lambda m: m.Book.objects.values("review").annotate(n=m.Count("pk")).order_by("-review"),
    lambda m: m.Author.objects.order_by("book__review__book", "pk").values_list("pk"),
    lambda m: m.Author.objects.order_by("pk").ordered,
    lambda m: m.Author.objects.all().ordered,
    lambda m: m.Tag.objects.all().ordered,
    lambda m: m.Tag.objects.order_by().ordered,
    lambda m: m.Tag.objects.values("parent").annotate(n=m.Count("pk")).ordered,
    lambda m: m.Author.objects.none().ordered,
    lambda m: m.Author.objects.filter(pk__in=[]).ordered,
)

SLICES = (
    lambda m: _names(m.Author.objects.order_by("pk")[1:3]),
    lambda m: _names(m.Author.objects.order_by("pk")[:2]),
    lambda m: _names(m.Author.objects.order_by("pk")[4:]),
    lambda m: _names(m.Author.objects.order_by("pk"))[0],
    lambda m: _names(m.Author.objects.order_by("pk"))[::2],
    lambda m: _names(m.Author.objects.order_by("pk")[1:5][1:2]),
    lambda m: _names(m.Author.objects.order_by("pk")[1:3][1:9]),
    lambda m: _names(m.Author.objects.order_by("pk")[3:3]),
    lambda m: _names(m.Author.objects.order_by("pk")[3:2]),
    lambda m: _names(m.Author.objects.order_by("pk")[10:20]),
    lambda m: m.Author.objects.order_by("pk")[2],
    lambda m: m.Author.objects.order_by("pk")[1:4].count(),
    lambda m: m.Author.objects.order_by("pk")[10:].count(),
    lambda m: m.Author.objects.order_by("pk")[1:4].exists(),
    lambda m: m.Author.objects.order_by("pk")[9:].exists(),
    lambda m: m.Author.objects.order_by("pk")[1:2].get(),
    lambda m: m.Author.objects.order_by("pk")[1:4].first(),
    lambda m: m.Author.objects.order_by("pk")[1:4].aggregate(m.Sum("age")),
    lambda m: m.Author.objects.order_by("pk")[1:4].in_bulk(),
    lambda m: m.Author.objects.order_by("pk")[1:4].contains(m.Author.objects.get(pk=3)),
    lambda m: m.Author.objects.order_by("pk")[1:4].annotate(twice=m.F("age") * 2).values("twice"),
    lambda m: m.Author.objects.order_by("pk")[1:4].select_related("publisher"),
    lambda m: m.Author.objects.order_by("pk")[1:4].values("name"),
    lambda m: m.Author.objects.filter(pk__in=m.Author.objects.order_by("-pk")[:2]).order_by("pk"),
    lambda m: m.Author.objects.first(),
    lambda m: m.Author.objects.last(),
    lambda m: m.Author.objects.order_by("-age", "-pk").first().name,
    lambda m: m.Author.objects.order_by("-age", "-pk").last().name,
    lambda m: m.Author.objects.filter(age=1).first(),
    lambda m: m.Author.objects.filter(age=1).last(),
    lambda m: m.Tag.objects.first().name,
    lambda m: m.Tag.objects.last().name,
    lambda m: m.Author.objects.filter(joined__isnull=False).earliest().name,
    lambda m: m.Author.objects.filter(joined__isnull=False).latest().name,
    lambda m: m.Author.objects.filter(joined__isnull=False).latest("age", "-pk").name,
    lambda m: m.Author.objects.earliest("age").name,
    lambda m: m.Author.objects.values_list("name", flat=True).order_by("pk").first(),
    lambda m: m.Author.objects.values("age").annotate(n=m.Count("pk")).order_by("age").first(),
    lambda m: m.Author.objects.in_bulk([1, 3, 99]),
    lambda m: m.Author.objects.in_bulk([]),
    lambda m: m.Tag.objects.in_bulk(["crime", "maths"], field_name="name"),
    lambda m: m.Author.objects.filter(age=45).in_bulk(),
    lambda m: m.Author.objects.contains(m.Author.objects.get(pk=2)),
    lambda m: m.Author.objects.filter(age=30).contains(m.Author.objects.get(pk=2)),
    lambda m: m.Author.objects.order_by("pk").iterator(),
    lambda m: m.Author.objects.order_by("pk").values_list("name").iterator(chunk_size=2),
    lambda m: len(m.Author.objects.all()),
    lambda m: bool(m.Author.objects.filter(age=1)),
)

DISTINCT = (
    lambda m: m.Author.objects.values_list("age", flat=True).distinct().order_by("age"),
    lambda m: m.Author.objects.values("age", "active").distinct().order_by("age", "active"),
    lambda m: m.Author.objects.filter(book__pages__gt=1).distinct().order_by("pk").values("pk"),
    lambda m: m.Author.objects.filter(book__pages__gt=1).distinct().count(),
    lambda m: m.Author.objects.values("age").distinct().count(),
    lambda m: m.Author.objects.values("age").distinct().order_by("age")[:2],
    lambda m: m.Author.objects.distinct().order_by("book__pages", "pk").values_list("pk", flat=True),
    lambda m: m.Author.objects.values("age").distinct().order_by("name").values_list("age", flat=True),
    lambda m: m.Author.objects.distinct().aggregate(m.Sum("age")),
    lambda m: m.Author.objects.values("age").distinct().aggregate(m.Sum("age")),
    lambda m: m.Author.objects.filter(book__pages__gt=1).distinct().exists(),
    lambda m: m.Tag.objects.values("parent").distinct(),
    lambda m: m.Tag.objects.order_by().values("parent").distinct().count(),
    lambda m: m.Author.objects.dates("joined", "year"),
    lambda m: m.Author.objects.dates("born", "year"),
    lambda m: m.Author.objects.dates("born", "month", order="DESC"),
    lambda m: m.Author.objects.dates("born", "week"),
    lambda m: m.Author.objects.dates("born", "day"),
    lambda m: m.Book.objects.dates("author__born", "year"),
    lambda m: m.Author.objects.filter(age=30).dates("born", "year").count(),
    lambda m: m.Author.objects.datetimes("joined", "year"),
    lambda m: m.Author.objects.datetimes("joined", "month", order="DESC"),
    lambda m: m.Author.objects.datetimes("joined", "hour"),
    lambda m: m.Author.objects.datetimes("joined", "second"),
)


@each(ORDERS)
def test_rows_come_in_the_same_order(worlds, query):
    compare(worlds, query)


@each(SLICES)
def test_a_slice_is_the_same(worlds, query):
    compare(worlds, query)


@each(DISTINCT)
def test_distinct_rows_are_the_same(worlds, query):
    compare(worlds, query)
