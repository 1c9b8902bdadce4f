"""Each pair of twins runs the same scenario in its colour: the same result, by the same SQL with the same values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm.test import capture_queries
from tests.architecture.test_parity import pairs
from tests.testbed.colours import Call

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class Shelf(dorm.Model):
    name = dorm.CharField(max_length=100, unique=True)
    height = dorm.IntegerField(default=1)

    class Meta:
        app_label = "architecture_sql"
        constraints = (dorm.CheckConstraint(condition=dorm.Q(height__gt=0), name="height"),)


class Word(dorm.Model):
    name = dorm.CharField(max_length=100)

    class Meta:
        app_label = "architecture_sql"


class Volume(dorm.Model):
    shelf = dorm.ForeignKey(Shelf, on_delete=dorm.CASCADE, null=True)
    words = dorm.ManyToManyField(Word)
    name = dorm.CharField(max_length=100, default="volume")

    class Meta:
        app_label = "architecture_sql"


async def iterated(call: Call, source: Any) -> list[Any]:
    return [item async for item in call.stream(source, chunk_size=1)]


async def written(call: Call, source: Any) -> list[Any]:
    """``raw`` is lazy in the synchronous colour, too."""
    sql = f'SELECT * FROM "{Shelf._meta.db_table}" WHERE "height" > %s ORDER BY "id"'
    return await source.araw(sql, [1]) if call.is_async else list(source.raw(sql, [1]))


async def listed(call: Call, source: Any, name: str, *names: str) -> list[Any]:
    """``values`` is lazy in the synchronous colour: iterating sends it."""
    if call.is_async:
        return await getattr(source, f"a{name}")(*names)
    return list(getattr(source, name)(*names))


# What to do with a query set or manager of shelves, per pair of twins.
QUERIES: dict[str, Callable[[Call, Any], Awaitable[Any]]] = {
    "aggregate": lambda call, source: call(source, "aggregate", top=dorm.Max("height")),
    "bulk_create": lambda call, source: call(source, "bulk_create", [Shelf(name="x"), Shelf(name="y")]),
    "bulk_update": lambda call, source: call(source, "bulk_update", [Shelf(pk=1, height=7)], ["height"]),
    "contains": lambda call, source: call(source, "contains", Shelf(pk=1)),
    "count": lambda call, source: call(source, "count"),
    "create": lambda call, source: call(source, "create", name="new"),
    "delete": lambda call, source: call(source.filter(height__gt=1), "delete"),
    "earliest": lambda call, source: call(source, "earliest", "height"),
    "exists": lambda call, source: call(source, "exists"),
    "explain": lambda call, source: call(source, "explain"),
    "first": lambda call, source: call(source, "first"),
    "get": lambda call, source: call(source, "get", name="low"),
    "get_or_create": lambda call, source: call(source, "get_or_create", name="new", defaults={"height": 3}),
    "get_or_none": lambda call, source: call(source, "get_or_none", name="nowhere"),
    "in_bulk": lambda call, source: call(source, "in_bulk", [1, 2]),
    "iterator": iterated,
    "last": lambda call, source: call(source, "last"),
    "latest": lambda call, source: call(source, "latest", "height"),
    "raw": written,
    "update": lambda call, source: call(source.filter(height=1), "update", height=dorm.F("height") + 1),
    "update_or_create": lambda call, source: call(source, "update_or_create", name="low", defaults={"height": 9}),
    "values": lambda call, source: listed(call, source, "values", "name"),
    "values_list": lambda call, source: listed(call, source, "values_list", "name", "height"),
}


async def stored(call: Call) -> Any:
    return await call(Shelf.objects, "get", pk=1)


async def changed(call: Call) -> Any:
    shelf = await stored(call)
    shelf.height = 5
    await call(shelf, "save", update_fields=["height"])
    await call(Shelf(name="saved"), "save")


async def deleted(call: Call) -> Any:
    return await call(await stored(call), "delete")


async def refreshed(call: Call) -> Any:
    await call(await stored(call), "refresh_from_db")


async def cleaned(call: Call) -> Any:
    await call(await stored(call), "full_clean")


async def checked(call: Call) -> Any:
    await call(await stored(call), "validate_unique")


async def saved(call: Call) -> Any:
    await call(await stored(call), "save_base", raw=True)


async def constrained(call: Call) -> Any:
    await call(await stored(call), "validate_constraints")


MODELS: dict[str, Callable[[Call], Awaitable[Any]]] = {
    "delete": deleted,
    "full_clean": cleaned,
    "refresh_from_db": refreshed,
    "save": changed,
    "save_base": saved,
    "validate_constraints": constrained,
    "validate_unique": checked,
}


def links(method: str, accessor: str) -> Callable[[Call], Awaitable[Any]]:
    """A scenario of a related manager: of the volumes of a shelf, or of the words of a volume."""

    async def scenario(call: Call) -> Any:
        if accessor == "words":
            manager, others = (await call(Volume.objects, "get", pk=1)).words, await call.list(Word.objects.all())
        else:
            manager, others = (await stored(call)).volume_set, await call.list(Volume.objects.all())
        arguments: dict[str, tuple[Any, ...]] = {"add": tuple(others), "set": (others,), "remove": (others[0],)}
        await call(manager, method, *arguments.get(method, ()))
        return await call.list(manager.all())

    return scenario


def scenarios() -> dict[str, Callable[[Call], Awaitable[Any]]]:
    found: dict[str, Callable[[Call], Awaitable[Any]]] = {}
    for name, query in QUERIES.items():
        found[f"QuerySet.{name}"] = lambda call, query=query: query(call, Shelf.objects.order_by("pk"))
        found[f"Manager.{name}"] = lambda call, query=query: query(call, Shelf.objects)
    found |= {f"Model.{name}": scenario for name, scenario in MODELS.items()}
    for name in ("add", "set", "remove", "clear"):
        found[f"reverse manager.{name}"] = links(name, "volume_set")
        found[f"many-to-many manager.{name}"] = links(name, "words")
    return found


SCENARIOS = scenarios()


def described(value: Any) -> Any:
    """What can be compared of a result."""
    if isinstance(value, dorm.Model):
        return type(value).__name__, value.pk
    if isinstance(value, (list, tuple)):
        return [described(item) for item in value]
    if isinstance(value, dict):
        return {key: described(item) for key, item in value.items()}
    return value


def carried_out(colour: str, scenario: Callable[[Call], Awaitable[Any]]) -> tuple[Any, list[Any]]:
    """The result of *scenario* in *colour*, on fresh tables, and what was sent."""
    dorm.create_tables(Shelf, Word, Volume)
    for name, height in (("low", 1), ("high", 3), ("middle", 2)):
        Shelf.objects.create(name=name, height=height)
    volumes = [Volume.objects.create(shelf_id=key) for key in (1, 2, None)]
    volumes[0].words.add(Word.objects.create(name="one"))
    Word.objects.create(name="two")
    call = Call(colour)
    found: list[Any] = []

    async def body() -> None:
        with capture_queries() as queries:
            found.append(described(await scenario(call)))
        found.append([(query.sql, query.parameters) for query in queries])

    call.drive(body())
    dorm.drop_tables(Shelf, Word, Volume)
    return found[0], found[1]


@pytest.mark.parametrize("name", SCENARIOS)
def test_twins_send_the_same_sql(db, name):
    expected, sent = carried_out("sync", SCENARIOS[name])
    assert (expected, sent) == carried_out("async", SCENARIOS[name])
    assert sent


def test_every_pair_has_a_scenario():
    faces = ("QuerySet.", "Manager.", "Model.", "reverse manager.", "many-to-many manager.")
    names = {str(pair.id) for pair in pairs() if str(pair.id).startswith(faces)}
    # Related managers have the methods of a manager too, and those are the same functions.
    inherited = {name for name in names if "manager." in name and name.rpartition(".")[2] in QUERIES}
    assert set() == names - inherited - set(SCENARIOS)
