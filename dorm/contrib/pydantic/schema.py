"""``DormSchema``: a Pydantic model whose fields come from a model of the database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from dorm.contrib.pydantic.columns import reading
from dorm.contrib.pydantic.definitions import built, checked_names, chosen_names, define
from dorm.exceptions import FieldError, ImproperlyConfigured
from dorm.hints import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic._internal._model_construction import ModelMetaclass
else:
    ModelMetaclass = type(BaseModel)  # the public way to the metaclass

_META = ("model", "fields", "exclude", "optional", "nested")


class SchemaMeta(ModelMetaclass):
    """Puts the fields of ``Meta.model`` under what the class body declares, which therefore wins."""

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> type:
        meta = namespace.get("Meta")
        if meta is None:
            return super().__new__(mcs, name, bases, namespace, **options)
        given = _read_meta(name, meta)
        model = given["model"]
        nested: Mapping[str, type[BaseModel]] = given.get("nested") or {}
        checked_names(f"{name}.Meta.nested", model, nested)
        names = chosen_names(f"{name}.Meta", model, given.get("fields"), given.get("exclude") or (), nested)
        optional = checked_names(f"{name}.Meta.optional", model, given.get("optional") or ())
        _check_names(name, bases, names)
        made = define(model, names, optional=optional, nested=nested)
        base = built(f"{name}Columns", bases, namespace["__module__"], made.fields)
        cls: Any = super().__new__(mcs, name, (base,), namespace, **options)
        # A field that the class body declares again is read under its own name.
        generated = {key for key in made.keys if _annotation(cls, key) is _annotation(base, key)}
        cls.__dorm_keys__ = {**cls.__dorm_keys__, **{key: made.keys[key] for key in generated}}
        finished: type = cls
        return finished


def _annotation(cls: Any, name: str) -> Any:
    return cls.model_fields[name].annotation


def _read_meta(name: str, meta: type) -> dict[str, Any]:
    given = {key: value for cls in reversed(meta.__mro__[:-1]) for key, value in vars(cls).items() if key[:2] != "__"}
    for key in given:
        if key not in _META:
            raise ImproperlyConfigured(f"{name}.Meta has no option {key!r}. {did_you_mean(key, _META)}")
    if not hasattr(given.get("model"), "_meta"):
        raise ImproperlyConfigured(f"{name}.Meta needs `model`, a model class; it is {given.get('model')!r}.")
    return given


def _check_names(name: str, bases: tuple[type, ...], names: Iterable[str]) -> None:
    for field in names:
        if field.startswith(("_", "model_")) and (field[0] == "_" or hasattr(BaseModel, field)):
            raise FieldError(
                f"{name} cannot have a field {field!r}: Pydantic keeps the name. Leave it out with Meta.exclude."
            )


class Row:
    """An instance of a model as a schema reads it: keys instead of related objects, lists instead of managers."""

    __slots__ = ("_instance", "_keys", "failure")

    def __init__(self, instance: Any, keys: Mapping[str, str]) -> None:
        self._instance = instance
        self._keys = keys
        self.failure: Exception | None = None
        """What reading an attribute raised: Pydantic makes a validation error of it."""

    def __getattr__(self, name: str) -> Any:
        try:
            value = getattr(self._instance, self._keys.get(name, name))
            return list(value.all()) if hasattr(value, "get_queryset") else value
        except Exception as error:
            if not isinstance(error, AttributeError):
                self.failure = error
            raise


class DormSchema(BaseModel, metaclass=SchemaMeta):
    """A schema for a model: ``class Meta: model = Author``.

    ``fields`` or ``exclude`` choose, ``optional`` makes fields optional with default ``None``, ``nested``
    maps relations to the schema of the embedded object.  What the class body declares wins.  A foreign key carries the
    key, under the field's name; ``author_id`` is accepted as well.
    """

    model_config = ConfigDict(from_attributes=True, protected_namespaces=())

    __dorm_keys__: ClassVar[Mapping[str, str]] = {}

    @model_validator(mode="wrap")
    @classmethod
    def _read(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if isinstance(data, Mapping):
            return handler(_under_field_names(cls.__dorm_keys__, cast("Mapping[str, Any]", data)))
        if _is_row(data):
            token = reading.set(True)
            row = Row(data, cls.__dorm_keys__)
            try:
                return handler(row)
            except ValidationError:
                if row.failure is not None:
                    raise row.failure from None
                raise
            finally:
                reading.reset(token)
        return handler(data)


def _is_row(data: Any) -> bool:
    return hasattr(data.__class__, "_meta")


def _under_field_names(keys: Mapping[str, str], data: Mapping[str, Any]) -> Mapping[str, Any]:
    """*data* with ``author_id`` under the name ``author``."""
    renamed = {attname: name for name, attname in keys.items() if attname in data}
    if not renamed:
        return data
    for attname, name in renamed.items():
        if name in data:
            raise PydanticCustomError(
                "given_twice", "{name} and {attname} are one field: give one", {"name": name, "attname": attname}
            )
    return {renamed.get(key, key): value for key, value in data.items()}


def schema_for(
    model: Any,
    *,
    exclude: Iterable[str] = (),
    only: Iterable[str] | None = None,
    optional: Iterable[str] = (),
    nested: Mapping[str, type[BaseModel]] | None = None,
    name: str | None = None,
    base: type[BaseModel] | None = None,
) -> type[BaseModel]:
    """A schema for *model* in one line: *only* some fields, or all but *exclude*; *optional* ones may be None."""
    where = f"schema_for({model.__name__})"
    names = chosen_names(where, model, only, exclude, nested or {})
    made = define(model, names, optional=checked_names(f"{where} optional", model, optional), nested=nested)
    bases = (DormSchema,) if base is None else (base,) if issubclass(base, DormSchema) else (base, DormSchema)
    schema = built(name or f"{model.__name__}Schema", bases, model.__module__, made.fields)
    schema.__dorm_keys__ = {**schema.__dorm_keys__, **made.keys}
    finished: type[BaseModel] = schema
    return finished


__all__ = ["DormSchema", "Row", "schema_for"]
