"""Values and keys of documents never reach the text of a statement, and mean themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dorm import DataError, Value
from dorm.test import assert_num_queries
from tests.security.judging import harmless
from tests.security.models import Paper
from tests.security.payloads import NAMES
from tests.security.values import EMPTY, KEYS, NULLS, PATTERNS, VALUES

if TYPE_CHECKING:
    from tests.testbed.colours import Call


async def answers(
    entries: dict[str, Any], call: Call, payloads: dict[str, str] = NAMES
) -> tuple[list[str], list[tuple[str, Any]]]:
    """What is wrong with which cells, and what the others gave."""
    problems: list[str] = []
    found: list[tuple[str, Any]] = []
    for name, entry in entries.items():
        for label, payload in payloads.items():
            answer: list[Any] = []

            async def sending(entry: Any = entry, payload: str = payload) -> Any:
                return await entry(payload, call)

            problem = await harmless(sending, answer)
            where = f"{name} <- {label}"
            problems += [f"{where}: {problem}"] if problem else []
            found += [(where, one) for one in answer]
    return problems, found


@pytest.mark.parametrize("entries", [KEYS, VALUES], ids=["keys", "values"])
async def test_a_hostile_value_finds_nothing_and_changes_nothing(
    entries: dict[str, Any], whole: None, call: Call
) -> None:
    problems, found = await answers(entries, call)
    assert [] == problems
    assert len(found) > len(entries) * 20
    assert [] == [(where, one) for where, one in found if one not in EMPTY]


async def test_a_key_that_no_document_has_is_none(whole: None, call: Call) -> None:
    problems, found = await answers(NULLS, call)
    assert [] == problems
    assert len(found) > len(NULLS) * 20
    seen = {value for _, rows in found for row in rows for value in flat(row)}
    assert seen <= {None, *range(1, 4)}


def flat(row: Any) -> list[Any]:
    return list(row.values()) if isinstance(row, dict) else list(row) if isinstance(row, tuple) else [row]


async def test_a_regular_expression_is_a_value(whole: None, call: Call) -> None:
    short = {label: payload for label, payload in NAMES.items() if len(payload) < 100}  # a long one takes a server long
    problems, found = await answers(PATTERNS, call, short)
    assert [] == problems
    assert [] == [(where, one) for where, one in found if one]


async def test_what_was_stored_comes_back_and_is_found_again(whole: None, call: Call) -> None:
    kept = 0
    for label, payload in NAMES.items():
        text = payload[:50]
        if "\x00" in text or "\ud800" in text:
            continue
        kept += 1
        made = await call(Paper.objects, "create", name=text, data={text: [text]})
        by_key = {} if "__" in text else {f"data__{text}__0": text}  # in two parts it is another path
        found = await call(Paper.objects, "get", name__contains=text, **by_key)
        await call(found, "refresh_from_db")
        assert (label, text, {text: [text]}) == (label, found.name, found.data)
        shown = await call.list(Paper.objects.filter(pk=made.pk).annotate(x=Value(text)).values_list("x", flat=True))
        assert [text] == shown
        await call(found, "delete")
    assert kept > 40


@pytest.mark.parametrize("lookup", ["contains", "icontains", "startswith", "istartswith", "endswith"])
async def test_a_nul_byte_does_not_end_a_pattern(lookup: str, whole: None, call: Call) -> None:
    """SQLite would read the pattern to there, and find everything."""
    for text in ("\x00", "\x00x", "%\x00"):
        with assert_num_queries(0), pytest.raises(DataError, match="NUL"):
            await call(Paper.objects.filter(**{f"name__{lookup}": text}), "delete")
