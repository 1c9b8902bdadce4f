"""From an exception to what a client is told: a status and a problem document (RFC 9457).

Names of fields and models may be told, SQL and values never: texts of the database hold both.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from dorm.exceptions import (
    NON_FIELD_ERRORS,
    DataError,
    Error,
    ForeignKeyViolation,
    IntegrityError,
    InterfaceError,
    NotNullViolation,
    ObjectDoesNotExist,
    OperationalError,
    PoolTimeout,
    ProtectedError,
    RestrictedError,
    UniqueViolation,
    ValidationError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:dorm:problem:"
"""Every ``type`` begins so, and ends in the kind."""

ErrorItem = dict[str, str]


class Problem(NamedTuple):
    """What is told: ``kind`` ends the ``type``; ``errors`` say where (``pointer`` into the body, or ``parameter``)."""

    status: int
    kind: str
    title: str
    detail: str = ""
    errors: tuple[ErrorItem, ...] = ()
    extra: Mapping[str, Any] = {}
    headers: Mapping[str, str] = {}

    def body(self, instance: str = "") -> dict[str, Any]:
        """The document; *instance* is the path of the request."""
        document: dict[str, Any] = {
            "type": f"{TYPE}{self.kind}" if self.kind else "about:blank",
            "title": self.title,
            "status": self.status,
        }
        if self.detail:
            document["detail"] = self.detail
        if instance:
            document["instance"] = instance
        if self.errors:
            document["errors"] = list(self.errors)
        return {**self.extra, **document}


class ProblemError(Exception):
    """Raised to answer with a problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.title)
        self.problem = problem


def pointer(*parts: object) -> str:
    """A JSON pointer as a URI fragment (RFC 6901): ``#/author``."""
    escaped = (quote(str(part).replace("~", "~0").replace("/", "~1"), safe="~!$&'()*+,;=:@") for part in parts)
    return "#" + "".join(f"/{part}" for part in escaped)


# -- Known problems ----------------------------------------------------------------------------


def not_found(what: str = "object") -> Problem:
    """Nothing is there."""
    return Problem(404, "not-found", "Not found", f"There is no such {what}.")


def related_missing(fields: Iterable[str]) -> Problem:
    """A key in the body points at no row."""
    errors = tuple(
        {"pointer": pointer(name), "code": "related_missing", "detail": "It points at a row that does not exist."}
        for name in fields
    )
    return Problem(422, "related-missing", "A related object does not exist", errors=errors)


def internal_error() -> Problem:
    """Something else; what, is in the log."""
    return plain(500)


def plain(status: int, detail: str = "", headers: Mapping[str, str] | None = None) -> Problem:
    """A status that says all."""
    try:
        title = HTTPStatus(status).phrase
    except ValueError:
        title = "Error"
    return Problem(status, "", title, "" if detail == title else detail, headers=headers or {})


