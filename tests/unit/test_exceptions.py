"""Exceptions: the shapes of a validation error, and what each family is."""

from __future__ import annotations

import copy
import pickle

import pytest

from dorm import exceptions
from dorm.exceptions import (
    CheckViolation,
    DatabaseError,
    ForeignKeyViolation,
    IntegrityError,
    NotNullViolation,
    OperationalError,
    PoolTimeout,
    ProtectedError,
    RestrictedError,
    TransactionAborted,
    TransactionManagementError,
    UniqueViolation,
    ValidationError,
)

# -- ValidationError ---------------------------------------------------------------------------


def test_a_message_fills_in_its_parameters() -> None:
    error = ValidationError("At most %(limit)s.", code="max", params={"limit": 3})
    assert (error.message, error.messages, error.code) == ("At most 3.", ["At most 3."], "max")
    assert not hasattr(error, "message_dict")


def test_a_message_without_parameters_keeps_its_percent_signs() -> None:
    assert ValidationError("100 % wrong").message == "100 % wrong"


def test_a_list_is_flattened() -> None:
    error = ValidationError(["a", ValidationError("b", code="x"), ValidationError(["c", "d"])])
    assert error.messages == ["a", "b", "c", "d"]
    assert error.message == "a b c d"
    assert [part.code for part in error.error_list] == [None, "x", None, None]


def test_a_dict_names_fields() -> None:
    error = ValidationError({"name": "short", "age": [ValidationError("low", code="min"), "odd"]})
    assert error.message_dict == {"name": ["short"], "age": ["low", "odd"]}
    assert error.messages == ["short", "low", "odd"]
    assert dict(error) == error.message_dict
    assert str(error) == "{'name': ['short'], 'age': ['low', 'odd']}"


def test_errors_are_collected_by_field() -> None:
    errors: dict[str, list[ValidationError]] = {}
    ValidationError({"name": "short"}).update_error_dict(errors)
    ValidationError("odd").update_error_dict(errors)
    assert ValidationError(errors).message_dict == {"name": ["short"], "__all__": ["odd"]}


@pytest.mark.parametrize("value", ["x", ["x", "y"], {"a": "x"}, ValidationError("x", code="c")])
def test_an_error_of_an_error_says_the_same(value: object) -> None:
    first = ValidationError(value)
    second = ValidationError(first)
    assert second.messages == first.messages
    assert second.code == first.code
    assert second.error_dict == first.error_dict


def limit_error() -> ValidationError:
    return ValidationError("At most %(limit)s.", code="max", params={"limit": 3})


def test_equal_errors_are_equal_and_hash_alike() -> None:
    assert limit_error() == limit_error()
    assert hash(limit_error()) == hash(limit_error())
    assert ValidationError({"a": ["x", "y"]}) == ValidationError({"a": ["y", "x"]})
    assert ValidationError("a") != ValidationError("b")
    assert ValidationError("a") != "a"


@pytest.mark.parametrize(
    "error",
    [
        ValidationError("At most %(limit)s.", code="max", params={"limit": 3}),
        ValidationError({"a": ["x", "y"]}),
        IntegrityError("no", constraint="c", table="t", columns=("a",), sqlstate="23000"),
        UniqueViolation("taken", constraint="c", table="t", columns=("a",), sqlstate="23505"),
        ProtectedError("referenced", {1}),
    ],
)
def test_errors_survive_pickle_and_copy(error: Exception) -> None:
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(again) is type(error)
        assert str(again) == str(error)
        assert vars(again).keys() == vars(error).keys()


# -- Database errors ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("child", "parents"),
    [
        (UniqueViolation, (IntegrityError, ValidationError)),
        (ForeignKeyViolation, (IntegrityError,)),
        (NotNullViolation, (IntegrityError,)),
        (CheckViolation, (IntegrityError,)),
        (ProtectedError, (IntegrityError,)),
        (RestrictedError, (IntegrityError,)),
        (PoolTimeout, (OperationalError,)),
        (TransactionManagementError, (DatabaseError,)),
        (TransactionAborted, (TransactionManagementError,)),
    ],
)
def test_families(child: type[Exception], parents: tuple[type[Exception], ...]) -> None:
    assert issubclass(child, (exceptions.Error, *parents))
    assert all(issubclass(child, parent) for parent in parents)


def test_an_integrity_error_says_where() -> None:
    error = ForeignKeyViolation("no such author", constraint="fk", table="book", columns=["author_id"], sqlstate="1")
    assert (error.constraint, error.table, error.columns, error.sqlstate) == ("fk", "book", ("author_id",), "1")
    assert str(error) == "no such author"
    assert IntegrityError().fields == ()


def test_a_unique_violation_is_a_validation_error_that_names_fields() -> None:
    error = UniqueViolation("Author with this email exists.", columns=("email",))
    assert str(error) == error.message == "Author with this email exists."
    error.name_fields(("email",), {"email": "Author with this Email already exists."})
    assert error.fields == ("email",)
    assert error.message_dict == {"email": ["Author with this Email already exists."]}
    assert error.error_dict is not None
    assert error.error_dict["email"][0].code == "unique"
