"""What deleting does to the rows that point to the deleted: of an instance, and of everything a query finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm.exceptions import ProtectedError, RestrictedError
from dorm.test import capture_queries

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.testbed.colours import Call

    Tables = Callable[..., None]

APP = "contract_deletion"


class Writer(dorm.Model):
    name = dorm.CharField(max_length=50)

    class Meta:
        app_label = APP


class Article(dorm.Model):
    writer = dorm.ForeignKey(Writer, on_delete=dorm.PROTECT)

    class Meta:
        app_label = APP


class Comment(dorm.Model):
    article = dorm.ForeignKey(Article, on_delete=dorm.CASCADE)

    class Meta:
        app_label = APP


class Profile(dorm.Model):
    writer = dorm.ForeignKey(Writer, on_delete=dorm.SET_NULL, null=True, blank=True)

    class Meta:
        app_label = APP


class Fan(dorm.Model):
    writer = dorm.ForeignKey(Writer, on_delete=dorm.SET_DEFAULT, default=1)

    class Meta:
        app_label = APP


class Contract(dorm.Model):
    writer = dorm.ForeignKey(Writer, on_delete=dorm.RESTRICT)

    class Meta:
        app_label = APP


class Shadow(dorm.Model):
    writer = dorm.ForeignKey(Writer, on_delete=dorm.DO_NOTHING)

    class Meta:
        app_label = APP


ALL = (Writer, Article, Comment, Profile, Fan, Contract, Shadow)

both = pytest.mark.parametrize("several", [False, True], ids=["instance", "query"])


@pytest.fixture
def writers(tables: Tables) -> None:
    tables(*ALL)


async def two(call: Call) -> tuple[Any, Any]:
    """The first writer, of key 1, and the one that tests delete."""
    return tuple([await call(Writer.objects, "create", name=name) for name in ("first", "other")])  # type: ignore[return-value]


async def delete(call: Call, one: Any, *, several: bool) -> Any:
    return await call(type(one).objects.filter(pk=one.pk) if several else one, "delete")


@both
async def test_cascade(writers: None, call: Call, several: bool) -> None:
    _, other = await two(call)
    article = await call(Article.objects, "create", writer=other)
    for _ in range(3):
        await call(Comment.objects, "create", article=article)

    told = await delete(call, article, several=several)

    assert (4, {f"{APP}.Article": 1, f"{APP}.Comment": 3}) == told
    assert 0 == await call(Comment.objects, "count")
    assert 2 == await call(Writer.objects, "count")


@both
async def test_protect(writers: None, call: Call, several: bool) -> None:
    _, other = await two(call)
    article = await call(Article.objects, "create", writer=other)

    with pytest.raises(ProtectedError) as caught:
        await delete(call, other, several=several)

    assert dorm.ProtectedError is ProtectedError
    assert [article] == list(caught.value.protected_objects)
    assert (2, 1) == (await call(Writer.objects, "count"), await call(Article.objects, "count"))


async def test_one_protected_row_keeps_them_all(writers: None, call: Call) -> None:
    first, _ = await two(call)
    await call(Article.objects, "create", writer=first)
    with pytest.raises(ProtectedError):
        await call(Writer.objects.all(), "delete")
    assert 2 == await call(Writer.objects, "count")


@both
async def test_set_null(writers: None, call: Call, several: bool) -> None:
    _, other = await two(call)
    profile = await call(Profile.objects, "create", writer=other)

    told = await delete(call, other, several=several)

    assert (1, {f"{APP}.Writer": 1}) == told
    await call(profile, "refresh_from_db")
    assert None is profile.writer_id


def test_set_null_needs_a_column_that_may_be_null() -> None:
    with pytest.raises((TypeError, dorm.FieldError, dorm.ImproperlyConfigured), match="null=True"):
        dorm.ForeignKey(Writer, on_delete=dorm.SET_NULL)


@both
async def test_set_default(writers: None, call: Call, several: bool) -> None:
    first, other = await two(call)
    fan = await call(Fan.objects, "create", writer=other)

    await delete(call, other, several=several)

    await call(fan, "refresh_from_db")
    assert first.pk == fan.writer_id


@both
async def test_restrict(writers: None, call: Call, several: bool) -> None:
    _, other = await two(call)
    await call(Contract.objects, "create", writer=other)
    with pytest.raises(RestrictedError):
        await delete(call, other, several=several)
    assert issubclass(RestrictedError, dorm.IntegrityError)
    assert 2 == await call(Writer.objects, "count")


@both
async def test_do_nothing_leaves_it_to_the_database(writers: None, call: Call, several: bool) -> None:
    _, other = await two(call)
    await call(Shadow.objects, "create", writer=other)
    with pytest.raises(dorm.IntegrityError):
        await delete(call, other, several=several)
    assert 2 == await call(Writer.objects, "count")


async def test_many_are_deleted_with_few_statements(writers: None, call: Call) -> None:
    _, other = await two(call)
    articles = [await call(Article.objects, "create", writer=other) for _ in range(10)]
    for article in articles:
        await call(Comment.objects, "create", article=article)

    with capture_queries() as queries:
        told = await call(Article.objects.all(), "delete")

    assert 20 == told[0]
    assert len(queries) <= 4
