"""Generated routes: their options, subclasses, and how they are described."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fastapi import FastAPI

from dorm.exceptions import FieldError, ImproperlyConfigured
from dorm_fastapi import CRUDRouter, LimitOffset
from tests.integrations.fastapi.answers import ALICE, created, problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import SimpleNamespace

    import httpx2

# -- Options -----------------------------------------------------------------------------------


def test_wrong_options_are_refused_at_the_line_that_wrote_them(shop: SimpleNamespace) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"no operation 'lst'. Did you mean 'list'\?"):
        CRUDRouter(shop.Author, operations=["lst"])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    with pytest.raises(FieldError, match=r"names 'nmae', which Author does not have. Did you mean 'name'\?"):
        CRUDRouter(shop.Author, exclude=["nmae"])
    with pytest.raises(ValueError, match="1 <= default <= maximum"):
        CRUDRouter(shop.Author, pagination=LimitOffset(default=500))


async def test_fields_and_pages_can_be_chosen(
    make_app: Callable[..., FastAPI], serve: Callable[..., Any], shop: SimpleNamespace
) -> None:
    app = make_app()
    app.include_router(
        CRUDRouter(
            shop.Author,
            prefix="/people",
            name="person",
            exclude=["joined"],
            read_only=["active"],
            pagination=LimitOffset(default=1, maximum=2),
        )
    )
    async with serve(app) as client:
        row = await created(client, "/people", **ALICE)
        assert sorted(row) == ["active", "age", "email", "id", "name"]
        assert (await client.patch(f"/people/{row['id']}", json={"active": False})).status_code == 422
        assert (await client.get("/people")).json()["limit"] == 1
        assert (await client.get("/people?limit=3")).status_code == 422


async def test_a_subclass_decides_which_rows_exist_and_how_they_are_made(
    make_app: Callable[..., FastAPI], serve: Callable[..., Any], shop: SimpleNamespace
) -> None:
    class Adults(CRUDRouter[Any]):
        async def get_queryset(self, request: Any) -> Any:
            return shop.Author.objects.filter(age__gte=18).order_by("-age")

        async def perform_create(self, data: dict[str, Any], request: Any) -> Any:
            return await super().perform_create({**data, "name": data["name"].upper()}, request)

    app = make_app()
    app.include_router(Adults(shop.Author, prefix="/adults", name="adult"))
    async with serve(app) as client:
        child = await created(client, "/authors", name="Kid", email="kid@example.com", age=5)
        old = await created(client, "/adults", name="old", email="old@example.com", age=90)
        await created(client, "/adults", name="young", email="young@example.com", age=20)
        assert old["name"] == "OLD"
        page = (await client.get("/adults")).json()
        assert ([row["name"] for row in page["items"]], page["total"]) == (["OLD", "YOUNG"], 2)
        for method in ("GET", "PATCH", "DELETE"):
            answer = await client.request(method, f"/adults/{child['id']}", json={} if method == "PATCH" else None)
            assert answer.status_code == 404


async def test_a_router_works_without_dorm(database: str, serve: Callable[..., Any], shop: SimpleNamespace) -> None:
    app = FastAPI()
    app.include_router(CRUDRouter(shop.Author))
    app.include_router(CRUDRouter(shop.Book))
    async with serve(app) as client:
        author = await created(client, "/authors", **ALICE)
        problem(await client.post("/authors", json=ALICE), 409, "unique")
        problem(await client.post("/authors", json={}), 422, "validation")
        problem(await client.get("/authors/99"), 404, "not-found")
        problem(await client.post("/books", json={"title": "One", "author": 99}), 422, "related-missing")
        await created(client, "/books", title="One", author=author["id"])
        problem(await client.delete(f"/authors/{author['id']}"), 409, "protected")
        problem(await client.put("/authors"), 405, "")


# -- OpenAPI -----------------------------------------------------------------------------------


async def test_the_description_names_operations_and_errors(client: httpx2.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    found = {
        operation["operationId"]: (operation["summary"], sorted(operation["responses"]))
        for item in document["paths"].values()
        for operation in item.values()
        if "Authors" in operation["tags"]
    }
    assert found == {
        "list_authors": ("List authors", ["200", "422", "503"]),
        "create_author": ("Create an author", ["201", "400", "409", "422", "503"]),
        "get_author": ("Get an author", ["200", "404", "422", "503"]),
        "update_author": ("Update an author", ["200", "400", "404", "409", "422", "503"]),
        "delete_author": ("Delete an author", ["204", "404", "409", "422", "503"]),
    }
    assert "HTTPValidationError" not in document["components"]["schemas"]
    responses = document["paths"]["/authors"]["post"]["responses"]
    assert responses["409"]["content"] == {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
    }
    assert "Location" in responses["201"]["headers"]


async def test_the_description_says_what_columns_hold(client: httpx2.AsyncClient) -> None:
    schemas = (await client.get("/openapi.json")).json()["components"]["schemas"]
    assert schemas["AuthorCreate"]["properties"]["age"]["anyOf"][0] == {
        "type": "integer",
        "minimum": 0,
        "maximum": 2147483647,
    }
    name = schemas["AuthorCreate"]["properties"]["name"]
    assert (name["minLength"], name["maxLength"], name["pattern"]) == (1, 100, "^[^\\x00]*$")
    assert schemas["AuthorCreate"]["additionalProperties"] is False
    assert schemas["AuthorCreate"]["required"] == ["name", "email"]
    assert schemas["EverythingCreate"]["properties"]["kind"]["enum"] == ["a", "b"]
    assert schemas["LanguageCreate"]["properties"]["name"]["description"] == "In English."
    assert "required" not in schemas["AuthorUpdate"]
    assert schemas["Author"]["required"] == ["id", "name", "email", "age", "active", "joined"]
