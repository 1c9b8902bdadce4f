"""Exceptions become responses: problem documents, or FastAPI's ``{"detail": …}``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Literal

from dorm.contrib.rest.problems import (
    MEDIA_TYPE,
    Problem,
    ProblemError,
    internal_error,
    plain,
    problem_for,
    validation_problem,
)
from dorm.exceptions import Error, ObjectDoesNotExist, ValidationError
from dorm_fastapi.needs import needed

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.exceptions import HTTPException
    from starlette.requests import Request
    from starlette.responses import JSONResponse, Response
else:
    HTTPException = needed("starlette.exceptions").HTTPException
    JSONResponse = needed("starlette.responses").JSONResponse
    Response = needed("starlette.responses").Response

Style = Literal["problem", "fastapi", "off"]

OURS: tuple[type[Exception], ...] = (Error, ValidationError, ObjectDoesNotExist, ProblemError)
"""The exceptions that have an answer of their own."""


class ProblemResponse(JSONResponse):
    """A problem document."""

    media_type = MEDIA_TYPE


def problem_response(problem: Problem, request: Request) -> Response:
    """*problem* as the response to *request*."""
    if problem.status in {204, 304} or problem.status < 200:
        return Response(status_code=problem.status, headers=dict(problem.headers))
    return ProblemResponse(problem.body(request.url.path), problem.status, headers=dict(problem.headers))


def install_error_handlers(app: Starlette, style: Style = "problem") -> None:
    """Answer exceptions of *app*: with problem documents, in FastAPI's own shape, or (``"off"``) not at all."""
    match style:
        case "off":
            return
        case "fastapi":
            for kind in OURS:
                app.add_exception_handler(kind, _in_fastapis_shape)
        case "problem":
            for kind in OURS:
                app.add_exception_handler(kind, answer_ours)
            app.add_exception_handler(HTTPException, _http)
            app.add_exception_handler(Exception, _unexpected)
            fastapi = sys.modules.get("fastapi.exceptions")
            if fastapi is not None:  # an application of FastAPI's has imported it
                app.add_exception_handler(fastapi.RequestValidationError, answer_request_validation)
        case _:
            raise ValueError(f"errors is 'problem', 'fastapi' or 'off', not {style!r}.")


async def answer_ours(request: Request, error: Exception) -> Response:
    """The handler of :data:`OURS`."""
    problem = problem_for(error, method=request.method)
    if problem is None:
        raise error  # logged by the server as any other
    return problem_response(problem, request)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException), "registered for it"
    detail: Any = error.detail
    problem = plain(error.status_code, detail if isinstance(detail, str) else "", error.headers)
    if not isinstance(detail, str) and detail is not None:
        problem = problem._replace(extra={"context": detail})
    return problem_response(problem, request)


async def answer_request_validation(request: Request, error: Any) -> Response:
    """The handler of FastAPI's ``RequestValidationError``."""
    return problem_response(validation_problem(error.errors()), request)


async def _unexpected(request: Request, error: Exception) -> Response:
    return problem_response(internal_error(), request)


async def _in_fastapis_shape(request: Request, error: Exception) -> Response:
    problem = problem_for(error, method=request.method)
    if problem is None:
        raise error
    detail: Any = problem.detail or problem.title
    if problem.status == 422 and problem.errors:
        detail = [
            {"loc": ["body", *_parts(item)], "msg": item["detail"], "type": item["code"]} for item in problem.errors
        ]
    return JSONResponse({"detail": detail}, problem.status, headers=dict(problem.headers))


def _parts(item: dict[str, str]) -> list[str]:
    return [part for part in item.get("pointer", "#")[1:].split("/") if part]
