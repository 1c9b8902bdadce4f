"""``author.book_set``: a manager of the rows that point at one instance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from dorm import actions, db
from dorm.models.manager import Manager
from dorm.run import run

if TYPE_CHECKING:
    from collections.abc import Iterable

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
        found: QuerySet[M] = base.get_queryset().filter(**{relation.field.name: self._key()})
        return found.reached_from(relation.cache, instance).already(instance, relation.accessor)

    def _key(self) -> Any:
        relation = self._relation
        key = getattr(self._instance, relation.target_field.attname)
        if key is None:
            raise ValueError(
                f"{self._instance!r} needs to have a value for field {relation.target_field.name!r} before "
                f"{relation.accessor!r} can be used: save it first."
            )
        return key

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

    def add(self, *objs: M) -> None:
        """Make stored instances point here, all in one statement."""
        run(actions.adopt.add(self._executor(), self._relation, self._instance, objs))

    async def aadd(self, *objs: M) -> None:
        """Asynchronous :meth:`add`."""
        await actions.adopt.add(self._aexecutor(), self._relation, self._instance, objs)

    def remove(self, *objs: M) -> None:
        """Make instances that point here point nowhere; the key must allow NULL."""
        run(actions.adopt.remove(self._executor(), self._relation, self._instance, objs))

    async def aremove(self, *objs: M) -> None:
        """Asynchronous :meth:`remove`."""
        await actions.adopt.remove(self._aexecutor(), self._relation, self._instance, objs)

    def clear(self) -> None:
        """Make all that point here point nowhere; the key must allow NULL."""
        run(actions.adopt.clear(self._executor(), self._relation, self._instance))

    async def aclear(self) -> None:
        """Asynchronous :meth:`clear`."""
        await actions.adopt.clear(self._aexecutor(), self._relation, self._instance)

    def set(self, objs: Iterable[M], *, clear: bool = False) -> None:
        """Make *objs* the only ones that point here; with *clear* all are taken away first."""
        run(actions.adopt.replace(self._executor(), self._relation, self._instance, objs, clearing=clear))

    async def aset(self, objs: Iterable[M], *, clear: bool = False) -> None:
        """Asynchronous :meth:`set`."""
        await actions.adopt.replace(self._aexecutor(), self._relation, self._instance, objs, clearing=clear)


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
