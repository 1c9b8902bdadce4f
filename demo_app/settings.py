"""Where the database is: ``DATABASE_URL``, or a file beside you."""

from __future__ import annotations

import os

import dorm

default = dorm.database_url(os.environ.get("DATABASE_URL") or "sqlite:///demo.sqlite3")
if default["ENGINE"] == "sqlite":
    # Readers and the one writer do not wait for each other.
    default["OPTIONS"] = {"journal_mode": "WAL", **default.get("OPTIONS", {})}

DATABASES = {"default": default}
