"""dorm: Django's ORM for FastAPI, Starlette and Flask, synchronous and asynchronous.

The map of the land, from the ground up; a module imports from lower floors only::

    exceptions, run, hints, conf, signals, validators     ground
    sql, expressions, lookups, indexes                    the language: SQL as a tree, what users write
    meta, fields                                          declaration: what a model is
    query | db                                            a query to a plan | a statement to rows
    actions                                               every database action, once
    schema                                                tables
    models, transaction, health                           the faces: pairs of x and ax
    contrib, test                                         tools
"""

from __future__ import annotations

from dorm import fields, signals, transaction, validators
from dorm.aggregates import Aggregate, Avg, Count, Max, Min, Sum
from dorm.conf import configure, database_url, settings
from dorm.exceptions import (
    NON_FIELD_ERRORS,
    CheckViolation,
    DatabaseError,
    DataError,
    EmptyResultSet,
    Error,
    FieldDoesNotExist,
    FieldError,
    ForeignKeyViolation,
    FullResultSet,
    ImproperlyConfigured,
    IntegrityError,
    InterfaceError,
    InternalError,
    MultipleObjectsReturned,
    NotNullViolation,
    NotSupportedError,
    ObjectDoesNotExist,
    OperationalError,
    PoolTimeout,
    ProgrammingError,
    ProtectedError,
    RestrictedError,
    SynchronousInAsyncWarning,
    SynchronousOnlyOperation,
    TransactionAborted,
    TransactionManagementError,
    UniqueViolation,
    ValidationError,
)
from dorm.expressions import (
    Exists,
    Expression,
    ExpressionWrapper,
    F,
    OrderBy,
    OuterRef,
    Q,
    RawSQL,
    Subquery,
    Value,
)
from dorm.fields import *  # noqa: F403 - every field is public here
from dorm.functions import (
    Abs,
    Case,
    Cast,
    Coalesce,
    Concat,
    Func,
    Greatest,
    Least,
    Length,
    Lower,
    Now,
    Upper,
    When,
)
from dorm.health import ahealth_check, health_check
from dorm.indexes import Index
from dorm.models import CombinedQuerySet, Manager, Model, Prefetch, QuerySet, RawQuerySet
from dorm.models.reverse import RelatedManager
from dorm.schema import acreate_tables, adrop_tables, create_tables, drop_tables
from dorm.signals import Signal, post_query, pre_query, receiver

__version__ = "0.1.0"

__all__ = [
    "NON_FIELD_ERRORS",
    "Abs",
    "Aggregate",
    "Avg",
    "Case",
    "Cast",
    "CheckViolation",
    "Coalesce",
    "CombinedQuerySet",
    "Concat",
    "Count",
    "DataError",
    "DatabaseError",
    "EmptyResultSet",
    "Error",
    "Exists",
    "Expression",
    "ExpressionWrapper",
    "F",
    "FieldDoesNotExist",
    "FieldError",
    "ForeignKeyViolation",
    "FullResultSet",
    "Func",
    "Greatest",
    "ImproperlyConfigured",
    "Index",
    "IntegrityError",
    "InterfaceError",
    "InternalError",
    "Least",
    "Length",
    "Lower",
    "Manager",
    "Max",
    "Min",
    "Model",
    "MultipleObjectsReturned",
    "NotNullViolation",
    "NotSupportedError",
    "Now",
    "ObjectDoesNotExist",
    "OperationalError",
    "OrderBy",
    "OuterRef",
    "PoolTimeout",
    "Prefetch",
    "ProgrammingError",
    "ProtectedError",
    "Q",
    "QuerySet",
    "RawQuerySet",
    "RawSQL",
    "RelatedManager",
    "RestrictedError",
    "Signal",
    "Subquery",
    "Sum",
    "SynchronousInAsyncWarning",
    "SynchronousOnlyOperation",
    "TransactionAborted",
    "TransactionManagementError",
    "UniqueViolation",
    "Upper",
    "ValidationError",
    "Value",
    "When",
    "__version__",
    "acreate_tables",
    "adrop_tables",
    "ahealth_check",
    "configure",
    "create_tables",
    "database_url",
    "drop_tables",
    "health_check",
    "post_query",
    "pre_query",
    "receiver",
    "settings",
    "signals",
    "transaction",
    "validators",
]
__all__ += fields.__all__
