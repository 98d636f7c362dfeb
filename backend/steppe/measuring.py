"""`steppe.log_metric`: what it takes. Where the numbers go is the business of whoever runs the code that calls it."""

from __future__ import annotations

import math
import time
from typing import Any

from steppe.errors import UsageError
from steppe.types import Measured
from steppe.worker import progress
from steppe.worker.metrics import log


def log_metric(name: str, value: Any, step: int | None = None) -> None:
    """See `steppe.log_metric`."""
    if not isinstance(name, str) or not name.strip():
        raise UsageError(f"log_metric takes a name first, such as 'loss', not {name!r}.")
    log(Measured(name=name.strip(), value=_number(name, value), step=_count(name, step), time=time.time()))


def report(done: Any, total: Any = None, text: str = "") -> None:
    """See `steppe.progress`."""
    known = None if total is None else _amount("total", total)
    progress.report(_amount("done", done), known, str(text))


def _amount(name: str, value: Any) -> float:
    if not isinstance(value, str | bytes):
        try:
            amount = float(value)
        except (TypeError, ValueError, OverflowError):
            amount = math.nan
        if math.isfinite(amount):
            return amount
    raise UsageError(f"progress(done, total, text) takes a number as {name}, not {_shown(value)}.")


def _number(name: str, value: Any) -> float:
    """Return a number, also from a scalar of numpy or torch."""
    if not isinstance(value, str | bytes):
        try:
            return float(value)
        except (TypeError, ValueError, OverflowError):
            pass
    raise UsageError(f"log_metric({name!r}) takes a number, not {_shown(value)}.")


def _count(name: str, step: Any) -> int | None:
    if step is None:
        return None
    try:
        whole = int(step)
    except (TypeError, ValueError, OverflowError):
        whole = None
    if whole is None or whole != step or abs(whole) >= 2**63:
        raise UsageError(f"log_metric({name!r}) takes a whole number as its step, not {_shown(step)}.")
    return whole


def _shown(value: Any) -> str:
    said = repr(value)
    return said if len(said) <= 60 else f"a {type(value).__name__}"
