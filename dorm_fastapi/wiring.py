"""``Dorm(app)``: lifespan, a transaction per request, errors and probes for one application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm_fastapi.errors import install_error_handlers
from dorm_fastapi.health import health_routes
from dorm_fastapi.lifespan import apply_settings, dorm_lifespan
from dorm_fastapi.middleware import HEALTH_PATHS, DormMiddleware
from dorm_fastapi.openapi import document_problems

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.applications import Starlette

    from dorm_fastapi.errors import Style
    from dorm_fastapi.lifespan import Settings
    from dorm_fastapi.middleware import Atomic


class Dorm:
    """Everything an application needs: ``Dorm(app, settings="settings")``.

    *settings* is a database URL, the name of a settings module or a mapping; ``None`` when somebody else configures.
      *atomic* and *using* decide about transactions (:class:`DormMiddleware`), *errors* about the shape of
    errors, *health* about the probes (a text is a prefix of their paths).  *wait_for_db* and *shutdown_timeout* are
    seconds (:func:`dorm_lifespan`).
    """

    def __init__(
        self,
        app: Starlette | None = None,
        *,
        settings: Settings = None,
        atomic: Atomic = "writes",
        using: Collection[str] | None = None,
        errors: Style = "problem",
        health: bool | str = True,
        wait_for_db: float = 0.0,
        shutdown_timeout: float = 10.0,
    ) -> None:
        self.atomic: Atomic = atomic
        self.using = using
        self.errors: Style = errors
        self.health = health
        self.wait_for_db = wait_for_db
        self.shutdown_timeout = shutdown_timeout
        # Checked where it is written.  No connection is made, so that a server may fork afterwards.
        apply_settings(settings)
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Starlette) -> None:
        """Wire *app*; once."""
        if getattr(app.state, "dorm", None) is not None:
            raise RuntimeError("This application has a Dorm already.")
        app.state.dorm = self
        router: Any = app.router
        router.lifespan_context = dorm_lifespan(
            wait_for_db=self.wait_for_db, shutdown_timeout=self.shutdown_timeout, inner=router.lifespan_context
        )
        prefix = self.health.rstrip("/") if isinstance(self.health, str) else ""
        exclude = [f"{prefix}{path}" for path in HEALTH_PATHS]
        app.add_middleware(DormMiddleware, atomic=self.atomic, using=self.using, exclude=exclude)
        install_error_handlers(app, self.errors)
        if self.errors == "problem":
            document_problems(app)
        if self.health is not False:
            # First, so that a catch-all route does not hide them.
            router.routes[:0] = health_routes(
                livez=f"{prefix}/livez", readyz=f"{prefix}/readyz", healthz=f"{prefix}/healthz", using=self.using
            )
