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
    expression,
    has_aggregate,
)
from dorm.expressions.q import Q

__all__ = [
    "Builder",
    "Combinable",
    "CombinedExpression",
    "Expression",
    "F",
    "OrderBy",
    "Q",
    "Scope",
    "Several",
    "Shape",
    "Value",
    "expression",
    "has_aggregate",
]
