"""The attempts at executing a StepRun, and their ends in words: what happened, and what would help."""

from __future__ import annotations

from steppe.catalog import Catalog
from steppe.states import LIVE
from steppe.types import Attempt, State, StepRun, Struct
from steppe.wording import lasting, sized


class Try(Struct, frozen=True, kw_only=True):
    """One attempt.

    Attributes:
        attempt: what is known of it.
        explained: how it ended, in a sentence, and what would help where it ended badly.
    """

    attempt: Attempt
    explained: str


def tries(execution: StepRun, catalog: Catalog) -> list[Try]:
    """Return the attempts at an execution, the first first; in the kernel there is one, which nobody wrote down."""
    known = catalog.attempts.of(execution.id)
    if not known and execution.state not in (State.PENDING, State.QUEUED, State.HIT):
        known = [_in_kernel(execution)]
    return [
        Try(attempt=attempt, explained=explained(attempt, execution, last=attempt is known[-1])) for attempt in known
    ]


def ran_in(execution: StepRun, catalog: Catalog) -> str:
    """Return the container's image that an execution ran in, where it is known: its pod's, or that of its kernel."""
    for attempt in reversed(catalog.attempts.of(execution.id)):
        if attempt.image:
            return attempt.image
    if execution.executor not in ("inline", "process"):
        return ""
    run = catalog.runs.get(execution.run)
    return run.image if run is not None else ""


def _in_kernel(execution: StepRun) -> Attempt:
    return Attempt(
        id=execution.id,
        step_run=execution.id,
        executor=execution.executor,
        started=execution.started,
        ended=execution.ended,
        state=execution.state,
    )


def explained(attempt: Attempt, execution: StepRun, *, last: bool) -> str:
    """Return how an attempt ended, and what would help.

    Args:
        attempt: which one.
        execution: the StepRun that it was an attempt at.
        last: whether no other attempt followed.
    """
    place = "in the kernel" if attempt.executor == "inline" else f"on {attempt.executor}"
    if attempt.state in LIVE:
        if execution.state in LIVE:
            return f"It is {attempt.state} {place}."
        return f"It began {place}, and nobody has written down its end."
    after = lasting(max((attempt.ended or attempt.started) - attempt.started, 0.0))
    if attempt.state in (State.SUCCEEDED, State.SETUP):
        if last and execution.state is State.FAILED:
            return f"The code ran {place} and raised an error after {after}: {execution.error}"
        return f"It ran {place} to its end, in {after}."
    why = attempt.end or execution.error
    said = (IN_KERNEL if attempt.executor == "inline" else ELSEWHERE).get(attempt.state, "It failed")
    told = f"{said} after {after}{': ' if why else ''}{why}".rstrip(".")
    advice = _advice(why, execution) if last else "Another attempt followed."
    return f"{told}. {advice}".rstrip()


IN_KERNEL = {
    State.FAILED: "The code raised an error",
    State.CANCELLED: "It was interrupted",
    State.LOST: "Its kernel went away",
}
ELSEWHERE = {State.CANCELLED: "It was cancelled", State.LOST: "It was lost"}


def _advice(why: str, execution: StepRun) -> str:
    """Return what would help against an end, where its words tell."""
    asked = execution.asked.memory
    if "OOM" in why or "that it asked for, and was ended" in why:
        return f"Ask for more than {sized(asked)} with memory=." if asked else "Ask for what it needs with memory=."
    if "timeout" in why:
        return "Give it longer with timeout=, or find out in its log where it stood."
    if "native code crashed" in why:
        return "A library crashed: its log may tell which."
    if "was killed" in why or "were killed" in why:
        return "Another try may help: retries= gives it some."
    return ""
