"""Validators: callables that raise ``ValidationError`` for a value they refuse.  Messages and codes are Django's."""

from __future__ import annotations

from dorm.validators.addresses import (
    DomainNameValidator,
    EmailValidator,
    URLValidator,
    ip_address_validator_map,
    ip_address_validators,
    validate_domain_name,
    validate_email,
    validate_ipv4_address,
    validate_ipv6_address,
    validate_ipv46_address,
)
from dorm.validators.base import Validator
from dorm.validators.limits import (
    BaseValidator,
    DecimalValidator,
    MaxLengthValidator,
    MaxValueValidator,
    MinLengthValidator,
    MinValueValidator,
    StepValueValidator,
)
from dorm.validators.text import (
    FileExtensionValidator,
    ProhibitNullCharactersValidator,
    RegexValidator,
    int_list_validator,
    validate_comma_separated_integer_list,
    validate_integer,
    validate_slug,
    validate_unicode_slug,
)

__all__ = [
    "BaseValidator",
    "DecimalValidator",
    "DomainNameValidator",
    "EmailValidator",
    "FileExtensionValidator",
    "MaxLengthValidator",
    "MaxValueValidator",
    "MinLengthValidator",
    "MinValueValidator",
    "ProhibitNullCharactersValidator",
    "RegexValidator",
    "StepValueValidator",
    "URLValidator",
    "Validator",
    "int_list_validator",
    "ip_address_validator_map",
    "ip_address_validators",
    "validate_comma_separated_integer_list",
    "validate_domain_name",
    "validate_email",
    "validate_integer",
    "validate_ipv4_address",
    "validate_ipv6_address",
    "validate_ipv46_address",
    "validate_slug",
    "validate_unicode_slug",
]
