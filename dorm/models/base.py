"""``Model``: construction, saving, deletion, validation, identity.

Values are plain attributes of the instance.  Construction and assignment neither validate nor convert;
``full_clean()`` validates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from dorm import actions, db
from dorm.exceptions import MultipleObjectsReturned, ObjectDoesNotExist, ValidationError
from dorm.hints import did_you_mean
from dorm.models.constraining import Constrained
from dorm.models.lazy import check_lazy_load
from dorm.models.metaclass import ModelBase
from dorm.models.state import ModelState
from dorm.run import run
from dorm.signals import post_init, pre_init

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from dorm.db.executor import Executor
    from dorm.meta.options import Options
    from dorm.models.manager import ManagerDescriptor
    from dorm.models.queryset import QuerySet


class Model(Constrained, metaclass=ModelBase):
    """Base of all models."""

    _meta: ClassVar[Options]
    DoesNotExist: ClassVar[type[ObjectDoesNotExist]]
    MultipleObjectsReturned: ClassVar[type[MultipleObjectsReturned]]

    if TYPE_CHECKING:
        # Without an annotation, so that a model's own manager keeps its own type.
        objects = ManagerDescriptor(None)
        id: Any

    # -- Construction --------------------------------------------------------------------------

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        meta = self._meta
        if pre_init.receivers:
            pre_init.send(type(self), args=args, kwargs=kwargs)
        values = meta.initial.copy()
        me: Any = self  # pyright takes __dict__ of a class with a metaclass for the class's own
        me.__dict__ = values
        if not args and kwargs.keys() <= meta.attnames:
            # The common case: every keyword is the name of a stored value.
            values |= kwargs
        else:
            self._fill(args, kwargs)
        for name, make in meta.makers:
            if name not in values:
                values[name] = make()
        if post_init.receivers:
            post_init.send(type(self), instance=self)

    def _fill(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Positional values in the order of the fields, related instances, ``pk``, properties."""
        meta = self._meta
        if len(args) > len(meta.fields):
            raise IndexError(f"{meta.object_name} has {len(meta.fields)} fields, and {len(args)} values were given.")
        given = dict(zip((field.attname for field in meta.fields), args, strict=False))
        for name, value in kwargs.items():
            field = meta.pk if name == "pk" else meta.by_name.get(name) or meta.by_attname.get(name)
            if field is None:
                self._set_property(name, value)
                continue
            if field.attname in given:
                raise TypeError(
                    f"{meta.object_name}() got both positional and keyword values for field {field.name!r}."
                )
            if field.remote_field is not None and name == field.name and (hasattr(value, "_meta") or value is None):
                setattr(self, name, value)
            else:
                given[field.attname] = value
        vars(self).update(given)

    def _set_property(self, name: str, value: Any) -> None:
        if not isinstance(getattr(type(self), name, None), property):
            meta = self._meta
            raise TypeError(f"{meta.object_name}() has no field {name!r}. {did_you_mean(name, meta.by_name)}")
        setattr(self, name, value)

    @classmethod
    def from_db(cls, db: str, field_names: Sequence[str], values: Sequence[Any]) -> Self:
        """An instance of a row of the alias *db*: called for each row when the class overrides it."""
        instance = cls(**dict(zip(field_names, values, strict=True)))
        for name in cls._meta.attnames.difference(field_names):
            del vars(instance)[name]  # not loaded, so not at its default either
        vars(instance).pop("_adding", None)
        instance._set_alias(db)
        return instance

    def _set_alias(self, alias: str) -> None:
        """Remember where the row is; the default alias is not written down."""
        if alias != "default":
            vars(self)["_alias"] = alias
        else:
            vars(self).pop("_alias", None)

    if not TYPE_CHECKING:  # a checker must see the declared fields, not this

        def __getattr__(self, name: str) -> Any:
            # Reached only when the attribute is missing: a column that was not loaded, or nothing at all.
            cls = type(self)
            field = None if name.startswith("__") else cls._meta.by_attname.get(name)
            if field is None or field.attname in vars(self):
                if any(name in base.__dict__ for base in cls.__mro__):
                    # A property or another descriptor raised AttributeError: its own words count.
                    return object.__getattribute__(self, name)
                raise AttributeError(f"{cls.__name__!r} object has no attribute {name!r}")
            if vars(self).get(self._meta.pk.attname) is None:
                raise AttributeError(f"{type(self).__name__}.{name} was not given and there is no row to read it from")
            check_lazy_load(self._alias_for_read(), f"await instance.arefresh_from_db(fields=[{field.name!r}])")
            self.refresh_from_db(fields=[name])
            return vars(self)[name]

    @property
    def pk(self) -> Any:
        """The value of the primary key, whatever it is called."""
        return getattr(self, self._meta.pk.attname)

    @pk.setter
    def pk(self, value: Any) -> None:
        setattr(self, self._meta.pk.attname, value)

    @property
    def _state(self) -> ModelState:
        return ModelState(self)

    def get_deferred_fields(self) -> set[str]:
        """The attributes that were not loaded."""
        return {field.attname for field in self._meta.fields if field.attname not in vars(self)}

    # -- The database --------------------------------------------------------------------------

    def _alias_for_read(self, using: str | None = None) -> str:
        hints = {"instance": self}
        return using or vars(self).get("_alias") or db.router.db_for_read(type(self), **hints)

    def _alias_for_write(self, using: str | None = None) -> str:
        hints = {"instance": self}
        return using or vars(self).get("_alias") or db.router.db_for_write(type(self), **hints)

    def _writer(self, using: str | None) -> Executor:
        return db.connection.blocking(self._alias_for_write(using))

    def _awriter(self, using: str | None) -> Executor:
        return db.connection.suspending(self._alias_for_write(using))

    def save(
        self,
        force_insert: bool = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Collection[str] | None = None,
    ) -> None:
        """Write this instance: a new row, or the row with its key; with *update_fields* only these columns."""
        self._meta.check_override("save", "asave")
        action = actions.write.save(
            self._writer(using), self, force_insert=force_insert, force_update=force_update, update_fields=update_fields
        )
        run(action)

    async def asave(
        self,
        force_insert: bool = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Collection[str] | None = None,
    ) -> None:
        """Asynchronous :meth:`save`."""
        self._meta.check_override("asave", "save")
        await actions.write.save(
            self._awriter(using),
            self,
            force_insert=force_insert,
            force_update=force_update,
            update_fields=update_fields,
        )

    def save_base(
        self,
        raw: bool = False,
        force_insert: bool = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Collection[str] | None = None,
    ) -> None:
        """What :meth:`save` does when it is not overridden; *raw* writes the values as they are.

        That is for loading data: fields that change themselves on save do not, and receivers are told.
        """
        action = actions.write.save(
            self._writer(using),
            self,
            force_insert=force_insert,
            force_update=force_update,
            update_fields=update_fields,
            raw=raw,
        )
        run(action)

    async def asave_base(
        self,
        raw: bool = False,
        force_insert: bool = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Collection[str] | None = None,
    ) -> None:
        """Asynchronous :meth:`save_base`."""
        await actions.write.save(
            self._awriter(using),
            self,
            force_insert=force_insert,
            force_update=force_update,
            update_fields=update_fields,
            raw=raw,
        )

    def delete(self, using: str | None = None) -> tuple[int, dict[str, int]]:
        """Delete the row and what depends on it, as ``on_delete`` says; the number of rows, and per model."""
        self._meta.check_override("delete", "adelete")
        self._check_key("delete")
        return run(actions.delete.delete(self._writer(using), [self]))

    async def adelete(self, using: str | None = None) -> tuple[int, dict[str, int]]:
        """Asynchronous :meth:`delete`."""
        self._meta.check_override("adelete", "delete")
        self._check_key("adelete")
        return await actions.delete.delete(self._awriter(using), [self])

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Collection[str] | None = None,
        from_queryset: QuerySet[Any] | None = None,
    ) -> None:
        """Read the row again, all of it or the named fields.  Raises ``DoesNotExist`` when it is gone.

        It is read from *from_queryset* if that is given: rows that are locked, for instance, or narrowed.
        """
        self._check_key("refresh_from_db")
        rows = None if from_queryset is None else from_queryset.described
        run(actions.write.refresh(db.connection.blocking(self._alias_for_read(using)), self, fields, rows))

    async def arefresh_from_db(
        self,
        using: str | None = None,
        fields: Collection[str] | None = None,
        from_queryset: QuerySet[Any] | None = None,
    ) -> None:
        """Asynchronous :meth:`refresh_from_db`."""
        self._check_key("arefresh_from_db")
        rows = None if from_queryset is None else from_queryset.described
        await actions.write.refresh(db.connection.suspending(self._alias_for_read(using)), self, fields, rows)

    def _check_key(self, method: str) -> None:
        if vars(self).get(self._meta.pk.attname) is None:
            raise ValueError(
                f"{self._meta.object_name} object can't be used with {method}() because its {self._meta.pk.attname} "
                "attribute is set to None: it has no row."
            )

    # -- Validation ----------------------------------------------------------------------------

    def clean(self) -> None:
        """Validate fields together; override it and raise ``ValidationError``."""

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Convert and validate every field; one ``ValidationError`` with what each says."""
        errors: dict[str, list[ValidationError]] = {}
        for field in self._meta.fields:
            if field.name in (exclude or ()):
                continue
            value = getattr(self, field.attname)
            if (field.blank and value in (None, "", [], {}, ())) or (field.auto_created and value is None):
                continue
            try:
                setattr(self, field.attname, field.clean(value, self))
            except ValidationError as error:
                errors[field.name] = error.error_list
        if errors:
            raise ValidationError(errors)

    def validate_unique(self, exclude: Collection[str] | None = None) -> None:
        """Ask whether another row has the same unique values; ``ValidationError`` that names the fields."""
        run(actions.validate.unique(db.connection.blocking(self._alias_for_read()), self, exclude))

    async def avalidate_unique(self, exclude: Collection[str] | None = None) -> None:
        """Asynchronous :meth:`validate_unique`."""
        await actions.validate.unique(db.connection.suspending(self._alias_for_read()), self, exclude)

    def full_clean(
        self, exclude: Collection[str] | None = None, validate_unique: bool = True, validate_constraints: bool = True
    ) -> None:
        """Everything that validates: fields, ``clean``, keys, unique values, constraints; one ``ValidationError``.

        Keys: that the rows exist to which foreign keys point, which costs a query each.  Nothing is asked about fields
        that are excluded or were refused already.
        """
        errors, clean = self._own_errors(exclude)
        missing = run(actions.validate.related(db.connection.blocking(self._alias_for_read()), self, clean))
        errors, clean = {**errors, **missing}, {*clean, *missing}
        if validate_unique:
            try:
                self.validate_unique(exclude=clean)
            except ValidationError as error:
                error.update_error_dict(errors)
        if validate_constraints and self._meta.constraints:
            try:
                self.validate_constraints(exclude={*clean, *errors})
            except ValidationError as error:
                error.update_error_dict(errors)
        if errors:
            raise ValidationError(errors)

    async def afull_clean(
        self, exclude: Collection[str] | None = None, validate_unique: bool = True, validate_constraints: bool = True
    ) -> None:
        """Asynchronous :meth:`full_clean`."""
        errors, clean = self._own_errors(exclude)
        missing = await actions.validate.related(db.connection.suspending(self._alias_for_read()), self, clean)
        errors, clean = {**errors, **missing}, {*clean, *missing}
        if validate_unique:
            try:
                await self.avalidate_unique(exclude=clean)
            except ValidationError as error:
                error.update_error_dict(errors)
        if validate_constraints and self._meta.constraints:
            try:
                await self.avalidate_constraints(exclude={*clean, *errors})
            except ValidationError as error:
                error.update_error_dict(errors)
        if errors:
            raise ValidationError(errors)

    def _own_errors(self, exclude: Collection[str] | None) -> tuple[dict[str, list[ValidationError]], set[str]]:
        """What ``clean_fields`` and ``clean`` say, and the fields that need no further check."""
        errors: dict[str, list[ValidationError]] = {}
        try:
            self.clean_fields(exclude=exclude)
        except ValidationError as error:
            error.update_error_dict(errors)
        try:
            self.clean()
        except ValidationError as error:
            error.update_error_dict(errors)
        return errors, {*(exclude or ()), *errors}

    def serializable_value(self, field_name: str) -> Any:
        """The stored value of a field: the key for a relation."""
        return getattr(self, self._meta.own_field(field_name).attname)

    # -- Identity ------------------------------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Model):
            return NotImplemented
        if self is other:
            return True
        key = self.pk
        return key is not None and self._meta.concrete_model is other._meta.concrete_model and bool(key == other.pk)

    def __hash__(self) -> int:
        key = self.pk
        if key is None:
            raise TypeError(f"{type(self).__name__} without a primary key cannot be hashed: save it first.")
        return hash(key)

    def __str__(self) -> str:
        return f"{type(self).__name__} object ({self.pk})"

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self}>"

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._meta.by_attname})
