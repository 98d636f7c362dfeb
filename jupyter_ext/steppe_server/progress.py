"""How far running steps say that they are: what is new in the files that they write while they run."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from steppe.lineage.logs import Tail
from steppe_server.schemas.events import Progressed


class ProgressOf:
    """The steps of a project that go on. Each look reads only what was written since the one before."""

    def __init__(self) -> None:
        self._tails: dict[str, Tail] = {}

    def news(self, state: Path, going: Iterable[str]) -> list[Progressed]:
        """Return how far steps have come since the last look, the latest word of each.

        Args:
            state: the project's folder of Steppe's own files.
            going: the StepRuns that go on; others are forgotten.
        """
        self._tails = {id_: self._tails.get(id_) or Tail(state, id_) for id_ in going}
        found = []
        for id_, tail in self._tails.items():
            told = [event for event in tail.read() if event.kind == "progress"]
            if told:
                data = told[-1].data
                total = data.get("total")
                found.append(
                    Progressed(
                        step_run=id_, done=float(data.get("done", 0)), total=total, text=str(data.get("text", ""))
                    )
                )
        return found
