"""Searching in text.  Upper and lower case differ unless the name begins with ``i``, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from dorm.lookups.base import Lookup, Operand, Right, Verdict
from dorm.lookups.comparisons import Null
from dorm.sql import nodes
from dorm.sql.kinds import Kind, text_of
from dorm.sql.nodes import Call, Cast, Constant, Match

if TYPE_CHECKING:
    from dorm.sql.nodes import Node


class Text(Lookup):
    """Base of lookups that search in text; other kinds are searched in their text form."""

    how: ClassVar[Any]
    insensitive: ClassVar[bool] = False

    @classmethod
    def plain_classes(cls, operand: Operand) -> frozenset[type]:
        return frozenset() if operand.sql_type.kind is Kind.UUID else frozenset({str})

    @classmethod
    def prepare(cls, operand: Operand, value: Any) -> tuple[type[Lookup] | Verdict, Any]:
        if value is None:
            raise ValueError(f"Cannot use None with {cls.name!r}. Use isnull=True.")
        text = text_of(value)
        return cls, text.replace("-", "") if operand.sql_type.kind is Kind.UUID else text

    @classmethod
    def supports(cls, operand: Operand) -> bool:
        return operand.sql_type.kind not in (Kind.BINARY, Kind.JSON) and getattr(operand, "remote_field", None) is None

    @classmethod
    def node(cls, left: Node, right: Right) -> Node:
        return Match(cls.how, as_text(left, right), right.text(), cls.insensitive, right.node is None)


def as_text(left: Node, right: Right) -> Node:
    """*left*, cast when it is no text."""
    kind = right.operand.sql_type.kind
    if kind.is_text:
        return left
    text = Cast(left, Kind.TEXT)
    # A UUID is searched without its hyphens: SQLite stores it so.
    return Call("REPLACE", (text, Constant("'-'"), Constant("''"))) if kind is Kind.UUID else text


class IExact(Text):
    """Equal, whatever the case; ``None`` means IS NULL."""

    name, how, insensitive = "iexact", "exact", True

    @classmethod
    def prepare(cls, operand: Operand, value: Any) -> tuple[type[Lookup] | Verdict, Any]:
        return (Null, None) if value is None else super().prepare(operand, value)


class Contains(Text):
    """The text occurs, case included."""

    name, how = "contains", "contains"


class IContains(Text):
    """The text occurs, whatever the case."""

    name, how, insensitive = "icontains", "contains", True


class StartsWith(Text):
    """The text stands at the beginning."""

    name, how = "startswith", "startswith"


class IStartsWith(Text):
    """The text stands at the beginning, whatever the case."""

    name, how, insensitive = "istartswith", "startswith", True


class EndsWith(Text):
    """The text stands at the end."""

    name, how = "endswith", "endswith"


class IEndsWith(Text):
    """The text stands at the end, whatever the case."""

    name, how, insensitive = "iendswith", "endswith", True


class Regex(Text):
    """A regular expression matches somewhere (the database's own syntax; on SQLite Python's)."""

    name = "regex"

    @classmethod
    def node(cls, left: Node, right: Right) -> Node:
        return nodes.Regex(as_text(left, right), right.text(), cls.insensitive)


class IRegex(Regex):
    """A regular expression matches somewhere, whatever the case."""

    name, insensitive = "iregex", True
