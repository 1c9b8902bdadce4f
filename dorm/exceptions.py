"""Every exception the package raises.  Knows nothing else; drivers' errors are mapped to these at the edge.

The families: *database* errors (the names of PEP 249), *query* errors (a mistake in a call, found before any SQL),
*validation* errors, and *configuration* errors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

NON_FIELD_ERRORS = "__all__"
"""The key in ``ValidationError.message_dict`` for errors that belong to no single field."""


# -- Configuration -----------------------------------------------------------------------------


class ImproperlyConfigured(Exception):
    """A setting, a driver or an option is missing or wrong; the message names the fix."""


# -- Queries -----------------------------------------------------------------------------------


class FieldError(Exception):
    """A name in a query is no field, lookup or annotation of the model."""


class FieldDoesNotExist(FieldError):
    """``_meta.get_field(name)`` found nothing of that name, or ``update()``, ``only()`` and ``defer()`` did not."""


class ObjectDoesNotExist(Exception):
    """No row matches.  Base of every ``Model.DoesNotExist``."""


class MultipleObjectsReturned(Exception):
    """Several rows match where one was asked for.  Base of every ``Model.MultipleObjectsReturned``."""


class EmptyResultSet(Exception):
    """The query can match nothing, whatever the rows."""


class FullResultSet(Exception):
    """The condition matches everything, whatever the rows."""


class SynchronousOnlyOperation(Exception):
    """A synchronous method was called where it would block or miss an asynchronous block."""


class SynchronousInAsyncWarning(RuntimeWarning):
    """A synchronous method was called in a thread with a running event loop."""


# -- Validation --------------------------------------------------------------------------------


class ValidationError(Exception):
    """A value was refused.

    Built from a message, a list of messages or errors, or a dict of field name to any of these.  ``messages`` is the
    flat list, ``message_dict`` the dict (raises ``AttributeError`` without fields), ``message`` always a string.
    """

    def __init__(self, message: Any, code: str | None = None, params: Mapping[str, Any] | None = None) -> None:
        super().__init__(message, code, params)
        self.code = code
        self.params = params
        self.error_dict: dict[str, list[ValidationError]] | None = None
        self.error_list: list[ValidationError] = []
        self._text = ""
        if isinstance(message, ValidationError):
            self._adopt(message)
        elif isinstance(message, dict):
            entries = cast("dict[str, Any]", message)
            self.error_dict = {name: _as_errors(value) for name, value in entries.items()}
            self.error_list = [error for errors in self.error_dict.values() for error in errors]
        elif isinstance(message, list):
            parts = cast("Iterable[Any]", message)
            self.error_list = [error for part in parts for error in _as_errors(part)]
        else:
            self._text = str(message)
            self.error_list = [self]

    def _adopt(self, other: ValidationError) -> None:
        self._text, self.code, self.params = other._text, other.code, other.params
        self.error_dict = other.error_dict
        self.error_list = [self] if other._is_single else other.error_list

    @property
    def _is_single(self) -> bool:
        return len(self.error_list) == 1 and self.error_list[0] is self

    @property
    def message(self) -> str:
        """The text with its parameters filled in; several errors are joined with a space."""
        if self._is_single:
            return self._text % self.params if self.params else self._text
        return " ".join(self.messages)

    @property
    def messages(self) -> list[str]:
        """Every message as text, in order."""
        return [error.message for error in self.error_list]

    @property
    def message_dict(self) -> dict[str, list[str]]:
        """Messages by field name; ``AttributeError`` when the error names no field."""
        if self.error_dict is None:
            raise AttributeError("This ValidationError names no fields; read its `messages`.")
        return {name: [error.message for error in errors] for name, errors in self.error_dict.items()}

    def update_error_dict(self, errors: dict[str, list[ValidationError]]) -> dict[str, list[ValidationError]]:
        """Add these errors to *errors* (field name to list) and return it."""
        for name, found in (self.error_dict or {NON_FIELD_ERRORS: self.error_list}).items():
            errors.setdefault(name, []).extend(found)
        return errors

    def __iter__(self) -> Iterator[Any]:
        if self.error_dict is not None:
            yield from self.message_dict.items()
        else:
            yield from self.messages

    def __str__(self) -> str:
        return repr(self.message_dict) if self.error_dict is not None else repr(self.messages)

    def __repr__(self) -> str:
        return f"ValidationError({self})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ValidationError) and self._compared() == other._compared()

    def __hash__(self) -> int:
        return hash(self._compared())

    def _compared(self) -> Hashable:
        """What makes two errors equal: the same texts, codes and parameters for the same fields, in any order."""
        if self._is_single:
            return self._text, self.code, repr(sorted((self.params or {}).items()))
        if self.error_dict is None:
            return frozenset(error._compared() for error in self.error_list)
        return frozenset(
            (name, frozenset(error._compared() for error in errors)) for name, errors in self.error_dict.items()
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (type(self), self.args), self.__dict__


def _rebuilt(cls: type[BaseException], args: tuple[Any, ...]) -> BaseException:
    """An error as it was pickled: its attributes follow, so ``__init__`` (whose arguments differ) is not called."""
    return cls.__new__(cls, *args)


def _as_errors(value: Any) -> list[ValidationError]:
    if not isinstance(value, ValidationError):
        value = ValidationError(value)
    return list(value.error_list)


# -- Database (PEP 249) ------------------------------------------------------------------------


class Error(Exception):
    """Base of everything a database or its driver reports.  ``sqlstate`` is the five-character code, if known."""

    sqlstate: str | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (type(self), self.args), self.__dict__


class InterfaceError(Error):
    """The driver was used wrongly or lost its connection object."""


class DatabaseError(Error):
    """The database refused or failed."""


class DataError(DatabaseError):
    """A value does not fit its column."""


class OperationalError(DatabaseError):
    """The connection failed, or the server could not carry on: not the statement's fault."""


