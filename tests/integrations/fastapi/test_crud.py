"""Generated routes: what they take, what they refuse and how, on both databases."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from dorm_fastapi import CRUDRouter
from tests.integrations.fastapi.answers import ALICE, created, problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import SimpleNamespace

    import httpx2
    from fastapi import FastAPI

# -- Create ------------------------------------------------------------------------------------


async def test_create_answers_201_with_the_row_and_where_it_is(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/authors", json=ALICE)
    assert answer.status_code == 201
    row = answer.json()
    assert row == {"id": row["id"], **ALICE, "age": None, "active": True, "joined": row["joined"]}
    assert answer.headers["location"] == f"/authors/{row['id']}"
    assert (await client.get(answer.headers["location"])).json() == row


async def test_a_foreign_key_carries_the_key_and_is_taken_under_both_names(client: httpx2.AsyncClient) -> None:
    author = await created(client, "/authors", **ALICE)
    first = await created(client, "/books", title="One", author=author["id"])
    second = await created(client, "/books", title="Two", author_id=author["id"], editor=author["id"])
    assert (first["author"], first["editor"], first["price"]) == (author["id"], None, "1.50")
    assert (second["author"], second["editor"]) == (author["id"], author["id"])


async def test_a_key_without_a_default_is_taken_at_creation_and_never_changed(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/languages", json={"code": "de/at", "name": "Austrian German"})
    assert answer.headers["location"] == "/languages/de%2Fat"
    await created(client, "/languages", code="fr")
    assert (await client.get("/languages/fr")).json() == {"code": "fr", "name": ""}
    refused = await client.patch("/languages/fr", json={"code": "it"})
    assert problem(refused, 422, "validation") == [
        {"pointer": "#/code", "code": "extra_forbidden", "detail": "Extra inputs are not permitted"}
    ]


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"#/name": "missing", "#/email": "missing"}),
        ({**ALICE, "name": ""}, {"#/name": "string_too_short"}),
        ({**ALICE, "name": "x" * 101}, {"#/name": "string_too_long"}),
        ({**ALICE, "name": "a\x00b"}, {"#/name": "null_characters_not_allowed"}),
        ({**ALICE, "name": 5}, {"#/name": "string_type"}),
        ({**ALICE, "name": None}, {"#/name": "string_type"}),
        ({**ALICE, "email": "nobody"}, {"#/email": "invalid"}),
        ({**ALICE, "age": "3"}, {"#/age": "int_type"}),
        ({**ALICE, "age": True}, {"#/age": "int_type"}),
        ({**ALICE, "age": 3.5}, {"#/age": "int_from_float"}),
        ({**ALICE, "age": -1}, {"#/age": "greater_than_equal"}),
        ({**ALICE, "age": 2**31}, {"#/age": "less_than_equal"}),
        ({**ALICE, "age": 1e300}, {"#/age": "int_parsing_size"}),
        ({**ALICE, "active": 1}, {"#/active": "bool_type"}),
        ({**ALICE, "nmae": "x"}, {"#/nmae": "extra_forbidden"}),
        ({**ALICE, "id": 5}, {"#/id": "extra_forbidden"}),
        ({**ALICE, "joined": "2020-01-01T00:00:00Z"}, {"#/joined": "extra_forbidden"}),
        ([ALICE], {"#": "model_attributes_type"}),
    ],
)
async def test_a_wrong_body_is_refused_with_pointers(
    client: httpx2.AsyncClient, body: Any, errors: dict[str, str]
) -> None:
    found = problem(await client.post("/authors", json=body), 422, "validation")
    assert {error["pointer"]: error["code"] for error in found} == errors
    assert (await client.get("/authors")).json()["total"] == 0


@pytest.mark.parametrize(
    ("path", "body"),
    [("/authors", b'{"name": "\\ud800", "email": "a@example.com"}'), ("/everything", b'{"data": {"\\ud800": 1}}')],
)
async def test_half_a_surrogate_pair_is_refused(client: httpx2.AsyncClient, path: str, body: bytes) -> None:
    answer = await client.post(path, content=body, headers={"content-type": "application/json"})
    assert [error["code"] for error in problem(answer, 422, "validation")] == ["string_unicode"]


@pytest.mark.parametrize(("body", "status"), [(b"{", 422), (b"", 422), (b"\xff", 400), (b"[" * 100_000, 400)])
async def test_a_body_that_is_no_json_is_refused(client: httpx2.AsyncClient, body: bytes, status: int) -> None:
    answer = await client.post("/authors", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_whole_number_may_be_written_with_a_point(client: httpx2.AsyncClient) -> None:
    assert (await created(client, "/authors", **ALICE, age=3.0))["age"] == 3


async def test_a_unique_value_that_is_taken_is_409_and_names_the_field(client: httpx2.AsyncClient) -> None:
    await created(client, "/authors", **ALICE)
    answer = await client.post("/authors", json={**ALICE, "name": "Other"})
    assert problem(answer, 409, "unique") == [
        {"pointer": "#/email", "code": "unique", "detail": "Author with this Email already exists."}
    ]
    assert "alice" not in answer.text


async def test_a_unique_pair_that_is_taken_is_409(client: httpx2.AsyncClient) -> None:
    author = await created(client, "/authors", **ALICE)
    await created(client, "/books", title="One", author=author["id"])
    answer = await client.post("/books", json={"title": "One", "author": author["id"]})
    assert [error["pointer"] for error in problem(answer, 409, "unique")] == ["#"]


async def test_a_foreign_key_that_points_nowhere_is_422_and_names_the_field(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/books", json={"title": "One", "author": 99, "editor": 98})
    assert [error["pointer"] for error in problem(answer, 422, "related-missing")] == ["#/author", "#/editor"]
    assert (await client.get("/books")).json()["total"] == 0


async def test_the_rules_of_the_model_hold(client: httpx2.AsyncClient) -> None:
    author = await created(client, "/authors", **ALICE)
    answer = await client.post("/books", json={"title": "LOUD", "author": author["id"]})
    assert problem(answer, 422, "validation") == [{"pointer": "#/title", "code": "invalid", "detail": "Do not shout."}]


async def test_twenty_who_want_one_unique_value_get_one_201_and_nineteen_409(client: httpx2.AsyncClient) -> None:
    answers = await asyncio.gather(*(client.post("/authors", json={**ALICE, "name": f"A{n}"}) for n in range(20)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    assert (await client.get("/authors")).json()["total"] == 1


# -- Read --------------------------------------------------------------------------------------


async def test_a_list_comes_in_pages_with_links(client: httpx2.AsyncClient) -> None:
    for letter in "cabed":
        await created(client, "/authors", name=letter, email=f"{letter}@example.com")
    answer = await client.get("/authors", params={"limit": 2, "offset": 2})
    page = answer.json()
    assert [row["name"] for row in page["items"]] == ["c", "d"]
    assert (page["total"], page["limit"], page["offset"]) == (5, 2, 2)
    assert answer.headers["link"] == (
        '</authors?limit=2&offset=0>; rel="first", </authors?limit=2&offset=0>; rel="prev", '
        '</authors?limit=2&offset=4>; rel="next", </authors?limit=2&offset=4>; rel="last"'
    )


async def test_a_list_is_two_queries_whatever_its_length(client: httpx2.AsyncClient, events: list[str]) -> None:
    author = await created(client, "/authors", **ALICE)
    for number in range(20):
        await created(client, "/books", title=str(number), author=author["id"])
    del events[:]
    assert len((await client.get("/books")).json()["items"]) == 20
    assert events == ["SELECT", "SELECT"]


async def test_creating_with_a_foreign_key_asks_for_the_key_and_inserts(
    client: httpx2.AsyncClient, events: list[str]
) -> None:
    author = await created(client, "/authors", **ALICE)
    del events[:]
    await created(client, "/books", title="One", author=author["id"])
    assert events == ["BEGIN", "SELECT", "INSERT", "COMMIT"]


async def test_a_list_that_fits_has_no_links(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/authors")
    assert answer.json() == {"items": [], "total": 0, "limit": 50, "offset": 0}
    assert "link" not in answer.headers


async def test_rows_that_are_equal_in_order_are_listed_by_key(client: httpx2.AsyncClient) -> None:
    made = [(await created(client, "/authors", name="x", email=f"{n}@example.com"))["id"] for n in range(5)]
    listed: list[int] = []
    for offset in range(5):
        page = (await client.get("/authors", params={"limit": 1, "offset": offset})).json()
        listed += [row["id"] for row in page["items"]]
    assert listed == made


@pytest.mark.parametrize(
    ("query", "parameter", "code"),
    [
        ("limit=201", "limit", "less_than_equal"),
        ("limit=1000000000", "limit", "less_than_equal"),
        ("limit=0", "limit", "greater_than_equal"),
        ("limit=-1", "limit", "greater_than_equal"),
        ("limit=x", "limit", "int_parsing"),
        ("offset=-1", "offset", "greater_than_equal"),
        ("offset=9223372036854775807", "offset", "less_than_equal"),
        ("lmit=5", "lmit", "extra_forbidden"),
        ("name__icontains=x", "name__icontains", "extra_forbidden"),
    ],
)
async def test_a_wrong_query_parameter_is_refused(
    client: httpx2.AsyncClient, query: str, parameter: str, code: str
) -> None:
    errors = problem(await client.get(f"/authors?{query}"), 422, "validation")
    assert [(e["in"], e["parameter"], e["code"]) for e in errors] == [("query", parameter, code)]


async def test_an_offset_beyond_the_end_is_an_empty_page(client: httpx2.AsyncClient) -> None:
    await created(client, "/authors", **ALICE)
    page = (await client.get("/authors?offset=9223372036854775607")).json()
    assert (page["items"], page["total"]) == ([], 1)


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/authors/1", 404, "not-found"),
        ("/authors/9223372036854775807", 404, "not-found"),
        ("/authors/-1", 404, "not-found"),
        ("/authors/9223372036854775808", 422, "validation"),
        ("/authors/x", 422, "validation"),
        ("/authors/1.5", 422, "validation"),
        ("/languages/%00", 422, "validation"),
        ("/languages/toolong", 422, "validation"),
        ("/languages/de", 404, "not-found"),
        ("/everything/1", 422, "validation"),
        ("/everything/6ba7b810-9dad-11d1-80b4-00c04fd430c8", 404, "not-found"),
    ],
)
async def test_a_key_that_is_not_there(
    client: httpx2.AsyncClient, method: str, path: str, status: int, kind: str
) -> None:
    answer = await client.request(method, path, json={} if method == "PATCH" else None)
    assert answer.status_code == status
    assert answer.json()["type"] == f"urn:dorm:problem:{kind}"


# -- Update ------------------------------------------------------------------------------------


async def test_update_changes_what_is_sent_and_nothing_else(client: httpx2.AsyncClient, events: list[str]) -> None:
    row = await created(client, "/authors", **ALICE, age=30)
    answer = await client.patch(f"/authors/{row['id']}", json={"age": None})
    assert answer.status_code == 200
    assert answer.json() == {**row, "age": None}
    assert (await client.get(f"/authors/{row['id']}")).json() == {**row, "age": None}


async def test_an_empty_update_writes_nothing(client: httpx2.AsyncClient, events: list[str]) -> None:
    row = await created(client, "/authors", **ALICE)
    del events[:]
    answer = await client.patch(f"/authors/{row['id']}", json={})
    assert (answer.status_code, answer.json()) == (200, row)
    assert "UPDATE" not in events


async def test_update_sets_what_follows_the_clock(client: httpx2.AsyncClient) -> None:
    author = await created(client, "/authors", **ALICE)
    book = await created(client, "/books", title="One", author=author["id"])
    changed = (await client.patch(f"/books/{book['id']}", json={"title": "Two"})).json()
    assert changed["changed"] > book["changed"]
    assert (await client.get(f"/books/{book['id']}")).json() == changed


async def test_update_refuses_null_where_the_column_does(client: httpx2.AsyncClient) -> None:
    row = await created(client, "/authors", **ALICE)
    answer = await client.patch(f"/authors/{row['id']}", json={"name": None, "active": None})
    assert [error["pointer"] for error in problem(answer, 422, "validation")] == ["#/name", "#/active"]


async def test_update_refuses_what_is_taken_or_missing(client: httpx2.AsyncClient) -> None:
    first = await created(client, "/authors", **ALICE)
    second = await created(client, "/authors", name="Bob", email="bob@example.com")
    book = await created(client, "/books", title="One", author=first["id"])
    taken = await client.patch(f"/authors/{second['id']}", json={"email": first["email"]})
    assert [error["pointer"] for error in problem(taken, 409, "unique")] == ["#/email"]
    missing = await client.patch(f"/books/{book['id']}", json={"author": 99})
    assert [error["pointer"] for error in problem(missing, 422, "related-missing")] == ["#/author"]
    moved = await client.patch(f"/books/{book['id']}", json={"author_id": second["id"]})
    assert moved.json()["author"] == second["id"]


async def test_update_checks_the_rules_of_the_model_for_what_is_sent(
    client: httpx2.AsyncClient, shop: SimpleNamespace
) -> None:
    author = await shop.Author.objects.acreate(name="Old", email="not an address")
    changed = await client.patch(f"/authors/{author.pk}", json={"age": 5})
    assert changed.status_code == 200, "what was not sent is not looked at"
    assert (await client.patch(f"/authors/{author.pk}", json={"age": -5})).status_code == 422


# -- Delete ------------------------------------------------------------------------------------


async def test_delete_answers_204_without_a_body(client: httpx2.AsyncClient) -> None:
    row = await created(client, "/authors", **ALICE)
    answer = await client.delete(f"/authors/{row['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await client.get(f"/authors/{row['id']}")).status_code == 404


async def test_delete_of_what_is_in_use_is_409_and_lists_who_uses_it(client: httpx2.AsyncClient) -> None:
    author = await created(client, "/authors", **ALICE)
    await created(client, "/books", title="One", author=author["id"])
    await created(client, "/books", title="Two", author=author["id"])
    answer = await client.delete(f"/authors/{author['id']}")
    problem(answer, 409, "protected")
    assert answer.json()["blockers"] == {"web.Book": 2}
    assert (await client.get("/authors")).json()["total"] == 1


# -- Methods -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "allowed"), [("/authors", "GET, POST"), ("/authors/1", "GET, PATCH, DELETE"), ("/authors/x", None)]
)
@pytest.mark.parametrize("method", ["PUT", "HEAD", "OPTIONS", "TRACE", "FROB"])
async def test_every_other_method_is_405_with_all_that_are_allowed(
    client: httpx2.AsyncClient, path: str, allowed: str | None, method: str
) -> None:
    answer = await client.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == (allowed or "GET, PATCH, DELETE")


async def test_operations_can_be_left_out(
    make_app: Callable[..., FastAPI], serve: Callable[..., Any], shop: SimpleNamespace
) -> None:
    app = make_app()
    app.include_router(CRUDRouter(shop.Author, prefix="/people", operations=["list", "retrieve"], name="person"))
    async with serve(app) as client:
        answer = await client.post("/people", json=ALICE)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
        assert (await client.delete("/people/1")).headers["allow"] == "GET"
