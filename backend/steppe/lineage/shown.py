"""What an id, a version or a key names, and all that is known of it, as plain data."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from steppe.catalog import Catalog, StepRunFilter, every
from steppe.errors import UsageError
from steppe.lineage.living import settled, status_of
from steppe.lineage.results import result_of
from steppe.lineage.tries import ran_in
from steppe.store.store import Store
from steppe.types import Artifact, Digest, Run, StepRun

SHORTEST = 4
"""Characters that the beginning of an id must have at least."""


class Named:
    """What an id names.

    Attributes:
        kind: `run`, `step_run`, `artifact` or `key`.
        id: its whole id, version or key.
    """

    def __init__(self, kind: str, id_: str) -> None:
        self.kind = kind
        self.id = id_


def named(catalog: Catalog, text: str) -> Named:
    """Return what an id, or its beginning, names; or what people have named so.

    Raises:
        UsageError: nothing, or more than one thing.
    """
    name = catalog.names.get(text.strip())
    if name is not None and name.version is not None:
        return Named("artifact", name.version)
    begun = text.strip().lower()
    if len(begun.removeprefix("b3:")) < SHORTEST:
        raise UsageError(f"`{text}` is too short to name anything: give at least {SHORTEST} characters of an id.")
    found: list[Named] = []
    if not begun.startswith("b3:"):
        found += [Named("run", id_) for id_ in catalog.runs.beginning(begun)]
        found += [Named("step_run", id_) for id_ in catalog.step_runs.beginning(begun)]
    digits = begun.removeprefix("b3:")
    if re.fullmatch(r"[0-9a-f]+", digits):
        found += [Named("artifact", version) for version in catalog.artifacts.beginning(f"b3:{digits}")]
        found += [Named("key", key) for key in catalog.entries.beginning(f"b3:{digits}")]
    whole = [item for item in found if item.id == begun]
    if len(whole) == 1:
        return whole[0]
    if not found:
        raise UsageError(f"nothing is known under `{text}`: `steppe runs` lists the runs, `steppe show RUN` its steps.")
    if len(found) > 1:
        said = ", ".join(f"{item.kind.replace('_', ' ')} {item.id[:24]}" for item in found[:5])
        raise UsageError(f"`{text}` may be any of {said}: give more of it.")
    return found[0]


def steps_named(what: Named, catalog: Catalog) -> list[StepRun]:
    """Return the StepRun that an id names, or those of a run, in their order.

    Raises:
        UsageError: it names something else.
    """
    if what.kind not in ("run", "step_run"):
        raise UsageError(
            f"{what.id[:16]} is no run and no step run, but a{'n artifact' if what.kind == 'artifact' else ' key'}."
        )
    ids = [what.id] if what.kind == "step_run" else [step.id for step in _steps(catalog, what.id)]
    wholes = catalog.step_runs.wholes(ids)
    return [wholes[id_] for id_ in ids if id_ in wholes]


def shown(what: Named, catalog: Catalog, store: Store) -> dict[str, Any]:
    """Return all that is known of something, as the document that `steppe show --json` prints."""
    if what.kind == "run":
        run = catalog.runs.get(what.id)
        assert run is not None
        return {"kind": "run", **run_document(run), "steps": [brief(step) for step in _steps(catalog, what.id)]}
    if what.kind == "step_run":
        step = catalog.step_runs.get(what.id)
        assert step is not None
        (step,) = settled(catalog, [step])
        return {"kind": "step run", **_step_run(step, catalog, store)}
    if what.kind == "artifact":
        artifact = catalog.artifacts.get(what.id)
        assert artifact is not None
        return {"kind": "artifact", **_artifact(artifact, catalog)}
    return {"kind": "key", **_key(what.id, catalog)}


def run_document(run: Run) -> dict[str, Any]:
    """Return what is known of a run."""
    return {
        "run": run.id,
        "how": run.kind,
        "status": status_of(run),
        "notebook": run.path or run.notebook,
        "owner": run.owner,
        "host": run.host,
        "pid": run.pid,
        "started": run.started,
        "ended": run.ended,
        "parameters": run.parameters,
        "commit": run.commit,
        **({"repeats": run.repeats} if run.repeats else {}),
    }


def brief(step: StepRun) -> dict[str, Any]:
    """Return a StepRun as lists show it."""
    return {
        "id": step.id,
        "name": step.step.name,
        "part": step.part,
        "cell": step.cell,
        "status": str(step.state),
        "executor": step.executor,
        "key": step.key,
        "seconds": round(step.seconds or (step.ended or step.started) - step.started, 6),
        "why": step.why,
    }


def _steps(catalog: Catalog, run: str) -> list[StepRun]:
    which = StepRunFilter(run=run)
    return settled(catalog, [*every(lambda after: catalog.step_runs.list(which, after=after, limit=500))][::-1])


def _step_run(step: StepRun, catalog: Catalog, store: Store) -> dict[str, Any]:
    result = result_of(step, store)
    packages = {item.name: item.version for item in step.ingredients if item.kind == "package"}
    python = next((item.version for item in step.ingredients if item.kind == "python"), "")
    execution = (catalog.step_runs.get(step.entry) if step.entry else step) or step
    return {
        **brief(step),
        "run": step.run,
        "notebook": step.step.notebook,
        "started": step.started,
        "ended": step.ended,
        "error": step.error,
        "states": [{"name": state, "started": at, "why": why} for state, at, why in step.stages],
        "result of": step.entry,
        "source": step.source,
        "ingredients": [
            {"kind": item.kind, "name": item.name, "version": item.version}
            for item in step.ingredients
            if item.kind not in ("package", "python")
        ],
        "environment": {"python": python, "packages": packages, "image": ran_in(execution, catalog)},
        "inputs": step.inputs,
        "outputs": {name: _output(version, catalog) for name, version in step.outputs.items()},
        "trace": [{"kind": item.kind, "name": item.name, "version": item.version} for item in step.trace],
        "written": [
            {"path": file.path, "version": file.blob, "bytes": file.size} for file in (result.files if result else ())
        ],
        "attempts": [
            {
                "number": attempt.number,
                "status": str(attempt.state),
                "executor": attempt.executor,
                "started": attempt.started,
                "ended": attempt.ended,
                "end": attempt.end,
                "image": attempt.image,
            }
            for attempt in catalog.attempts.of(execution.id)
        ],
        "asked": msgspec.to_builtins(step.asked),
        "used": step.used,
        "ray tasks": execution.tasks,
        "seed": result.seed if result else None,
    }


def _output(version: Digest, catalog: Catalog) -> dict[str, Any]:
    artifact = catalog.artifacts.get(version)
    if artifact is None:
        return {"version": version, "type": "", "bytes": 0, "preview": ""}
    return {"version": version, "type": artifact.type, "bytes": artifact.size, "preview": artifact.preview}


def _artifact(artifact: Artifact, catalog: Catalog) -> dict[str, Any]:
    def places(steps: tuple[StepRun, ...], *, made: bool) -> list[dict[str, Any]]:
        found = []
        for step in steps:
            names = step.outputs if made else step.inputs
            variables = [name for name, version in names.items() if version == artifact.version]
            found.append(
                {"id": step.id, "step": step.step.name, "notebook": step.step.notebook, "variables": variables}
            )
        return found

    return {
        "version": artifact.version,
        "type": artifact.type,
        "bytes": artifact.size,
        "preview": artifact.preview,
        "kept": artifact.part is not None,
        "format": artifact.part.format if artifact.part is not None else "",
        "detail": artifact.detail,
        "called": [name.name for name in catalog.names.all() if name.version == artifact.version],
        "made by": places(catalog.lineage.makers(artifact.version, limit=20).items, made=True),
        "used by": places(catalog.lineage.users(artifact.version, limit=20).items, made=False),
    }


def _key(key: Digest, catalog: Catalog) -> dict[str, Any]:
    entries = catalog.entries.find(key)
    return {
        "key": key,
        "entries": [
            {
                "result": entry.result,
                "made by": entry.step_run,
                "created": entry.created,
                "expires": entry.expires,
                "seconds": entry.seconds,
                "bytes": entry.size,
                "trace": [{"kind": item.kind, "name": item.name, "version": item.version} for item in entry.trace],
            }
            for entry in entries
        ],
        "step runs": [
            brief(step) for step in settled(catalog, catalog.step_runs.list(StepRunFilter(key=key), limit=20).items)
        ],
    }
