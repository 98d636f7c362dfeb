"""Audits: a sample of the executions whose results were hit lately, executed again, and what came of each, kept.

Which executions are in the sample follows from their ids and the day: whoever asks twice on a day asks for the same,
and an execution that is hit for long comes up on some day.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
from blake3 import blake3

from steppe.catalog import Catalog, StepRunFilter, every
from steppe.errors import UsageError
from steppe.lineage.closeness import Tolerance
from steppe.lineage.opened import Opened
from steppe.lineage.verify import Verdict, verify
from steppe.settings import make_state
from steppe.types import State, Struct

FILE = "audits.jsonl"
"""Where in the project's state the audits are, one a line."""

DAY = 86400.0


class Audit(Struct, frozen=True, kw_only=True):
    """What came of one execution.

    Attributes:
        day: the day of the sample, in UTC.
        time: when it was executed again, in seconds since 1970.
        run: the run that the execution belongs to.
        verdict: what came of it.
    """

    day: str
    time: float
    run: str
    verdict: Verdict


DECODER = msgspec.json.Decoder(Audit)


def share_of(text: str) -> float:
    """Return the share that a percentage means.

    Raises:
        UsageError: it is none between 0% and 100%.
    """
    try:
        share = float(text.strip().removesuffix("%")) / 100
    except ValueError:
        share = -1.0
    if not text.strip().endswith("%") or not 0 <= share <= 1:
        raise UsageError(f"--sample {text}: give a percentage between 0% and 100%, such as 1%.")
    return share


def day_of(now: float) -> str:
    """Return the day that a moment lies in, in UTC."""
    return datetime.fromtimestamp(now, UTC).date().isoformat()


def is_chosen(execution: str, day: str, share: float) -> bool:
    """Tell whether an execution is in the sample of a day: one of a larger share has all of a smaller one."""
    digest = blake3(f"{day} {execution}".encode()).digest(length=8)
    return int.from_bytes(digest, "big") < share * 2.0**64


def hit_since(catalog: Catalog, since: float) -> list[str]:
    """Return the executions whose results were hit since, in order."""
    which = StepRunFilter(states=(State.HIT,), since=since)
    hits = every(lambda after: catalog.step_runs.list(which, after=after, limit=500))
    return sorted({step.entry for step in hits if step.entry})


class Sample:
    """The sample of a day.

    Attributes:
        day: the day.
        hit: all executions whose results were hit lately.
        chosen: those of them that are in the sample.
    """

    def __init__(self, here: Opened, share: float, days: int, now: float) -> None:
        self._here = here
        self._now = now
        self.day = day_of(now)
        self.hit = hit_since(here.catalog, now - days * DAY)
        self.chosen = [id_ for id_ in self.hit if is_chosen(id_, self.day, share)]

    def audit(self, tolerance: Tolerance) -> Iterator[Audit]:
        """Execute again what is in the sample, but for what was so on this day already, and yield what came of each.

        Each is written down before it is yielded.
        """
        known = {audit.verdict.id: audit for audit in audits(self._here) if audit.day == self.day}
        wholes = self._here.catalog.step_runs.wholes(id_ for id_ in self.chosen if id_ not in known)
        for id_ in self.chosen:
            if id_ in known:
                yield known[id_]
            elif id_ in wholes:
                for verdict in verify([wholes[id_]], self._here, tolerance):
                    audit = Audit(day=self.day, time=self._now, run=wholes[id_].run, verdict=verdict)
                    _write(self._here, audit)
                    yield audit


def audits(here: Opened) -> list[Audit]:
    """Return all audits of a project, the oldest first; a line that was cut off is left out."""
    try:
        lines = (here.project.state / FILE).read_bytes().splitlines()
    except FileNotFoundError:
        return []
    found = []
    for line in lines:
        try:
            found.append(DECODER.decode(line))
        except msgspec.MsgspecError:
            continue
    return found


def _write(here: Opened, audit: Audit) -> None:
    """Append an audit in one write: others may append at the same time."""
    path = make_state(here.project) / FILE
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, msgspec.json.encode(audit) + b"\n")
    finally:
        os.close(descriptor)
