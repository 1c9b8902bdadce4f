"""Validators: what passes, what is refused, with which message and code."""

from __future__ import annotations

import pickle
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from dorm import validators
from dorm.exceptions import ValidationError
from dorm.validators import (
    BaseValidator,
    DecimalValidator,
    DomainNameValidator,
    EmailValidator,
    FileExtensionValidator,
    MaxLengthValidator,
    MaxValueValidator,
    MinLengthValidator,
    MinValueValidator,
    ProhibitNullCharactersValidator,
    RegexValidator,
    StepValueValidator,
    URLValidator,
    int_list_validator,
    ip_address_validators,
    validate_comma_separated_integer_list,
    validate_domain_name,
    validate_email,
    validate_integer,
    validate_ipv4_address,
    validate_ipv6_address,
    validate_ipv46_address,
    validate_slug,
    validate_unicode_slug,
)

if TYPE_CHECKING:
    from collections.abc import Callable

url = URLValidator()


def refusal(validator: Callable[[Any], None], value: Any) -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        validator(value)
    assert caught.value.params is not None
    assert caught.value.params["value"] == value
    return caught.value


GOOD: list[tuple[Callable[[Any], None], list[Any]]] = [
    (
        validate_email,
        [
            "alice@example.com",
            "jürgen.groß@example.de",
            "用户@例子.公司",
            "o'brien+news@sub.example.co.uk",
            '"quoted local"@example.com',
            r'"a\"b"@example.com',
            "x@localhost",
            "x@[127.0.0.1]",
            "x@[IPv6:::1]",
            "x@xn--4ca9at.com",
            "x@example.c0",
        ],
    ),
    (
        url,
        [
            "http://example.com",
            "https://example.com:8000/a/b?c=d#e",
            "http://localhost/",
            "ftp://user:password@example.com/",
            "http://user@example.com",
            "http://127.0.0.1:80/",
            "http://[::1]:8000/",
            "http://münchen.de/straße",
            "http://✪df.ws/123",
            "http://example.com.",
            "HTTP://EXAMPLE.COM",
            "http://xn--d1abbgf6aiiy.xn--p1ai",
            "http://example.com?x=1",
        ],
    ),
    (validate_domain_name, ["example.com", "münchen.de", "a-b.example", "example.com."]),
    (validate_slug, ["a-b_C1", "-"]),
    (validate_unicode_slug, ["straße-1", "слаг"]),
    (validate_integer, ["0", "-12", 12]),
    (validate_comma_separated_integer_list, ["1", "1,2,3"]),
    (int_list_validator(sep="-", allow_negative=True), ["1--2"]),
    (validate_ipv4_address, ["0.0.0.0", "255.255.255.255"]),
    (validate_ipv6_address, ["::", "fe80::1", "2001:db8::8:800:200c:417a"]),
    (validate_ipv46_address, ["1.2.3.4", "::1"]),
    (MaxValueValidator(10), [10, -5, Decimal("9.99")]),
    (MaxValueValidator(lambda: 10), [10]),
    (MinValueValidator(10), [10, 11]),
    (StepValueValidator(3), [0, 3, -6]),
    (StepValueValidator(0.1), [0.3, 1.1]),
    (StepValueValidator(Decimal("0.01")), [Decimal("0.29")]),
    (StepValueValidator(3, offset=1), [1, 4, 7]),
    (MaxLengthValidator(3), ["abc", [1, 2]]),
    (MinLengthValidator(3), ["abc", [1, 2, 3, 4]]),
    (DecimalValidator(4, 2), [Decimal("12.34"), Decimal("-12.3"), Decimal("0.01"), Decimal("1E+1"), Decimal(0)]),
    (FileExtensionValidator(["PDF", "txt"]), ["a.pdf", "b.tar.TXT"]),
    (FileExtensionValidator(), ["anything"]),
    (FileExtensionValidator([""]), ["Makefile", ".profile"]),
    (ProhibitNullCharactersValidator(), ["text", 5]),
    (RegexValidator("^a"), ["ab"]),
    (RegexValidator("^a", inverse_match=True), ["b"]),
    (RegexValidator("^A", flags=re.IGNORECASE), ["ab"]),
    (RegexValidator(re.compile("^A", re.IGNORECASE)), ["ab"]),
]


