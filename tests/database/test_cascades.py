"""Deleting: cascades in depth, hidden relations, SET rules, and all of it undone when something fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm.signals import post_delete
from dorm.test import capture_queries

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.testbed.colours import Call

    Tables = Callable[..., None]

APP = "test_cascades"


class Root(dorm.Model):
    name = dorm.CharField(max_length=20)

    class Meta:
        app_label = APP
        ordering = ("name",)


class Branch(dorm.Model):
    root = dorm.ForeignKey(Root, on_delete=dorm.CASCADE)

    class Meta:
        app_label = APP


class Leaf(dorm.Model):
    branch = dorm.ForeignKey(Branch, on_delete=dorm.CASCADE)

    class Meta:
        app_label = APP


class Node(dorm.Model):
    parent = dorm.ForeignKey("self", on_delete=dorm.CASCADE, null=True)

    class Meta:
        app_label = APP


class Owner(dorm.Model):
    name = dorm.CharField(max_length=20)

    class Meta:
        app_label = APP


class Thing(dorm.Model):
    nulled = dorm.ForeignKey(Owner, on_delete=dorm.SET_NULL, null=True, related_name="+")
    defaulted = dorm.ForeignKey(Owner, on_delete=dorm.SET_DEFAULT, null=True, default=1, related_name="+")
    given = dorm.ForeignKey(Owner, on_delete=dorm.SET(1), null=True, related_name="+")
    computed = dorm.ForeignKey(Owner, on_delete=dorm.SET(lambda: 1), null=True, related_name="+")
    ignored = dorm.ForeignKey(Owner, on_delete=dorm.DO_NOTHING, null=True, related_name="+")

    class Meta:
        app_label = APP


class Hider(dorm.Model):
    one = dorm.ForeignKey(Root, on_delete=dorm.CASCADE, null=True, related_name="+")
    two = dorm.ForeignKey(Root, on_delete=dorm.SET_NULL, null=True, related_name="+")

    class Meta:
        app_label = APP


class Passport(dorm.Model):
    owner = dorm.OneToOneField(Owner, on_delete=dorm.CASCADE, primary_key=True)

    class Meta:
        app_label = APP


TREE = (Root, Branch, Leaf, Hider)
OWNED = (Owner, Thing, Passport)


async def grow(call: Call, name: str = "root") -> Root:
    """A root with two branches of two leaves."""
    root = await call(Root.objects, "create", name=name)
    for _ in range(2):
        branch = await call(Branch.objects, "create", root=root)
        for _ in range(2):
            await call(Leaf.objects, "create", branch=branch)
    return root


async def test_a_cascade_goes_down_all_levels_and_counts_per_label(tables: Tables, call: Call) -> None:
    tables(*TREE)
    root, other = await grow(call), await grow(call, "other")

    deleted = await call(root, "delete")

    assert (7, {f"{APP}.Leaf": 4, f"{APP}.Branch": 2, f"{APP}.Root": 1}) == deleted
    assert [other] == await call.list(Root.objects.all())
    assert 4 == await call(Leaf.objects, "count")


async def test_a_cascade_asks_once_per_relation_and_level_and_not_per_row(tables: Tables, call: Call) -> None:
    tables(*TREE)
    root = await grow(call)

    with capture_queries() as queries:
        await call(root, "delete")

    words = [sql.split()[0] for sql in queries.sql if sql.split()[0] in ("SELECT", "DELETE", "UPDATE")]
    # Branches, both ways of Hider, leaves; then leaves, branches, the root.
    assert ["SELECT"] * 4 + ["DELETE"] * 3 == words


async def test_a_circle_of_rows_is_deleted(tables: Tables, call: Call) -> None:
    tables(Node)
    one = await call(Node.objects, "create")
    two = await call(Node.objects, "create", parent=one)
    one.parent = two
    await call(one, "save")

    assert (2, {f"{APP}.Node": 2}) == await call(one, "delete")


async def test_a_cascade_reaches_a_key_that_is_the_primary_key(tables: Tables, call: Call) -> None:
    tables(*OWNED)
    owner = await call(Owner.objects, "create", name="Ann")
    await call(Passport.objects, "create", owner=owner)

    assert (2, {f"{APP}.Passport": 1, f"{APP}.Owner": 1}) == await call(owner, "delete")


async def test_two_hidden_relations_are_both_looked_at(tables: Tables, call: Call) -> None:
    tables(*TREE)
    root, other = [await call(Root.objects, "create", name=name) for name in ("root", "other")]
    cascading = await call(Hider.objects, "create", one=root, two=other)
    nulled = await call(Hider.objects, "create", one=other, two=root)

    deleted = await call(root, "delete")

    assert (2, {f"{APP}.Hider": 1, f"{APP}.Root": 1}) == deleted
    assert None is await call(Hider.objects, "get_or_none", pk=cascading.pk)
    await call(nulled, "refresh_from_db")
    assert (other.pk, None) == (nulled.one_id, nulled.two_id)


async def test_more_rows_than_one_statement_takes_are_deleted(tables: Tables, call: Call) -> None:
    tables(*TREE)
    root = await call(Root.objects, "create", name="root")
    await call(Branch.objects, "bulk_create", [Branch(root=root) for _ in range(2100)])

    assert (2101, {f"{APP}.Branch": 2100, f"{APP}.Root": 1}) == await call(root, "delete")


@pytest.mark.parametrize("name", ["nulled", "defaulted", "given", "computed"])
async def test_a_key_is_set_to_what_its_rule_says(tables: Tables, call: Call, name: str) -> None:
    tables(*OWNED)
    keeper = await call(Owner.objects, "create", pk=1, name="keeper")
    owner = await call(Owner.objects, "create", pk=2, name="owner")
    thing = await call(Thing.objects, "create", **{"defaulted": None, name: owner})

    assert (1, {f"{APP}.Owner": 1}) == await call(owner, "delete")

    await call(thing, "refresh_from_db")
    assert (None if name == "nulled" else keeper.pk) == getattr(thing, f"{name}_id")


async def test_a_default_that_does_not_exist_undoes_everything(tables: Tables, call: Call) -> None:
    tables(*OWNED)
    owner = await call(Owner.objects, "create", pk=2, name="owner")
    await call(Passport.objects, "create", owner=owner)
    await call(Thing.objects, "create", defaulted=owner)

    with pytest.raises(dorm.ForeignKeyViolation):
        await call(owner, "delete")

    assert (1, 1) == (await call(Owner.objects, "count"), await call(Passport.objects, "count"))
    assert 2 == (await call(Thing.objects, "get")).defaulted_id


async def test_a_receiver_that_fails_undoes_everything(tables: Tables, call: Call) -> None:
    tables(*TREE)
    root = await grow(call)

    def refuse(sender: Any, **_: Any) -> None:
        raise LookupError("no")

    post_delete.connect(refuse, sender=Leaf)
    try:
        with pytest.raises(LookupError, match="no"):
            await call(root, "delete")
    finally:
        post_delete.disconnect(refuse, sender=Leaf)

    assert (1, 4) == (await call(Root.objects, "count"), await call(Leaf.objects, "count"))
    assert root.pk is not None


async def test_a_delete_inside_a_block_is_undone_with_it(tables: Tables, call: Call) -> None:
    tables(*TREE)
    root = await grow(call)

    with pytest.raises(LookupError):
        async with call.atomic():
            await call(Root.objects.filter(pk=root.pk), "delete")
            assert 0 == await call(Leaf.objects, "count")
            raise LookupError

    assert 4 == await call(Leaf.objects, "count")
