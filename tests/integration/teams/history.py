"""All that a catalog tells of a project's past, to hold two catalogs against each other."""

from __future__ import annotations

from typing import Any

from steppe.catalog import Catalog, StepRunFilter, every


def history(catalog: Catalog) -> dict[str, Any]:
    """Return runs, step runs with their edges and uses, values, entries, numbers, attempts, and what people said."""
    runs = {run.id: run for run in every(lambda after: catalog.runs.list(after=after, limit=100))}
    listed = list(every(lambda after: catalog.step_runs.list(StepRunFilter(), after=after, limit=100)))
    steps = catalog.step_runs.wholes(step.id for step in listed)
    versions = sorted({v for step in steps.values() for v in (*step.inputs.values(), *step.outputs.values())})
    keys = sorted({use.key for use in catalog.upkeep.entries()})
    subjects = [("run", id_) for id_ in runs] + [("step_run", id_) for id_ in steps]
    subjects += [("artifact", version) for version in versions]
    latest = catalog.metrics.latest(list(steps))
    return {
        "runs": runs,
        "differences": {id_: catalog.runs.difference(run) for id_, run in runs.items()},
        "steps": steps,
        "last": {
            (s.id, s.part): (s.first, s.last.id) for s in every(lambda after: catalog.step_runs.steps(after=after))
        },
        "edges": [*catalog.lineage.inputs(steps), *catalog.lineage.outputs(steps)],
        "uses": {step.step: catalog.lineage.uses(step.step) for step in steps.values()},
        "artifacts": catalog.artifacts.among(versions),
        "stored": {version: catalog.artifacts.stored(version) for version in versions},
        "entries": catalog.entries.among(keys),
        "attempts": {id_: catalog.attempts.of(id_) for id_ in steps},
        "metrics": {
            id_: [catalog.metrics.series(id_, metric.name).items for metric in found] for id_, found in latest.items()
        },
        "latest": latest,
        "notes": {subject: catalog.notes.of(*subject) for subject in subjects},
        "tags": {subject: catalog.notes.tags(subject[0], [subject[1]]) for subject in subjects},
        "pins": catalog.names.pins(),
        "names": {name.name: catalog.names.history(name.name) for name in catalog.names.all()},
    }


def differences(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Return what is not the same, by its kind."""
    return {name: (one[name], other[name]) for name in one if one[name] != other[name]}
