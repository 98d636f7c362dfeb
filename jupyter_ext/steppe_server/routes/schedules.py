"""Schedules: lists, one whole, made, paused, removed, run now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from steppe.catalog import Catalog, open_catalog
from steppe.catalog import Schedule as Kept
from steppe.lineage.opened import Opened, catalog_place
from steppe.notebooks.source import read
from steppe.schedules import making
from steppe.schedules.shown import schedule_document
from steppe.schedules.times import machine_zone
from steppe.settings import make_state
from steppe_server.errors import NotFound
from steppe_server.routes.handler import Handler
from steppe_server.schedulers import Schedulers
from steppe_server.schemas import queries
from steppe_server.schemas.schedules import Removed, Schedule, ScheduleAsked, ScheduleChange, Schedules

LATEST = 20
"""Due times of one schedule that are told."""


class _Handler(Handler):
    @property
    def schedulers(self) -> Schedulers:
        """The schedulers that this server starts."""
        found: Schedulers = self.settings["steppe_schedulers"]
        return found

    async def changed(self, path: str, id_: str, change: Callable[[Catalog, Kept], Any]) -> Schedule:
        """Do something with a schedule, see to it that a scheduler runs, and tell how it stands then."""

        def work(opened: Opened) -> Schedule:
            change(opened.catalog, kept(opened, id_))
            self.schedulers.see(opened.project, opened.catalog)
            return told(opened.catalog, kept(opened, id_))

        return await self.of_project(path, work)


class SchedulesHandler(_Handler):
    """`schedules`."""

    async def on_get(self, query: queries.Place, _body: None) -> Schedules:
        """List schedules."""

        def listed(opened: Opened) -> Schedules:
            found = opened.catalog.schedules.all(opened.project.root)
            runs = self.schedulers.see(opened.project, opened.catalog)
            return Schedules(items=[told(opened.catalog, each, 1) for each in found], scheduler=runs)

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
                jitter=body.jitter,
                webhooks=tuple(body.webhooks),
                slack=tuple(body.slack),
            )
            found = making.make(opened.catalog, project.root, asked)
            self.schedulers.see(project, opened.catalog)
            return told(opened.catalog, found)

        return await self.off_loop(made)


class ScheduleHandler(_Handler):
    """`schedules/{id}`."""

    async def on_get(self, query: queries.Place, _body: None, id: str) -> Schedule:  # noqa: A002
        """Tell all of a schedule."""
        return await self.of_project(query.path, lambda opened: told(opened.catalog, kept(opened, id)))

    async def on_patch(self, query: queries.Place, body: ScheduleChange, id: str) -> Schedule:  # noqa: A002
        """Pause a schedule, or have it go on."""
        change = making.pause if body.paused else making.resume
        return await self.changed(query.path, id, lambda catalog, each: change(catalog, each.root, each.name))

    async def on_delete(self, query: queries.Place, _body: None, id: str) -> Removed:  # noqa: A002
        """Remove a schedule."""

        def removed(opened: Opened) -> Removed:
            found = kept(opened, id)
            opened.catalog.schedules.remove(found.id)
            return Removed(removed=found.name)

        return await self.of_project(query.path, removed)


class ScheduleRunsHandler(_Handler):
    """`schedules/{id}/runs`."""

    async def on_post(self, query: queries.Place, _body: None, id: str) -> Schedule:  # noqa: A002
        """Have a schedule run now."""
        return await self.changed(query.path, id, making.run_now)


def kept(opened: Opened, id_: str) -> Kept:
    """Return a schedule of a project.

    Raises:
        NotFound: it has none of that id.
    """
    found = opened.catalog.schedules.get(id_)
    if found is None or found.root != opened.project.root:
        raise NotFound(f"there is no schedule {id_}.")
    return found


def told(catalog: Catalog, schedule: Kept, dues: int = LATEST) -> Schedule:
    """Return a schedule as the routes tell it."""
    return msgspec.convert({"id": schedule.id, **schedule_document(catalog, schedule, dues=dues)}, Schedule)
