"""Parts of a step's details that are asked for when they are opened: usage, environment, versions of its code."""

from __future__ import annotations

from steppe.catalog import Catalog
from steppe.lineage import locks
from steppe.lineage.code_versions import code_versions
from steppe.lineage.living import settled
from steppe.lineage.opened import Opened
from steppe.lineage.resources import ray_tasks, resources
from steppe.lineage.tries import ran_in
from steppe.states import LIVE
from steppe.types import Run
from steppe_server.routes.handler import Handler
from steppe_server.routes.step_runs import step_run_of
from steppe_server.schemas import details, queries


class UsageHandler(Handler):
    """`step-runs/{id}/usage`."""

    async def on_get(self, query: queries.Place, _body: None, id: str) -> details.Usage:  # noqa: A002
        """Tell what a step used over time; a hit has what the execution used."""

        def read(opened: Opened) -> details.Usage:
            (step,) = settled(opened.catalog, [step_run_of(id, opened.catalog)])
            found = resources(opened.catalog, opened.project.state, id)
            samples = [
                details.Sample(at=each.at, cpu=each.cpu, memory=each.memory, gpu=each.gpu, gpu_memory=each.gpu_memory)
                for each in found
            ]
            tasks = ray_tasks(opened.catalog, opened.project.state, id)
            return details.Usage(samples=samples, live=step.state in LIVE, ray_tasks=tasks)

        return await self.of_project(query.path, read)


class CodeVersionsHandler(Handler):
    """`step-runs/{id}/code-versions`."""

    async def on_get(self, query: queries.EarlierCode, _body: None, id: str) -> details.CodeVersions:  # noqa: A002
        """List the earlier versions of a step's code."""

        def read(catalog: Catalog) -> details.CodeVersions:
            found = code_versions(catalog, step_run_of(id, catalog), query.most)
            return details.CodeVersions(
                versions=[
                    details.CodeVersion(
                        step_run=each.step_run.id,
                        state=str(each.step_run.state),
                        started=each.step_run.started,
                        changed=list(each.changed),
                    )
                    for each in found
                ],
                more=len(found) == query.most,
            )

        return await self.of_catalog(query.path, read)


class EnvironmentHandler(Handler):
    """`step-runs/{id}/environment`."""

    async def on_get(self, query: queries.Place, _body: None, id: str) -> details.Environment:  # noqa: A002
        """Tell what a step ran in; a hit has what the execution ran in."""

        def read(opened: Opened) -> details.Environment:
            catalog = opened.catalog
            step = step_run_of(id, catalog)
            execution = (catalog.step_runs.get(step.entry) if step.entry else step) or step
            run = catalog.runs.get(execution.run) or Run(id=execution.run)
            return details.Environment(
                python=next((item.version for item in execution.ingredients if item.kind == "python"), ""),
                packages={item.name: item.version for item in execution.ingredients if item.kind == "package"},
                installed=_installed(run, opened),
                commit=run.commit,
                difference=catalog.runs.difference(run),
                host=run.host,
                machine=run.machine,
                image=ran_in(execution, catalog),
            )

        return await self.of_project(query.path, read)


def _installed(run: Run, opened: Opened) -> dict[str, str]:
    """Return the complete lock of a run; nothing where it is not kept."""
    lock = locks.of_run(run, opened.store)
    return {} if lock is None else lock.packages
