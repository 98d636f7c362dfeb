"""Schedules that a cluster keeps: a CronJob makes their runs, whether or not this machine is there."""

from __future__ import annotations

import time
from collections import deque
from pathlib import Path
from typing import Any

import msgspec

from steppe.catalog import Catalog, Due, Schedule
from steppe.errors import SteppeError, UsageError
from steppe.executors.kubernetes import cron_jobs
from steppe.executors.kubernetes.cluster import Cluster, Refused
from steppe.executors.kubernetes.jobs import has_ended
from steppe.notebooks.detached import ELSEWHERE, bring_home, cluster_executor, ended_of, ordered, profile_of
from steppe.notebooks.orders import Ended, Order
from steppe.notebooks.run import user
from steppe.notebooks.source import read
from steppe.schedules.due_pod import DueOrder, run_of
from steppe.schedules.entering import PUNCTUAL
from steppe.schedules.parameters import parameters_at
from steppe.schedules.settling import ENDED
from steppe.schedules.times import due_times, local
from steppe.settings import Project
from steppe.store.store import Store
from steppe.types import Digest, Run
from steppe.worker.luggage import Luggage

WHERE = "kubernetes"

LASTS = 10 * 365 * 86400.0
"""Seconds for which the project that goes along is held in the Store, if its schedule is never removed."""

LOOKED_AT = 50
"""Times of the past that are looked for at once."""


def refuse(schedule: Schedule) -> None:
    """Refuse what a CronJob can't do.

    Raises:
        UsageError: the schedule asks for it.
    """
    if schedule.catchup == "all":
        raise UsageError("--catch-up all: a CronJob runs the latest of missed times at most; give latest or skip.")
    if len(schedule.cron.split()) > 5:
        raise UsageError(f"--cron {schedule.cron!r}: a CronJob knows no seconds; give five fields.")
    asked = {"--jitter": schedule.jitter, "--retries": schedule.retries, "--webhook": schedule.webhooks,
             "--slack": schedule.slack}  # fmt: skip
    for option, given in asked.items():
        if given:
            raise UsageError(f"{option}: a CronJob has none; leave it out, or let `steppe scheduler` run the notebook.")


def put(project: Project, store: Store, catalog: Catalog, schedule: Schedule, profile: str) -> None:
    """Make the CronJob of a schedule that has been entered, or change it; the project goes along as it is now.

    Raises:
        UsageError: the cluster does not take it; nothing was made there.
    """
    order, launch = ordered(
        Path(project.root, schedule.notebook),
        project,
        store,
        Order(run=schedule.id, notebook="", luggage=Luggage(), steps=schedule.steps, jobs=schedule.jobs,
              kernel=schedule.kernel or None),
        profile,
    )  # fmt: skip
    whole = DueOrder(schedule=msgspec.structs.replace(schedule, webhooks=(), slack=()), order=order)
    task = store.put([msgspec.msgpack.encode(whole)])
    blobs = [task, *(item.blob for item in order.luggage.files), *([order.catalog] if order.catalog else [])]
    catalog.leases.release(_holder(schedule))
    catalog.leases.hold(_holder(schedule), [Digest(blob) for blob in blobs if blob], LASTS)
    launch = msgspec.structs.replace(
        launch,
        task=task,
        program="steppe.schedules.due_pod",
        label=f"the schedule {schedule.name}",
        owner={**launch.owner, "run": ""},
    )
    executor = cluster_executor(project)
    try:
        body = cron_jobs.cron_job(executor.manifest(launch), schedule.id, when(schedule))
        cluster, namespace = _place(project, schedule)
        cron_jobs.put(cluster, namespace, body)
    except Refused as error:
        raise UsageError(f"the schedule {schedule.name} can't be kept on kubernetes: {error}.") from error


def namespace_of(project: Project, profile: str) -> str:
    """Return the namespace of a schedule's driver."""
    executor = cluster_executor(project)
    return str(executor.namespace(executor.whole(profile_of(project, profile)[1])))


def when(schedule: Schedule) -> dict[str, Any]:
    """Return what a CronJob's spec says of times.

    Of times that were missed, the controller starts the latest; those that are to be skipped have a deadline.
    """
    found: dict[str, Any] = {
        "schedule": schedule.cron,
        "timeZone": schedule.zone,
        "concurrencyPolicy": "Forbid" if schedule.parallel == 1 else "Allow",
        "suspend": schedule.paused,
    }
    if schedule.catchup == "skip":
        found["startingDeadlineSeconds"] = int(PUNCTUAL)
    return found


