"""Limits of values, lengths, steps and digits."""

from __future__ import annotations

import decimal
import math
from typing import TYPE_CHECKING, Any

from dorm.exceptions import ValidationError
from dorm.validators.base import Validator

if TYPE_CHECKING:
    from collections.abc import Mapping


class BaseValidator(Validator):
    """Compares a value, cleaned, with a limit; the limit may be a callable that is asked at every call."""

    message = "Ensure this value is %(limit_value)s (it is %(show_value)s)."
    code = "limit_value"

    def __init__(self, limit_value: Any, message: str | None = None) -> None:
        self.limit_value = limit_value
        if message:
            self.message = message

    def __call__(self, value: Any) -> None:
        cleaned = self.clean(value)
        limit = self.limit_value() if callable(self.limit_value) else self.limit_value
        if self.compare(cleaned, limit):
            params = {"limit_value": limit, "show_value": cleaned, "value": value}
            raise ValidationError(self.message, code=self.code, params=params)

    def compare(self, a: Any, b: Any) -> bool:
        """Whether the cleaned value *a* is refused under the limit *b*."""
        return bool(a is not b)

    def clean(self, x: Any) -> Any:
        """What of the value is compared."""
        return x

    def _compared(self) -> tuple[Any, ...]:
        return (self.limit_value, self.message, self.code)


class MaxValueValidator(BaseValidator):
    """The value is at most *limit_value*."""

    message = "Ensure this value is less than or equal to %(limit_value)s."
    code = "max_value"

    def compare(self, a: Any, b: Any) -> bool:
        return bool(a > b)


class MinValueValidator(BaseValidator):
    """The value is at least *limit_value*."""

    message = "Ensure this value is greater than or equal to %(limit_value)s."
    code = "min_value"

    def compare(self, a: Any, b: Any) -> bool:
        return bool(a < b)


class StepValueValidator(BaseValidator):
    """The value is a multiple of *limit_value*, counted from *offset*."""

    message = "Ensure this value is a multiple of step size %(limit_value)s."
    code = "step_size"

    def __init__(self, limit_value: Any, message: str | None = None, offset: Any = None) -> None:
        super().__init__(limit_value, message)
        if offset is not None:
            self.message = message or (
                "Ensure this value is a multiple of step size %(limit_value)s, starting from %(offset)s, "
                "e.g. %(offset)s, %(valid_value1)s, %(valid_value2)s, and so on."
            )
        self.offset = offset

    def __call__(self, value: Any) -> None:
        if self.offset is None:
            super().__call__(value)
            return
        step: Any = self.limit_value() if callable(self.limit_value) else self.limit_value
        if self.compare(value - self.offset, step):
            params = {
                "limit_value": step,
                "show_value": value,
                "value": value,
                "offset": self.offset,
                "valid_value1": self.offset + step,
                "valid_value2": self.offset + 2 * step,
            }
            raise ValidationError(self.message, code=self.code, params=params)

    def compare(self, a: Any, b: Any) -> bool:
        if isinstance(a, decimal.Decimal) or isinstance(b, decimal.Decimal):
            return decimal.Decimal(str(a)) % decimal.Decimal(str(b)) != 0
        return not math.isclose(math.remainder(a, b), 0, abs_tol=1e-9)

    def _compared(self) -> tuple[Any, ...]:
        return (*super()._compared(), self.offset)


class _LengthValidator(BaseValidator):
    """A limit for ``len(value)``; the message says one character, or several."""

    singular = ""
    plural = ""

    def __init__(self, limit_value: Any, message: str | None = None) -> None:
        super().__init__(limit_value, message)
        self._own_message = message

    def __call__(self, value: Any) -> None:
        length = self.clean(value)
        limit = self.limit_value() if callable(self.limit_value) else self.limit_value
        if self.compare(length, limit):
            params = {"limit_value": limit, "show_value": length, "value": value}
            message = self._own_message or (self.singular if limit == 1 else self.plural)
            raise ValidationError(message, code=self.code, params=params)

    def clean(self, x: Any) -> int:
        return len(x)


class MinLengthValidator(_LengthValidator):
    """The value is at least *limit_value* long."""

    singular = "Ensure this value has at least %(limit_value)d character (it has %(show_value)d)."
    plural = message = "Ensure this value has at least %(limit_value)d characters (it has %(show_value)d)."
    code = "min_length"

    def compare(self, a: Any, b: Any) -> bool:
        return bool(a < b)


class MaxLengthValidator(_LengthValidator):
    """The value is at most *limit_value* long."""

    singular = "Ensure this value has at most %(limit_value)d character (it has %(show_value)d)."
    plural = message = "Ensure this value has at most %(limit_value)d characters (it has %(show_value)d)."
    code = "max_length"

    def compare(self, a: Any, b: Any) -> bool:
        return bool(a > b)


class DecimalValidator(Validator):
    """A finite decimal with at most *max_digits* digits, *decimal_places* of them after the point."""

    messages: Mapping[str, tuple[str, str]] = {
        "max_digits": (
            "Ensure that there is no more than %(max)s digit in total.",
            "Ensure that there are no more than %(max)s digits in total.",
        ),
        "max_decimal_places": (
            "Ensure that there is no more than %(max)s decimal place.",
            "Ensure that there are no more than %(max)s decimal places.",
        ),
        "max_whole_digits": (
            "Ensure that there is no more than %(max)s digit before the decimal point.",
            "Ensure that there are no more than %(max)s digits before the decimal point.",
        ),
    }

    def __init__(self, max_digits: int | None, decimal_places: int | None) -> None:
        self.max_digits = max_digits
        self.decimal_places = decimal_places

    def __call__(self, value: decimal.Decimal) -> None:
        _, digits, exponent = value.as_tuple()
        if not isinstance(exponent, int):
            raise ValidationError("Enter a number.", code="invalid", params={"value": value})
        if exponent >= 0:
            total = len(digits) + (exponent if digits != (0,) else 0)
            places = 0
        else:
            places = -exponent
            total = max(len(digits), places)
        whole = total - places
        if self.max_digits is not None and total > self.max_digits:
            raise self._error("max_digits", self.max_digits, value)
        if self.decimal_places is not None and places > self.decimal_places:
            raise self._error("max_decimal_places", self.decimal_places, value)
        if self.max_digits is not None and self.decimal_places is not None:
            most = self.max_digits - self.decimal_places
            if whole > most:
                raise self._error("max_whole_digits", most, value)

    def _error(self, code: str, limit: int, value: decimal.Decimal) -> ValidationError:
        singular, plural = self.messages[code]
        return ValidationError(singular if limit == 1 else plural, code=code, params={"max": limit, "value": value})

    def _compared(self) -> tuple[Any, ...]:
        return (self.max_digits, self.decimal_places)
