"""A plan belongs to its models, its alias and its settings: what was compiled under others is not found again."""

from __future__ import annotations

import datetime
import gc
import weakref
from typing import Any

import pytest

import dorm
from dorm.conf import settings
from dorm.db.connection import dialect_of
from dorm.query.reads import select_plan
from tests.library import Author, Publisher
from tests.plans.compiled import DATABASES, VENDORS, compilations, statement

pytestmark = pytest.mark.usefixtures("aliases")


def define(column: str) -> Any:
    class Redefined(dorm.Model):
        name = dorm.CharField(max_length=10, db_column=column)

        class Meta:
            app_label = "plans_again"

    return Redefined


def test_a_model_that_is_made_again_is_compiled_again():
    texts = [statement(define(column).objects.filter(name="x"), "sqlite")[0] for column in ("old", "new")]
    assert ('"old"' in texts[0], '"new"' in texts[0]) == (True, False)
    assert ('"old"' in texts[1], '"new"' in texts[1]) == (False, True)


def test_a_model_that_is_gone_is_not_kept_by_its_plans():
    old = define("old")
    statement(old.objects.filter(name="x"), "sqlite")
    assert any(old in key for key in dialect_of("sqlite").plans)
    define("new")
    assert not dialect_of("sqlite").plans


def test_two_aliases_of_one_kind_keep_their_plans_apart():
    queries = [Author.objects.filter(age=1).using(alias) for alias in ("sqlite", "twin", "postgresql")]
    assert 3 == compilations(lambda turn: statement(queries[turn], queries[turn].db), 3)
    assert dialect_of("sqlite") is not dialect_of("twin")


def test_an_instance_knows_the_alias_whose_plan_made_it():
    row = (1, "Ann", "Rome")
    made = {
        alias: select_plan(Publisher.objects.all().described, dialect_of(alias)).hydrate([row])[0]
        for alias in ("sqlite", "twin", "default")
    }
    assert {alias: alias for alias in made} == {alias: one._state.db for alias, one in made.items()}


@pytest.mark.parametrize("vendor", VENDORS)
def test_another_time_zone_is_compiled_anew(vendor):
    texts = []
    for zone in ("UTC", "Europe/Rome", "UTC"):
        settings.TIME_ZONE = zone
        texts.append(statement(Author.objects.filter(joined__hour=3), vendor)[0])
    assert ("'UTC'" in texts[0], "'Europe/Rome'" in texts[1]) == (True, True)
    assert texts[0] == texts[2] != texts[1]


def test_moments_with_and_without_time_zones_are_read_by_plans_of_their_own():
    def read() -> datetime.datetime:
        query = Author.objects.values_list("joined", flat=True)
        return select_plan(query.described, dialect_of("sqlite")).hydrate([("2024-01-01 00:00:00",)])[0]

    found = []
    for aware in (True, False, True):
        settings.USE_TZ = aware
        found.append(read().tzinfo)
    assert [datetime.UTC, None, datetime.UTC] == found


def test_lists_of_moments_with_and_without_time_zones_are_bound_by_plans_of_their_own():
    aware, naive = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC), datetime.datetime(2024, 1, 1)  # noqa: DTZ001
    texts = []
    for uses, moment in ((True, aware), (False, naive), (True, aware)):
        settings.USE_TZ = uses
        texts.append(statement(Author.objects.filter(joined__in=[moment]), "postgresql")[0])
    assert texts[0] == texts[2]
    assert ("with time zone[]" in texts[0], "with time zone[]" in texts[1]) == (True, False)


@pytest.mark.parametrize("vendor", VENDORS)
def test_any_setting_drops_what_was_compiled(vendor):
    statement(Author.objects.filter(age=1), vendor)
    assert dialect_of(vendor).plans
    settings.DEBUG = not settings.DEBUG
    settings.DEBUG = not settings.DEBUG
    assert not dialect_of(vendor).plans


def test_the_plans_of_a_dialect_that_is_replaced_go_with_it():
    statement(Author.objects.filter(age=1), "twin")
    old = weakref.ref(dialect_of("twin"))
    settings.configure(DATABASES={**DATABASES, "twin": "sqlite:///other.sqlite3"})
    gc.collect()
    assert old() is None
