"""Foreign keys and one-to-one relations from both ends: loaded when read, or with the query."""

from __future__ import annotations

import pytest

import dorm
from dorm.conf import settings
from dorm.exceptions import SynchronousInAsyncWarning, SynchronousOnlyOperation
from dorm.test import assert_num_queries, capture_queries
from tests.library import Author, Book, Profile, Publisher


async def fill(call):
    faber = await call(Publisher.objects, "create", name="Faber")
    ann = await call(Author.objects, "create", name="Ann", publisher=faber)
    bob = await call(Author.objects, "create", name="Bob", mentor=ann)
    await call(Profile.objects, "create", author=ann, site="ann.org")
    for title, author, editor in (("A1", ann, None), ("A2", ann, bob), ("B1", bob, ann)):
        await call(Book.objects, "create", title=title, author=author, editor=editor)
    return ann, bob, faber


@pytest.fixture
def filled(library):
    """In the synchronous colour only: reading an attribute cannot be awaited."""
    faber = Publisher.objects.create(name="Faber")
    ann = Author.objects.create(name="Ann", publisher=faber)
    bob = Author.objects.create(name="Bob", mentor=ann)
    Profile.objects.create(author=ann, site="ann.org")
    for title, author, editor in (("A1", ann, None), ("A2", ann, bob), ("B1", bob, ann)):
        Book.objects.create(title=title, author=author, editor=editor)


# -- Loaded when read --------------------------------------------------------------------------


def test_a_related_instance_is_loaded_once(filled):
    book = Book.objects.get(title="A1")
    with assert_num_queries(1) as queries:
        assert "Ann" == book.author.name
        assert book.author is book.author
    assert 'FROM "library_author" WHERE' in queries[0].sql


def test_a_key_is_read_without_asking(filled):
    book = Book.objects.get(title="A1")
    with assert_num_queries(0):
        assert 1 == book.author_id
        assert None is book.editor


def test_a_new_key_is_a_new_instance(filled):
    book = Book.objects.get(title="A1")
    assert "Ann" == book.author.name
    book.author_id = 2
    assert "Bob" == book.author.name
    book.author = Author.objects.get(name="Ann")
    assert 1 == book.author_id
    book.editor = book.author
    book.editor = None
    assert (None, None) == (book.editor_id, book.editor)


def test_a_key_that_leads_nowhere(filled):
    book = Book(title="x", author_id=99)
    with pytest.raises(Author.DoesNotExist, match="99"):
        _ = book.author


def test_a_new_instance_without_a_key_has_no_related_one():
    assert None is Book(title="x").author


def test_one_to_one_backwards(filled):
    ann = Author.objects.get(name="Ann")
    with assert_num_queries(1):
        assert "ann.org" == ann.profile.site
        assert ann.profile.author is ann
    bob = Author.objects.get(name="Bob")
    with assert_num_queries(1), pytest.raises(Profile.DoesNotExist, match="Author has no profile"):
        _ = bob.profile


def test_one_to_one_forwards_knows_the_way_back(filled):
    profile = Profile.objects.get()
    with assert_num_queries(1):
        assert profile.author.profile is profile


async def test_lazy_loading_in_a_loop_warns_and_names_the_remedy(library, call):
    if not call.is_async:
        return
    await fill(call)
    book = await Book.objects.aget(title="A1")
    settings.SYNC_IN_ASYNC = "raise"
    with assert_num_queries(0), pytest.raises(SynchronousOnlyOperation, match=r"select_related\('author'\)"):
        _ = book.author
    settings.SYNC_IN_ASYNC = "warn"
    with assert_num_queries(0), pytest.raises(SynchronousInAsyncWarning, match="select_related"):
        _ = book.author  # the warning is an error in tests


async def test_lazy_loading_inside_an_asynchronous_block_is_always_refused(library, call):
    if not call.is_async:
        return
    await fill(call)
    settings.SYNC_IN_ASYNC = "allow"
    async with call.atomic():
        book = await Book.objects.aget(title="A1")
        with pytest.raises(SynchronousOnlyOperation, match="select_related"):
            _ = book.author


# -- Loaded with the query ---------------------------------------------------------------------


