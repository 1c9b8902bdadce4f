"""Models as classes, before any database: mistakes, names, inheritance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import dorm

if TYPE_CHECKING:
    from collections.abc import Callable

APP = "unit_test_models"


class Person(dorm.Model):
    name = dorm.CharField(max_length=20)
    age = dorm.IntegerField(default=18)
    tags = dorm.JSONField(default=list)

    class Meta:
        app_label = APP


class Pet(dorm.Model):
    owner = dorm.ForeignKey(Person, on_delete=dorm.CASCADE, null=True)

    class Meta:
        app_label = APP


class Stamped(dorm.Model):
    created = dorm.IntegerField(default=1)
    removed = dorm.IntegerField(default=2)
    kept = dorm.CharField(max_length=5)

    class Meta:
        abstract = True
        app_label = APP
        ordering = ("-created",)

    def hello(self) -> str:
        return f"hello {self.kept}"


def model(
    label: str, meta: dict[str, Any] | None = None, *, bases: tuple[type, ...] = (dorm.Model,), **body: Any
) -> Any:
    """A model made by hand, so that one that is wrong is one line."""
    options = type("Meta", (), {"app_label": APP, **(meta or {})})
    return type(bases[0])(label, bases, {"__module__": __name__, "Meta": options, **body})


# -- Class bodies that are wrong ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: model("Two", a=dorm.IntegerField(primary_key=True), b=dorm.IntegerField(primary_key=True)),
            "Two has two primary keys: a and b",
        ),
        (lambda: model("Id", id=dorm.IntegerField()), "'id' that is no primary key"),
        (lambda: model("Bad", pk=dorm.IntegerField()), "not 'pk'"),
        (lambda: model("Bad", a__b=dorm.IntegerField()), "no '__'"),
        (lambda: model("Bad", _a=dorm.IntegerField()), "begins nor ends with '_'"),
        (lambda: model("Bad", a_=dorm.IntegerField()), "begins nor ends with '_'"),
        (lambda: model("Bad", **{"class": dorm.IntegerField()}), "no keyword"),
        (lambda: model("Bad", **{"a b": dorm.IntegerField()}), "Python identifier"),
        (lambda: model("Bad", save=dorm.IntegerField()), "an attribute 'save' already"),
        (lambda: model("Bad", full_clean=dorm.IntegerField()), "an attribute 'full_clean' already"),
        (
            lambda: model("Bad", a=dorm.IntegerField(db_column="x"), b=dorm.IntegerField(db_column="x")),
            "a and b share the column 'x'",
        ),
        (lambda: model("Bad", {"odering": []}), "no option 'odering'. Did you mean 'ordering'"),
        (lambda: model("Bad", {"ordering": "name"}), r"Meta\.ordering of Bad is a list or tuple"),
        (lambda: model("Bad", bases=(Person,)), "inherits from .*Person, which has a table of its own"),
    ],
)
def test_a_class_that_cannot_be_a_model_is_refused(make: Callable[[], Any], words: str) -> None:
    with pytest.raises(TypeError, match=words):
        make()


def test_an_unknown_name_in_unique_together_is_refused_with_the_nearest() -> None:
    with pytest.raises(dorm.FieldDoesNotExist, match="Did you mean 'name'"):
        model("Bad", {"unique_together": (("nmae", "age"),)}, name=dorm.CharField(), age=dorm.IntegerField())


def test_a_class_takes_no_arguments() -> None:
    with pytest.raises(TypeError, match="class Bad takes no arguments"):

        class Bad(dorm.Model, table=True):  # type: ignore[call-arg]
            class Meta:
                app_label = APP


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: dorm.CharField(max_lenght=3), "no option 'max_lenght'. Did you mean 'max_length'"),
        (lambda: dorm.IntegerField(nul=True), "no option 'nul'. Did you mean 'null'"),
        (lambda: dorm.CharField(max_length=0), "max_length is a positive number"),
        (lambda: dorm.CharField(max_length="9"), "max_length is a positive number"),
        (lambda: dorm.CharField(max_length=True), "max_length is a positive number"),
        (lambda: dorm.IntegerField(primary_key=True, null=True), "primary key cannot be null"),
        (dorm.BigAutoField, "must be the primary key"),
        (lambda: dorm.DateTimeField(auto_now=True, auto_now_add=True), "exclude each other"),
        (lambda: dorm.DateField(auto_now=True, default=None), "exclude each other"),
        (lambda: dorm.ForeignKey(Person, None), "on_delete is one of"),
        (lambda: dorm.ForeignKey(3, dorm.CASCADE), "points to a model or to the name of one, not to 3"),
        (lambda: dorm.ForeignKey(Person, dorm.SET_NULL), "needs null=True"),
        (lambda: dorm.ForeignKey(Person, dorm.SET_DEFAULT, null=True), "needs a default"),
        (lambda: dorm.CharField(choices=["red"]), "A choice is a pair"),
    ],
)
def test_a_field_with_wrong_options_is_refused(make: Callable[[], Any], words: str) -> None:
    with pytest.raises(TypeError, match=words):
        make()


@pytest.mark.parametrize(
    "sizes", [(0, 0), (1001, 2), (4, 5), (4, -1)], ids=lambda sizes: f"{sizes[0]} digits, {sizes[1]} places"
)
def test_a_decimal_field_with_impossible_sizes_is_refused(sizes: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="max_digits is 1 to 1000"):
        dorm.DecimalField(max_digits=sizes[0], decimal_places=sizes[1])


def test_a_way_back_that_hides_a_field_is_refused() -> None:
    target = model("Target", things=dorm.IntegerField(default=0))

    with pytest.raises(TypeError, match="related_name"):
        model("Source", to=dorm.ForeignKey(target, on_delete=dorm.CASCADE, related_name="things"))


def test_two_ways_back_with_one_name_from_two_models_are_refused() -> None:
    target = model("Shared")
    model("First", to=dorm.ForeignKey(target, on_delete=dorm.CASCADE, related_name="same"))

    with pytest.raises(TypeError, match="exists already"):
        model("Second", to=dorm.ForeignKey(target, on_delete=dorm.CASCADE, related_name="same"))


# -- Meta --------------------------------------------------------------------------------------


def test_names_come_from_the_class_unless_meta_says_otherwise() -> None:
    plain = model("BlogPost")
    told = model("Other", {"db_table": "t", "verbose_name": "thing", "verbose_name_plural": "thingies"})

    assert (f"{APP}_blogpost", f"{APP}.BlogPost", "blog post", "blog posts") == (
        plain._meta.db_table,
        plain._meta.label,
        plain._meta.verbose_name,
        plain._meta.verbose_name_plural,
    )
    assert ("t", "thing", "thingies") == (
        told._meta.db_table,
        told._meta.verbose_name,
        told._meta.verbose_name_plural,
    )


def test_a_model_without_a_key_gets_one() -> None:
    assert ("id", dorm.BigAutoField, True) == (
        Person._meta.pk.name,
        type(Person._meta.pk),
        Person._meta.pk.auto_created,
    )
    assert ["id", "name", "age", "tags"] == [field.name for field in Person._meta.fields]


def test_get_field_finds_by_name_and_attribute_and_names_the_nearest() -> None:
    assert Pet._meta.get_field("owner") is Pet._meta.get_field("owner_id")

    with pytest.raises(dorm.FieldDoesNotExist, match="Did you mean 'owner'"):
        Pet._meta.get_field("ower")


# -- Abstract parents --------------------------------------------------------------------------


def test_fields_methods_and_options_are_inherited_from_an_abstract_parent() -> None:
    child = model("Child", bases=(Stamped,), own=dorm.IntegerField(default=3))

    assert ["id", "created", "removed", "kept", "own"] == [field.name for field in child._meta.fields]
    assert "hello x" == child(kept="x").hello()
    assert ("-created",) == child._meta.ordering
    assert (False, f"{APP}_child") == (child._meta.abstract, child._meta.db_table)
    assert child._meta.get_field("created").model is child


def test_an_inherited_field_can_be_replaced_and_removed() -> None:
    child = model("Changed", bases=(Stamped,), created=dorm.CharField(max_length=3), removed=None)

    assert isinstance(child._meta.get_field("created"), dorm.CharField)
    assert {"id", "created", "kept"} == set(child._meta.by_name)


def test_two_children_do_not_share_their_fields() -> None:
    one, two = model("One", bases=(Stamped,)), model("Two2", bases=(Stamped,))

    assert one._meta.get_field("kept") is not two._meta.get_field("kept")


def test_a_meta_that_inherits_extends_the_parents() -> None:
    class Extended(Stamped):
        class Meta(Stamped.Meta):
            verbose_name = "extension"

    assert (("-created",), "extension", False) == (
        Extended._meta.ordering,
        Extended._meta.verbose_name,
        Extended._meta.abstract,
    )


def test_an_abstract_model_and_its_keys_are_cloned_per_child() -> None:
    class Owned(dorm.Model):
        owner = dorm.ForeignKey(Person, on_delete=dorm.CASCADE, related_name="+")

        class Meta:
            abstract = True
            app_label = APP

    class Cat(Owned):
        pass

    class Dog(Owned):
        pass

    assert (Cat, Dog) == (
        Cat._meta.get_field("owner").remote_field.source,
        Dog._meta.get_field("owner").remote_field.source,
    )


def test_exceptions_belong_to_their_model_and_follow_inheritance() -> None:
    assert issubclass(Person.DoesNotExist, dorm.ObjectDoesNotExist)
    assert issubclass(Person.MultipleObjectsReturned, dorm.MultipleObjectsReturned)
    assert not issubclass(Person.DoesNotExist, Pet.DoesNotExist)
    assert "Person.DoesNotExist" == Person.DoesNotExist.__qualname__


def test_a_model_can_be_defined_again() -> None:
    first = model("Again", a=dorm.IntegerField())
    pointing = model("PointsAgain", to=dorm.ForeignKey("Again", on_delete=dorm.CASCADE))
    second = model("Again", b=dorm.IntegerField())

    assert ({"id", "a"}, {"id", "b"}) == (set(first._meta.by_name), set(second._meta.by_name))
    assert pointing._meta.get_field("to").related_model in (first, second)


def test_a_way_back_follows_a_model_that_is_defined_again() -> None:
    target = model("Held")
    model("Holder", to=dorm.ForeignKey(target, on_delete=dorm.CASCADE))
    again = model("Holder", to=dorm.ForeignKey(target, on_delete=dorm.CASCADE))

    assert [again] == [relation.source for relation in target._meta.related_objects]
