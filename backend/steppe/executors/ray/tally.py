"""What the code of a step has run on its own cluster: how many tasks of each name, by what has become of them.

Ray's control plane knows of each task, and of calls of actors; what Steppe runs there itself is not counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

MANY = 50
"""Names that are told apart; tasks of all others are counted together."""

OTHERS = "(others)"

STATES = {"FINISHED": "finished", "FAILED": "failed"}
"""What Ray says of tasks that are over."""

PROGRAM = 3
"""Ray's number for the kind of task that is no task, but a program that is connected to it."""


def tally(events: Iterable[Any], own: bytes, names: dict[int, str]) -> dict[str, dict[str, int]]:
    """Count tasks by their name, and by their state: `waiting`, `running`, `finished`, `failed`.

    Args:
        events: Ray's TaskEvents, one for each try of a task.
        own: the job whose tasks are Steppe's.
        names: how Ray calls its states, by their numbers.
    """
    last: dict[bytes, tuple[int, str, str]] = {}
    for event in events:
        kind = event.task_info.type
        if event.job_id == own or not event.task_info.name or kind == PROGRAM:
            continue
        known = last.get(event.task_id)
        if known is None or event.attempt_number >= known[0]:
            state = _state(dict(event.state_updates.state_ts_ns), names)
            last[event.task_id] = event.attempt_number, event.task_info.name, state
    counted: dict[str, Counter[str]] = {}
    for _, name, state in last.values():
        counted.setdefault(name, Counter())[state] += 1
    return _few(counted)


def _state(times: dict[int, int], names: dict[int, str]) -> str:
    """Return the state that a task came to last, in a word."""
    if not times:
        return "waiting"
    told = {names.get(number, ""): (at, number) for number, at in times.items()}
    if "FINISHED" in told:  # who asked for it has its result, though Ray takes it for failed as its process ends
        return "finished"
    said = max(told, key=told.__getitem__)
    return STATES.get(said, "running" if said.startswith(("RUNNING", "GETTING")) else "waiting")


def _few(counted: dict[str, Counter[str]]) -> dict[str, dict[str, int]]:
    """Return counts by name, those of the most tasks first; a program may give each task a name of its own."""
    ordered = sorted(counted.items(), key=lambda item: (-item[1].total(), item[0]))
    found = {name: dict(sorted(counts.items())) for name, counts in ordered[:MANY]}
    rest: Counter[str] = sum((counts for _, counts in ordered[MANY:]), Counter())
    return {**found, OTHERS: dict(sorted(rest.items()))} if rest else found


def seen(own: bytes) -> dict[str, dict[str, int]]:
    """Ask Ray, in a process that is connected to it, and count."""
    from ray._private.state import state
    from ray.core.generated.common_pb2 import TaskStatus

    names = {number: name for name, number in TaskStatus.items()}
    return tally(state._get_all_task_events(), own, names)  # noqa: SLF001  # its public way needs a dashboard
