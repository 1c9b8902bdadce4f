"""Text: with a length, without one, and with a form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar, overload

from dorm import validators
from dorm.expressions import Combinable
from dorm.fields.base import Field, Storer
from dorm.sql.kinds import Kind, Type, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Unpack

    from dorm.fields.base import FieldOptions
    from dorm.sql.dialect import Dialect

S = TypeVar("S", bound=str | None)


class TextField(Field[S]):
    """Text of any length."""

    kind = Kind.TEXT
    classes = (str,)
    empty_strings_allowed = True

    @overload
    def __init__(
        self: TextField[str],
        verbose_name: str | None = None,
        *,
        max_length: int | None = None,
        db_collation: str | None = None,
        null: Literal[False] = False,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: TextField[str | None],
        verbose_name: str | None = None,
        *,
        max_length: int | None = None,
        db_collation: str | None = None,
        null: Literal[True],
        **options: Unpack[FieldOptions],
    ) -> None: ...
    def __init__(
        self,
        verbose_name: str | None = None,
        *,
        max_length: int | None = None,
        db_collation: str | None = None,
        **options: Any,
    ) -> None:
        self._declare(verbose_name, max_length, db_collation, options)

    def _declare(
        self, verbose_name: str | None, max_length: int | None, db_collation: str | None, options: dict[str, Any]
    ) -> None:
        whole = max_length is None or (isinstance(max_length, int) and not isinstance(max_length, bool))
        if not whole or (max_length is not None and max_length < 1):
            raise TypeError(
                f"{type(self).__name__}: max_length is a positive number of characters, not {max_length!r}."
            )
        self.max_length = max_length
        self.db_collation = db_collation
        base: Any = Field  # past the overloads of this class
        base.__init__(self, verbose_name, **options)
        self.declared |= {"max_length": max_length, "db_collation": db_collation}

    @property
    def sql_type(self) -> Type:
        return Type(self.kind, length=self.max_length, collation=self.db_collation)

    def coerce(self, value: Any) -> str:
        if isinstance(value, Combinable):
            raise TypeError(f"Field {self.name!r} expected text but got the expression {value!r}.")
        return text_of(value)

    def default_validators(self) -> Collection[Callable[[Any], object]]:
        return () if self.max_length is None else (validators.MaxLengthValidator(self.max_length),)


class CharField(TextField[S]):
    """Text of at most *max_length* characters; without it, of any length."""

    kind = Kind.CHAR

    if TYPE_CHECKING:

        @overload
        def __init__(
            self: CharField[str],
            verbose_name: str | None = None,
            *,
            max_length: int | None = None,
            db_collation: str | None = None,
            null: Literal[False] = False,
            **options: Unpack[FieldOptions],
        ) -> None: ...

        @overload
        def __init__(
            self: CharField[str | None],
            verbose_name: str | None = None,
            *,
            max_length: int | None = None,
            db_collation: str | None = None,
            null: Literal[True],
            **options: Unpack[FieldOptions],
        ) -> None: ...

        def __init__(self, verbose_name: str | None = None, **options: Any) -> None: ...

    def refuse_inexact(self, value: Any) -> None:
        if self.max_length is not None and len(value) > self.max_length:
            raise self.unfit(value, f"it has {len(value)} characters, the column takes {self.max_length}.")

    def storer(self, dialect: Dialect) -> Storer:
        slow, longest = super().storer(dialect).convert, self.max_length
        if longest is None or self._has_hook("get_prep_value"):
            return Storer(None, slow)

        def store(value: Any) -> Any:
            return value if value.__class__ is str and len(value) <= longest else slow(value)

        return Storer(None, store)


class EmailField(CharField[S]):
    """An email address, validated by ``full_clean``; 254 characters unless told otherwise (RFC 5321, 4.5.3.1.3)."""

    @overload
    def __init__(
        self: EmailField[str],
        verbose_name: str | None = None,
        *,
        max_length: int = 254,
        null: Literal[False] = False,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: EmailField[str | None],
        verbose_name: str | None = None,
        *,
        max_length: int = 254,
        null: Literal[True],
        **options: Unpack[FieldOptions],
    ) -> None: ...
    def __init__(self, verbose_name: str | None = None, *, max_length: int = 254, **options: Any) -> None:
        self._declare(verbose_name, max_length, options.pop("db_collation", None), options)

    def default_validators(self) -> Collection[Callable[[Any], object]]:
        return (*super().default_validators(), validators.validate_email)


class URLField(CharField[S]):
    """A URL, validated by ``full_clean``; 200 characters unless told otherwise."""

    @overload
    def __init__(
        self: URLField[str],
        verbose_name: str | None = None,
        *,
        max_length: int = 200,
        null: Literal[False] = False,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: URLField[str | None],
        verbose_name: str | None = None,
        *,
        max_length: int = 200,
        null: Literal[True],
        **options: Unpack[FieldOptions],
    ) -> None: ...
    def __init__(self, verbose_name: str | None = None, *, max_length: int = 200, **options: Any) -> None:
        self._declare(verbose_name, max_length, options.pop("db_collation", None), options)

    def default_validators(self) -> Collection[Callable[[Any], object]]:
        return (*super().default_validators(), validators.URLValidator())


class SlugField(CharField[S]):
    """Letters, digits, ``-`` and ``_``, indexed; ASCII only unless ``allow_unicode``."""

    messages: ClassVar[dict[str, str]] = {}

    @overload
    def __init__(
        self: SlugField[str],
        verbose_name: str | None = None,
        *,
        max_length: int = 50,
        allow_unicode: bool = False,
        null: Literal[False] = False,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: SlugField[str | None],
        verbose_name: str | None = None,
        *,
        max_length: int = 50,
        allow_unicode: bool = False,
        null: Literal[True],
        **options: Unpack[FieldOptions],
    ) -> None: ...
    def __init__(
        self, verbose_name: str | None = None, *, max_length: int = 50, allow_unicode: bool = False, **options: Any
    ) -> None:
        self.allow_unicode = allow_unicode
        options.setdefault("db_index", True)
        self._declare(verbose_name, max_length, options.pop("db_collation", None), options)
        self.declared |= {"allow_unicode": allow_unicode}

    def default_validators(self) -> Collection[Callable[[Any], object]]:
        slug = validators.validate_unicode_slug if self.allow_unicode else validators.validate_slug
        return (*super().default_validators(), slug)
