"""What a step wrote, line by line: from its Result once it has one, else from the live file that it wrote as it ran.

Only reads, but for `sweep`. See `engine/live_output.py` for who writes the files.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable
from pathlib import Path

import msgspec

from steppe.catalog import Catalog
from steppe.engine.live_output import FOLDER
from steppe.errors import UsageError
from steppe.lineage.lines import Line as Line
from steppe.lineage.lines import lines as cut
from steppe.lineage.living import settled
from steppe.lineage.results import result_of
from steppe.states import LIVE
from steppe.store.store import Store
from steppe.types import Shown, StepRun, Struct
from steppe.worker.events import Event, Frames

ID = re.compile(r"[0-9a-z]+")
"""What ids look like: nothing else names a file."""

KEPT = 30 * 86400.0
"""Seconds for which the output of steps without a Result is kept."""


class Lines(Struct, frozen=True, kw_only=True):
    """Some lines of a step.

    Attributes:
        lines: those asked for.
        total: how many there are, or, where some text was searched for, how many have it.
        more: whether there are any after these.
        live: whether the step still runs, so that more may come, and the last line may grow.
    """

    lines: tuple[Line, ...]
    total: int
    more: bool
    live: bool


def logs(
    catalog: Catalog,
    store: Store,
    state: Path,
    step_run: str,
    *,
    offset: int = 0,
    limit: int = 500,
    search: str = "",
) -> Lines:
    """Return lines that a step wrote, of a running step those up to now (at most 0.1 s behind).

    Args:
        catalog: the project's.
        store: the project's.
        state: the project's folder of Steppe's own files (`Project.state`).
        step_run: the StepRun's id.
        offset: how many lines to leave out; of those that have the text, where one is searched for.
        limit: how many at most.
        search: only lines that hold this text, whatever the case of its letters.

    Raises:
        UsageError: there is no such StepRun.
    """
    step = _step(catalog, step_run)
    found = cut(_shown(step, store, state))
    if search:
        wanted = search.casefold()
        found = [line for line in found if wanted in line.text.casefold()]
    page = found[offset : offset + limit]
    more = offset + len(page) < len(found)
    return Lines(lines=tuple(page), total=len(found), more=more, live=step.state in LIVE)


class Progress(Struct, frozen=True, kw_only=True):
    """How far a step is: `done` of `total` (None: not known), with a text, at a time in seconds since 1970."""

    done: float
    total: float | None = None
    text: str = ""
    at: float = 0.0


def progress(state: Path, step_run: str) -> Progress | None:
    """Return how far a running step says that it is, or None where it says nothing."""
    last = None
    for event in told(state, step_run):
        if event.kind == "progress":
            last = event
    return msgspec.convert({**last.data, "at": last.at}, Progress) if last is not None else None


def told(state: Path, step_run: str) -> list[Event]:
    """Return all that a step without a Result, or a running one, has told so far."""
    return Tail(state, step_run).read()


class Tail:
    """Follows the file of one running step: each `read` returns what is new."""

    def __init__(self, state: Path, step_run: str) -> None:
        """Begin at the file's beginning."""
        self._path = state / FOLDER / step_run if ID.fullmatch(step_run) else None
        self._read = 0
        self._frames = Frames()

    def read(self) -> list[Event]:
        """Return the events since the last call; none where there is no file, or no longer."""
        if self._path is None:
            return []
        try:
            with open(self._path, "rb") as file:
                file.seek(self._read)
                data = file.read()
        except OSError:
            return []
        self._read += len(data)
        return list(self._frames.add(data))


def sweep(state: Path, now: float, *, older: float = KEPT) -> int:
    """Remove files that nothing was written to for long; return how many."""
    count = 0
    with contextlib.suppress(FileNotFoundError), os.scandir(state / FOLDER) as listing:
        for entry in listing:
            with contextlib.suppress(OSError):
                if entry.stat().st_mtime < now - older:
                    os.unlink(entry.path)
                    count += 1
    return count


def _step(catalog: Catalog, step_run: str) -> StepRun:
    step = catalog.step_runs.get(step_run)
    if step is None:
        raise UsageError(f"there is no step run `{step_run}`.")
    return settled(catalog, [step])[0]


def _shown(step: StepRun, store: Store, state: Path) -> Iterable[Shown]:
    result = result_of(step, store)
    if result is not None:
        return result.shown
    return [event.shown for event in told(state, step.id) if event.shown is not None]
