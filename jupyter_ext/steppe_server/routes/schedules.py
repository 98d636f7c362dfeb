"""Schedules: lists, one whole, made, changed, paused, removed, run now or for the past; and when a line is due."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import islice
from typing import Any

import msgspec

from steppe.catalog import Catalog, open_catalog
from steppe.catalog import Schedule as Kept
from steppe.errors import UsageError
from steppe.lineage.opened import Opened, catalog_place
from steppe.notebooks.source import read
from steppe.schedules import making
from steppe.schedules.shown import schedule_document
from steppe.schedules.times import forthcoming, local, machine_zone, moment_of, zone_of
from steppe.settings import make_state
from steppe_server.errors import Conflict, NotFound, Refused
from steppe_server.projects import Projects
from steppe_server.routes.handler import Handler
from steppe_server.schedulers import Schedulers
from steppe_server.schemas import queries
from steppe_server.schemas.schedules import (
    BackfillAsked,
    DueTimes,
    Removed,
    Schedule,
    ScheduleAsked,
    ScheduleChange,
    Schedules,
)

LATEST = 20
"""Due times of one schedule that are told."""

NEXT = 3
"""Times to come of a line that are told."""


class _Handler(Handler):
    @property
    def schedulers(self) -> Schedulers:
        """The schedulers that this server starts."""
        found: Schedulers = self.settings["steppe_schedulers"]
        return found

    async def changed(self, path: str, id_: str, change: Callable[[Catalog, Kept], Any]) -> Schedule:
        """Do something with a schedule, see to it that a scheduler runs, and tell how it stands then."""

        def work(opened: Opened) -> Schedule:
            change(opened.catalog, of_here(kept(opened, id_)))
            self.schedulers.see(opened.project, opened.catalog)
            return told(self.projects, opened, kept(opened, id_))

        return await self.of_project(path, work)


class SchedulesHandler(_Handler):
    """`schedules`."""

    async def on_get(self, query: queries.Place, _body: None) -> Schedules:
        """List schedules."""

        def listed(opened: Opened) -> Schedules:
            found = opened.catalog.schedules.all(opened.project.root)
            runs = self.schedulers.see(opened.project, opened.catalog)
            return Schedules(items=[told(self.projects, opened, each, 1) for each in found], scheduler=runs)

        return await self.of_project(query.path, listed, Schedules(items=[], scheduler=False))

    async def on_post(self, _query: Any, body: ScheduleAsked) -> Schedule:
        """Make a schedule."""

        def made() -> Schedule:
            notebook = self.projects.file(body.path)
            read(notebook)  # what is no notebook is refused before a catalog is made for it
            project = self.projects.project(body.path)
            if self.projects.opened(body.path) is None:
                make_state(project)
                open_catalog(catalog_place(project)).close()
            opened = self.projects.opened(body.path)
            if opened is None:
                raise NotFound("the project's catalog was removed just now: try again.")
            asked = Kept(
                id="",
                name=body.name or notebook.stem,
                root=project.root,
                notebook=str(notebook),
                cron=body.cron,
                zone=body.zone or machine_zone(),
                parameters=body.parameters,
                catchup=body.catchup,
                parallel=body.parallel,
                retries=body.retries,
                retry_wait=body.retry_wait,
                jitter=body.jitter,
                late=body.late,
                webhooks=tuple(body.webhooks),
                slack=tuple(body.slack),
            )
            if opened.catalog.schedules.named(project.root, asked.name) is not None:
                raise Conflict(f"there is a schedule {asked.name} already: give this one another name.")
            found = making.make(opened.catalog, project.root, asked)
            self.schedulers.see(project, opened.catalog)
            return told(self.projects, opened, found)

        return await self.off_loop(made)


class ScheduleHandler(_Handler):
    """`schedules/{id}`."""

    async def on_get(self, query: queries.Place, _body: None, id: str) -> Schedule:  # noqa: A002
        """Tell all of a schedule."""
        return await self.of_project(query.path, lambda opened: told(self.projects, opened, kept(opened, id)))

    async def on_patch(self, query: queries.Place, body: ScheduleChange, id: str) -> Schedule:  # noqa: A002
        """Change a schedule, pause it, or have it go on."""
        asked = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not None}
        paused = asked.pop("paused", None)
        asked |= {name: tuple(asked[name]) for name in ("webhooks", "slack") if name in asked}

        def change(catalog: Catalog, each: Kept) -> None:
            if asked:
                making.change(catalog, each, **asked)
            if paused is not None:
                (making.pause if paused else making.resume)(catalog, each.root, each.name)

        return await self.changed(query.path, id, change)

    async def on_delete(self, query: queries.Place, _body: None, id: str) -> Removed:  # noqa: A002
        """Remove a schedule."""

        def removed(opened: Opened) -> Removed:
            found = of_here(kept(opened, id))
            opened.catalog.schedules.remove(found.id)
            return Removed(removed=found.name)

        return await self.of_project(query.path, removed)


class ScheduleRunsHandler(_Handler):
    """`schedules/{id}/runs`."""

    async def on_post(self, query: queries.Place, _body: None, id: str) -> Schedule:  # noqa: A002
        """Have a schedule run now."""
        return await self.changed(query.path, id, making.run_now)


class BackfillHandler(_Handler):
    """`schedules/{id}/backfill`."""

    async def on_post(self, query: queries.Place, body: BackfillAsked, id: str) -> Schedule:  # noqa: A002
        """Run a schedule's times in a range of the past."""

        def fill(catalog: Catalog, each: Kept) -> None:
            try:
                since, until = moment_of(body.since, each.zone), moment_of(body.until, each.zone, end=True)
            except ValueError as error:
                raise Refused("give both ends of the range, each a date or a time such as 2026-05-03.") from error
            if until < since:
                raise Refused(f"the range ends at {body.until}, before it begins at {body.since}.")
            if until > catalog.claims.now():
                raise Refused(f"{body.until} is not over: only times of the past can be run so.")
            if not making.backfill(catalog, each, since, until, again=body.again):
                raise Refused("nothing to do: no time of the schedule is in that range, or all have succeeded.")

        return await self.changed(query.path, id, fill)


