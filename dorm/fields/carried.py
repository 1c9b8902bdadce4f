"""How fields are copied and pickled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.meta.registry import registry

if TYPE_CHECKING:
    from typing import Self


class Carried:
    """The part of a field that says what a copy of it is, and what comes out of a pickle."""

    name: str

    def __copy__(self) -> Self:
        made = object.__new__(type(self))
        vars(made).update(vars(self))
        return made

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self.__copy__()

    def __reduce_ex__(self, protocol: Any) -> Any:
        # The field of a model is that of the model's class, wherever it is unpickled.
        model = getattr(self, "model", None)
        if model is None:
            return super().__reduce_ex__(protocol)
        meta = model._meta
        return field_of, (meta.label if meta.auto_created else model, self.name)


def field_of(model: Any, name: str) -> Any:
    """The field *name* of *model*, which is a class, or the label of one that the package made."""
    meta = (registry.get_model(model) if isinstance(model, str) else model)._meta
    return meta.by_name.get(name) or meta.many[name]
