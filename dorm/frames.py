"""The line that called us: where a warning belongs, and what an error names."""

from __future__ import annotations

import os
import sys
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep


def outside() -> FrameType:
    """The innermost frame that is not this package's, nor of code that it generated."""
    frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]  # documented, and the only way
    while frame.f_back is not None and frame.f_code.co_filename.startswith((PACKAGE, "<dorm ")):
        frame = frame.f_back
    return frame


def warn(message: str, category: type[Warning]) -> None:
    """Warn at the line outside this package that called us."""
    frame = outside()
    warnings.warn_explicit(
        message,
        category,
        frame.f_code.co_filename,
        frame.f_lineno,
        module=frame.f_globals.get("__name__", ""),
        registry=frame.f_globals.setdefault("__warningregistry__", {}),
    )
