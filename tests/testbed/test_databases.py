"""Tests of what every database test gets.  Each of a pair of tests would fail if the other left something behind."""

from __future__ import annotations

import contextlib

import pytest

import dorm
from dorm.conf import settings
from dorm.db.connection import get_connection
from dorm.exceptions import DatabaseError
from dorm.run import load
from tests.testbed import databases
from tests.testbed.databases import postgresql_database, sqlite_database


class Author(dorm.Model):
    name = dorm.CharField(max_length=100, unique=True)

    class Meta:
        app_label = "testbed_databases"


@pytest.mark.parametrize("turn", [1, 2])
async def test_every_test_begins_with_an_empty_database(db, call, turn):
    with pytest.raises(DatabaseError):
        await call(Author.objects, "count")
    await call(dorm, "create_tables", Author)
    await call(Author.objects, "create", name="Ann")


@pytest.mark.parametrize("turn", [1, 2])
def test_settings_are_as_before(db, turn):
    assert settings.USE_TZ
    settings.USE_TZ = False


def test_the_vendor_is_the_configured_one(db):
    assert db.vendor == get_connection().vendor
    assert db.is_postgresql == (db.vendor == "postgresql")


def test_another_database_is_empty_and_apart(db):
    settings.configure(DATABASES={"default": db.entry, "other": db.another()})
    for alias in ("default", "other"):
        dorm.create_tables(Author, using=alias)
    Author.objects.create(name="Ann")
    assert 0 == Author.objects.using("other").count()


def test_options_of_the_connection_can_be_changed(db):
    db.configure(max_pool_size=2)
    assert 2 == settings.DATABASES["default"].max_pool_size


def test_an_open_transaction_on_postgresql_fails_the_test(worker_database, monkeypatch):
    monkeypatch.setattr(databases, "PATIENCE", 0.1)
    stack = contextlib.ExitStack()
    database = stack.enter_context(postgresql_database(worker_database))
    connection = load("psycopg").connect(worker_database.server.dsn(worker_database.name))
    connection.execute("CREATE TABLE leaked (id integer)")
    with pytest.raises(pytest.fail.Exception, match="CREATE TABLE leaked"):
        stack.close()
    connection.close()
    assert "postgresql" == database.vendor


def test_an_open_transaction_on_sqlite_fails_the_test(tmp_path, monkeypatch):
    monkeypatch.setattr(databases, "PATIENCE", 0.1)
    stack = contextlib.ExitStack()
    database = stack.enter_context(sqlite_database(tmp_path))
    connection = load("sqlite3").connect(database.entry["NAME"], isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    with pytest.raises(pytest.fail.Exception, match="left a transaction open"):
        stack.close()
    connection.close()
