"""Managers: of one's own, inherited, made of query sets; which is the default, and which reads rows again."""

from __future__ import annotations

import pytest

import dorm


class PlantQuerySet(dorm.QuerySet["Plant"]):
    def tall(self):
        return self.filter(height__gte=10)

    def _inner(self):
        return self.filter(height=1)

    def _shown(self):
        return self.filter(height=1)

    _shown.queryset_only = False  # type: ignore[attr-defined]

    def hidden(self):
        return self

    hidden.queryset_only = True  # type: ignore[attr-defined]


class Tall(dorm.Manager["Plant"]):
    use_in_migrations = True

    def __init__(self, least=10):
        super().__init__()
        self.least = least

    def get_queryset(self):
        return super().get_queryset().filter(height__gte=self.least)


FromPlants = dorm.Manager.from_queryset(PlantQuerySet, class_name="FromPlants")


class Planted(dorm.Model):
    height = dorm.IntegerField(default=1)

    objects = FromPlants()
    tall = Tall(20)

    class Meta:
        abstract = True
        app_label = "managers"


class Plant(Planted):
    pass


class Tree(Planted):
    giants = Tall()

    class Meta(Planted.Meta):
        default_manager_name = "tall"


class Bush(Planted):
    giants = Tall(30)


class Grass(dorm.Model):
    height = dorm.IntegerField(default=1)

    objects = PlantQuerySet.as_manager()

    class Meta:
        app_label = "managers"
        base_manager_name = "few"

    few = Tall()


class Leaf(dorm.Model):
    grass = dorm.ForeignKey(Grass, on_delete=dorm.CASCADE)

    class Meta:
        app_label = "managers"


class Without(Planted):
    objects = None  # type: ignore[assignment]

    class Meta(Planted.Meta):
        pass


async def heights(call, source):
    return sorted(one.height for one in await call.list(source))


async def test_managers_begin_where_they_say(call, tables):
    tables(Plant)
    await call(Plant.objects, "bulk_create", [Plant(height=height) for height in (1, 10, 20)])
    assert [1, 10, 20] == await heights(call, Plant.objects.all())
    assert [20] == await heights(call, Plant.tall.all())
    assert [10, 20] == await heights(call, Plant.objects.tall())
    assert [20] == await heights(call, Plant.objects.tall().filter(height__gt=10))
    assert 1 == await call(Plant.tall, "count")


async def test_methods_of_a_query_set_are_on_its_manager_unless_they_are_private(call, tables):
    tables(Plant)
    await call(Plant.objects, "create", height=1)
    assert [1] == await heights(call, Plant.objects._shown())
    for name in ("_inner", "hidden"):
        assert not hasattr(Plant.objects, name)
        assert hasattr(Plant.objects.all(), name)


async def test_a_manager_of_a_query_set_has_its_methods(call, tables):
    tables(Grass)
    await call(Grass.objects, "bulk_create", [Grass(height=height) for height in (1, 10)])
    assert [10] == await heights(call, Grass.objects.tall())


def test_the_default_manager_is_the_models_own_first_one_or_the_named_one():
    assert ("objects", "tall", "giants") == tuple(model._default_manager.name for model in (Plant, Tree, Bush))
    assert "tall" == Without._default_manager.name
    assert ("giants", "objects", "tall") == tuple(manager.name for manager in Bush._meta.managers)
    assert Bush.giants == Bush._meta.managers_map["giants"] == Bush._meta.default_manager


def test_a_model_without_managers_gets_objects():
    assert ("objects", True) == (Leaf._default_manager.name, Leaf.objects.auto_created)
    assert not Plant.objects.auto_created
    assert not hasattr(Planted, "_default_manager") or Planted._default_manager is None


async def test_the_base_manager_reads_rows_again(call, tables):
    tables(Grass, Leaf)
    short = await call(Grass.objects, "create", height=1)
    high = await call(Grass.objects, "create", height=10)
    await call(high, "refresh_from_db")
    with pytest.raises(Grass.DoesNotExist):
        await call(short, "refresh_from_db")
    assert ("few", "_base_manager") == (Grass._base_manager.name, Leaf._base_manager.name)


async def test_a_row_is_read_again_from_a_query_set(call, tables):
    tables(Plant)
    plant = await call(Plant.objects, "create", height=5)
    await call(Plant.objects.all(), "update", height=6)
    await call(plant, "refresh_from_db", from_queryset=Plant.objects.filter(height=6))
    assert 6 == plant.height
    with pytest.raises(Plant.DoesNotExist):
        await call(plant, "refresh_from_db", from_queryset=Plant.objects.filter(height=5))


def test_names_of_managers_that_do_not_exist_are_refused():
    for option in ("default_manager_name", "base_manager_name"):
        meta = type("Meta", (), {option: "tal", "app_label": "managers"})
        body = {"__module__": __name__, "__qualname__": "Wrong", "Meta": meta}
        with pytest.raises(ValueError, match="no manager named 'tal'"):
            type(dorm.Model)("Wrong", (Planted,), body)


def test_managers_are_not_reached_through_instances():
    with pytest.raises(AttributeError, match="through the class Plant"):
        _ = Plant().objects


def test_managers_are_equal_when_they_are_made_alike():
    assert Plant.objects == Plant.objects
    assert Tall(3) == Tall(3)
    assert Tall(3) != Tall(4)
    assert Plant.objects != Tree.objects
    assert Plant.objects != Plant.tall
    assert Plant.objects != Plant.objects.db_manager("other")
    assert "managers.Plant.tall" == str(Plant.tall)


def test_a_manager_says_what_makes_it():
    assert (False, f"{__name__}.Tall", None, (20,), {}) == Plant.tall.deconstruct()
    assert (True, None, f"{__name__}.PlantQuerySet", None, None) == Grass.objects.deconstruct()
    with pytest.raises(ValueError, match="Could not find manager FromPlants"):
        Plant.objects.deconstruct()
    assert Tall.use_in_migrations
    assert not dorm.Manager.use_in_migrations
    assert [] == Plant.tall.check()


async def test_saving_past_an_override_and_as_it_is(call, tables):
    told = []

    class Clock(dorm.Model):
        changed = dorm.IntegerField(default=0)
        day = dorm.DateField(auto_now=True, null=True)

        class Meta:
            app_label = "managers"

        def save(self, *args, **kwargs):
            raise AssertionError

        async def asave(self, *args, **kwargs):
            raise AssertionError

    def receiver(sender, instance, raw, created, **kwargs):
        told.append((raw, created))

    dorm.signals.post_save.connect(receiver, sender=Clock)
    tables(Clock)
    clock = Clock(changed=1)
    await call(clock, "save_base", raw=True)
    assert (None, 1) == (clock.day, (await call(Clock.objects, "get")).changed)
    clock.changed = 2
    await call(clock, "save_base", update_fields=["changed"])
    await call(clock, "save_base")
    assert clock.day is not None
    assert [(True, True), (False, False), (False, False)] == told
