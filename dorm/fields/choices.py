"""Choices in all the forms in which they may be given, and what a field does with them."""

from __future__ import annotations

from typing import Any

BLANK = [("", "---------")]
"""What a form shows for no choice."""


def read_choices(choices: Any) -> list[tuple[Any, Any]] | None:
    """Choices as (value, label) pairs and (group, pairs): from such pairs, a mapping, a callable or an enumeration."""
    if choices is None:
        return None
    if hasattr(choices, "choices"):
        choices = choices.choices
    elif hasattr(choices, "__members__"):
        choices = [(member.value, member.name.replace("_", " ").title()) for member in choices]
    if callable(choices):
        choices = choices()
    entries = choices.items() if hasattr(choices, "items") else choices
    pairs: list[tuple[Any, Any]] = []
    for entry in entries:
        if isinstance(entry, str) or not hasattr(entry, "__len__") or len(entry) != 2:
            raise TypeError(f"A choice is a pair (value, label), not {entry!r}.")
        value, label = entry
        pairs.append((value, read_choices(label) if isinstance(label, (list, tuple, dict)) else label))
    return pairs


def flat(choices: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """The pairs of all groups, one after the other."""
    found: list[tuple[Any, Any]] = []
    for value, label in choices:
        found += flat(label) if label.__class__ is list else [(value, label)]
    return found


class Choosing:
    """The part of a field that knows its choices.  A callable is asked each time."""

    blank: bool
    _choices: Any

    def _choose(self, given: Any) -> None:
        later = callable(given) and not hasattr(given, "choices") and not hasattr(given, "__members__")
        self._choices = given if later else read_choices(given)

    @property
    def has_choices(self) -> bool:
        """Whether choices were given."""
        return self._choices is not None

    @property
    def choices(self) -> list[tuple[Any, Any]] | None:
        """The (value, label) pairs, and (group, pairs) where there are groups; ``None`` without choices."""
        return read_choices(self._choices) if callable(self._choices) else self._choices

    @property
    def flatchoices(self) -> list[tuple[Any, Any]]:
        """The (value, label) pairs, without groups."""
        return flat(self.choices or [])

    def get_choices(self, include_blank: bool = True, blank_choice: Any = BLANK) -> list[tuple[Any, Any]]:
        """The choices as a form shows them, with a blank one before them unless one is there."""
        choices = list(self.choices or [])
        given = any(value in (None, "") for value, _ in flat(choices))
        return choices if given or not include_blank else [*blank_choice, *choices]

    def label_of(self, value: Any) -> Any:
        """The label of a value; the value itself when it is none of the choices."""
        for choice, label in self.flatchoices:
            if choice == value and isinstance(choice, bool) is isinstance(value, bool):
                return str(label)
        return value if value is None else str(value)


def displayed(field: Any) -> Any:
    """The method ``get_<field>_display``."""

    def display(self: Any) -> Any:
        return self._get_FIELD_display(field)

    display.__name__ = f"get_{field.name}_display"
    display.__qualname__ = f"{field.model.__qualname__}.{display.__name__}"
    display.__doc__ = f"The label of what ``{field.name}`` holds."
    return display
