"""Both databases give the same values, of the same types, in answer to the same questions."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from dorm.run import run
from tests.questions import (
    test_air_network,
    test_air_numbers,
    test_shop_customers,
    test_shop_sales,
    test_tree_articles,
    test_tree_authors,
)
from tests.questions.asking import asked
from tests.testbed.colours import Call
from tests.testbed.databases import configured

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.questions.asking import Hand

MODULES = [
    test_air_network,
    test_air_numbers,
    test_shop_customers,
    test_shop_sales,
    test_tree_articles,
    test_tree_authors,
]


def typed(value: Any) -> Any:
    """A value with its type; the last digits of averages are each database's own."""
    if isinstance(value, (list, tuple)):
        return [typed(one) for one in value]
    if isinstance(value, dict):
        return {name: typed(one) for name, one in value.items()}
    return (type(value).__name__, pytest.approx(value) if isinstance(value, (float, Decimal)) else value)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_answers_have_the_same_values_and_types(module: Any, hands: Callable[..., Hand]) -> None:
    answers: list[dict[str, Any]] = []
    for vendor in ("sqlite", "postgresql"):
        with configured(hands(module.SHAPE, vendor).entry):
            tests = {name: test for name, test in vars(module).items() if hasattr(test, "ask")}
            answers.append({name: typed(run(asked(test.ask, Call("sync")))) for name, test in tests.items()})
    assert len(answers[0]) >= 15
    assert {} == {name: (one, answers[1][name]) for name, one in answers[0].items() if one != answers[1][name]}
