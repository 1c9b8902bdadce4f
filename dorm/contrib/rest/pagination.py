"""Pages of a list: which rows are asked for, and where the next and the previous page are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, create_model

if TYPE_CHECKING:
    from collections.abc import Iterable

_LARGEST = 2**63 - 1
"""What OFFSET takes."""


class LimitOffset(NamedTuple):
    """Pages by ``limit`` and ``offset``: *default* rows unless told otherwise, at most *maximum*."""

    default: int = 50
    maximum: int = 200

    def checked(self) -> LimitOffset:
        """Itself, when the numbers make sense."""
        if not 1 <= self.default <= self.maximum:
            raise ValueError(f"{self}: 1 <= default <= maximum.")
        return self

    def parameters(self) -> type[BaseModel]:
        """The query parameters, as a model that refuses all others."""
        model: type[BaseModel] = create_model(
            "Page",
            __config__=ConfigDict(extra="forbid"),
            limit=(int, Field(self.default, ge=1, le=self.maximum, description="How many rows.")),
            offset=(int, Field(0, ge=0, le=_LARGEST - self.maximum, description="How many rows to pass over.")),
        )
        return model


def page_schema(name: str, item: Any) -> type[BaseModel]:
    """The envelope of a list."""
    make: Any = create_model  # the type of items is known at run time only
    model: type[BaseModel] = make(
        f"{name}Page",
        items=(list.__class_getitem__(item), Field()),
        total=(int, Field(description="How many rows there are on all pages.")),
        limit=(int, Field()),
        offset=(int, Field()),
    )
    return model


def links(path: str, query: Iterable[tuple[str, str]], *, limit: int, offset: int, total: int) -> str:
    """The ``Link`` header (RFC 8288) of a page, relative to the host; empty when it is the only page."""
    others = [(name, value) for name, value in query if name not in {"limit", "offset"}]
    targets: list[tuple[str, int]] = []
    if offset > 0:
        targets += [("first", 0), ("prev", max(offset - limit, 0))]
    if offset + limit < total:
        targets += [("next", offset + limit), ("last", (total - 1) // limit * limit)]
    return ", ".join(
        f'<{path}?{urlencode([*others, ("limit", limit), ("offset", start)])}>; rel="{name}"' for name, start in targets
    )
