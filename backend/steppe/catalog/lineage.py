"""Lineage: what made an artifact, what was made from it, and which steps used a file, a package or a commit.

Edges belong to executions: a hit has those of the execution whose result it returned (`StepRuns.hits_of` finds the
hits). Uses belong to steps, each once for each version, whatever the number of their StepRuns. Names of more than 400
bytes are asked for as they are, and answered cut, with their digest at the end.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from steppe.catalog.database import Database, Journal, Row, Transaction
from steppe.catalog.found import Edge, Page, Use
from steppe.catalog.step_runs import step_run_of
from steppe.types import Digest, StepId, StepRun

_LATER = "~"


class Lineage:
    """Edges by version and by StepRun; uses by thing and by step."""

    def __init__(self, database: Database, journal: Journal) -> None:
        """Use the catalog's database and journal."""
        self._database = database
        self._journal = journal

    def makers(self, version: Digest, *, after: str | None = None, limit: int = 50) -> Page[StepRun]:
        """Return the executions that bound a value of this version, the oldest first, as `StepRuns.list` does."""
        return self._step_runs("lineage.makers", version, after or "", limit)

    def users(self, version: Digest, *, after: str | None = None, limit: int = 50) -> Page[StepRun]:
        """Return the executions that read a value of this version, the newest first, as `StepRuns.list` does."""
        return self._step_runs("lineage.users", version, after or _LATER, limit)

    def origins(self, versions: Iterable[Digest]) -> dict[Digest, str]:
        """Return the first execution that bound each version, of those that are known: a level of a graph at once."""
        self._journal.settle()
        rows = self._database.rows("lineage.origins", {"versions": self._database.list_of(dict.fromkeys(versions))})
        return {version: step_run for version, step_run in rows if step_run is not None}

    def latest_users(self, versions: Iterable[Digest], limit: int = 20) -> dict[Digest, list[str]]:
        """Return the latest executions that read each version, at most `limit` of each."""
        self._journal.settle()

        def read(tx: Transaction) -> dict[Digest, list[str]]:
            asked = {"after": _LATER, "limit": limit}
            return {
                version: [row[0] for row in tx.rows("lineage.user_ids", {**asked, "version": version})]
                for version in versions
            }

        return self._database.read(read)

    def inputs(self, step_runs: Iterable[str]) -> list[Edge]:
        """Return what executions read, by StepRun and name."""
        return self._edges("lineage.inputs", step_runs)

    def outputs(self, step_runs: Iterable[str]) -> list[Edge]:
        """Return what executions bound, by StepRun and name."""
        return self._edges("lineage.outputs", step_runs)

    def using(
        self, kind: str, name: str, version: str | None = None, *, after: str | None = None, limit: int = 50
    ) -> Page[Use]:
        """Return every step that was ever seen to use a thing, in any version or in one, by step and version."""
        self._journal.settle()
        place = json.loads(after) if after else ["", "", -1, ""]
        asked = dict(zip(("after_notebook", "after_step", "after_part", "after_version"), place, strict=True))
        asked |= {"kind": kind, "name": name, "limit": limit + 1}
        if version is None:
            rows = self._database.rows("steps.using", asked)
        else:
            rows = self._database.rows("steps.using_version", {**asked, "version": version})
        items = tuple(_use(row) for row in rows[:limit])
        more = len(rows) > limit
        return Page(items, json.dumps([*rows[limit - 1][3:6], rows[limit - 1][2]]) if more else None)

    def uses(self, step: StepId, part: int = 0) -> list[Use]:
        """Return everything that a step's cell was ever seen to use, by kind, name and version."""
        self._journal.settle()
        place = {"notebook": step.notebook, "step": step.name, "part": part}
        return [_use(row) for row in self._database.rows("steps.uses", place)]

    def _step_runs(self, statement: str, version: Digest, after: str, limit: int) -> Page[StepRun]:
        self._journal.settle()
        rows = self._database.rows(statement, {"version": version, "after": after, "limit": limit + 1})
        items = tuple(step_run_of(row) for row in rows[:limit])
        return Page(items, items[-1].id if len(rows) > limit else None)

    def _edges(self, statement: str, step_runs: Iterable[str]) -> list[Edge]:
        self._journal.settle()
        rows = self._database.rows(statement, {"step_runs": self._database.list_of(dict.fromkeys(step_runs))})
        return [Edge(step_run=step_run, name=name, version=version) for step_run, name, version in rows]


def _use(row: Row) -> Use:
    kind, name, version, notebook, step, part, seen, current = row
    step_id = StepId(notebook=notebook, name=step)
    return Use(kind=kind, name=name, version=version, step=step_id, part=part, step_run=seen, current=bool(current))
