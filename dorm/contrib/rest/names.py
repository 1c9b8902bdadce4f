"""What routes are called: paths, operation ids and summaries in plain words."""

from __future__ import annotations

import re
from typing import Any, NamedTuple


def options_of(model: Any) -> Any:
    """``model._meta``, the public record of what a model is."""
    return model._meta


class Names(NamedTuple):
    """The words for one model."""

    path: str
    """``/blog-posts``."""
    one: str
    """``blog_post``, in operation ids."""
    many: str
    """``blog_posts``."""
    label: str
    """``blog post``, for people."""
    plural: str
    """``blog posts``."""

    def with_article(self) -> str:
        """``an author``, ``a book``."""
        return f"{'an' if self.label[:1].lower() in 'aeiou' else 'a'} {self.label}"


def names_for(model: Any, name: str | None = None) -> Names:
    """The words for *model*; *name* replaces its singular in identifiers."""
    meta = options_of(model)
    label, plural = str(meta.verbose_name), str(meta.verbose_name_plural)
    one = _identifier(name or label) or meta.model_name
    many = f"{one}s" if name else _identifier(plural) or f"{one}s"
    return Names(f"/{many.replace('_', '-')}", one, many, label, plural)


def _identifier(text: str) -> str:
    """Lower-case words joined by underscores; empty when *text* has letters that do not fit."""
    return "" if not text.isascii() else re.sub(r"\W+", "_", text.lower()).strip("_")
