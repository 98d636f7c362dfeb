"""The logs that one client follows: which lines are new since it was last told.

Where a client begins is said by itself, as the number of lines that it has. So a connection that was lost goes on
without a line that is left out or told twice, whatever the server remembers of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from steppe.lineage.lines import Cut, Line
from steppe.lineage.living import settled
from steppe.lineage.logs import ID, Tail, logs
from steppe.lineage.opened import Opened
from steppe.states import LIVE
from steppe_server.errors import Refused
from steppe_server.schemas.events import Logged
from steppe_server.schemas.step_runs import Line as Told

PAUSE = 0.04
"""Seconds between two looks at files that are followed."""

STATES = 0.25
"""Seconds between two looks at whether a step that is followed has ended."""

LAST = 2.0
"""Seconds for which the last lines of an ended step may be on their way to its file."""

MOST = 100
"""Logs that one client may follow."""

AT_ONCE = 1000
"""Lines in one event."""


class Tails:
    """The logs that one client follows."""

    def __init__(self, opened: Callable[[], Opened | None], asked: dict[str, int]) -> None:
        """Follow StepRuns, given how many lines of each are known."""
        self._opened = opened
        self._tails = {id_: _Followed(id_, known) for id_, known in asked.items()}
        self._looked = 0.0

    @property
    def going(self) -> bool:
        """Whether anything may still come."""
        return bool(self._tails)

    def news(self) -> list[Logged]:
        """Return what is new since the last call. Reads files and the catalog."""
        opened = self._opened()
        if opened is None:
            return []
        found = [item for tail in self._tails.values() for item in tail.news(opened)]
        now = time.monotonic()
        if now - self._looked > STATES:
            self._looked = now
            for id_, tail in list(self._tails.items()):
                rest = tail.rest(opened, now)
                if rest is not None:
                    found += rest
                    del self._tails[id_]
        return found


class _Followed:
    """One log."""

    def __init__(self, step_run: str, known: int) -> None:
        self._step_run = step_run
        self._known = known
        self._tail: Tail | None = None
        self._cut = Cut()
        self._whole = False
        self._ended: float | None = None

    def news(self, opened: Opened) -> Iterator[Logged]:
        self._tail = self._tail or Tail(opened.project.state, self._step_run)
        events = self._tail.read()
        if events:
            self._whole = self._whole or any(event.kind == "done" for event in events)
            new = self._cut.add(event.shown for event in events if event.shown is not None)
            yield from self._told([line for line in new if line.number >= self._known])
            self._known = max(self._known, self._cut.certain)

    def rest(self, opened: Opened, now: float) -> list[Logged] | None:
        """Return the last lines of a step that has ended; None while more may come."""
        step = opened.catalog.step_runs.get(self._step_run)
        if step is not None:
            step = settled(opened.catalog, [step])[0]
            if step.state in LIVE:
                return None
            if step.result is None and not self._whole:  # its file stays, and may lack the last lines
                self._ended = self._ended or now
                if now - self._ended < LAST:
                    return None
        found = list(self.news(opened))
        total = self._cut.total
        if step is not None and step.result is not None:
            left = logs(opened.catalog, opened.store, opened.project.state, step.id, offset=self._known, limit=2**31)
            found += self._told(left.lines)
            total = left.total
        return [*found, Logged(step_run=self._step_run, lines=[], total=total, live=False)]

    def _told(self, lines: list[Line] | tuple[Line, ...]) -> Iterator[Logged]:
        for at in range(0, len(lines), AT_ONCE):
            some = [Told(number=line.number, stream=line.stream, text=line.text) for line in lines[at : at + AT_ONCE]]
            yield Logged(step_run=self._step_run, lines=some, total=some[-1].number + 1, live=True)


def asked(text: str) -> dict[str, int]:
    """Read which logs are to be followed: `ID:120,ID:0`.

    Raises:
        Refused: it is not of that form, or names too many.
    """
    found = {}
    for word in text.split(",") if text else ():
        id_, _, known = word.partition(":")
        number = known or "0"
        if not ID.fullmatch(id_) or not (number.isascii() and number.isdecimal() and len(number) < 12):
            raise Refused(f"{word[:80]!r} is no log to follow: give the id of a step run and how many lines are known.")
        found[id_] = int(number)
    if len(found) > MOST:
        raise Refused(f"{len(found)} logs are too many to follow at once: {MOST} may be.")
    return found
