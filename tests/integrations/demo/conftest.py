"""The shop as its users meet it: a server in a process of its own, on both databases, and a plain HTTP client.

``shop``     a running shop, one per vendor for all tests of a module
``new_shop`` starts shops for one test: ``new_shop(url)``; ``empty_url`` is the URL of an empty database
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from dorm.test.databases import new_database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[3]
PATIENCE = 300.0


class Shop:
    """``python -m demo_app`` on a free port; what it says goes to a file."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder
        self.log = folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Shop:
        port = free_port()
        environment = {**os.environ, "DATABASE_URL": self.url, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}
        command = [sys.executable, "-m", "demo_app", "--port", str(port)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, cwd=self.folder, env=environment, stdout=log, stderr=log)
        self.client = httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE)
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._terminate()
                pytest.fail(f"The shop does not open:\n{self.log.read_text()}", pytrace=False)
            time.sleep(0.05)
        return self

    def _answers(self) -> bool:
        try:
            return self.client.get("/livez").status_code == 200
        except httpx2.TransportError:
            return False

    def stop(self) -> None:
        """Close it in peace; fails when anything went wrong in there, whatever the tests have seen of it."""
        if self._process is None:
            return
        self._terminate()
        # What a probe answers, its test looks at: on a busy machine it may be 503.
        wrong = re.findall(r'.*(?:Traceback|Warning|(?<!z HTTP/1\.1)" 5\d\d ).*', self.log.read_text())
        if wrong:
            pytest.fail(f"The shop's log has {wrong}:\n{self.log.read_text()}", pytrace=False)

    def _terminate(self) -> None:
        assert self._process is not None
        self.client.close()
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise
        finally:
            self._process = None

    def get(self, path: str, **parameters: Any) -> Any:
        """The body of an answer that is 200."""
        response = self.client.get(path, params=parameters)
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, path: str, body: Any = None) -> httpx2.Response:
        return self.client.post(path, json=body)

    def open_event(self, **tiers: int) -> dict[str, Any]:
        """An event of its own, with so many tickets of each tier."""
        venue = self.get("/venues", limit=1)["items"][0]
        event = self.post(
            "/events",
            {"title": "Test", "category": "concert", "venue": venue["id"], "starts_at": "2099-01-01T19:00:00Z"},
        ).json()
        for name, capacity in tiers.items():
            tier = {"event": event["id"], "name": name, "price": "12.50", "capacity": capacity}
            assert self.post("/price-tiers", tier).status_code == 201
        return self.get(f"/listings/{event['id']}")


def order_for(event: dict[str, Any], email: str = "ada@example.org", **wanted: int) -> dict[str, Any]:
    """The body of an order: so many of each tier, by its name."""
    keys = {tier["name"]: tier["id"] for tier in event["tiers"]}
    lines = [{"tier": keys[name], "quantity": quantity} for name, quantity in wanted.items()]
    return {"event": event["id"], "lines": lines, "customer": {"name": "Ada Lovelace", "email": email}}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("shop")
    if request.param == "sqlite":
        yield from running(Shop("sqlite:///shop.sqlite3", folder))
    else:
        server = request.getfixturevalue("dorm_server")
        with new_database(server) as name:
            yield from running(Shop(server.dsn(name), folder))


def running(shop: Shop) -> Iterator[Shop]:
    try:
        yield shop.start()
    finally:
        shop.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "sqlite":
        yield "sqlite:///shop.sqlite3"
    else:
        server = request.getfixturevalue("dorm_server")
        with new_database(server) as name:
            yield server.dsn(name)


@pytest.fixture
def new_shop(tmp_path: Path, empty_url: str) -> Iterator[Callable[[], Shop]]:
    """Starts a shop on ``empty_url``, in the test's folder."""
    shops: list[Shop] = []

    def start() -> Shop:
        shops.append(Shop(empty_url, tmp_path))
        return shops[-1].start()

    yield start
    for shop in shops:
        shop.stop()


@pytest.fixture
def order() -> Callable[..., dict[str, Any]]:
    """Makes the body of an order."""
    return order_for
