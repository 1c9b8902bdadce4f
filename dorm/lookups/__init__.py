"""The comparisons behind ``field__lookup=value``: one class each, with ``name`` and ``node()``.

``prepare`` looks at the value when the filter is written: it may turn it into the right class, refuse it, answer that
nothing (or everything) can match, or choose another lookup, because what decides the SQL is decided there.  ``node``
builds SQL later, with slots in the value's place.  A transform (``joined__year``) is a class with ``name``, ``output``
and ``node()``.
"""

from __future__ import annotations

from typing import Final

from dorm.lookups.applied import Transformed, chained, transform_of
from dorm.lookups.base import (
    BUILT_IN,
    EVERYTHING,
    NONE,
    NOTHING,
    Computed,
    Lookup,
    Operand,
    Right,
    Transform,
    Verdict,
    forget,
    kept,
    register_computed,
)
from dorm.lookups.comparisons import (
    Comparison,
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    IsNull,
    LessThan,
    LessThanOrEqual,
    NotNull,
    Null,
    Range,
)
from dorm.lookups.dates import DATE_TRANSFORMS, MOMENT_TRANSFORMS, TIME_TRANSFORMS
from dorm.lookups.documents import DOCUMENT_LOOKUPS, HasAnyKeys, HasKey, HasKeys
from dorm.lookups.text import (
    Contains,
    EndsWith,
    IContains,
    IEndsWith,
    IExact,
    IRegex,
    IStartsWith,
    Regex,
    StartsWith,
    Text,
)

LOOKUPS: Final[tuple[type[Lookup], ...]] = (
    Exact, IExact, GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual, Range, In, Null, Contains, IContains,
    StartsWith, IStartsWith, EndsWith, IEndsWith, Regex, IRegex,
)  # fmt: skip
BUILT_IN.update((lookup.name, lookup) for lookup in LOOKUPS)

__all__ = [
    "DATE_TRANSFORMS",
    "DOCUMENT_LOOKUPS",
    "EVERYTHING",
    "LOOKUPS",
    "MOMENT_TRANSFORMS",
    "NONE",
    "NOTHING",
    "TIME_TRANSFORMS",
    "Comparison",
    "Computed",
    "Contains",
    "EndsWith",
    "Exact",
    "GreaterThan",
    "GreaterThanOrEqual",
    "HasAnyKeys",
    "HasKey",
    "HasKeys",
    "IContains",
    "IEndsWith",
    "IExact",
    "IRegex",
    "IStartsWith",
    "In",
    "IsNull",
    "LessThan",
    "LessThanOrEqual",
    "Lookup",
    "NotNull",
    "Null",
    "Operand",
    "Range",
    "Regex",
    "Right",
    "StartsWith",
    "Text",
    "Transform",
    "Transformed",
    "Verdict",
    "chained",
    "forget",
    "kept",
    "register_computed",
    "transform_of",
]
