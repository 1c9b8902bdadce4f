"""Values with a form of their own: UUIDs, JSON, bytes, addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar, overload

from dorm import validators
from dorm.exceptions import ValidationError
from dorm.expressions import Combinable, Q
from dorm.fields.base import ExpressionGiven, Field, Storer
from dorm.lookups import DOCUMENT_LOOKUPS
from dorm.run import load
from dorm.sql.converter import Converter
from dorm.sql.kinds import Kind

if TYPE_CHECKING:
    import json
    import uuid
    from collections.abc import Callable, Collection
    from typing import Unpack

    from dorm.fields.base import FieldOptions
    from dorm.lookups import Lookup
    from dorm.sql.dialect import Dialect

U = TypeVar("U", bound="uuid.UUID | None")
Y = TypeVar("Y", bound=bytes | None)
A = TypeVar("A", bound=str | None)


class UUIDField(Field[U]):
    """A universally unique identifier (RFC 9562)."""

    kind = Kind.UUID
    messages: ClassVar[dict[str, str]] = {"invalid": "%(value)r is not a valid UUID."}

    @overload
    def __init__(
        self: UUIDField[uuid.UUID],
        verbose_name: str | None = None,
        *,
        null: Literal[False] = False,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: UUIDField[uuid.UUID | None],
        verbose_name: str | None = None,
        *,
        null: Literal[True],
        **options: Unpack[FieldOptions],
    ) -> None: ...
    def __init__(self, verbose_name: str | None = None, **options: Any) -> None:
        self.classes = (load("uuid").UUID,)
        super().__init__(verbose_name, **options)

    def coerce(self, value: Any) -> uuid.UUID:
        (made,) = self.classes
        try:
            found: uuid.UUID = made(int=value) if isinstance(value, int) else made(str(value))
        except ValueError as error:
            raise ValueError(f"Field {self.name!r} expected a UUID but got {value!r}.") from error
        return found


class JSONField(Field[Any]):
    """Anything that JSON can say; ``jsonb`` on PostgreSQL.  ``encoder`` and ``decoder`` as for :mod:`json`."""

    kind = Kind.JSON
    class_lookups: ClassVar[dict[str, type[Lookup]]] = {lookup.name: lookup for lookup in DOCUMENT_LOOKUPS}
    messages: ClassVar[dict[str, str]] = {"invalid": "Value must be valid JSON."}

    def __init__(
        self,
        verbose_name: str | None = None,
        *,
        encoder: type[json.JSONEncoder] | None = None,
        decoder: type[json.JSONDecoder] | None = None,
        null: bool = False,
        **options: Unpack[FieldOptions],
    ) -> None:
        for name, given in (("encoder", encoder), ("decoder", decoder)):
            if given is not None and not callable(given):
                raise ValueError(f"The {name} parameter must be a callable object.")
        self.encoder, self.decoder = encoder, decoder
        super().__init__(verbose_name, null=null, **options)
        self.declared |= {"encoder": encoder, "decoder": decoder}

    def binder(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        return self._dump

    def _dump(self, value: Any) -> str:
        try:
            text: str = load("json").dumps(value, cls=self.encoder, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise self.unfit(value, f"it is no JSON ({error}).") from error
        return text

    def storer(self, dialect: Dialect) -> Storer:
        """A value is written as the field's own encoder writes it; ``None`` is NULL."""
        prepared, dump = self.get_prep_value, self._dump

        def store(value: Any) -> Any:
            if isinstance(value, (Combinable, Q)):
                raise ExpressionGiven
            value = prepared(value)
            return None if value is None else dump(value)

        return Storer(None, store)

    def from_db(self, dialect: Dialect) -> Converter | None:
        if self.decoder is None:
            return super().from_db(dialect)
        # A driver that gives documents as text leaves them to us; another has read them by a decoder of its own.
        return Converter(self._decoded if dialect.from_db(self.sql_type) is not None else self._decoded_again)

    def _decoded(self, text: str) -> Any:
        return load("json").loads(text, cls=self.decoder)

    def _decoded_again(self, value: Any) -> Any:
        return self._decoded(load("json").dumps(value))

    def validate(self, value: Any, instance: Any = None) -> None:
        super().validate(value, instance)
        if value is None or isinstance(value, (Combinable, Q)):
            return
        try:
            load("json").dumps(value, cls=self.encoder)
        except (TypeError, ValueError) as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"value": value}) from error


