"""Every entry point that takes a name, an alias, an option or a kind, under every hostile text: refused, unsent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.security.judging import refused
from tests.security.names import AFTER_READING, ALIASES, ENTRIES
from tests.security.payloads import NAMES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.testbed.colours import Call


def cell(entry: Any, payload: str, call: Call) -> Callable[[], Any]:
    """One cell of the matrix, to be carried out: mistakes may be told while the query is written."""

    async def sending() -> Any:
        return await entry(payload, call)

    return sending


def usable(name: str) -> bool:
    """Whether a stranger may call a column so."""
    return name.isascii() and name.isidentifier() and len(name) < 64 and "__" not in name


async def problems(
    entries: dict[str, Any], payloads: dict[str, str], call: Call, *, may_read: bool = False
) -> list[str]:
    """What is wrong with which cells."""
    found: list[str] = []
    for name, entry in entries.items():
        for label, payload in payloads.items():
            problem = await refused(cell(entry, payload, call), may_read=may_read)
            if problem:
                found.append(f"{name} <- {label}: {problem}")
    return found


@pytest.mark.parametrize("family", ENTRIES)
async def test_what_names_nothing_is_refused_before_anything_is_sent(family: str, whole: None, call: Call) -> None:
    assert [] == await problems(ENTRIES[family], NAMES, call)


async def test_a_computed_column_is_named_by_an_identifier(whole: None, call: Call) -> None:
    payloads = {label: payload for label, payload in NAMES.items() if not usable(payload)}
    assert len(payloads) > 40
    assert [] == await problems(ALIASES, payloads, call)


async def test_defaults_that_name_no_field_are_refused_before_anything_is_written(whole: None, call: Call) -> None:
    assert [] == await problems(AFTER_READING, NAMES, call, may_read=True)
