"""One entry of ``DATABASES``, checked: a dict in either case, or a URL.  No error and no ``repr`` shows a password."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from dorm.conf import checks
from dorm.conf.urls import database_url
from dorm.exceptions import ImproperlyConfigured
from dorm.hints import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dorm.conf.checks import Check

Engine = Literal["sqlite", "postgresql"]

ENGINES: Mapping[str, Engine] = {
    "sqlite": "sqlite",
    "postgresql": "postgresql",
    "sqlite3": "sqlite",
    "postgres": "postgresql",
    "django.db.backends.sqlite3": "sqlite",
    "django.db.backends.postgresql": "postgresql",
    "django.db.backends.postgresql_psycopg2": "postgresql",
}
"""Every accepted spelling of ``ENGINE``."""


class DatabaseSettings(NamedTuple):
    """The settings of one alias, read-only.  Times are in seconds; ``None`` is *no limit*."""

    alias: str
    engine: Engine
    name: str = ""
    user: str = ""
    password: str = ""
    host: str = ""
    port: int | str | None = None
    options: Mapping[str, Any] = MappingProxyType({})
    min_pool_size: int = 1
    max_pool_size: int = 10
    pool_timeout: float = 30.0
    pool_check: bool = True
    max_idle: float = 600.0
    max_lifetime: float = 3600.0
    statement_timeout: float | None = None
    lock_timeout: float | None = None
    idle_in_transaction_timeout: float | None = 60.0
    pgbouncer: bool = False
    prepare_threshold: int | None = 0
    busy_timeout: float = 5.0

    def __repr__(self) -> str:
        """Where it is, never how to get in: the password and the values of OPTIONS stay out."""
        place = f"{self.host}{f':{self.port}' if self.port else ''}/" if self.host or self.port else ""
        user = f"{self.user}@" if self.user else ""
        return f"<DatabaseSettings {self.alias!r}: {self.engine} {user}{place}{self.name}>"


_CHECKS: Mapping[str, Check] = {
    "NAME": checks.path,
    "USER": checks.text,
    "PASSWORD": checks.text,
    "HOST": checks.path,
    "PORT": checks.port,
    "OPTIONS": checks.options,
    "MIN_POOL_SIZE": checks.whole(0),
    "MAX_POOL_SIZE": checks.whole(1),
    "POOL_TIMEOUT": checks.seconds,
    "POOL_CHECK": checks.flag,
    "MAX_IDLE": checks.positive_seconds,
    "MAX_LIFETIME": checks.positive_seconds,
    "STATEMENT_TIMEOUT": checks.optional(checks.positive_seconds),
    "LOCK_TIMEOUT": checks.optional(checks.positive_seconds),
    "IDLE_IN_TRANSACTION_TIMEOUT": checks.optional(checks.positive_seconds),
    "PGBOUNCER": checks.flag,
    "PREPARE_THRESHOLD": checks.optional(checks.whole(0)),
    "BUSY_TIMEOUT": checks.seconds,
}

KEYS: tuple[str, ...] = ("ENGINE", *_CHECKS)
"""The keys of an entry."""

_DJANGO: Mapping[str, str] = {
    "CONN_MAX_AGE": "connections live in a pool: set MAX_LIFETIME and MAX_IDLE",
    "CONN_HEALTH_CHECKS": "the pool checks its connections: POOL_CHECK",
    "ATOMIC_REQUESTS": "the web integrations open the transaction: Dorm(app, atomic='writes' or 'all')",
    "AUTOCOMMIT": "statements outside a block commit by themselves; use dorm.transaction.set_autocommit(False)",
    "DISABLE_SERVER_SIDE_CURSORS": "behind PgBouncer set PGBOUNCER to True",
    "TIME_ZONE": "set the setting TIME_ZONE, not the database's",
    "TEST": "the pytest plugin of dorm.test makes the test databases",
}


def read_databases(value: Any) -> Mapping[str, DatabaseSettings]:
    """All of ``DATABASES``, checked; ``ImproperlyConfigured`` names alias and key."""
    if isinstance(value, str) or not hasattr(value, "items"):
        raise ImproperlyConfigured(
            f"DATABASES must be a dict of aliases, not a {type(value).__name__}: "
            'write {"default": {"ENGINE": "sqlite", "NAME": "db.sqlite3"}} or {"default": "sqlite:///db.sqlite3"}.'
        )
    entries: dict[Any, Any] = dict(value)
    if "default" not in entries:
        known = ", ".join(sorted(map(repr, entries))) or "nothing"
        raise ImproperlyConfigured(f"DATABASES must have the alias 'default'; it has {known}.")
    return MappingProxyType({alias: read_database(alias, entry) for alias, entry in entries.items()})


def read_database(alias: Any, entry: Any) -> DatabaseSettings:
    """One entry: a URL, a mapping, or a ``DatabaseSettings`` (for instance one with a changed name)."""
    if not isinstance(alias, str) or not alias:
        raise ImproperlyConfigured(f"An alias in DATABASES must be a string, not {alias!r}.")
    where = f"DATABASES[{alias!r}]"
    if isinstance(entry, DatabaseSettings):
        return entry._replace(alias=alias)
    if isinstance(entry, str):
        entry = database_url(entry)
    if not hasattr(entry, "items"):
        raise ImproperlyConfigured(f"{where} must be a dict or a URL, not a {type(entry).__name__}.")
    given = _in_capitals(where, dict(entry))
    engine = _engine(where, given.pop("ENGINE", None))
    kept = {
        key.lower(): checks.checked(f"{where}[{key!r}]", _CHECKS[key], value, secret=key in {"PASSWORD", "OPTIONS"})
        for key, value in given.items()
    }
    database = DatabaseSettings(alias, engine, **kept)
    _check_together(where, database)
    return database


def _in_capitals(where: str, entry: dict[Any, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for key, value in entry.items():
        name = key.upper() if isinstance(key, str) else key
        if name in _DJANGO:
            raise ImproperlyConfigured(f"{where}[{key!r}] is a setting of Django's; {_DJANGO[name]}.")
        if name not in KEYS:
            raise ImproperlyConfigured(f"{where} has no key {key!r}. {did_you_mean(str(key), KEYS)}")
        if name in given and given[name] != value:
            raise ImproperlyConfigured(f"{where} has {name!r} twice, in capitals and not, with different values.")
        given[name] = value
    return given


def _engine(where: str, name: Any) -> Engine:
    if name is None or name == "":
        raise ImproperlyConfigured(f"{where} needs ENGINE: 'sqlite' or 'postgresql'.")
    if not isinstance(name, str) or name not in ENGINES:
        raise ImproperlyConfigured(
            f"{where}['ENGINE'] names no known engine: {name!r}. {did_you_mean(str(name), ('sqlite', 'postgresql'))}"
        )
    return ENGINES[name]


def _check_together(where: str, database: DatabaseSettings) -> None:
    if database.max_pool_size < database.min_pool_size:
        raise ImproperlyConfigured(
            f"{where}: MAX_POOL_SIZE ({database.max_pool_size}) is smaller than "
            f"MIN_POOL_SIZE ({database.min_pool_size})."
        )
    if not database.name and not (database.engine == "postgresql" and "service" in database.options):
        example = "'db.sqlite3' or ':memory:'" if database.engine == "sqlite" else "the name of the database"
        raise ImproperlyConfigured(f"{where} needs NAME: {example}.")
