"""What tests of generated routes share: making a row, and reading a problem."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx2

ALICE = {"name": "Alice", "email": "alice@example.com"}


async def created(client: httpx2.AsyncClient, path: str, **values: Any) -> dict[str, Any]:
    answer = await client.post(path, json=values)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def problem(answer: httpx2.Response, status: int, kind: str) -> list[dict[str, str]]:
    """The errors of a problem document, which must be of this kind."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == status
    assert document["type"] == (f"urn:dorm:problem:{kind}" if kind else "about:blank")
    assert document["instance"] == answer.request.url.path
    found: list[dict[str, str]] = document.get("errors", [])
    return found
