"""Constraints of ``Meta``: the database holds them, errors speak their words, and ``full_clean()`` asks before."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

import dorm
from dorm import CheckConstraint, F, Index, Lower, Q, UniqueConstraint
from dorm.constraints import BaseConstraint
from dorm.exceptions import NON_FIELD_ERRORS
from dorm.query.plan import Counter

UTC = datetime.UTC
EARLY, LATE = datetime.datetime(2024, 1, 1, tzinfo=UTC), datetime.datetime(2024, 1, 2, tzinfo=UTC)


class Room(dorm.Model):
    name = dorm.CharField(max_length=20)
    floor = dorm.IntegerField(default=1)
    code = dorm.CharField(max_length=20, null=True)
    active = dorm.BooleanField(default=True)
    begin = dorm.DateTimeField(null=True)
    end = dorm.DateTimeField(null=True)
    price = dorm.DecimalField(max_digits=8, decimal_places=2, default=1)
    data = dorm.JSONField(null=True)
    extra = dorm.CharField(max_length=20, null=True)
    door = dorm.IntegerField(null=True)

    class Meta:
        app_label = "constraints"
        constraints = (
            CheckConstraint(condition=Q(floor__gte=-1) & Q(floor__lte=9), name="%(class)s_floor"),
            CheckConstraint(
                condition=Q(end__gt=F("begin")), name="span", violation_error_message="It ends before it begins.",
                violation_error_code="span",
            ),
            CheckConstraint(condition=~Q(name__in=["it's", "100%"]) | Q(price__gt=5), name="named"),
            CheckConstraint(condition=Q(data__kind__isnull=True) | Q(data__kind="x"), name="kind"),
            UniqueConstraint(fields=["name", "floor"], name="%(app_label)s_place"),
            UniqueConstraint(fields=["code"], condition=Q(active=True), name="code_of_active"),
            UniqueConstraint(Lower("extra"), F("floor") + 1, name="lower_extra", violation_error_message="Not again."),
            UniqueConstraint(fields=["door"], name="door"),
        )  # fmt: skip
        indexes = (
            Index(fields=["-price", "name"], condition=Q(active=True), name="cheap"),
            Index(F("floor") + 1, Lower("name").desc(), name="computed"),
        )


class Shelf(dorm.Model):
    left = dorm.IntegerField(null=True)
    word = dorm.CharField(max_length=5, null=True)

    class Meta:
        app_label = "constraints"
        constraints = (
            UniqueConstraint(fields=["left", "word"], name="nulls", nulls_distinct=False),
            UniqueConstraint(Lower("word"), name="nulls_lower", nulls_distinct=False),
        )


class Slot(dorm.Model):
    place = dorm.IntegerField()

    class Meta:
        app_label = "constraints"
        constraints = (UniqueConstraint(fields=["place"], name="late", deferrable=dorm.Deferrable.DEFERRED),)


class Indexed(dorm.Model):
    left = dorm.IntegerField(default=1)
    right = dorm.IntegerField(default=1)

    class Meta:
        app_label = "constraints"
        indexes = (
            Index(fields=["left", "-right"], unique=True, name="both"),
            Index(fields=["left"], unique=True, name="some", condition=Q(right__gt=100)),
        )


@pytest.fixture
def rooms(tables):
    tables(Room)


FIRST: dict[str, Any] = {"name": "a", "code": "c", "extra": "x", "door": 1}

# What a second room is, the kind of violation, the constraint, its fields, the code and the place of the message.
WRONG: list[tuple[dict[str, Any], str, tuple[str, ...], str | None, str]] = [
    ({"floor": 10}, "room_floor", ("floor",), None, NON_FIELD_ERRORS),
    ({"begin": LATE, "end": EARLY}, "span", ("begin", "end"), "span", NON_FIELD_ERRORS),
    ({"name": "it's"}, "named", ("name", "price"), None, NON_FIELD_ERRORS),
    ({"name": "100%", "price": 5}, "named", ("name", "price"), None, NON_FIELD_ERRORS),
    ({"data": {"kind": "y"}}, "kind", ("data",), None, NON_FIELD_ERRORS),
    ({"name": "a"}, "constraints_place", ("name", "floor"), "unique_together", NON_FIELD_ERRORS),
    ({"code": "c"}, "code_of_active", ("code",), None, NON_FIELD_ERRORS),
    ({"extra": "X"}, "lower_extra", ("floor", "extra"), None, NON_FIELD_ERRORS),
    ({"door": 1}, "door", ("door",), "unique", "door"),
]
RIGHT: list[dict[str, Any]] = [
    {"floor": 9}, {"begin": EARLY, "end": LATE}, {"begin": LATE}, {"name": "it's", "price": 6}, {"data": {"kind": "x"}},
    {"data": {"other": 1}}, {"name": "a", "floor": 2}, {"code": "c", "active": False}, {"code": None},
    {"extra": "X", "floor": 3}, {"door": 2},
]  # fmt: skip


def room(values):
    return Room(**{"name": "b", "extra": None, **values})


@pytest.mark.usefixtures("rooms")
@pytest.mark.parametrize(("values", "name", "fields", "code", "place"), WRONG, ids=lambda one: str(one)[:30])
async def test_a_violation_is_refused_by_the_database_and_told_before(call, values, name, fields, code, place):
    await call(Room.objects, "create", **FIRST)
    wrong = room(values)

    with pytest.raises(dorm.ValidationError) as told:
        await call(wrong, "full_clean")
    assert [place] == list(told.value.message_dict)
    assert [code] == [error.code for error in told.value.error_list]

    with pytest.raises(dorm.IntegrityError) as caught:
        await call(wrong, "save")
    assert (name, fields) == (caught.value.constraint, caught.value.fields)
    unique = code in ("unique", "unique_together") or name in ("code_of_active", "lower_extra")
    assert isinstance(caught.value, dorm.UniqueViolation if unique else dorm.CheckViolation)
    own = {"span": "It ends before it begins.", "lower_extra": "Not again."}
    assert own.get(name, "") == caught.value.violation_error_message


@pytest.mark.usefixtures("rooms")
@pytest.mark.parametrize("values", RIGHT, ids=str)
async def test_what_violates_nothing_is_accepted_by_both(call, values):
    await call(Room.objects, "create", **FIRST)
    right = room(values)
    await call(right, "full_clean")
    await call(right, "save")
    await call(right, "full_clean")


@pytest.mark.usefixtures("rooms")
async def test_messages(call):
    await call(Room.objects, "create", **FIRST)
    with pytest.raises(dorm.ValidationError) as caught:
        await call(room({"name": "a", "door": 1, "floor": 1, "extra": "X"}), "validate_constraints")
    assert {
        NON_FIELD_ERRORS: ["Room with this Name and Floor already exists.", "Not again."],
        "door": ["Room with this Door already exists."],
    } == caught.value.message_dict
    with pytest.raises(dorm.UniqueViolation) as violated:
        await call(room({"extra": "X"}), "save")
    assert {NON_FIELD_ERRORS: ["Not again."]} == violated.value.message_dict


@pytest.mark.usefixtures("rooms")
async def test_excluded_fields_silence_the_constraints_that_mention_them(call):
    await call(Room.objects, "create", **FIRST)
    wrong = room({"name": "a", "floor": 1, "extra": "X", "code": "c", "door": 1, "begin": LATE, "end": EARLY})
    await call(wrong, "validate_constraints", exclude={"name", "extra", "code", "door", "begin"})
    await call(wrong, "validate_constraints", exclude={"floor", "active", "door", "end"})
    await call(wrong, "full_clean", validate_constraints=False)
    with pytest.raises(dorm.ValidationError):
        await call(wrong, "validate_constraints", exclude={"name"})


@pytest.mark.usefixtures("rooms")
async def test_fields_that_were_refused_are_not_asked_about(call):
    wrong = room({"floor": "much", "door": "x"})
    with pytest.raises(dorm.ValidationError) as caught:
        await call(wrong, "full_clean")
    assert {"floor", "door"} == set(caught.value.message_dict)


@pytest.mark.usefixtures("rooms")
async def test_a_row_does_not_collide_with_itself_and_unloaded_fields_did_not_change(call):
    made = await call(Room.objects, "create", **FIRST)
    await call(made, "validate_constraints")
    partly = await call(Room.objects.only("name"), "get")
    await call(partly, "validate_constraints")


@pytest.mark.usefixtures("rooms")
async def test_each_constraint_is_compiled_once(call):
    await call(room({"name": "warm"}), "validate_constraints")
    before = Counter.compiled
    for number in range(20):
        await call(room({"name": f"n{number}", "floor": number % 9, "door": number}), "validate_constraints")
    # The door is compared only where there is one.
    assert Counter.compiled - before <= 1


async def test_null_may_occur_once(call, tables):
    tables(Shelf)
    await call(Shelf.objects, "create", left=None, word="a")
    for values in ({"left": None, "word": "a"}, {"left": 5, "word": "A"}):
        with pytest.raises(dorm.ValidationError):
            await call(Shelf(**values), "validate_constraints")
        with pytest.raises(dorm.UniqueViolation):
            await call(Shelf(**values), "save")
    await call(Shelf.objects, "create", left=0, word="")
    await call(Shelf.objects, "create", left=0, word=None)
    with pytest.raises(dorm.ValidationError):
        await call(Shelf(left=7, word=None), "validate_constraints")
    with pytest.raises(dorm.UniqueViolation):
        await call(Shelf(left=7, word=None), "save")


async def test_a_deferred_constraint_is_checked_at_the_end(call, tables, db):
    if not db.is_postgresql:
        with pytest.raises(dorm.NotSupportedError, match="deferrable"):
            tables(Slot)
        return
    tables(Slot)
    one = await call(Slot.objects, "create", place=1)
    two = await call(Slot.objects, "create", place=2)
    async with call.atomic():
        one.place, two.place = 2, 1
        await call(one, "save")
        await call(two, "save")
    assert [2, 1] == [slot.place for slot in await call.list(Slot.objects.order_by("pk"))]


async def test_a_unique_index_is_asked_for_by_validate_unique(call, tables):
    tables(Indexed)
    await call(Indexed.objects, "create")
    with pytest.raises(dorm.ValidationError) as caught:
        await call(Indexed(), "validate_unique")
    assert {NON_FIELD_ERRORS: ["Indexed with this Left and Right already exists."]} == caught.value.message_dict
    await call(Indexed(right=2), "validate_unique")
    with pytest.raises(dorm.UniqueViolation) as violated:
        await call(Indexed(), "save")
    assert ("left", "right") == violated.value.fields
    await call(Indexed.objects, "create", right=101)
    with pytest.raises(dorm.UniqueViolation) as partial:
        await call(Indexed(right=102), "save")
    assert ("left",) == partial.value.fields


async def test_a_unique_constraint_is_a_key_of_in_bulk(call, tables):
    tables(Room)
    made = await call(Room.objects, "create", **FIRST)
    assert {1: made} == await call(Room.objects, "in_bulk", [1], field_name="door")
    with pytest.raises(ValueError, match="unique"):
        await call(Room.objects, "in_bulk", ["c"], field_name="code")


class Odd(BaseConstraint):
    """A constraint of one's own, which is told in Python."""

    def validate(self, model, instance, exclude=None, using="default"):
        if instance.number % 2 == 0:
            raise dorm.ValidationError(self.get_violation_error_message(), code="even")


