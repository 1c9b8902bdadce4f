"""Settings: what is accepted, what is refused and how, and that a change is announced."""

from __future__ import annotations

import pathlib
import types
from typing import Any

import pytest

from dorm.conf import DatabaseSettings, Settings, database_url
from dorm.exceptions import ImproperlyConfigured

SQLITE: dict[Any, Any] = {"ENGINE": "sqlite", "NAME": "db.sqlite3"}


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    for variable in ("DORM_SLOW_QUERY_MS", "DORM_RETRY_ATTEMPTS", "DORM_RETRY_BACKOFF"):
        monkeypatch.delenv(variable, raising=False)
    return Settings()


def database(entry: Any) -> DatabaseSettings:
    settings = Settings()
    settings.configure(DATABASES={"default": entry})
    return settings.DATABASES["default"]


def refusal(entry: Any) -> str:
    with pytest.raises(ImproperlyConfigured) as caught:
        database(entry)
    return str(caught.value)


# -- Before configure() ------------------------------------------------------------------------


def test_reading_databases_before_configure_names_the_two_ways(settings: Settings) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"dorm\.configure\(.*settings\.py"):
        settings.DATABASES  # noqa: B018 - reading is what is tested
    assert not settings.configured


def test_defaults(settings: Settings) -> None:
    assert settings.USE_TZ is True
    assert settings.TIME_ZONE == "UTC"
    assert settings.SYNC_IN_ASYNC == "warn"
    assert (settings.SLOW_QUERY_MS, settings.RETRY_ATTEMPTS, settings.RETRY_BACKOFF) == (500.0, 3, 0.1)
    assert database(SQLITE) == DatabaseSettings("default", "sqlite", "db.sqlite3")


# -- Entries of DATABASES ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spelling", "engine"),
    [
        ("sqlite", "sqlite"),
        ("sqlite3", "sqlite"),
        ("postgres", "postgresql"),
        ("postgresql", "postgresql"),
        ("django.db.backends.sqlite3", "sqlite"),
        ("django.db.backends.postgresql", "postgresql"),
    ],
)
def test_engines_are_understood_in_djangos_spelling_too(spelling: str, engine: str) -> None:
    assert database({"ENGINE": spelling, "NAME": "x"}).engine == engine


def test_keys_may_be_lower_case_and_repeated_when_equal() -> None:
    entry = {"ENGINE": "postgresql", "name": "shop", "user": "u", "password": "p", "port": 5432, "NAME": "shop"}
    assert database(entry) == DatabaseSettings("default", "postgresql", "shop", "u", "p", port=5432)


def test_a_key_in_both_cases_with_different_values_is_refused() -> None:
    assert "'NAME' twice" in refusal({"ENGINE": "sqlite", "name": "a", "NAME": "b"})


def test_values_are_kept_as_they_are_used() -> None:
    found = database(
        {
            "ENGINE": "postgresql",
            "NAME": "shop",
            "PORT": "5433",
            "MIN_POOL_SIZE": 0,
            "POOL_TIMEOUT": 5,
            "STATEMENT_TIMEOUT": 2,
            "PREPARE_THRESHOLD": None,
            "OPTIONS": {"sslmode": "require"},
        }
    )
    assert (found.port, found.min_pool_size, found.pool_timeout) == (5433, 0, 5.0)
    assert (found.statement_timeout, found.prepare_threshold) == (2.0, None)
    assert found.options == {"sslmode": "require"}


def test_a_path_is_a_name() -> None:
    assert database({"ENGINE": "sqlite", "NAME": pathlib.Path("data") / "db.sqlite3"}).name == str(
        pathlib.Path("data") / "db.sqlite3"
    )


