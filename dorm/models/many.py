"""``article.tags``: both ends of a many-to-many relation as managers, and the model of its links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from dorm import actions, db
from dorm.fields import CASCADE, ForeignKey
from dorm.lookups import Exact
from dorm.meta.links import Links
from dorm.meta.paths import Condition, Path
from dorm.meta.relations import reverse_step
from dorm.models.manager import Manager
from dorm.run import run

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable

    from dorm.db.executor import Executor
    from dorm.meta.relations import ManyRelation, Relation
    from dorm.models.queryset import QuerySet

M = TypeVar("M")
T = TypeVar("T")


class ManyManager(Manager[M]):
    """A manager of the rows that one instance is linked to."""

    _links: Links

    def get_queryset(self) -> QuerySet[M]:
        """The linked rows."""
        base: Any = super()
        found: QuerySet[M] = base.get_queryset()
        linked = found.linked_by(_condition(self._links), self._key(), self._links.instance)
        return linked.already(self._links.instance, self._accessor)

    @property
    def through(self) -> Any:
        """The model of the links."""
        return self._links.through

    @property
    def _accessor(self) -> str:
        relation = self._links.relation
        name: str = relation.field.name if self._links.forward else relation.accessor
        return name

    def _forget(self) -> None:
        """What was prefetched is no longer true."""
        actions.select.forget_prefetched(self._links.instance, self._accessor)

    def _key(self) -> Any:
        key = self._links.key
        if key is None:
            name = self._links.near.target_field.name
            raise ValueError(
                f"{self._links.instance!r} needs to have a value for field {name!r} before this many-to-many "
                "relationship can be used: save it first."
            )
        return key

    def _alias(self) -> str:
        self._key()
        hints = {"instance": self._links.instance}
        state: dict[str, Any] = self._links.instance.__dict__
        return state.get("_alias") or db.router.db_for_write(self._links.through, **hints)

    def _executor(self) -> Executor:
        return db.connection.blocking(self._alias())

    def _aexecutor(self) -> Executor:
        return db.connection.suspending(self._alias())

    def add(self, *targets: M | Any, through_defaults: dict[str, Any] | None = None) -> None:
        """Link *targets*, instances or keys; those that are linked already stay so."""
        self._forget()
        run(actions.links.add(self._executor(), self._links, targets, through_defaults))

    async def aadd(self, *targets: M | Any, through_defaults: dict[str, Any] | None = None) -> None:
        """Asynchronous :meth:`add`."""
        self._forget()
        await actions.links.add(self._aexecutor(), self._links, targets, through_defaults)

    def remove(self, *targets: M | Any) -> None:
        """Take the links to *targets* away."""
        self._forget()
        run(actions.links.remove(self._executor(), self._links, targets))

    async def aremove(self, *targets: M | Any) -> None:
        """Asynchronous :meth:`remove`."""
        self._forget()
        await actions.links.remove(self._aexecutor(), self._links, targets)

    def clear(self) -> None:
        """Take all links away."""
        self._forget()
        run(actions.links.clear(self._executor(), self._links))

    async def aclear(self) -> None:
        """Asynchronous :meth:`clear`."""
        self._forget()
        await actions.links.clear(self._aexecutor(), self._links)

    def set(
        self, targets: Iterable[M | Any], *, clear: bool = False, through_defaults: dict[str, Any] | None = None
    ) -> None:
        """Make *targets* the only linked ones; with *clear* all links are made anew."""
        self._forget()
        run(actions.links.replace(self._executor(), self._links, targets, through_defaults, clearing=clear))

    async def aset(
        self, targets: Iterable[M | Any], *, clear: bool = False, through_defaults: dict[str, Any] | None = None
    ) -> None:
        """Asynchronous :meth:`set`."""
        self._forget()
        await actions.links.replace(self._aexecutor(), self._links, targets, through_defaults, clearing=clear)

    def get_or_create(
        self,
        defaults: dict[str, Any] | None = None,
        *,
        through_defaults: dict[str, Any] | None = None,
        **lookups: Any,
    ) -> tuple[M, bool]:
        """The linked row that matches and ``False``, or a new linked one and ``True``."""
        rows, db = self.get_queryset(), self._executor()

        async def find_or_make() -> tuple[M, bool]:
            found, created = rows.get_or_create(defaults, **lookups)
            if created:
                await actions.links.add(db, self._links, (found,), through_defaults)
            return found, created

        return run(self._together(db, find_or_make, through_defaults))

    async def aget_or_create(
        self,
        defaults: dict[str, Any] | None = None,
        *,
        through_defaults: dict[str, Any] | None = None,
        **lookups: Any,
    ) -> tuple[M, bool]:
        """Asynchronous :meth:`get_or_create`."""
        rows, db = self.get_queryset(), self._aexecutor()

        async def find_or_make() -> tuple[M, bool]:
            found, created = await rows.aget_or_create(defaults, **lookups)
            if created:
                await actions.links.add(db, self._links, (found,), through_defaults)
            return found, created

        return await self._together(db, find_or_make, through_defaults)

    def update_or_create(
        self,
        defaults: dict[str, Any] | None = None,
        create_defaults: dict[str, Any] | None = None,
        *,
        through_defaults: dict[str, Any] | None = None,
        **lookups: Any,
    ) -> tuple[M, bool]:
        """The linked row that matches, changed by *defaults*, and ``False``; or a new linked one and ``True``."""
        found, created = self.get_queryset().update_or_create(defaults, create_defaults, **lookups)
        if created:
            self.add(found, through_defaults=through_defaults)
        return found, created

    async def aupdate_or_create(
        self,
        defaults: dict[str, Any] | None = None,
        create_defaults: dict[str, Any] | None = None,
        *,
        through_defaults: dict[str, Any] | None = None,
        **lookups: Any,
    ) -> tuple[M, bool]:
        """Asynchronous :meth:`update_or_create`."""
        found, created = await self.get_queryset().aupdate_or_create(defaults, create_defaults, **lookups)
        if created:
            await self.aadd(found, through_defaults=through_defaults)
        return found, created

    def create(self, *, through_defaults: dict[str, Any] | None = None, **values: Any) -> M:
        """A new linked row; made and linked, or neither."""
        rows, db = self.get_queryset(), self._executor()

        async def make() -> M:
            made = rows.create(**values)
            await actions.links.add(db, self._links, (made,), through_defaults)
            return made

        return run(self._together(db, make, through_defaults))

    async def acreate(self, *, through_defaults: dict[str, Any] | None = None, **values: Any) -> M:
        """Asynchronous :meth:`create`."""
        rows, db = self.get_queryset(), self._aexecutor()

        async def make() -> M:
            made = await rows.acreate(**values)
            await actions.links.add(db, self._links, (made,), through_defaults)
            return made

        return await self._together(db, make, through_defaults)

    async def _together(
        self, db: Executor, make: Callable[[], Coroutine[Any, Any, T]], through_defaults: dict[str, Any] | None
    ) -> T:
        """Make a row and its link, or neither; mistakes in the names of *through_defaults* are told before."""
        self._forget()
        actions.upsert.check_names(self._links.through, through_defaults)
        return await actions.blocks.in_block(db, make())


def _condition(side: Links) -> Condition:
    """That a row of the other end has a link to the instance's."""
    path = Path(side.model, side.relation.field.name, (reverse_step(side.far),), side.near.field)
    key = ("links", side.relation, side.forward)
    known: dict[Any, Any] = side.model._meta.conditions
    made: Condition = known.setdefault(key, Condition(path, (), Exact, side.near.field, side.relation.field.name))
    return made


