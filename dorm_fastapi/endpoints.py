"""Endpoints made at run time: a method of a router with the parameters that FastAPI is to see."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from dorm_fastapi.needs import needed

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

METHODS = {"list": "GET", "create": "POST", "retrieve": "GET", "update": "PATCH", "delete": "DELETE"}
"""The HTTP method of each operation."""


def endpoint(method: Callable[..., Coroutine[Any, Any, Any]], **types: Any) -> Callable[..., Coroutine[Any, Any, Any]]:
    """*method* as an endpoint whose parameters have these *types*; ``request`` and ``response`` have their own."""
    fastapi = needed("fastapi")

    async def call(**arguments: Any) -> Any:
        return await method(**arguments)

    known = {"request": fastapi.Request, "response": fastapi.Response, **types}
    parameters = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=known[name])
        for name in inspect.signature(method).parameters
    ]
    call.__name__ = call.__qualname__ = method.__name__.strip("_")
    call.__doc__ = ""
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return call
