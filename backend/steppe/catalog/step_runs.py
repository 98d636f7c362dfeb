"""StepRuns: what happened to each step in each run, with what it is made of and what it touched."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from blake3 import blake3

from steppe.catalog.database import Database, Journal, Row, Transaction, brief, pack, plain, unpack
from steppe.catalog.facts import write_facts
from steppe.catalog.found import Page, Step, StepRunFilter
from steppe.catalog.lists import listed
from steppe.catalog.rows import STEP_RUN
from steppe.states import leads, step
from steppe.types import Ingredient, Observation, Span, State, StepId, StepRun

_LATER = "~"
"""Sorts after every id."""


class StepRuns:
    """StepRuns by id, the latest of each step, and lists of them."""

    def __init__(self, database: Database, journal: Journal) -> None:
        """Use the catalog's database and journal."""
        self._database = database
        self._journal = journal

    def record(self, step_run: StepRun, *, later: bool = False, durable: bool = False) -> None:
        """Insert a StepRun, or update it where it is known.

        Args:
            step_run: all of it, not only what has changed.
            later: leave it to the journal and return at once; for a hit, whose loss would cost no work.
            durable: it survives a crash of the machine when this returns.

        Raises:
            IllegalTransition: its state may not follow the one recorded before (with `later`, that is logged).
        """
        if later:
            self._journal.put(lambda tx: write_step_run(tx, step_run), about=step_run.id, contended=True)
            return
        if self._journal.has(step_run.id):
            self._journal.flush()
        self._database.write(lambda tx: write_step_run(tx, step_run), durable=durable)

    def stand(self, step_run: StepRun) -> None:
        """Write down where a StepRun stands that waits or runs; one that is known to have ended stays as it is."""
        self._database.write(lambda tx: write_step_run(tx, step_run, unless_ended=True))

    def trace(self, spans: Sequence[Span]) -> None:
        """Record StepRuns of which nothing is known but when and how they have ended: many of them, quickly."""
        latest = {(span.run, span.step.notebook, span.step.name): span for span in spans}
        whole = {span.id: _of_span(span) for span in latest.values()}
        rows = [_row(span) for span in spans if span.id not in whole]

        def write(tx: Transaction) -> None:
            tx.run_rows("step_runs.put", rows)
            for record in sorted(whole.values(), key=lambda each: (each.step.notebook, each.step.name)):
                write_step_run(tx, record)

        self._database.write(write)

    def get(self, step_run_id: str) -> StepRun | None:
        """Return a StepRun, whole."""
        return self._one("step_runs.get", {"id": step_run_id})

    def among(self, ids: Iterable[str]) -> dict[str, StepRun]:
        """Return the StepRuns of these ids that are known, by id, without `source`, `ingredients` and `trace`."""
        self._journal.settle()
        rows = self._database.rows("step_runs.among", {"ids": self._database.list_of(dict.fromkeys(ids))})
        return {run.id: run for run in map(step_run_of, rows)}

    def wholes(self, ids: Iterable[str]) -> dict[str, StepRun]:
        """Return the StepRuns of these ids that are known, by id, whole."""
        self._journal.settle()
        rows = self._database.rows("step_runs.wholes", {"ids": self._database.list_of(dict.fromkeys(ids))})
        return {run.id: run for run in map(_whole, rows)}

    def beginning(self, prefix: str, limit: int = 5) -> builtins.list[str]:
        """Return the ids of StepRuns that begin with `prefix`, in order."""
        self._journal.settle()
        asked = {"low": prefix, "high": f"{prefix}~", "limit": limit}
        return [row[0] for row in self._database.rows("step_runs.beginning", asked)]

    def last(
        self, step: StepId, *, part: int | None = None, before: str | None = None, useful: bool = False
    ) -> StepRun | None:
        """Return the latest StepRun of a step, whole.

        Args:
            step: which step.
            part: which of its cells; None for any.
            before: only those before the StepRun of this id.
            useful: only hits and executions that succeeded.
        """
        name = f"step_runs.last{'_useful' if useful else ''}{'' if part is None else '_of_part'}"
        asked = {"notebook": step.notebook, "step": step.name, "before": before or _LATER, "limit": 1}
        return self._one(name, asked if part is None else {**asked, "part": part})

    def list(self, which: StepRunFilter | None = None, *, after: str | None = None, limit: int = 50) -> Page[StepRun]:
        """Return StepRuns, newest first, without `source`, `ingredients` and `trace`."""
        self._journal.settle()
        rows = listed(self._database, "step_runs", which or StepRunFilter(), after, limit + 1)
        items = tuple(step_run_of(row) for row in rows[:limit])
        return Page(items, items[-1].id if len(rows) > limit else None)

    def steps(self, notebook: str | None = None, *, after: str | None = None, limit: int = 50) -> Page[Step]:
        """Return the steps of a notebook or of all, the one that was resolved last first."""
        self._journal.settle()
        rows = listed(self._database, "steps", notebook, after, limit + 1)
        found = [(first, step_run_of(row)) for first, *row in rows[:limit]]
        items = tuple(Step(id=last.step, part=last.part, first=first, last=last) for first, last in found)
        return Page(items, items[-1].last.id if len(rows) > limit else None)

    def hits_of(self, step_run_id: str, *, after: str | None = None, limit: int = 50) -> Page[StepRun]:
        """Return the hits that returned the result of an execution, newest first, as `list` does."""
        return self.list(StepRunFilter(entry=step_run_id), after=after, limit=limit)

    def codes(
        self, step: StepId, *, part: int, before: str, limit: int = 200
    ) -> builtins.list[tuple[str, str, tuple[Ingredient, ...]]]:
        """Return the source and the ingredients of a step's earlier StepRuns, each two once, the latest first.

        Args:
            step: which step.
            part: which of its cells.
            before: only those before the StepRun of this id.
            limit: how many at most.

        Returns:
            The id of the latest StepRun that had them, the source, and the ingredients.
        """
        self._journal.settle()
        asked = {"notebook": step.notebook, "step": step.name, "part": part, "before": before, "limit": limit}
        rows = self._database.rows("step_runs.codes", {**asked, "looked": 5000})
        return [
            (id_, (source or b"").decode("utf-8", "surrogatepass"), unpack(body, tuple[Ingredient, ...]))
            for id_, source, body in rows
        ]

    def count_hits(self, step_run_id: str) -> int:
        """Return how many hits have returned the result of an execution."""
        self._journal.settle()
        found: int = self._database.rows("step_runs.count_hits", {"entry": step_run_id})[0][0]
        return found

    def _one(self, name: str, parameters: Mapping[str, Any]) -> StepRun | None:
        self._journal.settle()
        rows = self._database.rows(name, parameters)
        return _whole(rows[0]) if rows else None


