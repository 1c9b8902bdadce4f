"""The links of one instance through a many-to-many relation, seen from its end.  Data; nothing here acts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dorm.meta.relations import ManyRelation, Relation


class Links(NamedTuple):
    """The links of one instance, seen from its end of the relation."""

    relation: ManyRelation
    instance: Any
    forward: bool

    @property
    def near(self) -> Relation:
        """The key of a link to the instance's own end."""
        return self.relation.keys[0 if self.forward else 1]

    @property
    def far(self) -> Relation:
        """The key of a link to the other end."""
        return self.relation.keys[1 if self.forward else 0]

    @property
    def through(self) -> Any:
        """The model of the links."""
        return self.near.source

    @property
    def model(self) -> Any:
        """The model at the other end."""
        return self.far.model

    @property
    def key(self) -> Any:
        """The instance's own key in its links."""
        return getattr(self.instance, self.near.target_field.attname)

    def key_of(self, target: Any) -> Any:
        """The key that stands for *target*, an instance of the other end or a key of one."""
        if not hasattr(target, "_meta"):
            return self.far.target_field.coerce(target)
        if not isinstance(target, self.model):
            raise TypeError(f"{self.relation.field}: expected {self.model.__name__} instances or keys, got {target!r}.")
        key = getattr(target, self.far.target_field.attname)
        if key is None:
            raise ValueError(f"Cannot link {target!r}: it was not saved, so it has no {self.far.target_field.name}.")
        return key

    def keys_of(self, targets: Iterable[Any]) -> list[Any]:
        """The keys of several targets, each once, in order."""
        return list(dict.fromkeys(self.key_of(target) for target in targets))

    def mirrored(self) -> Links | None:
        """The same links seen from the other end, when there is no telling the ends apart."""
        return Links(self.relation, self.instance, not self.forward) if self.relation.symmetrical else None
