"""The half of a web API that knows no web framework: schemas, pages, and errors as problem details (RFC 9457).

``dorm_fastapi`` puts it behind routes.
"""

from __future__ import annotations

from dorm.contrib.rest.pagination import LimitOffset
from dorm.contrib.rest.problems import Problem, ProblemError, problem_for, validation_problem
from dorm.contrib.rest.schemas import Schemas, schemas_for

__all__ = [
    "LimitOffset",
    "Problem",
    "ProblemError",
    "Schemas",
    "problem_for",
    "schemas_for",
    "validation_problem",
]
