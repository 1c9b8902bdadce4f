"""The comparison itself: its table of differences, and the file that both share."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.django.decided import DECIDED

HERE = Path(__file__).parent


def _asked():
    for path in HERE.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Lambda):
                yield re.sub(r"\bm\.", "", ast.unparse(node.body))


def test_every_difference_is_of_a_query_that_is_asked():
    assert set() == set(DECIDED) - set(_asked())


@pytest.mark.parametrize("reader", ["django", "dorm"])
def test_what_dorm_writes_is_stored_as_django_stores_it(open_worlds, reader):
    def rows(m):
        return {
            model.__name__: list(model.objects.order_by("pk").values_list())
            for model in (m.Publisher, m.Tag, m.Author, m.Profile, m.Book, m.Review, m.Club, m.Membership)
        }

    def links(m):
        names = ("friends", "follows", "clubs", "book__tags")
        return [sorted(m.Author.objects.filter(**{f"{name}__gt": 0}).values_list("pk", name)) for name in names]

    with open_worlds() as worlds:
        expected = [worlds.django(ask).value for ask in (rows, links)]
    with open_worlds(by_dorm=True) as worlds:
        assert expected == [getattr(worlds, reader)(ask).value for ask in (rows, links)]
