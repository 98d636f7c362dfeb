"""How an attempt has ended, from what its cluster shows of it: a pure function, one sentence for each kind of death."""

from __future__ import annotations

from steppe.executors.executor import End
from steppe.executors.kubernetes.seen import Seen
from steppe.executors.kubernetes.waiting import root_cause
from steppe.wording import sized
from steppe.worker.deaths import too_much

DISRUPTIONS = {
    "PreemptionByScheduler": "it had to make room for a pod of higher priority",
    "DeletionByTaintManager": "its node {node} was lost or drained",
    "EvictionByEvictionAPI": "its node {node} was drained",
    "TerminationByKubelet": "its node {node} ended it",
    "DeletionByPodGC": "its node {node} is gone",
}
"""Why a cluster takes a pod away, by the reason of the pod's condition DisruptionTarget."""

LOST = {"NodeLost": "its node {node} does not answer any more", "NodeShutdown": "its node {node} was shut down"}
KILLED = 137
"""The exit code of what was ended by SIGKILL."""


def ended(seen: Seen, *, memory: int | None = None, reading: float = 0.0) -> End | None:
    """Return how an attempt has ended; None where it has not.

    Args:
        seen: what the cluster shows.
        memory: the bytes that it asked for.
        reading: the last reading of its memory.
    """
    pod, node = seen.pod, str((seen.pod or {}).get("spec", {}).get("nodeName") or "")
    if pod is None:
        return _without_pod(seen)
    if seen.gone and seen.phase not in ("Succeeded", "Failed"):
        return _disrupted(seen, node) or deleted(seen)
    if seen.phase == "Succeeded":
        return End(how="done")
    if seen.phase != "Failed":
        return _disrupted(seen, node) if pod.get("metadata", {}).get("deletionTimestamp") and not _runs(seen) else None
    if seen.reason == "DeadlineExceeded":
        return End(how="timeout", why="it ran longer than its pod's deadline")
    if seen.reason == "Evicted":
        why = seen.message.rstrip(". ") or "the node was short of something"
        return End(how="lost", why=f"it was evicted from its node {node}: {_first_small(why)}", again=True)
    disrupted = _disrupted(seen, node)
    if disrupted is not None:
        return disrupted
    return _of_container(seen, node, memory, reading)


def _runs(seen: Seen) -> bool:
    return bool(seen.container("running"))


def deleted(seen: Seen) -> End:
    """Return the end of an attempt whose pod was deleted by somebody, alone or with its Job."""
    what = "Job" if seen.deleted else "pod"
    return End(how="lost", why=f"its {what} was deleted while it ran", again=not seen.deleted)


def _without_pod(seen: Seen) -> End | None:
    """Return the end of an attempt whose pod was never seen."""
    if seen.deleted:
        return End(how="lost", why="its Job was deleted before it began")
    failed = seen.job_condition("Failed")
    if failed.get("reason") == "DeadlineExceeded":
        return End(how="timeout", why="its Job was active for longer than its deadline")
    if failed:
        return End(how="lost", why="its pod was deleted, and left no result", again=True)
    if seen.job_condition("Complete"):
        return End(how="done")
    return None


def _disrupted(seen: Seen, node: str) -> End | None:
    target = seen.condition("DisruptionTarget")
    if target.get("status") == "True":
        said = DISRUPTIONS.get(str(target.get("reason")), f"the cluster took it away ({target.get('reason')})")
        return End(how="lost", why=said.format(node=node), again=True)
    if seen.reason in LOST:
        return End(how="lost", why=LOST[seen.reason].format(node=node), again=True)
    if seen.reason in ("Shutdown", "Terminated"):
        return End(how="lost", why=LOST["NodeShutdown"].format(node=node), again=True)
    return None


def _of_container(seen: Seen, node: str, memory: int | None, reading: float) -> End:
    died = seen.container("terminated")
    code, reason = int(died.get("exitCode") or 0), str(died.get("reason") or "")
    if reason == "OOMKilled":
        why = too_much(sized(memory) if memory else "", sized(int(reading)) if reading else "")
        return End(how="killed", why=why)
    if reason in ("StartError", "ContainerCannotRun"):
        return End(how="refused", why=f"its container can't be started: {root_cause(str(died.get('message') or ''))}")
    if code == KILLED:
        return End(how="killed", why=f"its pod was killed by signal 9 (SIGKILL) on node {node}", again=True)
    if code > 128:
        return End(how="killed", why=f"its pod was killed by signal {code - 128} on node {node}", again=True)
    if not died:
        return End(how="lost", why=seen.message.rstrip(".") or f"its pod failed on node {node}", again=True)
    return End(how="failed", why=f"its pod ended with exit code {code} before it was done{_last_words(died)}")


def _last_words(died: dict[str, object]) -> str:
    message = " ".join(str(died.get("message") or "").split())
    return f": {message[-300:]}" if message else ""


def _first_small(text: str) -> str:
    return text[:1].lower() + text[1:]
