"""From a field of a model to a type for Pydantic: what the column can hold, said in a way that OpenAPI shows.

*Lenient* types take what Pydantic takes (``"3"`` for an integer); *strict* ones take JSON's own types only.  Values
that come out of the database are not validated again: a real table holds what it holds.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import decimal
import uuid
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, Strict
from pydantic_core import PydanticCustomError

from dorm.conf import settings
from dorm.exceptions import ValidationError
from dorm.fields import EmailField, EnumField, SlugField, URLField
from dorm.sql.kinds import INTEGERS, Kind
from dorm.sql.moments import UTC, zone
from dorm.validators import MaxLengthValidator, MaxValueValidator, MinLengthValidator, MinValueValidator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

reading: ContextVar[bool] = ContextVar("dorm_reading_row", default=False)
"""Whether the values being validated come from the database."""

DEEPEST = 100
"""Levels that a JSON value may have; a few more, and encoders run out of stack."""


class ColumnType(NamedTuple):
    """A type, and what ``Annotated`` adds to it.  Constraints come first: JSON schema loses them behind a validator."""

    type: Any
    metadata: tuple[Any, ...] = ()


class Documented:
    """Changes the JSON schema of a type, beside ``null``, and nothing else."""

    def __init__(self, *removed: str, **added: Any) -> None:
        self.removed = removed
        self.added = added

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        found = handler(schema)
        for variant in found.get("anyOf", [found]):
            if variant.get("type") != "null":
                for key in self.removed:
                    variant.pop(key, None)
                variant.update(self.added)
        return found


def column_type(field: Any, *, strict: bool = False) -> ColumnType:
    """The type of *field*'s values, without ``None``; of a foreign key, that of the key it holds."""
    if field.is_relation:
        return column_type(field.target_field, strict=strict)
    if isinstance(field, EnumField):
        return ColumnType(field.enum_class)
    if hasattr(field, "from_db_value"):  # a field of the user's own whose values may be anything
        return ColumnType(Any, (AfterValidator(_converted(field)),))
    found = _TYPES[field.kind](field, strict)
    rules = tuple(_rules(field))
    return ColumnType(found.type, (*found.metadata, *rules))


# -- Rules of the field ------------------------------------------------------------------------


def _rules(field: Any) -> Iterator[Any]:
    choices = field.flatchoices
    if choices:
        values = [value for value, _ in choices]
        shown = [*values, ""] if field.blank and field.empty_strings_allowed and "" not in values else values
        yield Documented(enum=[getattr(value, "value", value) for value in shown])
        yield AfterValidator(_checked(lambda value: _check_choice(shown, value)))
    if any(not isinstance(validator, MaxLengthValidator) for validator in field.validators):
        yield AfterValidator(_checked(field.run_validators))


def _check_choice(choices: list[Any], value: Any) -> None:
    if value not in choices:
        raise ValidationError(f"Input should be one of {', '.join(map(repr, choices))}", code="invalid_choice")


