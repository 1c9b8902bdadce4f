"""What is loaded: related rows, parts of rows, rows of several queries, raw SQL."""

from __future__ import annotations

from tests.django.comparing import compare, each


def _with(queryset, *paths):
    """Every instance, and what it leads to along *paths*, which are attributes or managers."""
    return [(instance, [_along(instance, path.split(".")) for path in paths]) for instance in queryset]


def _along(instance, names):
    for name in names:
        instance = getattr(instance, name, None)
    return instance.all() if hasattr(instance, "all") else instance


LOADED = (
    lambda m: _with(m.Book.objects.select_related("author").order_by("pk"), "author"),
    lambda m: _with(
        m.Book.objects.select_related("author__mentor", "editor").order_by("pk"), "author.mentor", "editor"
    ),
    lambda m: _with(m.Book.objects.select_related().order_by("pk"), "author"),
    lambda m: _with(m.Book.objects.select_related("author").select_related(None).order_by("pk"), "author"),
    lambda m: _with(m.Author.objects.select_related("profile").order_by("pk"), "profile"),
    lambda m: _with(m.Profile.objects.select_related("author__publisher").order_by("pk"), "author.publisher"),
    lambda m: _with(m.Book.objects.select_related("author").only("title", "author__name").order_by("pk"), "author"),
    lambda m: _with(m.Book.objects.select_related("author").defer("author__name").order_by("pk"), "author"),
    lambda m: _with(m.Book.objects.prefetch_related("tags").order_by("pk"), "tags"),
    lambda m: _with(m.Book.objects.prefetch_related("tags__parent").order_by("pk"), "tags"),
    lambda m: _with(m.Book.objects.prefetch_related("author", "reviews").order_by("pk"), "author", "reviews"),
    lambda m: _with(m.Author.objects.prefetch_related("book_set__tags").order_by("pk"), "book_set"),
    lambda m: _with(m.Author.objects.prefetch_related("profile").order_by("pk"), "profile"),
    lambda m: _with(m.Author.objects.prefetch_related("clubs").order_by("pk"), "clubs"),
    lambda m: _with(m.Tag.objects.prefetch_related("children"), "children"),
    lambda m: _with(
        m.Author.objects.prefetch_related(m.Prefetch("book_set", m.Book.objects.order_by("-price", "pk"))).order_by(
            "pk"
        ),
        "book_set",
    ),
    lambda m: [
        (author.pk, author.long)
        for author in m.Author.objects.prefetch_related(
            m.Prefetch("book_set", m.Book.objects.filter(pages__gt=100).order_by("pk"), to_attr="long")
        ).order_by("pk")
    ],
    lambda m: [
        (author.pk, [book.pk for book in author.top])
        for author in m.Author.objects.prefetch_related(
            m.Prefetch("book_set", m.Book.objects.order_by("-price", "pk")[:1], to_attr="top")
        ).order_by("pk")
    ],
    lambda m: [
        (author.pk, [book.pk for book in author.book_set.all()])
        for author in m.Author.objects.prefetch_related(
            m.Prefetch("book_set", m.Book.objects.order_by("-title")[1:3])
        ).order_by("pk")
    ],
    lambda m: [
        (tag.pk, [(book.pk, book.n) for book in tag.top])
        for tag in m.Tag.objects.prefetch_related(
            m.Prefetch("books", m.Book.objects.annotate(n=m.Count("review")).order_by("-n", "pk")[:2], to_attr="top")
        ).order_by("pk")
    ],
    lambda m: [
        (book.pk, [tag.pk for tag in book.tags.all()])
        for book in m.Book.objects.prefetch_related(m.Prefetch("tags", m.Tag.objects.order_by("-name")[1:])).order_by(
            "pk"
        )
    ],
    lambda m: list(m.Book.objects.prefetch_related(m.Prefetch("author", m.Author.objects.all()[:1]))),
    lambda m: m.Author.objects.only("name").order_by("pk"),
    lambda m: m.Author.objects.only("name", "publisher").order_by("pk"),
    lambda m: m.Author.objects.only("pk").order_by("pk"),
    lambda m: m.Author.objects.only().order_by("pk"),
    lambda m: m.Author.objects.only("name").only().order_by("pk"),
    lambda m: [
        (book.pk, [(tag.pk, tag.n) for tag in book.tags.all()])
        for book in m.Book.objects.prefetch_related(
            m.Prefetch("tags", m.Tag.objects.annotate(n=m.Count("books")).order_by("pk"))
        ).order_by("pk")
    ],
    lambda m: [
        (book.pk, [tag.pk for tag in book.tags.all()])
        for book in m.Book.objects.prefetch_related(
            m.Prefetch("tags", m.Tag.objects.filter(books__pages=100).distinct().order_by("pk"))
        ).order_by("pk")
    ],
    lambda m: m.Book.objects.prefetch_related("tags", m.Prefetch("tags", m.Tag.objects.all()))[:1],
    lambda m: m.Author.objects.only("name").only("age").order_by("pk"),
    lambda m: m.Author.objects.defer("name", "age").order_by("pk"),
    lambda m: m.Author.objects.defer("name").defer("age").order_by("pk"),
    lambda m: m.Author.objects.defer("age").only("age").order_by("pk"),
    lambda m: m.Author.objects.defer("name", "age").only("name").only("age").order_by("pk"),
    lambda m: m.Author.objects.only("name").defer("name").order_by("pk"),
    lambda m: m.Author.objects.only("name").defer("name", "age").order_by("pk"),
    lambda m: m.Author.objects.only("name").defer("age").order_by("pk"),
    lambda m: m.Author.objects.only("name").defer("name").defer("age").order_by("pk"),
    lambda m: m.Author.objects.only("name").defer(None).order_by("pk"),
    lambda m: m.Author.objects.only("name").defer().order_by("pk"),
    lambda m: m.Author.objects.defer("name").defer(None).only("name").order_by("pk"),
    lambda m: m.Author.objects.only().order_by("pk"),
    lambda m: m.Author.objects.defer("name").only().order_by("pk"),
    lambda m: m.Author.objects.only("name").only().order_by("pk"),
    lambda m: m.Author.objects.defer().order_by("pk"),
    lambda m: m.Author.objects.defer("pk").only("pk", "name").order_by("pk"),
    lambda m: m.Author.objects.only("name").defer("pk").order_by("pk"),
    lambda m: m.Author.objects.only("id").defer("id").order_by("pk"),
    lambda m: m.Author.objects.defer("age", "age").only("name").defer("name").order_by("pk"),
    lambda m: _with(
        m.Book.objects.select_related("author").only("title", "author__name").defer("author__name").order_by("pk"),
        "author",
    ),
    lambda m: _with(
        m.Book.objects.select_related("author")
        .defer("author__name")
        .only("author__name", "author__age")
        .order_by("pk"),
        "author",
    ),
    lambda m: _with(
        m.Book.objects.select_related("author").only("author__name", "author__age").defer("author__age").order_by("pk"),
        "author",
    ),
    lambda m: _with(
        m.Book.objects.select_related("author").only("author__name").defer("title").order_by("pk"), "author"
    ),
    lambda m: _with(m.Book.objects.select_related("author").only("author__mentor__name").order_by("pk"), "author"),
    lambda m: m.Author.objects.only(None),
    lambda m: m.Author.objects.values("name").defer("age"),
    lambda m: m.Author.objects.defer("name").defer(None).order_by("pk"),
    lambda m: m.Author.objects.only("name", "age").defer("age").order_by("pk"),
    lambda m: m.Author.objects.defer("age").only("name", "age").order_by("pk"),
    lambda m: m.Author.objects.only("name").get(pk=1).age,
    lambda m: m.Author.objects.raw("SELECT * FROM compared_author ORDER BY id"),
    lambda m: m.Author.objects.raw("SELECT id, name FROM compared_author ORDER BY id"),
    lambda m: m.Author.objects.raw("SELECT id, name, age + 1 AS next FROM compared_author WHERE age > %s", [40]),
    lambda m: m.Author.objects.raw("SELECT id, name AS email FROM compared_author WHERE age = %(age)s", {"age": 17}),
    lambda m: m.Author.objects.raw("SELECT id, name AS n FROM compared_author ORDER BY id", translations={"n": "name"}),
    lambda m: m.Author.objects.raw("SELECT * FROM compared_author ORDER BY id")[1],
)