def test_a_database_settings_is_an_entry() -> None:
    first = database(SQLITE)
    assert database(first._replace(name="other.sqlite3")).name == "other.sqlite3"


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"ENGINE": "postgrsql", "NAME": "x"}, "Did you mean 'postgresql'?"),
        ({"ENGINE": ["sqlite"], "NAME": "x"}, "names no known engine"),
        ({"NAME": "x"}, "needs ENGINE"),
        ({"ENGINE": "sqlite"}, "needs NAME: 'db.sqlite3' or ':memory:'"),
        ({"ENGINE": "postgresql"}, "needs NAME: the name of the database"),
        ({**SQLITE, "NAEM": "x"}, "has no key 'NAEM'. Did you mean 'NAME'?"),
        ({**SQLITE, 5: "x"}, "has no key 5"),
        ({**SQLITE, "CONN_MAX_AGE": 60}, "set MAX_LIFETIME and MAX_IDLE"),
        ({**SQLITE, "conn_health_checks": True}, "POOL_CHECK"),
        ({**SQLITE, "PORT": "54x2"}, "['PORT'] must be a port between 1 and 65535, not '54x2'"),
        ({**SQLITE, "PORT": True}, "must be a port"),
        ({**SQLITE, "MIN_POOL_SIZE": 5, "MAX_POOL_SIZE": 2}, "MAX_POOL_SIZE (2) is smaller than MIN_POOL_SIZE (5)"),
        ({**SQLITE, "MIN_POOL_SIZE": -1}, "must be an integer of at least 0, not -1"),
        ({**SQLITE, "MAX_POOL_SIZE": 0}, "must be an integer of at least 1"),
        ({**SQLITE, "POOL_TIMEOUT": -1}, "must be a number of seconds, zero or more"),
        ({**SQLITE, "MAX_IDLE": float("nan")}, "must be a number of seconds above zero"),
        ({**SQLITE, "STATEMENT_TIMEOUT": 0}, "must be None or a number of seconds above zero"),
        ({**SQLITE, "POOL_CHECK": "False"}, "must be True or False, not 'False'"),
        ({**SQLITE, "OPTIONS": ["x"]}, "must be a dict of the driver's option names"),
        ({**SQLITE, "NAME": "a\x00b"}, "without NUL bytes"),
        (5, "must be a dict or a URL, not a int"),
    ],
)
def test_a_wrong_entry_is_refused_with_the_fix(entry: Any, expected: str) -> None:
    message = refusal(entry)
    assert expected in message
    if isinstance(entry, dict):
        assert message.startswith("DATABASES['default']")


@pytest.mark.parametrize("value", ["sqlite:///x", 5, None, [SQLITE]])
def test_databases_must_map_aliases(settings: Settings, value: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match="DATABASES must be a dict of aliases"):
        settings.configure(DATABASES=value)


def test_the_default_alias_is_required(settings: Settings) -> None:
    with pytest.raises(ImproperlyConfigured, match="must have the alias 'default'; it has 'replica'"):
        settings.configure(DATABASES={"replica": SQLITE})


def test_an_unknown_alias_names_the_choices(settings: Settings) -> None:
    settings.configure(DATABASES={"default": SQLITE, "replica": SQLITE})
    with pytest.raises(ImproperlyConfigured, match=r"no alias 'replcia'. Did you mean 'replica'\? Choices: default"):
        settings.database("replcia")


# -- URLs --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///db.sqlite3", {"ENGINE": "sqlite", "NAME": "db.sqlite3"}),
        ("sqlite:////srv/a%20b.db", {"ENGINE": "sqlite", "NAME": "/srv/a b.db"}),
        ("sqlite:///:memory:", {"ENGINE": "sqlite", "NAME": ":memory:"}),
        ("sqlite://", {"ENGINE": "sqlite", "NAME": ":memory:"}),
        ("sqlite:///C:/data/x.db", {"ENGINE": "sqlite", "NAME": "C:/data/x.db"}),
        ("sqlite:///x.db?busy_timeout=2.5", {"ENGINE": "sqlite", "NAME": "x.db", "BUSY_TIMEOUT": 2.5}),
        ("postgres:///shop", {"ENGINE": "postgresql", "NAME": "shop"}),
        ("postgresql+psycopg://h/shop", {"ENGINE": "postgresql", "NAME": "shop", "HOST": "h"}),
        (
            "postgresql://u:p%40%2F%3A@db.example:5433/shop?sslmode=require&max_pool_size=20&pool_check=false",
            {
                "ENGINE": "postgresql",
                "NAME": "shop",
                "USER": "u",
                "PASSWORD": "p@/:",
                "HOST": "db.example",
                "PORT": "5433",
                "MAX_POOL_SIZE": 20,
                "POOL_CHECK": False,
                "OPTIONS": {"sslmode": "require"},
            },
        ),
        ("postgresql://[::1]:5433/x", {"ENGINE": "postgresql", "NAME": "x", "HOST": "::1", "PORT": "5433"}),
        ("postgresql://a:1,b/x", {"ENGINE": "postgresql", "NAME": "x", "HOST": "a,b", "PORT": "1,5432"}),
        ("postgresql:///x?host=/run/pg", {"ENGINE": "postgresql", "NAME": "x", "HOST": "/run/pg"}),
        (
            "postgresql://h/x?prepare_threshold=none&statement_timeout=3",
            {"ENGINE": "postgresql", "NAME": "x", "HOST": "h", "PREPARE_THRESHOLD": None, "STATEMENT_TIMEOUT": 3.0},
        ),
    ],
)
def test_a_url_becomes_an_entry(url: str, expected: dict[str, Any]) -> None:
    assert database_url(url) == expected
    assert database(url) == database(expected)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:sesame@h/x",
        "u:sesame@h/x",
        "postgresql:u:sesame@h",
        "postgresql://u:sesame/1@h/x",
        "postgresql://u:ses#ame@h/x",
        "postgresql://u:sesame@h:port/x",
    ],
)
def test_a_wrong_url_is_refused_without_showing_it(url: str) -> None:
    message = refusal(url)
    assert "URL" in message
    assert "sesame" not in message
    assert "ame@" not in message


