"""From the steps of paths to joined tables: aliases shared where rows are the same, INNER or LEFT as each demands."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from dorm.sql.nodes import Column, Infix, Join, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dorm.meta.relations import Step

Steps: TypeAlias = "tuple[Step, ...]"
Place: TypeAlias = "tuple[Steps, int | None]"
"""Steps, and the call of ``filter`` whose rows they are when they cross a to-many relation."""


EVERY_CALL = 1_000_000
"""Later than any call."""


class Joins:
    """The joins of one SELECT."""

    def __init__(self, table: str, fresh: Callable[[], str] | None = None) -> None:
        self._fresh = fresh
        """Gives the aliases of a SELECT inside another: none of its tables may hide one of the outer."""
        self.table = table if fresh is None else fresh()
        self._aliases: dict[Place, str] = {((), None): self.table}
        self._required: set[Place] = set()
        self.current: int | None = None
        """The call of ``filter`` to which belongs what names none, while its conditions are built."""
        self.shared = EVERY_CALL
        """The last call of ``filter`` whose to-many joins may be shared by what belongs to no call."""

    def place(self, steps: Steps, call: int | None) -> Place:
        """Where rows reached by *steps* are: to-many rows belong to one call of ``filter``."""
        first = next((index for index, step in enumerate(steps, 1) if step.many), None)
        if first is None:
            return (steps, None)
        if call is None:
            call = self.current
        if call is None:
            # What belongs to no call shares the join of the last filter over the same to-many relation.
            numbers = [number for placed, number in self._aliases if placed == steps[:first] and number is not None]
            call = max((number for number in numbers if number <= self.shared), default=0)
        return (steps, call)

    def alias(self, steps: Steps, call: int | None = None) -> str:
        """The alias of the table at the end of *steps*, joined if it was not yet."""
        place = self.place(steps, call)
        found = self._aliases.get(place)
        if found is None:
            self.alias(steps[:-1], place[1])
            found = self._aliases[place] = self._name(steps[-1].target._meta.db_table)
        return found

    def _name(self, table: str) -> str:
        if self._fresh is not None:
            return self._fresh()
        taken = self._aliases.values()
        return table if table not in taken else f"T{len(taken) + 1}"

    def require(self, places: Iterable[Place]) -> None:
        """Rows without a partner at these places cannot match: an INNER join will do."""
        self._required.update(places)

    def nodes(self) -> tuple[Join, ...]:
        """The joins, in the order in which they were asked for."""
        return tuple(self._node(place, alias) for place, alias in self._aliases.items() if place[0])

    def _node(self, place: Place, alias: str) -> Join:
        steps, call = place
        step = steps[-1]
        parent = self._aliases[self.place(steps[:-1], call)]
        inner = place in self._required or not any(part.nullable for part in steps)
        condition = Infix("=", Column(parent, step.column), Column(alias, step.target_column))
        return Join("INNER JOIN" if inner else "LEFT OUTER JOIN", Table(step.target._meta.db_table, alias), condition)


def prefixes(joins: Joins, steps: Steps, call: int | None) -> set[Place]:
    """The places on the way along *steps*."""
    return {joins.place(steps[:length], call) for length in range(1, len(steps) + 1)}
