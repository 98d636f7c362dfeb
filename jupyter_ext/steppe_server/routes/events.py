"""Server-sent events: what changes in a project, as it changes; a lost connection goes on where it had ended."""

from __future__ import annotations

import asyncio
import contextlib

import msgspec
from tornado.iostream import StreamClosedError

from steppe_server import tails
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
        logs = tails.asked(query.logs or "")
        changes = self._changes(query.path)
        await changes.begin()
        told = None
        try:
            if logs:
                told = asyncio.create_task(self._tell_logs(tails.Tails(lambda: self.projects.opened(query.path), logs)))
            with contextlib.suppress(StreamClosedError, asyncio.CancelledError):
                await self._tell(changes, query.last or self.request.headers.get("Last-Event-ID") or "")
        finally:
            changes.end()
            if told is not None:
                told.cancel()

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

    async def _tell_logs(self, logs: tails.Tails) -> None:
        """Tell new lines. They have no ids: the client knows how far it is."""
        with contextlib.suppress(StreamClosedError):
            while not self._gone and logs.going:
                try:
                    found = await self.off_loop(logs.news)
                except Exception:  # the catalog or the store can't be read just now: it may be in a moment
                    found = []
                for item in found:
                    self.write(b"event: log\ndata: %b\n\n" % msgspec.json.encode(item))
                await self.flush()
                await asyncio.sleep(tails.PAUSE)

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
        self.write(f"id: {EPOCH}-{at}\nevent: here\ndata: null\n\n")  # what comes next is after this
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
