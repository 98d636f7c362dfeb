"""The options of a step, for the form in JupyterLab's side bar."""

from __future__ import annotations

from typing import Any

from steppe_server.options import given, kinds
from steppe_server.routes.handler import Asking
from steppe_server.schemas.options import OptionKinds, OptionsAsked, OptionsGiven
from steppe_server.schemas.queries import Place


class OptionsHandler(Asking):
    """`options`."""

    async def on_get(self, query: Place, _body: None) -> OptionKinds:
        """Tell which options there are."""
        return kinds(await self.off_loop(self._profiles, query.path))

    async def on_post(self, _query: Any, body: OptionsAsked) -> OptionsGiven:
        """Change what a cell gives, and say what is wrong with it."""
        return given(body, await self.off_loop(self._profiles, body.path))

    def _profiles(self, path: str) -> list[str]:
        """Return the profiles of a notebook's project; a notebook that is not saved yet has those of its folder."""
        return list(self.projects.project(path.rpartition("/")[0]).settings.profiles)
