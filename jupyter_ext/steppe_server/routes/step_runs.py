"""StepRuns: lists, one whole, its log, its metrics, its code beside an earlier one."""

from __future__ import annotations

import difflib
import math
from typing import Any

import msgspec

from steppe.catalog import Catalog, StepRunFilter
from steppe.lineage.code_versions import code_versions, differing, signature
from steppe.lineage.cost import cost, took
from steppe.lineage.living import settled
from steppe.lineage.logs import Lines, logs
from steppe.lineage.opened import Opened
from steppe.lineage.results import result_of
from steppe.lineage.tries import tries
from steppe.lineage.why import differences, last_two
from steppe.types import State, StepRun
from steppe_server import briefs
from steppe_server.errors import NotFound, Refused
from steppe_server.routes.handler import Handler
from steppe_server.schemas import queries, step_runs
from steppe_server.schemas.struct import Page


class StepRunsHandler(Handler):
    """`step-runs`."""

    async def on_get(self, query: queries.StepRuns, _body: None) -> Page[step_runs.StepRunBrief]:
        """List StepRuns."""
        known = {str(state): state for state in State}
        words = [word for word in (query.state or "").split(",") if word]
        for word in words:
            if word not in known:
                raise Refused(f"there is no state {word!r}; there are: {', '.join(known)}.")
        asked = StepRunFilter(
            run=query.run,
            notebook=query.notebook,
            step=query.step,
            part=query.part,
            states=tuple(known[word] for word in words) or None,
            tag=query.tag,
        )

        def listed(catalog: Catalog) -> Page[step_runs.StepRunBrief]:
            page = catalog.step_runs.list(asked, after=query.after, limit=query.limit)
            return Page(items=briefs.briefs(page.items, catalog), next=page.next)

        return await self.of_catalog(query.path, listed, Page(items=[], next=None))


class StepRunHandler(Handler):
    """`step-runs/{id}`."""

    async def on_get(self, query: queries.Place, _body: None, id: str) -> step_runs.StepRun:  # noqa: A002
        """Tell all of a StepRun."""
        return await self.of_project(query.path, lambda opened: _whole(step_run_of(id, opened.catalog), opened))


class LogsHandler(Handler):
    """`step-runs/{id}/logs`."""

    async def on_get(self, query: queries.Logs, _body: None, id: str) -> step_runs.Log:  # noqa: A002
        """Read lines that a step wrote; a hit's are those of the execution."""

        def read(opened: Opened) -> step_runs.Log:
            step = step_run_of(id, opened.catalog)
            writer = step.entry if step.entry and step.result is None else step.id

            def asked(offset: int) -> Lines:
                state = opened.project.state
                return logs(
                    opened.catalog, opened.store, state, writer, offset=offset, limit=query.limit, search=query.search
                )

            found = asked(max(query.offset, 0))
            if query.offset < 0:
                found = asked(max(found.total + query.offset, 0))
            lines = [step_runs.Line(number=line.number, stream=line.stream, text=line.text) for line in found.lines]
            return step_runs.Log(lines=lines, total=found.total, live=found.live)

        return await self.of_project(query.path, read)


class MetricsHandler(Handler):
    """`step-runs/{id}/metrics`."""

    async def on_get(self, query: queries.Place, _body: None, id: str) -> step_runs.Metrics:  # noqa: A002
        """Read what a step logged; a hit has what the execution logged."""

        def read(catalog: Catalog) -> step_runs.Metrics:
            execution = step_run_of(id, catalog)
            execution_id = execution.entry or execution.id
            names = [metric.name for metric in catalog.metrics.latest([execution_id])[execution_id]]
            series = {name: catalog.metrics.series(execution_id, name).items for name in names}
            return step_runs.Metrics(
                series={
                    name: [
                        step_runs.Measurement(
                            step=item.step, value=item.value if math.isfinite(item.value) else None, time=item.time
                        )
                        for item in items
                    ]
                    for name, items in series.items()
                }
            )

        return await self.of_catalog(query.path, read)


