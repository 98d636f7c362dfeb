"""The figures of a step."""

from __future__ import annotations

from steppe.lineage.figures import figures_of
from steppe.lineage.opened import Opened
from steppe_server.routes.handler import Handler
from steppe_server.routes.step_runs import step_run_of
from steppe_server.schemas import queries
from steppe_server.schemas.figures import Figure, Figures


class FiguresHandler(Handler):
    """`step-runs/{id}/figures`."""

    async def on_get(self, query: queries.Place, _body: None, id: str) -> Figures:  # noqa: A002
        """Tell the figures of a step; a hit has those of the execution."""

        def read(opened: Opened) -> Figures:
            found = figures_of(step_run_of(id, opened.catalog), opened.catalog, opened.store)
            return Figures(items=[Figure(name=each.name, version=each.version, data=each.data) for each in found])

        return await self.of_project(query.path, read)
