"""What an instance is checked for, and what the errors say."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm.test import assert_num_queries
from dorm.validators import (
    EmailValidator,
    MaxLengthValidator,
    MaxValueValidator,
    MinLengthValidator,
    MinValueValidator,
    RegexValidator,
    validate_email,
)
from tests.contract.models import Author

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.testbed.colours import Call

    Tables = Callable[..., None]

APP = "contract_validation"


def no_spaces(value: str) -> None:
    if " " in value:
        raise dorm.ValidationError("No spaces allowed.")


class Product(dorm.Model):
    name = dorm.CharField(max_length=200, validators=[MinLengthValidator(3), MaxLengthValidator(50)])
    price = dorm.FloatField(validators=[MinValueValidator(0), MaxValueValidator(9999)])
    sku = dorm.CharField(max_length=20, validators=[RegexValidator(r"^[A-Z]{2}-\d{4}$", "Invalid SKU format")])
    email = dorm.CharField(max_length=100, validators=[validate_email])
    slug = dorm.CharField(max_length=50, validators=[no_spaces])

    class Meta:
        app_label = APP


class Event(dorm.Model):
    start = dorm.DateTimeField()
    end = dorm.DateTimeField()
    code = dorm.CharField(max_length=5, unique=True, null=True, blank=True)

    class Meta:
        app_label = APP

    def clean(self) -> None:
        if self.end <= self.start:
            raise dorm.ValidationError("end must be after start")


FINE: dict[str, Any] = {"name": "Lamp", "price": 1.5, "sku": "AB-1234", "email": "a@example.com", "slug": "lamp"}


async def refused(call: Call, instance: Any, method: str = "full_clean") -> dict[str, list[str]]:
    with pytest.raises(dorm.ValidationError) as caught:
        await call(instance, method)
    assert caught.value.message
    told: dict[str, list[str]] = caught.value.message_dict
    return told


async def test_every_wrong_field_is_told(magazine: None, call: Call) -> None:
    told = await refused(call, Author(name="", age="old", email="not-an-email"))
    assert {"name", "age", "email"} == set(told)


async def test_what_is_right_passes(filled: None, call: Call) -> None:
    author = Author(name="Eve", age=1, email="eve@example.com")
    assert None is await call(author, "full_clean")
    author = await call(Author.objects, "get", name="Bob")
    assert None is await call(author, "full_clean")


@pytest.mark.parametrize(
    ("field", "wrong", "message"),
    [
        ("name", "La", "at least 3 character"),
        ("name", "L" * 51, "at most 50 character"),
        ("price", -0.01, "greater than or equal to 0"),
        ("price", 10000.0, "less than or equal to 9999"),
        ("sku", "ab-1234", "Invalid SKU format"),
        ("sku", "AB-12345", "Invalid SKU format"),
        ("email", "nobody", "valid email"),
        ("slug", "a lamp", "No spaces allowed."),
    ],
)
async def test_validators_of_a_field(tables: Tables, call: Call, field: str, wrong: Any, message: str) -> None:
    tables(Product)
    told = await refused(call, Product(**FINE | {field: wrong}))
    assert [field] == list(told)
    assert message in told[field][0]


@pytest.mark.parametrize("field", FINE)
async def test_limits_are_allowed(tables: Tables, call: Call, field: str) -> None:
    tables(Product)
    limits = {"name": ("Lam", "L" * 50), "price": (0.0, 9999.0)}
    for value in limits.get(field, (FINE[field],)):
        assert None is await call(Product(**FINE | {field: value}), "full_clean")


async def test_saving_does_not_validate_fields(tables: Tables, call: Call) -> None:
    tables(Product)
    await call(Product.objects, "create", **FINE | {"sku": "wrong"})
    assert "wrong" == (await call(Product.objects, "get")).sku


@pytest.mark.parametrize(
    ("validator", "right", "wrong"),
    [
        (MinValueValidator(3), 3, 2),
        (MaxValueValidator(3), 3, 4),
        (MinLengthValidator(3), "abc", "ab"),
        (MaxLengthValidator(3), "abc", "abcd"),
        (RegexValidator(r"^a+$", "only a"), "aa", "ab"),
        (EmailValidator(), "jürgen.groß@example.de", "a@"),
        (validate_email, "a.b+c@example.org", "a b@example.org"),
        (no_spaces, "ab", "a b"),
    ],
)
def test_a_validator_by_itself(validator: Any, right: Any, wrong: Any) -> None:
    assert None is validator(right)
    with pytest.raises(dorm.ValidationError):
        validator(wrong)


# -- Fields together ------------------------------------------------------------------------------

NOON = datetime.datetime(2024, 1, 1, 12, tzinfo=datetime.UTC)


async def test_fields_are_checked_together(tables: Tables, call: Call) -> None:
    tables(Event)
    with pytest.raises(dorm.ValidationError, match="end must be after start") as caught:
        await call(Event(start=NOON, end=NOON), "full_clean")
    assert "end must be after start" in caught.value.message
    assert None is await call(Event(start=NOON, end=NOON + datetime.timedelta(1)), "full_clean")


# -- Unique values --------------------------------------------------------------------------------


async def test_a_value_that_exists(filled: None, call: Call) -> None:
    for method in ("validate_unique", "full_clean"):
        told = await refused(call, Author(name="A", age=1, email="alice@example.com"), method)
        assert ["email"] == list(told)
        assert "already exists" in told["email"][0]


async def test_the_row_itself_does_not_count(filled: None, call: Call) -> None:
    alice = await call(Author.objects, "get", name="Alice")
    with assert_num_queries(1):
        assert None is await call(alice, "validate_unique")
    alice.email = "bob@example.com"
    assert ["email"] == list(await refused(call, alice, "validate_unique"))


async def test_nothing_is_not_a_value_that_exists(tables: Tables, call: Call) -> None:
    tables(Event)
    later = NOON + datetime.timedelta(1)
    await call(Event.objects, "create", start=NOON, end=later)
    assert None is await call(Event(start=NOON, end=later), "full_clean")


async def test_saving_a_value_that_exists(filled: None, call: Call) -> None:
    with assert_num_queries(1), pytest.raises(dorm.ValidationError) as caught:
        await call(Author(name="A", age=1, email="alice@example.com"), "save")
    assert isinstance(caught.value, dorm.IntegrityError)
    assert {"email": ["Author with this Email already exists."]} == caught.value.message_dict
    assert "Author with this Email already exists." == caught.value.message
    assert 4 == await call(Author.objects, "count")


async def test_creating_a_value_that_exists(filled: None, call: Call) -> None:
    with pytest.raises(dorm.UniqueViolation) as caught:
        await call(Author.objects, "create", name="A", age=1, email="alice@example.com")
    assert ("email",) == tuple(caught.value.fields)