class OddTwice(Odd):
    async def avalidate(self, model, instance, exclude=None, using="default"):
        self.validate(model, instance, exclude, using)


class Number(dorm.Model):
    number = dorm.IntegerField()

    class Meta:
        app_label = "constraints"
        constraints = (OddTwice(name="odd"),)


class Half(dorm.Model):
    number = dorm.IntegerField()

    class Meta:
        app_label = "constraints"
        constraints = (Odd(name="odd"),)


async def test_a_constraint_of_your_own_is_asked(call, tables):
    tables(Number)
    await call(Number(number=1), "full_clean")
    with pytest.raises(dorm.ValidationError) as caught:
        await call(Number(number=2), "full_clean")
    assert {NON_FIELD_ERRORS: ["Constraint “odd” is violated."]} == caught.value.message_dict


async def test_a_constraint_that_is_overridden_in_one_colour_only_is_not_bypassed(tables):
    tables(Half)
    with pytest.raises(TypeError, match="avalidate"):
        await Half(number=1).avalidate_constraints()


def test_a_constraint_reaches_no_other_table(tables):
    class Far(dorm.Model):
        room = dorm.ForeignKey(Room, on_delete=dorm.DO_NOTHING, related_name="+")

        class Meta:
            app_label = "constraints"
            constraints = (CheckConstraint(condition=Q(room__floor=1), name="far"),)

    with pytest.raises(dorm.FieldError, match="own table"):
        tables(Room, Far)
