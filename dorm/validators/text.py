"""Patterns of text: regular expressions, slugs, lists of integers, file names, NUL characters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dorm.exceptions import ValidationError
from dorm.validators.base import Validator

if TYPE_CHECKING:
    from collections.abc import Sequence


class RegexValidator(Validator):
    """``str(value)`` contains a match of *regex* (anchor it to match all of it); with *inverse_match*, none."""

    regex: str | re.Pattern[str] = ""
    inverse_match: bool = False
    flags: int = 0

    def __init__(
        self,
        regex: str | re.Pattern[str] | None = None,
        message: str | None = None,
        code: str | None = None,
        inverse_match: bool | None = None,
        flags: int | None = None,
    ) -> None:
        if regex is not None:
            self.regex = regex
        if message is not None:
            self.message = message
        if code is not None:
            self.code = code
        if inverse_match is not None:
            self.inverse_match = inverse_match
        if flags is not None:
            self.flags = flags
        if self.flags and not isinstance(self.regex, str):
            raise TypeError("If the flags are set, regex must be a regular expression string.")
        self._pattern: re.Pattern[str] | None = None

    @property
    def pattern(self) -> re.Pattern[str]:
        """The compiled expression; compiled at its first use, so that importing costs nothing."""
        if self._pattern is None:
            self._pattern = re.compile(self.regex, self.flags) if isinstance(self.regex, str) else self.regex
        return self._pattern

    def __call__(self, value: Any) -> None:
        found = self.pattern.search(str(value)) is not None
        if found is self.inverse_match:
            raise ValidationError(self.message, code=self.code, params={"value": value})

    def _compared(self) -> tuple[Any, ...]:
        pattern = self.pattern
        return (pattern.pattern, pattern.flags, self.message, self.code, self.inverse_match)


validate_slug = RegexValidator(
    r"^[-a-zA-Z0-9_]+\Z",
    "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.",
    "invalid",
)
"""ASCII letters, digits, underscores and hyphens."""

validate_unicode_slug = RegexValidator(
    r"^[-\w]+\Z",
    "Enter a valid “slug” consisting of Unicode letters, numbers, underscores, or hyphens.",
    "invalid",
)
"""Letters and digits of any script, underscores and hyphens."""

validate_integer = RegexValidator(r"^-?[0-9]+\Z", "Enter a valid integer.", "invalid")
"""The digits of an integer."""


def int_list_validator(
    sep: str = ",", message: str | None = None, code: str = "invalid", allow_negative: bool = False
) -> RegexValidator:
    """A validator for integers joined by *sep*."""
    integer = r"-?[0-9]+" if allow_negative else r"[0-9]+"
    return RegexValidator(rf"^{integer}(?:{re.escape(sep)}{integer})*\Z", message, code)


validate_comma_separated_integer_list = int_list_validator(message="Enter only digits separated by commas.")
"""Digits separated by commas."""


class ProhibitNullCharactersValidator(Validator):
    """No NUL character: PostgreSQL cannot store it, and C libraries stop there."""

    message = "Null characters are not allowed."
    code = "null_characters_not_allowed"

    def __init__(self, message: str | None = None, code: str | None = None) -> None:
        if message is not None:
            self.message = message
        if code is not None:
            self.code = code

    def __call__(self, value: Any) -> None:
        if "\x00" in str(value):
            raise ValidationError(self.message, code=self.code, params={"value": value})


class FileExtensionValidator(Validator):
    """The name of a file (or ``value.name``) ends in one of *allowed_extensions*, capitals aside."""

    message = "File extension “%(extension)s” is not allowed. Allowed extensions are: %(allowed_extensions)s."
    code = "invalid_extension"

    def __init__(
        self, allowed_extensions: Sequence[str] | None = None, message: str | None = None, code: str | None = None
    ) -> None:
        self.allowed_extensions = (
            None if allowed_extensions is None else [extension.lower() for extension in allowed_extensions]
        )
        if message is not None:
            self.message = message
        if code is not None:
            self.code = code

    def __call__(self, value: Any) -> None:
        name = str(getattr(value, "name", value)).replace("\\", "/").rpartition("/")[2]
        stem, _, extension = name.rpartition(".")
        extension = extension.lower() if stem else ""
        if self.allowed_extensions is not None and extension not in self.allowed_extensions:
            params = {
                "extension": extension,
                "allowed_extensions": ", ".join(self.allowed_extensions),
                "value": value,
            }
            raise ValidationError(self.message, code=self.code, params=params)

    def _compared(self) -> tuple[Any, ...]:
        return (self.allowed_extensions, self.message, self.code)
