"""`%steppe status`: a line for each step of this session."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from steppe.states import ENDED
from steppe.types import State
from steppe.wording import ago, lasting, table

if TYPE_CHECKING:
    from steppe.engine.step import Step


HEAD = ("step", "state", "when", "took", "why")
EMPTY = "No step has run in this session. Begin a cell with `%%step NAME` to make it one; `%%step?` shows how."


def status(steps: Iterable[Step], now: float | None = None) -> str:
    """Return the table.

    Args:
        steps: the latest resolution of each step.
        now: the time, in seconds since 1970.
    """
    now = time.time() if now is None else now
    rows = [_row(step, now) for step in steps]
    return table(HEAD, rows) if rows else EMPTY


def _row(step: Step, now: float) -> tuple[str, str, str, str, str]:
    name = step.request.name + (f" [{step.request.part + 1}]" if step.request.part else "")
    ended = step.ended if step.state in ENDED else None
    when = ago(now - ended) if ended is not None else f"since {lasting(now - step.started)}"
    return name, str(step.state), when, _took(step, ended), "; ".join(dict.fromkeys(step.why)) or step.error


def _took(step: Step, ended: float | None) -> str:
    if step.state is State.HIT and step.entry is not None:
        return f"saved {lasting(step.entry.seconds)}"
    return lasting(ended - step.started) if ended is not None else ""
