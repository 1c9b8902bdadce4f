"""Instances before any database: values, identity, copies, and methods overridden in one colour."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm import models

if TYPE_CHECKING:
    from collections.abc import Callable

APP = "unit_test_instances"


class Person(dorm.Model):
    name = dorm.CharField(max_length=20)
    age = dorm.IntegerField(default=18)
    tags = dorm.JSONField(default=list)

    class Meta:
        app_label = APP

    @property
    def shout(self) -> str:
        return self.name.upper()

    @shout.setter
    def shout(self, value: str) -> None:
        self.name = value.lower()


class Pet(dorm.Model):
    owner = dorm.ForeignKey(Person, on_delete=dorm.CASCADE, null=True)

    class Meta:
        app_label = APP


# -- Instances ---------------------------------------------------------------------------------


def test_values_are_given_by_name_by_position_and_by_pk() -> None:
    by_name = Person(id=1, name="Ann", age=3)
    by_position = Person(1, "Ann", 3)
    by_pk = Person(pk=1, name="Ann", age=3)

    assert [(1, "Ann", 3)] * 3 == [(one.pk, one.name, one.age) for one in (by_name, by_position, by_pk)]


def test_what_is_not_given_is_the_default_and_text_is_empty() -> None:
    person = Person()

    assert (None, "", 18, []) == (person.pk, person.name, person.age, person.tags)


def test_a_callable_default_is_called_for_each_instance() -> None:
    assert Person().tags is not Person().tags


def test_a_property_is_a_keyword_too() -> None:
    assert "ann" == Person(shout="ANN").name


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda: Person(nmae="x"), TypeError, "no field 'nmae'. Did you mean 'name'"),
        (lambda: Person(1, id=1), TypeError, "both positional and keyword values for field 'id'"),
        (lambda: Person(1, "a", 3, [], 5), IndexError, "has 4 fields, and 5 values were given"),
        (lambda: Person(full_clean=1), TypeError, "no field 'full_clean'"),
        (lambda: Pet(owner=Pet()), ValueError, 'must be a "Person" instance'),
    ],
)
def test_a_constructor_that_is_called_wrongly_says_how(make: Callable[[], Any], kind: type, words: str) -> None:
    with pytest.raises(kind, match=words):
        make()


def test_a_foreign_key_takes_an_instance_or_a_key_by_either_name() -> None:
    person = Person(pk=5)

    assert [5, 5, 5] == [Pet(owner=person).owner_id, Pet(owner=5).owner_id, Pet(owner_id=5).owner_id]
    assert person is Pet(owner=person).owner


def test_an_attribute_that_is_none_of_the_model_is_missing_everywhere() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        _ = Person().nothing
    with pytest.raises(AttributeError, match="nothing"):
        _ = Person.nothing  # type: ignore[attr-defined]
    assert not hasattr(Person(), "nothing")


def test_the_manager_belongs_to_the_class() -> None:
    with pytest.raises(AttributeError):
        _ = Person().objects


def test_instances_are_equal_when_model_and_key_are() -> None:
    assert Person(pk=1, name="a") == Person(pk=1, name="b")
    assert Person(pk=1) != Person(pk=2)
    assert Person(pk=1) != Pet(pk=1)
    assert Person(pk=1) != 1
    assert Person() != Person()
    same = Person()
    assert same == same  # noqa: PLR0124 - that is what is tested


def test_hashes_agree_with_equality_and_need_a_key() -> None:
    assert 1 == len({Person(pk=1), Person(pk=1)})

    with pytest.raises(TypeError, match="save it first"):
        hash(Person())


def test_repr_shows_the_model_and_str() -> None:
    class Named(dorm.Model):
        name = dorm.CharField()

        class Meta:
            app_label = APP

        def __str__(self) -> str:
            return self.name

    assert ("<Person: Person object (1)>", "<Named: Ann>") == (repr(Person(pk=1)), repr(Named(name="Ann")))


def test_an_instance_survives_pickle_with_what_it_knows() -> None:
    pet = Pet(pk=2, owner=Person(pk=1, name="Ann", tags=["x"]))

    again = pickle.loads(pickle.dumps(pet))

    assert (pet, 1, "Ann", ["x"], True) == (
        again,
        again.owner_id,
        again.owner.name,
        again.owner.tags,
        again._state.adding,
    )


def test_a_copy_shares_values_and_a_deep_copy_does_not() -> None:
    person = Person(pk=1, tags=["x"])
    shallow, deep = copy.copy(person), copy.deepcopy(person)

    person.name = "changed"
    person.tags.append("y")

    assert ("", ["x", "y"]) == (shallow.name, shallow.tags)
    assert ("", ["x"]) == (deep.name, deep.tags)


def test_dir_of_class_and_instance_list_the_fields() -> None:
    for where in (Person, Person()):
        assert {"name", "age", "save"} <= set(dir(where))


def test_models_is_a_module_of_every_public_name() -> None:
    assert models.CharField is dorm.CharField
    assert (models.Model, models.Q, models.F) == (dorm.Model, dorm.Q, dorm.F)
    assert all(hasattr(models, name) for name in models.__all__)


# -- Overriding one colour ---------------------------------------------------------------------


async def test_a_method_overridden_in_one_colour_is_never_bypassed_by_the_other() -> None:
    class Loud(dorm.Model):
        class Meta:
            app_label = APP

        def save(self, *args: Any, **kwargs: Any) -> None:
            raise LookupError("my own")

        async def adelete(self, *args: Any, **kwargs: Any) -> Any:
            raise LookupError("my own")

    loud = Loud(pk=1)
    with pytest.raises(LookupError, match="my own"):
        loud.save()
    with pytest.raises(LookupError, match="my own"):
        await loud.adelete()
    with pytest.raises(TypeError, match=r"overrides save\(\) but not asave\(\)"):
        await loud.asave()
    with pytest.raises(TypeError, match=r"overrides adelete\(\) but not delete\(\)"):
        loud.delete()


async def test_a_method_overridden_by_an_abstract_parent_is_not_bypassed_either() -> None:
    class Parent(dorm.Model):
        class Meta:
            abstract = True
            app_label = APP

        async def asave(self, *args: Any, **kwargs: Any) -> None:
            raise LookupError("my own")

    class Heir(Parent):
        pass

    with pytest.raises(LookupError, match="my own"):
        await Heir().asave()
    with pytest.raises(TypeError, match=r"overrides asave\(\) but not save\(\)"):
        Heir().save()
