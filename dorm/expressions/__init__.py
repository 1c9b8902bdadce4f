"""What users write to compute and to combine conditions."""

from __future__ import annotations

from dorm.expressions.base import (
    Builder,
    Combinable,
    CombinedExpression,
    Expression,
    F,
    OrderBy,
    Scope,
    Several,
    Shape,
    Value,
    declared_type,
    has_aggregate,
)
from dorm.expressions.outputs import Outputs, outputs
from dorm.expressions.pinned import Pinned, is_pinned, unpinned
from dorm.expressions.q import Conditional, Holds, Q, expression, operand
from dorm.expressions.slices import Sliced
from dorm.expressions.subqueries import Exists, Nested, OuterRef, Subquery
from dorm.expressions.typed import ExpressionWrapper, RawSQL
from dorm.expressions.windows import (
    RowRange,
    ValueRange,
    Window,
    WindowFrame,
    WindowFrameExclusion,
    has_window,
)

__all__ = [
    "Builder",
    "Combinable",
    "CombinedExpression",
    "Conditional",
    "Exists",
    "Expression",
    "ExpressionWrapper",
    "F",
    "Holds",
    "Nested",
    "OrderBy",
    "OuterRef",
    "Outputs",
    "Pinned",
    "Q",
    "RawSQL",
    "RowRange",
    "Scope",
    "Several",
    "Shape",
    "Sliced",
    "Subquery",
    "Value",
    "ValueRange",
    "Window",
    "WindowFrame",
    "WindowFrameExclusion",
    "declared_type",
    "expression",
    "has_aggregate",
    "has_window",
    "is_pinned",
    "operand",
    "outputs",
    "unpinned",
]
