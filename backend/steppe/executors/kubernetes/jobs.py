"""Jobs by their names: made where there is none, or another's found; one is there at a time, whoever asks."""

from __future__ import annotations

import time
from collections.abc import Container
from typing import Any

from steppe.errors import UsageError
from steppe.executors.kubernetes.cluster import Cluster, Refused, deletion, path_of, patiently

PATIENCE = 120.0
"""Seconds for which a server that does not answer, or a Job that is being deleted, is waited for."""

FIRST_PAUSE, LAST_PAUSE = 0.05, 1.0
"""Seconds between two looks at a Job that is being deleted, at first and in the long run."""


def create(cluster: Cluster, namespace: str, body: dict[str, Any], ended: Container[str]) -> dict[str, Any]:
    """Make a Job; where one of its name is under way, return that. One that has ended makes room.

    A name is free again once the Job that had it is gone, and its pod with it: so no two pods of one name ever run.

    Args:
        cluster: where.
        namespace: the Job's.
        body: the Job.
        ended: attempts that are known to have ended.

    Raises:
        Refused, Unreachable: as the requests.
        UsageError: the Job that had the name does not go.
    """
    name, attempt = body["metadata"]["name"], body["metadata"]["labels"]["steppe/attempt"]
    until, pause = time.monotonic() + PATIENCE, FIRST_PAUSE
    while True:
        try:
            return patiently(lambda: cluster.ask("POST", path_of("jobs", namespace), body=body), PATIENCE)
        except Refused as error:
            if error.status != 409:
                raise
        found = _there(cluster, namespace, name)
        if found is not None:
            its = found["metadata"].get("labels", {}).get("steppe/attempt", "")
            going = "deletionTimestamp" in found["metadata"]
            if its == attempt or not (going or its in ended or has_ended(found)):
                return found  # it was made, and the answer got lost; or another has made it
            if not going:
                delete(cluster, namespace, found)
        if time.monotonic() > until:
            raise UsageError(
                f"the Job {name} in the namespace {namespace} is being deleted, and does not go: its pod may still run "
                "on a node that does not answer. Delete that pod by force, or wait"
            )
        time.sleep(pause)
        pause = min(2 * pause, LAST_PAUSE)


def has_ended(job: dict[str, Any]) -> bool:
    """Tell whether a Job has come to its end."""
    conditions = (job.get("status") or {}).get("conditions") or ()
    return any(each["type"] in ("Complete", "Failed") and each.get("status") == "True" for each in conditions)


def delete(cluster: Cluster, namespace: str, job: dict[str, Any]) -> None:
    """Delete a Job, with its pod; nothing where it is gone already, or another has its name."""
    path, body = path_of("jobs", namespace, job["metadata"]["name"]), deletion(job["metadata"]["uid"])
    try:
        patiently(lambda: cluster.ask("DELETE", path, body=body), PATIENCE)
    except Refused as error:
        if error.status not in (404, 409):
            raise


def list_jobs(cluster: Cluster, namespace: str, selector: str, patience: float = PATIENCE) -> list[dict[str, Any]]:
    """Return the Jobs with such labels."""
    query = {"labelSelector": selector}
    found = patiently(lambda: cluster.ask("GET", path_of("jobs", namespace), query=query), patience)
    items: list[dict[str, Any]] = found.get("items") or []
    return items


def _there(cluster: Cluster, namespace: str, name: str) -> dict[str, Any] | None:
    try:
        return patiently(lambda: cluster.ask("GET", path_of("jobs", namespace, name)), PATIENCE)
    except Refused as error:
        if error.status == 404:
            return None
        raise
