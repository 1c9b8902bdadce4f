"""Receivers of what happens to instances: of every model, or of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dorm.exceptions import SynchronousOnlyOperation
from dorm.signals import post_delete, post_save, pre_delete, pre_save
from tests.contract.models import Author, Publisher

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.testbed.colours import Call

SIGNALS = {"pre_save": pre_save, "post_save": post_save, "pre_delete": pre_delete, "post_delete": post_delete}


@pytest.fixture
def heard() -> Iterator[list[Any]]:
    """What receivers write down; they are disconnected after the test."""
    before = {signal: list(signal.receivers) for signal in SIGNALS.values()}
    yield []
    assert before == {signal: list(signal.receivers) for signal in SIGNALS.values()}, "a receiver is still connected"


async def test_saving_is_told_before_and_after(filled: None, call: Call, heard: list[Any]) -> None:
    @pre_save.connect
    def before(sender: Any, instance: Any, created: bool, **kwargs: Any) -> None:
        heard.append(("before", sender, created, instance.pk is not None))

    @post_save.connect
    def after(sender: Any, instance: Any, created: bool, **kwargs: Any) -> None:
        heard.append(("after", sender, created, instance.pk is not None))

    new = Publisher(name="New")
    await call(new, "save")
    await call(new, "save")
    for signal, receiver in ((pre_save, before), (post_save, after)):
        assert signal.disconnect(receiver)
    await call(new, "save")

    assert [
        ("before", Publisher, True, False),
        ("after", Publisher, True, True),
        ("before", Publisher, False, True),
        ("after", Publisher, False, True),
    ] == heard


async def test_creating_is_saving(filled: None, call: Call, heard: list[Any]) -> None:
    @post_save.connect_for(Author)
    def after(sender: Any, instance: Any, created: bool, **kwargs: Any) -> None:
        heard.append((instance.name, created))

    await call(Author.objects, "create", name="Eve", email="eve@example.com", age=1)
    await call(Author.objects, "get_or_create", name="Eve")
    await call(Author.objects, "update_or_create", name="Eve", defaults={"age": 2})
    assert post_save.disconnect(after, sender=Author)
    assert [("Eve", True), ("Eve", False)] == heard


async def test_deleting_is_told_before_and_after(filled: None, call: Call, heard: list[Any]) -> None:
    @pre_delete.connect
    def before(sender: Any, instance: Any, **kwargs: Any) -> None:
        heard.append(("before", sender, instance.name))

    @post_delete.connect
    def after(sender: Any, instance: Any, **kwargs: Any) -> None:
        heard.append(("after", sender, instance.name))

    await call(await call(Author.objects, "get", name="Dave"), "delete")
    await call(Author.objects.filter(name="Carol"), "delete")
    assert pre_delete.disconnect(before)
    assert post_delete.disconnect(after)

    assert [(when, Author, name) for name in ("Dave", "Carol") for when in ("before", "after")] == heard


async def test_what_is_deleted_along_is_told_too(filled: None, call: Call, heard: list[Any]) -> None:
    @post_delete.connect
    def after(sender: Any, instance: Any, **kwargs: Any) -> None:
        heard.append((sender.__name__, str(getattr(instance, "title", getattr(instance, "name", "")))))

    await call(Author.objects.filter(name="Alice"), "delete")
    assert post_delete.disconnect(after)
    assert [("Author", "Alice"), ("Book", "Spring"), ("Book", "Winter")] == sorted(heard)


async def test_many_at_once_are_not_told(filled: None, call: Call, heard: list[Any]) -> None:
    @post_save.connect
    def after(sender: Any, **kwargs: Any) -> None:
        heard.append(sender)

    await call(Publisher.objects, "bulk_create", [Publisher(name="a"), Publisher(name="b")])
    await call(Publisher.objects, "update", name="c")
    assert post_save.disconnect(after)
    assert [] == heard


async def test_one_sender_only(filled: None, call: Call, heard: list[Any]) -> None:
    @post_save.connect_for(Author)
    def welcome(sender: Any, instance: Any, created: bool, **kwargs: Any) -> None:
        heard.append(instance.email)

    await call(Publisher.objects, "create", name="New")
    await call(Author.objects, "create", name="Eve", email="eve@example.com", age=1)
    assert post_save.disconnect(welcome, sender=Author)
    assert ["eve@example.com"] == heard


@pytest.mark.parametrize("name", SIGNALS)
async def test_a_receiver_may_be_disconnected(filled: None, call: Call, heard: list[Any], name: str) -> None:
    def receiver(sender: Any, **kwargs: Any) -> None:
        heard.append(sender)

    SIGNALS[name].connect(receiver)
    assert SIGNALS[name].disconnect(receiver)
    made = await call(Publisher.objects, "create", name="New")
    await call(made, "delete")
    assert [] == heard


async def test_an_asynchronous_receiver_is_awaited(filled: None, heard: list[Any], call: Call) -> None:
    async def receiver(sender: Any, instance: Any, **kwargs: Any) -> None:
        heard.append(instance.name)

    post_save.connect(receiver, sender=Publisher)
    if call.is_async:
        await Publisher.objects.acreate(name="New")
    else:
        with pytest.raises(SynchronousOnlyOperation, match="asynchronous receiver"):
            Publisher.objects.create(name="New")
    assert post_save.disconnect(receiver, sender=Publisher)
    assert (["New"] if call.is_async else []) == heard
