"""The settings object: plain attributes to read, checked and announced when written."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any, Literal

from dorm.conf import checks
from dorm.conf.databases import read_databases
from dorm.exceptions import ImproperlyConfigured
from dorm.hints import did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

    from dorm.conf.checks import Check
    from dorm.conf.databases import DatabaseSettings

    Listener = Callable[[frozenset[str], frozenset[str]], object]

_CHECKS: Mapping[str, Check] = {
    "USE_TZ": checks.flag,
    "TIME_ZONE": checks.time_zone,
    "DATABASE_ROUTERS": checks.sequence,
    "DEFAULT_AUTO_FIELD": checks.text,
    "DEBUG": checks.flag,
    "SYNC_IN_ASYNC": checks.one_of("warn", "raise", "allow"),
    "BLOCK_WAIT": checks.positive_seconds,
    "SLOW_QUERY_MS": checks.milliseconds,
    "RETRY_ATTEMPTS": checks.whole(1),
    "RETRY_BACKOFF": checks.seconds,
    "INSTALLED_APPS": checks.names,
}

NAMES: tuple[str, ...] = ("DATABASES", *_CHECKS)
"""Every setting."""

_ENVIRONMENT: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "SLOW_QUERY_MS": ("DORM_SLOW_QUERY_MS", float),
    "RETRY_ATTEMPTS": ("DORM_RETRY_ATTEMPTS", int),
    "RETRY_BACKOFF": ("DORM_RETRY_BACKOFF", float),
}

_DJANGO: Mapping[str, str] = {
    "DATABASE_URL": 'write DATABASES={"default": dorm.conf.database_url(...)}',
    "DATABASE": 'write DATABASES={"default": {...}}',
    "ENGINE": 'it belongs into DATABASES={"default": {...}}',
    "NAME": 'it belongs into DATABASES={"default": {...}}',
    "CONN_MAX_AGE": "connections live in a pool: MAX_LIFETIME and MAX_IDLE in DATABASES",
    "ATOMIC_REQUESTS": "the web integrations open the transaction: Dorm(app, atomic='writes' or 'all')",
    "LOGGING": "use logging.config.dictConfig; the loggers are named dorm.db.…",
    "MIGRATION_MODULES": "migrations live in the package `migrations` of each app",
    "USE_DEPRECATED_TZ": "time zones are zoneinfo's",
    "DEFAULT_TABLESPACE": "name the tablespace on the server or in the role",
    "DEFAULT_INDEX_TABLESPACE": "name the tablespace on the server or in the role",
    "TEST_RUNNER": "tests run under pytest with the plugin of dorm.test",
}

_NOT_CONFIGURED = (
    'No database is configured. Call dorm.configure(DATABASES={"default": {"ENGINE": "sqlite", "NAME": "db.sqlite3"}}) '
    "at start-up, or write DATABASES into a settings.py, which the `dorm` command reads."
)


class Settings:
    """The process-wide settings.

    Reading is a plain attribute read.  Writing (``settings.USE_TZ = False``) checks the value, takes effect at once
    and tells the listeners of :meth:`on_change`, which close pools of changed aliases and drop plans.
    """

    USE_TZ: bool
    TIME_ZONE: str
    DATABASE_ROUTERS: list[Any]
    DEFAULT_AUTO_FIELD: str
    DEBUG: bool
    SYNC_IN_ASYNC: Literal["warn", "raise", "allow"]
    BLOCK_WAIT: float
    SLOW_QUERY_MS: float
    RETRY_ATTEMPTS: int
    RETRY_BACKOFF: float
    INSTALLED_APPS: list[str]

    _databases: Mapping[str, DatabaseSettings] | None
    _listeners: list[Listener]
    _lock: threading.RLock
    _given: set[str]

    def __init__(self) -> None:
        state = self.__dict__
        state["_databases"] = None
        state["_listeners"] = []
        state["_lock"] = threading.RLock()
        state["_given"] = set()
        state.update(
            USE_TZ=True,
            TIME_ZONE="UTC",
            DATABASE_ROUTERS=[],
            DEFAULT_AUTO_FIELD="dorm.BigAutoField",
            DEBUG=False,
            SYNC_IN_ASYNC="warn",
            BLOCK_WAIT=10.0,
            SLOW_QUERY_MS=500.0,
            RETRY_ATTEMPTS=3,
            RETRY_BACKOFF=0.1,
            INSTALLED_APPS=[],
        )
        try:
            state.update(self._from_environment())
        except ImproperlyConfigured:
            pass  # `import dorm` never fails for a variable: configure() reads them again and says so.

    # -- Reading -------------------------------------------------------------------------------

    @property
    def DATABASES(self) -> Mapping[str, DatabaseSettings]:
        """The databases by alias; ``ImproperlyConfigured`` while there are none."""
        databases = self._databases
        if databases is None:
            raise ImproperlyConfigured(_NOT_CONFIGURED)
        return databases

    @DATABASES.setter
    def DATABASES(self, value: Mapping[str, Mapping[str, Any] | str | DatabaseSettings]) -> None:
        self.configure(DATABASES=value)

    @property
    def configured(self) -> bool:
        """Whether there are databases."""
        return self._databases is not None

    def database(self, alias: str) -> DatabaseSettings:
        """The settings of *alias*; ``ImproperlyConfigured`` names the choices."""
        databases = self.DATABASES
        try:
            return databases[alias]
        except KeyError:
            raise ImproperlyConfigured(f"DATABASES has no alias {alias!r}. {did_you_mean(alias, databases)}") from None

    def __getattr__(self, name: str) -> Any:
        # Only names that are no setting arrive here.
        if name.startswith("_"):
            raise AttributeError(name)
        raise AttributeError(f"There is no setting {name!r}. {did_you_mean(name, NAMES)}")

    def __dir__(self) -> list[str]:
        return [*object.__dir__(self), *NAMES]

    def __repr__(self) -> str:
        return f"<Settings {list((self._databases or {}).values())}>"

    # -- Writing -------------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        self.configure(**{name: value})

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"The setting {name!r} cannot be deleted; give it another value.")

    def configure(self, **values: Any) -> None:
        """Set the named settings, all or none; the others stay as they are.  May be called again at any time."""
        kept = {name: _read(name, value) for name, value in values.items()}
        with self._lock:
            kept = {**self._from_environment(), **kept}
            self._given.update(values)
            databases = kept.pop("DATABASES", None)
            state = self.__dict__
            names = {name for name, value in kept.items() if state[name] != value}
            aliases: set[str] = set()
            if databases is not None:
                before = self._databases or {}
                aliases = {alias for alias in {*before, *databases} if before.get(alias) != databases.get(alias)}
                state["_databases"] = databases
                if aliases:
                    names.add("DATABASES")
            state.update(kept)
            listeners = list(self._listeners)
        if names:
            for listener in listeners:
                listener(frozenset(names), frozenset(aliases))

    def configure_from(self, source: ModuleType | Mapping[str, Any]) -> None:
        """Set what a settings module (or a mapping) holds.  Its other names are its own, unless one looks misspelt."""
        found: Mapping[str, Any] = source if hasattr(source, "keys") else vars(source)  # type: ignore[assignment]
        capitals = {name: value for name, value in found.items() if name.isupper() and not name.startswith("_")}
        for name in capitals:
            meant = None if name in NAMES else nearest(name, NAMES, cutoff=0.9)
            if meant is not None and meant not in capitals:
                raise ImproperlyConfigured(f"The settings hold {name!r}. Did you mean {meant!r}?")
        self.configure(**{name: value for name, value in capitals.items() if name in NAMES})

    def on_change(self, listener: Listener) -> Listener:
        """Call ``listener(changed_names, changed_aliases)`` after every change; returns it, so it is a decorator."""
        self._listeners.append(listener)
        return listener

    def _from_environment(self) -> dict[str, Any]:
        given = self._given
        found: dict[str, Any] = {}
        for name, (variable, read) in _ENVIRONMENT.items():
            value = os.environ.get(variable)
            if value and name not in given:
                try:
                    found[name] = checks.checked(f"The environment variable {variable}", _CHECKS[name], read(value))
                except ValueError:
                    raise ImproperlyConfigured(
                        f"The environment variable {variable} must be a number, not {value!r}."
                    ) from None
        return found


def _read(name: str, value: Any) -> Any:
    if name == "DATABASES":
        return read_databases(value)
    if name in _CHECKS:
        return checks.checked(name, _CHECKS[name], value)
    if name in _DJANGO:
        raise ImproperlyConfigured(f"There is no setting {name!r}: {_DJANGO[name]}.")
    raise ImproperlyConfigured(f"There is no setting {name!r}. {did_you_mean(name, NAMES)}")
