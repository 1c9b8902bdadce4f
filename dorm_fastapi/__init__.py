"""dorm in FastAPI: ``Dorm(app, settings=…)`` wires an application, ``CRUDRouter(Model)`` gives a model its routes.

``dorm_fastapi.asgi`` is the part that needs no FastAPI; names of this module are imported when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dorm.contrib.rest.pagination import LimitOffset
    from dorm.contrib.rest.problems import Problem, ProblemError
    from dorm_fastapi.crud import CRUDRouter
    from dorm_fastapi.errors import install_error_handlers
    from dorm_fastapi.health import health_routes
    from dorm_fastapi.lifespan import dorm_lifespan
    from dorm_fastapi.middleware import DormMiddleware
    from dorm_fastapi.wiring import Dorm

__all__ = [
    "CRUDRouter",
    "Dorm",
    "DormMiddleware",
    "LimitOffset",
    "Problem",
    "ProblemError",
    "dorm_lifespan",
    "health_routes",
    "install_error_handlers",
]

_PLACES = {
    "CRUDRouter": "dorm_fastapi.crud",
    "Dorm": "dorm_fastapi.wiring",
    "DormMiddleware": "dorm_fastapi.middleware",
    "LimitOffset": "dorm.contrib.rest.pagination",
    "Problem": "dorm.contrib.rest.problems",
    "ProblemError": "dorm.contrib.rest.problems",
    "dorm_lifespan": "dorm_fastapi.lifespan",
    "health_routes": "dorm_fastapi.health",
    "install_error_handlers": "dorm_fastapi.errors",
}


def __getattr__(name: str) -> Any:
    place = _PLACES.get(name)
    if place is None:
        raise AttributeError(f"module 'dorm_fastapi' has no attribute {name!r}")
    return getattr(importlib.import_module(place), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
