"""``author.book_set``: a manager of the rows that point at one instance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from dorm import actions, db
from dorm.models.manager import Manager
from dorm.run import run

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dorm.actions.adopt import Saving
    from dorm.db.executor import Executor
    from dorm.meta.relations import Relation
    from dorm.models.queryset import QuerySet

M = TypeVar("M")


class RelatedManager(Manager[M]):
    """A manager of the rows that point at one instance by a foreign key."""

    _relation: Relation
    _instance: Any

    def get_queryset(self) -> QuerySet[M]:
        """The rows that point at the instance; they know it as the related one."""
        relation, instance = self._relation, self._instance
        base: Any = super()
        key, found = self._key(), base.get_queryset()
        found = found.none() if key is None else found.filter(**{relation.field.name: key})
        rows: QuerySet[M] = found.reached_from(relation.cache, instance).already(instance, relation.accessor)
        return rows

    def _key(self) -> Any:
        """What rows that point at the instance hold; ``None`` is held by none of them."""
        relation = self._relation
        if self._instance.pk is None:
            raise ValueError(
                f"{self._instance!r} needs to have a primary key value before {relation.accessor!r} can be used: save "
                "it first."
            )
        return getattr(self._instance, relation.target_field.attname)

    def _alias(self) -> str:
        self._key()
        actions.select.forget_prefetched(self._instance, self._relation.accessor)
        hints = {"instance": self._instance}
        state: dict[str, Any] = self._instance.__dict__
        return state.get("_alias") or db.router.db_for_write(self._relation.source, **hints)

    def _executor(self) -> Executor:
        return db.connection.blocking(self._alias())

    def _aexecutor(self) -> Executor:
        return db.connection.suspending(self._alias())

    def _saving(self, *, bulk: bool) -> Saving | None:
        alias = self._alias()

        async def save(one: Any, fields: list[str] | None) -> None:
            one.save(using=alias, update_fields=fields)

        return None if bulk else save

    def _asaving(self, *, bulk: bool) -> Saving | None:
        alias = self._alias()

        async def save(one: Any, fields: list[str] | None) -> None:
            await one.asave(using=alias, update_fields=fields)

        return None if bulk else save

    def add(self, *objs: M, bulk: bool = True) -> None:
        """Make stored instances point here, all in one statement; without *bulk* each is saved, new ones as well."""
        run(actions.adopt.add(self._executor(), self._relation, self._instance, objs, self._saving(bulk=bulk)))

    async def aadd(self, *objs: M, bulk: bool = True) -> None:
        """Asynchronous :meth:`add`."""
        await actions.adopt.add(self._aexecutor(), self._relation, self._instance, objs, self._asaving(bulk=bulk))

    def remove(self, *objs: M, bulk: bool = True) -> None:
        """Make instances that point here point nowhere; the key must allow NULL.  Without *bulk* each is saved."""
        run(actions.adopt.remove(self._executor(), self._relation, self._instance, objs, self._saving(bulk=bulk)))

    async def aremove(self, *objs: M, bulk: bool = True) -> None:
        """Asynchronous :meth:`remove`."""
        await actions.adopt.remove(self._aexecutor(), self._relation, self._instance, objs, self._asaving(bulk=bulk))

    def clear(self, *, bulk: bool = True) -> None:
        """Make all that point here point nowhere; the key must allow NULL.  Without *bulk* each is saved."""
        run(actions.adopt.clear(self._executor(), self._relation, self._instance, self._saving(bulk=bulk)))

    async def aclear(self, *, bulk: bool = True) -> None:
        """Asynchronous :meth:`clear`."""
        await actions.adopt.clear(self._aexecutor(), self._relation, self._instance, self._asaving(bulk=bulk))

    def set(self, objs: Iterable[M], *, bulk: bool = True, clear: bool = False) -> None:
        """Make *objs* the only ones that point here; with *clear* all are taken away first.

        Without *bulk* each row that changes is saved, so that signals are sent for it.
        """
        save = self._saving(bulk=bulk)
        run(actions.adopt.replace(self._executor(), self._relation, self._instance, objs, clearing=clear, save=save))

    async def aset(self, objs: Iterable[M], *, bulk: bool = True, clear: bool = False) -> None:
        """Asynchronous :meth:`set`."""
        save = self._asaving(bulk=bulk)
        await actions.adopt.replace(self._aexecutor(), self._relation, self._instance, objs, clearing=clear, save=save)


def related_manager(relation: Relation, instance: Any) -> Any:
    """The manager of the rows that point at *instance*: the model's own default manager, narrowed."""
    base = relation.source._meta.default_manager
    kind = base.__class__
    found = _classes.get(kind)
    if found is None:
        found = _classes.setdefault(kind, type("RelatedManager", (RelatedManager, kind), {}))
    manager = object.__new__(found)
    manager.__dict__ = base.__dict__ | {"_beginning": None, "_relation": relation, "_instance": instance}
    return manager


_classes: dict[type, Any] = {}
