"""Choices: enumerations with labels, and every form in which a field takes them."""

from __future__ import annotations

import copy
import datetime
import decimal
import enum
import pickle

import pytest

import dorm
from dorm import Choices, IntegerChoices, TextChoices


class Suit(IntegerChoices):
    DIAMOND = 1, "Diamonds"
    SPADE = 2
    BIG_HEART = 3


class Level(TextChoices):
    LOW = "l", "Low level"
    HIGH = enum.auto()
    __empty__ = "(unknown)"


class Moon(datetime.date, Choices):
    LANDED = 1969, 7, 20, "Landing"
    LEFT = 1972, 12, 14


class Rate(decimal.Decimal, Choices):
    HALF = "0.5", "Half"


class Plain(enum.Enum):
    OLD_ONE = "o"
    NEW = "n"


GROUPED = [("Audio", [("cd", "CD"), ("lp", "Vinyl")]), ("Video", (("dvd", "DVD"),)), ("?", "Unknown")]


class Medium(dorm.Model):
    suit = dorm.IntegerField(choices=Suit, default=Suit.SPADE)
    level = dorm.CharField(max_length=10, choices=Level, null=True, blank=True)
    kind = dorm.CharField(max_length=3, choices=GROUPED, default="cd")
    size = dorm.CharField(max_length=1, choices={"s": "Small", "Large": {"l": "L", "x": "XL"}}, default="s")
    late = dorm.IntegerField(choices=lambda: [(number, f"no. {number}") for number in range(3)], default=1)
    flag = dorm.BooleanField(choices=[(True, "Yes"), (False, "No")], default=True)
    own = dorm.IntegerField(choices=[(1, "one")], default=1)
    free = dorm.IntegerField(default=1)

    class Meta:
        app_label = "unit_choices"

    def get_own_display(self) -> str:
        return "mine"


def test_members_have_values_and_labels():
    assert [(1, "Diamonds"), (2, "Spade"), (3, "Big Heart")] == Suit.choices
    assert ["Diamonds", "Spade", "Big Heart"] == Suit.labels
    assert [1, 2, 3] == Suit.values
    assert ["DIAMOND", "SPADE", "BIG_HEART"] == Suit.names
    assert "Diamonds" == Suit.DIAMOND.label
    assert 3 == Suit.DIAMOND + Suit.SPADE


def test_a_label_for_no_value_comes_first():
    assert [(None, "(unknown)"), ("l", "Low level"), ("HIGH", "High")] == Level.choices
    assert ["__empty__", "LOW", "HIGH"] == Level.names
    assert [None, "l", "HIGH"] == Level.values
    assert ["(unknown)", "Low level", "High"] == Level.labels


def test_members_are_shown_by_their_values():
    assert "l 1 1969-07-20" == f"{Level.LOW} {Suit.DIAMOND} {Moon.LANDED}"
    assert ("l", "1") == (str(Level.LOW), str(Suit.DIAMOND))
    assert "Level.LOW" == repr(Level.LOW)


def test_values_are_found_among_members():
    assert 1 in Suit
    assert 9 not in Suit
    assert "l" in Level
    assert Level.LOW in Level
    assert Suit.DIAMOND not in Level
    assert Level("l") is Level.LOW


def test_values_of_any_class():
    assert [(datetime.date(1969, 7, 20), "Landing"), (datetime.date(1972, 12, 14), "Left")] == Moon.choices
    assert 1969 == Moon.LANDED.year
    assert [(decimal.Decimal("0.5"), "Half")] == Rate.choices


def test_members_survive_pickle_and_copy():
    assert pickle.loads(pickle.dumps(Suit.SPADE)) is Suit.SPADE
    assert copy.deepcopy(Level.LOW) is Level.LOW


def test_two_members_with_one_value_are_refused():
    with pytest.raises(ValueError, match="duplicate values"):

        class Twice(IntegerChoices):
            ONE = 1, "a"
            UNO = 1, "b"


def field(name):
    return Medium._meta.get_field(name)