class PoolTimeout(OperationalError):
    """No connection became free within ``POOL_TIMEOUT`` seconds."""


class InternalError(DatabaseError):
    """The database reports an inconsistency of its own."""


class ProgrammingError(DatabaseError):
    """The statement is wrong: a missing table, a syntax error."""


class NotSupportedError(DatabaseError):
    """This database cannot do what was asked; the message names the alternative."""


class IntegrityError(DatabaseError):
    """A constraint was violated.

    ``constraint`` is its name in the database, ``table`` and ``columns`` where it is, ``fields`` the model's fields
    (all empty when the database does not tell).
    """

    def __init__(
        self,
        message: str = "",
        *,
        constraint: str | None = None,
        table: str | None = None,
        columns: Sequence[str] = (),
        sqlstate: str | None = None,
    ) -> None:
        super().__init__(message)
        self.constraint = constraint
        self.table = table
        self.columns = tuple(columns)
        self.fields: tuple[str, ...] = ()
        self.sqlstate = sqlstate
        self.violation_error_message = ""
        """What a constraint of ``Meta`` says of itself, when it says something of its own."""
        self.violation_error_code: str | None = None


class UniqueViolation(IntegrityError, ValidationError):
    """A row with this value exists.  Also a ``ValidationError`` that names the fields."""

    def __init__(self, message: str = "", **where: Any) -> None:
        ValidationError.__init__(self, message, code="unique")
        IntegrityError.__init__(self, message, **where)

    def __str__(self) -> str:
        return ValidationError.__str__(self) if self.error_dict else self._text

    def name_fields(self, fields: Sequence[str], messages: Mapping[str, str]) -> None:
        """Say which fields of the model hold the value that exists already (*messages* by field name)."""
        self.fields = tuple(fields)
        self.error_dict = {name: [ValidationError(text, code="unique")] for name, text in messages.items()}
        self.error_list = [error for errors in self.error_dict.values() for error in errors]


class ForeignKeyViolation(IntegrityError):
    """A foreign key points at no row, or a row that is pointed at was to go."""


class NotNullViolation(IntegrityError):
    """A column that must have a value got NULL."""


class CheckViolation(IntegrityError):
    """A CHECK constraint was violated."""


class ProtectedError(IntegrityError):
    """The rows are referenced by a key with ``on_delete=PROTECT``; ``protected_objects`` holds the referrers."""

    def __init__(self, message: str, protected_objects: set[Any]) -> None:
        super().__init__(message)
        self.protected_objects = protected_objects


class RestrictedError(IntegrityError):
    """The rows are referenced by a key with ``on_delete=RESTRICT``; ``restricted_objects`` holds the referrers."""

    def __init__(self, message: str, restricted_objects: set[Any]) -> None:
        super().__init__(message)
        self.restricted_objects = restricted_objects


# -- Transactions ------------------------------------------------------------------------------


class TransactionManagementError(ProgrammingError):
    """A block is broken, closed, busy or somebody else's."""


class DurableBlockError(TransactionManagementError, RuntimeError):
    """A durable block was to be opened inside another; Django's error for it is a ``RuntimeError``."""


class TransactionAborted(TransactionManagementError):
    """Leaving the block did not commit: the database had rolled it back."""
