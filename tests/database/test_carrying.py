"""Instances and query sets that are copied, pickled and shown."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import pytest

import dorm
from dorm import F, Q
from dorm.test import assert_num_queries, capture_queries
from tests.library import ALL, Author, Book, Publisher


class Doc(dorm.Model):
    name = dorm.CharField(max_length=50)
    data = dorm.JSONField(null=True)
    tags = dorm.ManyToManyField("Tag")

    class Meta:
        app_label = "carrying"


class Tag(dorm.Model):
    word = dorm.CharField(max_length=10)

    class Meta:
        app_label = "carrying"


@pytest.fixture
def books(tables, library):
    tables(Tag, Doc)


async def fill(call):
    house = await call(Publisher.objects, "create", name="House")
    author = await call(Author.objects, "create", name="Ann", age=40, publisher=house)
    for title, pages in (("A", 10), ("B", 20), ("C", None)):
        await call(Book.objects, "create", title=title, pages=pages, author=author)
    tag = await call(Tag.objects, "create", word="x")
    doc = await call(Doc.objects, "create", name="d", data={"a": {"b": 3}})
    await call(doc.tags, "add", tag)


def again(given):
    return pickle.loads(pickle.dumps(given))


QUERIES = {
    "all": Book.objects.all,
    "filter": lambda: Book.objects.filter(pages__gt=10, title__in=["A", "B", "C"]),
    "relation": lambda: Book.objects.filter(author__publisher__city=None).exclude(pages=None).order_by("-author__age"),
    "back": lambda: Author.objects.filter(book__pages=10).filter(Q(book__title="B") | Q(age=3)).distinct(),
    "isnull": lambda: Book.objects.filter(pages=None),
    "none": Book.objects.none,
    "date": lambda: Author.objects.filter(joined__year__gt=2020, joined__month=3),
    "part": lambda: Book.objects.annotate(m=F("published__month")).filter(Q(m=None) | Q(m__gt=3)),
    "computed": lambda: Author.objects.annotate(n=dorm.Count("book"), up=dorm.Upper("name")).filter(n=3).order_by("up"),
    "nested": lambda: Book.objects.filter(author__in=Author.objects.filter(age=40)),
    "exists": lambda: Author.objects.filter(dorm.Exists(Book.objects.filter(author=dorm.OuterRef("pk"), pages=10))),
    "document": lambda: Doc.objects.filter(data__a__b__gt=2, data__a__has_key="b", data__c=None).order_by("data__a__b"),
    "links": lambda: Doc.objects.filter(tags__word="x"),
    "related": lambda: Book.objects.select_related("author__publisher").order_by("pk")[1:3],
    "deferred": lambda: Book.objects.only("title").order_by("pk"),
    "union": lambda: Book.objects.filter(pages=10).union(Book.objects.filter(pages=20)).order_by("title"),
}  # fmt: skip


@pytest.mark.usefixtures("books")
@pytest.mark.parametrize("name", QUERIES)
async def test_a_query_survives_pickle(call, name):
    await fill(call)
    source = QUERIES[name]()
    expected = await call.list(source)
    made = source.model.objects.all() if name != "union" else QUERIES[name]()
    made.query = again(source.query)
    assert str(source.query) == str(made.query)
    assert expected == await call.list(made)


@pytest.mark.usefixtures("books")
@pytest.mark.parametrize("name", QUERIES)
async def test_a_loaded_query_set_takes_its_rows_along(call, name):
    await fill(call)
    source = QUERIES[name]()
    expected = await call.list(source)
    carried = again(source)
    with assert_num_queries(0):
        assert expected == await call.list(carried)
    assert expected == await call.list(carried.all())


@pytest.mark.usefixtures("books")
async def test_a_pickled_query_can_be_narrowed(call):
    await fill(call)
    made = Book.objects.all()
    made.query = again(Book.objects.filter(author__age=40).order_by("-title").query)
    assert ["B"] == [book.title for book in await call.list(made.filter(author__name="Ann", pages__gt=10))]


@pytest.mark.usefixtures("tables")
def test_a_query_set_is_asked_before_it_is_pickled(db):
    dorm.create_tables(*ALL)
    Publisher.objects.create(name="House")
    source = Publisher.objects.all()
    with assert_num_queries(1):
        carried = again(source)
    with assert_num_queries(0):
        assert ["House"] == [one.name for one in carried]


@pytest.mark.usefixtures("books")
async def test_rows_of_values_survive_pickle(call):
    await fill(call)
    source = Book.objects.order_by("pk").values("title", "author__name")
    rows = await call.list(source)
    assert rows == await call.list(again(source))


@pytest.mark.usefixtures("books")
async def test_copies_of_query_sets(call):
    await fill(call)
    source = Book.objects.filter(pages=10)
    shallow, deep = copy.copy(source), copy.deepcopy(source)
    assert source.query is not shallow.query
    with capture_queries() as queries:
        await call.list(shallow)
        await call.list(deep)
        await call.list(copy.copy(shallow))
    assert 2 == len(queries)


@pytest.mark.usefixtures("books")
async def test_instances_survive_copies_and_pickle(call):
    await fill(call)
    book = await call(Book.objects.select_related("author").defer("pages"), "get", title="A")
    for made in (copy.copy(book), copy.deepcopy(book), again(book)):
        assert (book, hash(book)) == (made, hash(made))
        assert {"pages"} == made.get_deferred_fields()
        assert ("Ann", False) == (made.author.name, made._state.adding)
    assert copy.copy(book).author is book.author
    assert copy.deepcopy(book).author is not book.author
    made = copy.copy(book)
    made.title = "changed"
    assert "A" == book.title


def test_a_field_is_the_same_field_after_pickle_and_another_after_a_copy():
    field = Book._meta.get_field("author")
    assert again(field) is field
    assert again(Doc._meta.get_field("tags")) is Doc._meta.get_field("tags")
    assert copy.copy(field) is not field
    free = dorm.CharField(max_length=7)
    assert 7 == again(free).max_length


def test_a_pickle_is_read_by_another_process(tmp_path):
    path = tmp_path / "query.pickle"
    path.write_bytes(pickle.dumps(Book.objects.filter(author__age__gt=3, published__year=2020).query))
    script = (
        "import pickle, sys, dorm\n"
        "dorm.configure(DATABASES={'default': 'sqlite:///never.sqlite3'})\n"
        "import tests.library\n"
        "print(pickle.load(open(sys.argv[1], 'rb')))"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    assert "INNER JOIN" in done.stdout


# -- Shown -------------------------------------------------------------------------------------


def test_none_is_an_empty_query_set():
    assert isinstance(Book.objects.none(), dorm.EmptyQuerySet)
    assert isinstance(Book.objects.none().filter(pages=1).order_by("pk"), dorm.EmptyQuerySet)
    assert not isinstance(Book.objects.all(), dorm.EmptyQuerySet)
    assert not isinstance(Book.objects.filter(pk__in=[]), dorm.EmptyQuerySet)
    assert isinstance(pickle.loads(pickle.dumps(Book.objects.none())), dorm.EmptyQuerySet)
    assert not isinstance([], dorm.EmptyQuerySet)
    with pytest.raises(TypeError, match="none"):
        dorm.EmptyQuerySet()


def test_a_notebook_shows_the_first_rows_escaped(db, tables):
    tables(*ALL)
    Publisher.objects.bulk_create([Publisher(name=f"<b>{number:02}&", city=None) for number in range(25)])
    with capture_queries() as queries:
        shown = Publisher.objects.all()._repr_html_()
    assert 1 == len(queries)
    assert "<th>id</th><th>name</th><th>city</th>" in shown
    assert "<td>&lt;b&gt;00&amp;</td>" in shown
    assert 22 == shown.count("<tr>")  # the head, twenty rows, and that there are more
    assert "…" in shown


def test_a_notebook_shows_dicts_tuples_and_values(db, tables):
    tables(*ALL)
    Publisher.objects.create(name="A", city="B")
    rows = Publisher.objects.all()
    assert "<th>name</th></tr></thead><tbody><tr><td>A</td>" in rows.values("name")._repr_html_()
    assert "<td>A</td><td>B</td>" in rows.values_list("name", "city")._repr_html_()
    assert "<th>city</th></tr></thead><tbody><tr><td>B</td>" in rows.values_list("city", flat=True)._repr_html_()
    assert "<th>n</th>" in rows.annotate(n=dorm.Count("author"))._repr_html_()
    assert "<tbody></tbody>" in rows.none()._repr_html_()
    with assert_num_queries(1):
        assert "<th>city</th>" not in rows.only("name")._repr_html_()


async def test_a_notebook_in_a_running_loop_shows_the_sql_and_asks_nothing(db, tables):
    tables(*ALL)
    await Publisher.objects.acreate(name="A")
    rows = Publisher.objects.filter(name="A")
    with assert_num_queries(0):
        assert "<pre>&lt;QuerySet SELECT" in rows._repr_html_()
    await rows
    with assert_num_queries(0):
        assert "<td>A</td>" in rows._repr_html_()
