"""The SQL of a query on both databases, shortened to what a test is about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dorm.db.connection import blocking
from tests import library

if TYPE_CHECKING:
    import dorm

VENDORS = ("sqlite", "postgresql")
"""Both are aliases; nothing connects to them."""

_COLUMNS = [
    ", ".join([f'"(\\w+)"\\."{first.column}"', *(f'"\\1"\\."{field.column}"' for field in rest)])
    for first, *rest in (model._meta.fields for model in library.ALL)
]


def text(query: dorm.QuerySet[Any], vendor: str) -> str:
    """The whole SELECT: ``*`` for all columns of a table, the query's own table unnamed, others without the app."""
    whole = str(query.using(vendor).query).replace('"library_', '"')
    for columns in _COLUMNS:
        whole = re.sub(columns, r'"\1".*', whole)
    return whole.replace(f'"{query.model._meta.model_name}".', "")


def after(word: str, query: dorm.QuerySet[Any], vendor: str) -> str:
    """What follows *word*."""
    return text(query, vendor).partition(f" {word} ")[2]


def dialect(vendor: str) -> Any:
    """The dialect of the alias."""
    return blocking(vendor).dialect


def numbered(sql: str) -> str:
    """The spelling of PostgreSQL's placeholders, for what both say alike."""
    first, *rest = sql.split("?")
    return first + "".join(f"${number}{part}" for number, part in enumerate(rest, 1))
