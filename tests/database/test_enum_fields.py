"""``EnumField``: members go in and come out, values are what the column holds."""

from __future__ import annotations

import enum

import pytest

import dorm


class Colour(enum.Enum):
    RED = "r"
    DEEP_BLUE = "b"


class Size(dorm.IntegerChoices):
    SMALL = 1, "Small one"
    LARGE = 2, "Large one"


class Shirt(dorm.Model):
    colour = dorm.EnumField(Colour, default=Colour.RED)
    size = dorm.EnumField(Size, null=True)

    class Meta:
        app_label = "enum_fields"


@pytest.fixture
def shirts(tables):
    tables(Shirt)


@pytest.mark.usefixtures("shirts")
async def test_members_come_back(call):
    await call(Shirt.objects, "create", colour=Colour.DEEP_BLUE, size=Size.LARGE)
    shirt = await call(Shirt.objects, "get")
    assert (Colour.DEEP_BLUE, Size.LARGE) == (shirt.colour, shirt.size)
    assert ("Deep Blue", "Large one") == (shirt.get_colour_display(), shirt.get_size_display())
    assert [{"colour": Colour.DEEP_BLUE, "size": Size.LARGE}] == await call.list(Shirt.objects.values("colour", "size"))


@pytest.mark.usefixtures("shirts")
async def test_values_of_members_are_accepted_everywhere(call):
    await call(Shirt.objects, "create", colour="b", size=1)
    await call(Shirt.objects, "bulk_create", [Shirt(colour="r"), Shirt(colour=Colour.RED, size=Size.SMALL)])
    assert 1 == await call(Shirt.objects.filter(colour="b"), "count")
    assert 2 == await call(Shirt.objects.filter(colour=Colour.RED), "count")
    assert 3 == await call(Shirt.objects.filter(colour__in=["b", Colour.RED]), "count")
    assert 1 == await call(Shirt.objects.exclude(colour="r"), "count")
    assert 1 == await call(Shirt.objects.filter(size=None), "count")
    assert 2 == await call(Shirt.objects.filter(size__lt=Size.LARGE), "count")
    await call(Shirt.objects.filter(size=1), "update", size=Size.LARGE, colour="b")
    assert 2 == await call(Shirt.objects.filter(size=2, colour=Colour.DEEP_BLUE), "count")


@pytest.mark.usefixtures("shirts")
async def test_the_column_holds_the_value(call):
    await call(Shirt.objects, "create", colour=Colour.DEEP_BLUE, size=Size.LARGE)
    texts = Shirt.objects.annotate(text=dorm.Concat("colour", "size")).values_list("text", flat=True)
    assert ["b2"] == await call.list(texts)


@pytest.mark.usefixtures("shirts")
async def test_what_is_no_member_is_refused_before_any_sql(call):
    with pytest.raises(ValueError, match="expected one of 'r', 'b'"):
        Shirt.objects.filter(colour="x")
    with pytest.raises(ValueError, match="expected one of 'r', 'b'"):
        await call(Shirt(colour="x"), "save")
    with pytest.raises(dorm.ValidationError) as caught:
        await call(Shirt(colour="x"), "full_clean")
    assert ["colour"] == list(caught.value.message_dict)


@pytest.mark.usefixtures("shirts")
async def test_validation_makes_members_of_values(call):
    shirt = Shirt(colour="b", size=2)
    await call(shirt, "full_clean")
    assert (Colour.DEEP_BLUE, Size.LARGE) == (shirt.colour, shirt.size)
