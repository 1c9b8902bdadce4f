"""Abstract models, defaults of Meta, and classes that make their instances in their own way."""

from __future__ import annotations

import pytest

import dorm
from dorm.conf import settings


class Stamp(dorm.Model):
    code = dorm.CharField(max_length=10, default="c", unique=True)
    size = dorm.IntegerField(default=1)
    note = dorm.CharField(max_length=10, default="n")

    class Meta:
        abstract = True
        app_label = "inheritance"
        ordering = ("-size",)
        get_latest_by = "size"
        indexes = (dorm.Index(fields=["size"], name="%(class)s_size"),)

    def described(self):
        return f"{self.code}:{self.size}"


class Plain(Stamp):
    pass


class Changed(Stamp):
    size = dorm.CharField(max_length=3, default="xx")
    note = None

    class Meta(Stamp.Meta):
        ordering = ("code",)


class Computed(Stamp):
    @property
    def note(self):
        return "computed"

    class Meta:
        app_label = "inheritance"
        db_table = "stamps computed"


class Twice(Stamp):
    extra = dorm.IntegerField(default=2)

    class Meta(Stamp.Meta):
        abstract = True


class Grandchild(Twice):
    pass


class Owner(dorm.Model):
    name = dorm.CharField(max_length=10)
    stamp = dorm.ForeignKey(Plain, on_delete=dorm.CASCADE, null=True)

    class Meta:
        app_label = "inheritance"


class Remembering(dorm.Model):
    name = dorm.CharField(max_length=10)
    big = dorm.TextField(default="")

    class Meta:
        app_label = "inheritance"

    @classmethod
    def from_db(cls, db, field_names, values):
        made = super().from_db(db, field_names, values)
        made.loaded = (db, dict(zip(field_names, values, strict=True)))
        return made


class Holder(dorm.Model):
    held = dorm.ForeignKey(Remembering, on_delete=dorm.CASCADE)

    class Meta:
        app_label = "inheritance"


def names(model):
    return [field.name for field in model._meta.fields]


def test_fields_are_inherited_replaced_and_removed():
    assert ["id", "code", "size", "note"] == names(Plain)
    assert ["id", "code", "size"] == names(Changed)
    assert isinstance(Changed._meta.get_field("size"), dorm.CharField)
    assert ["id", "code", "size"] == names(Computed)
    assert ["id", "code", "size", "note", "extra"] == names(Grandchild)


def test_a_replaced_field_takes_its_new_place():
    assert isinstance(Plain._meta.get_field("size"), dorm.IntegerField)
    assert Plain._meta.get_field("code") is not Changed._meta.get_field("code")
    with pytest.raises(dorm.FieldDoesNotExist):
        Changed._meta.get_field("note")


def test_meta_is_inherited_unless_the_child_says_otherwise():
    assert (("-size",), "size") == (Plain._meta.ordering, Plain._meta.get_latest_by)
    assert (("code",), "size") == (Changed._meta.ordering, Changed._meta.get_latest_by)
    assert (False, False) == (Plain._meta.abstract, Changed._meta.abstract)
    assert ["plain_size", "changed_size"] == [model._meta.indexes[0].name for model in (Plain, Changed)]


def test_tables_are_named_after_app_and_model():
    assert ("inheritance_plain", "stamps computed") == (Plain._meta.db_table, Computed._meta.db_table)
    body = {"__module__": "__main__", "__qualname__": "Cell"}
    assert ("main", "main_cell") == (
        (made := type(dorm.Model)("Cell", (dorm.Model,), body))._meta.app_label,
        made._meta.db_table,
    )


async def test_rows_of_children_live_in_tables_of_their_own(call, tables):
    tables(Plain, Changed, Computed, Grandchild)
    await call(Plain.objects, "create", code="p", size=5)
    await call(Changed.objects, "create", code="p", size="abc")
    await call(Computed.objects, "create", code="q")
    await call(Grandchild.objects, "create", code="g")
    assert "p:5" == (await call(Plain.objects, "get")).described()
    assert "p:abc" == (await call(Changed.objects, "get")).described()
    assert "computed" == (await call(Computed.objects, "get")).note
    assert 2 == (await call(Grandchild.objects, "get")).extra
    with pytest.raises(dorm.UniqueViolation):
        await call(Plain.objects, "create", code="p")


def test_equality_and_hash_go_by_model_and_key():
    assert Plain(pk=1) == Plain(pk=1)
    assert Plain(pk=1) != Changed(pk=1)
    assert Plain(pk=1) != Plain(pk=2)
    assert Plain() != Plain()
    assert 1 == len({Plain(pk=1), Plain(pk=1)})
    with pytest.raises(TypeError, match="hash"):
        hash(Plain())


def test_the_stored_value_of_a_field():
    owner = Owner(name="o", stamp=Plain(pk=7))
    assert ("o", 7, 7) == tuple(owner.serializable_value(name) for name in ("name", "stamp", "stamp_id"))
    with pytest.raises(dorm.FieldDoesNotExist):
        owner.serializable_value("nmae")


async def test_a_class_that_makes_its_instances_is_asked_for_each_row(call, tables):
    tables(Remembering, Holder)
    made = await call(Remembering.objects, "create", name="a", big="text")
    await call(Holder.objects, "create", held=made)
    assert not hasattr(made, "loaded")

    whole = await call(Remembering.objects, "get")
    assert ("default", {"id": made.pk, "name": "a", "big": "text"}) == whole.loaded
    partly = await call(Remembering.objects.defer("big"), "get")
    assert ({"id", "name"}, {"big"}) == (set(partly.loaded[1]), partly.get_deferred_fields())
    joined = await call(Holder.objects.select_related("held"), "get")
    assert "a" == joined.held.loaded[1]["name"]
    (prefetched,) = await call.list(Holder.objects.prefetch_related("held"))
    assert "a" == prefetched.held.loaded[1]["name"]


def test_the_kind_of_automatic_keys_is_a_setting():
    body = {"__module__": __name__, "__qualname__": "Small", "Meta": type("Meta", (), {"app_label": "inheritance"})}
    before = settings.DEFAULT_AUTO_FIELD
    try:
        for given, kind in (("SmallAutoField", dorm.SmallAutoField), ("django.db.models.AutoField", dorm.AutoField)):
            settings.DEFAULT_AUTO_FIELD = given
            assert isinstance(type(dorm.Model)("Small", (dorm.Model,), dict(body))._meta.pk, kind)
    finally:
        settings.DEFAULT_AUTO_FIELD = before
    assert isinstance(Plain._meta.pk, dorm.BigAutoField)
