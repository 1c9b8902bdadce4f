"""The fields of a model, one class per kind of column."""

from __future__ import annotations

from dorm.fields.base import NOT_PROVIDED, Field
from dorm.fields.columns import Column
from dorm.fields.enums import EnumField
from dorm.fields.integers import (
    AutoField,
    BigAutoField,
    BigIntegerField,
    IntegerField,
    PositiveBigIntegerField,
    PositiveIntegerField,
    PositiveSmallIntegerField,
    SmallAutoField,
    SmallIntegerField,
)
from dorm.fields.many import ManyToManyField
from dorm.fields.numbers import BooleanField, DecimalField, FloatField
from dorm.fields.relations import (
    CASCADE,
    DO_NOTHING,
    PROTECT,
    RESTRICT,
    SET,
    SET_DEFAULT,
    SET_NULL,
    ForeignKey,
    OneToOneField,
)
from dorm.fields.structured import BinaryField, GenericIPAddressField, JSONField, UUIDField
from dorm.fields.temporal import DateField, DateTimeField, DurationField, TimeField
from dorm.fields.text import CharField, EmailField, SlugField, TextField, URLField

__all__ = [
    "CASCADE",
    "DO_NOTHING",
    "NOT_PROVIDED",
    "PROTECT",
    "RESTRICT",
    "SET",
    "SET_DEFAULT",
    "SET_NULL",
    "AutoField",
    "BigAutoField",
    "BigIntegerField",
    "BinaryField",
    "BooleanField",
    "CharField",
    "Column",
    "DateField",
    "DateTimeField",
    "DecimalField",
    "DurationField",
    "EmailField",
    "EnumField",
    "Field",
    "FloatField",
    "ForeignKey",
    "GenericIPAddressField",
    "IntegerField",
    "JSONField",
    "ManyToManyField",
    "OneToOneField",
    "PositiveBigIntegerField",
    "PositiveIntegerField",
    "PositiveSmallIntegerField",
    "SlugField",
    "SmallAutoField",
    "SmallIntegerField",
    "TextField",
    "TimeField",
    "URLField",
    "UUIDField",
]
