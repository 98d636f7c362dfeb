"""What server-sent events carry, beside StepRuns and runs."""

from __future__ import annotations

import math
from typing import Any, Self

from steppe_server.schemas.step_runs import Line
from steppe_server.schemas.struct import Answer


class Measured(Answer, frozen=True, kw_only=True):
    """A number that a running step has just logged; null where it is not finite."""

    step_run: str
    name: str
    step: int | None
    value: float | None
    time: float

    @classmethod
    def of(cls, step_run: str, metric: Any) -> Self:
        """Return a metric of the catalog in these words."""
        value = metric.value if math.isfinite(metric.value) else None
        return cls(step_run=step_run, name=metric.name, step=metric.step, value=value, time=metric.time)


class Progressed(Answer, frozen=True, kw_only=True):
    """How far a running step says that it is; `total` is null where it is not known."""

    step_run: str
    done: float
    total: float | None
    text: str


class Logged(Answer, frozen=True, kw_only=True):
    """Lines that a step has just written, and how many there are by now.

    The last line may grow, and is then told again with its number. With the last lines of a step, `live` is false.
    """

    step_run: str
    lines: list[Line]
    total: int
    live: bool
