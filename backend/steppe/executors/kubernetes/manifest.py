"""The Job of one attempt, as a plain dict: a function of what is launched and what its profile asks of a cluster."""

from __future__ import annotations

import json
import math
from typing import Any

from steppe.executors.executor import Launch
from steppe.executors.kubernetes import nodes
from steppe.executors.kubernetes.names import job_name, keyed_name, labels
from steppe.executors.kubernetes.placement import gpu_resource, placement
from steppe.executors.kubernetes.template import merge
from steppe.executors.kubernetes.volumes import mounted, volume

CONTAINER = "step"
WORK = "/steppe"
"""An empty folder in the pod: the home, and copies of what the store holds."""

HOME, TIER = f"{WORK}/home", f"{WORK}/store"
ENVIRONMENTS = f"{WORK}/environments"
"""Where environments are made with packages that the image has not: on a volume of its own, others find them there."""

KEEP = 3600
"""Seconds for which a Job that has ended stays, with its pod and log."""

BEHIND = 3600
"""Seconds by which the pod's deadline is later than the timeout, which the keeper in the pod sees to."""

GRACE = 10
"""Seconds between the kubelet's asking a pod to end and its making it: the keeper's own ladder fits in."""

USER = 1000
"""The user and group as whom a step runs: restricted pods may not run as root, which many images do by themselves."""

POD_KEYS = frozenset(
    [
        "runAsUser",
        "runAsGroup",
        "runAsNonRoot",
        "fsGroup",
        "fsGroupChangePolicy",
        "supplementalGroups",
        "seccompProfile",
        "seLinuxOptions",
        "sysctls",
        "appArmorProfile",
        "windowsOptions",
        "supplementalGroupsPolicy",
    ]
)
"""Keys of a security context that a pod has; the others are its container's."""