class DueTimesHandler(Handler):
    """`due-times`."""

    async def on_get(self, query: queries.CronLine, _body: None) -> DueTimes:
        """Tell when a cron line is due next."""
        return await self.off_loop(due_times, query.cron, query.zone or machine_zone(), time.time())


def due_times(cron: str, zone: str, now: float) -> DueTimes:
    """Return when a cron line is due next, or what is wrong with it."""
    try:
        zone_of(zone)
    except UsageError as error:
        return DueTimes(zone=zone, next=[], wrong="zone", problem=str(error).removeprefix(f"--tz {zone}: "))
    try:
        coming = list(islice(forthcoming(cron, zone, now), NEXT))
    except UsageError as error:
        return DueTimes(zone=zone, next=[], wrong="cron", problem=str(error).removeprefix(f"--cron {cron!r}: "))
    if not coming:
        return DueTimes(zone=zone, next=[], wrong="cron", problem="it is never due.")
    return DueTimes(zone=zone, next=[local(due, zone).isoformat() for due in coming], wrong="", problem="")


def kept(opened: Opened, id_: str) -> Kept:
    """Return a schedule of a project.

    Raises:
        NotFound: it has none of that id.
    """
    found = opened.catalog.schedules.get(id_)
    if found is None or found.root != opened.project.root:
        raise NotFound(f"there is no schedule {id_}.")
    return found


def of_here(schedule: Kept) -> Kept:
    """Return a schedule that is this server's to change.

    Raises:
        Conflict: a cluster keeps it.
    """
    if schedule.where:
        raise Conflict(f"{schedule.name} is a CronJob of a cluster: change it with `steppe schedule` in a terminal.")
    return schedule


def told(projects: Projects, opened: Opened, schedule: Kept, dues: int = LATEST) -> Schedule:
    """Return a schedule as the routes tell it."""
    found = schedule_document(opened.catalog, schedule, dues=dues)
    for due in found["dues"]:
        due["opens"] = projects.contents_path(due["output"], opened.project, shown=True) if due["output"] else None
    path = projects.contents_path(schedule.notebook, opened.project)
    return msgspec.convert({"id": schedule.id, "path": path, **found}, Schedule)
