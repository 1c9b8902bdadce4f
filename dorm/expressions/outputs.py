"""The type of what a shape yields, told without building anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dorm.sql.kinds import Type


class Outputs:
    """Tells the type of what a shape yields, without building anything."""

    def output(self, shape: Any) -> Type | None:
        """The type, or ``None`` when nothing is known."""
        if shape.__class__ is tuple:
            found: Type | None = shape[0].output(self, *shape[1:])
            return found
        type_: Type = shape.field.sql_type  # a path ends at a field
        return type_


outputs = Outputs()
