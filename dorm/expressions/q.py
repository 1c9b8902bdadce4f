"""``Q``: conditions combined with ``&``, ``|`` and ``~``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

Child: TypeAlias = "Q | tuple[str, Any]"


class Q:
    """Conditions combined with ``&``, ``|`` and ``~``: ``Q(age__lt=18) | Q(age__gt=65)``."""

    AND: ClassVar[str] = "AND"
    OR: ClassVar[str] = "OR"

    def __init__(self, *conditions: Child, _connector: str = "AND", _negated: bool = False, **lookups: Any) -> None:
        if _connector not in ("AND", "OR"):
            raise ValueError(f"A Q's connector is 'AND' or 'OR', not {_connector!r}.")
        if not isinstance(_negated, bool):
            raise TypeError(f"_negated is True or False, not {_negated!r}.")
        for condition in conditions:
            if not isinstance(condition, (Q, tuple)):
                raise TypeError(f"Q takes Q objects and keyword lookups, not {condition!r}.")
        self.connector = _connector
        self.negated = _negated
        self.children: list[Child] = [*conditions, *lookups.items()]

    def _combine(self, other: Q, connector: str) -> Q:
        if not isinstance(other, Q):
            raise TypeError(f"Cannot combine a Q with {other!r}.")
        if not self.children:
            return other
        if not other.children:
            return self
        combined = Q(_connector=connector)
        for side in (self, other):
            same = not side.negated and (side.connector == connector or len(side.children) == 1)
            combined.children += side.children if same else [side]
        return combined

    def __and__(self, other: Q) -> Q:
        return self._combine(other, "AND")

    def __or__(self, other: Q) -> Q:
        return self._combine(other, "OR")

    def __invert__(self) -> Q:
        opposite = Q(_connector=self.connector, _negated=not self.negated)
        opposite.children = self.children
        return opposite

    def flatten(self) -> Iterator[tuple[str, Any]]:
        """Every lookup in it, as (name, value), left to right."""
        stack: list[Child] = [self]
        while stack:
            child = stack.pop()
            if isinstance(child, Q):
                stack.extend(reversed(child.children))
            else:
                yield child

    def __bool__(self) -> bool:
        return bool(self.children)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Q):
            return NotImplemented
        return (self.connector, self.negated, self.children) == (other.connector, other.negated, other.children)

    def __hash__(self) -> int:
        return hash((self.connector, self.negated, tuple(map(repr, self.flatten()))))

    def __repr__(self) -> str:
        inner = ", ".join(
            f"{child[0]}={child[1]!r}" if isinstance(child, tuple) else repr(child) for child in self.children
        )
        connector = "" if self.connector == "AND" or len(self.children) < 2 else ", _connector='OR'"
        return f"{'~' if self.negated else ''}Q({inner}{connector})"

    def __copy__(self) -> Self:
        return self