async def test_select_related_asks_once(library, call):
    await fill(call)
    with assert_num_queries(1) as queries:
        books = await call.list(Book.objects.select_related("author__publisher", "editor").order_by("title"))
        assert ["Ann", "Ann", "Bob"] == [book.author.name for book in books]
        assert ["Faber", "Faber", None] == [book.author.publisher and book.author.publisher.name for book in books]
        assert [None, "Bob", "Ann"] == [book.editor and book.editor.name for book in books]
    assert 1 == queries[0].sql.count("INNER JOIN")
    assert 2 == queries[0].sql.count("LEFT OUTER JOIN")


async def test_a_null_parent_has_no_children(library, call):
    await fill(call)
    with assert_num_queries(1):
        book = await call(Book.objects.select_related("editor__mentor__publisher"), "get", title="A1")
        assert None is book.editor
    with assert_num_queries(1):
        other = await call(Book.objects.select_related("editor__mentor__publisher"), "get", title="A2")
        assert ("Bob", "Ann", "Faber") == (
            other.editor.name,
            other.editor.mentor.name,
            other.editor.mentor.publisher.name,
        )


async def test_the_related_instances_are_whole(library, call):
    ann, _, faber = await fill(call)
    book = await call(Book.objects.select_related("author__publisher"), "get", title="A1")
    for expected, found in ((ann, book.author), (faber, book.author.publisher)):
        assert expected == found
        assert not found._state.adding
        columns = [field.attname for field in expected._meta.fields]
        assert [getattr(expected, name) for name in columns] == [getattr(found, name) for name in columns]


async def test_select_related_of_a_reverse_one_to_one(library, call):
    await fill(call)
    with assert_num_queries(1):
        ann, bob = await call.list(Author.objects.select_related("profile").order_by("name"))
        assert "ann.org" == ann.profile.site
        assert ann.profile.author is ann
        with pytest.raises(Profile.DoesNotExist):
            _ = bob.profile


async def test_select_related_without_names_follows_what_is_never_null(library, call):
    await fill(call)
    with assert_num_queries(1):
        book = await call(Book.objects.select_related(), "get", title="A1")
        assert "Ann" == book.author.name


async def test_select_related_together_with_a_filter_on_the_same_join(library, call):
    await fill(call)
    query = Book.objects.select_related("author").filter(author__name="Ann").order_by("-author__name", "title")
    with assert_num_queries(1) as queries:
        assert ["A1", "A2"] == [book.title for book in await call.list(query) if book.author.name == "Ann"]
    assert 1 == queries[0].sql.count("JOIN")


async def test_select_related_streams(library, call):
    await fill(call)
    query = Book.objects.select_related("author").order_by("title")
    assert ["Ann", "Ann", "Bob"] == [book.author.name async for book in call.stream(query, chunk_size=1)]


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("auhtor", "'auhtor' is no foreign key.*author"),
        ("title", "'title' is no foreign key"),
        ("author__nmae", "'nmae' is no foreign key or one-to-one relation of Author"),
        ("author__book", "leads to many rows"),
        ("author__name", "'name'"),
        (1, "names of relations"),
    ],
)
def test_select_related_of_what_is_no_relation(name, match):
    with assert_num_queries(0), pytest.raises(dorm.FieldError, match=match):
        Book.objects.select_related(name)


# -- The many ----------------------------------------------------------------------------------


async def test_a_reverse_manager_gives_the_rows_that_point_here(library, call):
    ann, bob, _ = await fill(call)
    with assert_num_queries(1):
        books = await call.list(ann.book_set.order_by("title"))
        assert ["A1", "A2"] == [book.title for book in books]
        assert all(book.author is ann for book in books)  # known, not loaded
    assert 2 == await call(ann.book_set, "count")
    assert True is await call(bob.book_set, "exists")
    assert ["B1"] == await call.list(ann.edited.values_list("title", flat=True))
    assert [bob] == await call.list(ann.students.all())
    assert [bob] == await call.list(ann.students.filter(name="Bob").exclude(age=0))


@pytest.mark.parametrize("method", ["first", "last", "get", "get_or_none"])
async def test_one_row_of_a_reverse_manager_knows_its_owner(library, call, method):
    ann, *_ = await fill(call)
    found = await call(ann.book_set.filter(title="A1"), method)
    with assert_num_queries(0):
        assert found.author is ann


