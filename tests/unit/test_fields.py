"""Fields by themselves: options, defaults, validation, cloning."""

from __future__ import annotations

import datetime
import decimal
import uuid

import pytest

import dorm
from dorm import fields
from dorm.exceptions import ValidationError

ALL = [
    dorm.CharField(max_length=10), dorm.TextField(), dorm.EmailField(), dorm.URLField(), dorm.SlugField(),
    dorm.SmallIntegerField(), dorm.IntegerField(), dorm.BigIntegerField(), dorm.PositiveSmallIntegerField(),
    dorm.PositiveIntegerField(), dorm.PositiveBigIntegerField(), dorm.FloatField(),
    dorm.DecimalField(max_digits=5, decimal_places=2), dorm.BooleanField(), dorm.DateField(), dorm.TimeField(),
    dorm.DateTimeField(), dorm.DurationField(), dorm.UUIDField(), dorm.JSONField(), dorm.BinaryField(),
    dorm.GenericIPAddressField(),
]  # fmt: skip


def shown(field):
    return type(field).__name__


@pytest.mark.parametrize("field", ALL, ids=shown)
def test_options(field):
    made = type(field)(
        "spoken name", null=True, blank=True, db_index=True, unique=True, help_text="help", db_column="col",
        **{name: value for name, value in field.declared.items() if name in ("max_digits", "decimal_places")},
    )  # fmt: skip
    made.contribute_to_class(None, "attr")
    assert ("attr", "attr", "col", "spoken name") == (made.name, made.attname, made.column, made.verbose_name)
    assert made.null
    assert made.blank
    assert made.db_index
    assert made.unique
    assert "help" == made.help_text
    assert not made.is_relation


@pytest.mark.parametrize("field", ALL, ids=shown)
def test_an_unknown_option_is_named(field):
    needed = {name: value for name, value in field.declared.items() if name in ("max_digits", "decimal_places")}
    with pytest.raises(TypeError, match=f"{shown(field)} has no option 'nul'.*'null'"):
        type(field)(nul=True, **needed)


@pytest.mark.parametrize("field", ALL, ids=shown)
def test_the_value_of_an_instance_made_without_one(field):
    assert ("" if isinstance(field, dorm.TextField) else None) == field.get_default()
    assert not field.has_default()


def test_defaults():
    assert 5 == dorm.IntegerField(default=5).get_default()
    assert [] == dorm.JSONField(default=list).get_default()
    assert None is dorm.CharField(max_length=5, null=True).get_default()
    assert None is dorm.IntegerField(default=None).get_default()
    assert dorm.IntegerField(default=None).has_default()
    one, other = (dorm.UUIDField(default=uuid.uuid4).get_default() for _ in range(2))
    assert one != other


@pytest.mark.parametrize(
    ("field", "given", "expected"),
    [
        (dorm.IntegerField(), "5", 5),
        (dorm.IntegerField(), 5.0, 5),
        (dorm.FloatField(), "1.5", 1.5),
        (dorm.DecimalField(max_digits=5, decimal_places=2), "1.5", decimal.Decimal("1.5")),
        (dorm.DecimalField(max_digits=5, decimal_places=2), 0.1, decimal.Decimal("0.1")),
        (dorm.BooleanField(), "true", True),
        (dorm.BooleanField(), "0", False),
        (dorm.CharField(max_length=5), 5, "5"),
        (dorm.DateField(), "2020-02-29", datetime.date(2020, 2, 29)),
        (dorm.TimeField(), "01:02:03.000004", datetime.time(1, 2, 3, 4)),
        (dorm.DateTimeField(), "2020-01-01T00:00:00Z", datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)),
        (dorm.UUIDField(), str(uuid.UUID(int=5)), uuid.UUID(int=5)),
        (dorm.BinaryField(), bytearray(b"x"), b"x"),
        (dorm.GenericIPAddressField(), "0:0:0:0:0:0:0:1", "::1"),
        (dorm.GenericIPAddressField(unpack_ipv4=True), "::ffff:1.2.3.4", "1.2.3.4"),
        (dorm.GenericIPAddressField(), "::ffff:1.2.3.4", "::ffff:1.2.3.4"),
    ],
)
def test_to_python(field, given, expected):
    found = field.to_python(given)
    assert (expected, type(expected)) == (found, type(found))
    assert None is field.to_python(None)


