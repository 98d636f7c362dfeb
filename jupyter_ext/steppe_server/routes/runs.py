"""Runs: lists, one whole, tags and notes."""

from __future__ import annotations

import getpass
import secrets
import time
from typing import Any

from steppe.catalog import Catalog, Note, RunFilter, StepRunFilter
from steppe.ids import new_id
from steppe.types import Run, StepRun
from steppe_server import briefs
from steppe_server.errors import NotFound, Refused
from steppe_server.headless import Headless
from steppe_server.routes.handler import Handler
from steppe_server.schemas import queries
from steppe_server.schemas.runs import NoteAsked, RunAsked, RunStarted, RunWhole, TagsAsked
from steppe_server.schemas.runs import Run as RunAnswer
from steppe_server.schemas.struct import Page

LONGEST_TAG = 100
LONGEST_NOTE = 20_000
MOST_STEPS = 5_000
"""StepRuns of one run that are told at once; a kernel that ran for weeks may have more."""


class RunsHandler(Handler):
    """`runs`."""

    async def on_get(self, query: queries.Runs, _body: None) -> Page[RunAnswer]:
        """List runs."""
        asked = RunFilter(
            kind=query.kind,
            notebook=query.notebook,
            owner=query.owner,
            status=query.status,
            tag=query.tag,
            search=query.search.strip() or None,
            since=query.since,
            until=query.until,
        )

        def listed(catalog: Catalog) -> Page[RunAnswer]:
            page = catalog.runs.list(asked, after=query.after, limit=query.limit)
            return Page(items=briefs.runs(page.items, catalog), next=page.next)

        return await self.of_catalog(query.path, listed, Page(items=[], next=None))

    async def on_post(self, _query: Any, body: RunAsked) -> RunStarted:
        """Start a headless run."""
        headless: Headless = self.settings["steppe_headless"]
        return await headless.start(self.projects, body)


class RunHandler(Handler):
    """`runs/{id}`."""

    async def on_get(self, query: queries.Place, _body: None, id: str) -> RunWhole:  # noqa: A002
        """Tell all of a run."""
        return await self.of_catalog(query.path, lambda catalog: whole(id, catalog))

    async def on_patch(self, query: queries.Place, body: TagsAsked, id: str) -> RunWhole:  # noqa: A002
        """Give a run other tags."""
        tags = [tag.strip() for tag in body.tags]
        if not all(0 < len(tag) <= LONGEST_TAG for tag in tags):
            raise Refused(f"a tag has 1 to {LONGEST_TAG} characters.")

        def tagged(catalog: Catalog) -> RunWhole:
            run_of(id, catalog)
            before = set(catalog.notes.tags("run", [id]).get(id, []))
            for tag in before - set(tags):
                catalog.notes.untag("run", id, tag)
            for tag in dict.fromkeys(tags):
                if tag not in before:
                    catalog.notes.tag("run", id, tag)
            return whole(id, catalog)

        return await self.of_catalog(query.path, tagged)


class NotesHandler(Handler):
    """`runs/{id}/notes`."""

    async def on_post(self, query: queries.Place, body: NoteAsked, id: str) -> RunWhole:  # noqa: A002
        """Write a note about a run."""
        text = text_of(body)
        name = str(getattr(self.current_user, "name", "") or "")
        author = getpass.getuser() if not name or name.startswith("Anonymous ") else self.current_user.username

        def noted(catalog: Catalog) -> RunWhole:
            run_of(id, catalog)
            now = time.time()
            note_id = new_id(now, secrets.randbits)
            catalog.notes.add(Note(id=note_id, kind="run", subject=id, text=text, author=author, time=now))
            return whole(id, catalog)

        return await self.of_catalog(query.path, noted)


class NoteHandler(Handler):
    """`runs/{id}/notes/{note}`."""

    async def on_patch(self, query: queries.Place, body: NoteAsked, id: str, note: str) -> RunWhole:  # noqa: A002
        """Change a note about a run: who wrote it and when stays."""
        text = text_of(body)

        def changed(catalog: Catalog) -> RunWhole:
            note_of(note, id, catalog)
            catalog.notes.edit(note, text)
            return whole(id, catalog)

        return await self.of_catalog(query.path, changed)

    async def on_delete(self, query: queries.Place, _body: None, id: str, note: str) -> RunWhole:  # noqa: A002
        """Remove a note about a run."""

        def removed(catalog: Catalog) -> RunWhole:
            note_of(note, id, catalog)
            catalog.notes.remove(note)
            return whole(id, catalog)

        return await self.of_catalog(query.path, removed)


class CancelHandler(Handler):
    """`runs/{id}/cancel`."""

    async def on_post(self, query: queries.Place, _body: None, id: str) -> RunWhole:  # noqa: A002
        """End a headless run that this server started."""
        await self.settings["steppe_headless"].cancel(id)
        return await self.of_catalog(query.path, lambda catalog: whole(id, catalog))


def run_of(id_: str, catalog: Catalog) -> Run:
    """Return a run.

    Raises:
        NotFound: there is none.
    """
    run = catalog.runs.get(id_)
    if run is None:
        raise NotFound(f"there is no run {id_}.")
    return run


def text_of(asked: NoteAsked) -> str:
    """Return the text of a note.

    Raises:
        Refused: it is empty, or too long.
    """
    text = asked.text.strip()
    if not 0 < len(text) <= LONGEST_NOTE:
        raise Refused(f"a note has 1 to {LONGEST_NOTE} characters.")
    return text


def note_of(note: str, run: str, catalog: Catalog) -> Note:
    """Return a note about a run.

    Raises:
        NotFound: there is no such run, or it has no such note.
    """
    run_of(run, catalog)
    for each in catalog.notes.of("run", run):
        if each.id == note:
            return each
    raise NotFound(f"the run {run} has no note {note}.")


def steps_of(id_: str, catalog: Catalog) -> list[StepRun]:
    """Return the StepRuns of a run, the first first; the latest `MOST_STEPS` where there are more."""
    found: list[StepRun] = []
    after: str | None = None
    while len(found) < MOST_STEPS:
        page = catalog.step_runs.list(StepRunFilter(run=id_), after=after, limit=500)
        found += page.items
        after = page.next
        if after is None:
            break
    return found[::-1]


def whole(id_: str, catalog: Catalog) -> RunWhole:
    """Return a run with its StepRuns.

    Raises:
        NotFound: there is none.
    """
    run = run_of(id_, catalog)
    notes = {id_: briefs.notes_of("run", id_, catalog)}
    return RunWhole(
        run=briefs.runs([run], catalog, notes)[0],
        steps=briefs.briefs(steps_of(id_, catalog), catalog),
    )