async def test_a_reverse_manager_creates_rows_that_point_here(library, call):
    ann, *_ = await fill(call)
    book = await call(ann.book_set, "create", title="A3")
    assert book.author is ann
    found, created = await call(ann.book_set, "get_or_create", title="A3")
    assert (book, False) == (found, created)
    found, created = await call(ann.book_set, "get_or_create", title="A4", defaults={"pages": 4})
    assert (True, ann.pk, 4) == (created, found.author_id, found.pages)
    assert 4 == await call(ann.book_set, "count")


async def test_a_reverse_manager_adds_and_removes(library, call):
    ann, bob, _ = await fill(call)
    a1 = await call(Book.objects, "get", title="A1")
    with assert_num_queries(1):
        await call(bob.book_set, "add", a1)
    assert a1.author_id == bob.pk
    assert ["A2"] == await call.list(ann.book_set.values_list("title", flat=True))
    await call(ann.edited, "clear")
    await call(ann.edited, "set", [a1])
    assert ["A1"] == await call.list(ann.edited.values_list("title", flat=True))
    await call(ann.edited, "remove", a1)
    assert 0 == await call(ann.edited, "count")


async def test_rows_whose_key_is_never_null_cannot_be_removed(library, call):
    ann, *_ = await fill(call)
    book = await call(Book.objects, "get", title="A1")
    with assert_num_queries(0), pytest.raises((ValueError, AttributeError, TypeError), match=r"null|NULL|remove"):
        await call(ann.book_set, "remove", book)


async def test_a_reverse_manager_of_an_unsaved_instance(library, call):
    with assert_num_queries(0), pytest.raises(ValueError, match="save it first"):
        await call(Author(name="x").book_set, "count")


def test_the_many_cannot_be_assigned(library):
    with pytest.raises(TypeError, match="Direct assignment to 'book_set' is prohibited"):
        Author(name="x").book_set = []


async def test_bulk_create_through_a_reverse_manager(library, call):
    ann, *_ = await fill(call)
    await call(ann.book_set, "bulk_create", [Book(title="X", author=ann), Book(title="Y", author=ann)])
    assert 4 == await call(ann.book_set, "count")


# -- Declarations ------------------------------------------------------------------------------


class Team(dorm.Model):
    captain = dorm.ForeignKey("Player", on_delete=dorm.SET_NULL, null=True, related_name="+")

    class Meta:
        app_label = "test_relations"


class Player(dorm.Model):
    team = dorm.ForeignKey("test_relations.Team", on_delete=dorm.CASCADE, related_name="%(class)ss")
    code = dorm.CharField(max_length=5, unique=True)

    class Meta:
        app_label = "test_relations"


class Goal(dorm.Model):
    player = dorm.ForeignKey(Player, on_delete=dorm.CASCADE, to_field="code", related_name="goals")

    class Meta:
        app_label = "test_relations"


async def test_models_may_point_at_each_other(tables, call):
    tables(Team, Player, Goal)
    team = await call(Team.objects, "create")
    player = await call(Player.objects, "create", team=team, code="x")
    team.captain = player
    await call(team, "save")
    found = await call(Team.objects.select_related("captain__team"), "get")
    assert (player, team) == (found.captain, found.captain.team)
    assert [player] == await call.list(team.players.all())
    assert not hasattr(player, "team_set")


async def test_a_key_may_point_at_another_unique_field(tables, call):
    tables(Team, Player, Goal)
    team = await call(Team.objects, "create")
    player = await call(Player.objects, "create", team=team, code="x")
    goal = await call(Goal.objects, "create", player=player)
    assert "x" == goal.player_id
    assert [goal] == await call.list(player.goals.all())
    assert [goal] == await call.list(Goal.objects.filter(player=player))
    assert [goal] == await call.list(Goal.objects.filter(player__team=team))
    with capture_queries() as queries:
        found = await call(Goal.objects.select_related("player"), "get")
        assert player == found.player
    assert 1 == len(queries)
    assert [player] == await call.list(Player.objects.filter(goals=goal))