@pytest.mark.parametrize(("validator", "value"), [(v, value) for v, values in GOOD for value in values])
def test_passes(validator: Callable[[Any], None], value: Any) -> None:
    validator(value)


BAD: list[tuple[Callable[[Any], None], str, str, list[Any]]] = [
    (
        validate_email,
        "invalid",
        "Enter a valid email address.",
        [
            "",
            None,
            5,
            "alice",
            "@example.com",
            "a@",
            "a@b",
            "a b@example.com",
            "a@exa mple.com",
            "a..b@example.com",
            ".a@example.com",
            "a@example.com\n",
            "a@-example.com",
            "a@example-.com",
            "a@example.com.",
            "a@[1.2.3]",
            '"a"b"@example.com',
            '"a\\"@example.com',
            "a\u00a0b@example.com",
            "a\u2028b@example.com",
            "a\x00@example.com",
            "x" * 309 + "@example.com",
        ],
    ),
    (
        url,
        "invalid",
        "Enter a valid URL.",
        [
            "",
            None,
            "example.com",
            "gopher://example.com",
            "http://",
            "http://.",
            "http://a",
            "http://exa mple.com",
            "http://example.com\n",
            "http://-a.b.co",
            "http://a.b-.co",
            "http://1.1.1.1.1",
            "http://123.123.123",
            "http://256.1.1.1",
            "http://01.1.1.1",
            "http://example.com:port",
            "http://example.com:99999",
            "http://example.com:",
            "http://[::1",
            "http://[12::34]x",
            "http://[a]",
            "http://user@:80",
            "http://@example.com",
            "http://a:b:c@example.com",
            "http://" + "a" * 64 + ".com",
            "http://example.com/" + "x" * 2048,
        ],
    ),
    (validate_domain_name, "invalid", "Enter a valid domain name.", ["localhost", "a b.com", "a..com", "", 5]),
    (DomainNameValidator(accept_idna=False), "invalid", "Enter a valid domain name.", ["münchen.de"]),
    (validate_slug, "invalid", "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.", ["a b"]),
    (
        validate_unicode_slug,
        "invalid",
        "Enter a valid “slug” consisting of Unicode letters, numbers, underscores, or hyphens.",
        ["a b", "a\n"],
    ),
    (validate_integer, "invalid", "Enter a valid integer.", ["1.0", "", "٣"]),
    (validate_comma_separated_integer_list, "invalid", "Enter only digits separated by commas.", ["1,", "a", "1,-2"]),
    (validate_ipv4_address, "invalid", "Enter a valid IPv4 address.", ["1.2.3", "01.2.3.4", "1.2.3.256", "::1", 5]),
    (validate_ipv6_address, "invalid", "Enter a valid IPv6 address.", ["1.2.3.4", ":::", "12345::", None]),
    (validate_ipv46_address, "invalid", "Enter a valid IPv4 or IPv6 address.", ["x", ""]),
    (BaseValidator(3), "limit_value", "Ensure this value is 3 (it is 4).", [4]),
    (MaxValueValidator(10), "max_value", "Ensure this value is less than or equal to 10.", [11]),
    (MinValueValidator(lambda: 10), "min_value", "Ensure this value is greater than or equal to 10.", [9]),
    (StepValueValidator(3), "step_size", "Ensure this value is a multiple of step size 3.", [4, 0.5]),
    (
        StepValueValidator(3, offset=1),
        "step_size",
        "Ensure this value is a multiple of step size 3, starting from 1, e.g. 1, 4, 7, and so on.",
        [3],
    ),
    (MaxLengthValidator(3), "max_length", "Ensure this value has at most 3 characters (it has 4).", ["abcd"]),
    (MaxLengthValidator(1), "max_length", "Ensure this value has at most 1 character (it has 2).", ["ab"]),
    (MinLengthValidator(3), "min_length", "Ensure this value has at least 3 characters (it has 2).", ["ab"]),
    (MaxLengthValidator(3, message="long"), "max_length", "long", ["abcd"]),
    (
        DecimalValidator(4, 2),
        "max_digits",
        "Ensure that there are no more than 4 digits in total.",
        [Decimal("12.345")],
    ),
    (
        DecimalValidator(4, 2),
        "max_decimal_places",
        "Ensure that there are no more than 2 decimal places.",
        [Decimal("0.123")],
    ),
    (
        DecimalValidator(4, 3),
        "max_whole_digits",
        "Ensure that there is no more than 1 digit before the decimal point.",
        [Decimal(12), Decimal("1E+1")],
    ),
    (DecimalValidator(4, 2), "invalid", "Enter a number.", [Decimal("Infinity"), Decimal("-Infinity")]),
    (
        FileExtensionValidator(["pdf", "txt"]),
        "invalid_extension",
        "File extension “exe” is not allowed. Allowed extensions are: pdf, txt.",
        ["a.exe", "dir.pdf/a.exe", "a.pdf.EXE"],
    ),
    (ProhibitNullCharactersValidator(), "null_characters_not_allowed", "Null characters are not allowed.", ["a\x00b"]),
    (RegexValidator("^a", message="begin with a", code="begin"), "begin", "begin with a", ["b"]),
    (EmailValidator(allowlist=["intranet"]), "invalid", "Enter a valid email address.", ["a@localhost"]),
]


