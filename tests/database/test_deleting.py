"""Deleting one instance, and what points at it."""

from __future__ import annotations

import pytest

import dorm
from dorm import ProtectedError, RestrictedError
from dorm.exceptions import ForeignKeyViolation, IntegrityError
from dorm.signals import post_delete, pre_delete
from dorm.test import assert_num_queries
from tests.library import Author, Book


class Root(dorm.Model):
    name = dorm.CharField(max_length=10)

    class Meta:
        app_label = "test_deleting"


class Cascading(dorm.Model):
    root = dorm.ForeignKey(Root, on_delete=dorm.CASCADE)

    class Meta:
        app_label = "test_deleting"


class Deeper(dorm.Model):
    parent = dorm.ForeignKey(Cascading, on_delete=dorm.CASCADE)

    class Meta:
        app_label = "test_deleting"


class Nulling(dorm.Model):
    root = dorm.ForeignKey(Root, on_delete=dorm.SET_NULL, null=True)

    class Meta:
        app_label = "test_deleting"


class Protecting(dorm.Model):
    root = dorm.ForeignKey(Root, on_delete=dorm.PROTECT)

    class Meta:
        app_label = "test_deleting"


class Restricting(dorm.Model):
    root = dorm.ForeignKey(Root, on_delete=dorm.RESTRICT)
    parent = dorm.ForeignKey(Cascading, on_delete=dorm.CASCADE, null=True)

    class Meta:
        app_label = "test_deleting"


class Defaulting(dorm.Model):
    root = dorm.ForeignKey(Root, on_delete=dorm.SET_DEFAULT, default=1)

    class Meta:
        app_label = "test_deleting"


def the_second() -> int:
    return 2


class Setting(dorm.Model):
    root = dorm.ForeignKey(Root, on_delete=dorm.SET(the_second))

    class Meta:
        app_label = "test_deleting"


class Ignoring(dorm.Model):
    root = dorm.ForeignKey(Root, on_delete=dorm.DO_NOTHING)

    class Meta:
        app_label = "test_deleting"


class Node(dorm.Model):
    parent = dorm.ForeignKey("self", on_delete=dorm.CASCADE, null=True)

    class Meta:
        app_label = "test_deleting"


ALL = (Root, Cascading, Deeper, Nulling, Protecting, Restricting, Defaulting, Setting, Ignoring)


@pytest.fixture
def chain(tables):
    tables(*ALL)


async def test_delete_removes_the_row_and_says_how_many(library, call):
    author = await call(Author.objects, "create", name="Ann")
    other = await call(Author.objects, "create", name="Bob")
    assert (1, {"library.Author": 1}) == await call(author, "delete")
    assert [other] == await call.list(Author.objects.all())
    assert author.pk is None


async def test_deleting_what_is_gone_counts_nothing(library, call):
    author = await call(Author.objects, "create", name="Ann")
    await call(Author.objects.all(), "delete")
    assert (0, {}) == await call(author, "delete")


async def test_an_instance_without_a_row_cannot_be_deleted(library, call):
    with assert_num_queries(0), pytest.raises(ValueError, match="delete"):
        await call(Author(name="Ann"), "delete")


async def test_a_model_nobody_points_at_is_deleted_by_one_statement(library, call):
    author = await call(Author.objects, "create", name="Ann")
    book = await call(Book.objects, "create", title="1", author=author)
    with assert_num_queries(1) as queries:
        await call(book, "delete")
    assert queries[0].sql.startswith("DELETE FROM")


async def test_cascade_takes_everything_below(chain, call):
    root = await call(Root.objects, "create", name="r")
    other = await call(Root.objects, "create", name="o")
    for one in (root, root, other):
        cascading = await call(Cascading.objects, "create", root=one)
        await call(Deeper.objects, "create", parent=cascading)
    counts = {"test_deleting.Root": 1, "test_deleting.Cascading": 2, "test_deleting.Deeper": 2}
    assert (5, counts) == await call(root, "delete")
    assert [other.pk] == await call.list(Cascading.objects.values_list("root", flat=True))
    assert 1 == await call(Deeper.objects, "count")


async def test_set_null_keeps_the_row(chain, call):
    root = await call(Root.objects, "create", name="r")
    await call(Nulling.objects, "create", root=root)
    assert (1, {"test_deleting.Root": 1}) == await call(root, "delete")
    assert [None] == await call.list(Nulling.objects.values_list("root", flat=True))


