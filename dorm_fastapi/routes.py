"""A route whose errors are problem documents, whatever the application does about its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dorm_fastapi.errors import OURS, answer_ours, answer_request_validation
from dorm_fastapi.needs import needed

if TYPE_CHECKING:
    from fastapi.exception_handlers import request_validation_exception_handler
    from fastapi.exceptions import RequestValidationError
    from fastapi.routing import APIRoute
    from starlette.types import Receive, Scope, Send
else:
    APIRoute = needed("fastapi.routing").APIRoute
    RequestValidationError = needed("fastapi.exceptions").RequestValidationError
    request_validation_exception_handler = needed("fastapi.exception_handlers").request_validation_exception_handler

_HANDLERS = "starlette.exception_handlers"


class ProblemRoute(APIRoute):
    """Adds handlers for our exceptions where the application has none.

    They are called when an exception has left the dependencies, so that these see it too.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        handlers, statuses = scope.get(_HANDLERS, ({}, {}))
        mine = {**dict.fromkeys(OURS, answer_ours), **handlers}
        if mine.get(RequestValidationError) in (None, request_validation_exception_handler):
            mine[RequestValidationError] = answer_request_validation
        scope[_HANDLERS] = (mine, statuses)
        await super().handle(scope, receive, send)
