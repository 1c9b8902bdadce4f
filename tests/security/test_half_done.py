"""What several statements do is done by all of them or by none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dorm.signals import m2m_changed
from tests.security.models import Folder, Paper

if TYPE_CHECKING:
    from tests.testbed.colours import Call


def refuse(sender: Any, **_: Any) -> None:
    raise LookupError


@pytest.mark.parametrize("method", ["create", "get_or_create"])
async def test_a_row_that_cannot_be_linked_is_neither_made_nor_found(method: str, whole: None, call: Call) -> None:
    paper = await call(Paper.objects, "get", name="one")
    m2m_changed.connect(refuse, dispatch_uid="refuse")
    try:
        with pytest.raises(LookupError):
            await call(paper.folders, method, title="new")
    finally:
        m2m_changed.disconnect(dispatch_uid="refuse")
    assert not await call(Folder.objects.filter(title="new"), "exists")
