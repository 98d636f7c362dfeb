"""The executor `kubernetes`: launches a Job for each attempt, and finds it again."""

from __future__ import annotations

import os
import threading
import time
from typing import Any

import msgspec

from steppe.errors import UsageError
from steppe.executors.executor import Executor, Launch
from steppe.executors.kubernetes.cluster import Cluster, Refused, Unreachable
from steppe.executors.kubernetes.flight import KubernetesFlight
from steppe.executors.kubernetes.jobs import create, delete, list_jobs
from steppe.executors.kubernetes.manifest import job
from steppe.executors.kubernetes.names import PREFIX, job_name
from steppe.executors.kubernetes.quotas import missing, quotas
from steppe.executors.kubernetes.reach import unreachable
from steppe.executors.kubernetes.watch import Watch
from steppe.settings import Project
from steppe.types import Resources

NAME = "kubernetes"
HOLDS = 30.0
"""Seconds for which the quotas of a namespace are not looked up again."""


class KubernetesExecutor(Executor):
    """Runs tasks in pods of a cluster that the user's kubeconfig reaches.

    Attributes:
        name: `kubernetes`.
        carries: True: pods see nothing of this machine's disk.
    """

    name = NAME
    carries = True

    def __init__(self, pod: dict[str, Any] | None = None, namespaces: tuple[str, ...] = (), root: str = "") -> None:
        """Prepare; the cluster is asked when it is first needed.

        Args:
            pod: what holds for every step, as `pod_options` reads it.
            namespaces: others that the project's profiles name.
            root: the project's folder, where pod templates are.
        """
        self._pod = dict(pod or {})
        self._namespaces = namespaces
        self._root = root
        self._lock = threading.Lock()
        self._clusters: dict[str, Cluster] = {}
        self._quotas: dict[tuple[str, str], tuple[float, dict[str, dict[str, float]]]] = {}
        self._watches: dict[tuple[str, str], Watch] = {}
        self._ended: set[str] = set()  # attempts that have told of their end, though the cluster may not know it yet

    @classmethod
    def of(cls, project: Project) -> KubernetesExecutor:
        """Make the executor of a project: the profile of its name holds for all its steps."""
        from steppe.analysis.pod_options import split

        pods = {name: split(profile)[1] for name, profile in project.settings.profiles.items()}
        namespaces = (pod["namespace"] for pod in pods.values() if "namespace" in pod)
        return cls(pods.get(NAME, {}), tuple(dict.fromkeys(namespaces)), project.root)

    def fits(self, resources: Resources, pod: dict[str, Any] | None = None) -> str:
        """Return nothing where a quota of the namespace could ever let such a pod pass, else what is missing."""
        if resources == Resources():
            return ""
        asked = self.whole(pod or {})
        try:
            key = asked.get("context", ""), self.namespace(asked)
            read, found = self._quotas.get(key, (0.0, {}))
            if time.monotonic() > read + HOLDS or not read:
                found = quotas(self.cluster(asked), key[1])
                self._quotas[key] = time.monotonic(), found
        except (Refused, Unreachable):  # it may be that nobody may ask: the cluster will tell
            return ""
        return missing(resources, asked, found)

    def whole(self, pod: dict[str, Any]) -> dict[str, Any]:
        """Return what a step's profile asks of a cluster, over what holds for every step."""
        return {**self._pod, **pod}

    def launch(self, launch: Launch) -> KubernetesFlight:
        """Make a Job; it waits in the cluster by itself."""
        pod, label = self.whole(launch.pod), launch.label
        body = self.manifest(launch)
        missing_here = self.fits(launch.resources, launch.pod)
        if missing_here:
            raise UsageError(f"`{label}` can't run on kubernetes: {missing_here}.")
        cluster, namespace = self.cluster(pod), self.namespace(pod)
        try:
            made = create(cluster, namespace, body, self._ended)
        except Refused as error:
            raise UsageError(f"`{label}` can't run on kubernetes: {error}.") from error
        told = made["metadata"]["labels"]
        ours = told["steppe/attempt"] == launch.attempt
        flight = self._flight(cluster, namespace, told["steppe/attempt"], made, launch.resources.memory, launched=ours)
        if not ours:
            flight.attempt = told["steppe/attempt"]
            user = told.get("steppe/user", "")
            flight.left_to = user if user != body["metadata"]["labels"].get("steppe/user", "") else ""
        return flight

    def manifest(self, launch: Launch) -> dict[str, Any]:
        """Return the Job that would be made.

        Raises:
            UsageError: its pod could not do without something that is known to be missing.
        """
        pod = self.whole(launch.pod)
        missing_here = unreachable(launch, pod)
        if missing_here:
            raise UsageError(f"`{launch.label}` can't run on kubernetes: {missing_here}.")
        return job(msgspec.structs.replace(launch, pod=pod), read_template(pod, self._root))

    def handle(self, attempt: str) -> str:
        """Return what the Job that an attempt will have is found by."""
        return job_name(attempt)

    def attach(self, handle: str) -> KubernetesFlight | None:
        """Return the attempt whose Job is found by that; None where no namespace of the project's has it."""
        if not handle.startswith(PREFIX):
            return None
        cluster = self.cluster(self._pod)
        own = self.namespace(self._pod)
        for namespace in dict.fromkeys((own, *self._namespaces)):
            attempt = handle.removeprefix(PREFIX)
            try:
                found = list_jobs(cluster, namespace, f"steppe/attempt={attempt}")
            except Refused as error:
                if namespace == own or error.status not in (403, 404):  # it may be there, though nobody tells
                    raise
                continue
            if found:
                return self._flight(cluster, namespace, attempt, found[0], None)
        return None

    def end_run(self, run: str) -> None:
        """Delete all the Jobs of a run, with what they have here."""
        cluster, own = self.cluster(self._pod), self.namespace(self._pod)
        for namespace in dict.fromkeys((own, *self._namespaces)):
            try:
                for found in list_jobs(cluster, namespace, f"steppe/run={run}"):
                    delete(cluster, namespace, found)
            except Refused as error:
                if namespace == own or error.status not in (403, 404):
                    raise

    def close(self) -> None:
        """Let go; Jobs under way go on."""

    def _flight(
        self,
        cluster: Cluster,
        namespace: str,
        attempt: str,
        made: dict[str, Any],
        memory: int | None,
        *,
        launched: bool = False,
    ) -> KubernetesFlight:
        with self._lock:
            key = (str(id(cluster)), namespace)
            watch = self._watches.setdefault(key, Watch(cluster, namespace))
        return KubernetesFlight(cluster, watch, namespace, attempt, made, memory, self._ended.add, launched=launched)

    def cluster(self, pod: dict[str, Any]) -> Cluster:
        """Return the cluster that a step goes to."""
        context = pod.get("context", "")
        with self._lock:
            return self._clusters.setdefault(context, Cluster(context))

    def namespace(self, pod: dict[str, Any]) -> str:
        """Return the namespace that a step goes to."""
        return str(pod.get("namespace") or self.cluster(pod).namespace)


def read_template(pod: dict[str, Any], root: str) -> dict[str, Any] | None:
    """Return the user's pod template, read where it is a file.

    Raises:
        UsageError: it can't be read, or is no YAML mapping.
    """
    template = pod.get("pod_template")
    if template is None or isinstance(template, dict):
        return template
    import yaml

    path = os.path.join(root, template)
    try:
        with open(path, encoding="utf-8") as file:
            found = yaml.safe_load(file)
    except OSError as error:
        raise UsageError(f"pod-template: {path} can't be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"pod-template: {path} is no YAML: {' '.join(str(error).split())}.") from error
    if not isinstance(found, dict):
        raise UsageError(f"pod-template: {path} holds no mapping: write a pod's `spec`, or a whole pod.")
    return found
