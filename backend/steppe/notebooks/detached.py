"""Headless runs that go on in a cluster: their drivers launched and followed, and what they leave brought home."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from steppe.catalog import Catalog, RunFilter, open_catalog, travel
from steppe.errors import SteppeError, UsageError
from steppe.executors.executor import Launch
from steppe.ids import new_id
from steppe.notebooks import checks
from steppe.notebooks.leaving import left, name_of
from steppe.notebooks.marks import Steps
from steppe.notebooks.orders import Ended, Order, items_of, record_of
from steppe.notebooks.outcome import Outcome, steps_of
from steppe.notebooks.run import user
from steppe.notebooks.source import place_of, read
from steppe.settings import Project, load_project, make_state
from steppe.store import open_store
from steppe.store.store import Store
from steppe.types import Digest, Run
from steppe.worker.events import Event
from steppe.worker.luggage import Luggage

DRIVER = "driver"
"""The profile that tells of driver pods, where a run names none."""

KEPT = "What had finished is kept: the next run goes on from there."

ELSEWHERE = "kubernetes/"
"""How the host of a run in a cluster begins; its namespace follows."""


def detach(
    notebook: Path,
    *,
    parameters: dict[str, Any] | None = None,
    steps: Steps = Steps.TAGGED,
    jobs: int = 1,
    refresh: tuple[str, ...] = (),
    kernel: str | None = None,
    profile: str = "",
    run_id: str = "",
) -> str:
    """Launch the driver of a run, and return the run's id.

    Args:
        notebook: what to run.
        parameters: values for the cell tagged `parameters`.
        steps: which cells are steps.
        jobs: how many steps may run side by side.
        refresh: steps that run although they would hit; `*` for all.
        kernel: the kernel's name in the driver's image; the notebook's own when not given.
        profile: tells of the driver's pod; `driver` where there is one, and none is given.
        run_id: the Run's id, where whoever starts it has to know it before.

    Raises:
        UsageError: it can't run there; nothing was launched.
    """
    source = read(notebook)
    project = load_project(notebook.parent, os.environ)
    checks.refreshed(refresh, source, steps, project)
    checks.parameters(parameters or {}, source)
    run_id = run_id or new_id(time.time(), secrets.randbits)
    with opened(project) as (store, catalog):
        order, launch = ordered(
            notebook,
            project,
            store,
            Order(run=run_id, notebook="", luggage=Luggage(), parameters=parameters or {}, steps=steps.value, jobs=jobs,
                  refresh=refresh, kernel=kernel),
            profile,
        )  # fmt: skip
        launch = msgspec.structs.replace(launch, task=store.put([msgspec.msgpack.encode(order)]))
        cluster_executor(project).launch(launch).leave()
        run = Run(
            id=run_id,
            kind="headless",
            parameters=order.parameters,
            notebook=source.id or order.notebook,
            path=order.notebook,
            owner=user(),
            host=ELSEWHERE + str(launch.pod.get("namespace", "")),
            started=time.time(),
        )
        catalog.runs.begin(run)
    return run_id


def ordered(notebook: Path, project: Project, store: Store, order: Order, profile: str) -> tuple[Order, Launch]:
    """Return an order with the project that goes along, and how its driver is launched, but for its `task`.

    Raises:
        UsageError: there is no such profile, or the project is too large to go along.
    """
    options, pod = profile_of(project, profile)
    pod = cluster_executor(project).whole(pod)
    shared = project.settings.catalog.startswith("postgres")
    order = msgspec.structs.replace(
        order,
        notebook=place_of(notebook.resolve(), project.root),
        luggage=Luggage(files=tuple(items_of(project, store, pod))),
        catalog=None if shared else store.put([travel.take(_file(project))]),
    )
    launch = Launch(
        task=Digest(""),
        attempt=order.run,
        store=project.settings.store or str(project.state / "store"),
        resources=options.resources,
        timeout=float(options.timeout) if isinstance(options.timeout, int | float) else None,
        label=f"the driver of {order.notebook}",
        folder=str(notebook.resolve().parent),
        root=project.root,
        owner={
            "project": os.path.basename(project.root),
            "user": user(),
            "notebook": order.notebook,
            "step": DRIVER,
            "run": order.run,
        },
        pod=pod,
        program="steppe.notebooks.driver",
        rights=True,
    )
    return order, launch


def attach(start: Path, run_id: str, output: Path | None, tell: Callable[[Event], None]) -> Outcome:
    """Follow a run to its end, and bring home what it wrote. An interrupt leaves it running.

    Args:
        start: a folder in the project.
        run_id: the run's id, or its beginning.
        output: where the executed notebook goes; a folder of the run's own under `.steppe/runs` when not given.
        tell: told what its driver tells.

    Raises:
        UsageError: there is no such run in a cluster, or neither it nor its end can be found.
    """
    project = load_project(start, os.environ)
    with opened(project) as (store, catalog):
        run = _named(catalog, run_id)
        ended = ended_of(store, run.id)
        ended = ended_of(store, run.id)
        if ended is None and run.status != "running":  # cancelled before it could leave a record, say
            ended = Ended(status=run.status)
        if ended is None:
            ended = _followed(project, store, run.id, tell)
        bring_home(project, store, catalog, run, ended)
        output = output or make_state(project) / "runs" / run.id / os.path.basename(run.path)
        outcome = Outcome(run.id, run.path, str(output) if ended.output is not None else "")
        if ended.output is not None:
            output.parent.mkdir(parents=True, exist_ok=True)
            output.write_bytes(store.get(ended.output))
        outcome.status, outcome.error, outcome.seconds = ended.status, ended.error, ended.seconds
        outcome.warnings = list(ended.warnings)
        outcome.steps = list(steps_of(run.id, catalog))
        return outcome


def _followed(project: Project, store: Store, run: str, tell: Callable[[Event], None]) -> Ended:
    """Follow a run's driver to its end, and return how that was."""
    executor = cluster_executor(project)
    flight = executor.attach(executor.handle(run))
    if flight is None:
        ended = ended_of(store, run)  # it may just have ended
        if ended is None:
            raise UsageError(f"the run {run} is not in the cluster any more, and has left no result: run it again.")
        return ended
    end = flight.follow(tell)
    assert end is not None
    if end.how == "left":
        raise UsageError(f"the run {run} can't be followed: {end.why}.")
    error = f"its driver: {end.why}." if end.why else ""
    if end.how in ("lost", "killed"):
        error += f" {KEPT}"
    return ended_of(store, run) or Ended(status="cancelled" if end.how == "cancelled" else "failed", error=error)


