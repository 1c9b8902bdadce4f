"""What a model is: its ``_meta``.  Reads ``class Meta``, names the table, knows the fields in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from dorm.exceptions import FieldDoesNotExist
from dorm.hints import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dorm.meta.relations import ManyRelation, Relation

OPTIONS: dict[str, Any] = {
    "abstract": False,
    "app_label": None,
    "auto_created": None,
    "base_manager_name": None,
    "constraints": (),
    "db_table": None,
    "default_manager_name": None,
    "default_related_name": None,
    "get_latest_by": None,
    "indexes": (),
    "managed": True,
    "ordering": (),
    "unique_together": (),
    "verbose_name": None,
    "verbose_name_plural": None,
}
"""What ``class Meta`` may say, with the defaults."""


def app_label_of(module: str) -> str:
    """The app that a module belongs to: the package around ``models``, or the module's own last name.

    ``shop.models`` and ``shop.models.orders`` are in ``shop``; ``shop`` alone in ``shop``; ``__main__`` in ``main``.
    """
    parts = [part for part in module.split(".") if part]
    if "models" in parts[1:]:
        return parts[parts.index("models", 1) - 1]
    return parts[-1].strip("_") or "main"


def words_of(name: str) -> str:
    """``BlogPost`` as ``blog post``."""
    pieces = [
        f" {letter.lower()}" if letter.isupper() and index else letter.lower() for index, letter in enumerate(name)
    ]
    return "".join(pieces)


class _NoInstance(dict[str, Any]):
    """What an abstract model has instead of the values of a new instance, so that no other model has to ask."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def copy(self) -> NoReturn:
        raise TypeError(f"{self._name} is abstract and has no instances: make one of a model that inherits from it.")


