"""Where a step runs: what was asked for, else the smallest place that has what the step needs."""

from __future__ import annotations

from steppe.analysis.options import Options
from steppe.engine.session import EXECUTORS, Session
from steppe.errors import BadOption, UsageError

INLINE = "inline"


def choose(options: Options, session: Session) -> str:
    """Return the name of the executor for a step.

    Raises:
        UsageError: the place that was asked for does not exist or is too small, or nothing here is large enough.
    """
    asked = options.on or ""
    if not asked and session.headless is not None:
        asked = session.headless.on
    if asked and asked != INLINE and asked not in EXECUTORS:
        raise BadOption("on", asked, f"there are inline, {', '.join(sorted(EXECUTORS))}")
    if asked == INLINE:
        _check_inline(options)
        return INLINE
    if asked:
        missing = session.executor(asked).fits(options.resources, options.pod)
        if missing:
            raise UsageError(f"%%step on={asked}: {missing}")
        return asked
    if options.resources.workers:
        missing = session.executor("ray").fits(options.resources, options.pod)
        if missing:
            raise UsageError(f"%%step workers={options.resources.workers}: {missing}")
        return "ray"
    if not _needs_worker(options):
        return INLINE
    missing = session.executor("process").fits(options.resources)
    if not missing:
        return "process"
    cluster = session.project.settings.cluster
    if cluster:
        return cluster
    raise UsageError(
        f'%%step: {missing}. Give on=kubernetes, or set a cluster for such steps: [tool.steppe] cluster = "kubernetes".'
    )


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