def suspend(project: Project, schedule: Schedule, *, over: bool) -> None:
    """Pause the CronJob of a schedule, or have it go on."""
    cron_jobs.suspend(*_place(project, schedule), cron_jobs.name_of(schedule.id), over=over)


def remove(project: Project, catalog: Catalog, schedule: Schedule) -> None:
    """Delete the CronJob of a schedule, with what it runs."""
    cron_jobs.remove(*_place(project, schedule), cron_jobs.name_of(schedule.id))
    release(catalog, schedule)


def release(catalog: Catalog, schedule: Schedule) -> None:
    """Let go of what was held for a schedule's runs."""
    catalog.leases.release(_holder(schedule))


def by_hand(schedule: Schedule, due: int) -> Due:
    """Return a due time beside the cron line's, as it is entered."""
    return Due(schedule=schedule.id, due=due, state="started", open=0, origin="now", run=run_of(schedule.id, due))


def run_now(project: Project, schedule: Schedule, due: int) -> None:
    """Have the cluster run a schedule for a time that has been entered."""
    cron_jobs.run_now(*_place(project, schedule), cron_jobs.name_of(schedule.id), due)


def settle(project: Project, store: Store, catalog: Catalog, schedule: Schedule) -> str:
    """Enter what has become of a schedule's times, and bring their runs home.

    Returns:
        Why the cluster could not be asked; empty where it was.
    """
    problem, jobs = "", {}
    try:
        jobs = cron_jobs.jobs_of(*_place(project, schedule), schedule.id)
    except SteppeError as error:
        problem = str(error)
    now = catalog.claims.now()
    passed = due_times(schedule.cron, schedule.zone, max(schedule.created, now - 7 * 86400), now)
    known = {due.due: due for due in catalog.schedules.dues(schedule.id, LOOKED_AT)}
    for time_due in sorted({*deque(passed, LOOKED_AT), *jobs, *known}):
        before = known.get(time_due)
        if before is None or before.state not in ENDED:
            _settle(project, store, catalog, schedule, time_due, before, jobs.get(time_due))
    return problem


def _settle(
    project: Project,
    store: Store,
    catalog: Catalog,
    schedule: Schedule,
    time_due: int,
    before: Due | None,
    job: dict[str, Any] | None,
) -> None:
    run = run_of(schedule.id, time_due)
    ended = ended_of(store, run)
    if ended is None and job is None:
        return  # it was skipped, or has not begun
    due = before or Due(schedule=schedule.id, due=time_due, state="started", open=0, run=run)
    if ended is not None:
        output = _kept(project, store, catalog, schedule, due, ended)
        state = "succeeded" if ended.status == "succeeded" else "failed"
        after = msgspec.structs.replace(due, state=state, error=ended.error, output=output, tries=1)
    elif job is not None and has_ended(job):
        name = job["metadata"]["name"]
        error = f"its driver has left no result: `kubectl -n {schedule.namespace} logs job/{name}` says why, if it can"
        after = msgspec.structs.replace(due, state="failed", error=error, tries=1)
    else:
        after = msgspec.structs.replace(due, state="running", tries=1)
    if after.state in ENDED:
        after = msgspec.structs.replace(after, ended=catalog.claims.now())
    if before is None:
        catalog.schedules.enter(after)
    elif before != after:
        catalog.schedules.move(before, after)


def _kept(project: Project, store: Store, catalog: Catalog, schedule: Schedule, due: Due, ended: Ended) -> str:
    """Enter a run that has ended into the user's Catalog, and write its notebook; return the path of that."""
    run = run_of(schedule.id, due.due)
    notebook = Path(project.root, schedule.notebook)
    if catalog.runs.get(run) is None:
        begun = Run(
            id=run,
            kind="headless",
            parameters=parameters_at(schedule, due.due),
            notebook=(read(notebook).id if notebook.exists() else "") or schedule.notebook,
            path=schedule.notebook,
            owner=schedule.owner or user(),
            host=ELSEWHERE + schedule.namespace,
            started=time.time() - ended.seconds,
        )
        catalog.runs.begin(begun)
        bring_home(project, store, catalog, begun, ended)
    if ended.output is None:
        return ""
    name = f"{local(due.due, schedule.zone):%Y-%m-%d-%H%M%S}-{run[-4:]}.ipynb"
    output = notebook.parent / f"{notebook.stem}-runs" / name
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(store.get(ended.output))
    return str(output)


def _place(project: Project, schedule: Schedule) -> tuple[Cluster, str]:
    executor = cluster_executor(project)
    return executor.cluster(executor.whole({})), schedule.namespace


def _holder(schedule: Schedule) -> str:
    return f"schedule:{schedule.id}"