SETS = (
    lambda m: m.Author.objects.filter(age=30).union(m.Author.objects.filter(age=45)).order_by("id"),
    lambda m: m.Author.objects.filter(age=30).union(m.Author.objects.filter(active=True)).order_by("-name"),
    lambda m: m.Author.objects.filter(age=30).union(m.Author.objects.filter(active=True), all=True).order_by("id"),
    lambda m: m.Author.objects.filter(age=30).intersection(m.Author.objects.filter(name="Ann")).order_by("id"),
    lambda m: m.Author.objects.filter(active=True).difference(m.Author.objects.filter(age=30)).order_by("id"),
    lambda m: m.Author.objects.values("name").union(m.Tag.objects.values("name")).order_by("name"),
    lambda m: (
        m.Author.objects.values_list("name", "pk")
        .union(m.Club.objects.values_list("name", "pk"))
        .order_by("pk", "name")
    ),
    lambda m: (
        m.Author.objects.values_list("name", flat=True)
        .union(m.Tag.objects.order_by().values_list("name", flat=True))
        .order_by("name")
    ),
    lambda m: m.Author.objects.filter(age=30).union(m.Author.objects.filter(age=45)).count(),
    lambda m: m.Author.objects.filter(age=30).union(m.Author.objects.filter(age=45)).exists(),
    lambda m: m.Author.objects.filter(age=30).union(m.Author.objects.filter(age=45)).order_by("id").first(),
    lambda m: m.Author.objects.filter(age=30).union(m.Author.objects.filter(age=45)).order_by("-id")[:2],
    lambda m: m.Author.objects.filter(age=30).union(m.Author.objects.filter(age=45)).order_by("id").values("name"),
    lambda m: m.Author.objects.filter(age=30).union(m.Author.objects.none()).order_by("id"),
    lambda m: m.Author.objects.none().union(m.Author.objects.filter(age=30)).order_by("id"),
    lambda m: m.Author.objects.none().union(m.Author.objects.none()),
    lambda m: m.Author.objects.filter(pk__in=[]).union(m.Author.objects.filter(age=30)).order_by("id"),
    lambda m: m.Author.objects.filter(age=30).difference(m.Author.objects.filter(pk__in=[])).order_by("id"),
    lambda m: m.Author.objects.filter(age=30).intersection(m.Author.objects.filter(pk__in=[])).order_by("id"),
    lambda m: m.Author.objects.filter(age=30).intersection(m.Author.objects.none()),
    lambda m: m.Author.objects.filter(age=30).difference(m.Author.objects.none()).order_by("id"),
    lambda m: m.Author.objects.none().difference(m.Author.objects.filter(age=30)),
    lambda m: m.Author.objects.order_by("pk")[:1].union(m.Author.objects.order_by("-pk")[:1]).order_by("id").count(),
    lambda m: (
        m.Author.objects.annotate(x=m.Value(1))
        .values("x")
        .union(m.Tag.objects.annotate(x=m.Value(2)).values("x"))
        .order_by("x")
    ),
    lambda m: m.Author.objects.filter(
        pk__in=m.Author.objects.filter(age=30).values("pk").union(m.Author.objects.filter(age=45).values("pk"))
    ).order_by("pk"),
    lambda m: (
        m.Author.objects.filter(age=30)
        .union(m.Author.objects.filter(age=45))
        .union(m.Author.objects.filter(age=17))
        .order_by("id")
        .values_list("id")
    ),
)


@each(LOADED)
def test_what_is_loaded_is_the_same(worlds, query):
    compare(worlds, query)


@each(SETS)
def test_sets_of_queries_are_the_same(worlds, query):
    compare(worlds, query)
