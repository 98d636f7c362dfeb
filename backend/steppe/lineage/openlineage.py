"""StepRuns as OpenLineage events, for Marquez and others that speak it: a START each, and a COMPLETE, FAIL or ABORT.

A step is a job, a StepRun its run, its values and files are datasets: a value is named after the step and the variable
that made it first, and its data version is the dataset's version. What OpenLineage has no word for is in facets called
`steppe`, so that the Catalog's graph can be made from the events again.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

from steppe.catalog import Catalog
from steppe.lineage.uses import is_apart
from steppe.types import Artifact, Digest, Run, State, StepRun

VERSION = metadata.version("steppe")
PRODUCER = f"urn:steppe:{VERSION}"
SPEC = "https://openlineage.io/spec"
EVENT = f"{SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent"
FACETS = {
    "jobType": "2-0-4/JobTypeJobFacet",
    "sourceCode": "1-0-1/SourceCodeJobFacet",
    "parent": "1-2-0/ParentRunFacet",
    "errorMessage": "1-0-1/ErrorMessageRunFacet",
    "processing_engine": "1-1-1/ProcessingEngineRunFacet",
    "version": "1-0-1/DatasetVersionDatasetFacet",
    "datasetType": "1-0-1/DatasetTypeDatasetFacet",
    "outputStatistics": "1-0-2/OutputStatisticsOutputDatasetFacet",
}
"""Facets of the standard by name, each with the version that is written."""

ENDS = {State.SUCCEEDED: "COMPLETE", State.HIT: "COMPLETE", State.SETUP: "COMPLETE", State.FAILED: "FAIL"}
ENDS |= {State.CANCELLED: "ABORT", State.LOST: "ABORT"}

IDS = uuid.UUID("5d7f2f0a-9d55-5b0f-8a53-5f3f6f1c5e11")
"""The namespace of the UUIDs that stand for our ids."""


def events(catalog: Catalog, step_runs: Iterable[str], *, namespace: str = "steppe") -> Iterator[dict[str, Any]]:
    """Yield the events of StepRuns, in their order, as plain data.

    Args:
        catalog: the project's.
        step_runs: ids; those that are not known are left out.
        namespace: of the jobs and values.
    """
    telling = _Telling(catalog, namespace)
    for run in catalog.step_runs.wholes(step_runs).values():
        yield from telling.of(run)


def run_id(id_: str) -> str:
    """Return the UUID that stands for a Run or a StepRun."""
    return str(uuid.uuid5(IDS, id_))


class _Telling:
    """What is needed again and again while events are made."""

    def __init__(self, catalog: Catalog, namespace: str) -> None:
        self._catalog = catalog
        self._namespace = namespace
        self._runs: dict[str, Run | None] = {}
        self._names: dict[Digest, str] = {}

    def of(self, step_run: StepRun) -> Iterator[dict[str, Any]]:
        """Yield the events of one StepRun."""
        execution = (self._catalog.step_runs.get(step_run.entry) if step_run.entry else None) or step_run
        event = {
            "producer": PRODUCER,
            "schemaURL": EVENT,
            "run": {"runId": run_id(step_run.id), "facets": self._run_facets(step_run)},
            "job": {
                "namespace": self._namespace,
                "name": self._job(step_run),
                "facets": {
                    "jobType": _facet("jobType", processingType="BATCH", integration="STEPPE", jobType="STEP"),
                    "sourceCode": _facet("sourceCode", language="python", sourceCode=_plain(step_run.source)),
                },
            },
            "inputs": [*self._values(execution.inputs), *(_file(*read) for read in _read(execution))],
        }
        written = [(file.path, file.blob, file.size) for file in execution.written if file.blob is not None]
        outputs = [*self._values(execution.outputs, made=True), *(_file(*each) for each in written)]
        yield {"eventType": "START", "eventTime": _time(step_run.started), **event, "outputs": []}
        if step_run.state in ENDS:
            ended = step_run.ended if step_run.ended is not None else step_run.started
            yield {"eventType": ENDS[step_run.state], "eventTime": _time(ended), **event, "outputs": outputs}

    def _run_facets(self, step_run: StepRun) -> dict[str, Any]:
        told = {"stepRun": step_run.id, "state": str(step_run.state), "part": step_run.part, "why": step_run.why}
        told |= {"run": step_run.run, "notebook": step_run.step.notebook, "step": step_run.step.name}
        if step_run.entry:
            told["entry"] = step_run.entry
        run = self._run(step_run.run)
        facets = {"processing_engine": _facet("processing_engine", version=VERSION, name="Steppe")}
        facets["parent"] = _facet(
            "parent",
            run={"runId": run_id(step_run.run)},
            job={"namespace": self._namespace, "name": self._notebook(step_run)},
        )
        if run is not None:
            told |= {"commit": run.commit, "parameters": run.parameters, "owner": run.owner}
        if step_run.error:
            facets["errorMessage"] = _facet(
                "errorMessage", message=_plain(step_run.error), programmingLanguage="python"
            )
        facets["steppe"] = _own(**told)
        return facets

    def _values(self, variables: dict[str, Digest], *, made: bool = False) -> Iterator[dict[str, Any]]:
        """Yield the datasets of values, each once, whatever the number of variables that hold it."""
        names: dict[Digest, list[str]] = {}
        for name, version in sorted(variables.items()):
            names.setdefault(version, []).append(name)
        known = self._catalog.artifacts.among(names)
        for version, held in names.items():
            yield self._value(version, held, known.get(version), made=made)

    def _value(self, version: Digest, held: list[str], artifact: Artifact | None, *, made: bool) -> dict[str, Any]:
        facets = {"version": _facet("version", datasetVersion=version), "steppe": _own(kind="value", variables=held)}
        if artifact is not None:
            facets["datasetType"] = _facet("datasetType", datasetType="VALUE", subType=_plain(artifact.type))
        told = {"namespace": self._namespace, "name": self._name(version), "facets": facets}
        if made:
            size = artifact.size if artifact is not None else 0
            told["outputFacets"] = {"outputStatistics": _facet("outputStatistics", size=size)}
        return told

    def _name(self, version: Digest) -> str:
        """Return the name of a value: after the step and the variable that had it first."""
        if version not in self._names:
            first = self._catalog.lineage.origins([version]).get(version)
            maker = self._catalog.step_runs.get(first) if first else None
            held = [name for name, its in maker.outputs.items() if its == version] if maker is not None else []
            name = min(held, key=lambda word: (not word.isidentifier(), word), default="")
            self._names[version] = f"{self._job(maker)}.{name}" if maker is not None else f"values/{version}"
        return self._names[version]

    def _job(self, step_run: StepRun) -> str:
        part = f"[{step_run.part + 1}]" if step_run.part else ""
        return f"{self._notebook(step_run)}/{_plain(step_run.step.name)}{part}"

    def _notebook(self, step_run: StepRun) -> str:
        run = self._run(step_run.run)
        return _plain((run.path if run is not None else "") or step_run.step.notebook)

    def _run(self, id_: str) -> Run | None:
        if id_ not in self._runs:
            self._runs[id_] = self._catalog.runs.get(id_)
        return self._runs[id_]


def _read(step_run: StepRun) -> Iterator[tuple[str, Digest]]:
    for seen in step_run.trace:
        if seen.kind == "file" and not is_apart(seen.name):
            yield seen.name, seen.version


def _file(path: str, version: Digest, size: int | None = None) -> dict[str, Any]:
    facets = {
        "version": _facet("version", datasetVersion=version),
        "datasetType": _facet("datasetType", datasetType="FILE"),
        "steppe": _own(kind="file", path=_plain(path)),
    }
    told: dict[str, Any] = {"namespace": "file", "name": _plain(path), "facets": facets}
    if size is not None:
        told["outputFacets"] = {"outputStatistics": _facet("outputStatistics", size=size)}
    return told


def _facet(which: str, /, **fields: Any) -> dict[str, Any]:
    version, _, kind = FACETS[which].partition("/")
    return {"_producer": PRODUCER, "_schemaURL": f"{SPEC}/facets/{version}/{kind}.json#/$defs/{kind}", **fields}


def _own(**fields: Any) -> dict[str, Any]:
    return {"_producer": PRODUCER, "_schemaURL": "urn:steppe:facet:1", **fields}


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _plain(text: str) -> str:
    """Return a text as UTF-8 can hold it."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
