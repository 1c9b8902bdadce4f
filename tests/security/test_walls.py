"""Two walls between a stranger's name and a statement, each tested with the other taken away.

The first: a name is looked up, or is an identifier, or it is refused.  The second: every name is quoted at the one
place where it becomes text.  And what computed columns are called becomes Python: that has two walls, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dorm import Count, F, Max, NotSupportedError, Q
from dorm.meta.conditions import Annotation
from dorm.models import naming
from dorm.query import hydration
from dorm.sql import compiler, dialect
from dorm.test import capture_queries
from tests.security.judging import refused
from tests.security.models import Paper
from tests.security.names import ALIASES, ENTRIES
from tests.security.payloads import HOSTILE, TOKEN

if TYPE_CHECKING:
    from tests.testbed.colours import Call
    from tests.testbed.databases import Database

P = Paper.objects
SHORT = {
    label: text
    for label, text in HOSTILE.items()
    if len(text.encode(errors="replace")) < 64 and "\x00" not in text and "\ud800" not in text
}
"""What a database could call something, if it were quoted."""


@pytest.fixture
def unquoted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second wall is gone."""
    for module in (compiler, dialect):
        monkeypatch.setattr(module, "quoted", lambda name: name)


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first wall is gone for the names of computed columns."""
    monkeypatch.setattr(naming, "check_alias", lambda name: None)


@pytest.mark.parametrize("family", [*ENTRIES, "aliases"])
async def test_the_first_wall_stands_alone(family: str, whole: None, unquoted: None, call: Call) -> None:
    problems: list[str] = []
    for name, entry in (ENTRIES | {"aliases": ALIASES})[family].items():
        for label, payload in SHORT.items():
            if family == "aliases" and payload.isidentifier() and "__" not in payload:
                continue

            async def sending(entry: Any = entry, payload: str = payload) -> Any:
                return await entry(payload, call)

            problem = await refused(sending)
            problems += [f"{name} <- {label}: {problem}"] if problem else []
    assert [] == problems


async def test_the_second_wall_stands_alone(whole: None, unchecked: None, db: Database, call: Call) -> None:
    for label, name in SHORT.items():
        if "__" in name or name[0] in "-+?":
            continue  # never part of the text; or not the whole name in order_by()
        written = ' AS "' + name.replace('"', '""') + '"'
        with capture_queries() as queries:
            found = await call.list(P.order_by("pk").values(**{name: F("age") + 1}))
            counted = await call.list(P.values("folder").annotate(**{name: Count("pk")}).order_by(name).values(name))
            most = await call(P, "aggregate", **{name: Max("age")})
        assert [{name: 2}, {name: 3}, {name: 4}] == found, label
        assert ([{name: 3}], {name: 3}) == (counted, most), label
        assert 3 == sum(written in sql for sql in queries.sql), label


async def test_a_nul_byte_is_stopped_by_the_second_wall_too(whole: None, unchecked: None, call: Call) -> None:
    for name in ("\x00", f"{TOKEN}\x00", f"\x00{TOKEN}"):
        with capture_queries() as queries, pytest.raises(NotSupportedError, match="NUL"):
            await call.list(P.values(**{name: F("age")}))
        assert [] == queries.sql


# -- Names that become Python ------------------------------------------------------------------

CODE = ["k = print(1) #", 'k"] = 1', "k\nraise SystemExit\n", "k; raise SystemExit", "k.__class__", "k-1", "k,", "\x00"]


@pytest.mark.parametrize("code", CODE)
async def test_an_aggregate_of_a_key_needs_a_name(code: str, whole: None, call: Call) -> None:
    """Its own would be made of the key, and become an attribute in generated code."""
    for aggregate in (Max(f"data__{code}"), Count(f"data__{code}", filter=Q(age=1))):

        async def annotated(aggregate: Any = aggregate) -> Any:
            return await call.list(P.annotate(aggregate))

        async def aggregated(aggregate: Any = aggregate) -> Any:
            return await call(P, "aggregate", aggregate)

        async def named(aggregate: Any = aggregate) -> Any:
            return await call.list(P.values_list(f"data__{code}", named=True))

        assert ["", "", ""] == [await refused(one) for one in (annotated, aggregated, named)]


@pytest.mark.parametrize("code", CODE)
async def test_no_code_is_made_of_a_name_that_slipped_through(code: str, whole: None, call: Call) -> None:
    found = P.all()
    age = F("age").shape(found.described, [])
    found = found._with(found.described._but({"annotations": (Annotation(code, age, (), True),)}))
    with capture_queries() as queries, pytest.raises((ValueError, NotSupportedError)):
        await call.list(found)
    assert [] == queries.sql
    assert hydration.__name__ == "dorm.query.hydration"
