"""Managers: what ``Author.objects`` is, the beginning of every query about a model."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from dorm.models.queryset import QuerySet
from dorm.run import load

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

M = TypeVar("M")
T = TypeVar("T")
Q = TypeVar("Q", bound="QuerySet[Any]")


class ManagerDescriptor:
    """The attribute of a model that gives its manager, and to instances nothing."""

    def __init__(self, manager: Any) -> None:
        self.manager = manager

    @overload
    def __get__(self, instance: None, owner: type[T]) -> Manager[T]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> Any: ...
    def __get__(self, instance: object | None, owner: type) -> Any:
        if instance is not None:
            raise AttributeError(
                f"{self.manager.name!r} is reached through the class {owner.__name__}, not through an instance."
            )
        return self.manager


class AbstractManagerDescriptor(ManagerDescriptor):
    """The attribute of an abstract model, which keeps the manager for its heirs."""

    def refusal(self, owner: type) -> AttributeError:
        """Why *owner* has no such attribute."""
        return AttributeError(
            f"{owner.__name__} has no manager {self.manager.name!r}: it is abstract and has no table. Ask a model that "
            "inherits from it."
        )

    if not TYPE_CHECKING:  # as the base class declares it

        def __get__(self, instance: object | None, owner: type) -> Any:
            raise self.refusal(owner)


if TYPE_CHECKING:
    # Statically a manager is a query set that is also a descriptor: every method, with its exact types.
    class Manager(QuerySet[M], ManagerDescriptor):
        """The beginning of every query about a model."""

        name: str

        def __init__(self) -> None: ...
        def __get__(self, instance: object | None, owner: type) -> Self: ...  # type: ignore[override]  # narrower
        def get_queryset(self) -> QuerySet[M]:
            """The query set that every query of this manager begins with.  Override it to begin elsewhere."""
            ...

        use_in_migrations: bool
        auto_created: bool

        def db_manager(self, using: str | None = None) -> Self:
            """A manager of the same model on another alias."""
            ...

        @classmethod
        def from_queryset(cls, queryset: type[Q], class_name: str | None = None) -> type[Q]:
            """A manager class with the query set's public methods, and those with ``queryset_only = False``."""
            ...

        def deconstruct(self) -> tuple[bool, str | None, str | None, tuple[Any, ...] | None, dict[str, Any] | None]:
            """Whether ``as_manager()`` made it, the path of its class or its query set's, its arguments."""
            ...

        def check(self, **kwargs: Any) -> list[Any]:
            """What is wrong with it: nothing, unless a subclass says so."""
            ...

        def bound_to(self, model: type, name: str) -> Self:
            """A copy of this manager for *model*, known there as *name*."""
            ...

else:

    class Manager(Generic[M]):
        """The beginning of every query about a model: each method of a query set, on all rows."""

        queryset_class = QuerySet
        use_in_migrations = False
        auto_created = False
        built_with_as_manager = False

        def __new__(cls, *arguments: Any, **keywords: Any) -> Self:
            made = super().__new__(cls)
            made._arguments = (arguments, keywords)
            return made

        def __init__(self) -> None:
            self.model = None
            self.name = ""
            self._using = None
            self._query = None
            self._beginning = None

        def bound_to(self, model: type, name: str) -> Self:
            """A copy of this manager for *model*, known there as *name*."""
            made = copy.copy(self)
            made.model, made.name = model, name
            # A query is immutable: all that begin here begin with the same one.
            made._query = model._meta.all_rows
            made._remember()
            return made

        def _remember(self) -> None:
            """Keep the query set with which everything begins: its methods give others and leave it as it is."""
            own_way = type(self).get_queryset is not Manager.get_queryset
            self._beginning = None if own_way else self.get_queryset()

        def get_queryset(self) -> QuerySet[M]:
            """The query set that every query of this manager begins with.  Override it to begin elsewhere."""
            return self.queryset_class(self.model, self._query, self._using)

        def all(self) -> QuerySet[M]:
            """Every row."""
            return self.get_queryset()

        def db_manager(self, using: str | None = None) -> Self:
            """A manager of the same model on another alias."""
            made = copy.copy(self)
            made._using = using or self._using
            made._remember()
            return made

        @property
        def db(self) -> str:
            """The alias that would be asked."""
            return self.get_queryset().db

        @classmethod
        def from_queryset(cls, queryset: type, class_name: str | None = None) -> type:
            """A manager class with the query set's public methods, and those with ``queryset_only = False``."""
            name = class_name or f"{cls.__name__}From{queryset.__name__}"
            return _with_methods(type(name, (cls,), {"queryset_class": queryset}), queryset)

        def deconstruct(self) -> tuple[bool, str | None, str | None, tuple[Any, ...] | None, dict[str, Any] | None]:
            """Whether ``as_manager()`` made it, the path of its class or its query set's, its arguments."""
            if self.built_with_as_manager:
                queryset = self.queryset_class
                return True, None, f"{queryset.__module__}.{queryset.__name__}", None, None
            cls = type(self)
            if not hasattr(load(cls.__module__), cls.__name__):
                raise ValueError(
                    f"Could not find manager {cls.__name__} in {cls.__module__}. A class made by from_queryset() must "
                    "be given a name in its module: inherit from it, or assign it there."
                )
            return False, f"{cls.__module__}.{cls.__name__}", None, *self._arguments

        def check(self, **kwargs: Any) -> list[Any]:
            """What is wrong with it: nothing, unless a subclass says so."""
            return []

        def __eq__(self, other: object) -> bool:
            if not isinstance(other, Manager):
                return NotImplemented
            return type(self) is type(other) and self._compared() == other._compared()

        def _compared(self) -> dict[str, Any]:
            return {name: value for name, value in self.__dict__.items() if name not in ("_query", "_beginning")}

        def __hash__(self) -> int:
            return hash((type(self), self.model, self.name))

        def __str__(self) -> str:
            return self.name if self.model is None else f"{self.model._meta.label}.{self.name}"

        def __repr__(self) -> str:
            return f"<{type(self).__name__} {self.model and self.model.__name__}.{self.name}>"

    def _with_methods(manager: type, queryset: type) -> type:
        """Give *manager* each method of *queryset* that it lacks and that is meant for managers."""
        for name in dir(queryset):
            method = getattr(queryset, name)
            hidden = getattr(method, "queryset_only", name.startswith("_"))
            if hidden or not callable(method) or isinstance(method, type) or hasattr(manager, name):
                continue
            setattr(manager, name, _forwarded(name, method))
        return manager

    def _forwarded(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def forward(self: Any, *arguments: Any, **keywords: Any) -> Any:
            beginning = self._beginning
            return getattr(self.get_queryset() if beginning is None else beginning, name)(*arguments, **keywords)

        forward.__name__, forward.__qualname__, forward.__doc__ = name, f"Manager.{name}", method.__doc__
        forward.__wrapped__ = method
        return forward

    _with_methods(Manager, QuerySet)

QuerySet.manager_class = Manager
