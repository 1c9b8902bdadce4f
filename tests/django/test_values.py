"""Values, annotations, aggregates, groups."""

from __future__ import annotations

from decimal import Decimal

from tests.django.comparing import compare, each

VALUES = (
    lambda m: m.Author.objects.order_by("pk").values(),
    lambda m: m.Author.objects.order_by("pk").values("name", "salary", "active"),
    lambda m: m.Author.objects.order_by("pk").values_list(),
    lambda m: m.Author.objects.order_by("pk").values_list("name", "joined"),
    lambda m: m.Author.objects.order_by("pk").values_list("name", "age", named=True),
    lambda m: m.Author.objects.order_by("pk").values("pk", "id"),
    lambda m: m.Author.objects.order_by("pk").values("mentor", "mentor_id"),
    lambda m: m.Author.objects.order_by("pk").values_list("mentor__name", "mentor__mentor__pk"),
    lambda m: m.Author.objects.order_by("pk").values("profile__site"),
    lambda m: m.Author.objects.order_by("pk").values("profile"),
    lambda m: m.Author.objects.order_by("pk", "book").values("name", "book__title"),
    lambda m: m.Author.objects.order_by("pk", "book").values("book"),
    lambda m: m.Book.objects.order_by("pk", "tags").values_list("pk", "tags", "tags__name"),
    lambda m: m.Book.objects.order_by("pk").values_list("code", flat=True),
    lambda m: m.Book.objects.filter(tags=1).order_by("pk").values_list("pk", "tags__name"),
    lambda m: m.Book.objects.filter(review__stars=5).order_by("pk").values_list("pk", "review__text"),
    lambda m: m.Author.objects.order_by("pk").values(upper=m.Upper("name")),
    lambda m: m.Author.objects.order_by("pk").values("name", next=m.F("age") + 1),
    lambda m: m.Author.objects.order_by("pk").values_list("age", m.F("age") + 1),
    lambda m: m.Author.objects.order_by("pk").values_list(m.Lower("name"), flat=True),
    lambda m: m.Author.objects.order_by("pk").annotate(twice=m.F("age") * 2).values("twice"),
    lambda m: m.Author.objects.order_by("pk").annotate(twice=m.F("age") * 2).values()[:1],
    lambda m: m.Author.objects.order_by("pk").values("name").annotate(twice=m.F("age") * 2),
    lambda m: m.Author.objects.order_by("pk").values("name").values("age"),
    lambda m: m.Author.objects.order_by("pk").values("joined__year", "born__month"),
    lambda m: m.Author.objects.order_by("pk").values_list("joined__date"),
    lambda m: m.Author.objects.values("name").get(pk=1),
    lambda m: m.Author.objects.values_list("name", "age").get(pk=1),
    lambda m: m.Author.objects.order_by("pk").annotate(boss=m.F("mentor__name")).values("boss"),
    lambda m: m.Author.objects.order_by("pk").annotate(boss=m.F("mentor")),
    lambda m: m.Author.objects.annotate(x=m.Value("x"), n=m.Value(3)).order_by("pk").values_list("x", "n"),
    lambda m: m.Author.objects.annotate(x=m.Value(None, output_field=m.CharField())).order_by("pk").values_list("x"),
    lambda m: m.Author.objects.none().values("name"),
    lambda m: m.Author.objects.annotate(n=m.F("age")).filter(n=30).order_by("n", "pk"),
    lambda m: m.Author.objects.alias(n=m.F("age") + 1).filter(n=31).order_by("pk"),
)

