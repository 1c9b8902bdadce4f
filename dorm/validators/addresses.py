"""Addresses: domains, e-mail, URLs, IP.  Read part by part, in linear time; names of any script are accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dorm.exceptions import ValidationError
from dorm.run import load
from dorm.validators.base import Validator

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

_DIGITS = frozenset("0123456789")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_ATOM = _LETTERS | _DIGITS | frozenset("-!#$%&'*+/=?^_`{}|~")  # RFC 5322, 3.2.3
_QUOTED = frozenset(map(chr, (*range(1, 9), 11, 12, *range(14, 32), 33, *range(35, 92), *range(93, 127), 127)))


def _is_international(character: str) -> bool:
    """A visible character beyond ASCII (RFC 6531): no spaces, controls or halves of surrogate pairs."""
    return character >= "\u00a1" and character.isprintable()


def _is_label(label: str, *, ascii_only: bool = False) -> bool:
    """One part of a domain name: 1 to 63 letters, digits and inner hyphens."""
    return (
        0 < len(label) < 64
        and label[0] != "-"
        and label[-1] != "-"
        and all(c in _LETTERS or c in _DIGITS or c == "-" or (not ascii_only and _is_international(c)) for c in label)
    )


def _is_top_level(label: str, *, digits: bool) -> bool:
    """The last part: at least two characters, without digits unless they are allowed or it is Punycode."""
    if len(label) < 2:
        return False
    return digits or label.lower().startswith("xn--") or not any(c in _DIGITS for c in label)


def _is_domain(name: str, *, ascii_only: bool = False, digits: bool = False) -> bool:
    """At least two labels; one dot may stand at the end."""
    labels = name.removesuffix(".").split(".")
    return (
        len(name) < 254
        and len(labels) > 1
        and _is_top_level(labels[-1], digits=digits)
        and all(_is_label(label, ascii_only=ascii_only) for label in labels)
    )


def _is_ipv4(text: str) -> bool:
    parts = text.split(".")
    return len(parts) == 4 and all(
        0 < len(part) < 4 and all(c in _DIGITS for c in part) and int(part) < 256 and (part == "0" or part[0] != "0")
        for part in parts
    )


def _is_ipv6(text: str) -> bool:
    if ":" not in text:
        return False
    try:
        load("ipaddress").IPv6Address(text)
    except ValueError:
        return False
    return True


class DomainNameValidator(Validator):
    """A domain name with at least one dot; of any script unless *accept_idna* is off."""

    message = "Enter a valid domain name."

    def __init__(self, message: str | None = None, code: str | None = None, accept_idna: bool = True) -> None:
        if message is not None:
            self.message = message
        if code is not None:
            self.code = code
        self.accept_idna = accept_idna

    def __call__(self, value: Any) -> None:
        if not isinstance(value, str) or not _is_domain(value, ascii_only=not self.accept_idna):
            raise ValidationError(self.message, code=self.code, params={"value": value})

    def _compared(self) -> tuple[Any, ...]:
        return (*super()._compared(), self.accept_idna)


validate_domain_name = DomainNameValidator()
"""A domain name of any script."""


class EmailValidator(Validator):
    """An e-mail address (RFC 5322, and RFC 6531 for scripts beyond ASCII) at a domain, or at a name of *allowlist*."""

    message = "Enter a valid email address."
    domain_allowlist: Collection[str] = ("localhost",)

    def __init__(
        self, message: str | None = None, code: str | None = None, allowlist: Collection[str] | None = None
    ) -> None:
        if message is not None:
            self.message = message
        if code is not None:
            self.code = code
        if allowlist is not None:
            self.domain_allowlist = allowlist

    def __call__(self, value: Any) -> None:
        if not isinstance(value, str) or len(value) > 320 or not self._is_address(value):
            raise ValidationError(self.message, code=self.code, params={"value": value})

    def _is_address(self, value: str) -> bool:
        local, at, domain = value.rpartition("@")
        return bool(at) and _is_local_part(local) and (domain in self.domain_allowlist or self._is_domain(domain))

    @staticmethod
    def _is_domain(domain: str) -> bool:
        if domain.startswith("[") and domain.endswith("]"):
            literal = domain[1:-1]
            return _is_ipv4(literal) or _is_ipv6(literal.removeprefix("IPv6:"))
        return not domain.endswith(".") and _is_domain(domain, digits=True)

    def _compared(self) -> tuple[Any, ...]:
        return (*super()._compared(), set(self.domain_allowlist))


def _is_local_part(local: str) -> bool:
    if len(local) > 1 and local[0] == local[-1] == '"':
        return _is_quoted(local[1:-1])
    return all(atom and all(c in _ATOM or _is_international(c) for c in atom) for atom in local.split("."))


def _is_quoted(text: str) -> bool:
    escaped = False
    for character in text:
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif character not in _QUOTED and not _is_international(character) and character != " ":
            return False
    return not escaped


validate_email = EmailValidator()
"""An e-mail address."""


class URLValidator(Validator):
    """An absolute URL with one of *schemes*, whose host is a domain, ``localhost`` or an IP address."""

    message = "Enter a valid URL."
    schemes: Sequence[str] = ("http", "https", "ftp", "ftps")
    max_length = 2048

    def __init__(
        self,
        schemes: Sequence[str] | None = None,
        *,
        message: str | None = None,
        code: str | None = None,
    ) -> None:
        if schemes is not None:
            self.schemes = schemes
        if message is not None:
            self.message = message
        if code is not None:
            self.code = code

    def __call__(self, value: Any) -> None:
        if not isinstance(value, str) or len(value) > self.max_length or not self._is_url(value):
            raise ValidationError(self.message, code=self.code, params={"value": value})

    def _is_url(self, value: str) -> bool:
        scheme, separator, rest = value.partition("://")
        if not separator or scheme.lower() not in self.schemes or any(c.isspace() or c == "\x00" for c in value):
            return False
        end = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
        login, at, place = rest[:end].rpartition("@")
        return (not at or _is_login(login)) and _is_place(place)

    def _compared(self) -> tuple[Any, ...]:
        return (*super()._compared(), tuple(self.schemes))


def _is_login(login: str) -> bool:
    user, _, password = login.partition(":")
    return bool(user) and not any(c in ":@/" for c in user + password)


def _is_place(place: str) -> bool:
    if place.startswith("["):
        host, closed, port = place[1:].partition("]")
        return bool(closed) and _is_ipv6(host) and (not port or (port[0] == ":" and _is_port(port[1:])))
    host, colon, port = place.partition(":")
    if colon and not _is_port(port):
        return False
    return host.lower() == "localhost" or _is_ipv4(host) or _is_domain(host)


def _is_port(text: str) -> bool:
    return 0 < len(text) < 6 and all(c in _DIGITS for c in text) and int(text) < 65536


def validate_ipv4_address(value: Any) -> None:
    """An IPv4 address."""
    if not isinstance(value, str) or not _is_ipv4(value):
        raise ValidationError(
            "Enter a valid IPv4 address.", code="invalid", params={"protocol": "IPv4", "value": value}
        )


def validate_ipv6_address(value: Any) -> None:
    """An IPv6 address."""
    if not isinstance(value, str) or not _is_ipv6(value):
        raise ValidationError(
            "Enter a valid IPv6 address.", code="invalid", params={"protocol": "IPv6", "value": value}
        )


def validate_ipv46_address(value: Any) -> None:
    """An IPv4 or IPv6 address."""
    if not isinstance(value, str) or not (_is_ipv4(value) or _is_ipv6(value)):
        raise ValidationError(
            "Enter a valid IPv4 or IPv6 address.", code="invalid", params={"protocol": "IPv4 or IPv6", "value": value}
        )


ip_address_validator_map: Mapping[str, list[Callable[[Any], None]]] = {
    "both": [validate_ipv46_address],
    "ipv4": [validate_ipv4_address],
    "ipv6": [validate_ipv6_address],
}
"""Validators by protocol."""


def ip_address_validators(protocol: str, unpack_ipv4: bool) -> list[Callable[[Any], None]]:
    """The validators of a field with this *protocol* (``both``, ``ipv4``, ``ipv6``)."""
    if protocol != "both" and unpack_ipv4:
        raise ValueError("unpack_ipv4 works with protocol='both' only.")
    try:
        return ip_address_validator_map[protocol.lower()]
    except KeyError:
        known = ", ".join(map(repr, ip_address_validator_map))
        raise ValueError(f"{protocol!r} is no protocol. Choices: {known}.") from None