async def test_set_default_and_set_point_elsewhere(chain, call):
    for name in ("default", "second", "gone"):
        gone = await call(Root.objects, "create", name=name)
    await call(Defaulting.objects, "create", root=gone)
    await call(Setting.objects, "create", root=gone)
    await call(gone, "delete")
    assert [1] == await call.list(Defaulting.objects.values_list("root", flat=True))
    assert [2] == await call.list(Setting.objects.values_list("root", flat=True))


async def test_protect_refuses_and_nothing_is_lost(chain, call):
    root = await call(Root.objects, "create", name="r")
    await call(Cascading.objects, "create", root=root)
    protecting = await call(Protecting.objects, "create", root=root)
    with pytest.raises(ProtectedError, match=r"Protecting.root") as caught:
        await call(root, "delete")
    assert {protecting} == set(caught.value.protected_objects)
    assert isinstance(caught.value, IntegrityError)
    assert (1, 1) == (await call(Root.objects, "count"), await call(Cascading.objects, "count"))
    assert root.pk is not None


async def test_restrict_refuses(chain, call):
    root = await call(Root.objects, "create", name="r")
    restricting = await call(Restricting.objects, "create", root=root)
    with pytest.raises(RestrictedError, match=r"Restricting.root") as caught:
        await call(root, "delete")
    assert {restricting} == set(caught.value.restricted_objects)
    assert 1 == await call(Root.objects, "count")


async def test_restrict_gives_way_when_the_referrer_goes_too(chain, call):
    root = await call(Root.objects, "create", name="r")
    cascading = await call(Cascading.objects, "create", root=root)
    await call(Restricting.objects, "create", root=root, parent=cascading)
    counted, _ = await call(root, "delete")
    assert 3 == counted


async def test_do_nothing_leaves_it_to_the_database(chain, call):
    root = await call(Root.objects, "create", name="r")
    await call(Ignoring.objects, "create", root=root)
    with pytest.raises(ForeignKeyViolation):
        await call(root, "delete")
    assert 1 == await call(Root.objects, "count")


async def test_a_row_that_points_at_itself_and_its_children(tables, call):
    tables(Node)
    node = await call(Node.objects, "create")
    node.parent = node
    await call(node, "save")
    child = await call(Node.objects, "create", parent=node)
    await call(Node.objects, "create", parent=child)
    assert (3, {"test_deleting.Node": 3}) == await call(node, "delete")


async def test_rows_of_a_query(chain, call):
    for name in ("a", "b", "c"):
        root = await call(Root.objects, "create", name=name)
        await call(Cascading.objects, "create", root=root)
    counted, _ = await call(Root.objects.filter(name__lt="c"), "delete")
    assert 4 == counted
    assert ["c"] == await call.list(Root.objects.values_list("name", flat=True))


async def test_rows_of_a_query_across_a_foreign_key(library, call):
    for name in ("Ann", "Bob"):
        author = await call(Author.objects, "create", name=name)
        await call(Book.objects, "create", title=name, author=author)
    assert (1, {"library.Book": 1}) == await call(Book.objects.filter(author__name="Ann"), "delete")
    assert ["Bob"] == await call.list(Book.objects.values_list("title", flat=True))


async def test_nothing_to_delete(library, call):
    assert (0, {}) == await call(Author.objects.filter(name="x"), "delete")


@pytest.mark.parametrize(
    "wrong", [Author.objects.all()[:1], Author.objects.values("name"), Author.objects.distinct("name")]
)
async def test_what_is_no_set_of_rows_is_refused(library, call, wrong):
    with assert_num_queries(0), pytest.raises(TypeError, match="delete"):
        await call(wrong, "delete")


async def test_receivers_see_every_row_before_and_after(chain, call):
    root = await call(Root.objects, "create", name="r")
    await call(Cascading.objects, "create", root=root)
    seen: list[tuple[str, str, bool]] = []

    def before(sender, instance, **_):
        seen.append(("before", sender.__name__, instance.pk is None))

    def after(sender, instance, **_):
        seen.append(("after", sender.__name__, instance.pk is None))

    pre_delete.connect(before)
    post_delete.connect(after)
    try:
        await call(root, "delete")
    finally:
        pre_delete.disconnect(before)
        post_delete.disconnect(after)
    assert {("before", "Root", False), ("before", "Cascading", False)} <= set(seen)
    assert {("after", "Root", False), ("after", "Cascading", False)} <= set(seen)
