"""Streaming takes the same memory for any number of rows."""

from __future__ import annotations

import tracemalloc

from tests.library import Publisher

ROWS = 200_000
CHUNK = 20_000
MIB = 2**20


async def test_two_hundred_thousand_rows_pass_through_two_mebibytes(library, call):
    for first in range(0, ROWS, CHUNK):
        made = [Publisher(name=f"Publisher {number}") for number in range(first, first + CHUNK)]
        await call(Publisher.objects, "bulk_create", made)
    del made
    assert await call(Publisher.objects, "count") == ROWS
    query = Publisher.objects.order_by("pk")
    async for _ in call.stream(query[:10]):
        pass  # what is made once, is made
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        count = 0
        async for _ in call.stream(query):
            count += 1
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == ROWS
    assert peak - before < 2 * MIB
