"""Dates, times, moments and durations."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar, overload

from dorm.conf import settings
from dorm.fields.base import Field
from dorm.lookups import DATE_TRANSFORMS, MOMENT_TRANSFORMS, TIME_TRANSFORMS, Transform
from dorm.sql.kinds import Kind
from dorm.sql.moments import UTC, as_date, as_moment, as_time, zone

if TYPE_CHECKING:
    from typing import Unpack

    from dorm.fields.base import FieldOptions

    class _AutoOptions(FieldOptions, total=False):
        auto_now: bool
        auto_now_add: bool


T = TypeVar("T")
Day = TypeVar("Day", bound=datetime.date | None)
Hour = TypeVar("Hour", bound=datetime.time | None)
Moment = TypeVar("Moment", bound=datetime.datetime | None)
Span = TypeVar("Span", bound=datetime.timedelta | None)


class _Clock(Field[T]):
    """What the three share: ``auto_now`` (at each save) and ``auto_now_add`` (at the first)."""

    def __init__(
        self, verbose_name: str | None = None, *, auto_now: bool = False, auto_now_add: bool = False, **options: Any
    ) -> None:
        if (auto_now and auto_now_add) or ((auto_now or auto_now_add) and "default" in options):
            raise TypeError(f"{type(self).__name__}: auto_now, auto_now_add and default exclude each other; give one.")
        self.auto_now, self.auto_now_add = auto_now, auto_now_add
        if auto_now or auto_now_add:
            options.setdefault("editable", False)
            options.setdefault("blank", True)
        super().__init__(verbose_name, **options)
        self.declared |= {"auto_now": auto_now, "auto_now_add": auto_now_add}

    def now(self) -> Any:
        """The present, in the field's own class."""
        raise NotImplementedError

    @property
    def changes_on_save(self) -> bool:
        return self.auto_now or self.auto_now_add or super().changes_on_save

    def pre_save(self, instance: Any, add: bool) -> Any:
        if self.auto_now or (self.auto_now_add and add):
            instance.__dict__[self.attname] = self.now()
        return instance.__dict__[self.attname]


class DateField(_Clock[Day]):
    """A day."""

    kind = Kind.DATE
    classes = (datetime.date,)
    class_transforms: ClassVar[dict[str, type[Transform]]] = {part.name: part for part in DATE_TRANSFORMS}
    messages: ClassVar[dict[str, str]] = {"invalid": "%(value)r is no date; write YYYY-MM-DD."}

    if TYPE_CHECKING:

        @overload
        def __init__(
            self: DateField[datetime.date],
            verbose_name: str | None = None,
            *,
            null: Literal[False] = False,
            **options: Unpack[_AutoOptions],
        ) -> None: ...
        @overload
        def __init__(
            self: DateField[datetime.date | None],
            verbose_name: str | None = None,
            *,
            null: Literal[True],
            **options: Unpack[_AutoOptions],
        ) -> None: ...
        def __init__(self, verbose_name: str | None = None, **options: Any) -> None: ...

    def now(self) -> datetime.date:
        return datetime.datetime.now(zone()).date()

    def coerce(self, value: Any) -> datetime.date:
        found = as_date(value)
        if found is None:
            raise TypeError(f"Field {self.name!r} expected a date but got {value!r}.")
        return found


class TimeField(_Clock[Hour]):
    """A time of day, without a zone."""

    kind = Kind.TIME
    classes = (datetime.time,)
    class_transforms: ClassVar[dict[str, type[Transform]]] = {part.name: part for part in TIME_TRANSFORMS}
    messages: ClassVar[dict[str, str]] = {"invalid": "%(value)r is no time; write HH:MM[:ss[.uuuuuu]]."}

    if TYPE_CHECKING:

        @overload
        def __init__(
            self: TimeField[datetime.time],
            verbose_name: str | None = None,
            *,
            null: Literal[False] = False,
            **options: Unpack[_AutoOptions],
        ) -> None: ...
        @overload
        def __init__(
            self: TimeField[datetime.time | None],
            verbose_name: str | None = None,
            *,
            null: Literal[True],
            **options: Unpack[_AutoOptions],
        ) -> None: ...
        def __init__(self, verbose_name: str | None = None, **options: Any) -> None: ...

    def now(self) -> datetime.time:
        return datetime.datetime.now(zone()).time()

    def coerce(self, value: Any) -> datetime.time:
        found = as_time(value)
        if found is None:
            raise TypeError(f"Field {self.name!r} expected a time but got {value!r}.")
        return found

    def refuse_inexact(self, value: Any) -> None:
        if value.tzinfo is not None:
            raise self.unfit(value, "a time of day has no time zone.")


class DateTimeField(_Clock[Moment]):
    """A moment: aware, in UTC, with ``USE_TZ`` (the default); naive without."""

    kind = Kind.DATETIME
    classes = (datetime.datetime,)
    class_transforms: ClassVar[dict[str, type[Transform]]] = {
        part.name: part for part in (*DATE_TRANSFORMS, *TIME_TRANSFORMS, *MOMENT_TRANSFORMS)
    }
    messages: ClassVar[dict[str, str]] = {
        "invalid": "%(value)r is no moment; write YYYY-MM-DD HH:MM[:ss[.uuuuuu]][±HH:MM]."
    }

    if TYPE_CHECKING:

        @overload
        def __init__(
            self: DateTimeField[datetime.datetime],
            verbose_name: str | None = None,
            *,
            null: Literal[False] = False,
            **options: Unpack[_AutoOptions],
        ) -> None: ...
        @overload
        def __init__(
            self: DateTimeField[datetime.datetime | None],
            verbose_name: str | None = None,
            *,
            null: Literal[True],
            **options: Unpack[_AutoOptions],
        ) -> None: ...
        def __init__(self, verbose_name: str | None = None, **options: Any) -> None: ...

    def now(self) -> datetime.datetime:
        return datetime.datetime.now(UTC) if settings.USE_TZ else datetime.datetime.now()  # noqa: DTZ005 - naive by setting

    def coerce(self, value: Any) -> datetime.datetime:
        found = as_moment(value)
        if found is None:
            raise TypeError(f"Field {self.name!r} expected a datetime but got {value!r}.")
        return found


class DurationField(Field[Span]):
    """A length of time, to the microsecond."""

    kind = Kind.DURATION
    classes = (datetime.timedelta,)
    messages: ClassVar[dict[str, str]] = {"invalid": "%(value)r is no duration; pass a datetime.timedelta."}

    @overload
    def __init__(
        self: DurationField[datetime.timedelta],
        verbose_name: str | None = None,
        *,
        null: Literal[False] = False,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: DurationField[datetime.timedelta | None],
        verbose_name: str | None = None,
        *,
        null: Literal[True],
        **options: Unpack[FieldOptions],
    ) -> None: ...
    def __init__(self, verbose_name: str | None = None, **options: Any) -> None:
        super().__init__(verbose_name, **options)

    def coerce(self, value: Any) -> datetime.timedelta:
        if isinstance(value, datetime.timedelta):
            return value
        raise TypeError(f"Field {self.name!r} expected a timedelta but got {value!r}.")

    def refuse_inexact(self, value: Any) -> None:
        # SQLite keeps microseconds in 64 bits.
        if not -(2**63) <= (value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds < 2**63:
            raise self.unfit(value, "it is longer than 292,471 years.")
