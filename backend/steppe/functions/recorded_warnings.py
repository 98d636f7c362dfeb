"""Warnings that the code around a call records, as `pytest.warns` does: a hit shows them as text, and records none."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from steppe.types import Result
from steppe.worker.trace import active

WARNED = re.compile(r"\w*Warning: ")
"""How a warning begins that was shown as text."""

WHY = "it warns, and the code around it records warnings, which a hit would not give"


def records() -> bool:
    """Tell whether warnings go to somebody who keeps them rather than to be shown."""
    show, last = warnings.showwarning, getattr(warnings, "_showwarnmsg_impl", None)
    if show is not getattr(warnings, "_showwarning_orig", show):
        return getattr(show, "__module__", "") != "logging"
    return last is not None and getattr(last, "__module__", None) not in ("warnings", "_py_warnings")


def has_warned(result: Result) -> bool:
    """Tell whether a step has shown what may be a warning."""
    return any(item.name == "stderr" and WARNED.search(item.text) for item in result.shown)


@contextmanager
def noting_warnings() -> Iterator[None]:
    """Note of the step that is observed that it has warned those who record: its result is not kept."""
    name = "_showwarnmsg"
    if active() is None or not records() or not hasattr(warnings, name):
        yield
        return
    recorders, original = _recorders(), getattr(warnings, name)

    def note(message: Any) -> None:
        trace = active()
        if trace is not None and WHY not in trace.spoilt and _recorders() == recorders:  # not to one of the step's own
            trace.spoilt.append(WHY)
        original(message)

    setattr(warnings, name, note)
    try:
        yield
    finally:
        setattr(warnings, name, original)


def _recorders() -> tuple[Any, Any]:
    return warnings.showwarning, getattr(warnings, "_showwarnmsg_impl", None)