_EMPTY = STEP_RUN.row(
    StepRun(id="", run="", step=StepId(notebook="", name=""), executor="inline"),
    notebook="",
    step="",
) | {"source": None, "ingredients": None, "trace": None}
"""The row of a StepRun of which nothing is known."""


def _of_span(span: Span) -> StepRun:
    return StepRun(
        id=span.id,
        run=span.run,
        step=span.step,
        state=span.state,
        started=span.started,
        ended=span.ended,
        seconds=span.ended - span.started,
        error=span.error,
        parent=span.parent,
        why=span.why,
    )


def _row(span: Span) -> dict[str, Any]:
    """Return what `STEP_RUN.row` does of a span's StepRun, in a tenth of the time."""
    return _EMPTY | {
        "id": span.id,
        "run": span.run,
        "notebook": brief(span.step.notebook),
        "step": brief(span.step.name),
        "state": span.state.value,
        "started": span.started,
        "ended": span.ended,
        "seconds": span.ended - span.started,
        "error": plain(span.error),
        "why": span.why,
        "more": pack({"parent": span.parent}) if span.parent else None,
    }


def step_run_of(row: Sequence[Any]) -> StepRun:
    """Return the StepRun of a row that begins with its columns, without its documents."""
    return StepRun(**_fields(row))


def _whole(row: Row) -> StepRun:
    source, ingredients, trace = row[-3:]
    return StepRun(
        **_fields(row),
        source=(source or b"").decode("utf-8", "surrogatepass"),
        ingredients=unpack(ingredients, tuple[Ingredient, ...]),
        trace=unpack(trace, tuple[Observation, ...]),
    )


def _fields(row: Sequence[Any]) -> dict[str, Any]:
    fields = STEP_RUN.fields(row)
    fields["step"] = StepId(notebook=fields.pop("notebook"), name=fields["step"])
    return fields


def write_step_run(tx: Transaction, record: StepRun, *, unless_ended: bool = False) -> None:
    """Write a StepRun, its edges, and what its step was seen to use.

    Args:
        tx: the transaction.
        record: all of it.
        unless_ended: write nothing, and raise nothing, where it has come further already.
    """
    before = tx.row("step_runs.state", {"id": record.id})
    if before is not None and not _follows(State(before[0]), record.state, unless_ended=unless_ended):
        return
    source = record.source.encode("utf-8", "surrogatepass") or None
    bodies = {"source": source, "ingredients": pack(record.ingredients), "trace": pack(record.trace)}
    documents = {name: (blake3(body).hexdigest()[:40], body) for name, body in bodies.items() if body is not None}
    tx.run_each("step_runs.document", [{"id": digest, "body": body} for digest, body in sorted(documents.values())])
    row = STEP_RUN.row(record, notebook=record.step.notebook, step=record.step.name)
    row |= {name: documents[name][0] if name in documents else None for name in bodies}
    if before is None and not tx.run("step_runs.add", row):
        # Another thread has written it just now: on PostgreSQL nobody waits for a row that is not there.
        before = tx.row("step_runs.state", {"id": record.id})
        if before is None or not _follows(State(before[0]), record.state, unless_ended=unless_ended):
            return
    if before is not None:
        tx.run("step_runs.put", row)
    _write_edges(tx, record, known=before is not None)
    write_facts(tx, record)


def _follows(before: State, now: State, *, unless_ended: bool) -> bool:
    """Tell whether a StepRun may be written down in a state.

    Raises:
        IllegalTransition: it may not, and somebody is to hear of it.
    """
    if unless_ended:
        return leads(before, now)
    if before != now and not leads(before, now):
        step(before, now)
    return True


def _write_edges(tx: Transaction, record: StepRun, *, known: bool) -> None:
    if record.entry:
        return  # a hit has the edges of the execution whose result it returned
    for side, variables in (("input", record.inputs), ("output", record.outputs)):
        if known:
            tx.run(f"step_runs.clear_{side}s", {"id": record.id})
        edges = [{"step_run": record.id, "name": name, "version": variables[name]} for name in sorted(variables)]
        tx.run_each(f"step_runs.add_{side}", edges)
