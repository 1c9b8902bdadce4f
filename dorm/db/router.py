"""Which database a model's rows are read from and written to: ``DATABASE_ROUTERS``, asked in order.

A router may lack any method; the first that answers something other than ``None`` decides.
"""

from __future__ import annotations

from typing import Any

from dorm.conf import on_change, settings
from dorm.db.transactions import current, writes_to
from dorm.exceptions import ImproperlyConfigured
from dorm.run import load

_routers: list[Any] | None = None


def db_for_read(model: Any, **hints: Any) -> str:
    """The alias that *model* is read from; inside a transaction that writes to its primary, that one."""
    if not settings.DATABASE_ROUTERS:
        return "default"
    if current.get() is not None:
        primary = _ask("db_for_write", model, hints)
        if writes_to(primary):
            return primary
    return _ask("db_for_read", model, hints)


def db_for_write(model: Any, **hints: Any) -> str:
    """The alias that *model* is written to."""
    return _ask("db_for_write", model, hints) if settings.DATABASE_ROUTERS else "default"


def allow_relation(first: Any, second: Any, **hints: Any) -> bool | None:
    """Whether two instances may be related; ``None`` when no router has an opinion."""
    for router in routers():
        method = getattr(router, "allow_relation", None)
        answer: bool | None = None if method is None else method(first, second, **hints)
        if answer is not None:
            return answer
    return None


def allow_migrate(alias: str, app_label: str, **hints: Any) -> bool:
    """Whether the tables of an app are made on *alias*."""
    for router in routers():
        method = getattr(router, "allow_migrate", None)
        answer: bool | None = None if method is None else method(alias, app_label, **hints)
        if answer is not None:
            return answer
    return True


def routers() -> list[Any]:
    """The routers: those given as a dotted path are imported and made."""
    global _routers
    if _routers is None:
        _routers = [_made(entry) for entry in settings.DATABASE_ROUTERS]
    return _routers


def _made(entry: Any) -> Any:
    if not isinstance(entry, str):
        return entry
    module, dot, name = entry.rpartition(".")
    try:
        found = getattr(load(module), name) if dot else None
    except (ImportError, AttributeError) as error:
        raise ImproperlyConfigured(f"DATABASE_ROUTERS names {entry!r}, which cannot be imported: {error}.") from error
    if found is None:
        raise ImproperlyConfigured(f"DATABASE_ROUTERS names {entry!r}, which is no dotted path.")
    return found()


def _ask(method: str, model: Any, hints: dict[str, Any]) -> str:
    for router in routers():
        choose = getattr(router, method, None)
        answer: str | None = None if choose is None else choose(model, **hints)
        if answer is not None:
            return answer
    instance = hints.get("instance")
    alias: str | None = getattr(getattr(instance, "_state", None), "db", None)
    return alias or "default"


@on_change
def _forget(names: frozenset[str], aliases: frozenset[str]) -> None:
    global _routers
    if "DATABASE_ROUTERS" in names:
        _routers = None