AGGREGATES = (
    lambda m: m.Author.objects.aggregate(m.Count("pk")),
    lambda m: m.Author.objects.aggregate(n=m.Count("*")),
    lambda m: m.Author.objects.aggregate(m.Count("email"), m.Count("age", distinct=True)),
    lambda m: m.Author.objects.aggregate(m.Sum("age"), m.Avg("age"), m.Min("age"), m.Max("age")),
    lambda m: m.Author.objects.aggregate(m.Sum("salary"), m.Min("salary"), m.Max("salary")),
    lambda m: m.Author.objects.filter(pk__in=(1, 2)).aggregate(m.Avg("salary")),
    lambda m: m.Author.objects.filter(score__lt=100).aggregate(m.Sum("score"), m.Avg("score")),
    lambda m: m.Author.objects.aggregate(m.Min("joined"), m.Max("born"), m.Max("wakes")),
    lambda m: m.Author.objects.aggregate(m.Sum("pause"), m.Avg("pause"), m.Max("pause")),
    lambda m: m.Author.objects.aggregate(m.Min("name"), m.Max("email")),
    lambda m: m.Author.objects.filter(age=1).aggregate(m.Count("pk"), m.Sum("age"), m.Max("name")),
    lambda m: m.Author.objects.none().aggregate(m.Count("pk"), m.Sum("age")),
    lambda m: m.Author.objects.none().aggregate(n=m.Sum("age", default=7)),
    lambda m: m.Author.objects.filter(age=1).aggregate(n=m.Sum("age", default=0)),
    lambda m: m.Author.objects.filter(age=1).aggregate(n=m.Avg("salary", default=Decimal(1))),
    lambda m: m.Author.objects.aggregate(n=m.Count("pk", filter=m.Q(age__gt=30))),
    lambda m: m.Author.objects.aggregate(n=m.Sum("age", filter=m.Q(active=True)), m=m.Sum("age")),
    lambda m: m.Author.objects.aggregate(n=m.Sum("age", filter=m.Q(age=1), default=5)),
    lambda m: m.Author.objects.aggregate(n=m.Sum(m.F("age") * 2) + 1),
    lambda m: m.Author.objects.aggregate(n=m.Max("age") - m.Min("age")),
    lambda m: m.Author.objects.aggregate(n=m.Sum("age"), half=m.F("n") / 2),
    lambda m: m.Author.objects.aggregate(n=m.Sum("age", distinct=True)),
    lambda m: m.Author.objects.aggregate(m.Count("book"), m.Count("book", distinct=True)),
    lambda m: m.Author.objects.aggregate(m.Sum("book__price"), m.Count("book__tags")),
    lambda m: m.Author.objects.annotate(n=m.Count("book")).aggregate(m.Sum("n"), m.Max("n")),
    lambda m: m.Author.objects.annotate(n=m.Count("book")).filter(n__gt=0).aggregate(m.Avg("n")),
    lambda m: m.Author.objects.values("age").annotate(n=m.Count("pk")).aggregate(m.Max("n")),
    lambda m: m.Author.objects.annotate(twice=m.F("age") * 2).aggregate(m.Sum("twice")),
    lambda m: m.Author.objects.aggregate(),
    lambda m: m.Author.objects.aggregate(m.StdDev("age"), m.Variance("age")),
    lambda m: m.Book.objects.aggregate(m.Count("code"), m.Min("added"), m.Max("published")),
    lambda m: m.Book.objects.filter(author__age=30).aggregate(m.Sum("pages")),
    lambda m: m.Book.objects.aggregate(n=m.Avg("price")),
    lambda m: m.Book.objects.aggregate(n=m.Sum(m.F("price") * m.F("pages"))),
    lambda m: m.Book.objects.aggregate(n=m.Min("author__mentor__age"), a=m.Count("author__mentor", distinct=True)),
    lambda m: m.Author.objects.annotate(n=m.Count("book")).count(),
    lambda m: m.Author.objects.annotate(n=m.Count("book")).filter(n=0).count(),
)

