"""The diary: every order that is saved leaves a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from demo_app.models import AuditEntry

if TYPE_CHECKING:
    from demo_app.models import Order


async def write_down(instance: Order, *, created: bool, **_: Any) -> None:
    """A receiver of ``post_save``: it runs in the order's transaction, and either both are there or neither."""
    await AuditEntry.objects.acreate(
        action="ordered" if created else instance.status,
        subject=str(instance.reference),
        details={"event": instance.event_id, "tickets": instance.tickets, "total": str(instance.total)},
    )
