"""Where a step runs: what was asked for, else the smallest place that has what the step needs."""

from __future__ import annotations

from typing import NamedTuple

from steppe.analysis.options import Options
from steppe.engine.session import EXECUTORS, Session
from steppe.errors import BadOption, UsageError

INLINE = "inline"


class Place(NamedTuple):
    """Where a step runs.

    Attributes:
        name: the executor's.
        missing: what is to be raised before anything is run there; None where it has what the step needs. A result
            that is kept needs no place: whoever has no GPU has the hits of those who have.
    """

    name: str
    missing: UsageError | None = None

    def insist(self) -> None:
        """Go on where the step can run there.

        Raises:
            UsageError: the place is too small, or not installed.
        """
        if self.missing is not None:
            raise self.missing


def choose(options: Options, session: Session) -> Place:
    """Return the place for a step.

    Raises:
        UsageError: no such place exists, or the kernel was asked for and can't do what the step needs.
    """
    asked = options.on or ""
    if not asked and session.headless is not None:
        asked = session.headless.on
    if asked and asked != INLINE and asked not in EXECUTORS:
        raise BadOption("on", asked, f"there are inline, {', '.join(sorted(EXECUTORS))}")
    if asked == INLINE:
        _check_inline(options)
        return Place(INLINE)
    if asked:
        return Place(asked, _missing(asked, f"on={asked}", options, session))
    if options.resources.workers:
        return Place("ray", _missing("ray", f"workers={options.resources.workers}", options, session))
    if not _needs_worker(options):
        return Place(INLINE)
    lacks = session.executor("process").fits(options.resources)
    if not lacks:
        return Place("process")
    cluster = session.project.settings.cluster
    if cluster:
        return Place(cluster)
    advice = 'Give on=kubernetes, or set a cluster for such steps: [tool.steppe] cluster = "kubernetes".'
    return Place("process", UsageError(f"%%step: {lacks}. {advice}"))


def _missing(name: str, asked: str, options: Options, session: Session) -> UsageError | None:
    """Return what a step can't be run for at a place."""
    try:
        lacks = session.executor(name).fits(options.resources, options.pod)
    except UsageError as error:  # what it needs is not installed
        return error
    return UsageError(f"%%step {asked}: {lacks}") if lacks else None


def _needs_worker(options: Options) -> bool:
    """Tell whether a step asks for what the kernel can't give: devices, an end by the clock, another try."""
    several = options.resources.nodes > 1
    return several or options.resources.gpu > 0 or bool(options.retries) or isinstance(options.timeout, float | int)


def _check_inline(options: Options) -> None:
    if options.wait is False:
        raise UsageError("%%step on=inline wait=false: the kernel is busy with an inline step. Give on=process.")
    if options.retries:
        raise UsageError("%%step on=inline retries=: what a failed try changed stays in the kernel. Give on=process.")
    if options.resources.nodes > 1:
        raise UsageError("%%step on=inline nodes=: the kernel is one process. Give on=kubernetes.")
    if options.resources.workers:
        raise UsageError(
            "%%step on=inline workers=: give on=ray, or raise it in the cell: with steppe.ray_cluster(workers=…)."
        )
    if isinstance(options.timeout, float | int):
        raise UsageError("%%step on=inline timeout=: the kernel can't end its own code. Give on=process.")
