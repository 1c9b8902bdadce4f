"""Nodes about JSON documents.  As in :mod:`dorm.sql.nodes`.

A value is compared with what it is: a number with numbers, a text with texts.  Its *sort* is part of the SQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from dorm.sql.record import Record

if TYPE_CHECKING:
    from dorm.sql.kinds import Kind
    from dorm.sql.nodes import Node, Slot

Sort: TypeAlias = Literal["null", "boolean", "number", "text", "container"]


class JSONAt(Record):
    """The part of *operand* at the path that *keys* brings; *pattern* says of each key which kind it is.

    Without any it is the document itself, and says that it is one.
    """

    operand: Node
    keys: Slot
    pattern: str


class JSONText(Record):
    """A document as text: of a text the text itself."""

    operand: Node


class JSONOf(Record):
    """A value of another kind as a document."""

    operand: Node
    kind: Kind | None


class JSONCompared(Record):
    """``left operator right``: *right* is the slot of a value of that *sort*, or another document (then ``None``)."""

    operator: str
    left: Node
    right: Node
    sort: Sort | None


class JSONListed(Record):
    """Whether *left* equals one of the values that *members* brings."""

    left: Node
    members: Slot


class JSONContains(Record):
    """Whether *left* contains *right*, both documents."""

    left: Node
    right: Node


class JSONHas(Record):
    """Whether *left* has the key, all or any of the keys that *keys* brings."""

    left: Node
    keys: Node
    how: Literal["one", "all", "any"]


def sort_of(value: Any) -> Sort:
    """The sort of a value as :mod:`json` gives it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return "text" if isinstance(value, str) else "container"