class ManyDescriptor:
    """The attribute of a model that gives the manager of its links."""

    def __init__(self, relation: ManyRelation, *, forward: bool) -> None:
        self.relation, self.forward = relation, forward

    @property
    def field(self) -> Any:
        """The many-to-many field."""
        return self.relation.field

    @property
    def rel(self) -> ManyRelation:
        """The relation."""
        return self.relation

    @property
    def through(self) -> Any:
        """The model of the links."""
        return self.relation.keys[0].source

    def __get__(self, instance: Any, owner: Any) -> Any:
        if instance is None:
            return self
        side = Links(self.relation, instance, self.forward)
        base = side.model._meta.default_manager
        kind = base.__class__
        found = _classes.get(kind) or _classes.setdefault(kind, type("ManyRelatedManager", (ManyManager, kind), {}))
        manager = object.__new__(found)
        manager.__dict__ = base.__dict__ | {"_beginning": None, "_links": side}
        return manager

    def __set__(self, instance: Any, value: Any) -> None:
        name = self.relation.field.name if self.forward else self.relation.accessor
        raise TypeError(f"Direct assignment to a many-to-many relation is prohibited. Use {name}.set().")


_classes: dict[type, Any] = {}


def attach_many(relation: ManyRelation) -> None:
    """Give both ends of a relation, which are known now, their managers; make the model of the links if need be."""
    if relation.through is None:
        relation.through = _make_through(relation)
    _find_keys(relation)
    source, target = relation.source, relation.model
    setattr(source, relation.field.name, ManyDescriptor(relation, forward=True))
    target._meta.add_related_many(relation)
    if not relation.hidden:
        setattr(target, relation.accessor, ManyDescriptor(relation, forward=False))


