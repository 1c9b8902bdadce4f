"""Foreign keys to another field than the primary key: their order, their managers, what is not saved yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm import Count
from dorm.signals import post_save
from dorm.test import assert_num_queries

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.testbed.colours import Call

    Tables = Callable[..., None]


class Country(dorm.Model):
    code = dorm.CharField(max_length=2, unique=True, null=True)
    name = dorm.CharField(max_length=20)

    class Meta:
        app_label = "test_keys_to_other_fields"
        ordering = ("-code",)


class City(dorm.Model):
    name = dorm.CharField(max_length=20)
    country = dorm.ForeignKey(Country, on_delete=dorm.CASCADE, to_field="code", null=True, related_name="cities")
    visitors = dorm.ManyToManyField(Country, related_name="visited")

    class Meta:
        app_label = "test_keys_to_other_fields"
        ordering = ("country", "name")


class Person(dorm.Model):
    name = dorm.CharField(max_length=20)
    home = dorm.ForeignKey(City, on_delete=dorm.CASCADE)

    class Meta:
        app_label = "test_keys_to_other_fields"


MODELS = (Country, City, Person)


async def fill(call: Call) -> dict[str, Any]:
    """Bonn and Ulm in Germany, Nice in France, and somebody in each of them; France was made before Germany."""
    made: dict[str, Any] = {}
    for code, names in (("fr", ("Nice",)), ("de", ("Ulm", "Bonn"))):
        made[code] = await call(Country.objects, "create", code=code, name=code.upper())
        for name in names:
            made[name] = await call(City.objects, "create", name=name, country=made[code])
            await call(Person.objects, "create", name=f"of {name}", home=made[name])
    return made


ORDERS: list[tuple[Any, str]] = [
    (City.objects.values_list("name"), "Nice Bonn Ulm"),
    (City.objects.order_by("country", "-name").values_list("name"), "Nice Ulm Bonn"),
    (City.objects.order_by("-country", "name").values_list("name"), "Bonn Ulm Nice"),
    (City.objects.order_by("country_id", "name").values_list("name"), "Bonn Ulm Nice"),
    (City.objects.order_by("country__code", "name").values_list("name"), "Bonn Ulm Nice"),
    (City.objects.order_by("country__pk", "name").values_list("name"), "Nice Bonn Ulm"),
    (Person.objects.order_by("home").values_list("home__name"), "Nice Bonn Ulm"),
    (Person.objects.order_by("home__country", "-home__name").values_list("home__name"), "Nice Ulm Bonn"),
    (Person.objects.order_by("home__country__code", "home__name").values_list("home__name"), "Bonn Ulm Nice"),
    (Person.objects.order_by("home__country_id", "home__name").values_list("home__name"), "Bonn Ulm Nice"),
    # a column that is named is what orders, not the rows that it leads to
    (City.objects.order_by("country", "name").values_list("country", "name"), "de de fr"),
    (City.objects.values_list("country", "name"), "de de fr"),
    (City.objects.values_list("country").annotate(n=Count("pk")).order_by("country"), "de fr"),
    (City.objects.values_list("country").annotate(n=Count("pk")).order_by("-country"), "fr de"),
    (City.objects.values_list("country_id").annotate(n=Count("pk")).order_by("country"), "fr de"),
    (City.objects.values_list("country__code").distinct().order_by("country__code"), "de fr"),
]


@pytest.mark.parametrize(("query", "expected"), ORDERS)
async def test_a_relation_orders_as_its_rows_are_ordered(tables: Tables, call: Call, query: Any, expected: str) -> None:
    tables(*MODELS)
    await fill(call)
    assert expected.split() == [row[0] for row in await call.list(query)]


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (("visitors",), "Nice Ulm"),
        (("-visitors",), "Ulm Nice"),
        (("visitors__id",), "Nice Ulm"),
        (("visitors__pk",), "Nice Ulm"),
    ],
)
async def test_the_rows_at_the_end_of_links_are_ordered_as_their_model_is(
    tables: Tables, call: Call, terms: tuple[str, ...], expected: str
) -> None:
    tables(*MODELS)
    made = await fill(call)
    await call(made["Nice"].visitors, "add", made["fr"])
    await call(made["Ulm"].visitors, "add", made["de"])
    found = await call.list(City.objects.exclude(visitors=None).order_by(*terms))
    assert expected.split() == [one.name for one in found]


async def test_the_managers_of_an_instance_without_a_key_are_refused(tables: Tables, call: Call) -> None:
    tables(*MODELS)
    with assert_num_queries(0), pytest.raises(ValueError, match="'cities' can be used: save it first"):
        await call(Country(code="de").cities, "count")


async def test_nothing_points_at_a_row_whose_field_is_null(tables: Tables, call: Call) -> None:
    tables(*MODELS)
    await call(City.objects, "create", name="Lost")
    nowhere = await call(Country.objects, "create", name="Nowhere")
    assert [] == await call.list(nowhere.cities.all())
    assert 0 == await call(nowhere.cities, "count")


async def test_an_instance_without_a_key_is_no_target_although_its_field_is_known(tables: Tables, call: Call) -> None:
    tables(*MODELS)
    country = Country(code="it", name="IT")
    city = City(name="Rome", country=country)
    assert city.country is country
    with assert_num_queries(0), pytest.raises(ValueError, match="unsaved related object 'country'"):
        await call(city, "save")
    country.code = "va"
    await call(country, "save")
    await call(city, "save")
    assert "va" == city.country_id
    assert [city] == await call.list(country.cities.all())


@pytest.fixture
def saved() -> Any:
    """The names of the cities that were saved, one by one."""
    found: list[str] = []

    def receive(sender: Any, instance: Any, **_: Any) -> None:
        found.append(f"{instance.name} {instance.country_id}")

    post_save.connect(receive, City, dispatch_uid="saved")
    yield found
    post_save.disconnect(dispatch_uid="saved", sender=City)


async def test_one_by_one_each_row_that_changes_is_saved(tables: Tables, call: Call, saved: list[str]) -> None:
    tables(*MODELS)
    made = await fill(call)
    saved.clear()
    german, nice, ulm = made["de"].cities, made["Nice"], made["Ulm"]
    await call(german, "add", nice, bulk=False)
    assert (["Nice de"], 3) == (saved, await call(german, "count"))
    await call(german, "remove", nice, bulk=False)
    assert "Nice None" == saved[-1]
    await call(german, "set", [nice, ulm], bulk=False)
    assert ["Bonn None", "Nice de"] == saved[2:]
    await call(german, "clear", bulk=False)
    assert {"Ulm None", "Nice None"} == set(saved[4:])
    assert 0 == await call(german, "count")


async def test_one_by_one_new_instances_are_added_too_and_all_or_none(tables: Tables, call: Call) -> None:
    tables(*MODELS)
    made = await fill(call)
    with assert_num_queries(0), pytest.raises(ValueError, match="was not saved"):
        await call(made["de"].cities, "add", City(name="Kiel"))
    kiel = City(name="Kiel")
    await call(made["de"].cities, "add", kiel, bulk=False)
    assert kiel.pk is not None
    with pytest.raises(dorm.NotNullViolation):
        await call(made["de"].cities, "set", [City(name="Trier"), City(name=None)], bulk=False, clear=True)
    assert 3 == await call(made["de"].cities, "count")
    assert not await call(City.objects.filter(name="Trier"), "exists")


def test_the_ends_of_a_key_are_named_by_the_class() -> None:
    assert City._meta.get_field("country") is Country.cities.field
    assert Country.cities.rel is Country.cities.field.remote_field


async def test_a_manager_of_links_has_their_model_and_updates_or_creates(tables: Tables, call: Call) -> None:
    tables(*MODELS)
    made = await fill(call)
    visitors = made["Ulm"].visitors
    assert City.visitors.through is visitors.through
    country, created = await call(visitors, "update_or_create", {"name": "Italy"}, code="it")
    assert (True, "Italy") == (created, country.name)
    assert 1 == await call(visitors.through.objects.filter(city=made["Ulm"]), "count")
    country, created = await call(visitors, "update_or_create", {"name": "Italia"}, through_defaults={}, code="it")
    assert (False, "Italia") == (created, country.name)
    assert [country] == await call.list(visitors.all())
