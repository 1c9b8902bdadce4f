"""PostgreSQL without a library: psycopg, statements prepared at once, the server's own placeholders, one cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import AsyncRawCursor, RawCursor

from benchmarks.contestants.plain import COLUMNS, Item, new

if TYPE_CHECKING:
    from collections.abc import Iterable

VERSION = f"psycopg {psycopg.__version__} ({psycopg.pq.__impl__})"

SCAN = f"SELECT {COLUMNS} FROM bench_item WHERE weight >= $1"
PAGE = f"SELECT {COLUMNS} FROM bench_item WHERE quantity >= $1 ORDER BY quantity LIMIT 20"
GET = f"SELECT {COLUMNS} FROM bench_item WHERE id = $1"
INSERT = (
    "INSERT INTO bench_item (name, active, quantity, weight, price, created, note, owner_id)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id"
)
SETTINGS: dict[str, Any] = {"autocommit": True, "prepare_threshold": 0, "options": "-c TimeZone=UTC"}


def items(rows: Iterable[tuple[Any, ...]]) -> list[Item]:
    """The rows as objects."""
    found: list[Item] = []
    add = found.append
    for key, name, active, quantity, weight, price, created, note, owner_id in rows:
        item = new(Item)
        item.id = key
        item.name = name
        item.active = active
        item.quantity = quantity
        item.weight = weight
        item.price = price
        item.created = created
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
        item.price,
        item.created,
        item.note,
        item.owner_id,
    )


class Blocking:
    """psycopg."""

    def __init__(self, location: str) -> None:
        self._location = location

    def open(self) -> None:
        self._connection = psycopg.connect(self._location, **SETTINGS)
        self._cursor: RawCursor[Any] = RawCursor(self._connection)

    def close(self) -> None:
        self._connection.close()

    def insert(self, record: dict[str, Any]) -> Item:
        item = Item(**record)
        row: Any = self._cursor.execute(INSERT, stored(item)).fetchone()
        item.id = row[0]
        return item

    def scan(self, least: float) -> list[Item]:
        return items(self._cursor.execute(SCAN, (least,)).fetchall())

    def page(self, least: int) -> list[Item]:
        return items(self._cursor.execute(PAGE, (least,)).fetchall())

    def get(self, key: int) -> Item:
        return items(self._cursor.execute(GET, (key,)).fetchall())[0]


class Suspending:
    """psycopg's asynchronous half."""

    def __init__(self, location: str) -> None:
        self._location = location

    async def open(self) -> None:
        self._connection = await psycopg.AsyncConnection.connect(self._location, **SETTINGS)
        self._cursor: AsyncRawCursor[Any] = AsyncRawCursor(self._connection)

    async def close(self) -> None:
        await self._connection.close()

    async def insert(self, record: dict[str, Any]) -> Item:
        item = Item(**record)
        cursor = self._cursor
        await cursor.execute(INSERT, stored(item))
        row: Any = await cursor.fetchone()
        item.id = row[0]
        return item

    async def scan(self, least: float) -> list[Item]:
        cursor = self._cursor
        await cursor.execute(SCAN, (least,))
        return items(await cursor.fetchall())

    async def page(self, least: int) -> list[Item]:
        cursor = self._cursor
        await cursor.execute(PAGE, (least,))
        return items(await cursor.fetchall())

    async def get(self, key: int) -> Item:
        cursor = self._cursor
        await cursor.execute(GET, (key,))
        return items(await cursor.fetchall())[0]


ADAPTERS = {"sync": Blocking, "async": Suspending}
