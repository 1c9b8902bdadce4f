"""Names that are made for tables' companions: cut where databases would cut them in silence."""

from __future__ import annotations

import zlib

LONGEST = 63
"""Bytes of an identifier that PostgreSQL keeps (NAMEDATALEN - 1)."""


def shortened(name: str) -> str:
    """*name*, or its beginning and a checksum of the whole when it is too long."""
    encoded = name.encode()
    if len(encoded) <= LONGEST:
        return name
    digest = f"_{zlib.crc32(encoded):08x}"
    return encoded[: LONGEST - len(digest)].decode(errors="ignore") + digest