def test_a_wrong_parameter_of_a_url_is_refused() -> None:
    assert "['MAX_POOL_SIZE'] must be an integer" in refusal("postgresql://h/x?max_pool_size=many")


# -- Passwords ---------------------------------------------------------------------------------


def test_no_repr_shows_a_secret(settings: Settings) -> None:
    settings.configure(DATABASES={"default": "postgresql://u:sesame@h:5433/shop?sslpassword=open"})
    for shown in (repr(settings), repr(settings.DATABASES), str(settings.DATABASES["default"])):
        assert "sesame" not in shown
        assert "open" not in shown
        assert "postgresql u@h:5433/shop" in shown


@pytest.mark.parametrize("entry", [{"PASSWORD": 271828}, {"PASSWORD": b"271828"}, {"OPTIONS": "271828"}])
def test_no_error_shows_a_secret(entry: dict[str, Any]) -> None:
    message = refusal({"ENGINE": "postgresql", "NAME": "x", **entry})
    assert "271828" not in message
    assert type(next(iter(entry.values()))).__name__ in message


def test_a_database_settings_is_read_only() -> None:
    with pytest.raises(AttributeError):
        database(SQLITE).name = "other"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue] - the test


def test_the_databases_are_read_only(settings: Settings) -> None:
    settings.configure(DATABASES={"default": SQLITE})
    with pytest.raises(TypeError):
        settings.DATABASES["x"] = SQLITE  # type: ignore[index]  # pyright: ignore[reportIndexIssue] - the test


