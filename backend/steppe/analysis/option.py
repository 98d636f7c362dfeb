"""One option of a step, or key of a profile: what it takes, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class Option(NamedTuple):
    """One option.

    Attributes:
        name: its key; in a profile, `-` and `_` are the same in it.
        read: turns what was written, or a value from TOML, into the value that it has; None where it does not fit.
        wanted: what fits, to end a sentence with.
        example: how it is written, on the magic's line or in TOML.
        about: what it does, for `%%step?` and the pages of options.
    """

    name: str
    read: Callable[[object], Any]
    wanted: str
    example: str
    about: str


def as_text(value: object) -> str | None:
    """Return a text without the blanks around it; None for what is none, or empty."""
    return value.strip() or None if isinstance(value, str) else None
