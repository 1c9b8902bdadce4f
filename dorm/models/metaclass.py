"""From a class body to a model: reads ``class Meta``, takes the fields off the class, registers what is made.

Fields leave the class so that reading ``author.name`` is reading a plain attribute.  ``Author.name`` reaches
:meth:`ModelBase.__getattr__`, which gives the typed column.
"""

from __future__ import annotations

import keyword
from typing import TYPE_CHECKING, Any

from dorm import fields
from dorm.conf import settings
from dorm.exceptions import MultipleObjectsReturned, ObjectDoesNotExist
from dorm.fields import BigAutoField, Field
from dorm.fields.choices import displayed
from dorm.fields.columns import column_of
from dorm.hints import did_you_mean
from dorm.meta.options import Options
from dorm.meta.registry import registry
from dorm.models.manager import AbstractManagerDescriptor, Manager, ManagerDescriptor
from dorm.models.related import ForwardRelation
from dorm.query.query import Query
from dorm.signals import class_prepared

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dorm.fields.integers import AutoField

NOT_INHERITED = ("abstract", "db_table", "verbose_name", "verbose_name_plural")


class ModelBase(type):
    """The metaclass of models."""

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **arguments: Any) -> Any:
        parents = [base for base in bases if isinstance(base, ModelBase)]
        if not parents:
            return super().__new__(mcs, name, bases, namespace, **arguments)
        if arguments:
            raise TypeError(f"class {name} takes no arguments besides its bases, not {', '.join(arguments)}.")
        body = dict(namespace)
        own_meta = body.pop("Meta", None)
        fields = {key: body.pop(key) for key, value in namespace.items() if isinstance(value, Field)}
        managers = {key: body.pop(key) for key, value in namespace.items() if isinstance(value, Manager)}
        options = Options(name, namespace["__module__"], _declared(parents, own_meta))
        cls: Any = super().__new__(mcs, name, bases, body)
        cls._meta = options
        options.model = options.concrete_model = cls
        options.all_rows = Query(cls)
        _add_fields(cls, options, parents, fields, namespace)
        _add_exceptions(cls, options)
        _add_managers(cls, options, parents, managers)
        if options.abstract and own_meta is not None:
            cls.Meta = own_meta  # so that `class Meta(Parent.Meta)` can extend it
        options.finish()
        _note_overrides(cls, options)
        if not options.abstract:
            _share_keys(cls, options)
            _check_names(cls, options)
            registry.register(cls)
            if class_prepared.receivers:
                class_prepared.send(cls)
        return cls

    if not TYPE_CHECKING:  # a checker must see the declared fields, not this

        def __getattr__(cls, name: str) -> Any:
            meta = None if name.startswith("__") else cls.__dict__.get("_meta")
            if meta is None:
                raise AttributeError(f"type object {cls.__name__!r} has no attribute {name!r}")
            if meta.abstract and isinstance(hidden := cls.__dict__.get(name), AbstractManagerDescriptor):
                raise hidden.refusal(cls)  # its own words, which Python has thrown away
            return column_of(cls, "", cls, name)

    @property
    def _default_manager(cls) -> Any:
        """The manager that stands for the model where none is named."""
        return cls.__dict__["_meta"].default_manager

    @property
    def _base_manager(cls) -> Any:
        """The manager through which single rows are read again: every row, unless Meta names another."""
        return cls.__dict__["_meta"].base_manager

    def __dir__(cls) -> list[str]:
        meta = cls.__dict__.get("_meta")
        return sorted({*super().__dir__(), *(meta.by_name if meta else ()), *(meta.by_attname if meta else ())})


def _declared(parents: list[Any], own: Any) -> Mapping[str, Any]:
    """What Meta says: the class's own, over that of its abstract parents."""
    declared: dict[str, Any] = {}
    for parent in reversed(parents):
        meta: Options | None = parent.__dict__.get("_meta")
        if meta is not None:
            declared |= {key: value for key, value in meta.declared.items() if key not in NOT_INHERITED}
    for base in reversed(own.__mro__[:-1] if own is not None else ()):
        declared |= {key: value for key, value in vars(base).items() if not key.startswith("__")}
    if own is not None and "abstract" not in vars(own):
        declared.pop("abstract", None)
    return declared


def _add_fields(cls: Any, options: Options, parents: list[Any], own: dict[str, Any], namespace: dict[str, Any]) -> None:
    chosen: dict[str, Any] = {}
    for parent in reversed(parents):
        meta: Options | None = parent.__dict__.get("_meta")
        if meta is None:
            continue
        if not meta.abstract:
            raise TypeError(
                f"{options.object_name} inherits from {meta.label}, which has a table of its own. Only models with "
                "Meta.abstract = True can be inherited from; use a OneToOneField to extend a concrete one."
            )
        chosen |= {field.name: field.clone() for field in meta.fields if field.name not in namespace}
    chosen |= own
    fields = sorted(chosen.items(), key=lambda item: item[1].creation_counter)
    if not options.abstract and not any(field.primary_key for _, field in fields):
        if "id" in chosen:
            raise TypeError(
                f"{options.label} has a field named 'id' that is no primary key: set primary_key=True on it."
            )
        made = _automatic_key()
        fields.insert(0, ("id", made))
    for name, field in fields:
        _check_name(cls, options, name, parents)
        field.contribute_to_class(cls, name)
        options.add_field(field)
        if field.has_choices and f"get_{field.name}_display" not in cls.__dict__:
            setattr(cls, f"get_{field.name}_display", displayed(field))
        if field.remote_field is not None and not options.abstract:
            setattr(cls, field.name, ForwardRelation(field))


