"""The part for any ASGI application: the middleware, the lifespan and the health routes.  Never imports FastAPI."""

from __future__ import annotations

from dorm_fastapi.errors import install_error_handlers
from dorm_fastapi.health import health_routes
from dorm_fastapi.lifespan import dorm_lifespan
from dorm_fastapi.middleware import DormMiddleware

__all__ = ["DormMiddleware", "dorm_lifespan", "health_routes", "install_error_handlers"]
