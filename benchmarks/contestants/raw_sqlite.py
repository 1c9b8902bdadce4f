"""SQLite without a library: the standard sqlite3, and aiosqlite with one hop to its thread per statement."""

from __future__ import annotations

import datetime
import decimal
import sqlite3
from typing import TYPE_CHECKING, Any

from benchmarks.contestants.plain import COLUMNS, Item, new

if TYPE_CHECKING:
    from collections.abc import Iterable

VERSION = f"SQLite {sqlite3.sqlite_version}"

SCAN = f"SELECT {COLUMNS} FROM bench_item WHERE weight >= ?"
PAGE = f"SELECT {COLUMNS} FROM bench_item WHERE quantity >= ? ORDER BY quantity LIMIT 20"
GET = f"SELECT {COLUMNS} FROM bench_item WHERE id = ?"
INSERT = (
    "INSERT INTO bench_item (name, active, quantity, weight, price, created, note, owner_id)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
PRAGMAS = ("PRAGMA foreign_keys = ON", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL")


def items(rows: Iterable[tuple[Any, ...]]) -> list[Item]:
    """The rows as objects, their values as the model has them."""
    found: list[Item] = []
    add = found.append
    for key, name, active, quantity, weight, price, created, note, owner_id in rows:
        item = new(Item)
        item.id = key
        item.name = name
        item.active = active == 1
        item.quantity = quantity
        item.weight = weight
        item.price = decimal.Decimal(f"{price:.2f}")
        item.created = datetime.datetime.fromisoformat(created + "+00:00")
        item.note = note
        item.owner_id = owner_id
        add(item)
    return found


def stored(item: Item) -> tuple[Any, ...]:
    """What is stored of *item*."""
    return (
        item.name,
        item.active,
        item.quantity,
        item.weight,
        float(item.price),
        item.created.replace(tzinfo=None).isoformat(" "),
        item.note,
        item.owner_id,
    )


class Blocking:
    """sqlite3."""

    def __init__(self, location: str) -> None:
        self._location = location

    def open(self) -> None:
        self._connection = sqlite3.connect(self._location, isolation_level=None)
        for pragma in PRAGMAS:
            self._connection.execute(pragma)

    def close(self) -> None:
        self._connection.close()

    def insert(self, record: dict[str, Any]) -> Item:
        item = Item(**record)
        item.id = self._connection.execute(INSERT, stored(item)).lastrowid or 0
        return item

    def scan(self, least: float) -> list[Item]:
        return items(self._connection.execute(SCAN, (least,)).fetchall())

    def page(self, least: int) -> list[Item]:
        return items(self._connection.execute(PAGE, (least,)).fetchall())

    def get(self, key: int) -> Item:
        return items(self._connection.execute(GET, (key,)).fetchall())[0]


class Suspending:
    """aiosqlite: ``execute_fetchall`` goes to the thread and back once."""

    def __init__(self, location: str) -> None:
        self._location = location

    async def open(self) -> None:
        import aiosqlite  # noqa: PLC0415 - whoever measures the other colour needs no asynchronous driver

        self._connection = await aiosqlite.connect(self._location, isolation_level=None)
        for pragma in PRAGMAS:
            await self._connection.execute_fetchall(pragma)

    async def close(self) -> None:
        await self._connection.close()

    async def insert(self, record: dict[str, Any]) -> Item:
        item = Item(**record)
        rows: Any = await self._connection.execute_fetchall(f"{INSERT} RETURNING id", stored(item))
        item.id = rows[0][0]
        return item

    async def scan(self, least: float) -> list[Item]:
        return items(await self._connection.execute_fetchall(SCAN, (least,)))  # type: ignore[arg-type]  # tuples

    async def page(self, least: int) -> list[Item]:
        return items(await self._connection.execute_fetchall(PAGE, (least,)))  # type: ignore[arg-type]  # tuples

    async def get(self, key: int) -> Item:
        return items(await self._connection.execute_fetchall(GET, (key,)))[0]  # type: ignore[arg-type]  # tuples


ADAPTERS = {"sync": Blocking, "async": Suspending}
