"""``DormSchema`` and ``schema_for``: the contract's examples, and what they leave open."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import FastAPI
from pydantic import BaseModel, ValidationError, field_validator, model_validator
from pydantic_core import MISSING

import dorm
from dorm.contrib.pydantic import DormSchema, schema_for
from dorm.exceptions import FieldError, ImproperlyConfigured, SynchronousOnlyOperation

if TYPE_CHECKING:
    from types import SimpleNamespace


class Publisher(dorm.Model):
    name = dorm.CharField(max_length=50)

    class Meta:
        app_label = "schemas"


class User(dorm.Model):
    name = dorm.CharField(max_length=100)
    email = dorm.EmailField(unique=True)
    phone = dorm.CharField(max_length=20)
    publisher = dorm.ForeignKey(Publisher, on_delete=dorm.CASCADE, null=True)
    active = dorm.BooleanField(default=True)
    tags = dorm.JSONField(default=list)
    created_at = dorm.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "schemas"


def a_user(**values: Any) -> User:
    moment = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    return User(**{"id": 1, "name": "Al", "email": "al@example.com", "phone": "1", "created_at": moment, **values})


class UserOut(DormSchema):
    class Meta:
        model = User
        fields = "__all__"


class UserCreate(DormSchema):
    confirm_password: str

    @field_validator("email")
    @classmethod
    def lower(cls, v: str) -> str:
        return v.lower()

    class Meta:
        model = User
        exclude = ("id",)


class UserPatch(DormSchema):
    class Meta:
        model = User
        exclude = ("id", "created_at")
        optional = ("name", "email", "phone")


class PublisherOut(DormSchema):
    class Meta:
        model = Publisher


class UserWithPublisher(DormSchema):
    class Meta:
        model = User
        nested = {"publisher": PublisherOut}  # noqa: RUF012 - as in the contract


# -- The contract ------------------------------------------------------------------------------


def test_every_column_is_a_field_in_order() -> None:
    assert list(UserOut.model_fields) == [
        "id",
        "name",
        "email",
        "phone",
        "publisher",
        "active",
        "tags",
        "created_at",
    ]
    assert UserOut.model_fields["name"].annotation is str
    assert UserOut.model_fields["publisher"].annotation == int | None


def test_an_instance_fills_a_schema() -> None:
    shown = UserOut.model_validate(a_user(publisher_id=7))
    assert shown.model_dump(mode="json") == {
        "id": 1,
        "name": "Al",
        "email": "al@example.com",
        "phone": "1",
        "publisher": 7,
        "active": True,
        "tags": [],
        "created_at": "2020-01-01T00:00:00Z",
    }


def test_what_the_body_declares_is_added_and_validators_see_generated_fields() -> None:
    made: Any = UserCreate(name="Al", email="AL@Example.com", phone="1", confirm_password="x")
    assert made.email == "al@example.com"
    dumped = made.model_dump(exclude={"confirm_password"})
    assert dumped == {
        "name": "Al",
        "email": "al@example.com",
        "phone": "1",
        "publisher": None,
        "active": True,
        "tags": [],
    }
    assert User(**dumped).email == "al@example.com"


def test_what_comes_by_itself_need_not_be_sent() -> None:
    made: Any = UserOut(name="Al", email="al@example.com", phone="1")
    assert made.id is MISSING
    assert not {"id", "created_at"} & made.model_dump().keys()


def test_what_the_body_declares_wins() -> None:
    class Own(DormSchema):
        email: int
        publisher: PublisherOut | None = None

        class Meta:
            model = User
            fields = ("name", "email", "publisher")

    made = Own.model_validate(a_user(email=5, publisher=Publisher(id=3, name="P")))
    assert made.model_dump() == {"name": "Al", "email": 5, "publisher": {"id": 3, "name": "P"}}


def test_optional_fields_default_to_none() -> None:
    assert UserPatch().model_dump(exclude_unset=True) == {}
    patch: Any = UserPatch(name=None)
    assert (patch.name, patch.email) == (None, None)


def test_related_rows_can_be_embedded() -> None:
    made = UserWithPublisher.model_validate(a_user(publisher=Publisher(id=3, name="P")))
    assert made.model_dump()["publisher"] == {"id": 3, "name": "P"}
    assert UserWithPublisher.model_validate(a_user()).model_dump()["publisher"] is None


def test_schema_for_makes_one_without_a_class() -> None:
    class Base(BaseModel):
        extra: str = "x"

    made = schema_for(User, exclude=("id", "created_at"), optional=("phone",), name="Made", base=Base)
    assert (made.__name__, issubclass(made, Base)) == ("Made", True)
    dumped = made.model_validate({"name": "Al", "email": "al@example.com"}).model_dump()
    assert (dumped["extra"], dumped["phone"]) == ("x", None)
    assert list(schema_for(User, only=("name", "email")).model_fields) == ["name", "email"]
    assert schema_for(User).__name__ == "UserSchema"
    assert schema_for(User).model_validate(a_user(publisher_id=7)).model_dump()["publisher"] == 7


# -- Keys --------------------------------------------------------------------------------------


def test_a_foreign_key_is_taken_under_both_names_but_not_twice() -> None:
    first: Any = UserPatch(publisher=3)
    second: Any = UserPatch.model_validate({"publisher_id": 3})
    assert first.publisher == second.publisher == 3
    with pytest.raises(ValidationError, match="publisher and publisher_id are one field: give one"):
        UserPatch.model_validate({"publisher": 3, "publisher_id": 3})


def test_reading_a_foreign_key_asks_no_database() -> None:
    dorm.configure(DATABASES={"default": "sqlite:////nowhere/at/all.db"})
    assert UserOut.model_validate(a_user(publisher_id=7)).model_dump()["publisher"] == 7


async def test_an_embedded_row_that_is_not_loaded_names_the_remedy() -> None:
    dorm.configure(DATABASES={"default": "sqlite:////nowhere/at/all.db"}, SYNC_IN_ASYNC="raise")
    try:
        with pytest.raises(SynchronousOnlyOperation, match="select_related"):
            UserWithPublisher.model_validate(a_user(publisher_id=7))
    finally:
        dorm.configure(SYNC_IN_ASYNC="warn")


# -- Values ------------------------------------------------------------------------------------


def test_a_schema_is_as_lenient_about_types_as_pydantic(shop: SimpleNamespace) -> None:
    made = schema_for(shop.Everything, only=["small", "day", "amount", "moment"]).model_validate(
        {"small": "3", "day": "2020-01-01", "amount": 1, "moment": 0}
    )
    assert made.model_dump() == {
        "small": 3,
        "day": datetime.date(2020, 1, 1),
        "amount": Decimal(1),
        "moment": datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC),
    }


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "x" * 101}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"email": "nobody"}, "email"),
        ({"publisher": 2**63}, "publisher"),
    ],
)
def test_what_the_column_cannot_hold_is_refused(values: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        UserPatch(**values)
    assert [error["loc"] for error in caught.value.errors()] == [(field,)]


def test_what_the_table_holds_is_shown_whatever_the_rules(shop: SimpleNamespace) -> None:
    assert UserOut.model_validate(a_user(email="not an address")).model_dump()["email"] == "not an address"
    odd = shop.Everything(kind="z", link="x", slug="a b", hour=datetime.time(1, tzinfo=datetime.UTC))
    assert schema_for(shop.Everything, only=["kind", "link", "slug"]).model_validate(odd).model_dump() == {
        "kind": "z",
        "link": "x",
        "slug": "a b",
    }


def test_defaults_are_made_for_each() -> None:
    first: Any = UserPatch()
    second: Any = UserPatch()
    assert first.tags == []
    assert first.tags is not second.tags


def test_without_time_zones_moments_are_naive(shop: SimpleNamespace) -> None:
    schema = schema_for(shop.Everything, only=["moment"])
    dorm.configure(USE_TZ=False, TIME_ZONE="Europe/Berlin")
    try:
        moment = schema.model_validate({"moment": "2020-01-01T00:00:00Z"}).model_dump()["moment"]
        assert moment == datetime.datetime(2020, 1, 1, 1)  # noqa: DTZ001 - that is the point
    finally:
        dorm.configure(USE_TZ=True, TIME_ZONE="UTC")


# -- Building on it ----------------------------------------------------------------------------


def test_a_subclass_adds_to_it() -> None:
    class More(UserOut):
        shout: str = ""

        @model_validator(mode="after")
        def _shout(self) -> More:
            self.shout = str(getattr(self, "name", "")).upper()
            return self

    assert More.model_validate(a_user(publisher_id=7)).model_dump()["shout"] == "AL"
    assert More.model_validate(a_user(publisher_id=7)).model_dump()["publisher"] == 7


def test_properties_can_be_shown() -> None:
    class Named(dorm.Model):
        first = dorm.CharField(max_length=10)
        last = dorm.CharField(max_length=10)

        class Meta:
            app_label = "schemas"

        @property
        def full(self) -> str:
            return f"{self.first} {self.last}"

    class NamedOut(DormSchema):
        full: str

        class Meta:
            model = Named
            fields = ("first",)

    assert NamedOut.model_validate(Named(first="A", last="B")).model_dump() == {"first": "A", "full": "A B"}


def test_the_response_model_of_an_endpoint() -> None:
    app = FastAPI()

    @app.get("/", response_model=UserOut)
    async def user() -> User:
        return a_user()

    document = app.openapi()["components"]["schemas"]["UserOut"]
    assert document["properties"]["id"]["type"] == "integer"
    assert document["properties"]["email"]["format"] == "email"
    assert json.dumps(document)


# -- Mistakes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"fields": ("nmae",)}, r"X\.Meta\.fields names 'nmae', which User does not have. Did you mean 'name'\?"),
        ({"exclude": ("nmae",)}, r"X\.Meta\.exclude names 'nmae'"),
        ({"optional": ("nmae",)}, r"X\.Meta\.optional names 'nmae'"),
        ({"nested": {"nmae": UserOut}}, r"X\.Meta\.nested names 'nmae'"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(options: dict[str, Any], expected: str) -> None:
    with pytest.raises(FieldError, match=expected):
        type("X", (DormSchema,), {"Meta": type("Meta", (), {"model": User, **options}), "__module__": __name__})


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"model": User, "fields": ("name",), "exclude": ("id",)}, "both fields and exclude: give one"),
        ({"model": User, "fields": "name"}, "a tuple or list of names, not the text 'name'"),
        ({"model": User, "excludes": ("id",)}, "no option 'excludes'. Did you mean 'exclude'?"),
        ({"model": User, "nested": {"name": UserOut}}, "is no relation and cannot be nested"),
        ({}, "needs `model`, a model class; it is None"),
        ({"model": "User"}, "needs `model`, a model class; it is 'User'"),
    ],
)
def test_a_wrong_meta_is_refused(options: dict[str, Any], expected: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        type("X", (DormSchema,), {"Meta": type("Meta", (), options), "__module__": __name__})
    assert expected in str(caught.value)


def test_names_that_pydantic_keeps_are_refused() -> None:
    class Odd(dorm.Model):
        model_fields = dorm.IntegerField()

        class Meta:
            app_label = "schemas"

    with pytest.raises(FieldError, match="Pydantic keeps the name"):
        type("X", (DormSchema,), {"Meta": type("Meta", (), {"model": Odd}), "__module__": __name__})


def test_names_of_pydantics_old_methods_are_columns_as_any_other() -> None:
    class Copies(dorm.Model):
        copy = dorm.IntegerField()
        json = dorm.TextField()
        schema = dorm.TextField()

        class Meta:
            app_label = "schemas"

    made = schema_for(Copies, exclude=["id"]).model_validate({"copy": 1, "json": "{}", "schema": "s"})
    assert made.model_dump() == {"copy": 1, "json": "{}", "schema": "s"}
