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
from dorm.expressions.q import Conditional, Holds, Q, expression, operand
from dorm.expressions.subqueries import Exists, Nested, OuterRef, Subquery
from dorm.expressions.typed import ExpressionWrapper, RawSQL

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
    "Q",
    "RawSQL",
    "Scope",
    "Several",
    "Shape",
    "Subquery",
    "Value",
    "declared_type",
    "expression",
    "has_aggregate",
    "operand",
]