class Options:
    """``Model._meta``."""

    inherited: ClassVar[tuple[str, ...]] = ("ordering", "get_latest_by", "app_label", "default_related_name", "managed")
    """Options that a model takes from an abstract parent when it has no ``class Meta`` of its own."""

    def __init__(self, name: str, module: str, declared: Mapping[str, Any]) -> None:
        unknown = [key for key in declared if key not in OPTIONS and not key.startswith("__")]
        if unknown:
            raise TypeError(f"Meta of {name} has no option {unknown[0]!r}. {did_you_mean(unknown[0], OPTIONS)}")
        values = {**OPTIONS, **{key: value for key, value in declared.items() if key in OPTIONS}}
        self.declared = {key: value for key, value in declared.items() if key in OPTIONS}
        self.object_name = name
        self.model_name = name.lower()
        self.app_label: str = values["app_label"] or app_label_of(module)
        self.abstract: bool = values["abstract"]
        self.managed: bool = values["managed"]
        self.auto_created: Any = values["auto_created"]
        """The model for whose many-to-many field this one keeps the links."""
        self.db_table: str = values["db_table"] or f"{self.app_label}_{self.model_name}"
        self.ordering: tuple[Any, ...] = self._terms("ordering", values["ordering"])
        self.get_latest_by: Any = values["get_latest_by"]
        self.unique_together: tuple[tuple[str, ...], ...] = self._groups(values["unique_together"])
        self.indexes: tuple[Any, ...] = self._named("indexes", values["indexes"])
        self.constraints: tuple[Any, ...] = self._named("constraints", values["constraints"])
        self.default_manager_name: str | None = values["default_manager_name"]
        self.base_manager_name: str | None = values["base_manager_name"]
        self.default_related_name: str | None = values["default_related_name"]
        self.verbose_name: str = values["verbose_name"] or words_of(name)
        self.verbose_name_plural: str = values["verbose_name_plural"] or f"{self.verbose_name}s"
        self._prepare_fields()
        self._prepare_memory()

    def _prepare_fields(self) -> None:
        """What the metaclass fills in while the class is made."""
        self.model: Any = None
        self.concrete_model: Any = None
        self.managers_map: dict[str, Any] = {}
        self.default_manager: Any = None
        self.base_manager: Any = None
        self.pk: Any = None
        self.fields: tuple[Any, ...] = ()
        self.fields_without_pk: tuple[Any, ...] = ()
        self.changing_fields: tuple[Any, ...] = ()
        """The fields that change themselves on save."""
        self.initial: dict[str, Any] = {}
        """What a new instance begins with, by attribute."""
        self.makers: tuple[tuple[str, Any], ...] = ()
        """(attribute, function) for the values that are made for each new instance."""
        self.attnames: frozenset[str] = frozenset()
        """The keywords of the constructor that are stored as they are."""
        self.relation_names: frozenset[str] = frozenset()
        self.by_cache: dict[str, str] = {}
        """Relation name by the attribute that holds the related instance."""
        self.one_sided: dict[str, str] = {}
        """Methods that a class overrode in one colour only: the other colour's name to it."""
        self.own_construction = False
        """The class makes its instances in its own way: hydration must go through it."""
        self.by_name: dict[str, Any] = {}
        self.by_attname: dict[str, Any] = {}
        self.related: dict[str, Relation] = {}
        """Relations that point here, by the name of the way back in lookups (hidden ones by their label)."""
        self.related_many: dict[str, ManyRelation] = {}
        """Many-to-many relations that lead here, by the name of the way back in lookups."""
        self.many: dict[str, Any] = {}
        """The many-to-many fields by name."""

    def _prepare_memory(self) -> None:
        """What was resolved for this model, so that it is resolved once."""
        self.paths: dict[str, Any] = {}
        self.conditions: dict[str, Any] = {}
        self.orders: dict[Any, Any] = {}
        self.all_rows: Any = None
        """The query for every row, with which each query set begins."""

    def _terms(self, option: str, value: Any) -> tuple[Any, ...]:
        if isinstance(value, str) or not hasattr(value, "__iter__"):
            raise TypeError(f"Meta.{option} of {self.object_name} is a list or tuple, not {value!r}.")
        return tuple(value)

    def _named(self, option: str, value: Any) -> tuple[Any, ...]:
        """Indexes or constraints, under their names for this model."""
        given = self._terms(option, value)
        for one in given:
            if not hasattr(one, "named"):
                raise TypeError(f"Meta.{option} of {self.object_name} holds {option}, not {one!r}.")
        words = {"app_label": self.app_label.lower(), "class": self.model_name}
        return given if self.abstract else tuple(one.named(words) for one in given)

    def _groups(self, value: Any) -> tuple[tuple[str, ...], ...]:
        groups = self._terms("unique_together", value)
        return (groups,) if groups and isinstance(groups[0], str) else tuple(tuple(group) for group in groups)

    @property
    def managers(self) -> tuple[Any, ...]:
        """The managers, the model's own first."""
        return tuple(self.managers_map.values())

    @property
    def base_rows(self) -> Any:
        """The query with which rows are read again: every row, unless ``base_manager_name`` says otherwise."""
        return self.all_rows if self.base_manager_name is None else self.base_manager.get_queryset().described

    @property
    def total_unique_constraints(self) -> list[Any]:
        """The unique constraints that are about fields of all rows."""
        return [one for one in self.constraints if one.fields and one.condition is None]

    @property
    def label(self) -> str:
        """``app.Model``."""
        return f"{self.app_label}.{self.object_name}"

    @property
    def label_lower(self) -> str:
        """``app.model``."""
        return f"{self.app_label}.{self.model_name}"

    @property
    def concrete_fields(self) -> tuple[Any, ...]:
        """The fields that have a column."""
        return self.fields

    @property
    def related_objects(self) -> tuple[Relation, ...]:
        """The relations of other models that point here and can be followed back."""
        return tuple(relation for relation in self.related.values() if not relation.hidden)

    @property
    def many_to_many(self) -> tuple[Any, ...]:
        """The many-to-many fields, which have no column."""
        return tuple(self.many.values())

    def add_field(self, field: Any) -> None:
        """Append *field*; called once per field while the class is made."""
        if field.many_to_many:
            self.many[field.name] = field
            return
        self.fields = (*self.fields, field)
        self.by_name[field.name] = field
        self.by_attname[field.attname] = field
        if field.primary_key:
            if self.pk is not None:
                raise TypeError(f"{self.object_name} has two primary keys: {self.pk.name} and {field.name}.")
            self.pk = field

    def finish(self) -> None:
        """Derive, when all fields are there, what is asked for every row and every save."""
        self.fields_without_pk = tuple(field for field in self.fields if not field.primary_key)
        self.changing_fields = tuple(field for field in self.fields if field.changes_on_save)
        self.makers = tuple((field.attname, field.get_default) for field in self.fields if callable(field.default))
        made = {name for name, _ in self.makers}
        self.initial = {field.attname: field.get_default() for field in self.fields if field.attname not in made}
        self.initial["_adding"] = True
        if self.abstract:
            self.initial = _NoInstance(self.object_name)
        self.attnames = frozenset(self.by_attname)
        relations = [field for field in self.fields if field.remote_field is not None]
        self.relation_names = frozenset(field.name for field in relations)
        self.by_cache = {field.remote_field.cache: field.name for field in relations}

    def check_override(self, called: str, twin: str) -> None:
        """Refuse *called* when the class overrides only its twin of the other colour, which would be bypassed."""
        if called in self.one_sided:
            raise TypeError(
                f"{self.object_name} overrides {twin}() but not {called}(), which was called: the override would be "
                f"bypassed. Override {called}() too."
            )

    def own_field(self, name: str) -> Any:
        """The field of that name or attribute; ``FieldDoesNotExist`` with the choices."""
        found = self.pk if name == "pk" else self.by_name.get(name) or self.by_attname.get(name)
        if found is None:
            raise FieldDoesNotExist(
                f"{self.object_name} has no field named {name!r}. {did_you_mean(name, self.by_name)}"
            )
        return found

    def get_field(self, name: str) -> Any:
        """The field or the reverse relation of that name; ``FieldDoesNotExist`` with the choices."""
        found = (
            self.by_name.get(name)
            or self.by_attname.get(name)
            or self.many.get(name)
            or self.related.get(name)
            or self.related_many.get(name)
        )
        if found is None:
            raise FieldDoesNotExist(
                f"{self.object_name} has no field named {name!r}. {did_you_mean(name, self.names())}"
            )
        return found

    def names(self) -> list[str]:
        """What can stand at the beginning of a lookup."""
        back = (name for name, relation in self.related.items() if not relation.hidden)
        return [*self.by_name, *self.many, *back, *self.related_many]

    def relation_accessors(self) -> list[str]:
        """The attributes that lead to other models, forwards and back."""
        forward = [field.name for field in (*self.fields, *self.many_to_many) if field.is_relation]
        back = [relation.accessor for relation in (*self.related_objects, *self.related_many.values())]
        return [*forward, *back]

    def reached_by(self, accessor: str) -> Any:
        """The model that :meth:`relation_accessors`' *accessor* leads to; ``None`` for one that is not made yet."""
        field = self.by_name.get(accessor) or self.many.get(accessor)
        if field is not None:
            model = field.remote_field.model
            return model if hasattr(model, "_meta") else None
        back = (*self.related_objects, *self.related_many.values())
        return next(relation.source for relation in back if relation.accessor == accessor)

    def add_related(self, relation: Relation) -> None:
        """Note a relation that points here; what was resolved before may mean something else now."""
        name = relation.query_name if not relation.hidden else f"{relation.source._meta.label}.{relation.field.name}"
        self.related[name] = relation
        self.forget()

    def add_related_many(self, relation: ManyRelation) -> None:
        """Note a many-to-many relation that leads here."""
        if not relation.hidden:
            self.related_many[relation.query_name] = relation
        self.forget()

    def forget(self) -> None:
        """Drop what was resolved for this model."""
        self.paths = {}
        self.conditions = {}
        self.orders = {}

    def __repr__(self) -> str:
        return f"<Options of {self.label}>"