# -- Other settings ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DATABSES", {}, "There is no setting 'DATABSES'. Did you mean 'DATABASES'?"),
        ("use_tz", True, "Did you mean 'USE_TZ'?"),
        ("LOGGING", {}, "logging.config.dictConfig"),
        ("USE_TZ", "no", "USE_TZ must be True or False, not 'no'"),
        ("TIME_ZONE", "Europe/Berln", "TIME_ZONE must be the name of a time zone"),
        ("TIME_ZONE", "../../etc/passwd", "TIME_ZONE must be the name of a time zone"),
        ("SYNC_IN_ASYNC", "sometimes", "must be one of 'warn', 'raise', 'allow', not 'sometimes'"),
        ("BLOCK_WAIT", 0, "must be a number of seconds above zero"),
        ("RETRY_ATTEMPTS", 0, "must be an integer of at least 1"),
        ("RETRY_BACKOFF", -0.1, "must be a number of seconds, zero or more"),
        ("SLOW_QUERY_MS", "500", "must be a number of milliseconds"),
        ("DATABASE_ROUTERS", "shop.Router", "must be a list"),
        ("INSTALLED_APPS", "shop", "must be a list"),
        ("INSTALLED_APPS", ["shop", 5], "must be a list of dotted names"),
    ],
)
def test_a_wrong_setting_is_refused_with_the_fix(settings: Settings, name: str, value: Any, expected: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        settings.configure(**{name: value})
    assert expected in str(caught.value)


def test_reading_an_unknown_setting_names_the_nearest(settings: Settings) -> None:
    with pytest.raises(AttributeError, match=r"There is no setting 'USE_TS'. Did you mean 'USE_TZ'"):
        settings.USE_TS  # noqa: B018 - reading is what is tested


def test_a_setting_takes_effect_at_once(settings: Settings) -> None:
    settings.USE_TZ = False
    settings.TIME_ZONE = "Europe/Berlin"
    assert (settings.USE_TZ, settings.TIME_ZONE) == (False, "Europe/Berlin")


def test_configure_sets_all_or_nothing(settings: Settings) -> None:
    with pytest.raises(ImproperlyConfigured):
        settings.configure(USE_TZ=False, DEBUG="yes")
    assert settings.USE_TZ is True


def test_configure_leaves_what_it_does_not_name(settings: Settings) -> None:
    settings.configure(DATABASES={"default": SQLITE}, USE_TZ=False)
    settings.configure(DATABASES={"default": "sqlite:///other.db"})
    assert settings.USE_TZ is False
    assert settings.DATABASES["default"].name == "other.db"


def test_a_setting_cannot_be_deleted(settings: Settings) -> None:
    with pytest.raises(AttributeError, match="cannot be deleted"):
        del settings.USE_TZ


# -- Listeners ---------------------------------------------------------------------------------


def test_listeners_hear_which_names_and_aliases_changed(settings: Settings) -> None:
    heard: list[tuple[set[str], set[str]]] = []
    settings.on_change(lambda names, aliases: heard.append((set(names), set(aliases))))
    settings.configure(DATABASES={"default": SQLITE, "replica": SQLITE})
    settings.configure(DATABASES={"default": SQLITE, "replica": "sqlite:///other.db"})
    settings.configure(DATABASES={"default": SQLITE})
    settings.DEBUG = True
    settings.DEBUG = True
    assert heard == [
        ({"DATABASES"}, {"default", "replica"}),
        ({"DATABASES"}, {"replica"}),
        ({"DATABASES"}, {"replica"}),
        ({"DEBUG"}, set()),
    ]


# -- The environment ---------------------------------------------------------------------------


def test_the_environment_gives_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DORM_SLOW_QUERY_MS", "20")
    monkeypatch.setenv("DORM_RETRY_ATTEMPTS", "5")
    monkeypatch.setenv("DORM_RETRY_BACKOFF", "0.25")
    settings = Settings()
    assert (settings.SLOW_QUERY_MS, settings.RETRY_ATTEMPTS, settings.RETRY_BACKOFF) == (20.0, 5, 0.25)


def test_a_setting_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    settings.SLOW_QUERY_MS = 7
    monkeypatch.setenv("DORM_SLOW_QUERY_MS", "20")
    settings.configure(DEBUG=True)
    assert settings.SLOW_QUERY_MS == 7


@pytest.mark.parametrize(("value", "expected"), [("fast", "must be a number, not 'fast'"), ("-1", "zero or more")])
def test_a_wrong_variable_is_refused_by_configure(monkeypatch: pytest.MonkeyPatch, value: str, expected: str) -> None:
    monkeypatch.setenv("DORM_SLOW_QUERY_MS", value)
    settings = Settings()
    with pytest.raises(ImproperlyConfigured, match=rf"DORM_SLOW_QUERY_MS .*{expected}"):
        settings.configure(DATABASES={"default": SQLITE})
    assert not settings.configured


# -- A settings module -------------------------------------------------------------------------


def module(**names: Any) -> types.ModuleType:
    made = types.ModuleType("settings")
    vars(made).update(names)
    return made


def test_a_settings_module_may_hold_names_of_its_own(settings: Settings) -> None:
    settings.configure_from(module(DATABASES={"default": SQLITE}, SECRET_KEY="x", BASE_DIR=".", LOGGING={}, helper=1))
    assert settings.DATABASES["default"].name == "db.sqlite3"


@pytest.mark.parametrize("name", ["DATABSES", "DATABASE", "USETZ", "TIMEZONE"])
def test_a_misspelt_name_in_a_settings_module_is_refused(settings: Settings, name: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"Did you mean"):
        settings.configure_from(module(**{name: {}}))
