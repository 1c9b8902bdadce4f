"""Floats, decimals and booleans."""

from __future__ import annotations

import decimal
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar, overload

from dorm.fields.base import Field, Storer
from dorm.lookups.numbers import as_truth, refuse_nan
from dorm.sql.kinds import Kind, Type, is_nan

if TYPE_CHECKING:
    from typing import Unpack

    from dorm.fields.base import FieldOptions
    from dorm.sql.dialect import Dialect

R = TypeVar("R", bound=float | None)
D = TypeVar("D", bound=decimal.Decimal | None)
B = TypeVar("B", bound=bool | None)


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

    # No class is plain: an instance of the right one may be NaN.
    @property
    def plain(self) -> frozenset[type]:
        return frozenset()

    def prepare(self, value: Any) -> Any:
        return refuse_nan(super().prepare(value))

    def refuse_inexact(self, value: Any) -> None:
        if is_nan(value):
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
    def sql_type(self) -> Type:
        return Type(Kind.DECIMAL, digits=self.max_digits, places=self.decimal_places)

    def coerce(self, value: Any) -> decimal.Decimal:
        try:
            return decimal.Decimal(repr(value) if isinstance(value, float) else value)
        except (TypeError, ValueError, decimal.InvalidOperation) as error:
            raise ValueError(f"Field {self.name!r} expected a decimal number but got {value!r}.") from error

    # As of a float.
    @property
    def plain(self) -> frozenset[type]:
        return frozenset()

    def prepare(self, value: Any) -> Any:
        return refuse_nan(super().prepare(value))

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
        found = as_truth(value)
        if found is None:
            raise ValueError(f"Field {self.name!r} expected True or False but got {value!r}.")
        return found

    def validate(self, value: Any, instance: Any = None) -> None:
        # False is a value, not a blank.
        if value is not False:
            super().validate(value, instance)