def cancel(start: Path, run_id: str) -> tuple[str, str]:
    """End a run in a cluster, with all the steps that it has there; return its id, and how it ended.

    Raises:
        UsageError: there is no such run.
    """
    project = load_project(start, os.environ)
    with opened(project) as (store, catalog):
        run = _named(catalog, run_id)
        executor = cluster_executor(project)
        if run.status != "running":
            if run.status == "failed":  # its driver may be lost, and its steps go on
                with suppress(SteppeError):  # or it never was in a cluster
                    executor.end_run(run.id)
            return run.id, run.status
        executor.end_run(run.id)
        flight = executor.attach(executor.handle(run.id))
        if flight is not None:
            flight.cancel()
            flight.follow(lambda _: None)
        ended = ended_of(store, run.id) or Ended(status="cancelled")
        executor.end_run(run.id)  # what its driver has launched meanwhile
        return run.id, bring_home(project, store, catalog, run, ended).status


def settle(project: Project, store: Store, catalog: Catalog) -> None:
    """Bring home the runs in a cluster that have ended since somebody looked."""
    if catalog.read_only:
        return
    for run in catalog.runs.list(RunFilter(status="running"), limit=200).items:
        if run.host.startswith(ELSEWHERE) and (ended := ended_of(store, run.id)) is not None:
            bring_home(project, store, catalog, run, ended)


def bring_home(project: Project, store: Store, catalog: Catalog, run: Run, ended: Ended) -> Run:
    """Enter what a run wrote into the user's Catalog, once."""
    current = catalog.runs.get(run.id) or run
    if current.status != "running":
        return current
    wrote = left(store, run.id) if ended.catalog is None else bytes(store.get(ended.catalog))
    if wrote is not None:
        catalog.flush()
        with TemporaryDirectory(prefix="steppe-catalog-") as folder:
            away = Path(folder, "catalog.db")
            away.write_bytes(wrote)
            travel.bring(_file(project), away, run.id)
        current = catalog.runs.get(run.id) or run
        store.delete_record(name_of(run.id))
    return catalog.runs.finish(current, status=ended.status, ended=time.time())


def ended_of(store: Store, run: str) -> Ended | None:
    """Return how a run's driver said that it ended; None where it has not."""
    data = store.read_record(record_of(run))
    return None if data is None else msgspec.msgpack.decode(data, type=Ended)


def _named(catalog: Catalog, run_id: str) -> Run:
    found = catalog.runs.beginning(run_id) if run_id else []
    if len(found) > 1:
        raise UsageError(f"{run_id} is the beginning of several runs: {', '.join(found)}.")
    run = catalog.runs.get(found[0]) if found else None
    if run is None:
        raise UsageError(f"there is no run {run_id}: `steppe runs` lists those that there are.")
    return run


def profile_of(project: Project, name: str) -> tuple[Any, dict[str, Any]]:
    """Return the options and the pod of a profile; of none where none is named, and there is no `driver`."""
    from steppe.analysis.options import from_mapping

    profiles = project.settings.profiles
    if name and name not in profiles:
        known = f"there are {', '.join(sorted(profiles))}" if profiles else "there is none"
        raise UsageError(f"--profile {name}: {known}. Write it to [tool.steppe.profiles.{name}].")
    profile = {key: value for key, value in profiles.get(name or DRIVER, {}).items() if key not in ("on", "wait")}
    options = from_mapping({}, name=DRIVER, profile=profile)
    if options.resources.nodes > 1:
        raise UsageError(
            f"[tool.steppe.profiles.{name or DRIVER}] nodes: one pod drives a run. Give nodes to its steps."
        )
    return options, options.pod


def cluster_executor(project: Project) -> Any:
    """Return the executor that launches drivers."""
    from steppe.executors.kubernetes import KubernetesExecutor

    return KubernetesExecutor.of(project)


def _file(project: Project) -> Path:
    place = project.settings.catalog or str(project.state / "catalog.db")
    return Path(place.removeprefix("sqlite:///"))


@contextmanager
def opened(project: Project) -> Iterator[tuple[Store, Catalog]]:
    """Open a project's Store and Catalog, all that was written to that in its file."""
    state = make_state(project)
    store = open_store(project.settings.store or str(state / "store"), state / "store")
    with open_catalog(project.settings.catalog or str(state / "catalog.db")) as catalog:
        catalog.flush()
        yield store, catalog