def job(launch: Launch, template: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the Job of an attempt.

    Args:
        launch: what is launched; `launch.pod` is what its profile asks of a cluster.
        template: the user's pod template, read.
    """
    pod = launch.pod
    ours = labels(launch.attempt, launch.key, launch.owner)
    metadata = {"labels": {**pod.get("labels", {}), **ours}, "annotations": _annotations(launch)}
    spec: dict[str, Any] = {
        **nodes.indexed(launch.resources.nodes),
        "template": _pod(launch, metadata, template),
    }
    keep = pod.get("keep", KEEP)
    if isinstance(keep, float | int):
        spec["ttlSecondsAfterFinished"] = math.ceil(keep)
    of_job = dict(metadata["labels"])
    if "queue" in pod:
        of_job["kueue.x-k8s.io/queue-name"] = pod["queue"]
        spec["suspend"] = True
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name_of(launch), "labels": of_job, "annotations": metadata["annotations"]},
        "spec": spec,
    }


def name_of(launch: Launch) -> str:
    """Return the name of an attempt's Job: by its key, where it has one, so that there is one for it at a time."""
    if not launch.key:
        return job_name(launch.attempt)
    store, volumes = str(launch.pod.get("store", launch.store)), launch.pod.get("volumes", {})
    apart = [volumes[folder]] if (folder := mounted(store, volumes)) else []  # one path may be two volumes
    apart += sorted(item for item in launch.pod.get("environment", {}).items() if "ENDPOINT" in item[0])
    return keyed_name(launch.key, json.dumps([store, *apart], sort_keys=True))


def _annotations(launch: Launch) -> dict[str, str]:
    return {**launch.pod.get("annotations", {}), "steppe/label": launch.label, "steppe/task": launch.task}


def _pod(launch: Launch, metadata: dict[str, Any], template: dict[str, Any] | None) -> dict[str, Any]:
    pod = launch.pod
    volumes, mounts = _volumes(launch)
    spec: dict[str, Any] = {
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": GRACE,
        "enableServiceLinks": False,
        "automountServiceAccountToken": launch.rights,
        "securityContext": _security(pod, of_pod=True),
        **placement(pod, launch.resources.gpu),
        "containers": [_container(launch, mounts)],
        "volumes": volumes,
    }
    if launch.timeout is not None:
        spec["activeDeadlineSeconds"] = math.ceil(launch.timeout) + BEHIND
    if "service_account" in pod:
        spec["serviceAccountName"] = pod["service_account"]
    if "pull_secrets" in pod:
        spec["imagePullSecrets"] = [{"name": name} for name in pod["pull_secrets"]]
    made = {"metadata": metadata, "spec": spec}
    if not template:
        return made
    whole = template if "spec" in template else {"spec": template}
    merged: dict[str, Any] = merge(made, {key: whole[key] for key in ("metadata", "spec") if key in whole})
    merged["metadata"]["labels"] = {**merged["metadata"].get("labels", {}), **metadata["labels"]}
    return merged


def _container(launch: Launch, mounts: list[dict[str, Any]]) -> dict[str, Any]:
    pod = launch.pod
    made: dict[str, Any] = {
        "name": CONTAINER,
        "image": pod["image"],
        "command": ["python", "-m", launch.program],
        "args": arguments(launch),
        "env": _environment(launch),
        "resources": _resources(launch),
        "securityContext": _security(pod, of_pod=False),
        "volumeMounts": mounts,
    }
    if "pull_policy" in pod:
        made["imagePullPolicy"] = pod["pull_policy"]
    return made


def arguments(launch: Launch) -> list[str]:
    """Return the worker's arguments."""
    given = {
        "--attempt": launch.attempt,
        "--store": launch.pod.get("store", launch.store),
        "--tier": TIER,
        "--environments": ENVIRONMENTS,
        "--root": launch.root,
        "--folder": launch.folder,
        "--timeout": f"{launch.timeout:g}" if launch.timeout is not None else "",
        "--memory": str(launch.resources.memory or ""),
        "--gpu": str(launch.resources.gpu or ""),
        **nodes.arguments(launch.resources.nodes),
    }
    return [launch.task, "--watched", *(part for name, value in given.items() if value for part in (name, value))]


def _environment(launch: Launch) -> list[dict[str, Any]]:
    pod = launch.pod
    plain = {"HOME": HOME, "USER": "steppe", **pod.get("environment", {})}
    ours = nodes.environment(launch.resources.nodes, plain.get("MASTER_PORT", nodes.PORT))
    own = {each["name"] for each in ours}
    found: list[dict[str, Any]] = [{"name": name, "value": value} for name, value in plain.items() if name not in own]
    found += ours
    for name, reference in pod.get("secrets", {}).items():
        secret, _, key = reference.partition("/")
        found.append({"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}})
    return found


def _resources(launch: Launch) -> dict[str, Any]:
    asked, pod = launch.resources, launch.pod
    limits: dict[str, str] = {}
    if asked.cpu > 0:
        limits["cpu"] = _cores(asked.cpu)
    if asked.memory is not None:
        limits["memory"] = str(asked.memory)
    if "ephemeral_storage" in pod:
        limits["ephemeral-storage"] = str(pod["ephemeral_storage"])
    requests = dict(limits)
    for name, value in pod.get("requests", {}).items():
        requests[name.replace("_", "-")] = _cores(value) if name == "cpu" else str(value)
    if asked.gpu:
        limits[gpu_resource(pod.get("gpu_vendor", "nvidia"))] = str(asked.gpu)
    return {"limits": limits, "requests": requests}


def _cores(cpu: float) -> str:
    return f"{math.ceil(cpu * 1000)}m"


def _security(pod: dict[str, Any], *, of_pod: bool) -> dict[str, Any]:
    """Return a security context that the restricted standard lets pass, with the profile's keys over it."""
    if of_pod:
        made: dict[str, Any] = {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        }
    else:
        made = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    asked = pod.get("security_context", {})
    merged: dict[str, Any] = merge(made, {key: value for key, value in asked.items() if (key in POD_KEYS) == of_pod})
    return merged


def _volumes(launch: Launch) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    pod = launch.pod
    asked: dict[str, Any] = dict(pod.get("volumes", {}))
    found = [volume("work", WORK, "empty")]
    if launch.root and not mounted(launch.root, asked):
        found.append(volume("project", launch.root, "empty"))
    if "environments" in pod:
        found.append(volume("environments", ENVIRONMENTS, pod["environments"]))
    if "shm" in pod:
        memory = {"emptyDir": {"medium": "Memory", "sizeLimit": str(pod["shm"])}}
        found.append(volume("shm", "/dev/shm", memory))  # noqa: S108
    # a volume inside another one's folder comes after it
    for number, (path, spec) in enumerate(sorted(asked.items())):
        found.append(volume(f"volume-{number}", path.rstrip("/") or "/", spec))
    return [each for each, _ in found], [mount for _, mount in found]
