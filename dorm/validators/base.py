"""What all validators share: being called, being compared, and being written into a migration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Self


class Validator:
    """Call it with a value: it returns nothing, or raises ``ValidationError``.

    Two validators of one class are equal when they refuse the same; ``deconstruct`` gives what makes this one again.
    """

    message: str = "Enter a valid value."
    code: str = "invalid"
    _arguments: tuple[tuple[Any, ...], dict[str, Any]]

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        self = super().__new__(cls)
        self._arguments = (args, kwargs)
        return self

    def __call__(self, value: Any) -> None:
        raise NotImplementedError

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        """The import path and the arguments that make an equal validator."""
        cls = type(self)
        module = "dorm.validators" if cls.__module__.startswith("dorm.validators.") else cls.__module__
        args, kwargs = self._arguments
        return f"{module}.{cls.__qualname__}", args, kwargs

    def _compared(self) -> tuple[Any, ...]:
        """What decides equality, beside the class."""
        return (self.message, self.code)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other._compared() == self._compared()

    def __hash__(self) -> int:
        return hash((type(self), self.message, self.code))

    def __repr__(self) -> str:
        args, kwargs = self._arguments
        shown = [*map(repr, args), *(f"{name}={value!r}" for name, value in kwargs.items())]
        return f"{type(self).__name__}({', '.join(shown)})"
