"""Whole numbers, and the keys that the database gives."""

from __future__ import annotations

import decimal
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar, overload

from dorm.fields.base import Field, Storer
from dorm.lookups.numbers import whole
from dorm.sql.kinds import Kind

if TYPE_CHECKING:
    from typing import Unpack

    from dorm.fields.base import FieldOptions
    from dorm.sql.dialect import Dialect

N = TypeVar("N", bound=int | None)


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
        return whole(value) if isinstance(value, (float, decimal.Decimal)) else self.get_prep_value(value)

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

    if TYPE_CHECKING:

        @overload
        def __init__(
            self: BigIntegerField[int],
            verbose_name: str | None = None,
            *,
            null: Literal[False] = False,
            **options: Unpack[FieldOptions],
        ) -> None: ...

        @overload
        def __init__(
            self: BigIntegerField[int | None],
            verbose_name: str | None = None,
            *,
            null: Literal[True],
            **options: Unpack[FieldOptions],
        ) -> None: ...

        def __init__(self, verbose_name: str | None = None, **options: Any) -> None: ...


class SmallIntegerField(IntegerField[N]):
    """A whole number of 16 bits."""

    kind = Kind.SMALLINT
    bounds: ClassVar[tuple[int, int]] = (-(2**15), 2**15 - 1)

    if TYPE_CHECKING:

        @overload
        def __init__(
            self: SmallIntegerField[int],
            verbose_name: str | None = None,
            *,
            null: Literal[False] = False,
            **options: Unpack[FieldOptions],
        ) -> None: ...

        @overload
        def __init__(
            self: SmallIntegerField[int | None],
            verbose_name: str | None = None,
            *,
            null: Literal[True],
            **options: Unpack[FieldOptions],
        ) -> None: ...

        def __init__(self, verbose_name: str | None = None, **options: Any) -> None: ...


class PositiveIntegerField(IntegerField[N]):
    """A whole number of 0 to 2³¹-1; the column checks it."""

    bounds: ClassVar[tuple[int, int]] = (0, 2**31 - 1)

    @property
    def minimum(self) -> int | None:
        return 0

    if TYPE_CHECKING:

        @overload
        def __init__(
            self: PositiveIntegerField[int],
            verbose_name: str | None = None,
            *,
            null: Literal[False] = False,
            **options: Unpack[FieldOptions],
        ) -> None: ...

        @overload
        def __init__(
            self: PositiveIntegerField[int | None],
            verbose_name: str | None = None,
            *,
            null: Literal[True],
            **options: Unpack[FieldOptions],
        ) -> None: ...

        def __init__(self, verbose_name: str | None = None, **options: Any) -> None: ...


class PositiveBigIntegerField(PositiveIntegerField[N]):
    """A whole number of 0 to 2⁶³-1; the column checks it."""

    kind = Kind.BIGINT
    bounds: ClassVar[tuple[int, int]] = (0, 2**63 - 1)

    if TYPE_CHECKING:

        @overload
        def __init__(
            self: PositiveBigIntegerField[int],
            verbose_name: str | None = None,
            *,
            null: Literal[False] = False,
            **options: Unpack[FieldOptions],
        ) -> None: ...

        @overload
        def __init__(
            self: PositiveBigIntegerField[int | None],
            verbose_name: str | None = None,
            *,
            null: Literal[True],
            **options: Unpack[FieldOptions],
        ) -> None: ...

        def __init__(self, verbose_name: str | None = None, **options: Any) -> None: ...


class PositiveSmallIntegerField(PositiveIntegerField[N]):
    """A whole number of 0 to 2¹⁵-1; the column checks it."""

    kind = Kind.SMALLINT
    bounds: ClassVar[tuple[int, int]] = (0, 2**15 - 1)

    if TYPE_CHECKING:

        @overload
        def __init__(
            self: PositiveSmallIntegerField[int],
            verbose_name: str | None = None,
            *,
            null: Literal[False] = False,
            **options: Unpack[FieldOptions],
        ) -> None: ...

        @overload
        def __init__(
            self: PositiveSmallIntegerField[int | None],
            verbose_name: str | None = None,
            *,
            null: Literal[True],
            **options: Unpack[FieldOptions],
        ) -> None: ...

        def __init__(self, verbose_name: str | None = None, **options: Any) -> None: ...


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
