"""Integers, floats, decimals, booleans and automatic keys."""

from __future__ import annotations

import decimal
import math
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar, overload

from dorm.fields.base import Field, Storer
from dorm.sql.kinds import Kind, Type

if TYPE_CHECKING:
    from typing import Unpack

    from dorm.fields.base import FieldOptions
    from dorm.sql.dialect import Dialect

N = TypeVar("N", bound=int | None)
R = TypeVar("R", bound=float | None)
D = TypeVar("D", bound=decimal.Decimal | None)
B = TypeVar("B", bound=bool | None)


class IntegerField(Field[N]):
    """A whole number of 32 bits."""

    kind = Kind.INTEGER
    classes = (int,)
    bounds: ClassVar[tuple[int, int]] = (-(2**31), 2**31 - 1)
    """The least and the greatest value the column holds."""
    messages: ClassVar[dict[str, str]] = {"invalid": "%(value)r must be an integer."}

    @overload
    def __init__(
        self: IntegerField[int],
        verbose_name: str | None = None,
        *,
        null: Literal[False] = False,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: IntegerField[int | None],
        verbose_name: str | None = None,
        *,
        null: Literal[True],
        **options: Unpack[FieldOptions],
    ) -> None: ...
    def __init__(self, verbose_name: str | None = None, **options: Any) -> None:
        super().__init__(verbose_name, **options)

    def coerce(self, value: Any) -> int:
        try:
            number = int(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise type(error)(f"Field {self.name!r} expected a number but got {value!r}.") from error
        if not isinstance(value, str) and number != value:
            raise ValueError(f"Field {self.name!r} expected a whole number but got {value!r}.")
        return number

    def prepare(self, value: Any) -> Any:
        # A fraction is comparable with whole numbers, only never equal to one.
        if isinstance(value, (float, decimal.Decimal)):
            return float(value)
        return self.get_prep_value(value)

    def storer(self, dialect: Dialect) -> Storer:
        slow = super().storer(dialect).convert
        low, high = self.bounds

        def store(value: Any) -> Any:
            return value if value.__class__ is int and low <= value <= high else slow(value)

        return Storer(None, slow if self._has_hook("get_prep_value") else store)

    def refuse_inexact(self, value: Any) -> None:
        low, high = self.bounds
        if not low <= value <= high:
            raise self.unfit(value, f"the column takes {low} to {high}.")


class BigIntegerField(IntegerField[N]):
    """A whole number of 64 bits."""

    kind = Kind.BIGINT
    bounds: ClassVar[tuple[int, int]] = (-(2**63), 2**63 - 1)


class SmallIntegerField(IntegerField[N]):
    """A whole number of 16 bits."""

    kind = Kind.SMALLINT
    bounds: ClassVar[tuple[int, int]] = (-(2**15), 2**15 - 1)


class PositiveIntegerField(IntegerField[N]):
    """A whole number of 0 to 2³¹-1; the column checks it."""

    bounds: ClassVar[tuple[int, int]] = (0, 2**31 - 1)

    @property
    def minimum(self) -> int | None:
        return 0


class PositiveBigIntegerField(PositiveIntegerField[N]):
    """A whole number of 0 to 2⁶³-1; the column checks it."""

    kind = Kind.BIGINT
    bounds: ClassVar[tuple[int, int]] = (0, 2**63 - 1)


class PositiveSmallIntegerField(PositiveIntegerField[N]):
    """A whole number of 0 to 2¹⁵-1; the column checks it."""

    kind = Kind.SMALLINT
    bounds: ClassVar[tuple[int, int]] = (0, 2**15 - 1)


class AutoField(IntegerField[int]):
    """An integer that the database gives to each new row."""

    def __init__(self, verbose_name: str | None = None, **options: Unpack[FieldOptions]) -> None:
        if not options.get("primary_key"):
            raise TypeError(
                f"{type(self).__name__} must be the primary key: write {type(self).__name__}(primary_key=True)."
            )
        options.setdefault("blank", True)
        super().__init__(verbose_name, **options)

    @property
    def identity(self) -> bool:
        return True


class BigAutoField(AutoField):
    """A 64-bit integer that the database gives to each new row: the default primary key."""

    kind = Kind.BIGINT
    bounds: ClassVar[tuple[int, int]] = (-(2**63), 2**63 - 1)


class SmallAutoField(AutoField):
    """A 16-bit integer that the database gives to each new row."""

    kind = Kind.SMALLINT
    bounds: ClassVar[tuple[int, int]] = (-(2**15), 2**15 - 1)


class FloatField(Field[R]):
    """A floating point number of 64 bits.  NaN is refused: SQLite would store NULL."""

    kind = Kind.FLOAT
    classes = (float,)
    messages: ClassVar[dict[str, str]] = {"invalid": "%(value)r must be a float."}

    @overload
    def __init__(
        self: FloatField[float],
        verbose_name: str | None = None,
        *,
        null: Literal[False] = False,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: FloatField[float | None],
        verbose_name: str | None = None,
        *,
        null: Literal[True],
        **options: Unpack[FieldOptions],
    ) -> None: ...
    def __init__(self, verbose_name: str | None = None, **options: Any) -> None:
        super().__init__(verbose_name, **options)

    def coerce(self, value: Any) -> float:
        try:
            return float(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise type(error)(f"Field {self.name!r} expected a number but got {value!r}.") from error

    def refuse_inexact(self, value: Any) -> None:
        if math.isnan(value):
            raise self.unfit(value, "it is not a number. Use None in a field with null=True.")

    def storer(self, dialect: Dialect) -> Storer:
        slow = super().storer(dialect).convert

        def store(value: Any) -> Any:
            # NaN is the one value that differs from itself.
            return value if value.__class__ is float and value == value else slow(value)  # noqa: PLR0124

        return Storer(None, slow if self._has_hook("get_prep_value") else store)


class DecimalField(Field[D]):
    """A decimal number of at most *max_digits* digits, *decimal_places* of them behind the point, held exactly."""

    kind = Kind.DECIMAL
    classes = (decimal.Decimal,)
    messages: ClassVar[dict[str, str]] = {"invalid": "%(value)r must be a decimal number."}

    @overload
    def __init__(
        self: DecimalField[decimal.Decimal],
        verbose_name: str | None = None,
        *,
        max_digits: int,
        decimal_places: int,
        null: Literal[False] = False,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: DecimalField[decimal.Decimal | None],
        verbose_name: str | None = None,
        *,
        max_digits: int,
        decimal_places: int,
        null: Literal[True],
        **options: Unpack[FieldOptions],
    ) -> None: ...
    def __init__(
        self, verbose_name: str | None = None, *, max_digits: int, decimal_places: int, **options: Any
    ) -> None:
        if not 1 <= max_digits <= 1000 or not 0 <= decimal_places <= max_digits:
            raise ValueError(
                f"DecimalField(max_digits={max_digits}, decimal_places={decimal_places}): max_digits is 1 to 1000, "
                "decimal_places 0 to max_digits."
            )
        self.max_digits, self.decimal_places = max_digits, decimal_places
        super().__init__(verbose_name, **options)
        self.declared |= {"max_digits": max_digits, "decimal_places": decimal_places}

    @property
    def type(self) -> Type:
        return Type(Kind.DECIMAL, digits=self.max_digits, places=self.decimal_places)

    def coerce(self, value: Any) -> decimal.Decimal:
        try:
            return decimal.Decimal(repr(value) if isinstance(value, float) else value)
        except (TypeError, ValueError, decimal.InvalidOperation) as error:
            raise ValueError(f"Field {self.name!r} expected a decimal number but got {value!r}.") from error

    def refuse_inexact(self, value: Any) -> None:
        if not value.is_finite():
            raise self.unfit(value, "it is no number.")
        _, digits, exponent = value.normalize(_WIDE).as_tuple()
        assert isinstance(exponent, int), "a finite number has a numeric exponent"
        places, whole = max(-exponent, 0), max(len(digits) + exponent, 0)
        if places > self.decimal_places or whole > self.max_digits - self.decimal_places:
            raise self.unfit(
                value,
                f"the column takes {self.max_digits - self.decimal_places} digits before the point and "
                f"{self.decimal_places} behind it. Round it first, for instance with quantize().",
            )


_WIDE = decimal.Context(prec=decimal.MAX_PREC, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)


class BooleanField(Field[B]):
    """True or false."""

    kind = Kind.BOOLEAN
    classes = (bool,)
    messages: ClassVar[dict[str, str]] = {"invalid": "%(value)r must be either True or False."}

    @overload
    def __init__(
        self: BooleanField[bool],
        verbose_name: str | None = None,
        *,
        null: Literal[False] = False,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: BooleanField[bool | None],
        verbose_name: str | None = None,
        *,
        null: Literal[True],
        **options: Unpack[FieldOptions],
    ) -> None: ...
    def __init__(self, verbose_name: str | None = None, **options: Any) -> None:
        super().__init__(verbose_name, **options)

    def coerce(self, value: Any) -> bool:
        if value in (True, False):
            return bool(value)
        if value in ("t", "T", "True", "true", "1"):
            return True
        if value in ("f", "F", "False", "false", "0"):
            return False
        raise ValueError(f"Field {self.name!r} expected True or False but got {value!r}.")

    def validate(self, value: Any, instance: Any = None) -> None:
        # False is a value, not a blank.
        if value is not False:
            super().validate(value, instance)
