"""StepRuns and runs in the words of the schemas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from steppe.catalog import Catalog
from steppe.ids import time_of
from steppe.lineage.living import settled, status_of
from steppe.types import Artifact, Run, StepRun
from steppe_server.schemas import runs as run_schemas
from steppe_server.schemas.step_runs import Note, StepRunBrief, Value


def brief(step: StepRun) -> StepRunBrief:
    """Return a StepRun, settled, as lists have it."""
    return StepRunBrief(
        id=step.id,
        run=step.run,
        notebook=step.step.notebook,
        name=step.step.name,
        part=step.part,
        cell=step.cell,
        state=str(step.state),
        executor=step.executor,
        why=step.why,
        started=step.started,
        ended=step.ended,
        seconds=step.seconds or max((step.ended or step.started) - step.started, 0.0),
        key=step.key,
        error=step.error,
        made=_made(step),
    )


def _made(step: StepRun) -> float | None:
    """Return when the result was made: that of a hit by an earlier StepRun, whose id has its time."""
    if not step.entry:
        return step.ended
    try:
        return time_of(step.entry) + step.seconds
    except ValueError:  # an id of another making
        return step.ended


def briefs(steps: Iterable[StepRun], catalog: Catalog) -> list[StepRunBrief]:
    """Return StepRuns as lists have them; those that go on in a run whose process is gone are lost."""
    return [brief(step) for step in settled(catalog, steps)]


def runs(
    found: Iterable[Run], catalog: Catalog, notes: Mapping[str, list[Note]] | None = None
) -> list[run_schemas.Run]:
    """Return runs with their tags and the counts of their steps; `notes` by run, where they are wanted."""
    found = list(found)
    ids = [run.id for run in found]
    tags = catalog.notes.tags("run", ids)
    tally = catalog.runs.tally(ids)
    return [
        run_schemas.Run(
            id=run.id,
            kind=run.kind,
            status=status_of(run),
            notebook=run.notebook,
            path=run.path,
            owner=run.owner,
            host=run.host,
            started=run.started,
            ended=run.ended,
            parameters=run.parameters,
            commit=run.commit,
            tags=tags.get(run.id, []),
            notes=list((notes or {}).get(run.id, ())),
            counts={str(state): count for state, count in tally.get(run.id, {}).items()},
        )
        for run in found
    ]


def notes_of(kind: str, subject: str, catalog: Catalog) -> list[Note]:
    """Return what was written about a run or a StepRun."""
    found = catalog.notes.of(kind, subject)
    return [Note(id=note.id, text=note.text, author=note.author, time=note.time) for note in found]


def values(versions: Mapping[str, str], catalog: Catalog) -> list[Value]:
    """Return variables with what is known of their values."""
    found = {version: catalog.artifacts.get(version) for version in set(versions.values())}
    return [value(name, version, found[version]) for name, version in versions.items()]


def value(name: str, version: str, artifact: Artifact | None) -> Value:
    """Return a variable with what is known of its value."""
    if artifact is None:
        return Value(name=name, version=version, type="", bytes=0, preview="")
    return Value(name=name, version=version, type=artifact.type, bytes=artifact.size, preview=artifact.preview)
