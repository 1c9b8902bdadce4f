"""SQLite without a library: the standard sqlite3, and aiosqlite with one hop to its thread per statement."""

from __future__ import annotations

import datetime
import decimal
import json
import sqlite3
from typing import TYPE_CHECKING, Any

from benchmarks.contestants.plain import COLUMNS, Item, Owner, new
from benchmarks.contestants.querysets import changed
from benchmarks.contestants.stitching import OWNERS, kept_scores, owners, with_children, with_tags

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
PREFIXED = ", ".join(f"i.{name}" for name in COLUMNS.split(", "))
JOINED = (
    f"SELECT {PREFIXED}, o.id, o.name, o.email, o.active FROM bench_item i JOIN bench_owner o ON o.id = i.owner_id"
    " WHERE i.id <= ?"
)
CHILDREN = f"SELECT {COLUMNS} FROM bench_item WHERE id <= ? AND owner_id IN (SELECT value FROM json_each(?))"
TAGGED = (
    "SELECT l.owner_id, t.id, t.name FROM bench_tag t JOIN bench_owner_tags l ON l.tag_id = t.id"
    " WHERE l.owner_id IN (SELECT value FROM json_each(?)) ORDER BY t.id"
)
GROUPED = "SELECT owner_id, COUNT(id), SUM(quantity) FROM bench_item GROUP BY owner_id ORDER BY owner_id"
LINES = f"SELECT {COLUMNS} FROM bench_line"
FIND = (
    f"SELECT {PREFIXED} FROM bench_item i JOIN bench_owner o ON o.id = i.owner_id WHERE i.quantity >= ?"
    " AND i.quantity < ? AND i.name LIKE ? ESCAPE '\\' AND i.active = ? AND o.name = ?"
    " AND i.price > ? ORDER BY i.quantity DESC LIMIT 20"
)
UPDATE = "UPDATE bench_score SET points = ?, remark = ? WHERE id = ?"
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


def converted(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """The values of a row as the model has them."""
    key, name, active, quantity, weight, price, created, note, owner_id = row
    return (
        key,
        name,
        active == 1,
        quantity,
        weight,
        decimal.Decimal(f"{price:.2f}"),
        datetime.datetime.fromisoformat(created + "+00:00"),
        note,
        owner_id,
    )


def dicts(rows: Iterable[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """The rows as dicts, their values as the model has them."""
    return [
        {
            "id": key,
            "name": name,
            "active": active == 1,
            "quantity": quantity,
            "weight": weight,
            "price": decimal.Decimal(f"{price:.2f}"),
            "created": datetime.datetime.fromisoformat(created + "+00:00"),
            "note": note,
            "owner_id": owner_id,
        }
        for key, name, active, quantity, weight, price, created, note, owner_id in rows
    ]


def joined(rows: Iterable[tuple[Any, ...]]) -> list[Item]:
    """The rows of a join as objects, each with its owner."""
    found: list[Item] = []
    add = found.append
    for row in rows:
        key, name, active, quantity, weight, price, created, note, owner_id, own_key, own_name, email, own_active = row
        owner = new(Owner)
        owner.id = own_key
        owner.name = own_name
        owner.email = email
        owner.active = own_active == 1
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
        item.owner = owner
        add(item)
    return found


def keys(parents: list[Owner]) -> str:
    """The keys of the owners as one parameter."""
    return json.dumps([owner.id for owner in parents])


def conditions(values: dict[str, Any]) -> tuple[Any, ...]:
    """The parameters of the search."""
    return (
        values["least"],
        values["most"],
        values["beginning"] + "%",
        values["active"],
        values["owner"],
        float(values["price"]),
    )


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
        self._scores = kept_scores()

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

    def dicts(self, least: float) -> list[dict[str, Any]]:
        return dicts(self._connection.execute(SCAN, (least,)).fetchall())

    def tuples(self, least: float) -> list[tuple[Any, ...]]:
        return [converted(row) for row in self._connection.execute(SCAN, (least,)).fetchall()]

    def joined(self, last: int) -> list[Item]:
        return joined(self._connection.execute(JOINED, (last,)).fetchall())

    def children(self, last: int) -> list[Owner]:
        parents = owners(self._connection.execute(OWNERS).fetchall())
        return with_children(parents, items(self._connection.execute(CHILDREN, (last, keys(parents))).fetchall()))

    def tagged(self, _: int) -> list[Owner]:
        parents = owners(self._connection.execute(OWNERS).fetchall())
        return with_tags(parents, self._connection.execute(TAGGED, (keys(parents),)).fetchall())

    def grouped(self, _: int) -> list[tuple[Any, ...]]:
        return self._connection.execute(GROUPED).fetchall()

    def update(self, scores: list[tuple[int, int, str]]) -> int:
        cursor = self._connection.cursor()
        cursor.execute("BEGIN IMMEDIATE")
        cursor.executemany(UPDATE, [(one.points, one.remark, one.id) for one in changed(self._scores, scores)])
        count = cursor.rowcount
        cursor.execute("COMMIT")
        return count

    def stream(self, _: int) -> tuple[int, int]:
        count = total = 0
        cursor = self._connection.execute(LINES)
        while rows := cursor.fetchmany(2000):
            for line in items(rows):
                count += 1
                total += line.id
        return count, total

    def find(self, values: dict[str, Any]) -> list[Item]:
        return items(self._connection.execute(FIND, conditions(values)).fetchall())


class Suspending:
    """aiosqlite: ``execute_fetchall`` goes to the thread and back once."""

    def __init__(self, location: str) -> None:
        self._location = location
        self._scores = kept_scores()

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

    async def dicts(self, least: float) -> list[dict[str, Any]]:
        return dicts(await self._fetch(SCAN, (least,)))

    async def tuples(self, least: float) -> list[tuple[Any, ...]]:
        return [converted(row) for row in await self._fetch(SCAN, (least,))]

    async def joined(self, last: int) -> list[Item]:
        return joined(await self._fetch(JOINED, (last,)))

    async def children(self, last: int) -> list[Owner]:
        parents = owners(await self._fetch(OWNERS))
        return with_children(parents, items(await self._fetch(CHILDREN, (last, keys(parents)))))

    async def tagged(self, _: int) -> list[Owner]:
        parents = owners(await self._fetch(OWNERS))
        return with_tags(parents, await self._fetch(TAGGED, (keys(parents),)))

    async def grouped(self, _: int) -> list[tuple[Any, ...]]:
        return await self._fetch(GROUPED)

    async def update(self, scores: list[tuple[int, int, str]]) -> int:
        await self._connection.execute("BEGIN IMMEDIATE")
        cursor = await self._connection.executemany(
            UPDATE, [(one.points, one.remark, one.id) for one in changed(self._scores, scores)]
        )
        await self._connection.execute("COMMIT")
        return cursor.rowcount

    async def stream(self, _: int) -> tuple[int, int]:
        count = total = 0
        async with self._connection.execute(LINES) as cursor:
            while rows := await cursor.fetchmany(2000):
                for line in items(rows):  # type: ignore[arg-type]  # tuples
                    count += 1
                    total += line.id
        return count, total

    async def find(self, values: dict[str, Any]) -> list[Item]:
        return items(await self._fetch(FIND, conditions(values)))

    async def _fetch(self, sql: str, parameters: tuple[Any, ...] = ()) -> list[Any]:
        return await self._connection.execute_fetchall(sql, parameters)  # type: ignore[return-value]  # a list


ADAPTERS = {"sync": Blocking, "async": Suspending}
