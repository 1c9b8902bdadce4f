"""Generated routes: every kind of column, in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.integrations.fastapi.answers import created, problem

if TYPE_CHECKING:
    import httpx2

# -- Every kind of column ----------------------------------------------------------------------

VALUES: dict[str, Any] = {
    "small": -32768,
    "big": 2**63 - 1,
    "share": 0.5,
    "amount": "123.45",
    "kind": "b",
    "text": "straße\n",
    "slug": "a-b",
    "link": "https://example.com/",
    "day": "2020-02-29",
    "hour": "23:59:59.999999",
    "moment": "2020-02-29T12:00:00Z",
    "span": "P1DT1H",
    "data": {"a": [1, None, {"b": "x"}]},
    "raw": "/wA=",
    "address": "::1",
    "since": "2001-01-01",
}


async def test_every_kind_of_value_goes_in_and_comes_out(client: httpx2.AsyncClient) -> None:
    row = await created(client, "/everything", **VALUES)
    assert {name: row[name] for name in VALUES} == VALUES
    assert (await client.get(f"/everything/{row['key']}")).json() == row
    assert (await client.get("/everything")).json()["items"] == [row]


async def test_a_moment_is_kept_in_utc_whatever_its_offset(client: httpx2.AsyncClient) -> None:
    row = await created(client, "/everything", moment="2020-03-01T00:30:00+02:00")
    assert row["moment"] == "2020-02-29T22:30:00Z"
    row = await created(client, "/everything", moment="2020-03-01T00:30:00")
    assert row["moment"] == "2020-03-01T00:30:00Z"


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("small", 32768, "less_than_equal"),
        ("big", 2**63, "less_than_equal"),
        ("share", "0.5", "float_type"),
        ("share", True, "float_type"),
        ("amount", "1.234", "decimal_max_places"),
        ("amount", "1234.5", "decimal_whole_digits"),
        ("amount", "NaN", "finite_number"),
        ("amount", True, "decimal_type"),
        ("kind", "c", "invalid_choice"),
        ("text", "\x00", "null_characters_not_allowed"),
        ("slug", "a b", "invalid"),
        ("link", "javascript:alert(1)", "invalid"),
        ("day", 5, "date_type"),
        ("day", "2020-02-30", "date_from_datetime_parsing"),
        ("day", "2020-02-29T00:00:00", "date_type"),
        ("hour", 5, "time_type"),
        ("hour", "10:00:00Z", "time_zone"),
        ("moment", 5, "datetime_type"),
        ("moment", "1583000000", "datetime_type"),
        ("moment", "0001-01-01T00:00:00+14:00", "datetime_range"),
        ("moment", "9999-12-31T23:59:59-14:00", "datetime_range"),
        ("span", 5, "duration_type"),
        ("span", "P999999999D", "duration_range"),
        ("data", {"a": "\x00"}, "null_characters_not_allowed"),
        ("raw", "###", "base64"),
        ("address", "localhost", "ip_address"),
        ("since", None, "date_type"),
    ],
)
async def test_a_value_that_does_not_fit_is_refused(
    client: httpx2.AsyncClient, name: str, value: Any, code: str
) -> None:
    for answer in (
        await client.post("/everything", json={name: value}),
        await client.patch(f"/everything/{(await created(client, '/everything'))['key']}", json={name: value}),
    ):
        assert [(e["pointer"], e["code"]) for e in problem(answer, 422, "validation")] == [(f"#/{name}", code)]


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("name", ["share", "data", "amount"])
async def test_numbers_that_json_does_not_have_are_refused(client: httpx2.AsyncClient, name: str, text: str) -> None:
    body = f'{{"{name}": {text}}}'.encode()
    answer = await client.post("/everything", content=body, headers={"content-type": "application/json"})
    assert [error["code"] for error in problem(answer, 422, "validation")] == ["finite_number"]


async def test_json_that_is_nested_too_deeply_is_refused(client: httpx2.AsyncClient) -> None:
    value: Any = 1
    for _ in range(95):
        value = [value]
    assert (await created(client, "/everything", data=value))["data"] == value
    answer = await client.post("/everything", json={"data": [[[[[[value]]]]]]})
    assert [error["code"] for error in problem(answer, 422, "validation")] == ["json_depth"]
