"""PostgreSQL without a library: psycopg, statements prepared at once, the server's own placeholders, one cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import AsyncRawCursor, RawCursor

from benchmarks.contestants.plain import COLUMNS, Item, Owner, Score, new
from benchmarks.contestants.querysets import changed
from benchmarks.contestants.stitching import OWNERS, kept_scores, owners, with_children, with_tags

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
PREFIXED = ", ".join(f"i.{name}" for name in COLUMNS.split(", "))
JOINED = (
    f"SELECT {PREFIXED}, o.id, o.name, o.email, o.active FROM bench_item i JOIN bench_owner o ON o.id = i.owner_id"
    " WHERE i.id <= $1"
)
CHILDREN = f"SELECT {COLUMNS} FROM bench_item WHERE id <= $1 AND owner_id = ANY($2)"
TAGGED = (
    "SELECT l.owner_id, t.id, t.name FROM bench_tag t JOIN bench_owner_tags l ON l.tag_id = t.id"
    " WHERE l.owner_id = ANY($1) ORDER BY t.id"
)
GROUPED = "SELECT owner_id, COUNT(id), SUM(quantity) FROM bench_item GROUP BY owner_id ORDER BY owner_id"
LINES = f"SELECT {COLUMNS} FROM bench_line"
FIND = (
    f"SELECT {PREFIXED} FROM bench_item i JOIN bench_owner o ON o.id = i.owner_id WHERE i.quantity >= $1"
    " AND i.quantity < $2 AND i.name LIKE $3 AND i.active = $4 AND o.name = $5"
    " AND i.price > $6 ORDER BY i.quantity DESC LIMIT 20"
)
UPDATE = (
    "UPDATE bench_score SET points = new.points, remark = new.remark"
    " FROM UNNEST($1::bigint[], $2::integer[], $3::text[]) AS new(id, points, remark) WHERE bench_score.id = new.id"
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


def dicts(rows: Iterable[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """The rows as dicts."""
    return [
        {
            "id": key,
            "name": name,
            "active": active,
            "quantity": quantity,
            "weight": weight,
            "price": price,
            "created": created,
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
        owner.active = own_active
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
        item.owner = owner
        add(item)
    return found


def keys(parents: list[Owner]) -> list[int]:
    """The keys of the owners as one parameter."""
    return [owner.id for owner in parents]


def columns(scores: list[Score]) -> tuple[list[Any], ...]:
    """The scores as one list per column."""
    return [one.id for one in scores], [one.points for one in scores], [one.remark for one in scores]


def conditions(values: dict[str, Any]) -> tuple[Any, ...]:
    """The parameters of the search."""
    return (
        values["least"],
        values["most"],
        values["beginning"] + "%",
        values["active"],
        values["owner"],
        values["price"],
    )


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
        self._scores = kept_scores()

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

    def dicts(self, least: float) -> list[dict[str, Any]]:
        return dicts(self._cursor.execute(SCAN, (least,)).fetchall())

    def tuples(self, least: float) -> list[tuple[Any, ...]]:
        return self._cursor.execute(SCAN, (least,)).fetchall()

    def joined(self, last: int) -> list[Item]:
        return joined(self._cursor.execute(JOINED, (last,)).fetchall())

    def children(self, last: int) -> list[Owner]:
        parents = owners(self._cursor.execute(OWNERS).fetchall())
        return with_children(parents, items(self._cursor.execute(CHILDREN, (last, keys(parents))).fetchall()))

    def tagged(self, _: int) -> list[Owner]:
        parents = owners(self._cursor.execute(OWNERS).fetchall())
        return with_tags(parents, self._cursor.execute(TAGGED, (keys(parents),)).fetchall())

    def grouped(self, _: int) -> list[tuple[Any, ...]]:
        return self._cursor.execute(GROUPED).fetchall()

    def update(self, scores: list[tuple[int, int, str]]) -> int:
        return self._cursor.execute(UPDATE, columns(changed(self._scores, scores))).rowcount

    def stream(self, _: int) -> tuple[int, int]:
        count = total = 0
        with self._connection.transaction(), self._connection.cursor("lines") as cursor:
            cursor.execute(LINES.encode())
            while rows := cursor.fetchmany(2000):
                for line in items(rows):
                    count += 1
                    total += line.id
        return count, total

    def find(self, values: dict[str, Any]) -> list[Item]:
        return items(self._cursor.execute(FIND, conditions(values)).fetchall())


class Suspending:
    """psycopg's asynchronous half."""

    def __init__(self, location: str) -> None:
        self._location = location
        self._scores = kept_scores()

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

    async def dicts(self, least: float) -> list[dict[str, Any]]:
        return dicts(await self._fetch(SCAN, (least,)))

    async def tuples(self, least: float) -> list[tuple[Any, ...]]:
        return await self._fetch(SCAN, (least,))

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
        await self._cursor.execute(UPDATE, columns(changed(self._scores, scores)))
        return self._cursor.rowcount

    async def stream(self, _: int) -> tuple[int, int]:
        count = total = 0
        async with self._connection.transaction(), self._connection.cursor("lines") as cursor:
            await cursor.execute(LINES.encode())
            while rows := await cursor.fetchmany(2000):
                for line in items(rows):
                    count += 1
                    total += line.id
        return count, total

    async def find(self, values: dict[str, Any]) -> list[Item]:
        return items(await self._fetch(FIND, conditions(values)))

    async def _fetch(self, sql: str, parameters: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        await self._cursor.execute(sql.encode(), parameters or None)
        return await self._cursor.fetchall()


ADAPTERS = {"sync": Blocking, "async": Suspending}
