"""`steppe doctor --on kubernetes`: can steps of this project run in its cluster? Tried with a tiny pod."""

from __future__ import annotations

import secrets
import time

import msgspec

from steppe.errors import SteppeError
from steppe.executors.executor import End, Launch
from steppe.executors.kubernetes import KubernetesExecutor
from steppe.executors.kubernetes.rights import FOR_WORDS, lacking
from steppe.ids import new_id
from steppe.lineage.doctor import Health
from steppe.lineage.opened import store_of
from steppe.settings import Project
from steppe.types import Resources
from steppe.wording import lasting
from steppe.worker.events import Event
from steppe.worker.execution import Intent
from steppe.worker.task import AttemptRecord, Task, record_name

WAIT = 300.0
"""Seconds for which the tiny pod is waited for."""


def examine_cluster(project: Project, *, wait: float = WAIT) -> Health:
    """Examine the access to a cluster, its rights and quotas, the image, and the store from within a pod."""
    health = Health()
    executor = KubernetesExecutor.of(project)
    pod = executor.whole({})
    try:
        cluster, namespace = executor.cluster(pod), executor.namespace(pod)
        health.checked["namespace"] = namespace
        missing = lacking(cluster, namespace)
    except SteppeError as error:
        health.add("cluster", str(error))
        return health
    for verb, resource in missing:
        loss = "what keeps steps waiting is told less well" if resource in FOR_WORDS else "steps can't run"
        health.add(
            "rights",
            f"you may not {verb} {resource} in the namespace {namespace}, so {loss}: `steppe manifest --rbac` prints "
            "the Role to ask for.",
        )
    health.checked["rights"] = "all" if not missing else f"{len(missing)} missing"
    if all(resource in FOR_WORDS for _, resource in missing):
        _try_a_pod(health, executor, project, wait)
    return health


def _try_a_pod(health: Health, executor: KubernetesExecutor, project: Project, wait: float) -> None:
    """Run a step that does nothing, and read what it left in the store."""
    attempt = new_id(time.time(), secrets.randbits)
    began = time.monotonic()
    started: list[float] = []

    def heard(event: Event) -> None:
        if event.kind == "started":
            started.append(time.monotonic() - began)

    try:
        store = store_of(project)
        task = Task(label="steppe doctor", source="x = 1", intent=Intent(binds=frozenset({"x"}), keep=False))
        launch = Launch(
            task=store.put([msgspec.msgpack.encode(task)]),
            attempt=attempt,
            store=project.settings.store or str(project.state / "store"),
            resources=Resources(cpu=0.1),
            label="steppe doctor",
            owner={"step": "doctor"},
        )
        flight = executor.launch(launch)
        end = flight.follow(heard, timeout=wait)
        if end is None:
            flight.cancel()
            waited = flight.queued or "its pod to end"
            end = End(how="refused", why=f"after {lasting(wait)} it still waits for {waited}")
        data = store.read_record(record_name(attempt))
        store.delete_record(record_name(attempt))
    except SteppeError as error:
        health.add("pod", str(error))
        return
    if end.how != "done":
        health.add("pod", f"a tiny pod did not run: {end.why}.")
        return
    record = msgspec.msgpack.decode(data, type=AttemptRecord) if data is not None else None
    if record is None:
        health.add("store", "a tiny pod ran, but what it left is not in the store: its store is another one than here.")
        return
    health.checked["pod"] = f"ran: its code began after {lasting(started[0] if started else 0.0)}"
    health.checked["store from the pod"] = "read and written"
