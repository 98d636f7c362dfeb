"""Two runs side by side."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from steppe.catalog import Catalog
from steppe.types import Artifact, StepRun
from steppe_server import briefs
from steppe_server.routes.handler import Handler
from steppe_server.routes.runs import run_of, steps_of
from steppe_server.routes.step_runs import unified
from steppe_server.schemas import queries
from steppe_server.schemas.runs import Comparison, Pair, StepPair, ValuePair

Steps = Mapping[tuple[str, int], StepRun]


class CompareHandler(Handler):
    """`compare`."""

    async def on_get(self, query: queries.Compare, _body: None) -> Comparison:
        """Hold two runs side by side."""
        return await self.of_catalog(query.path, lambda catalog: compared(query.a, query.b, catalog))


def compared(a: str, b: str, catalog: Catalog) -> Comparison:
    """Return two runs side by side: of a step that ran several times, its last resolution in each.

    Raises:
        NotFound: one of them is not known.
    """
    runs = [run_of(id_, catalog) for id_ in (a, b)]
    left, right = (_latest(id_, catalog) for id_ in (a, b))
    told = briefs.runs(runs, catalog)
    packages = [_packages(side) for side in (left, right)]
    return Comparison(
        a=told[0],
        b=told[1],
        parameters=pairs(*({name: json.dumps(value) for name, value in run.parameters.items()} for run in runs)),
        packages=[pair for pair in pairs(*packages) if not pair.same],
        steps=_steps(left, right, catalog),
    )


def pairs(left: Mapping[str, str], right: Mapping[str, str]) -> list[Pair]:
    """Return things of two sides by name."""
    return [
        Pair(name=name, a=left.get(name), b=right.get(name), same=left.get(name) == right.get(name))
        for name in dict.fromkeys((*left, *right))
    ]


def _latest(id_: str, catalog: Catalog) -> dict[tuple[str, int], StepRun]:
    found = {(step.step.name, step.part): step for step in steps_of(id_, catalog)}
    whole = catalog.step_runs.wholes(step.id for step in found.values())
    return {place: whole[step.id] for place, step in found.items() if step.id in whole}


def _packages(steps: Steps) -> dict[str, str]:
    items = (item for step in steps.values() for item in step.ingredients if item.kind in ("package", "python"))
    return {item.name if item.kind == "package" else "Python": item.version for item in items}


def _steps(left: Steps, right: Steps, catalog: Catalog) -> list[StepPair]:
    metrics = _metrics([*left.values(), *right.values()], catalog)
    entries = catalog.step_runs.among(step.entry for step in (*left.values(), *right.values()) if step.entry)
    edges = {step.id: _edges(step, entries.get(step.entry, step)) for step in (*left.values(), *right.values())}
    told = _told(edges.values(), catalog)
    found = []
    for place in dict.fromkeys((*left, *right)):
        one, other = left.get(place), right.get(place)
        sides = [edges[step.id] if step is not None else ({}, {}) for step in (one, other)]
        found.append(
            StepPair(
                name=place[0],
                part=place[1],
                a=briefs.briefs([one], catalog)[0] if one is not None else None,
                b=briefs.briefs([other], catalog)[0] if other is not None else None,
                code=unified(one.source if one is not None else "", other.source if other is not None else ""),
                inputs=_values(sides[0][0], sides[1][0], told),
                outputs=_values(sides[0][1], sides[1][1], told),
                metrics=pairs(*(metrics.get(step.id, {}) if step is not None else {} for step in (one, other))),
            )
        )
    return found


def _edges(step: StepRun, execution: StepRun) -> tuple[dict[str, str], dict[str, str]]:
    """Return what a step read and bound; a hit has the edges of the execution whose result it returned."""
    return execution.inputs or step.inputs, execution.outputs or step.outputs


def _told(edges: Iterable[tuple[dict[str, str], dict[str, str]]], catalog: Catalog) -> dict[str, Artifact]:
    """Return what is known of all values, by their versions, with one question."""
    return catalog.artifacts.among({version for sides in edges for side in sides for version in side.values()})


def _values(left: Mapping[str, str], right: Mapping[str, str], told: Mapping[str, Artifact]) -> list[ValuePair]:
    return [
        ValuePair(
            name=pair.name,
            a=briefs.value(pair.name, pair.a, told.get(pair.a)) if pair.a is not None else None,
            b=briefs.value(pair.name, pair.b, told.get(pair.b)) if pair.b is not None else None,
            same=pair.same,
        )
        for pair in pairs(left, right)
    ]


def _metrics(steps: Iterable[StepRun], catalog: Catalog) -> dict[str, dict[str, str]]:
    latest = catalog.metrics.latest([step.id for step in steps])
    return {id_: {metric.name: format(metric.value, ".6g") for metric in found} for id_, found in latest.items()}
