"""Server-sent events: what changes in a project, as it changes; a lost connection goes on where it had ended."""

from __future__ import annotations

import asyncio
import contextlib

from tornado.iostream import StreamClosedError

from steppe_server.changes import EPOCH, Changes
from steppe_server.routes.handler import THREADS, Handler
from steppe_server.schemas.queries import Events

BEAT = 15.0
"""Seconds after which a line is sent that says nothing: proxies close what is silent."""


class EventsHandler(Handler):
    """`events`."""

    _gone = False

    async def on_get(self, query: Events, _body: None) -> None:
        """Follow a project until the client goes."""
        changes = self._changes(query.path)
        await changes.begin()
        try:
            with contextlib.suppress(StreamClosedError, asyncio.CancelledError):
                await self._tell(changes, query.last or self.request.headers.get("Last-Event-ID") or "")
        finally:
            changes.end()

    def on_connection_close(self) -> None:
        """Note that the client has gone."""
        self._gone = True

    def _changes(self, path: str) -> Changes:
        root = self.projects.project(path).root
        known: dict[str, Changes] = self.settings["steppe_changes"]
        if root not in known:
            projects = self.projects
            known[root] = Changes(lambda: projects.opened(path), THREADS)
        return known[root]

    async def _tell(self, changes: Changes, last: str) -> None:
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Accel-Buffering", "no")
        at = changes.last
        if last:
            epoch, _, number = last.rpartition("-")
            known = epoch == EPOCH and number.isdigit() and changes.since(int(number)) is not None
            if known:
                at = int(number)
            else:
                self.write(f"id: {EPOCH}-{at}\nevent: reset\ndata: null\n\n")
        self.write(": here\n\n")
        await self.flush()
        while not self._gone:
            events = changes.since(at)
            if events is None:  # too slow: it has to ask anew
                at = changes.last
                self.write(f"id: {EPOCH}-{at}\nevent: reset\ndata: null\n\n")
                await self.flush()
            elif events:
                for event in events:
                    self.write(
                        b"id: %b\nevent: %b\ndata: %b\n\n" % (event.id.encode(), event.kind.encode(), event.data)
                    )
                at = events[-1].number
                await self.flush()
            else:
                await changes.news(BEAT)
                if changes.last == at and not self._gone:
                    self.write(": beat\n\n")
                    await self.flush()
