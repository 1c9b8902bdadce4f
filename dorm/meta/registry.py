"""All models by label, and the relations that wait for a model that is not there yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.exceptions import ImproperlyConfigured
from dorm.hints import did_you_mean
from dorm.meta.relations import ManyRelation

if TYPE_CHECKING:
    from collections.abc import Callable

    from dorm.meta.relations import Relation


class Registry:
    """Models by ``(app_label, model_name)``."""

    def __init__(self) -> None:
        self.models: dict[tuple[str, str], Any] = {}
        self._waiting: list[Relation] = []
        self._completed: list[Callable[[Relation], None]] = []
        self._registered: list[Callable[[Any], None]] = []

    def on_completed(self, listener: Callable[[Relation], None]) -> None:
        """Call *listener* with every relation whose both ends are known."""
        self._completed.append(listener)

    def on_registered(self, listener: Callable[[Any], None]) -> None:
        """Call *listener* with every model that is made, made again, or about which names mean something else."""
        self._registered.append(listener)

    def register(self, model: Any) -> None:
        """Add *model* and complete what waited for it.

        A class of the same module and name replaces the older one (a notebook's cell run again); any other class under
        the same label is refused.
        """
        meta = model._meta
        key = (meta.app_label, meta.model_name)
        present = self.models.get(key)
        if present is not None and (present.__module__, present.__qualname__) != (model.__module__, model.__qualname__):
            raise RuntimeError(
                f"Two models are named {meta.label}: {present.__module__}.{present.__qualname__} and "
                f"{model.__module__}.{model.__qualname__}. Rename one, or give it another Meta.app_label."
            )
        self.models[key] = model
        for listener in self._registered:
            listener(model)
        for field in (*meta.fields, *meta.many_to_many):
            if field.remote_field is not None:
                self._waiting.append(field.remote_field)
        self._complete()

    def reinterpret(self) -> None:
        """What names mean has changed: whatever was read from them, or made of that, is read anew."""
        for model in self.get_models():
            model._meta.conditions.clear()
            model._meta.orders.clear()
            for listener in self._registered:
                listener(model)

    def _complete(self) -> None:
        # The keys of a link come before the relation that goes through them.
        waiting, self._waiting = sorted(self._waiting, key=lambda one: isinstance(one, ManyRelation)), []
        for relation in waiting:
            relation.model = self._named(relation.target, relation.source)
            through = getattr(relation, "through", None)
            if relation.model is None or (through is not None and self._named(through, relation.source) is None):
                self._waiting.append(relation)
                continue
            if isinstance(relation, ManyRelation) and through is not None:
                relation.through = self._named(through, relation.source)
            for listener in self._completed:
                listener(relation)

    def _named(self, target: Any, source: Any) -> Any:
        """The model that *target* is, or names as seen from *source*; ``None`` while there is none."""
        if not isinstance(target, str):
            return target
        if target == "self":
            return source
        app, _, name = target.rpartition(".")
        return self.models.get((app or source._meta.app_label, name.lower()))

    def get_model(self, label: str, name: str | None = None) -> Any:
        """The model ``"app.Model"``, or ``("app", "Model")``; ``LookupError`` with the choices."""
        app, model_name = (label, name) if name is not None else label.rpartition(".")[::2]
        found = self.models.get((app, model_name.lower()))
        if found is None:
            labels = [model._meta.label for model in self.models.values()]
            raise LookupError(f"No model is named {app}.{model_name}. {did_you_mean(f'{app}.{model_name}', labels)}")
        return found

    def get_models(self) -> list[Any]:
        """Every model, in the order in which they were made."""
        return list(self.models.values())

    def check_complete(self, relation: Relation) -> None:
        """Raise ``ImproperlyConfigured`` when the relation's target was never made."""
        if relation.model is None:
            labels = [model._meta.label for model in self.models.values()]
            raise ImproperlyConfigured(
                f"{relation.source._meta.label}.{relation.field.name} points to {relation.target!r}, which no model is "
                f"named (yet). {did_you_mean(relation.target, labels)}"
            )


registry = Registry()
"""The models of this process."""
