"""Mistakes about foreign keys that were found by use."""

from __future__ import annotations

import pytest

import dorm
from dorm import F
from dorm.db.backends.postgresql_errors import is_referencing
from dorm.test import capture_queries


class Country(dorm.Model):
    name = dorm.CharField(max_length=20)
    code = dorm.CharField(max_length=20, unique=True)
    part_of = dorm.ForeignKey("self", on_delete=dorm.DO_NOTHING, null=True, blank=True)

    class Meta:
        app_label = "mended_keys"


class Town(dorm.Model):
    country = dorm.ForeignKey(Country, on_delete=dorm.DO_NOTHING, db_column="Land")
    by_code = dorm.ForeignKey(
        Country,
        on_delete=dorm.DO_NOTHING,
        to_field="code",
        null=True,
        blank=True,
        related_name="+",
        error_messages={"invalid": "No country has %(field)s %(value)s."},
    )

    class Meta:
        app_label = "mended_keys"


async def test_a_violation_names_the_key_that_leads_nowhere(tables, call):
    tables(Country, Town)
    with pytest.raises(dorm.ForeignKeyViolation) as caught:
        await call(Town.objects, "create", country_id=99)
    assert (("country",), "mended_keys_town", ("Land",)) == (
        caught.value.fields,
        caught.value.table,
        caught.value.columns,
    )
    country = await call(Country.objects, "create", name="a", code="A")
    with pytest.raises(dorm.ForeignKeyViolation) as caught:
        await call(Town.objects, "create", country=country, by_code_id="B")
    assert ("by_code",) == caught.value.fields
    with pytest.raises(dorm.ForeignKeyViolation) as caught:
        await call(Country.objects.filter(pk=country.pk), "update", part_of=99)
    assert ("part_of",) == caught.value.fields
    town = await call(Town.objects, "create", country=country)
    town.by_code_id = "B"
    with pytest.raises(dorm.ForeignKeyViolation) as caught:
        await call(town, "save", update_fields=["by_code"])
    assert ("by_code",) == caught.value.fields


async def test_a_key_that_is_not_written_is_not_blamed(db, tables, call):
    tables(Country, Town)
    country = await call(Country.objects, "create", name="a", code="A", part_of=None)
    await call(Town.objects, "create", country=country, by_code=country)
    country.code, country.part_of_id = "B", 99
    with pytest.raises(dorm.ForeignKeyViolation) as caught:
        await call(country, "save", update_fields=["code"])  # towns point to it by its old code
    assert () == caught.value.fields
    with pytest.raises(dorm.ForeignKeyViolation) as caught:
        await call(Country.objects.filter(pk=country.pk), "update", code="B", part_of=F("part_of"))
    assert () == caught.value.fields


async def test_nothing_is_asked_about_a_key_when_the_database_tells(db, tables, call):
    tables(Country, Town)
    with capture_queries() as queries, pytest.raises(dorm.ForeignKeyViolation):
        await call(Town.objects, "create", country_id=99, by_code_id="B")
    assert (1 if db.is_postgresql else 2) == len(queries)  # SQLite: which of the keys?  The first is enough


async def test_when_the_key_cannot_be_asked_for_the_first_error_is_told(db, tables, call, monkeypatch):
    async def gone(*arguments):
        raise dorm.OperationalError("the file is gone")

    tables(Country, Town)
    monkeypatch.setattr("dorm.actions.read.exists", gone)
    with pytest.raises(dorm.ForeignKeyViolation) as caught:
        await call(Town.objects, "create", country_id=99)
    assert (("country",) if db.is_postgresql else ()) == caught.value.fields


async def test_a_violation_at_the_end_of_a_block_names_the_column(tables, call):
    tables(Country, Town)
    with pytest.raises(dorm.ForeignKeyViolation) as caught:
        async with call.atomic():
            await call(Town.objects, "create", country_id=99)
    assert ("mended_keys_town", ("Land",)) == (caught.value.table, caught.value.columns)


@pytest.mark.parametrize("own", [True, False])
async def test_a_row_that_is_pointed_to_has_no_field_to_blame(db, tables, call, own):
    tables(Country, Town)
    country = await call(Country.objects, "create", name="a", code="A")
    if own:
        await call(Country.objects, "create", name="b", code="B", part_of=country)
    else:
        await call(Town.objects, "create", country=country)
    with pytest.raises(dorm.ForeignKeyViolation) as caught:
        await call(country, "delete")
    assert ((), ()) == (caught.value.columns, caught.value.fields)
    if db.is_postgresql:
        assert f"mended_keys_{'country' if own else 'town'}" == caught.value.table


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ('insert or update on table "a" violates foreign key constraint "a_fk"', True),
        ('update or delete on table "b" violates foreign key constraint "a_fk" on table "a"', False),
        ("Einfügen oder Aktualisieren in Tabelle »a« verletzt Fremdschlüssel-Constraint »a_fk«", True),
        (
            "Aktualisieren oder Löschen in Tabelle »b« verletzt Fremdschlüssel-Constraint »a_fk« von Tabelle »a«",
            False,
        ),
        (
            "une instruction insert ou update sur la table « a » viole la contrainte de clé étrangère « a_fk »",
            True,
        ),
        (
            "UPDATE ou DELETE sur la table « b » viole la contrainte de clé étrangère « a_fk » de la table « a »",
            False,
        ),
        ("a message without its constraint", False),
        ("a_fk", False),
        (None, False),
    ],
)
def test_a_written_and_a_deleted_row_are_told_apart_in_every_language(message, expected):
    assert expected is is_referencing(message, "a_fk")


async def refused(call, town, **options):
    with pytest.raises(dorm.ValidationError) as caught:
        await call(town, "full_clean", **options)
    return caught.value


async def test_a_key_that_leads_nowhere_is_no_valid_one(tables, call):
    tables(Country, Town)
    error = await refused(call, Town(country_id=99))
    assert {"country": ["country instance with id 99 does not exist."]} == error.message_dict
    only = error.error_dict["country"][0]
    assert "invalid" == only.code
    assert {"model": "country", "pk": 99, "field": "id", "value": 99} == only.params


async def test_each_key_is_asked_for_once(tables, call):
    tables(Country, Town)
    country = await call(Country.objects, "create", name="a", code="A")
    with capture_queries() as queries:
        await call(Town(country=country, by_code=country), "full_clean")
    assert 2 == len(queries)
    error = await refused(call, Town(country_id=str(country.pk), by_code_id="B"), validate_unique=False)
    assert {"by_code": ["No country has code B."]} == error.message_dict


async def test_what_is_excluded_or_null_is_not_asked_for(tables, call):
    tables(Country, Town)
    await call(Town(country_id=99), "full_clean", exclude=["country"])
    await call(Country(name="a", code="A"), "full_clean")


async def test_a_key_of_the_wrong_kind_is_refused_in_the_words_of_the_field_it_points_to(tables, call):
    tables(Country, Town)
    assert {"country": ["'x' must be an integer."]} == (await refused(call, Town(country_id="x"))).message_dict
    assert ["country"] == list((await refused(call, Town(country_id=Country()))).message_dict)


async def test_a_row_is_looked_for_where_the_instance_is_from(tables, call, other):
    tables(Country, Town)
    await call(dorm, "create_tables", Country, Town, using="other")
    country = Country(name="a", code="A")
    await call(country, "save", using="other")
    town = Town(country=country)
    await call(town, "save", using="other")
    await call(town, "full_clean")
