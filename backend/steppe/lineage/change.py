"""What is to be otherwise when a past run, or a step of it, runs again."""

from __future__ import annotations

from typing import Any

import msgspec

from steppe.errors import UsageError


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be otherwise than it was.

    Attributes:
        parameters: values by name.
        code: cells' new text, by the steps' names.
        start: the step to begin with, or empty.
        failed: whether only what has failed is run, and what hangs on it.
        anyway: whether files and variables of the environment may be others than they were.
    """

    parameters: dict[str, Any] = {}
    code: dict[str, str] = {}
    start: str = ""
    failed: bool = False
    anyway: bool = False


def named(change: Change, known: list[str]) -> None:
    """Refuse steps that the run does not have.

    Raises:
        UsageError: there is none of that name.
    """
    if not known:
        raise UsageError("nothing is there to be run again: no step of it has run.")
    for option, names in (("--from", [change.start] if change.start else []), ("--code", change.code)):
        for name in names:
            if name not in known:
                raise UsageError(f"{option} {name}: the run has no step `{name}`: there are {', '.join(known)}.")