class BinaryField(Field[Y]):
    """Bytes."""

    kind = Kind.BINARY
    classes = (bytes,)

    @overload
    def __init__(
        self: BinaryField[bytes],
        verbose_name: str | None = None,
        *,
        max_length: int | None = None,
        null: Literal[False] = False,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: BinaryField[bytes | None],
        verbose_name: str | None = None,
        *,
        max_length: int | None = None,
        null: Literal[True],
        **options: Unpack[FieldOptions],
    ) -> None: ...
    def __init__(self, verbose_name: str | None = None, *, max_length: int | None = None, **options: Any) -> None:
        self.max_length = max_length
        options.setdefault("editable", False)
        super().__init__(verbose_name, **options)
        self.declared |= {"max_length": max_length}

    def coerce(self, value: Any) -> bytes:
        if issubclass(value.__class__, (bytes, bytearray, memoryview)):
            return bytes(value)
        raise TypeError(f"Field {self.name!r} expected bytes but got {value!r}.")

    def refuse_inexact(self, value: Any) -> None:
        if self.max_length is not None and len(value) > self.max_length:
            raise self.unfit(value, f"it has {len(value)} bytes, the column takes {self.max_length}.")


class GenericIPAddressField(Field[A]):
    """An IPv4 or IPv6 address, as text in its shortest form (RFC 5952)."""

    kind = Kind.INET
    classes = (str,)
    messages: ClassVar[dict[str, str]] = {"invalid": "%(value)r is no IP address."}

    @overload
    def __init__(
        self: GenericIPAddressField[str],
        verbose_name: str | None = None,
        *,
        protocol: Literal["both", "IPv4", "IPv6"] = "both",
        unpack_ipv4: bool = False,
        null: Literal[False] = False,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: GenericIPAddressField[str | None],
        verbose_name: str | None = None,
        *,
        protocol: Literal["both", "IPv4", "IPv6"] = "both",
        unpack_ipv4: bool = False,
        null: Literal[True],
        **options: Unpack[FieldOptions],
    ) -> None: ...
    def __init__(
        self, verbose_name: str | None = None, *, protocol: str = "both", unpack_ipv4: bool = False, **options: Any
    ) -> None:
        if protocol not in ("both", "IPv4", "IPv6"):
            raise ValueError(f"GenericIPAddressField: protocol is 'both', 'IPv4' or 'IPv6', not {protocol!r}.")
        if unpack_ipv4 and protocol != "both":
            raise ValueError("GenericIPAddressField: unpack_ipv4 is for protocol='both' only.")
        self.protocol, self.unpack_ipv4 = protocol, unpack_ipv4
        super().__init__(verbose_name, **options)
        self.declared |= {"protocol": protocol, "unpack_ipv4": unpack_ipv4}

    def coerce(self, value: Any) -> str:
        address: Any = load("ipaddress").ip_address(str(value).strip())
        mapped = address.ipv4_mapped if address.version == 6 else None
        if mapped is not None and self.unpack_ipv4:
            address, mapped = mapped, None
        if self.protocol not in ("both", f"IPv{address.version}"):
            raise ValueError(f"Field {self.name!r} expected an {self.protocol} address but got {value!r}.")
        # RFC 5952, section 5: a mapped address shows its IPv4 part with dots.
        return str(address) if mapped is None else f"::ffff:{mapped}"

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else self.coerce(value)

    @property
    def plain(self) -> frozenset[type]:
        return frozenset()

    def default_validators(self) -> Collection[Callable[[Any], object]]:
        known = {"IPv4": validators.validate_ipv4_address, "IPv6": validators.validate_ipv6_address}
        return (known.get(self.protocol, validators.validate_ipv46_address),)
