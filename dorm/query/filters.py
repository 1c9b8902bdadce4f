"""From the parts of a WHERE to a node, without recursion.

Each part also says at which joined tables it needs a row in order to be true: AND needs what any child needs, OR what
all need, NOT nothing.  A comparison below an odd number of NOTs is false, not unknown, where its column is NULL, so
that ``exclude(age=5)`` keeps the rows without an age.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.expressions import Several, has_aggregate, has_window, unpinned
from dorm.lookups import EVERYTHING, NONE, NOTHING, Computed, In, Right, Verdict
from dorm.meta.conditions import Compared, Held, is_group
from dorm.meta.paths import Condition, Path
from dorm.query.joins import Joins, prefixes
from dorm.query.mentioned import mentioned
from dorm.query.qualified import conjuncts, is_mixed
from dorm.sql.alike import alike, comparable
from dorm.sql.documents import JSONAt
from dorm.sql.kinds import Kind, Type
from dorm.sql.nodes import (
    Boolean,
    Column,
    Constant,
    Exists,
    Infix,
    IsNull,
    Node,
    Not,
    Odd,
    Parenthesis,
    Scalar,
    Select,
    Table,
)
from dorm.sql.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dorm.lookups import Lookup, Operand
    from dorm.meta.conditions import Part
    from dorm.query.joins import Place
    from dorm.query.planner import Planner


class Found(Record):
    """A condition as a node (or a verdict), and the places it needs."""

    node: Node | Verdict
    needs: frozenset[Place]
    aggregate: bool = False
    """Whether it is about a group of rows, so that it belongs into HAVING."""
    window: bool = False
    """Whether it is about a window of rows, so that it is tested after all others."""


class Filters(Record):
    """The WHERE and the HAVING of a query, what is tested after windows are computed, and the places they need."""

    where: Node | Verdict
    having: Node | Verdict
    qualify: Node | Verdict
    needs: frozenset[Place]


SILENCE = Verdict("SILENCE")
"""An empty group: it says nothing, negated or not."""

NO_PLACES: frozenset[Any] = frozenset()


class _Frame:
    """A group whose parts are being built."""

    __slots__ = ("call", "connector", "found", "negated", "odd", "remaining")

    def __init__(self, connector: str, parts: Sequence[Part], *, negated: bool, odd: bool, call: int | None) -> None:
        self.connector, self.negated, self.odd, self.call = connector, negated, odd, call
        self.remaining: Iterator[Any] = iter(parts)
        self.found: list[Found] = []


def split(planner: Planner, parts: Sequence[Part]) -> Filters:
    """The conditions of *parts*, all of which must hold, by kind.  Slots follow the order of the parts."""
    rows, groups, windows = (_Frame("AND", (), negated=False, odd=False, call=None) for _ in range(3))
    for part in conjuncts(parts) if is_mixed(parts) else parts:
        found = build(planner, (part,))
        (windows if found.window else groups if found.aggregate else rows).found.append(found)
    made = [_group(one) for one in (rows, groups, windows)]
    where, having, qualify = (EVERYTHING if one.node is SILENCE else one.node for one in made)
    # A condition on a window is tested later: no row may be missing when windows are computed.
    return Filters(where, having, qualify, made[0].needs | made[1].needs)


def build(planner: Planner, parts: Sequence[Part], *, splits: bool = True) -> Found:
    """One condition: that all *parts* hold.

    With *splits*, what denies something of to-many rows denies that there is any such row.
    """
    frames = [_Frame("AND", parts, negated=False, odd=False, call=None)]
    while True:
        frame = frames[-1]
        for part in frame.remaining:
            if is_group(part):
                connector, negated, children, call = part
                odd = frame.odd is not negated
                inner = frame.call if call is None else call
                frames.append(_Frame(connector, children, negated=negated, odd=odd, call=inner))
                break
            before = planner.joins.current
            planner.joins.current = before if frame.call is None else frame.call
            frame.found.append(_leaf(planner, part, frame, splits=splits))
            planner.joins.current = before
        else:
            frames.pop()
            found = _group(frame)
            if not frames:
                return found
            frames[-1].found.append(found)


def _leaf(planner: Planner, part: Any, frame: _Frame, *, splits: bool) -> Found:
    if isinstance(part, Verdict):
        return Found(NOTHING if part is NONE else part, NO_PLACES)
    if isinstance(part, Compared):
        return _compared(planner, part)
    if isinstance(part, Held):
        return Found(planner.node(part[0]), NO_PLACES, has_aggregate(part[0]), has_window(part[0]))
    condition: Condition
    condition, shape = part if part.__class__ is tuple else (part, None)
    path = condition.path
    if splits and path.many and frame.odd:
        return Found(_some_row(planner, condition, shape), NO_PLACES)
    column = planner.column(path, frame.call)
    node = _comparison(planner, condition, shape, column)
    aggregate, window = has_aggregate(shape), has_window(shape)
    if frame.odd and condition.values and not condition.lookup.true_on_null:
        others = [] if aggregate or window else _nullable(planner, shape, node)
        present = [IsNull(one, negated=True) for one in ([column, *others] if path.nullable else others)]
        node = Boolean("AND", (node, *present)) if present else node
    if aggregate or window:
        return Found(node, NO_PLACES, aggregate, window)
    if frame.odd or condition.lookup.true_on_null:
        return Found(node, NO_PLACES)
    needs = prefixes(planner.joins, path.steps, frame.call)
    for other, _, pin in mentioned((shape,), conditions=False):
        if pin is None:
            needs |= prefixes(planner.joins, other.steps, None)
    return Found(node, frozenset(needs))


def _nullable(planner: Planner, shape: Any, node: Node) -> list[Node]:
    """What must not be NULL on the right side of a comparison: its column, or else the comparison *node* itself."""
    own = unpinned(shape)
    if isinstance(own, Path):
        return [planner.node(shape)] if own.nullable else []
    return [Parenthesis(node)] if any(path.nullable for path, _, _ in mentioned((shape,), conditions=False)) else []


def _some_row(planner: Planner, condition: Condition, shape: Any) -> Node:
    """That there is a row at the end of a to-many path for which the condition holds: what a NOT around it denies.

    Each condition is about any row by itself, also within one ``exclude()``, as in Django.
    """
    steps = condition.path.steps
    first = next(index for index, step in enumerate(steps) if step.many)
    step, rest = steps[first], steps[first + 1 :]
    table = step.target._meta.db_table
    inner = Joins(table, planner.fresh_alias)
    linked = Infix(
        "=", Column(inner.table, step.target_column), Column(planner.joins.alias(steps[:first]), step.column)
    )
    node = _comparison(planner, condition, shape, Column(inner.alias(rest), condition.path.field.column))
    of = Table(table, inner.table)
    if not condition.lookup.true_on_null:
        inner.require(prefixes(inner, rest, None))
        return Exists(Select((Constant("1"),), of, inner.nodes(), Boolean("AND", (linked, node))))
    # No row at all is a row of NULLs to a filter, and so it is here.
    nobody = Not(Exists(Select((Constant("1"),), of, (), linked)))
    if not (condition.path.field.null or any(one.nullable for one in rest)):
        return nobody
    found = Select((Constant("1"),), of, inner.nodes(), Boolean("AND", (linked, node)))
    return Boolean("OR", (nobody, Exists(found)))


def _comparison(planner: Planner, condition: Condition, shape: Any, column: Node) -> Node:
    left: Node = column
    operand: Operand = condition.path.field
    for transform in condition.transforms:
        left, operand = transform.node(left, operand), Computed(transform.result(operand))
    if condition.pattern:
        left = JSONAt(left, planner.value(None), condition.pattern)
    if shape is None:
        right = Right(condition.operand, planner.dialect, planner.index)
        planner.index += condition.values
    else:
        left, node = _sides(planner, condition.lookup, left, operand.sql_type, shape)
        right = Right(condition.operand, planner.dialect, -1, node, planner.output(shape))
    return condition.lookup.node(left, right)


def _sides(planner: Planner, lookup: type[Lookup], left: Node, type_: Type | None, shape: Any) -> tuple[Node, Node]:
    """Both sides of a comparison with an expression, in forms that compare with each other."""
    right = planner.node(shape)
    if lookup is In and isinstance(right, Scalar):
        return left, right  # a query of many values
    several = shape[1:] if shape.__class__ is tuple and shape[0] is Several else None
    if several is None:
        left, right = alike([(left, type_), (right, planner.output(shape))])
        return left, right
    left, *rights = alike([(left, type_), *zip(right, map(planner.output, several), strict=True)])
    return left, tuple(rights)


def _compared(planner: Planner, part: Compared) -> Found:
    """A comparison with a computed left side."""
    left = planner.node(part.left)
    own = unpinned(part.left)
    operand: Operand = own.field if isinstance(own, Path) else Computed(part.left_type)
    for transform in part.transforms:
        left, operand = transform.node(left, operand), Computed(transform.result(operand))
    if part.right is None:
        if not isinstance(left, Column) and operand.sql_type.kind is Kind.DECIMAL:
            # What is computed is compared as computed decimals are, whatever it is made of.
            operand = Computed(Type(Kind.DECIMAL, places=operand.sql_type.places))
            left = comparable(left, operand.sql_type)
        right = Right(operand, planner.dialect, planner.index)
        planner.index += part.lookup.values
    else:
        type_ = operand.sql_type if part.transforms else part.left_type
        left, node = _sides(planner, part.lookup, left, type_, part.right)
        right = Right(operand, planner.dialect, -1, node, planner.output(part.right))
    aggregate = has_aggregate(part.left) or has_aggregate(part.right)
    window = has_window(part.left) or has_window(part.right)
    return Found(part.lookup.node(left, right), NO_PLACES, aggregate, window)


def _group(frame: _Frame) -> Found:
    said = [item for item in frame.found if item.node is not SILENCE]
    if not said:
        return Found(SILENCE, NO_PLACES)
    if frame.connector == "XOR":
        return _exclusive(frame, said)
    absorbing, neutral = (NOTHING, EVERYTHING) if frame.connector == "AND" else (EVERYTHING, NOTHING)
    found = [item for item in said if item.node is not neutral]
    if any(item.node is absorbing for item in found):
        return _negated(absorbing) if frame.negated else Found(absorbing, NO_PLACES)
    if not found:
        return _negated(neutral) if frame.negated else Found(neutral, NO_PLACES)
    node = found[0].node if len(found) == 1 else Boolean(_connector(frame), tuple(item.node for item in found))
    aggregate, window = any(item.aggregate for item in found), any(item.window for item in found)
    if frame.negated:
        return Found(Not(node), NO_PLACES, aggregate, window)
    needs = found[0].needs
    for item in found[1:]:
        needs = needs | item.needs if frame.connector == "AND" else needs & item.needs
    return Found(node, needs, aggregate, window)


def _exclusive(frame: _Frame, said: list[Found]) -> Found:
    """That an odd number of the parts holds.  None of them must hold, so that no row is needed anywhere."""
    open_ = [item for item in said if not isinstance(item.node, Verdict)]
    plus = sum(item.node is EVERYTHING for item in said) % 2
    if not open_:
        return Found(EVERYTHING if bool(plus) is not frame.negated else NOTHING, NO_PLACES)
    node = Odd(tuple(item.node for item in open_), plus)
    aggregate, window = any(item.aggregate for item in open_), any(item.window for item in open_)
    return Found(Not(node) if frame.negated else node, NO_PLACES, aggregate, window)


def _connector(frame: _Frame) -> Any:
    return frame.connector


def _negated(verdict: Verdict) -> Found:
    return Found(NOTHING if verdict is EVERYTHING else EVERYTHING, NO_PLACES)
