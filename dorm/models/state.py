"""``instance._state``: what an instance knows about its row, as a view of the instance's own attributes."""

from __future__ import annotations

from typing import Any


class ModelState:
    """Whether the instance has no row yet (``adding``), and which alias its row is on (``db``)."""

    __slots__ = ("_instance",)

    def __init__(self, instance: Any) -> None:
        self._instance = instance

    @property
    def adding(self) -> bool:
        """Whether the row was never saved."""
        adding: bool = self._instance.__dict__.get("_adding", False)
        return adding

    @adding.setter
    def adding(self, value: bool) -> None:
        if value:
            self._instance.__dict__["_adding"] = True
        else:
            self._instance.__dict__.pop("_adding", None)

    @property
    def db(self) -> str | None:
        """The alias the row was read from or written to; ``None`` while there is no row."""
        alias: str | None = self._instance.__dict__.get("_alias")
        return alias if alias is not None else None if self.adding else "default"

    @db.setter
    def db(self, alias: str) -> None:
        self._instance.__dict__["_alias"] = alias

    @property
    def fields_cache(self) -> dict[str, Any]:
        """The related instances that are loaded, by field."""
        state = self._instance.__dict__
        fields = self._instance._meta.fields
        caches = {f.name: f.remote_field.cache for f in fields if f.remote_field is not None}
        return {name: state[cache] for name, cache in caches.items() if cache in state}

    def __repr__(self) -> str:
        return f"<ModelState adding={self.adding} db={self.db!r}>"
