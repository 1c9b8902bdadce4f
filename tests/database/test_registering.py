"""Lookups and transforms that are registered for one field, or for what a transform yields."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm import F, Length, Lookup, Transform, Upper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.testbed.colours import Call

    Tables = Callable[..., None]


class Poem(dorm.Model):
    title = dorm.CharField(max_length=20)
    author = dorm.CharField(max_length=20)
    lines = dorm.IntegerField()

    class Meta:
        app_label = "test_registering"
        ordering = ("lines",)


TITLE: Any = Poem._meta.get_field("title")


class Longer(Lookup):
    name = "longer"
    template = "LENGTH({left}) > LENGTH({right})"


class Words(Transform):
    name = "words"
    template = "(LENGTH({left}) - LENGTH(REPLACE({left}, ' ', '')) + 1)"
    output_field = dorm.IntegerField()


class MoreWords(Words):
    name = "more_words"


class Twice(Transform):
    name = "twice"
    template = "({left} * 2)"


class Half(Lookup):
    name = "half"
    template = "{left} * 2 = {right}"


@contextlib.contextmanager
def registered(place: Any, *lookups: Any) -> Iterator[None]:
    for lookup in lookups:
        place.register_lookup(lookup)
    try:
        yield
    finally:
        for lookup in lookups:
            place._unregister_lookup(lookup)


async def fill(tables: Tables, call: Call) -> None:
    tables(Poem)
    poems = [("The Raven", "Poe", 108), ("Ode", "Keats", 50), ("The Waste Land", "Eliot", 434)]
    await call(Poem.objects, "bulk_create", [Poem(title=t, author=a, lines=n) for t, a, n in poems])


async def found(call: Call, **lookups: Any) -> list[str]:
    return [poem.title for poem in await call.list(Poem.objects.filter(**lookups))]


async def test_one_field_has_lookups_of_its_own(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    with registered(TITLE, Longer, Words, Upper):
        assert ["The Raven", "The Waste Land"] == await found(call, title__longer="1234")
        assert ["Ode"] == await found(call, title__words=1)
        assert ["The Waste Land"] == await found(call, title__upper__contains="WASTE")
        by_words = Poem.objects.order_by("-title__words").values_list("title__words", flat=True)
        assert [3, 2, 1] == await call.list(by_words)
        assert [3, 2, 1] == await call.list(
            Poem.objects.annotate(n=F("title__words")).order_by("-n").values_list("n", flat=True)
        )


def test_no_other_field_has_them() -> None:
    with registered(TITLE, Longer, Words):
        for name in ("author__longer", "author__words", "lines__longer"):
            with pytest.raises(dorm.FieldError, match=r"no lookup|no transform|is no relation"):
                Poem.objects.filter(**{name: "1"})
        assert (Longer, Words) == (TITLE.get_lookup("longer"), TITLE.get_transform("words"))
        assert (None, None) == (dorm.CharField.get_lookup("longer"), dorm.CharField.get_transform("words"))
        assert {"exact", "longer"} <= set(TITLE.get_lookups())


async def test_a_field_comes_before_its_class(tables: Tables, call: Call) -> None:
    await fill(tables, call)

    class AsLong(Longer):
        template = "LENGTH({left}) = LENGTH({right})"

    with registered(dorm.CharField, Longer):
        assert ["The Raven", "The Waste Land"] == await found(call, title__longer="1234")
        with registered(TITLE, AsLong):
            assert ["Ode"] == await found(call, title__longer="123")
            assert ["Ode", "The Waste Land"] == await found(call, author__longer="1234")
        assert ["The Raven", "The Waste Land"] == await found(call, title__longer="1234")


async def test_what_a_transform_yields_has_lookups_of_its_own(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    with registered(dorm.CharField, Words, Length), registered(Words, Twice, Half):
        assert ["The Raven"] == await found(call, title__words__twice=4)
        assert ["The Raven", "The Waste Land"] == await found(call, title__words__twice__gt=2)
        assert ["The Waste Land"] == await found(call, title__words__half=6)
        twice = Poem.objects.values_list("title__words__twice", flat=True)
        assert [2, 4, 6] == await call.list(twice)
        assert [2, 4, 6] == await call.list(
            Poem.objects.annotate(n=F("title__words__twice")).values_list("n", flat=True)
        )
        for name in ("lines__twice", "title__length__twice", "title__length__half", "title__words__twice__half"):
            with pytest.raises(dorm.FieldError):
                Poem.objects.filter(**{name: 1})


async def test_a_transform_passes_its_lookups_on_to_subclasses(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    with registered(dorm.CharField, MoreWords), registered(Words, Half):
        assert ["The Waste Land"] == await found(call, title__more_words__half=6)


async def test_the_output_field_brings_its_own_lookups(tables: Tables, call: Call) -> None:
    await fill(tables, call)
    with registered(dorm.CharField, Words), registered(Words.output_field, Half):
        assert ["The Waste Land"] == await found(call, title__words__half=6)
        with pytest.raises(dorm.FieldError, match="half"):
            Poem.objects.filter(lines__half=6)


@pytest.mark.parametrize("place", [TITLE, Words])
async def test_plans_are_made_anew(tables: Tables, call: Call, place: Any) -> None:
    await fill(tables, call)

    class Other(Half):
        template = "{left} = {right}"

    first, second = Longer if place is TITLE else Half, Other
    name = "title__half" if place is TITLE else "title__words__half"
    value: Any = "Ode" if place is TITLE else 2
    with registered(dorm.CharField, Words):
        place.register_lookup(first, "half")
        before = await found(call, **{name: value})
        place.register_lookup(second, "half")
        after = await found(call, **{name: value})
        place._unregister_lookup(second)
        with pytest.raises(dorm.FieldError, match="half"):
            Poem.objects.filter(**{name: value})

    longer = ["The Raven", "The Waste Land"]
    assert ((longer, ["Ode"]) if place is TITLE else (["Ode"], ["The Raven"])) == (before, after)


def test_registering_gives_the_class_back() -> None:
    assert Half is Words.register_lookup(Half)
    Words._unregister_lookup(Half)
    assert Half is TITLE.register_lookup(Half, "halves")
    TITLE._unregister_lookup(Half, "halves")


@pytest.mark.parametrize("place", [TITLE, Words, dorm.CharField])
def test_what_is_no_lookup_is_refused(place: Any) -> None:
    with pytest.raises(TypeError, match="takes a class"):
        place.register_lookup(str, "text")
    with pytest.raises(ValueError, match="'a__b'"):
        place.register_lookup(Half, "a__b")
