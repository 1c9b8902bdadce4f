"""What a type checker sees of choices, enumerations, constraints and parts of documents.  Read by checkers only."""

from __future__ import annotations

import enum
from typing import Any, assert_type

import dorm
from dorm import CheckConstraint, Deferrable, F, Index, Lower, Q, UniqueConstraint


class Colour(enum.Enum):
    RED = "r"
    BLUE = "b"


class Size(dorm.IntegerChoices):
    SMALL = 1, "Small"
    LARGE = 2, "Large"


class Shirt(dorm.Model):
    colour = dorm.EnumField(Colour, default=Colour.RED)
    size = dorm.EnumField(Size, null=True)
    fit = dorm.IntegerField(choices=Size, default=Size.SMALL)
    data = dorm.JSONField(null=True)

    class Meta:
        app_label = "typing_choices"
        constraints = (
            CheckConstraint(condition=Q(fit__gt=0), name="fit"),
            UniqueConstraint(fields=["fit"], name="once", deferrable=Deferrable.DEFERRED),
            UniqueConstraint(Lower("colour"), name="lower", condition=Q(fit=1), nulls_distinct=False),
        )
        indexes = (Index(F("fit").desc(), name="fits", include=["size"]), Index(fields=["-fit"], unique=True))


def members(shirt: Shirt) -> None:
    assert_type(shirt.colour, Colour)
    assert_type(shirt.size, Size | None)
    shirt.colour = Colour.BLUE
    shirt.size = None
    assert_type(Size.choices, list[tuple[Any, Any]])
    assert_type(Size.values, list[Any])
    assert_type(Size.names, list[str])
    assert_type(Size(1), Size)
    assert_type("r" in Size, bool)


def documents() -> None:
    query = Shirt.objects.annotate(name=dorm.KT("data__owner__name"), part=dorm.KeyTransform(0, "data__tags"))
    assert_type(query.filter(data__has_key="a", name="Ann").first(), Shirt | None)
    assert_type(isinstance(query, dorm.EmptyQuerySet), bool)


async def validation(shirt: Shirt) -> None:
    shirt.full_clean(exclude={"data"}, validate_unique=False, validate_constraints=True)
    await shirt.afull_clean(validate_constraints=False)
    shirt.validate_constraints(exclude=["fit"])
    await shirt.avalidate_constraints()
    assert_type(shirt.unique_error_message(Shirt, ("fit",)), dorm.ValidationError)
    shirt.refresh_from_db(from_queryset=Shirt.objects.filter(fit=1))
    shirt.save_base(raw=True)
    await shirt.asave_base(raw=True)
