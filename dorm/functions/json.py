"""Functions that make JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.expressions import Value
from dorm.functions.base import Func, kind_of_part
from dorm.sql import calls
from dorm.sql.kinds import Kind

if TYPE_CHECKING:
    from dorm.expressions import Builder
    from dorm.sql.nodes import Node


class JSONObject(Func):
    """A JSON object: ``JSONObject(name="author__name", pages="pages")``.  Text names a field."""

    function, result = "JSON_OBJECT", Kind.JSON

    def __init__(self, **fields: Any) -> None:
        super().__init__(*(part for name, value in fields.items() for part in (Value(name), value)))

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        return calls.JSONBuilt("object", tuple((builder.node(part), kind_of_part(builder, part)) for part in parts))


class JSONArray(Func):
    """A JSON array of the expressions.  Text names a field."""

    function, result = "JSON_ARRAY", Kind.JSON

    def __init__(self, *expressions: Any) -> None:
        super().__init__(*expressions)

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        return calls.JSONBuilt("array", tuple((builder.node(part), kind_of_part(builder, part)) for part in parts))