@pytest.mark.parametrize(
    ("name", "choices", "flat"),
    [
        ("suit", Suit.choices, Suit.choices),
        ("kind", [("Audio", [("cd", "CD"), ("lp", "Vinyl")]), ("Video", [("dvd", "DVD")]), ("?", "Unknown")],
         [("cd", "CD"), ("lp", "Vinyl"), ("dvd", "DVD"), ("?", "Unknown")]),
        ("size", [("s", "Small"), ("Large", [("l", "L"), ("x", "XL")])], [("s", "Small"), ("l", "L"), ("x", "XL")]),
        ("late", [(0, "no. 0"), (1, "no. 1"), (2, "no. 2")], [(0, "no. 0"), (1, "no. 1"), (2, "no. 2")]),
        ("free", None, []),
    ],
)  # fmt: skip
def test_a_field_knows_its_choices(name, choices, flat):
    assert choices == field(name).choices
    assert flat == field(name).flatchoices


def test_a_callable_is_asked_each_time():
    known = [("a", "A")]
    letter = dorm.CharField(max_length=1, choices=lambda: known)
    assert [("a", "A")] == letter.choices
    known.append(("b", "B"))
    assert [("a", "A"), ("b", "B")] == letter.choices


def test_an_enumeration_without_labels_gives_its_names():
    assert [("o", "Old One"), ("n", "New")] == dorm.CharField(max_length=1, choices=Plain).choices


def test_a_form_gets_a_blank_choice_unless_there_is_one():
    assert [("", "---------"), *Suit.choices] == field("suit").get_choices()
    assert Suit.choices == field("suit").get_choices(include_blank=False)
    assert Level.choices == field("level").get_choices()


@pytest.mark.parametrize("wrong", [["a"], [("a", "b", "c")], "ab"])
def test_what_is_no_choice_is_refused(wrong):
    with pytest.raises(TypeError, match="pair"):
        dorm.CharField(max_length=1, choices=wrong)


def test_the_label_of_what_a_field_holds():
    medium = Medium(level="l", kind="lp", size="x", late=2)
    assert "Spade" == medium.get_suit_display()
    assert "Low level" == medium.get_level_display()
    assert "Vinyl" == medium.get_kind_display()
    assert "XL" == medium.get_size_display()
    assert "no. 2" == medium.get_late_display()
    assert "Yes" == medium.get_flag_display()


def test_a_value_without_a_label_is_shown_itself_and_none_as_the_empty_choice():
    medium = Medium(kind="mp3", level=None, size=None)
    assert "mp3" == medium.get_kind_display()
    assert "(unknown)" == medium.get_level_display()
    assert None is medium.get_size_display()


def test_a_display_of_the_class_itself_is_kept_and_fields_without_choices_have_none():
    assert "mine" == Medium().get_own_display()
    assert not hasattr(Medium(), "get_free_display")


def test_validation_knows_groups_and_members():
    Medium(kind="dvd", suit=Suit.DIAMOND, level=Level.LOW).clean_fields()
    with pytest.raises(dorm.ValidationError) as caught:
        Medium(kind="Audio", suit=7, level="x").clean_fields()
    assert {"kind", "suit", "level"} == set(caught.value.message_dict)


# -- EnumField ---------------------------------------------------------------------------------


class Whole(enum.IntEnum):
    SMALL = 1
    BIG = 2**40


class Mixed(enum.Enum):
    A = 1
    B = "b"


class Empty(enum.Enum):
    pass


def test_the_column_of_an_enum_field_holds_its_values():
    assert ("char", 4) == _column(dorm.EnumField(Level))
    assert ("char", 20) == _column(dorm.EnumField(Plain, max_length=20))
    assert ("integer", None) == _column(dorm.EnumField(Suit))
    assert ("bigint", None) == _column(dorm.EnumField(Whole))


def _column(made):
    return made.sql_type.kind.value, made.sql_type.length


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: dorm.EnumField(Mixed), TypeError),
        (lambda: dorm.EnumField(Empty), TypeError),
        (lambda: dorm.EnumField("red"), TypeError),
        (lambda: dorm.EnumField(Level, max_length=3), ValueError),
    ],
)
def test_enum_fields_that_cannot_be(make, error):
    with pytest.raises(error, match="EnumField"):
        make()


def test_a_cleaned_value_is_a_member():
    made = dorm.EnumField(Plain)
    assert Plain.NEW is made.clean("n")
    assert Plain.NEW is made.clean(Plain.NEW)
    with pytest.raises(dorm.ValidationError) as caught:
        made.clean("z")
    assert "invalid_choice" == caught.value.code