def _checked(check: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Values from outside pass *check*; ``None`` and what comes from the database go by."""

    def validate(value: Any) -> Any:
        if value is not None and not reading.get():
            try:
                check(value)
            except ValidationError as error:
                raise refusal(error.error_list[0].code or "invalid", error.message) from error
        return value

    return validate


def _converted(field: Any) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        if value is None or reading.get():
            return value
        try:
            return field.to_python(value)
        except ValidationError as error:
            raise refusal("invalid", error.message) from error

    return convert


def refusal(code: str, text: str) -> PydanticCustomError:
    """An error of Pydantic's with this code and text, braces and all."""
    return PydanticCustomError(code, "{reason}", {"reason": text})  # pyright: ignore[reportArgumentType] - wants literals


def _outside(check: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """*check* for values from outside only."""
    return lambda value: value if value is None or reading.get() else check(value)


# -- Kinds -------------------------------------------------------------------------------------


def _boolean(field: Any, strict: bool) -> ColumnType:
    return ColumnType(bool, (Strict(),) if strict else ())


def _limits(field: Any) -> tuple[Any, Any]:
    """The least and the greatest value that validators allow."""
    lows = [v.limit_value for v in field.validators if type(v) is MinValueValidator and not callable(v.limit_value)]
    highs = [v.limit_value for v in field.validators if type(v) is MaxValueValidator and not callable(v.limit_value)]
    return max(lows, default=None), min(highs, default=None)


def _integer(field: Any, strict: bool) -> ColumnType:
    least, most = field.bounds
    low, high = _limits(field)
    bounds = Field(ge=least if low is None else max(least, low), le=most if high is None else min(most, high))
    return ColumnType(int, (bounds, BeforeValidator(_json_number)) if strict else (bounds,))


def _json_number(value: Any) -> Any:
    """``3`` and ``3.0`` are integers in JSON; ``"3"`` and ``true`` are not."""
    if isinstance(value, (bool, str)):
        raise refusal("int_type", "Input should be a valid integer")
    return value


def _float(field: Any, strict: bool) -> ColumnType:
    low, high = _limits(field)
    bounds = Field(ge=low, le=high, allow_inf_nan=False)
    return ColumnType(float, (bounds, Strict()) if strict else (bounds,))


def _decimal(field: Any, strict: bool) -> ColumnType:
    low, high = _limits(field)
    return ColumnType(
        decimal.Decimal, (Field(max_digits=field.max_digits, decimal_places=field.decimal_places, ge=low, le=high),)
    )


def _text(field: Any, strict: bool) -> ColumnType:
    shortest = max(
        (v.limit_value for v in field.validators if type(v) is MinLengthValidator and not callable(v.limit_value)),
        default=0,
    )
    if strict and not field.blank:
        shortest = max(shortest, 1)
    metadata: list[Any] = [Field(max_length=field.max_length, min_length=shortest or None, pattern=r"^[^\x00]*$")]
    match field:
        case EmailField():
            metadata.append(Documented(format="email"))
        case URLField():
            metadata.append(Documented(format="uri"))
        case SlugField(allow_unicode=False):
            metadata.append(Documented(pattern="^[-a-zA-Z0-9_]*$" if field.blank else "^[-a-zA-Z0-9_]+$"))
        case _:
            pass
    return ColumnType(str, tuple(metadata))


def _written(cls: type, shape: Callable[[str], bool], name: str) -> BeforeValidator:
    """JSON has no such type: it is written as a string of that shape."""

    def check(value: Any) -> Any:
        if isinstance(value, cls) or (isinstance(value, str) and shape(value)):
            return value
        raise refusal(f"{name}_type", f"Input should be a {name} in ISO 8601 form, as a string")

    return BeforeValidator(_outside(check))


def _date(field: Any, strict: bool) -> ColumnType:
    written = _written(datetime.date, lambda text: len(text) == 10 and text[4] == text[7] == "-", "date")
    return ColumnType(datetime.date, (written,) if strict else ())


def _time(field: Any, strict: bool) -> ColumnType:
    written = _written(datetime.time, lambda text: text[2:3] == ":", "time")
    # The format `time` of JSON Schema has an offset, which a time of day must not have.
    shape = Documented("format", pattern=r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?$")
    return ColumnType(datetime.time, (AfterValidator(_outside(_time_of_day)), shape, *((written,) if strict else ())))


def _time_of_day(value: datetime.time) -> datetime.time:
    if value.tzinfo is not None:
        raise refusal("time_zone", "A time of day has no time zone")
    return value


def _moment(field: Any, strict: bool) -> ColumnType:
    written = _written(datetime.datetime, lambda text: text[4:5] == "-" and len(text) > 10, "datetime")
    return ColumnType(datetime.datetime, (AfterValidator(_outside(_in_settings)), *((written,) if strict else ())))


def _in_settings(value: datetime.datetime) -> datetime.datetime:
    """Aware, in UTC, with ``USE_TZ``; naive, in ``TIME_ZONE``, without."""
    try:
        if not settings.USE_TZ:
            return value if value.tzinfo is None else value.astimezone(zone()).replace(tzinfo=None)
        return (value.replace(tzinfo=zone()) if value.tzinfo is None else value).astimezone(UTC)
    except OverflowError as error:
        raise refusal("datetime_range", "Input should be a datetime of the years 1 to 9999, in UTC") from error


def _duration(field: Any, strict: bool) -> ColumnType:
    written = _written(datetime.timedelta, lambda text: text.lstrip("+-")[:1] == "P", "duration")
    return ColumnType(
        datetime.timedelta, (AfterValidator(_outside(_storable_duration)), *((written,) if strict else ()))
    )


def _storable_duration(value: datetime.timedelta) -> datetime.timedelta:
    if not -(2**63) <= value // datetime.timedelta(microseconds=1) < 2**63:
        raise refusal("duration_range", "Input should be a duration of at most 292,471 years")
    return value


def _uuid(field: Any, strict: bool) -> ColumnType:
    return ColumnType(uuid.UUID)


def _json(field: Any, strict: bool) -> ColumnType:
    return ColumnType(Any, (AfterValidator(_outside(_json_value)),))


def _json_value(value: Any) -> Any:
    level = [value]
    for _ in range(DEEPEST):
        inner: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                inner += [*item, *item.values()]
            elif isinstance(item, list):
                inner += item
            elif isinstance(item, str):
                _storable_text(item)
            elif isinstance(item, float) and item - item != 0:
                raise refusal("finite_number", "JSON numbers are finite")
        if not inner:
            return value
        level = inner
    raise refusal("json_depth", f"Input should be nested at most {DEEPEST} levels deep")


def _storable_text(text: str) -> None:
    if "\x00" in text:
        raise refusal("null_characters_not_allowed", "Null characters are not allowed.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise refusal("string_unicode", "Text should be valid Unicode") from error


def _binary(field: Any, strict: bool) -> ColumnType:
    return ColumnType(
        bytes,
        (
            Field(max_length=field.max_length),
            BeforeValidator(_bytes),
            PlainSerializer(
                lambda value: base64.b64encode(value).decode(), return_type=str, when_used="json-unless-none"
            ),
            Documented("format", "maxLength", contentEncoding="base64"),
        ),
    )


def _bytes(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError) as error:
            raise refusal("base64", "Input should be base64") from error
    return value.tobytes() if isinstance(value, memoryview) else value


def _inet(field: Any, strict: bool) -> ColumnType:
    def canonical(value: str) -> str:
        try:
            text: str = field.coerce(value)
        except ValueError as error:
            raise refusal("ip_address", "Input should be an IP address") from error
        return text

    formats = {"IPv4": "ipv4", "IPv6": "ipv6"}
    shown = (Documented(format=formats[field.protocol]),) if field.protocol in formats else ()
    return ColumnType(str, (Field(max_length=45), AfterValidator(_outside(canonical)), *shown))


_TYPES: dict[Kind, Callable[[Any, bool], ColumnType]] = {
    Kind.BOOLEAN: _boolean,
    **dict.fromkeys(INTEGERS, _integer),
    Kind.FLOAT: _float,
    Kind.DECIMAL: _decimal,
    Kind.CHAR: _text,
    Kind.TEXT: _text,
    Kind.DATE: _date,
    Kind.TIME: _time,
    Kind.DATETIME: _moment,
    Kind.DURATION: _duration,
    Kind.UUID: _uuid,
    Kind.JSON: _json,
    Kind.BINARY: _binary,
    Kind.INET: _inet,
}
