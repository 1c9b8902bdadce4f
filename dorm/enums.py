"""Choices as enumerations: members with a value that is stored and a label for people."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any


class ChoicesType(enum.EnumMeta):
    """The class of enumerations whose members have labels."""

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: Any, **arguments: Any) -> Any:
        labels: list[Any] = []
        for member in list(namespace._member_names):
            value, label = _split(namespace[member], member)
            labels.append(label)
            dict[str, Any].__setitem__(namespace, member, value)  # the namespace itself takes no name twice
        made: Any = super().__new__(mcs, name, bases, namespace, **arguments)
        for member, label in zip(made.__members__.values(), labels, strict=True):
            member._label = label
        return enum.unique(made)

    @property
    def _empty(cls) -> list[tuple[Any, Any]]:
        return [(None, vars(cls)["__empty__"])] if "__empty__" in vars(cls) else []

    @property
    def choices(cls) -> list[tuple[Any, Any]]:
        """(value, label) of each member, after the label of no value where ``__empty__`` gives one."""
        members: Any = cls
        return [*cls._empty, *((member.value, member.label) for member in members)]

    @property
    def values(cls) -> list[Any]:
        """The values."""
        return [value for value, _ in cls.choices]

    @property
    def labels(cls) -> list[Any]:
        """The labels."""
        return [label for _, label in cls.choices]

    @property
    def names(cls) -> list[str]:
        """The names of the members."""
        return [*(["__empty__"] if cls._empty else []), *cls._member_names_]

    def __contains__(cls, value: object) -> bool:
        if isinstance(value, enum.Enum):
            return super().__contains__(value)
        members: Any = cls
        return any(member.value == value for member in members)


def _split(given: Any, name: str) -> tuple[Any, Any]:
    """The value and the label of a member; a label that is not given is made of the name."""
    if (
        issubclass(given.__class__, (list, tuple)) and len(given) > 1 and hasattr(given[-1], "title")
    ):  # a text, maybe a lazy one
        *value, label = given
        return (value[0] if len(value) == 1 else tuple(value)), label
    return given, name.replace("_", " ").title()


class Choices(enum.Enum, metaclass=ChoicesType):
    """Base of enumerations of choices of any class: ``class Size(Decimal, Choices): SMALL = "1.5", "Small"``."""

    _label: Any

    @enum.property
    def label(self) -> Any:
        """The name for people."""
        return self._label

    def __str__(self) -> str:
        return str(self.value)

    def __repr__(self) -> str:
        return f"{type(self).__qualname__}.{self.name}"


if TYPE_CHECKING:
    # As IntEnum a checker would take a value with a label for a wrong value.
    class IntegerChoices(int, Choices):
        """Choices that are integers: ``RED = 1, "Red"``; without a label it is made of the name."""

else:

    class IntegerChoices(Choices, enum.IntEnum):
        """Choices that are integers: ``RED = 1, "Red"``; without a label it is made of the name."""


class TextChoices(str, Choices):
    """Choices that are texts: ``RED = "r", "Red"``; ``RED = enum.auto()`` is the name itself."""

    @staticmethod
    def _generate_next_value_(name: str, start: int, count: int, last_values: list[Any]) -> str:
        return name


__all__ = ["Choices", "IntegerChoices", "TextChoices"]
