"""Pydantic schemas from models: ``DormSchema`` with a ``class Meta``, or ``schema_for(Model)`` in one line."""

from __future__ import annotations

from dorm.exceptions import ImproperlyConfigured

try:
    import pydantic as _pydantic
except ImportError as error:
    raise ImproperlyConfigured('Schemas need Pydantic 2.12 or later: pip install "djanorm[pydantic]"') from error

from dorm.contrib.pydantic.schema import DormSchema, schema_for

__all__ = ["DormSchema", "schema_for"]

if tuple(int(part) for part in _pydantic.VERSION.split(".")[:2]) < (2, 12):
    raise ImproperlyConfigured(
        f'Schemas need Pydantic 2.12 or later, and {_pydantic.VERSION} is installed: pip install -U "djanorm[pydantic]"'
    )
