"""Functions that choose between values, compare them, or make another type of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.expressions import declared_type
from dorm.functions.base import Func, alike, kind_of_part
from dorm.hints import did_you_mean
from dorm.sql import calls, nodes
from dorm.sql.kinds import INTEGERS, Kind, Type, unified

if TYPE_CHECKING:
    from dorm.expressions import Builder
    from dorm.sql.nodes import Node


class _Choice(Func):
    """Base: one of the arguments."""

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        return nodes.Call(str(cls.function), alike(builder, parts))

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        return unified([builder.output(part) for part in parts])


class Coalesce(_Choice):
    """The first argument that is not NULL."""

    function = "COALESCE"

    def __init__(self, *expressions: Any, output_field: Any = None) -> None:
        if len(expressions) < 2:
            raise ValueError("Coalesce must take at least two expressions")
        super().__init__(*expressions, output_field=output_field)


class NullIf(Func):
    """The first argument, or NULL when it equals the second."""

    function, arity = "NULLIF", 2

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        return nodes.Call("NULLIF", alike(builder, parts))


class Greatest(_Choice):
    """The greatest of the arguments; NULL when any is, on both databases."""

    function = "GREATEST"

    def __init__(self, *expressions: Any, output_field: Any = None) -> None:
        if len(expressions) < 2:
            raise ValueError("Greatest must take at least two expressions")
        super().__init__(*expressions, output_field=output_field)

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        return nodes.Extreme("greatest", alike(builder, parts))


class Least(_Choice):
    """The least of the arguments; NULL when any is, on both databases."""

    function = "LEAST"

    def __init__(self, *expressions: Any, output_field: Any = None) -> None:
        if len(expressions) < 2:
            raise ValueError("Least must take at least two expressions")
        super().__init__(*expressions, output_field=output_field)

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        return nodes.Extreme("least", alike(builder, parts))


class Collate(Func):
    """Text in the named collation of the database, which decides how it is compared and ordered."""

    function = "COLLATE"

    def __init__(self, expression: Any, collation: str) -> None:
        plain = collation.replace("_", "").replace("-", "").replace(".", "") if isinstance(collation, str) else ""
        if not plain.isalnum():
            raise ValueError(f"Invalid collation name: {collation!r}.")
        super().__init__(expression)
        self.collation = collation

    def settings(self) -> tuple[Any, ...]:
        return (self.collation,)

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        return calls.Collated(builder.node(parts[1]), parts[0])

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        return builder.output(parts[1])


CASTS: dict[str, Kind] = {
    "text": Kind.TEXT,
    "integer": Kind.INTEGER,
    "bigint": Kind.BIGINT,
    "float": Kind.FLOAT,
    "numeric": Kind.DECIMAL,
    "boolean": Kind.BOOLEAN,
    "date": Kind.DATE,
    "time": Kind.TIME,
    "datetime": Kind.DATETIME,
}
"""What ``output_field`` of a Cast may say in words."""


class Cast(Func):
    """The expression as another type: that of a field, or one of the words of ``CASTS``.

    A text is cut to the length of a CharField, a number rounded to the places of a DecimalField, a fraction to the
    nearest integer.
    """

    function = "CAST"

    def __init__(self, expression: Any, output_field: Any) -> None:
        super().__init__(expression)
        if isinstance(output_field, str):
            if output_field not in CASTS:
                raise ValueError(
                    f"Cast to {output_field!r} is unknown. {did_you_mean(output_field, CASTS)} Or pass a field."
                )
            self.target = Type(CASTS[output_field])
        else:
            type_ = declared_type(output_field)
            if type_ is None:
                raise TypeError(f"Cast needs an output_field: a field, or one of {', '.join(CASTS)}.")
            self.target = type_._replace(collation=None)

    def settings(self) -> tuple[Any, ...]:
        return (self.target,)

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        type_, part = parts
        node = builder.node(part)
        if type_.kind in INTEGERS and kind_of_part(builder, part) in (Kind.FLOAT, Kind.DECIMAL):
            node = calls.Rounded(node, "0", None)
        return calls.Convert(node, type_)

    @classmethod
    def output(cls, builder: Builder, *parts: Any) -> Type | None:
        found: Type = parts[0]
        return found