def _make_through(relation: ManyRelation) -> Any:
    """The model of the links of a field that names none."""
    source, field = relation.source, relation.field
    meta, target = source._meta, relation.model._meta
    near, far = meta.model_name, target.model_name
    if near == far:
        near, far = f"from_{near}", f"to_{far}"
    name = f"{meta.object_name}_{field.name}"
    options = {
        "app_label": meta.app_label,
        "db_table": field.db_table or f"{meta.db_table}_{field.name}",
        "unique_together": (near, far),
        "auto_created": source,
        "verbose_name": f"{meta.verbose_name}-{target.verbose_name} link",
    }

    def key(to: Any) -> ForeignKey[Any]:
        return ForeignKey(to, CASCADE, related_name=f"{name}+", db_constraint=field.db_constraint)

    body = {
        "Meta": type("Meta", (), options),
        "__module__": source.__module__,
        "__qualname__": f"{source.__qualname__}.{field.name}.through",
        near: key(source),
        far: key(relation.model),
    }
    return type(source)(name, (_root(source),), body)


def _root(model: Any) -> Any:
    """The base of all models."""
    return next(base for base in reversed(model.__mro__) if isinstance(base, type(model)))


def _find_keys(relation: ManyRelation) -> None:
    """Find the two keys of a link in its model."""
    through = relation.through._meta
    keys: list[Relation] = [field.remote_field for field in through.fields if field.remote_field is not None]
    if relation.through_fields:
        near, far = (through.own_field(name).remote_field for name in relation.through_fields)
    else:
        near = _only(relation, [key for key in keys if key.model is relation.source], relation.source, 0)
        far = _only(relation, [key for key in keys if key.model is relation.model], relation.model, -1)
    relation.source_key, relation.target_key = near, far


def _only(relation: ManyRelation, found: list[Relation], model: Any, index: int) -> Relation:
    to_itself = relation.source is relation.model
    if len(found) != (2 if to_itself else 1):
        raise TypeError(
            f"{relation.field} goes through {relation.through.__name__}, which has {len(found)} foreign keys to "
            f"{model.__name__}. Name the two keys with through_fields=(…, …)."
        )
    return found[index]


__all__ = ["ManyDescriptor", "ManyManager", "attach_many"]