def validation_problem(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """Pydantic's errors, whose ``loc`` begins with where the value came from: ``body``, ``query``, ``path`` …"""
    return Problem(422, "validation", "The request is not valid", errors=tuple(_located(error) for error in errors))


def _located(error: Mapping[str, Any]) -> ErrorItem:
    code, text = str(error["type"]), str(error["msg"])
    if code == "string_pattern_mismatch" and "x00" in str(error.get("ctx", {}).get("pattern", "")):
        code, text = "null_characters_not_allowed", "Null characters are not allowed."
    place, *parts = error["loc"] or ("body",)
    if place == "body":
        parts = [] if code == "json_invalid" else parts
        return {"pointer": pointer(*parts), "code": code, "detail": text}
    return {"in": str(place), "parameter": ".".join(map(str, parts)), "code": code, "detail": text}


# -- Exceptions --------------------------------------------------------------------------------


def problem_for(error: BaseException, *, method: str = "") -> Problem | None:
    """The problem that *error* is for a client who sent *method*; ``None`` when it is no business of theirs."""
    match error:
        case ProblemError():
            return error.problem
        case ObjectDoesNotExist():
            return not_found()
        case IntegrityError():
            return _of_a_violation(error, method)
        case ValidationError():
            return Problem(422, "validation", "The request is not valid", errors=_from_messages(error, "invalid"))
        case DataError():
            return Problem(422, "constraint", "A value does not fit", "A value is out of the range of its column.")
        case Error():
            return _of_the_database(error)
        case _:
            return None


def _of_a_violation(error: IntegrityError, method: str) -> Problem:
    match error:
        case UniqueViolation():
            return Problem(409, "unique", "It exists already", errors=_from_messages(error, "unique"))
        case ProtectedError():
            return _protected(error.protected_objects)
        case RestrictedError():
            return _protected(error.restricted_objects)
        case ForeignKeyViolation() if method == "DELETE" or error.sqlstate == "23001":
            return Problem(409, "protected", "It is in use", "Other objects refer to it.")
        case ForeignKeyViolation():
            return related_missing(error.fields)
        case _ if error.sqlstate == "23P01":
            return Problem(409, "unique", "It excludes one that exists", "Another object takes its place.")
        case _:
            return _constraint(error)


def _from_messages(error: ValidationError, code: str) -> tuple[ErrorItem, ...]:
    found: list[tuple[tuple[str, ...], ValidationError]]
    if error.error_dict is None:
        # Without fields the text of a violation is the database's own.
        found = [] if isinstance(error, IntegrityError) else [((), each) for each in error.error_list]
    else:
        found = [(_place(name), each) for name, errors in error.error_dict.items() for each in errors]
    return tuple(
        {"pointer": pointer(*place), "code": each.code or code, "detail": each.message} for place, each in found
    )


def _place(name: str) -> tuple[str, ...]:
    return () if name == NON_FIELD_ERRORS else (name,)


def _protected(objects: Iterable[Any]) -> Problem:
    blockers: dict[str, int] = {}
    for blocker in objects:
        label: str = blocker._meta.label
        blockers[label] = blockers.get(label, 0) + 1
    listed = ", ".join(f"{label} ({count})" for label, count in sorted(blockers.items()))
    return Problem(
        409, "protected", "It is in use", f"Other objects refer to it: {listed}.", extra={"blockers": blockers}
    )


def _constraint(error: IntegrityError) -> Problem:
    null = isinstance(error, NotNullViolation)
    code, text = ("null", "It must have a value.") if null else ("constraint", "It breaks a rule of the database.")
    errors = tuple({"pointer": pointer(name), "code": code, "detail": text} for name in error.fields)
    return Problem(422, "constraint", "A rule of the database is broken", errors=errors)


_LATER = {"Retry-After": "1"}


def _of_the_database(error: Error) -> Problem | None:
    match error.sqlstate:
        case "40001" | "40P01":
            return Problem(
                409, "retry", "Somebody else was faster", "Send the request again.", extra={"retryable": True}
            )
        case "57014":
            return Problem(503, "timeout", "The database took too long", headers=_LATER)
        case "55P03":
            return Problem(503, "timeout", "A row is in use", "Send the request again.", headers=_LATER)
        case _:
            if isinstance(error, (OperationalError, InterfaceError)):
                full = isinstance(error, PoolTimeout)
                text = "All connections are in use." if full else "The database does not answer now."
                return Problem(503, "unavailable", "The database is not available", text, headers=_LATER)
            return None


# -- OpenAPI -----------------------------------------------------------------------------------

SCHEMA: Mapping[str, Any] = {
    "title": "Problem",
    "description": "Problem details (RFC 9457).",
    "type": "object",
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string", "description": "Where in the body (RFC 6901)."},
                    "in": {"type": "string", "description": "Where else: query, path, header or cookie."},
                    "parameter": {"type": "string"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
                "required": ["code", "detail"],
            },
        },
    },
    "required": ["type", "title", "status"],
}
"""The JSON schema of a problem document."""

_DESCRIPTIONS: Mapping[int, str] = {
    400: "The body cannot be read.",
    404: "There is no such object.",
    405: "The method is not allowed here.",
    409: "It conflicts with what exists: a unique value is taken, it is in use, or somebody else was faster.",
    422: "The request is not valid.",
    503: "The database is not available.",
}


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of an OpenAPI operation that may answer with problems of these statuses."""
    return {
        status: {"description": _DESCRIPTIONS[status], "content": {MEDIA_TYPE: {"schema": SCHEMA}}}
        for status in statuses
    }
