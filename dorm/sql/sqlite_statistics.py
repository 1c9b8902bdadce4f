"""Variance and standard deviation for SQLite, as aggregates and over windows.

Welford's method: the mean and the sum of squared differences from it are kept, so that great numbers close to each
other lose nothing.  See B. P. Welford, Technometrics 4 (1962), page 419.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar


class Spread:
    """Base: how far the numbers lie from their mean; NULLs do not count."""

    sample: ClassVar[bool] = False
    root: ClassVar[bool] = False

    def __init__(self) -> None:
        self.count, self.mean, self.squares = 0, 0.0, 0.0

    def step(self, value: Any) -> None:
        """One more number."""
        if value is None:
            return
        number = float(value)
        self.count += 1
        distance = number - self.mean
        self.mean += distance / self.count
        self.squares += distance * (number - self.mean)

    def inverse(self, value: Any) -> None:
        """The number leaves the window."""
        if value is None:
            return
        self.count -= 1
        if not self.count:
            self.mean = self.squares = 0.0
            return
        distance = float(value) - self.mean
        self.mean -= distance / self.count
        self.squares = max(self.squares - distance * (float(value) - self.mean), 0.0)

    def value(self) -> float | None:
        """The result so far."""
        divisor = self.count - self.sample
        if divisor < 1:
            return None
        variance = self.squares / divisor
        return math.sqrt(variance) if self.root else variance

    def finalize(self) -> float | None:
        """The result."""
        return self.value()


class VariancePopulation(Spread):
    """The variance of all."""


class VarianceSample(Spread):
    """The variance estimated from a sample."""

    sample = True


class DeviationPopulation(Spread):
    """The standard deviation of all."""

    root = True


class DeviationSample(Spread):
    """The standard deviation estimated from a sample."""

    sample, root = True, True


AGGREGATES: tuple[tuple[str, int, type[Any]], ...] = (
    ("DORM_VAR_POP", 1, VariancePopulation),
    ("DORM_VAR_SAMP", 1, VarianceSample),
    ("DORM_STDDEV_POP", 1, DeviationPopulation),
    ("DORM_STDDEV_SAMP", 1, DeviationSample),
)
