"""Django and dorm beside each other on the rows of one database.

A query is a function of a world ``m``: ``lambda m: m.Author.objects.filter(m.Q(age=30))`` is written once and asked of
both.  A world offers its models, and every name of ``django.db.models`` or of dorm.
"""

from __future__ import annotations

import contextlib
import datetime
import decimal
import uuid
from typing import TYPE_CHECKING, Any

import django
from django.apps import AppConfig
from django.conf import settings

import dorm
from dorm import functions, lookups
from dorm.test.queries import capture_queries
from tests.django.models import LABEL, define
from tests.django.rows import fill

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Compared(AppConfig):
    """Where Django looks relations up."""

    name = "tests.django"
    label = LABEL
    default_auto_field = "django.db.models.BigAutoField"


settings.configure(
    USE_TZ=True, TIME_ZONE="UTC", INSTALLED_APPS=[f"{__name__}.Compared"], DATABASES={"default": {"ENGINE": ""}}
)
django.setup()

from django.db import connections, models, transaction  # noqa: E402 - Django wants its settings first
from django.db.models import expressions as django_expressions  # noqa: E402
from django.db.models import functions as django_functions  # noqa: E402
from django.db.models import lookups as django_lookups  # noqa: E402
from django.db.models import query as django_query  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

ENGINES = {"sqlite": "django.db.backends.sqlite3", "postgresql": "django.db.backends.postgresql"}
WORDS = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT")


class World:
    """What a query may name: the models, and what the library has."""

    def __init__(self, library: Any, *places: Any) -> None:
        self._models = define(library)
        self._places = (self._models, library, *places)
        self.models = tuple(vars(self._models).values())

    def __getattr__(self, name: str) -> Any:
        for place in self._places:
            if hasattr(place, name):
                return getattr(place, name)
        raise AttributeError(name)


DJANGO = World(models, django_functions, django_lookups, django_expressions, django_query)
DORM = World(dorm, functions, lookups)


class Worlds:
    """One database, seen by both."""

    def __init__(self, vendor: str, entry: dict[str, Any]) -> None:
        self.vendor = vendor
        self._entry = {word: entry.get(word, "") for word in WORDS} | {"ENGINE": ENGINES[vendor]}

    @contextlib.contextmanager
    def opened(self) -> Iterator[None]:
        """While the block is open, Django's default connection leads to the database."""
        connections.settings = connections.configure_settings({"default": self._entry})
        with contextlib.suppress(AttributeError):
            del connections["default"]
        try:
            yield
        finally:
            connections["default"].close()

    def make(self, *, by_dorm: bool) -> None:
        """Make the tables and the rows."""
        if by_dorm:
            dorm.create_tables(*DORM.models)
            fill(DORM)
            return
        with connections["default"].schema_editor() as editor:
            for model in DJANGO.models:
                editor.create_model(model)
        fill(DJANGO)

    def django(self, query: Callable[[Any], Any]) -> Answer:
        """What Django answers, in a transaction that is rolled back."""
        with transaction.atomic(), CaptureQueriesContext(connections["default"]) as sent:
            answer = asked(DJANGO, query, lambda: len(sent))
            transaction.set_rollback(True)
        return answer

    def dorm(self, query: Callable[[Any], Any]) -> Answer:
        """What dorm answers, in a transaction that is rolled back."""
        with capture_queries() as sent, dorm.transaction.atomic():
            answer = asked(DORM, query, lambda: len(sent))
            dorm.transaction.set_rollback(True)
        return answer


class Answer:
    """What came back: the plain form of a value, or an exception, and the statements sent before it."""

    def __init__(self, value: Any, error: Exception | None, sent: int) -> None:
        self.value = value
        self.error = error
        self.sent = sent

    def same_as(self, theirs: Answer) -> bool:
        """Whether the values are equal; or the exceptions, of which ours may be more special."""
        if self.error is None or theirs.error is None:
            return self.error is theirs.error and self.value == theirs.value
        names = {base.__name__ for base in type(self.error).__mro__}
        return type(theirs.error).__name__ in names and bool(self.sent) <= bool(theirs.sent)

    def __str__(self) -> str:
        if self.error is None:
            return str(self.value)
        return f"{type(self.error).__name__} after {self.sent} statements"


def asked(world: World, query: Callable[[Any], Any], sent: Callable[[], int]) -> Answer:
    """Ask *query* of *world*."""
    try:
        return Answer(plain(query(world)), None, 0)
    except Exception as error:
        return Answer(None, error, sent())


def plain(value: Any) -> Any:
    """*value* in lists and texts that say its type; a query set is evaluated."""
    match value:
        case None | bool() | int() | str():
            return f"{type(value).__name__} {value!r}"
        case decimal.Decimal():
            # Equal by value: what is summed on SQLite has the column's places here, and any number of them in Django.
            return f"Decimal {value.normalize():f}"
        case float() | uuid.UUID() | datetime.timedelta() | bytes():
            return f"{type(value).__name__} {value!r}"
        case datetime.datetime():
            return f"datetime {value.isoformat()}"
        case datetime.date() | datetime.time():
            return f"{type(value).__name__} {value.isoformat()}"
        case dict():
            return {f"{plain(key)}": plain(one) for key, one in value.items()}
        case tuple() if hasattr(value, "_fields"):
            return {name: plain(getattr(value, name)) for name in value._fields}
        case tuple() | set() | frozenset():
            parts = [plain(one) for one in value]
            return (type(value).__name__, *(parts if isinstance(value, tuple) else sorted(map(str, parts))))
        case type():
            return f"class {value.__name__}"
    return _instance(value) if hasattr(value, "_meta") else [plain(one) for one in value]


def _instance(value: Any) -> Any:
    """The columns of a model's instance that are loaded, and what was annotated."""
    deferred = value.get_deferred_fields()
    columns = [field.attname for field in value._meta.concrete_fields]
    named = [name for name in vars(value) if not name.startswith("_") and name not in columns]
    shown = [name for name in columns if name not in deferred] + sorted(named)
    return {"model": value._meta.label, **{name: plain(vars(value)[name]) for name in shown}}
