"""`steppe.context()`: what is known of the step that runs, to the code that it runs."""

from __future__ import annotations

from typing import Any

from steppe.types import Digest, Struct
from steppe.worker.running import RUNNING


class Context(Struct, frozen=True, kw_only=True):
    """What a step may know of itself.

    Attributes:
        run: the Run's id.
        step: the step's name.
        step_run: the StepRun's id.
        parent: the StepRun that it runs inside of, or empty.
        pipeline: the name of the outermost step around it, or its own.
        key: its CacheKey, or None where it has none.
        executor: where it runs.
        attempt: the attempt's id, where it runs out of this process.
    """

    run: str = ""
    step: str = ""
    step_run: str = ""
    parent: str = ""
    pipeline: str = ""
    key: Digest | None = None
    executor: str = "inline"
    attempt: str = ""


def context() -> Context | None:
    """See `steppe.context`."""
    running = RUNNING.get()
    if running is None:
        return None
    outer = getattr(running, "outer", None)
    outermost = running
    while (around := getattr(outermost, "outer", None)) is not None:
        outermost = around
    return Context(
        run=running.session.run.id,
        step=_name_of(running),
        step_run=running.id,
        parent=outer.id if outer is not None else "",
        pipeline=_name_of(outermost),
        key=running.key,
        executor=running.executor,
        attempt=running.attempt,
    )


def _name_of(running: Any) -> str:
    name: str = running.name if hasattr(running, "name") else running.request.name
    return name