def _automatic_key() -> AutoField:
    name = settings.DEFAULT_AUTO_FIELD.rpartition(".")[2]
    kind = getattr(fields, name, BigAutoField)
    made: AutoField = kind(primary_key=True)
    made.auto_created = True
    return made


def _check_name(cls: Any, options: Options, name: str, parents: list[Any]) -> None:
    """Refuse names that could not be used in a lookup, or that would hide something."""
    where = f"{options.label}.{name}"
    if not name.isidentifier() or keyword.iskeyword(name):
        raise TypeError(f"{where}: a field's name is a Python identifier and no keyword.")
    if name == "pk" or "__" in name or name.startswith("_") or name.endswith("_"):
        raise TypeError(f"{where}: a field's name is not 'pk', has no '__', and neither begins nor ends with '_'.")
    for base in cls.__mro__[1:]:
        hidden = base.__dict__.get(name)
        if hidden is not None and not isinstance(hidden, ForwardRelation):
            raise TypeError(
                f"{where}: {base.__name__} has an attribute {name!r} already, which would hide the field's values. "
                "Rename the field (db_column= keeps the column's name)."
            )


def _check_names(cls: Any, options: Options) -> None:
    together = [(*one.fields, *getattr(one, "include", ())) for one in options.constraints]
    indexed = [(*one.names, *one.include) for one in options.indexes]
    for group in (*options.unique_together, *together, *indexed):
        for name in group:
            options.own_field(name)
    names = [one.name for one in options.constraints]
    repeated = [name for index, name in enumerate(names) if name in names[:index]]
    if repeated:
        raise ValueError(f"{options.label} has two constraints named {repeated[0]!r}.")
    columns: dict[str, str] = {}
    for field in options.fields:
        if field.column in columns:
            raise TypeError(
                f"{options.label}: {columns[field.column]} and {field.name} share the column {field.column!r}."
            )
        columns[field.column] = field.name


def _note_overrides(cls: Any, options: Options) -> None:
    """What the class does in its own way, so that nothing bypasses it."""
    base: Any = next(parent for parent in reversed(cls.__mro__) if isinstance(parent, ModelBase))
    for called, twin in (("save", "asave"), ("asave", "save"), ("delete", "adelete"), ("adelete", "delete")):
        if getattr(cls, called) is getattr(base, called) and getattr(cls, twin) is not getattr(base, twin):
            options.one_sided[called] = twin
    options.own_construction = (
        getattr(cls, "__init__") is not getattr(base, "__init__")  # noqa: B009 - a class's, not an instance's
        or cls.from_db.__func__ is not base.from_db.__func__
        or cls.__setattr__ is not object.__setattr__
    )


def _share_keys(cls: Any, options: Options) -> None:
    """Show the class the attributes of its instances, so that they share one table of names.

    CPython decides by the first instances, and those that ``__init__`` makes get their attributes all at once.
    """
    first = object.__new__(cls)
    for name in (*(field.attname for field in options.fields), *options.by_cache):
        object.__setattr__(first, name, None)


def _add_exceptions(cls: Any, options: Options) -> None:
    for name, base in (("DoesNotExist", ObjectDoesNotExist), ("MultipleObjectsReturned", MultipleObjectsReturned)):
        inherited = tuple(getattr(parent, name) for parent in cls.__bases__ if hasattr(parent, name))
        bases = inherited or (base,)
        made = type(name, bases, {"__module__": cls.__module__, "__qualname__": f"{cls.__qualname__}.{name}"})
        setattr(cls, name, made)


def _add_managers(cls: Any, options: Options, parents: list[Any], own: dict[str, Any]) -> None:
    """The model's own managers, then those of its abstract parents; ``objects`` where there is none at all."""
    managers = dict(own)
    for parent in parents:
        for key, value in parent.__dict__.items():
            if isinstance(value, ManagerDescriptor) and key not in cls.__dict__:
                managers.setdefault(key, value.manager)
    if not managers and not options.abstract:
        managers["objects"] = Manager()
        managers["objects"].auto_created = True
    descriptor = AbstractManagerDescriptor if options.abstract else ManagerDescriptor
    for name, manager in managers.items():
        options.managers_map[name] = manager.bound_to(cls, name)
        setattr(cls, name, descriptor(options.managers_map[name]))
    if not options.abstract:
        options.default_manager = _chosen(options, "default_manager_name") or options.managers[0]
        options.base_manager = _chosen(options, "base_manager_name") or Manager().bound_to(cls, "_base_manager")


def _chosen(options: Options, option: str) -> Any:
    """The manager that Meta names."""
    name: str | None = getattr(options, option)
    if name is not None and name not in options.managers_map:
        known = did_you_mean(name, options.managers_map)
        raise ValueError(f"{options.label} has no manager named {name!r}, which is its {option}. {known}")
    return None if name is None else options.managers_map[name]