@pytest.mark.parametrize(
    ("validator", "code", "message", "value"),
    [(validator, code, message, value) for validator, code, message, values in BAD for value in values],
)
def test_refuses(validator: Callable[[Any], None], code: str, message: str, value: Any) -> None:
    error = refusal(validator, value)
    assert (error.code, error.message) == (code, message)


def test_an_allowlist_adds_names() -> None:
    EmailValidator(allowlist=["intranet"])("a@intranet")


def test_schemes_can_be_chosen() -> None:
    URLValidator(schemes=["gopher"])("gopher://example.com")


def test_flags_need_the_text_of_an_expression() -> None:
    with pytest.raises(TypeError, match="regex must be a regular expression string"):
        RegexValidator(re.compile("a"), flags=re.IGNORECASE)


def test_ip_validators_by_protocol() -> None:
    assert ip_address_validators("IPv4", unpack_ipv4=False) == [validate_ipv4_address]
    assert ip_address_validators("both", unpack_ipv4=True) == [validate_ipv46_address]
    with pytest.raises(ValueError, match="unpack_ipv4 works with protocol='both' only"):
        ip_address_validators("ipv4", unpack_ipv4=True)
    with pytest.raises(ValueError, match="'ipx' is no protocol"):
        ip_address_validators("ipx", unpack_ipv4=False)


MADE: list[Callable[[], Any]] = [
    lambda: MaxValueValidator(3),
    lambda: MaxValueValidator(3, message="x"),
    lambda: MinValueValidator(3),
    lambda: StepValueValidator(3, offset=1),
    lambda: RegexValidator("a"),
    lambda: RegexValidator("a", flags=re.IGNORECASE),
    lambda: RegexValidator("a", inverse_match=True),
    lambda: DecimalValidator(4, 2),
    lambda: DecimalValidator(4, 3),
    lambda: EmailValidator(allowlist=["x"]),
    EmailValidator,
    lambda: URLValidator(schemes=["x"]),
    lambda: FileExtensionValidator(["pdf"]),
    ProhibitNullCharactersValidator,
    lambda: DomainNameValidator(accept_idna=False),
]


@pytest.mark.parametrize("make", MADE)
def test_equality_is_by_what_is_refused(make: Callable[[], Any]) -> None:
    assert make() == make()
    assert hash(make()) == hash(make())
    assert [other() == make() for other in MADE].count(True) == 1


@pytest.mark.parametrize("make", MADE)
def test_deconstruct_makes_an_equal_one(make: Callable[[], Any]) -> None:
    path, args, kwargs = make().deconstruct()
    package, _, name = path.rpartition(".")
    assert package == "dorm.validators"
    assert getattr(validators, name)(*args, **kwargs) == make()


@pytest.mark.parametrize("make", MADE)
def test_validators_can_be_pickled(make: Callable[[], Any]) -> None:
    assert pickle.loads(pickle.dumps(make())) == make()


def test_repr_is_the_call() -> None:
    assert repr(StepValueValidator(3, offset=1)) == "StepValueValidator(3, offset=1)"


@pytest.mark.timeout(60)  # milliseconds when linear, minutes when not
@pytest.mark.parametrize("validator", [validate_email, url, validate_domain_name])
def test_hostile_text_takes_linear_time(validator: Callable[[Any], None]) -> None:
    for text in ("a@" + "a" * 100_000, "http://" + "a." * 1000, "a" * 100_000 + "!", '"' + "\\" * 299 + '"@a.de'):
        with pytest.raises(ValidationError):
            validator(text)