class DiffHandler(Handler):
    """`step-runs/{id}/diff`."""

    async def on_get(self, query: queries.Diff, _body: None, id: str) -> step_runs.Difference:  # noqa: A002
        """Hold a step's code beside an earlier one."""

        def read(catalog: Catalog) -> step_runs.Difference:
            now = step_run_of(id, catalog)
            other = step_run_of(query.other, catalog) if query.other else _other_code(now, catalog)
            old = other.source if other is not None else ""
            codes = [signature(each.source, each.ingredients) for each in (other or now, now)]
            return step_runs.Difference(
                changed=differing(codes[0], codes[1]),
                old=old,
                new=now.source,
                old_id=other.id if other is not None else None,
                unified=unified(old, now.source),
            )

        return await self.of_catalog(query.path, read)


def unified(old: str, new: str) -> str:
    """Return the unified difference of two texts, without file names."""
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=3)
    return "\n".join(line for line in lines if not line.startswith(("--- ", "+++ ")))


def step_run_of(id_: str, catalog: Catalog) -> StepRun:
    """Return a StepRun, whole.

    Raises:
        NotFound: there is none.
    """
    found = catalog.step_runs.get(id_)
    if found is None:
        raise NotFound(f"there is no step run {id_}.")
    return found


def _other_code(now: StepRun, catalog: Catalog) -> StepRun | None:
    """Return the latest earlier StepRun of the same cell whose code was another."""
    found = code_versions(catalog, now, most=1)
    return catalog.step_runs.get(found[0].step_run.id) if found else None


def _whole(step: StepRun, opened: Opened) -> step_runs.StepRun:
    catalog = opened.catalog
    execution = (catalog.step_runs.get(step.entry) if step.entry else step) or step
    before = last_two(catalog, execution)
    result = result_of(step, opened.store) or result_of(execution, opened.store)
    run = catalog.runs.get(step.run)
    hits = catalog.step_runs.count_hits(execution.id)
    prices = opened.project.settings.prices
    price = cost(execution, prices)
    inputs, outputs = execution.inputs or step.inputs, execution.outputs or step.outputs
    return step_runs.StepRun(
        brief=briefs.briefs([step], catalog)[0],
        source=step.source,
        before=before.id if before is not None else None,
        changes=[_changed(change) for change in differences(before, execution)] if before is not None else [],
        ingredients=[
            step_runs.Observed(kind=item.kind, name=item.name, version=item.version)
            for item in step.ingredients
            if item.kind not in ("package", "python")
        ],
        inputs=briefs.values(inputs, catalog),
        outputs=briefs.values(outputs, catalog),
        trace=[step_runs.Observed(kind=item.kind, name=item.name, version=item.version) for item in step.trace],
        written=[
            step_runs.Observed(kind="removed" if file.blob is None else "file", name=file.path, version=file.blob or "")
            for file in (result.files if result is not None else ())
        ],
        python=next((item.version for item in step.ingredients if item.kind == "python"), ""),
        packages={item.name: item.version for item in step.ingredients if item.kind == "package"},
        commit=run.commit if run is not None else "",
        host=run.host if run is not None else "",
        attempts=[
            step_runs.Try(
                number=each.attempt.number,
                state=str(each.attempt.state),
                executor=each.attempt.executor,
                started=each.attempt.started,
                ended=each.attempt.ended,
                end=each.attempt.end,
                explained=each.explained,
            )
            for each in tries(settled(catalog, [execution])[0], catalog)
        ],
        asked=_asked(step),
        used=step.used or execution.used,
        seed=result.seed if result is not None else None,
        result_of=step.entry,
        hits=hits,
        saved=hits * took(execution),
        cost=price,
        saved_cost=None if price is None else hits * price,
        currency=prices.currency,
        tags=catalog.notes.tags("step_run", [step.id]).get(step.id, []),
        notes=briefs.notes_of("step_run", step.id, catalog),
    )


def _asked(step: StepRun) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(step.asked)
    return found


def _changed(change: dict[str, Any]) -> step_runs.Changed:
    return step_runs.Changed(kind=change["kind"], name=change["name"], old=change["old"], new=change["new"])
