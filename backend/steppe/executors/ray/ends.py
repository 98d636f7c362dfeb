"""How an attempt has ended that told of no end itself, from what Ray raises: a pure function, one sentence for each."""

from __future__ import annotations

import re

from steppe.executors.executor import End

LOST = {
    "NodeDiedError": "the node that it ran on is gone",
    "WorkerCrashedError": "Ray's process that it ran in died",
    "LocalRayletDiedError": "the node that it ran on is gone",
    "ActorDiedError": "the actor that looks after the steps of this cluster died",
    "ActorUnavailableError": "the actor that looks after the steps of this cluster does not answer any more",
    "OwnerDiedError": "the actor that looks after the steps of this cluster died",
    "ObjectLostError": "what it told was lost with its node",
    "NodePreempted": "its node was preempted",
}
"""What the class of an error of Ray's says, where another try may go better."""

FIRST_LINES = 300
"""Characters of Ray's own words that are repeated."""


def ended(kind: str, text: str, *, cancelled: bool = False) -> End:
    """Return how an attempt has ended.

    Args:
        kind: the name of the error's class.
        text: its message.
        cancelled: whether it was told to end.
    """
    if cancelled or kind == "TaskCancelledError":
        return End(how="cancelled", why="it was cancelled")
    if kind == "OutOfMemoryError":
        return End(
            how="lost",
            why="its node ran out of memory, and Ray ended it to make room: give `memory`, so that Ray counts it",
            again=True,
        )
    if kind == "RuntimeEnvSetupError":
        return End(how="refused", why=f"its runtime-env could not be made: {said(text)}")
    if kind in ("TaskUnschedulableError", "ActorUnschedulableError", "TaskPlacementGroupRemoved"):
        return End(how="refused", why=f"the cluster can't place it: {said(text)}")
    if "No module named 'steppe" in text:
        return End(
            how="refused",
            why="the nodes of the cluster have no Steppe of this version: install it there, or have Ray do so: "
            'runtime-env = { pip = ["steppe"] }',
        )
    if kind in LOST:
        where = f"{_node(text)}"
        return End(how="lost", why=f"{LOST[kind]}{where}", again=True)
    return End(how="failed", why=f"Ray could not run it: {said(text)}", again=True)


def said(text: str) -> str:
    """Return Ray's words as one short line."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    lines = [line.strip() for line in plain.splitlines() if line.strip()]
    line = lines[-1] if lines and lines[0].startswith(("ray::", "Traceback")) else " ".join(lines)
    return line[:FIRST_LINES].rstrip(". ") or "it says no reason"


def _node(text: str) -> str:
    found = re.search(r"(?:node IP|IP|ip)[:= ]+(\d+\.\d+\.\d+\.\d+)", text)
    return f" (node {found[1]})" if found else ""