GROUPS = (
    lambda m: m.Author.objects.annotate(n=m.Count("book")).order_by("pk").values_list("pk", "n"),
    lambda m: m.Author.objects.annotate(m.Count("book")).order_by("pk").values_list("pk", "book__count"),
    lambda m: m.Author.objects.annotate(n=m.Count("book"), t=m.Count("book__tags")).order_by("pk").values("n", "t"),
    lambda m: (
        m.Author.objects.annotate(n=m.Count("book", distinct=True), t=m.Count("book__tags", distinct=True))
        .order_by("pk")
        .values("n", "t")
    ),
    lambda m: m.Author.objects.annotate(n=m.Count("book"), e=m.Count("edited")).order_by("pk").values("n", "e"),
    lambda m: m.Author.objects.annotate(s=m.Sum("book__price")).order_by("pk").values("s"),
    lambda m: m.Author.objects.annotate(s=m.Sum("book__price", default=0)).order_by("pk").values("s"),
    lambda m: m.Author.objects.annotate(s=m.Avg("book__pages")).order_by("pk").values("s"),
    lambda m: m.Author.objects.annotate(n=m.Count("book", filter=m.Q(book__pages__gt=100))).order_by("pk").values("n"),
    lambda m: m.Author.objects.annotate(n=m.Count("book")).filter(n__gt=1).order_by("pk"),
    lambda m: m.Author.objects.annotate(n=m.Count("book")).exclude(n__gt=1).order_by("pk").values("pk", "n"),
    lambda m: m.Author.objects.annotate(n=m.Count("book")).filter(m.Q(n=0) | m.Q(age=30)).order_by("pk").values("pk"),
    lambda m: m.Author.objects.filter(book__pages=100).annotate(n=m.Count("book")).order_by("pk").values("pk", "n"),
    lambda m: m.Author.objects.annotate(n=m.Count("book")).filter(book__pages=100).order_by("pk").values("pk", "n"),
    lambda m: m.Author.objects.annotate(n=m.Count("book")).filter(name="Ann", n=3).values("n"),
    lambda m: m.Author.objects.annotate(s=m.Sum("book__pages")).filter(s__gt=m.F("age")).order_by("pk").values("s"),
    lambda m: m.Author.objects.annotate(s=m.Max("book__review__stars")).order_by("pk").values("s"),
    lambda m: m.Author.objects.annotate(n=m.Count("friends")).order_by("pk").values("n"),
    lambda m: m.Author.objects.annotate(n=m.Count("followers"), o=m.Count("follows")).order_by("pk").values("n", "o"),
    lambda m: m.Author.objects.values("age").annotate(n=m.Count("pk")).order_by("age"),
    lambda m: m.Author.objects.values("age").annotate(n=m.Count("pk")).filter(n__gt=1).order_by("age"),
    lambda m: m.Author.objects.values("age").annotate(n=m.Count("pk")).order_by("-n", "age"),
    lambda m: m.Author.objects.values_list("age").annotate(m.Count("pk")).order_by("age"),
    lambda m: m.Author.objects.values("age", "active").annotate(s=m.Sum("salary")).order_by("age", "active"),
    lambda m: m.Author.objects.values("publisher__name").annotate(n=m.Count("pk")).order_by("publisher__name"),
    lambda m: m.Author.objects.values("joined__year").annotate(n=m.Count("pk")).order_by("joined__year"),
    lambda m: m.Author.objects.values(y=m.ExtractYear("joined")).annotate(n=m.Count("pk")).order_by("y"),
    lambda m: m.Author.objects.annotate(y=m.F("age") / 10).values("y").annotate(n=m.Count("pk")).order_by("y"),
    lambda m: m.Author.objects.values("age").annotate(n=m.Count("pk")).values("n").order_by("n", "age"),
    lambda m: m.Author.objects.values("age").annotate(n=m.Count("pk")).values_list("n", flat=True).order_by("n"),
    lambda m: m.Author.objects.values("age").annotate(n=m.Count("pk")).count(),
    lambda m: m.Author.objects.filter(active=True).values("age").annotate(n=m.Count("book")).order_by("age"),
    lambda m: m.Author.objects.values("age").annotate(n=m.Count("book")).filter(active=True).order_by("age"),
    lambda m: m.Author.objects.values("active").annotate(a=m.Avg("age"), o=m.Max("age")).order_by("active"),
    lambda m: m.Book.objects.values("author").annotate(n=m.Count("pk"), p=m.Sum("price")).order_by("author"),
    lambda m: m.Book.objects.values("author__name").annotate(n=m.Count("tags")).order_by("author__name"),
    lambda m: m.Book.objects.values("tags__name").annotate(n=m.Count("pk")).order_by("tags__name"),
    lambda m: m.Book.objects.values("tags").annotate(n=m.Sum("pages")).order_by("tags"),
    lambda m: m.Book.objects.values("published__year").annotate(n=m.Count("pk")).order_by("-n", "published__year"),
    lambda m: m.Tag.objects.values("parent").annotate(n=m.Count("pk")).order_by("parent"),
    lambda m: m.Tag.objects.values("parent").annotate(n=m.Count("pk")).count(),
    lambda m: m.Tag.objects.order_by("name").values("parent").annotate(n=m.Count("pk")),
    lambda m: m.Tag.objects.annotate(n=m.Count("books")).order_by("name").values_list("name", "n"),
    lambda m: m.Review.objects.values("stars").annotate(n=m.Count("pk")).order_by("stars"),
    lambda m: m.Author.objects.annotate(n=m.Count("book")).values("n").annotate(a=m.Count("pk")).order_by("n"),
    lambda m: m.Author.objects.annotate(n=m.Count("book")).values("age", "n").annotate(a=m.Count("pk")).order_by("age"),
    lambda m: m.Author.objects.values("age").annotate(n=m.Count("pk")).first(),
    lambda m: m.Author.objects.values("age").annotate(n=m.Count("pk")).last(),
    lambda m: m.Author.objects.values("pk").annotate(n=m.Count("book")).last(),
    lambda m: (
        m.Author.objects.filter(book__pages=100).filter(book__title="Beta").annotate(n=m.Count("book")).values("n")
    ),
    lambda m: m.Author.objects.filter(book__pages=100).filter(book__title="Beta").values("pk", "book__title"),
    lambda m: sorted(m.Author.objects.values_list("pk", "book__title").filter(book__title="Beta")),
    lambda m: sorted(m.Book.objects.values_list("pk", "tags__name").filter(tags=1)),
    lambda m: (
        m.Book.objects.filter(tags=1).values("pk", "tags__parent__name", "tags__name").order_by("pk", "tags__name")
    ),
    lambda m: m.Book.objects.filter(tags__name="crime").values_list("pk", "tags", "tags__name").order_by("pk"),
    lambda m: m.Book.objects.filter(tags=1).values("tags__name").annotate(n=m.Count("pk")),
    lambda m: m.Book.objects.filter(tags=1).annotate(n=m.Count("tags__name")).order_by("pk").values("pk", "n"),
    lambda m: m.Book.objects.filter(tags=1).order_by("tags__name", "pk").values_list("pk", "tags__name"),
    lambda m: m.Book.objects.filter(tags=1).order_by("tags__name", "pk").distinct().values_list("pk"),
    lambda m: m.Author.objects.annotate(n=m.Count("book") + m.Count("edited")).order_by("pk").values("n"),
    lambda m: m.Author.objects.annotate(n=m.Count("book"), x=m.F("n") * 2).order_by("pk").values("x"),
    lambda m: m.Author.objects.annotate(big=m.Q(age__gt=30)).values("big").annotate(n=m.Count("pk")).order_by("big"),
    lambda m: m.Author.objects.annotate(n=m.Count("book")).order_by("pk")[:2].values("n"),
    lambda m: m.Author.objects.annotate(n=m.Count("book")).select_related("publisher").order_by("pk"),
    lambda m: m.Author.objects.annotate(n=m.Count("book")).only("name").order_by("pk"),
    lambda m: (
        m.Author.objects.annotate(n=m.Count("book__tags", distinct=True))
        .filter(n__in=[0, 3])
        .order_by("pk")
        .values("pk")
    ),
    lambda m: m.Publisher.objects.annotate(a=m.Avg("books__price"), n=m.Min("author__age")).order_by("pk").values(),
    lambda m: m.Club.objects.annotate(n=m.Count("members"), f=m.Sum("membership__fee")).order_by("pk").values(),
)


@each(VALUES)
def test_values_are_the_same(worlds, query):
    compare(worlds, query)


@each(AGGREGATES)
def test_aggregates_are_the_same(worlds, query):
    compare(worlds, query)


@each(GROUPS)
def test_groups_are_the_same(worlds, query):
    compare(worlds, query)
