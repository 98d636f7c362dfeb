"""What the commands do with schedules that a cluster keeps; nothing with all others, for which no cluster is asked."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from steppe.catalog import Catalog, Due, Schedule
from steppe.errors import UsageError
from steppe.schedules import making
from steppe.settings import Project, load_project, make_state
from steppe.store import open_store

if TYPE_CHECKING:
    from steppe.store.store import Store


def make_there(catalog: Catalog, root: str, schedule: Schedule, profile: str, *, replace: bool) -> Schedule:
    """Enter a schedule and make its CronJob; neither where the cluster does not take it."""
    from steppe.schedules import in_cluster

    in_cluster.refuse(schedule)
    project = _project(root)
    schedule = msgspec.structs.replace(schedule, namespace=in_cluster.namespace_of(project, profile))
    before = catalog.schedules.named(root, schedule.name)
    if before is not None and replace and not before.where:
        raise UsageError(f"{schedule.name} is kept here: remove it first, or give another with --name.")
    made = making.make(catalog, root, schedule, replace=replace)
    try:
        in_cluster.put(project, _store(project), catalog, made, profile)
    except BaseException:
        if before is None:
            in_cluster.release(catalog, made)
            catalog.schedules.remove(made.id)
        else:
            catalog.schedules.change(catalog.schedules.get(made.id) or made, before)
        raise
    return made


def settled(catalog: Catalog, root: str, name: str = "") -> list[str]:
    """Bring home what clusters have run; return why one could not be asked."""
    found = [each for each in catalog.schedules.all(root) if each.where and name in ("", each.name)]
    if not found or catalog.read_only:
        return []
    from steppe.schedules import in_cluster

    project = _project(root)
    store = _store(project)
    problems = (in_cluster.settle(project, store, catalog, schedule) for schedule in found)
    return list(dict.fromkeys(problem for problem in problems if problem))


def suspended(schedule: Schedule, *, over: bool) -> None:
    """Pause a schedule in its cluster, or have it go on there."""
    if schedule.where:
        from steppe.schedules import in_cluster

        in_cluster.suspend(_project(schedule.root), schedule, over=over)


def removed(catalog: Catalog, schedule: Schedule) -> None:
    """Remove a schedule from its cluster."""
    if schedule.where:
        from steppe.schedules import in_cluster

        in_cluster.remove(_project(schedule.root), catalog, schedule)


def run_there(catalog: Catalog, schedule: Schedule) -> Due | None:
    """Have a schedule run now in its cluster; None where it has none."""
    if not schedule.where:
        return None
    from steppe.schedules import in_cluster

    due = int(catalog.claims.now())
    while not catalog.schedules.enter(entered := in_cluster.by_hand(schedule, due)):
        due += 1
    in_cluster.run_now(_project(schedule.root), schedule, due)
    return entered


def _project(root: str) -> Project:
    return load_project(Path(root), os.environ)


def _store(project: Project) -> Store:
    state = make_state(project)
    return open_store(project.settings.store or str(state / "store"), state / "store")