@pytest.mark.parametrize(
    ("field", "given", "code"),
    [
        (dorm.IntegerField(), "x", "invalid"),
        (dorm.IntegerField(), None, "null"),
        (dorm.CharField(max_length=5), "", "blank"),
        (dorm.CharField(max_length=5), "x" * 6, "max_length"),
        (dorm.CharField(max_length=5, choices=[("a", "A")]), "b", "invalid_choice"),
        (dorm.EmailField(), "nobody", "invalid"),
        (dorm.URLField(), "not a url", "invalid"),
        (dorm.SlugField(), "no spaces", "invalid"),
        (dorm.SlugField(), "ü", "invalid"),
        (dorm.DateField(), "2020-02-30", "invalid"),
        (dorm.UUIDField(), "x", "invalid"),
        (dorm.GenericIPAddressField(), "1.2.3", "invalid"),
        (dorm.BooleanField(), None, "null"),
    ],
)
def test_clean_refuses(field, given, code):
    with pytest.raises(ValidationError) as caught:
        field.clean(given)
    assert code in {error.code for error in caught.value.error_list}


@pytest.mark.parametrize(
    ("field", "given"),
    [
        (dorm.CharField(max_length=5, blank=True), ""),
        (dorm.IntegerField(null=True), None),
        (dorm.BooleanField(), False),
        (dorm.IntegerField(), 0),
        (dorm.SlugField(allow_unicode=True), "ü-1"),
        (dorm.CharField(max_length=5, choices=[("a", "A")]), "a"),
        (dorm.JSONField(blank=True), {}),
    ],
)
def test_clean_accepts(field, given):
    assert given == field.clean(given)


def test_error_messages_can_be_replaced():
    field = dorm.IntegerField(error_messages={"null": "Give one.", "invalid": "No %(value)s."})
    with pytest.raises(ValidationError, match=r"Give one\."):
        field.clean(None)
    with pytest.raises(ValidationError, match=r"No x\."):
        field.clean("x")


def test_validators_say_all_they_have_to_say():
    def never(value):
        raise ValidationError(f"never {value}", code="never")

    with pytest.raises(ValidationError) as caught:
        dorm.CharField(max_length=3, validators=[never]).clean("long")
    assert {"max_length", "never"} == {error.code for error in caught.value.error_list}


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: dorm.DecimalField(max_digits=2, decimal_places=3), ValueError),
        (lambda: dorm.DecimalField(max_digits=0, decimal_places=0), ValueError),
        (dorm.DecimalField, TypeError),
        (lambda: dorm.GenericIPAddressField(protocol="IPv5"), ValueError),
        (lambda: dorm.GenericIPAddressField(protocol="IPv4", unpack_ipv4=True), ValueError),
        (lambda: dorm.CharField(max_length=True), TypeError),
        (lambda: dorm.DateField(auto_now=True, default=None), TypeError),
        (dorm.BigAutoField, TypeError),
    ],
)
def test_options_that_make_no_sense(make, error):
    with pytest.raises(error):
        make()


def test_a_clone_belongs_to_nobody():
    field = dorm.CharField(max_length=5)
    field.contribute_to_class(None, "attr")
    clone = field.clone()
    assert ("", 5) == (clone.name, clone.max_length)


def test_fields_come_in_the_order_they_were_written():
    backwards = ALL[::-1]
    assert sorted(backwards) == ALL


def test_every_field_is_public():
    kinds = {type(field).__name__ for field in ALL} | {"AutoField", "BigAutoField", "SmallAutoField", "ForeignKey"}
    assert kinds <= set(fields.__all__)
    assert kinds <= set(dorm.__all__)


# -- Django's hooks ----------------------------------------------------------------------------


class Upper(dorm.CharField):
    """Stored in capitals, read with an exclamation mark."""

    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        return value if value is None else value.upper()

    def from_db_value(self, value, expression, connection):
        return value if value is None else f"{value}!"


class Counting(dorm.IntegerField):
    """One more at each save."""

    def pre_save(self, instance, add):
        setattr(instance, self.attname, getattr(instance, self.attname) + 1)
        return getattr(instance, self.attname)


class Hooked(dorm.Model):
    word = Upper(max_length=10, null=True)
    saves = Counting(default=0)

    class Meta:
        app_label = "unit_fields"


async def test_hooks_are_honoured(tables, call):
    tables(Hooked)
    one = await call(Hooked.objects, "create", word="abc")
    await call(Hooked.objects, "bulk_create", [Hooked(word="def"), Hooked(word=None)])
    assert 1 == one.saves
    found = await call.list(Hooked.objects.order_by("pk").values_list("word", "saves"))
    assert [("ABC!", 1), ("DEF!", 1), (None, 1)] == found
    assert 1 == await call(Hooked.objects.filter(word="abc"), "count")
    assert 2 == await call(Hooked.objects.filter(word__in=["abc", "def"]), "count")
    assert "ABC!" == (await call(Hooked.objects, "get", word="abc")).word
    await call(Hooked.objects.filter(pk=one.pk), "update", word="xyz")
    assert "XYZ!" == (await call(Hooked.objects, "get", pk=one.pk)).word
