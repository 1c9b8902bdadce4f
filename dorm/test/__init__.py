"""For the tests of people who use the package.

The pytest plugin offers fixtures (``pytest --fixtures`` lists them: ``dorm_db`` and its relatives)::

    async def test_adults(dorm_db):
        await Author.objects.acreate(name="Ann", age=40)
        with assert_num_queries(1):
            assert 1 == await Author.objects.filter(age__gte=18).acount()

Here are the pieces that work without pytest too; ``dorm.test.postgres`` starts a PostgreSQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dorm import schema
from dorm.test.queries import CapturedQueries, CapturedQuery, assert_num_queries, capture_queries

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["CapturedQueries", "CapturedQuery", "assert_num_queries", "capture_queries", "create_tables", "drop_tables"]


def create_tables(models: Iterable[type], using: str = "default") -> None:
    """Create the tables of *models*, in any order."""
    schema.create_tables(*models, using=using)


def drop_tables(models: Iterable[type], using: str = "default") -> None:
    """Drop the tables of *models*, where they exist."""
    schema.drop_tables(*models, using=using)
