"""``QuerySet``, the changing half: pairs of ``x`` and ``ax`` that create, update and delete rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from dorm import actions
from dorm.models.raw import Worded
from dorm.run import run

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from dorm.query.query import Query

M = TypeVar("M")


class Changing(Worded[M]):
    """What changes rows."""

    def _made(self, values: dict[str, Any]) -> Any:
        """A new instance, belonging to the one through which this query set was reached."""
        instance = self.model(**values)
        if self._known is not None:
            name, related = self._known
            setattr(instance, self.model._meta.by_cache[name], related)
        return instance

    def create(self, **values: Any) -> M:
        """A new row with these values, as an instance."""
        instance = self._made(values)
        instance.save(force_insert=True, using=self._write_alias())
        found: M = instance
        return found

    async def acreate(self, **values: Any) -> M:
        """Asynchronous :meth:`create`."""
        instance = self._made(values)
        await instance.asave(force_insert=True, using=self._write_alias())
        found: M = instance
        return found

    def get_or_create(self, defaults: dict[str, Any] | None = None, **lookups: Any) -> tuple[M, bool]:
        """The row that matches and ``False``, or a new one (with *defaults* too) and ``True``."""
        query = self._narrowed("get_or_create", (), lookups)

        async def make() -> M:
            return self.create(**actions.upsert.new_values(self.model, lookups, defaults))

        return run(actions.upsert.get_or_create(self._writer(), query, make))

    async def aget_or_create(self, defaults: dict[str, Any] | None = None, **lookups: Any) -> tuple[M, bool]:
        """Asynchronous :meth:`get_or_create`."""
        query = self._narrowed("aget_or_create", (), lookups)

        async def make() -> M:
            return await self.acreate(**actions.upsert.new_values(self.model, lookups, defaults))

        return await actions.upsert.get_or_create(self._awriter(), query, make)

    def update_or_create(
        self,
        defaults: dict[str, Any] | None = None,
        create_defaults: dict[str, Any] | None = None,
        **lookups: Any,
    ) -> tuple[M, bool]:
        """The row that matches, changed by *defaults*, and ``False``; or a new one and ``True``.

        A new row gets *create_defaults* where they are given, else *defaults*.  On PostgreSQL the row is locked between
        reading and writing.
        """
        query = self._narrowed("update_or_create", (), lookups)

        async def make() -> M:
            new = defaults if create_defaults is None else create_defaults
            return self.create(**actions.upsert.new_values(self.model, lookups, new))

        async def change(instance: Any) -> None:
            instance.save(using=self._write_alias(), update_fields=actions.upsert.assign(instance, defaults))

        return run(actions.upsert.update_or_create(self._writer(), query, make, change))

    async def aupdate_or_create(
        self,
        defaults: dict[str, Any] | None = None,
        create_defaults: dict[str, Any] | None = None,
        **lookups: Any,
    ) -> tuple[M, bool]:
        """Asynchronous :meth:`update_or_create`."""
        query = self._narrowed("aupdate_or_create", (), lookups)

        async def make() -> M:
            new = defaults if create_defaults is None else create_defaults
            return await self.acreate(**actions.upsert.new_values(self.model, lookups, new))

        async def change(instance: Any) -> None:
            await instance.asave(using=self._write_alias(), update_fields=actions.upsert.assign(instance, defaults))

        return await actions.upsert.update_or_create(self._awriter(), query, make, change)

    def bulk_create(
        self,
        objs: Iterable[M],
        batch_size: int | None = None,
        ignore_conflicts: bool = False,
        update_conflicts: bool = False,
        update_fields: Collection[str] | None = None,
        unique_fields: Collection[str] | None = None,
    ) -> list[M]:
        """Insert all of *objs* or none, one statement per batch; keys that the database gives are set on them.

        With ``ignore_conflicts`` those that would violate a unique constraint are left out, and no key is set; with
        ``update_conflicts`` their ``update_fields`` are written into the row that has the same ``unique_fields``.
        """
        instances = actions.bulk.checked(objs, batch_size)
        conflict = actions.bulk.conflict(
            self.model, update_fields, unique_fields, ignoring=ignore_conflicts, updating=update_conflicts
        )
        run(actions.bulk.bulk_create(self._writer(), self.model, instances, batch_size, conflict))
        return instances

    async def abulk_create(
        self,
        objs: Iterable[M],
        batch_size: int | None = None,
        ignore_conflicts: bool = False,
        update_conflicts: bool = False,
        update_fields: Collection[str] | None = None,
        unique_fields: Collection[str] | None = None,
    ) -> list[M]:
        """Asynchronous :meth:`bulk_create`."""
        instances = actions.bulk.checked(objs, batch_size)
        conflict = actions.bulk.conflict(
            self.model, update_fields, unique_fields, ignoring=ignore_conflicts, updating=update_conflicts
        )
        await actions.bulk.bulk_create(self._awriter(), self.model, instances, batch_size, conflict)
        return instances

    def bulk_update(self, objs: Iterable[M], fields: Collection[str], batch_size: int | None = None) -> int:
        """Write the named fields of all of *objs*, one statement per batch, all or none; the number of rows.

        After ``filter()``, and through a related manager, only of those whose rows are among these: they are asked for
        first.
        """
        instances = actions.bulk.checked(objs, batch_size)
        return run(actions.bulk.bulk_update(self._writer(), self._updatable(), instances, fields, batch_size))

    async def abulk_update(self, objs: Iterable[M], fields: Collection[str], batch_size: int | None = None) -> int:
        """Asynchronous :meth:`bulk_update`."""
        instances = actions.bulk.checked(objs, batch_size)
        return await actions.bulk.bulk_update(self._awriter(), self._updatable(), instances, fields, batch_size)

    def _updatable(self) -> Query[Any]:
        if self._query.sliced:
            raise TypeError("Cannot update a query once a slice has been taken: filter by key instead.")
        return self._query

    def _changes(self, values: dict[str, Any]) -> list[tuple[Any, Any]]:
        self._updatable()
        return actions.write.changes(self.model, values)

    def update(self, **values: Any) -> int:
        """Set fields of all rows to values or expressions; the number of rows.  No ``save()``, no signals."""
        return run(actions.write.update_rows(self._writer(), self._query, self._changes(values)))

    async def aupdate(self, **values: Any) -> int:
        """Asynchronous :meth:`update`."""
        return await actions.write.update_rows(self._awriter(), self._query, self._changes(values))

    def _deletable(self) -> Query[Any]:
        if self._query.sliced:
            raise TypeError("Cannot delete a query once a slice has been taken: filter by key instead.")
        if self._query.result != "instances" or self._query.picks:
            raise TypeError("Cannot call delete() after values(), values_list() or distinct(*fields).")
        return self._query.tested() if self._query.distinct else self._query

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete all rows and what depends on them, as ``on_delete`` says; the number of rows, and per model."""
        return run(actions.delete.delete_rows(self._writer(), self._deletable()))

    async def adelete(self) -> tuple[int, dict[str, int]]:
        """Asynchronous :meth:`delete`."""
        return await actions.delete.delete_rows(self._awriter(), self._deletable())
