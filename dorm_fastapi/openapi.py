"""The API's own description: one schema for problems, in the place of FastAPI's model of a validation error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.contrib.rest.problems import MEDIA_TYPE, SCHEMA

if TYPE_CHECKING:
    from starlette.applications import Starlette

_NAME = "Problem"
_REFERENCE = {"$ref": f"#/components/schemas/{_NAME}"}
_FASTAPIS = "#/components/schemas/HTTPValidationError"


def document_problems(app: Starlette) -> None:
    """Make ``app.openapi()`` of a FastAPI application tell what errors look like."""
    original: Any = getattr(app, "openapi", None)
    if original is None:
        return

    def openapi() -> dict[str, Any]:
        document: dict[str, Any] = original()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        if schemas.get(_NAME) != SCHEMA:
            for item in document.get("paths", {}).values():
                for operation in item.values():
                    for response in operation.get("responses", {}).values():
                        _refer(response)
            schemas.pop("HTTPValidationError", None)
            schemas.pop("ValidationError", None)
            schemas[_NAME] = dict(SCHEMA)
        return document

    app.openapi = openapi  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue] - FastAPI's extension point


def _refer(response: dict[str, Any]) -> None:
    content: dict[str, Any] = response.get("content", {})
    for media_type, described in list(content.items()):
        schema: dict[str, Any] = described.get("schema") or {}
        if schema == SCHEMA:
            described["schema"] = _REFERENCE
        elif schema.get("$ref") == _FASTAPIS:
            del content[media_type]
            content[MEDIA_TYPE] = {"schema": _REFERENCE}
