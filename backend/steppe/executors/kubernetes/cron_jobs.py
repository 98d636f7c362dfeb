"""CronJobs: Jobs that a cluster makes at set times by itself. The time for which one is made stands in its name."""

from __future__ import annotations

from typing import Any

from steppe.executors.kubernetes.cluster import Cluster, Refused, path_of, patiently
from steppe.executors.kubernetes.jobs import PATIENCE, list_jobs
from steppe.executors.kubernetes.names import PREFIX

JOB_NAME = "STEPPE_JOB_NAME"
"""The variable by which a pod knows the name of its Job: it needs no right to ask for that."""

SCHEDULE = "steppe/schedule"
"""The label of the CronJob of a schedule, of its Jobs and of their pods."""

BRIEF = 3.0
"""Seconds for which a cluster that can't be reached is asked by who only looks: what was known last is told then."""

KEPT = 3
"""Jobs that succeeded, and as many that failed, which the cluster keeps for a look at their pods and logs."""

NOW = "-at-"
"""What stands in the name of a Job that was made by hand, before its second; the cluster's own end with a minute."""


def name_of(schedule: str) -> str:
    """Return the name of a schedule's CronJob, of at most 52 characters."""
    return PREFIX + schedule


def due_of(job: str) -> int:
    """Return the time, in seconds since 1970, for which a Job of a CronJob was made."""
    _, by_hand, second = job.rpartition(NOW)
    return int(second) if by_hand else int(job.rpartition("-")[2]) * 60


def cron_job(job: dict[str, Any], schedule: str, when: dict[str, Any]) -> dict[str, Any]:
    """Return a CronJob.

    Args:
        job: what it makes each time.
        schedule: the schedule's id.
        when: `schedule`, `timeZone`, `concurrencyPolicy` and what else its spec says of times.
    """
    metadata, spec = job["metadata"], job["spec"]
    labels = {**metadata["labels"], SCHEDULE: schedule}
    pod = spec["template"]
    pod = {**pod, "metadata": {**pod["metadata"], "labels": {**pod["metadata"]["labels"], SCHEDULE: schedule}}}
    told = {"name": JOB_NAME, "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['job-name']"}}}
    step, *others = pod["spec"]["containers"]
    step = {**step, "env": [*step.get("env", ()), told]}
    pod["spec"] = {**pod["spec"], "containers": [step, *others]}
    template = {
        "metadata": {"labels": labels, "annotations": metadata["annotations"]},
        "spec": {**spec, "template": pod},
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": name_of(schedule), "labels": labels, "annotations": metadata["annotations"]},
        "spec": {
            **when,
            "successfulJobsHistoryLimit": KEPT,
            "failedJobsHistoryLimit": KEPT,
            "jobTemplate": template,
        },
    }


def put(cluster: Cluster, namespace: str, body: dict[str, Any]) -> None:
    """Make a CronJob, or change the one of its name: what it has begun goes on."""
    path = path_of("cronjobs", namespace)
    try:
        patiently(lambda: cluster.ask("POST", path, body=body), PATIENCE)
    except Refused as error:
        if error.status != 409:
            raise
        spec = {"startingDeadlineSeconds": None, **body["spec"]}  # null takes away what is not there any more
        patch(cluster, namespace, body["metadata"]["name"], {"metadata": body["metadata"], "spec": spec})


def patch(cluster: Cluster, namespace: str, name: str, change: dict[str, Any]) -> None:
    """Change a CronJob."""
    patiently(lambda: cluster.ask("PATCH", path_of("cronjobs", namespace, name), body=change), PATIENCE)


def suspend(cluster: Cluster, namespace: str, name: str, *, over: bool) -> None:
    """Have no time of a CronJob be due any more, or again."""
    patch(cluster, namespace, name, {"spec": {"suspend": over}})


def remove(cluster: Cluster, namespace: str, name: str) -> None:
    """Delete a CronJob with its Jobs and their pods; nothing where it is gone already."""
    body = {"propagationPolicy": "Background"}
    try:
        patiently(lambda: cluster.ask("DELETE", path_of("cronjobs", namespace, name), body=body), PATIENCE)
    except Refused as error:
        if error.status != 404:
            raise


def run_now(cluster: Cluster, namespace: str, name: str, due: int) -> None:
    """Make a Job of a CronJob beside its times, as `kubectl create job --from` does."""
    made = patiently(lambda: cluster.ask("GET", path_of("cronjobs", namespace, name)), PATIENCE)
    owner = {"apiVersion": "batch/v1", "kind": "CronJob", "name": name, "uid": made["metadata"]["uid"]}
    template = made["spec"]["jobTemplate"]
    annotations = {**template["metadata"].get("annotations", {}), "cronjob.kubernetes.io/instantiate": "manual"}
    body = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            **template["metadata"],
            "name": f"{name}{NOW}{due}",
            "annotations": annotations,
            "ownerReferences": [owner],
        },
        "spec": template["spec"],
    }
    patiently(lambda: cluster.ask("POST", path_of("jobs", namespace), body=body), PATIENCE)


def jobs_of(cluster: Cluster, namespace: str, schedule: str) -> dict[int, dict[str, Any]]:
    """Return the Jobs of a schedule that the cluster still has, by the times for which they were made."""
    found = list_jobs(cluster, namespace, f"{SCHEDULE}={schedule}", BRIEF)
    return {due_of(job["metadata"]["name"]): job for job in found}
