"""Database URLs, as hosting platforms hand them out: ``postgresql://user:password@host:5432/name?sslmode=require``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.exceptions import ImproperlyConfigured
from dorm.run import load

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SCHEMES: Mapping[str, str] = {
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "pgsql": "postgresql",
    "sqlite": "sqlite",
    "sqlite3": "sqlite",
}


def _flag(text: str) -> Any:
    return {"true": True, "1": True, "on": True, "false": False, "0": False, "off": False}.get(text.lower(), text)


def _number(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


def _whole(text: str) -> Any:
    return int(text) if text.isascii() and text.isdigit() else text


def _or_none(read: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda text: None if text.lower() == "none" else read(text)


# Parameters that are settings of ours; every other one goes to OPTIONS, to the driver.
_PARAMETERS: Mapping[str, Callable[[str], Any]] = {
    "host": str,
    "port": str,
    "user": str,
    "password": str,
    "dbname": str,
    "min_pool_size": _whole,
    "max_pool_size": _whole,
    "pool_timeout": _number,
    "pool_check": _flag,
    "max_idle": _number,
    "max_lifetime": _number,
    "statement_timeout": _or_none(_number),
    "lock_timeout": _or_none(_number),
    "idle_in_transaction_timeout": _or_none(_number),
    "pgbouncer": _flag,
    "prepare_threshold": _or_none(_whole),
    "busy_timeout": _number,
}


def database_url(url: str) -> dict[str, Any]:
    """*url* as an entry of ``DATABASES``.

    ``sqlite:///db.sqlite3`` is relative, ``sqlite:////srv/db.sqlite3`` absolute, ``sqlite:///:memory:`` in memory.
    Parameters named like a setting (``max_pool_size=20``) become that setting, others options of the driver.

    >>> database_url("sqlite:///db.sqlite3")
    {'ENGINE': 'sqlite', 'NAME': 'db.sqlite3'}
    """
    urls = load("urllib.parse")
    scheme, separator, rest = url.partition("://")
    engine = _SCHEMES.get(scheme.partition("+")[0].lower())
    if not separator or engine is None:
        # Nothing of the text is repeated: without a proper scheme any part of it may be the password.
        raise ImproperlyConfigured(
            "A database URL begins with postgresql:// or sqlite:/// (sqlite:///db.sqlite3, sqlite:///:memory:)."
        )
    if "#" in rest:
        raise ImproperlyConfigured("A database URL holds a '#'; in a password or a name it is written %23.")
    rest, _, query = rest.partition("?")
    entry: dict[str, Any] = {"ENGINE": engine}
    if engine == "sqlite":
        entry["NAME"] = urls.unquote(rest.removeprefix("/")) or ":memory:"
    else:
        entry.update(_server(rest, urls.unquote))
    return entry | _parameters(urls.parse_qsl(query, keep_blank_values=True))


def _server(rest: str, unquote: Callable[[str], str]) -> dict[str, Any]:
    authority, _, name = rest.partition("/")
    login, _, hosts = authority.rpartition("@")
    user, _, password = login.partition(":")
    entry = {"NAME": unquote(name), "USER": unquote(user), "PASSWORD": unquote(password)}
    found = [_host_and_port(part) for part in hosts.split(",")]
    entry["HOST"] = unquote(",".join(host for host, _ in found))
    ports = [port for _, port in found]
    if any(ports):
        entry["PORT"] = ",".join(port or "5432" for port in ports)
        if not all(port.isascii() and port.isdigit() for port in ports if port):
            raise ImproperlyConfigured(
                "A database URL's port is no number. A '/', '@' or ':' in the password is written %2F, %40 or %3A."
            )
    return {key: value for key, value in entry.items() if value}


def _host_and_port(part: str) -> tuple[str, str]:
    if part.startswith("["):  # an IPv6 address
        host, _, port = part[1:].partition("]")
        return host, port.removeprefix(":")
    host, _, port = part.partition(":")
    return host, port


def _parameters(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    options: dict[str, str] = {}
    for name, value in pairs:
        read = _PARAMETERS.get(name.lower())
        if read is None:
            options[name] = value
        else:
            entry["NAME" if name.lower() == "dbname" else name.upper()] = read(value)
    if options:
        entry["OPTIONS"] = options
    return entry
