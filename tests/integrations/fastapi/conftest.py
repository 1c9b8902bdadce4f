"""An application with generated routes, on both databases.

``shop`` holds the models; ``serve(app)`` runs an application with its lifespan and gives a client; ``record`` drives
an application by hand and writes down what happens in which order.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import logging
import uuid
from decimal import Decimal
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import httpx2
import psycopg
import pytest
from fastapi import FastAPI

import dorm
from dorm.db.connection import close_all
from dorm.health import ahealth_check
from dorm.test.postgres import server_url
from dorm_fastapi import CRUDRouter, Dorm

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
    from pathlib import Path


class Author(dorm.Model):
    name = dorm.CharField(max_length=100)
    email = dorm.EmailField(unique=True)
    age = dorm.IntegerField(null=True, validators=[dorm.validators.MinValueValidator(0)])
    active = dorm.BooleanField(default=True)
    joined = dorm.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "web"
        ordering = ("name",)


class Book(dorm.Model):
    title = dorm.CharField(max_length=200)
    author = dorm.ForeignKey(Author, on_delete=dorm.PROTECT, related_name="books")
    editor = dorm.ForeignKey(Author, on_delete=dorm.SET_NULL, null=True, blank=True, related_name="+")
    price = dorm.DecimalField(max_digits=6, decimal_places=2, default=Decimal("1.50"))
    changed = dorm.DateTimeField(auto_now=True)

    class Meta:
        app_label = "web"
        unique_together = (("author", "title"),)

    def clean(self) -> None:
        if self.title == self.title.upper() and len(self.title) > 3:
            raise dorm.ValidationError({"title": "Do not shout."})


class Language(dorm.Model):
    code = dorm.CharField(max_length=5, primary_key=True)
    name = dorm.CharField(max_length=50, blank=True, help_text="In English.")

    class Meta:
        app_label = "web"


class Everything(dorm.Model):
    key = dorm.UUIDField(primary_key=True, default=uuid.uuid4)
    small = dorm.SmallIntegerField(default=0)
    big = dorm.BigIntegerField(default=0)
    share = dorm.FloatField(null=True)
    amount = dorm.DecimalField(max_digits=5, decimal_places=2, null=True)
    kind = dorm.CharField(max_length=1, choices=[("a", "A"), ("b", "B")], default="a")
    text = dorm.TextField(blank=True)
    slug = dorm.SlugField(blank=True)
    link = dorm.URLField(blank=True)
    day = dorm.DateField(null=True)
    hour = dorm.TimeField(null=True)
    moment = dorm.DateTimeField(null=True)
    span = dorm.DurationField(null=True)
    data = dorm.JSONField(null=True)
    raw = dorm.BinaryField(null=True, editable=True)
    address = dorm.GenericIPAddressField(null=True)
    since = dorm.DateField(default=datetime.date.today)

    class Meta:
        app_label = "web"
        verbose_name_plural = "everything"


MODELS = (Author, Book, Language, Everything)


@pytest.fixture(autouse=True)
def reports(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the probes are told of the databases; they give them all the time they need."""
    found: list[dict[str, Any]] = []

    async def patient(alias: str, timeout: float = 5.0) -> dict[str, Any]:
        found.append(await ahealth_check(alias, timeout=300))
        return found[-1]

    monkeypatch.setattr("dorm_fastapi.health.ahealth_check", patient)
    return found


@pytest.fixture
def shop() -> SimpleNamespace:
    return SimpleNamespace(Author=Author, Book=Book, Language=Language, Everything=Everything)


@pytest.fixture(params=["sqlite", "postgresql"])
def vendor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def url(vendor: str, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database."""
    if vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'web.sqlite3'}"
        return
    server = server_url()
    schema = f"web_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}".encode())
    yield f"{server}{'&' if '?' in server else '?'}options=-csearch_path%3D{schema}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA {schema} CASCADE".encode())


@pytest.fixture
def database(url: str) -> Iterator[str]:
    """The configured database, with empty tables; no connection is left open."""
    dorm.configure(DATABASES={"default": url}, SYNC_IN_ASYNC="raise", SLOW_QUERY_MS=10**9)
    dorm.create_tables(*MODELS)
    close_all()
    yield url
    close_all()
    dorm.configure(SYNC_IN_ASYNC="warn", SLOW_QUERY_MS=500)


@pytest.fixture
def make_app(database: str) -> Callable[..., FastAPI]:
    """An application with Dorm (its options) and generated routes for every model."""

    def make(**options: Any) -> FastAPI:
        app = FastAPI()
        Dorm(app, **options)
        for model in MODELS:
            app.include_router(CRUDRouter(model))
        return app

    return make


@pytest.fixture
def serve() -> Callable[..., Any]:
    return running


@contextlib.asynccontextmanager
async def running(app: Any, **options: Any) -> AsyncGenerator[httpx2.AsyncClient]:
    """A client of *app*, which has started."""
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test", **options) as client:
            yield client


@pytest.fixture
async def client(make_app: Callable[..., FastAPI]) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of an application with everything."""
    async with running(make_app()) as client:
        yield client


class _Listener(logging.Handler):
    def __init__(self, events: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self.events = events

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno != logging.DEBUG:
            return  # a warning of a slow statement tells of it a second time
        text = record.getMessage().split("] ", 1)[-1]
        self.events.append(text.split(None, 1)[0])


@pytest.fixture
def events() -> Iterator[list[str]]:
    """The first word of every statement from here on; tests add what else happens."""
    found: list[str] = []
    listener = _Listener(found)
    logger = logging.getLogger("dorm.db.backends")
    before = logger.level
    logger.addHandler(listener)
    logger.setLevel(logging.DEBUG)
    yield found
    logger.removeHandler(listener)
    logger.setLevel(before)


@pytest.fixture
def record(events: list[str]) -> Callable[..., Any]:
    """Send one request to an application by hand; statements and messages are written down in their order."""

    async def send_request(
        app: Any, method: str, path: str, body: bytes = b"", fail_at: str | None = None
    ) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = []
        pending = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            if not pending:
                await asyncio.Event().wait()  # the client stays
            return pending.pop()

        async def send(message: dict[str, Any]) -> None:
            name = message["type"].removeprefix("http.response.")
            events.append(f"{name} {message['status']}" if name == "start" else name)
            messages.append(message)
            if name == fail_at:
                raise OSError("the client is gone")

        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},  # Starlette listens for a disconnect before 2.4
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(b"host", b"test"), (b"content-type", b"application/json")],
            "client": ("test", 1),
            "server": ("test", 80),
            "state": {},
        }
        await app(scope, receive, send)
        return messages

    return send_request
