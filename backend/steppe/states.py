"""The one table of a StepRun's states and of which may follow which. Nothing else decides it."""

from __future__ import annotations

from steppe.errors import IllegalTransition
from steppe.types import State

FOLLOWS: dict[State, frozenset[State]] = {
    State.PENDING: frozenset({State.HIT, State.QUEUED, State.SETUP, State.CANCELLED, State.FAILED}),
    State.QUEUED: frozenset({State.RUNNING, State.HIT, State.SETUP, State.CANCELLED, State.FAILED, State.LOST}),
    State.RUNNING: frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED, State.LOST, State.RETRYING}),
    State.RETRYING: frozenset({State.QUEUED, State.CANCELLED}),
    State.LOST: frozenset({State.RETRYING}),
    State.HIT: frozenset(),
    State.SUCCEEDED: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
    State.SETUP: frozenset(),
}

ENDED = frozenset({State.HIT, State.SUCCEEDED, State.FAILED, State.CANCELLED, State.LOST, State.SETUP})
"""States in which nothing runs any more. `lost` is ended unless a retry takes it up."""


LIVE = frozenset({State.QUEUED, State.RUNNING, State.RETRYING})
"""States of a step that waits or runs. What was left in one of them by a kernel that is gone is lost."""


def leads(now: State, to: State) -> bool:
    """Tell whether `to` may follow `now`, at once or through other states: a reader need not have seen each of them."""
    seen = {now}
    todo = [now]
    while todo:
        fresh = FOLLOWS[todo.pop()] - seen
        seen |= fresh
        todo += fresh
    return to in seen and (to != now or now not in ENDED)


def step(now: State, to: State) -> State:
    """Return `to` where it may follow `now`.

    Raises:
        IllegalTransition: it may not.
    """
    if to not in FOLLOWS[now]:
        raise IllegalTransition(now, to)
    return to


STAGES = {
    "created": frozenset({"activating"}),
    "activating": frozenset({"active", "deactivating"}),
    "active": frozenset({"deactivating"}),
    "deactivating": frozenset({"deactivated"}),
    "deactivated": frozenset[str](),
}
"""The states of an external resource, and which may follow which."""


def stage(now: str, to: str) -> str:
    """Return `to` where it may follow `now` in the life of an external resource.

    Raises:
        IllegalTransition: it may not.
    """
    if to not in STAGES[now]:
        raise IllegalTransition(now, to)
    return to
