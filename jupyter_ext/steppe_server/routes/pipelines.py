"""A notebook's pipeline and parameters."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from steppe.notebooks.source import read
from steppe_server.errors import NotFound
from steppe_server.parameters import parameters_of
from steppe_server.planner import Planner
from steppe_server.routes.handler import Asking, Handler
from steppe_server.schemas.pipelines import Pipeline, PipelineAsked
from steppe_server.schemas.queries import Place
from steppe_server.schemas.runs import Parameters


class PipelineHandler(Asking):
    """`pipeline`."""

    _planning: asyncio.Task[Pipeline] | None = None

    def on_connection_close(self) -> None:
        """Plan nothing that nobody waits for: a page that has a newer text lets go of the older one."""
        if self._planning is not None:
            self._planning.cancel()

    async def on_post(self, _query: Any, body: PipelineAsked) -> Pipeline | None:
        """Plan a notebook."""
        planner: Planner = self.settings["steppe_planner"]
        if body.notebook is None:
            file = self.projects.file(body.path)
            if not file.is_file():
                raise NotFound(f"{body.path!r} is no notebook.")
        else:
            folder, _, name = body.path.rpartition("/")
            file = self.projects.file(folder).joinpath(name or "untitled.ipynb")  # not saved yet, perhaps
        self._planning = asyncio.ensure_future(planner.plan(str(file), body.path, body.notebook, body.steps))
        with contextlib.suppress(asyncio.CancelledError):
            return await self._planning
        return None


class ParametersHandler(Handler):
    """`parameters`."""

    async def on_get(self, query: Place, _body: None) -> Parameters:
        """Tell a notebook's parameters."""
        file = self.projects.file(query.path)
        if not file.is_file():
            raise NotFound(f"{query.path!r} is no notebook.")
        return Parameters(parameters=await self.off_loop(lambda: parameters_of(read(file))))
