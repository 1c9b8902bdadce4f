"""Exceptions become responses that say where, and never what the database said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

from dorm.contrib.rest.pagination import links
from dorm.contrib.rest.problems import Problem, ProblemError, pointer, problem_for, validation_problem
from dorm.exceptions import (
    CheckViolation,
    DatabaseError,
    DataError,
    ForeignKeyViolation,
    IntegrityError,
    InterfaceError,
    MultipleObjectsReturned,
    NotNullViolation,
    ObjectDoesNotExist,
    OperationalError,
    PoolTimeout,
    ProgrammingError,
    UniqueViolation,
    ValidationError,
)
from dorm_fastapi import install_error_handlers

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from types import SimpleNamespace


def with_state(error: Any, state: str) -> Any:
    error.sqlstate = state
    return error


def with_fields(error: Any, *fields: str) -> Any:
    error.fields = fields
    return error


SECRET = "Key (email)=(alice@example.com) already exists"

ERRORS: list[tuple[Exception, str, int, str]] = [
    (ObjectDoesNotExist(SECRET), "GET", 404, "not-found"),
    (ValidationError({"email": "Taken."}), "POST", 422, "validation"),
    (UniqueViolation(SECRET), "POST", 409, "unique"),
    (with_state(IntegrityError(SECRET), "23P01"), "POST", 409, "unique"),
    (with_fields(ForeignKeyViolation(SECRET), "author"), "POST", 422, "related-missing"),
    (ForeignKeyViolation(SECRET), "DELETE", 409, "protected"),
    (with_state(ForeignKeyViolation(SECRET), "23001"), "POST", 409, "protected"),
    (with_fields(NotNullViolation(SECRET), "name"), "PATCH", 422, "constraint"),
    (CheckViolation(SECRET), "POST", 422, "constraint"),
    (IntegrityError(SECRET), "POST", 422, "constraint"),
    (DataError(SECRET), "POST", 422, "constraint"),
    (with_state(OperationalError(SECRET), "40001"), "POST", 409, "retry"),
    (with_state(OperationalError(SECRET), "40P01"), "POST", 409, "retry"),
    (with_state(OperationalError(SECRET), "57014"), "GET", 503, "timeout"),
    (with_state(OperationalError(SECRET), "55P03"), "POST", 503, "timeout"),
    (OperationalError(SECRET), "GET", 503, "unavailable"),
    (InterfaceError(SECRET), "GET", 503, "unavailable"),
    (PoolTimeout(SECRET), "GET", 503, "unavailable"),
]


@pytest.mark.parametrize(("error", "method", "status", "kind"), ERRORS)
def test_each_error_has_its_problem(error: Exception, method: str, status: int, kind: str) -> None:
    problem = problem_for(error, method=method)
    assert problem is not None
    assert (problem.status, problem.kind) == (status, kind)
    assert "alice" not in str(problem.body("/x"))
    assert dict(problem.headers) == ({"Retry-After": "1"} if status == 503 else {})


@pytest.mark.parametrize(
    "error", [MultipleObjectsReturned(SECRET), ProgrammingError(SECRET), DatabaseError(SECRET), KeyError("x")]
)
def test_what_is_nobodys_business_has_none(error: Exception) -> None:
    assert problem_for(error) is None


def test_a_unique_violation_names_its_fields() -> None:
    error = UniqueViolation(SECRET)
    error.name_fields(["email"], {"email": "Author with this Email already exists."})
    problem = problem_for(error)
    assert problem is not None
    assert problem.errors == (
        {"pointer": "#/email", "code": "unique", "detail": "Author with this Email already exists."},
    )


def test_errors_without_a_field_point_at_the_whole_body() -> None:
    problem = problem_for(ValidationError(["a", ValidationError("b %(x)s", code="odd", params={"x": 1})]))
    assert problem is not None
    assert problem.errors == (
        {"pointer": "#", "code": "invalid", "detail": "a"},
        {"pointer": "#", "code": "odd", "detail": "b 1"},
    )


def test_pointers_are_escaped() -> None:
    assert pointer() == "#"
    assert pointer("a/b", 0, "c~d", "ü %") == "#/a~1b/0/c~0d/%C3%BC%20%25"


def test_what_is_outside_the_body_is_named_by_its_parameter() -> None:
    problem = validation_problem([{"type": "int_parsing", "loc": ("header", "x-count"), "msg": "no"}])
    assert problem.errors == ({"in": "header", "parameter": "x-count", "code": "int_parsing", "detail": "no"},)


def test_a_document_cannot_be_overwritten_by_its_extras() -> None:
    problem = Problem(409, "unique", "Taken", extra={"status": 200, "retryable": True})
    assert problem.body() == {
        "retryable": True,
        "status": 409,
        "type": "urn:dorm:problem:unique",
        "title": "Taken",
    }


def test_links_keep_other_parameters() -> None:
    header = links("/a", [("q", "x&y"), ("limit", "2")], limit=2, offset=3, total=6)
    assert header == (
        '</a?q=x%26y&limit=2&offset=0>; rel="first", </a?q=x%26y&limit=2&offset=1>; rel="prev", '
        '</a?q=x%26y&limit=2&offset=5>; rel="next", </a?q=x%26y&limit=2&offset=4>; rel="last"'
    )


# -- Handlers ----------------------------------------------------------------------------------


class Body(BaseModel):
    name: str


async def client_of(style: Any) -> AsyncGenerator[httpx2.AsyncClient]:
    app = FastAPI()
    install_error_handlers(app, style)

    @app.get("/raise/{number}")
    async def fail(number: int) -> None:
        raise ERRORS[number][0]

    @app.get("/http")
    async def http() -> None:
        raise HTTPException(401, headers={"www-authenticate": "Basic"})

    @app.get("/context")
    async def context() -> None:
        raise HTTPException(400, {"reason": 5})

    @app.get("/own")
    async def own() -> None:
        raise ProblemError(Problem(402, "money", "Pay first"))

    @app.get("/programming")
    async def programming() -> None:
        raise ProgrammingError(SECRET)

    @app.post("/body")
    async def body(body: Body) -> None:
        pass

    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.fixture
async def problems() -> AsyncGenerator[httpx2.AsyncClient]:
    async for client in client_of("problem"):
        yield client


@pytest.fixture
async def fastapis() -> AsyncGenerator[httpx2.AsyncClient]:
    async for client in client_of("fastapi"):
        yield client


@pytest.fixture
async def off() -> AsyncGenerator[httpx2.AsyncClient]:
    async for client in client_of("off"):
        yield client


async def test_problem_documents(problems: httpx2.AsyncClient) -> None:
    for number, (_, method, status, kind) in enumerate(ERRORS):
        if method != "DELETE":
            answer = await problems.get(f"/raise/{number}")
            assert (answer.status_code, answer.json()["type"]) == (status, f"urn:dorm:problem:{kind}")
    assert (await problems.get("/own")).json()["type"] == "urn:dorm:problem:money"
    answer = await problems.get("/http")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Basic")
    assert answer.json() == {"type": "about:blank", "title": "Unauthorized", "status": 401, "instance": "/http"}
    assert (await problems.get("/context")).json()["context"] == {"reason": 5}
    answer = await problems.post("/body", json={"name": 5})
    assert answer.json()["errors"][0]["pointer"] == "#/name"
    assert (await problems.get("/nowhere")).headers["content-type"] == "application/problem+json"


async def test_what_went_wrong_inside_is_not_told(problems: httpx2.AsyncClient) -> None:
    answer = await problems.get("/programming")
    assert answer.status_code == 500
    assert answer.json() == {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
        "instance": "/programming",
    }


async def test_fastapis_own_shape(fastapis: httpx2.AsyncClient) -> None:
    number = next(n for n, (error, *_) in enumerate(ERRORS) if isinstance(error, ValidationError))
    answer = await fastapis.get(f"/raise/{number}")
    assert (answer.status_code, answer.json()) == (
        422,
        {"detail": [{"loc": ["body", "email"], "msg": "Taken.", "type": "invalid"}]},
    )
    assert (await fastapis.get("/raise/0")).json() == {"detail": "There is no such object."}
    assert "detail" in (await fastapis.post("/body", json={})).json()


async def test_no_handlers_at_all(off: httpx2.AsyncClient, shop: SimpleNamespace) -> None:
    assert (await off.get("/raise/0")).status_code == 500
