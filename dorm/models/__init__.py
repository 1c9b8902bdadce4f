"""The faces: models, their managers and query sets.  ``from dorm import models`` gives every public name."""

from __future__ import annotations

from dorm import fields
from dorm.constraints import BaseConstraint, CheckConstraint, Deferrable, UniqueConstraint
from dorm.enums import Choices, IntegerChoices, TextChoices
from dorm.exceptions import ObjectDoesNotExist
from dorm.expressions import F, Q, Value
from dorm.fields import *  # noqa: F403 - the fields are this package's public names too
from dorm.indexes import Index
from dorm.models.base import Model
from dorm.models.combined import CombinedQuerySet
from dorm.models.empty import EmptyQuerySet
from dorm.models.manager import Manager
from dorm.models.prefetch import Prefetch, aprefetch_related_objects, prefetch_related_objects
from dorm.models.queryset import QuerySet
from dorm.models.raw import RawQuerySet

__all__ = [
    "BaseConstraint",
    "CheckConstraint",
    "Choices",
    "CombinedQuerySet",
    "Deferrable",
    "EmptyQuerySet",
    "F",
    "Index",
    "IntegerChoices",
    "Manager",
    "Model",
    "ObjectDoesNotExist",
    "Prefetch",
    "Q",
    "QuerySet",
    "RawQuerySet",
    "TextChoices",
    "UniqueConstraint",
    "Value",
    "aprefetch_related_objects",
    "prefetch_related_objects",
]
__all__ += fields.__all__
